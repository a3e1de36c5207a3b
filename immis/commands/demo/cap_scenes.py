"""May and June in the second district: two ghats on the Kiul, one of the five rivers on which the cap holds."""

from functools import partial
from importlib.resources import files

from immis.commands.demo import auction_scenes as auction
from immis.commands.demo import lease_scenes as lease
from immis.commands.demo.cast import FIRMS
from immis.commands.demo.people import Stuck
from immis.commands.demo.play import Play

OFFICER = "mdo-jamui"
LOTS = ("JAM-2026-01", "JAM-2026-02")
#: Whose turnover is enough for ghats of this size.
_BIDDERS = tuple(firm for firm in FIRMS if firm.username in ("rishikund", "kharagpur"))


def take_in_notice(play: Play) -> None:
    """The second district's officer takes in a notice of his own, which names the river of each ghat (E-021)."""
    auction.take_in_notice(play, OFFICER, files(__package__).joinpath("jamui_2026.txt").read_bytes())


def apply(play: Play) -> None:
    """Two firms apply for both ghats, together more than the 200 hectares that anybody may hold."""
    play.at_once(partial(auction.apply_for_all, play, firm, LOTS) for firm in _BIDDERS)


def verify(play: Play) -> None:
    """The office of the ghats verifies what was paid for them; that of Munger does not see it."""
    lease.verify_all(play, OFFICER)


def scrutinise(play: Play) -> None:
    """The tender committee of the second district passes every bid that the rules allow."""
    auction.scrutinise(play, LOTS, OFFICER)


def open_bidding(play: Play) -> None:
    """Each firm comes to lead in one ghat; the first one's bid for the other is refused (clause 3(ii), E-020)."""
    first, second = (play.person(firm.username) for firm in _BIDDERS)
    auction.bid(second, LOTS[0], 0)
    auction.bid(first, LOTS[0], 1)
    auction.bid(second, LOTS[1], 0)
    if auction.bid(first, LOTS[1], 1):
        raise Stuck("the cap of clause 3(ii) does not hold on the Kiul")
