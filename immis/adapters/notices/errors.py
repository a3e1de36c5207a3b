"""Why a file is no notice that we can read, in both languages."""

REASONS = {
    "empty": ("The file is empty.", "फाइल खाली है।"),
    "missing": ("There is no file {name}.", "{name} नाम की कोई फाइल नहीं है।"),
    "refused": ("The file {name} cannot be opened ({detail}).", "फाइल {name} खोली नहीं जा सकी ({detail})।"),
    "too_big": (
        "The file is larger than {limit_mb} MB; a notice has less than 1 MB.",
        "फाइल {limit_mb} MB से बड़ी है; सूचना 1 MB से कम की होती है।",
    ),
    "too_long": ("The table has more than {limit} rows.", "तालिका में {limit} से अधिक पंक्तियाँ हैं।"),
    "pdf": (
        "This is a PDF. Save its text or its table, and give that as .txt, .csv or .xlsx.",
        "यह PDF है। इसका पाठ या तालिका .txt, .csv या .xlsx में सहेज कर दें।",
    ),
    "old_workbook": (
        "This is an old Excel workbook (.xls). Save it as .xlsx or .csv.",
        "यह पुरानी Excel फाइल (.xls) है। इसे .xlsx या .csv में सहेजें।",
    ),
    "binary": (
        "This is not text, CSV or XLSX (byte {offset} is no character).",
        "यह पाठ, CSV या XLSX नहीं है (बाइट {offset} कोई अक्षर नहीं है)।",
    ),
    "broken_workbook": (
        "The XLSX file is damaged ({detail}). Save it anew.",
        "XLSX फाइल क्षतिग्रस्त है ({detail})। इसे फिर से सहेजें।",
    ),
    "broken_table": (
        "The CSV cannot be read near line {line} ({detail}).",
        "CSV की पंक्ति {line} के पास पढ़ी नहीं जा सकी ({detail})।",
    ),
    "no_table": (
        "Neither an auction programme nor a table with the columns S. No, Address, Co-ordinates, Area, Quantity, "
        "Reserve Price, Security Money was found.",
        "न ई-नीलामी कार्यक्रम मिला, न क्र० सं०, बालूघाट, GPS निर्देशांक, रकबा, मात्रा, सुरक्षित जमा राशि एवं "
        "अग्रधन राशि के स्तंभों वाली तालिका।",
    ),
}


class NoticeUnreadable(ValueError):
    """The file cannot be read as a notice: a reason code and its facts, worded by ``message(lang)``."""

    def __init__(self, reason: str, **facts: object):
        self.reason, self.facts = reason, facts
        super().__init__(self.message("en"))

    def message(self, lang: str) -> str:
        """Why, and what can be given instead, in the reader's language."""
        return REASONS[self.reason][lang == "hi"].format(**self.facts)
