"""The reader of minutes: a file in, what it states out. It decides nothing."""

from immis.rules.directions.facts import MinutesFacts
from immis.rules.directions.reading import read_minutes_text
from immis.rules.writing.texts import text

MOST_BYTES = 2_000_000
_MOST_POINTS = 300
_MOST_CHARACTERS = 20_000


class MinutesUnreadable(ValueError):
    """The file is no minutes and no letter with a direction: a reason code and its facts."""

    def __init__(self, reason: str, **facts: object):
        self.reason, self.facts = reason, facts
        super().__init__(self.message("en"))

    def message(self, lang: str) -> str:
        """Why, and what can be given instead, in the reader's language."""
        return text("directions/unreadable", self.reason, **self.facts)["hi" if lang == "hi" else "en"]


def read_minutes(data: bytes) -> MinutesFacts:
    """The facts of minutes as they stand. Raises MinutesUnreadable for what is none (A-01, B-01)."""
    if not data.strip():
        raise MinutesUnreadable("empty")
    if len(data) > MOST_BYTES:
        raise MinutesUnreadable("too_big", limit_mb=MOST_BYTES // 1_000_000)
    try:
        plain = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MinutesUnreadable("no_text") from error
    facts = read_minutes_text(plain)
    if facts is None:
        raise MinutesUnreadable("no_minutes")
    if len(facts.points) > _MOST_POINTS or any(len(row.text) > _MOST_CHARACTERS for row in facts.points):
        raise MinutesUnreadable("too_long", limit=_MOST_POINTS)
    return facts
