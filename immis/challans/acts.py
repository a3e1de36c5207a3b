"""What a post may do to an e-challan that was issued."""

from django.utils.translation import gettext_lazy as _

from immis.challans import facts, services
from immis.core.acts import Act, Field, Gate, declare

declare(
    Act(
        "challan.cancel",
        _("Cancel this e-challan"),
        "CH-14",
        services.cancel_challan,
        (Field("reason", "text", _("Reason")),),
        fits=(Gate("challan.cancel", facts.cancel_facts),),
    ),
    place="challan",
)
