"""The thirty-eight districts of Bihar: names in Hindi, LGD code and the letters that numbers bear for them."""

from dataclasses import dataclass

NAMES_HI = {
    "Araria": "अररिया",
    "Arwal": "अरवल",
    "Aurangabad": "औरंगाबाद",
    "Banka": "बाँका",
    "Begusarai": "बेगूसराय",
    "Bhagalpur": "भागलपुर",
    "Bhojpur": "भोजपुर",
    "Buxar": "बक्सर",
    "Darbhanga": "दरभंगा",
    "East Champaran": "पूर्वी चंपारण",
    "Gaya": "गया",
    "Gopalganj": "गोपालगंज",
    "Jamui": "जमुई",
    "Jehanabad": "जहानाबाद",
    "Kaimur": "कैमूर",
    "Katihar": "कटिहार",
    "Khagaria": "खगड़िया",
    "Kishanganj": "किशनगंज",
    "Lakhisarai": "लखीसराय",
    "Madhepura": "मधेपुरा",
    "Madhubani": "मधुबनी",
    "Munger": "मुंगेर",
    "Muzaffarpur": "मुजफ्फरपुर",
    "Nalanda": "नालंदा",
    "Nawada": "नवादा",
    "Patna": "पटना",
    "Purnia": "पूर्णिया",
    "Rohtas": "रोहतास",
    "Saharsa": "सहरसा",
    "Samastipur": "समस्तीपुर",
    "Saran": "सारण",
    "Sheikhpura": "शेखपुरा",
    "Sheohar": "शिवहर",
    "Sitamarhi": "सीतामढ़ी",
    "Siwan": "सीवान",
    "Supaul": "सुपौल",
    "Vaishali": "वैशाली",
    "West Champaran": "पश्चिमी चंपारण",
}


def district_name(name: str, language: str) -> str:
    """A district's name in the reader's language."""
    return NAMES_HI.get(name.title(), name) if language == "hi" else name.title()


@dataclass(frozen=True)
class DistrictCode:
    """A district as the Local Government Directory numbers it, and its letters: no two districts share them."""

    lgd: int
    letters: str


#: By the English name; the letters are those of the name but where two districts begin alike.
CODES = {
    "Araria": DistrictCode(188, "ARA"),
    "Arwal": DistrictCode(611, "ARW"),
    "Aurangabad": DistrictCode(189, "AUR"),
    "Banka": DistrictCode(190, "BAN"),
    "Begusarai": DistrictCode(191, "BEG"),
    "Bhagalpur": DistrictCode(192, "BHA"),
    "Bhojpur": DistrictCode(193, "BHO"),
    "Buxar": DistrictCode(194, "BUX"),
    "Darbhanga": DistrictCode(195, "DAR"),
    "East Champaran": DistrictCode(213, "ECH"),
    "Gaya": DistrictCode(196, "GAY"),
    "Gopalganj": DistrictCode(197, "GOP"),
    "Jamui": DistrictCode(198, "JAM"),
    "Jehanabad": DistrictCode(199, "JEH"),
    "Kaimur": DistrictCode(200, "KAI"),
    "Katihar": DistrictCode(201, "KAT"),
    "Khagaria": DistrictCode(202, "KHA"),
    "Kishanganj": DistrictCode(203, "KIS"),
    "Lakhisarai": DistrictCode(204, "LAK"),
    "Madhepura": DistrictCode(205, "MDP"),
    "Madhubani": DistrictCode(206, "MBN"),
    "Munger": DistrictCode(207, "MUN"),
    "Muzaffarpur": DistrictCode(208, "MUZ"),
    "Nalanda": DistrictCode(209, "NAL"),
    "Nawada": DistrictCode(210, "NAW"),
    "Patna": DistrictCode(212, "PAT"),
    "Purnia": DistrictCode(214, "PRN"),
    "Rohtas": DistrictCode(215, "ROH"),
    "Saharsa": DistrictCode(216, "SAH"),
    "Samastipur": DistrictCode(217, "SAM"),
    "Saran": DistrictCode(218, "SAR"),
    "Sheikhpura": DistrictCode(219, "SKP"),
    "Sheohar": DistrictCode(220, "SHR"),
    "Sitamarhi": DistrictCode(221, "SIT"),
    "Siwan": DistrictCode(222, "SIW"),
    "Supaul": DistrictCode(223, "SUP"),
    "Vaishali": DistrictCode(224, "VAI"),
    "West Champaran": DistrictCode(211, "WCH"),
}
_ALSO_KNOWN_AS = {
    "Gaya Ji": "Gaya",
    "Kaimur (Bhabua)": "Kaimur",
    "Bhabua": "Kaimur",
    "Purnea": "Purnia",
    "Purbi Champaran": "East Champaran",
    "Purvi Champaran": "East Champaran",
    "Pashchim Champaran": "West Champaran",
    "Pashchimi Champaran": "West Champaran",
    "Monghyr": "Munger",
}
#: What numbers bear for a place that is no district of the State.
_ELSEWHERE = "XXX"


def letters_of(district: str) -> str:
    """Three letters that stand for a district in numbers, never the same for two districts of the State.

    A place that is on no list gets letters that stand for none; a series of numbers is kept for letters, not for
    names, so that no number is given twice.
    """
    name = " ".join(district.split()).title()
    known = CODES.get(_ALSO_KNOWN_AS.get(name, name))
    return known.letters if known else _ELSEWHERE
