"""What every event of a settlement carries, the nouns of settlements, and the facts of their triggers."""

from django.utils.translation import gettext_lazy as _

from immis.core.events import Names, Payload, shared, step

step("lease.clearance_deemed", _("No objection by silence"))
step("lease.proposal_named", _("Proposal number recorded"))
step("lease.proposal_changed", _("News from PARIVESH"))
step("lease.proposal_hinted", _("Proposal found on PARIVESH"))
step("lease.file_taken_over", _("Running settlements were taken over from a file"))
step("price.fixed", _("A price was fixed"))


@shared
class LeaseNews(Payload):
    """A settlement, its ghat and its settlee."""

    ABOUT = ("lease",)

    lease: str
    ghat: Names
    district: str
    party_id: int
    party: Names
