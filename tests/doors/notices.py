"""A notice inviting e-auction for a later season: the published text of Munger with other days and fewer ghats."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.doors.commands import NOTICE
from tests.doors.installation import INDIA

#: Ghats of the published notice: whose settlement is cancelled before the call, and that only one bidder was fit for.
FREED, CALLED_AGAIN = "MUN-2026-17", "MUN-2026-22"
_ROW = re.compile(r"^(\d{1,2})\t(.*)$", re.S)
#: Row of the published notice -> row and name here.
_KEPT = {
    1: (1, "MAHULI SAND GHAT (BLOCK-9 A)"),
    2: (2, "MAHULI SAND GHAT (BLOCK-9 B)"),
    17: (3, "TIKRAMPUR SAND GHAT (BLOCK-4)"),
    22: (4, "PAHARPUR SAND GHAT (BLOCK-7 E)"),
}
_TOTALS = ("412.8\t2476800\t185760000\t46440000", "77.5\t465000\t34875000\t8718750")
_PUBLISHED = ("08.05.2026", "12.05.2026", "29.05.2026", "03.06.2026", "05.06.2026")


@dataclass(frozen=True)
class Programme:
    """The days of one call; bids are taken from eleven to one."""

    prebid_on: date
    documents_from_on: date
    last_on: date
    listed_on: date
    auction_on: date

    @classmethod
    def after(cls, today: date) -> "Programme":
        """The shortest programme that begins tomorrow."""
        return cls(*(today + timedelta(days=days) for days in (1, 2, 5, 7, 8)))

    def at(self, step: str, hour: int, minute: int = 0) -> datetime:
        """An instant on one of its days, in India."""
        day = getattr(self, f"{step}_on")
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=INDIA)


def notice_text(programme: Programme, release: str) -> str:
    """The text of a notice with two new ghats, the one that is freed and the one that is called again.

    ``release`` is its release number, six digits.
    """
    text = NOTICE.read_text(encoding="utf8").replace("002318", release).replace(*_TOTALS)
    days = vars(programme).values()
    for published, day in zip(_PUBLISHED, days, strict=True):
        text = text.replace(published, f"{day:%d.%m.%Y}")
    return "".join(_kept_lines(text))


def _kept_lines(text: str) -> list[str]:
    """The lines without the rows of other ghats; the two new ghats lie elsewhere in the district."""
    lines, row = [], 0
    for line in text.splitlines(keepends=True):
        begun = _ROW.match(line)
        if begun and ("SAND GHAT" in line):
            row = int(begun[1])
            if row in _KEPT:
                serial, name = _KEPT[row]
                rest = begun[2].partition(")")[2]
                line = f"{serial}\t{name}{rest}"
        elif _TOTALS[1] in line or line.startswith(("-", " -")):
            row = 0
        if row in (1, 2):
            line = line.replace("86°36'", "86°16'").replace("86°37'", "86°17'")
        if row == 0 or row in _KEPT:
            lines.append(line)
    return lines


def elsewhere(text: str) -> str:
    """A notice of four ghats nobody knows yet: those of ``notice_text`` under other names and further west."""
    for name, other in (("BLOCK-9 ", "BLOCK-8 "), ("(BLOCK-4)", "(BLOCK-5)"), ("BLOCK-7 E", "BLOCK-6 E")):
        text = text.replace(name, other)
    for minutes, other in (("16'", "11'"), ("17'", "12'"), ("28'", "13'"), ("29'", "14'"), ("20'", "15'")):
        text = text.replace(f"86\u00b0{minutes}", f"86\u00b0{other}")
    return text
