"""What auctions tell: notices and their lists, bidders, technical bids, lots and the orders about them, E-Proc."""

from collections.abc import Mapping
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from immis.auctions import nouns
from immis.core.events import Names, Payload, event, shared, step

__all__ = ["nouns"]

step("emd.eproc", _("Earnest money held on E-Proc"))
step("auction_order.asked", _("An order on the auction was asked for"))
step("auction_order.effective", _("The order on the auction took effect"))
step("auction_order.withdrawn", _("The order on the auction was withdrawn"))
step("bid.turned_away", _("A bid was turned away"))
step("bidders.read", _("The names of the bidders were looked at"))
step("document.added", _("A paper was handed in"))
step("eproc.taken_in", _("An export of E-Proc was taken in"))
step("eproc.taken_over", _("A result of E-Proc was taken over"))
step("lot.applied", _("An application was made"))
step("lot.false_certificate", _("A certificate was found false"))
step("lot.identities_opened", _("The names behind the bids were opened"))
step("notice.contacts_set", _("The contacts of the notice were set"))
step("notice.mock_auction", _("A practice auction was set up"))
step("notice.obtainer_named", _("Who gets plan and clearance was named"))
step("notice.part_added", _("A part of the tender document was added"))
step("notice.release_set", _("Release number and link were set"))
step("paper.judged", _("A paper was judged"))
step("presence.forgotten", _("Times of presence were deleted"))
step("signature.verified", _("A signature was checked"))


@event("notice.imported", _("Notice taken in"), about="notice")
class NoticeImported(Payload):
    """A notice, or its corrigendum, with so many lots (E-001)."""

    code: str
    number: str
    lots: int
    sha256: str
    district: str


@event("notice.venue", _("Auctioned elsewhere"), about="notice")
class VenueChanged(Payload):
    """The lots of a notice are auctioned on E-Proc."""

    venue: str
    lots: int


@event("notice.programme_changed", _("Programme changed by corrigendum"), about="notice")
class ProgrammeChanged(Payload):
    """Steps of a notice's programme were changed, with reason and order (E-059, E-060)."""

    steps: list[str]
    reason: str
    reference: str
    district: str


@event("notice.list_published", _("List of technical results published"), about="notice")
class ListPublished(Payload):
    """The list of technically decided applications (E-006)."""

    rows: int
    sha256: str
    district: str


@event("bidder.registered", _("Registered for e-auctions"), about="party")
class BidderRegistered(Payload):
    """A party may bid for a year (E-014)."""

    until: date
    aadhaar: str
    party_id: int


@event("party.debarred", _("Barred from tenders"), about="debarment")
class PartyDebarred(Payload):
    """An order bars a PAN from tenders (E-031)."""

    order: str
    pan: str
    source: str
    until_on: date
    district: str
    party_id: int | None
    cause: Names


@event("technical.decided", _("Technical bid decided"), about="lot")
class TechnicalDecided(Payload):
    """A technical bid passed or failed (E-006)."""

    lot: str
    state: str
    reasons: str
    application: int
    party_id: int
    district: str
    opens_at: datetime


@event("lot.closed", _("Result of the auction"), about="lot")
class LotClosed(Payload):
    """The auction is over; its winner and amount, if any (E-062)."""

    lot: str
    ghat: Names
    district: str
    notice: str
    result: str
    winner_party_id: int | None
    winner: Mapping[str, str]
    amount_rupees: int
    ends_at: datetime
    passed: int


@event("lot.aborted", _("Auction aborted"), about="lot")
class LotAborted(Payload):
    """The auction was ended by order; ``led``: somebody was the highest bidder (E-067)."""

    lot: str
    ghat: Names
    district: str
    head: str
    led: bool


@shared
class AuctionOrdered(Payload):
    """Two posts ordered something about a running auction."""

    ABOUT = ("lot",)

    order: int
    reason: str
    posts: list[str]
    district: str


@event("lot.paused", _("Auction paused"))
class LotPaused(AuctionOrdered):
    """Nobody can bid until it is resumed."""


@event("lot.resumed", _("Auction resumed"))
class LotResumed(AuctionOrdered):
    """It goes on, with the time that was lost."""


@event("lot.rescheduled", _("Auction moved to another time"))
class LotRescheduled(AuctionOrdered):
    """It begins and ends at other times."""


@shared
class LotOrdered(Payload):
    """An order about a lot after its auction, once of its kind."""

    ABOUT = ("lot",)

    lot: str
    order: str
    on: date
    cause: str
    reason: str
    district: str
    amount_paise: int | None = None


@event("lot.forfeit", _("Earnest money forfeited where nobody bid"))
class LotForfeit(LotOrdered):
    """All who had passed lose their earnest money (E-072)."""


@event("lot.retender", _("To be auctioned again"))
class LotRetender(LotOrdered):
    """A single bid brings the lot to another auction."""


@event("lot.recommend", _("Single bid recommended"))
class LotRecommend(LotOrdered):
    """The Collector recommends the single bidder (AUC-92)."""


@event("lot.approve", _("Single bid approved"))
class LotApprove(LotOrdered):
    """Headquarters approves the single bidder."""


@event("lot.reject", _("Single bid rejected"))
class LotReject(LotOrdered):
    """Headquarters rejects the single bidder."""


@event("lot.default", _("Default of the winner"))
class LotDefault(LotOrdered):
    """The winner did not do what the tender asks (E-070)."""


@event("lot.refunds_ordered", _("Earnest money of an aborted auction ordered back"), about="lot")
class RefundsOrdered(Payload):
    """Everybody's earnest money goes back."""

    lot: str
    ghat: Names
    district: str


@shared
class ExportNews(Payload):
    """An export of E-Proc and how its lots compare."""

    ABOUT = ("eproc",)

    export: str
    reference: str
    district: str
    notice: str
    lots: int
    agreed: int
    differing: int
    taken_over: int


@event("eproc.checked", _("Export of E-Proc compared"))
class ExportChecked(ExportNews):
    """Every lot of it was replayed."""


@event("eproc.done", _("Export of E-Proc taken over"))
class ExportDone(ExportNews):
    """Nothing of it is left to do."""
