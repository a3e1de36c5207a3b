"""Drawing and importing fences, each time as a version with its dates (A-06, E-151)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.permissions import Actor
from immis.core.scope import visible
from immis.core.services import log_action
from immis.registry.models import Fence, FenceVersion
from immis.rules import fences as rules
from immis.rules.catalogue import find
from immis.rules.policy import book


@dataclass(frozen=True)
class StandingFence:
    """A fence as it lies on a day."""

    fence: Fence
    version: FenceVersion

    @property
    def id(self) -> str:
        return f"{self.fence.kind}:{self.fence.code}"


@transaction.atomic
def save_fence(
    *,
    code: str,
    kind: str,
    name_en: str,
    name_hi: str,
    district: str,
    corners: Sequence[Sequence[float]],
    width_m: float | None,
    valid_from: date,
    valid_until: date | None,
    reason: str,
    reference: str,
    by: Actor,
    at: datetime,
) -> FenceVersion:
    """Enter a fence, or a new version of one; ``width_m`` None takes the width of its kind (DEV-13).

    Corners are (latitude, longitude). Raises Refusal (DEV-12) and NotPermitted for another district's fence.
    """
    fence = Fence.objects.select_for_update().filter(code=code).first()
    for where in {district, fence.district if fence else district}:
        require_grant(by, "fence.draw", district=where)
    if fence and fence.kind != kind:
        raise NotPermitted(f"fence {code} is of kind {fence.kind}")
    newest = fence.versions.first() if fence else None
    width = rules.width_of(kind, policy=book(), on=at) if width_m is None else width_m
    places = tuple((float(lat), float(lon)) for lat, lon in corners)
    facts = rules.FenceFacts(
        kind, places, width, valid_from, valid_until, reason, reference, newest.valid_from if newest else None
    )
    if findings := find("fence.save", facts, policy=book(), at=at):
        raise Refusal(findings)
    names = {"kind": kind, "name_en": name_en, "name_hi": name_hi, "district": district}
    fence, _new = Fence.objects.update_or_create(code=code, defaults=names)
    version = FenceVersion.objects.create(
        fence=fence, version=newest.version + 1 if newest else 1, corners=[list(one) for one in places], width_m=width,
        ring=[list(one) for one in rules.ring_of(places, width)], valid_from=valid_from, valid_until=valid_until,
        reason=reason, reference=reference, by=by.user_id, at=at,
    )  # fmt: skip
    told = {**names, "version": version.version, "valid_from": valid_from, "valid_until": valid_until,
            "reason": reason, "reference": reference, "ring": version.ring}  # fmt: skip
    log_action("fence.saved", subject=("fence", code), by=by, at=at, facts=told)
    return version


def fences(viewer: Actor, **filters: Any) -> QuerySet[Fence]:
    """Fences that this post may see: the State all, a district its own."""
    require_grant(viewer, "fence.read")
    rows = Fence.objects.filter(**filters)
    return rows.filter(visible(viewer, "fence.read"))


def fence_of(viewer: Actor, code: str) -> Fence:
    """One fence. Raises NotFound."""
    fence = fences(viewer, code=code).first()
    if fence is None:
        raise NotFound(f"fence {code}")
    return fence


def standing(on: date, *, among: QuerySet[Fence] | None = None) -> list[StandingFence]:
    """The fences that lie on a day, each in its newest version that has begun; ended ones are left out."""
    rows = FenceVersion.objects.filter(valid_from__lte=on).select_related("fence").order_by("fence__code", "version")
    if among is not None:
        rows = rows.filter(fence__in=among)
    newest = {row.fence_id: row for row in rows}
    return [StandingFence(row.fence, row) for row in newest.values() if not row.valid_until or row.valid_until >= on]


def versions_of(fence: Fence) -> list[FenceVersion]:
    return list(fence.versions.all())


def names_and_districts() -> Iterable[tuple[str, str, str, str]]:
    """(id, name in Hindi, name in English, district) of every fence, ended ones as well."""
    for kind, code, hi, en, district in Fence.objects.values_list("kind", "code", "name_hi", "name_en", "district"):
        yield f"{kind}:{code}", hi, en, district


def codes_like(stem: str) -> Iterable[str]:
    """The codes that are taken and begin so."""
    return Fence.objects.filter(code__startswith=stem).values_list("code", flat=True)
