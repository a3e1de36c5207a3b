"""Drawing and importing fences, each time as a version with its dates (A-06, E-151)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.grants import require_grant
from immis.core.scope import visible
from immis.core.services import emit, log_action
from immis.registry.events import FenceDrawn
from immis.registry.models import Fence, FenceVersion
from immis.rules.catalogue import find
from immis.rules.land import fences as rules
from immis.rules.policy import book


@dataclass(frozen=True)
class StandingFence:
    """A fence as it lies on a day."""

    fence: Fence
    version: FenceVersion

    @property
    def id(self) -> str:
        return f"{self.fence.kind}:{self.fence.code}"


@dataclass(frozen=True)
class DrawnFence:
    """A fence as drawn: corners are (latitude, longitude); ``width_m`` None takes the width of its kind (DEV-13)."""

    code: str
    kind: str
    name_en: str
    name_hi: str
    district: str
    corners: Sequence[Sequence[float]]
    valid_from: date
    reason: str
    reference: str
    valid_until: date | None = None
    width_m: float | None = None


@transaction.atomic
def save_fence(drawn: DrawnFence, *, by: Actor, at: datetime) -> FenceVersion:
    """Enter a fence, or a new version of one.

    Raises Refusal (DEV-12) and NotPermitted for another district's fence.
    """
    fence = Fence.objects.select_for_update().filter(code=drawn.code).first()
    for where in {drawn.district, fence.district if fence else drawn.district}:
        require_grant(by, "fence.draw", district=where)
    if fence and fence.kind != drawn.kind:
        raise NotPermitted(f"fence {drawn.code} is of kind {fence.kind}")
    newest = fence.versions.first() if fence else None
    width = rules.width_of(drawn.kind, policy=book(), on=at) if drawn.width_m is None else drawn.width_m
    places = tuple((float(lat), float(lon)) for lat, lon in drawn.corners)
    facts = rules.FenceFacts(
        drawn.kind, places, width, drawn.valid_from, drawn.valid_until, drawn.reason, drawn.reference,
        newest.valid_from if newest else None,
    )  # fmt: skip
    if findings := find("fence.save", facts, policy=book(), at=at):
        raise Refusal(findings)
    names = {name: getattr(drawn, name) for name in ("kind", "name_en", "name_hi", "district")}
    terms = {name: getattr(drawn, name) for name in ("valid_from", "valid_until", "reason", "reference")}
    fence, _new = Fence.objects.update_or_create(code=drawn.code, defaults=names)
    version = FenceVersion.objects.create(
        fence=fence, version=newest.version + 1 if newest else 1, corners=[list(place) for place in places],
        width_m=width, ring=[list(place) for place in rules.ring_of(places, width)], by=by.user_id, at=at, **terms,
    )  # fmt: skip
    facts_kept = {**names, **terms, "version": version.version, "ring": version.ring}
    log_action("fence.saved", subject=("fence", drawn.code), by=by, at=at, facts=facts_kept)
    _tell(drawn, places[0], at=at)
    return version


def _tell(drawn: DrawnFence, place: tuple[float, float], *, at: datetime) -> None:
    """The news that a fence lies somewhere from a day on."""
    news = FenceDrawn(
        fence=drawn.code,
        kind=drawn.kind,
        name={"en": drawn.name_en, "hi": drawn.name_hi},
        district=drawn.district,
        valid_from=drawn.valid_from,
        place=list(place),
    )
    emit(news, subject=("fence", drawn.code), at=at)


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


def standing(
    on: date, *, among: QuerySet[Fence] | None = None, kinds: Iterable[str] | None = None
) -> list[StandingFence]:
    """The fences that lie on a day, each in its newest version that has begun; ended ones are left out.

    ``among`` and ``kinds`` say of which fences, else of all.
    """
    rows = FenceVersion.objects.filter(valid_from__lte=on).select_related("fence").order_by("fence__code", "version")
    if among is not None:
        rows = rows.filter(fence__in=among)
    if kinds is not None:
        rows = rows.filter(fence__kind__in=kinds)
    newest = {row.fence_id: row for row in rows}
    return [StandingFence(row.fence, row) for row in newest.values() if not row.valid_until or row.valid_until >= on]


def versions_of(fence: Fence) -> list[FenceVersion]:
    return list(fence.versions.all())


def names_and_districts() -> Iterable[tuple[str, str, str, str]]:
    """(id, name in Hindi, name in English, district) of every fence, ended ones as well."""
    for kind, code, hi, en, district in Fence.objects.values_list("kind", "code", "name_hi", "name_en", "district"):
        yield f"{kind}:{code}", hi, en, district


def new_code(kind: str, name: str) -> str:
    """A code that no fence has, of a kind and a name in English."""
    stem = slugify(f"{kind.replace('_', '-')}-{name}")[:34] or kind
    taken = set(Fence.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return stem if stem not in taken else next(f"{stem}-{n}" for n in range(2, 10_000) if f"{stem}-{n}" not in taken)
