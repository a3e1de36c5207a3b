"""Handing a charge over, with the list of what is pending on its desk."""

from django.utils.translation import gettext_lazy as _

from immis.core.acts import Act, Field, Gate, declare
from immis.core.nouns import Page
from immis.enforcement.services.handovers import hand_over_charge
from immis.registry.people import charges
from immis.registry.people.acts import REFERENCE, read_person

declare(
    Act(
        "charge.hand_over",
        "",
        "PPL-02",
        hand_over_charge,
        (
            Field("successor", "text", _("User name of who takes over"), max_length=60, read=read_person),
            REFERENCE,
            Field("remarks", "long_text", _("Remarks for the successor"), required=False, max_length=2000),
        ),
        fits=(Gate("charge.end", charges.handover_facts),),
        ends=_("I know that the holder sees nothing of this office any more."),
        done=_("The charge is handed over: %(number)s. The paper with what is pending is ready."),
        leads_to=lambda handover: Page("handover", (handover.number,)),
    ),
    place="charge",
)
