"""Asking for transit passes: the switch now, parties of other States, passes of a reader, and what waits."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.grants import may
from immis.core.scope import visible
from immis.rules.calendar import india_day
from immis.rules.transit.passes import writing_of
from immis.rules.transit.switch import ENDED, IN_FORCE, NONE, ORDERED, SwitchFacts
from immis.transit.models import Registration, SwitchOrder, TransitPass

__all__ = ["Registration", "SwitchOrder", "TransitPass"]


# -- the switch


def orders() -> QuerySet[SwitchOrder]:
    """Every order of the switch, the latest first."""
    return SwitchOrder.objects.all()


def order_of(number: str, viewer: Actor) -> SwitchOrder:
    """One order by its number. Raises NotFound unless this viewer may see the switch."""
    row = SwitchOrder.objects.filter(number=number).first() if may(viewer, "istp.oversee") else None
    if row is None:
        raise NotFound(f"order {number}")
    return row


def order_in_force(at: datetime) -> SwitchOrder | None:
    """The order that holds on the day of an instant."""
    return SwitchOrder.objects.filter(starts_on__lte=india_day(at)).first()


def switch_now(at: datetime) -> SwitchFacts:
    """How the switch stands at an instant; read anew by whoever asks, so that an order reaches every process."""
    row, coming = order_in_force(at), SwitchOrder.objects.first()
    if row and row.kind == SwitchOrder.ON:
        return SwitchFacts(IN_FORCE, row.order_no, row.starts_on)
    if coming and coming.kind == SwitchOrder.ON:
        return SwitchFacts(ORDERED, coming.order_no, coming.starts_on)
    return SwitchFacts(ENDED, row.order_no, row.starts_on) if row else SwitchFacts(NONE)


# -- parties of other States


def registrations(viewer: Actor, **filters: Any) -> QuerySet[Registration]:
    """Registrations that the viewer may see: the own one, those of a district, or all."""
    rows = Registration.objects.filter(visible(viewer, "istp.read", party="party_id"), **filters)
    return rows.select_related("party")


def registration_of(number: str, viewer: Actor) -> Registration:
    """One registration. Raises NotFound unless this viewer may see it."""
    row = registrations(viewer, number=number).first()
    if row is None:
        raise NotFound(f"registration {number}")
    return row


def registration_of_party(party_id: int | None) -> Registration | None:
    """The registration of a party; None where it has none."""
    return Registration.objects.filter(party_id=party_id).select_related("party").first() if party_id else None


# -- passes


def passes(viewer: Actor, **filters: Any) -> QuerySet[TransitPass]:
    """Passes that the viewer may see, the newest first."""
    rows = TransitPass.objects.filter(visible(viewer, "istp.read", party="party_id"), **filters)
    return rows.select_related("party", "vehicle", "entered_office")


def pass_of(number: str, viewer: Actor) -> TransitPass:
    """One pass. Raises NotFound unless this viewer may see it."""
    row = passes(viewer, number=number).first()
    if row is None:
        raise NotFound(f"transit pass {number}")
    return row


def carried_by(state_code: str, origin_number: str) -> TransitPass | None:
    """The pass that a challan of another State carries, or carried while its money came too late."""
    taken = TransitPass.objects.filter(origin_state=state_code, origin_key=writing_of(origin_number))
    return taken.filter(state__in=[TransitPass.APPLIED, TransitPass.ISSUED]).first()


def state_of(row: TransitPass, at: datetime) -> str:
    """The state of a pass at an instant: what is kept, or ``entered`` and ``expired``, which follow from facts."""
    if row.state != TransitPass.ISSUED:
        return row.state
    if row.entered_at:
        return "entered"
    return "issued" if at < row.origin_until else "expired"


def waiting() -> QuerySet[TransitPass]:
    """Passes that wait for their money, those that end first before others."""
    return TransitPass.objects.filter(state=TransitPass.APPLIED).select_related("party", "vehicle").order_by("due_at")


def pass_with(*, pass_id: str = "", number: str = "", mark: str = "") -> TransitPass | None:
    """The pass of an id, a number, or the newest of a vehicle that was issued. For checks: whoever asks may."""
    rows = TransitPass.objects.select_related("party", "vehicle")
    if pass_id:
        return rows.filter(pass_id=pass_id).first()
    if number:
        return rows.filter(number=number).first()
    return rows.filter(vehicle__registration=mark, issued_at__isnull=False).order_by("-issued_at").first()


def withdrawn_ids(*, at: datetime) -> list[bytes]:
    """Ids of passes that were withdrawn while their time still runs: for the signed list of cancelled passes."""
    rows = TransitPass.objects.filter(state=TransitPass.WITHDRAWN, origin_until__gt=at).exclude(pass_id="")
    return [bytes.fromhex(pass_id) for pass_id in rows.values_list("pass_id", flat=True)]


# -- reports


def summary(viewer: Actor, *, from_on: date, to_on: date, at: datetime) -> list[Mapping[str, Any]]:
    """Issued passes of a span by State and unit: how many, how much, what they paid, entered, and entered late."""
    rows = passes(viewer, issued_at__isnull=False).exclude(state=TransitPass.WITHDRAWN)
    rows = rows.filter(issued_at__date__gte=from_on, issued_at__date__lte=to_on).order_by()
    sums = rows.values("origin_state", "unit").annotate(
        count=Count("pk"),
        quantity=Sum("quantity"),
        fee_paise=Sum("fee_paise"),
        entered=Count("pk", filter=Q(entered_at__isnull=False)),
        late=Count("pk", filter=Q(entered_late=True)),
        never=Count("pk", filter=Q(entered_at__isnull=True, origin_until__lte=at)),
    )
    return list(sums.order_by("origin_state", "unit"))
