"""A mock auction that is always running: on the lots of a notice whose own e-auction lies months ahead (E-003)."""

import re
from datetime import datetime, timedelta
from importlib.resources import files

from immis import clock
from immis.commands.demo import auction_scenes as auction
from immis.commands.demo.cap_scenes import OFFICER
from immis.commands.demo.cast import FIRMS
from immis.commands.demo.play import Play

#: As long as a mock auction may last (AUC-95), and how long firms wait for it on their own watches.
_MINUTES, _OPENS_IN_S = 480, 3
_FIRMS = ("rishikund", "kharagpur")
#: The notice of Jamui once more, two blocks further north and two years later.
_CHANGES = {
    ".05.2026": ".03.2028", ".06.2026": ".04.2028", "year 2026": "year 2028", "PR. No.002319": "PR. No.002477",
    "BLOCK-1": "BLOCK-3", "BLOCK-2": "BLOCK-4", "24°55'": "24°58'", "24°56'": "24°59'",
}  # fmt: skip


def next_notice() -> bytes:
    """The text of the notice on whose lots is practised."""
    text = files(__package__).joinpath("jamui_2026.txt").read_text(encoding="utf8")
    for old, new in _CHANGES.items():
        text = text.replace(old, new)
    return text.encode()


def begin(play: Play) -> None:
    """The second district takes in its next notice and opens a mock auction on it; two firms practise."""
    number = auction.take_in_notice(play, OFFICER, next_notice())
    _hold(play, number)
    lots = _running(play)
    for turn, firm in enumerate(row for row in FIRMS if row.username in _FIRMS):
        person = play.person(firm.username)
        for lot in lots:
            person.send(person.open("/mock/"), lambda form, lot=lot: form.action == f"/mock/{lot}/join", follow=False)
            auction.bid(person, lot, turn)


def keep_running(play: Play) -> None:
    """Open the next mock auction where the last one is over."""
    if not _running(play):
        numbers = re.findall(r'href="/office/notices/([^"/]+)/"', play.person(OFFICER).open("/office/notices/").text)
        _hold(play, numbers[0])


def _hold(play: Play, number: str) -> None:
    course = clock.course()  # shown time may run many times as fast as the office's answer
    starts_at = clock.now() + timedelta(seconds=_OPENS_IN_S * (course.rate if course else 1))
    given = {"starts_at": _written(starts_at), "minutes": _MINUTES}
    play.person(OFFICER).call(f"/notices/{number}/acts/notice.hold_mock", given)
    play.until_shown(starts_at)


def _written(at: datetime) -> str:
    return at.astimezone(clock.INDIA).isoformat(timespec="seconds")


def _running(play: Play) -> list[str]:
    """The mock lots in which bids are taken now."""
    page = play.visitor.get("/mock/?phase=running").raise_for_status().text
    return sorted(set(re.findall(r'href="/auctions/(MOCK[\w-]+)/"', page)))
