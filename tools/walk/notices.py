"""Three notices: that of Munger as published, a second one of the same district and year, one of ghats on the Son."""

from datetime import date

from tests.doors import NOTICE, Programme, elsewhere, notice_text
from tests.doors.commands import ROOT
from tools.walk.people import CAST

#: The days of the published notice; all three auctions are held on one day.
DAYS = Programme(*(date(2026, month, day) for month, day in ((5, 8), (5, 12), (5, 29), (6, 3), (6, 5))))
_KIUL = ROOT / "immis" / "commands" / "demo" / "jamui_2026.txt"


def munger() -> str:
    return NOTICE.read_text(encoding="utf8")


def second_of_munger() -> str:
    """Four ghats that nobody knows yet, in a release of its own."""
    return elsewhere(notice_text(DAYS, "002402"))


def on_the_son() -> str:
    """Two ghats of 110 and 95 hectares on one of the five rivers, spelled as the district spells it."""
    text = _KIUL.read_text(encoding="utf8").replace("002319", "002320")
    for old, new in CAST["moved"].items():
        text = text.replace(old, new)
    return text
