"""Where complaints stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

LISTS = (
    Way(
        "complaint_new",
        _("Complaints"),
        "public.complaints",
        10,
        record=("complaint",),
        parts={"complaint_by_code": _("State")},
    ),
    Way("complaints", _("State of a complaint"), "public.complaints", 20),
)
