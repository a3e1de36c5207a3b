"""Why a file is no notice that we can read, in both languages."""

from immis.rules.writing.texts import text


class NoticeUnreadable(ValueError):
    """The file cannot be read as a notice: a reason code and its facts, worded by ``message(lang)``."""

    def __init__(self, reason: str, **facts: object):
        self.reason, self.facts = reason, facts
        super().__init__(self.message("en"))

    def message(self, lang: str) -> str:
        """Why, and what can be given instead, in the reader's language."""
        return text("notices/unreadable", self.reason, **self.facts)["hi" if lang == "hi" else "en"]
