"""Handing a charge over, with the list of what is pending on its desk."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.nouns import Page
from immis.enforcement.services.handovers import hand_over_charge
from immis.registry.people import charges
from immis.registry.people.acts import REFERENCE, read_person
from immis.registry.selectors import Post


def _appointed(charge: Post, by: Actor, at: datetime) -> str:
    """Whom an order has appointed to this charge, where somebody is."""
    row = charges.appointed_to(charge, at).first()
    return row.user.username if row else ""


declare(
    Act(
        "charge.hand_over",
        "",
        "PPL-02",
        hand_over_charge,
        (
            Field(
                "successor",
                "text",
                _("User name of who takes over"),
                max_length=60,
                read=read_person,
                initial=_appointed,
                help=_("Whom the office that gives charges has appointed to this post here."),
            ),
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
