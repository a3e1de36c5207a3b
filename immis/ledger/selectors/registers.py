"""Asking for scrolls and their lines, cheques and drafts, and taxes that came with instalments."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.scope import visible
from immis.core.services import Subject
from immis.ledger.models import Instrument, Scroll, ScrollLine, TaxItem

#: Outcomes that need nobody; a line of any other stands on the desk until it is closed with a note.
FITTING = ("matched", "waiting", "reversed")
_OPEN = Q(resolved_at__isnull=True) & ~Q(outcome__in=FITTING)


def scrolls(viewer: Actor, **filters: Any) -> QuerySet[Scroll]:
    """Scroll files that the viewer may see, newest first, each with the count of its open lines (``open_lines``)."""
    rows = Scroll.objects.filter(visible(viewer, "scroll.read"), **filters)
    wanted = Q(lines__resolved_at__isnull=True) & ~Q(lines__outcome__in=FITTING) & Q(lines__isnull=False)
    return rows.annotate(open_lines=Count("lines", filter=wanted)).order_by("-imported_at", "-id")


def scroll_of(pk: int, viewer: Actor) -> Scroll:
    scroll = scrolls(viewer, pk=pk).first()
    if scroll is None:
        raise NotFound(f"scroll {pk}")
    return scroll


def scroll_lines(scroll: Scroll, *, only_open: bool = False, outcome: str = "") -> QuerySet[ScrollLine]:
    """Lines of a scroll. The caller has checked that the reader may see the scroll."""
    rows = ScrollLine.objects.filter(scroll=scroll).select_related("receipt__demand__party")
    rows = rows.filter(_OPEN) if only_open else rows
    return rows.filter(outcome=outcome) if outcome else rows


def scroll_line_of(scroll: Scroll, line_no: int) -> ScrollLine:
    line = ScrollLine.objects.filter(scroll=scroll, line_no=line_no).select_related("scroll", "receipt").first()
    if line is None:
        raise NotFound(f"line {line_no} of scroll {scroll.pk}")
    return line


def instruments(viewer: Actor, **filters: Any) -> QuerySet[Instrument]:
    """Cheques and drafts of the viewer's district, by their date."""
    rows = Instrument.objects.select_related("demand__party", "receipt").filter(**filters)
    return rows.filter(visible(viewer, "instrument.read", district="demand__district", party="demand__party_id"))


def instruments_on(subject: Subject) -> list[Instrument]:
    """The register of one settlement. The caller has checked that the reader may see it."""
    rows = Instrument.objects.select_related("demand", "receipt")
    return list(rows.filter(demand__subject_kind=subject[0], demand__subject_id=subject[1]))


def tax_items_on(subject: Subject) -> list[TaxItem]:
    """GST proofs and income tax of one settlement. The caller has checked that the reader may see it."""
    rows = TaxItem.objects.select_related("demand")
    return list(rows.filter(demand__subject_kind=subject[0], demand__subject_id=subject[1]))


def instrument_on(subject: Subject, pk: int) -> Instrument:
    row = next((instrument for instrument in instruments_on(subject) if instrument.pk == pk), None)
    if row is None:
        raise NotFound(f"instrument {pk}")
    return row


def tax_item_on(subject: Subject, pk: int) -> TaxItem:
    row = next((tax_item for tax_item in tax_items_on(subject) if tax_item.pk == pk), None)
    if row is None:
        raise NotFound(f"tax item {pk}")
    return row
