"""Exports of E-Proc as the offices see them: a district its own, headquarters all."""

from django.db.models import Count, Q, QuerySet

from immis.auctions.models import EprocExport
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.grants import require_grant
from immis.core.scope import visible


def exports(viewer: Actor) -> QuerySet[EprocExport]:
    """Exports with how many of their ghats agree, differ and are taken over, newest first."""
    require_grant(viewer, "eproc.read")
    states = {
        state: Count("outcomes", filter=Q(outcomes__state=state)) for state in ("agreed", "differs", "taken_over")
    }
    rows = EprocExport.objects.select_related("notice").annotate(ghats=Count("outcomes"), **states)
    return rows.filter(visible(viewer, "eproc.read", district="notice__district")).order_by("-received_at", "-id")


def export_of(pk: int, viewer: Actor) -> EprocExport:
    """One export that the viewer may see. Raises NotFound."""
    export = exports(viewer).filter(pk=pk).first()
    if export is None:
        raise NotFound(f"export {pk}")
    return export
