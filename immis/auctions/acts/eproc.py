"""The bridge to E-Proc at the desk: take in a signed export, take over what agrees (A-03, A-05, E-083)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from immis.auctions import gates, nouns
from immis.auctions.models import EprocExport
from immis.auctions.services.eproc.exports import take_in_export
from immis.auctions.services.eproc.results import TakenOver, take_over_seen
from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.nouns import Page
from immis.rules.catalogue import Finding

__all__ = ["nouns"]

_MOST_SIGNATURE = 400


def _take_in(*, file: Any, signature: Any, text: str, by: Actor, at: datetime) -> EprocExport:
    signed = signature.read(_MOST_SIGNATURE).decode("ascii", "replace") if signature else text
    return take_in_export(content=file.read(), signature=signed, filename=file.name, source="file", by=by, at=at)


def _ghats(export: EprocExport, by: Actor, at: datetime) -> Sequence[tuple[str, str]]:
    return [(str(row.pk), f"{row.serial}. {row.ghat}") for row in export.outcomes.order_by("serial")]


def _take_over(*, eproc: EprocExport, seen: Sequence[str], by: Actor, at: datetime) -> tuple[TakenOver, list[Finding]]:
    return take_over_seen(export=eproc, seen={int(pk) for pk in seen}, by=by, at=at)


def _taken(result: TakenOver) -> str:
    words = ngettext("%(n)d result is taken over.", "%(n)d results are taken over.", result.lots) % {"n": result.lots}
    left = gettext("Not taken over: %(rows)s") % {"rows": ", ".join(f"{serial}." for serial in result.refused)}
    return f"{words} {left}" if result.refused else words


declare(
    Act(
        "eproc.take_in",
        _("Take in and check"),
        "EPR-02",
        _take_in,
        (
            Field("file", "file", _("Export of E-Proc (JSON or CSV)")),
            Field("signature", "file", _("Its signature (.sig)"), required=False),
            Field(
                "text",
                "text",
                _("or the signature as text"),
                required=False,
                help="ed25519:… / hmac-sha256:…",
                max_length=_MOST_SIGNATURE,
            ),
        ),
        done=_("The export is taken in and checked; nothing is settled yet."),
        leads_to=lambda export: Page("office_eproc_export", (str(export.pk),)),
        opens=True,
    ),
    place="exports",
)
declare(
    Act(
        "eproc.take_over",
        _("Take over the ticked results"),
        "EPR-04",
        _take_over,
        (Field("seen", "choices", _("Ghats whose earnest money was seen"), choices=_ghats),),
        fits=(Gate("eproc.take_over", gates.to_take_over),),
        done=_taken,
    ),
    place="export",
)
