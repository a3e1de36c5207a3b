"""Asking for people, parties, blocks, vehicles, devices and places."""

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from immis.core.errors import NotFound
from immis.core.permissions import PUBLIC, Actor, Role
from immis.registry.models import Block, Device, Office, Party, Place, Post, User, Vehicle


def actor_of(user: Any, *, post_id: int | None = None) -> Actor:
    """The person as they act now: in an active post, else for their party, else as the public."""
    if not getattr(user, "is_authenticated", False):
        return PUBLIC
    name = user.name_hi or user.name_en or user.username
    if post := _post_of(user, post_id):
        return Actor(
            role=Role(post["role"]),
            user_id=user.pk,
            office_id=post["office_id"],
            office_code=post["office__code"],
            district=post["office__district"],
            name=name,
            language=user.language,
        )
    party_id = user.parties.order_by("id").values_list("id", flat=True).first()
    role = Role.PARTY if party_id else Role.PUBLIC
    return Actor(role=role, user_id=user.pk, party_id=party_id, name=name, language=user.language)


def _post_of(user: Any, post_id: int | None) -> dict[str, Any] | None:
    """The active post that was asked for, else the oldest: read on every request, so one question and no objects."""
    active = user.posts.filter(active=True).order_by("id")
    posts = list(active.values("id", "role", "office_id", "office__code", "office__district"))
    return next((post for post in posts if post["id"] == post_id), posts[0] if posts else None)


def blocks(**filters: Any) -> QuerySet[Block]:
    """Mineral blocks; public."""
    return Block.objects.filter(**filters)


def block_of(code: str) -> Block:
    block = Block.objects.filter(code=code).first()
    if block is None:
        raise NotFound(f"block {code}")
    return block


def taken_elsewhere(codes: Iterable[str], district: str) -> list[str]:
    """Which of these codes name blocks of another district: two districts may begin with the same letters."""
    rows = Block.objects.filter(code__in=list(codes)).exclude(district=district)
    return sorted(rows.values_list("code", flat=True))


def plate(text: str) -> str:
    """A registration mark as it is kept: capitals and digits, no blanks or dashes."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def vehicle_of(registration: str) -> Vehicle | None:
    return Vehicle.objects.filter(registration=plate(registration)).first()


def vehicles(**filters: Any) -> QuerySet[Vehicle]:
    return Vehicle.objects.filter(**filters).order_by("registration")


def device_of(vehicle: Vehicle) -> Device | None:
    """The device that is in a vehicle now."""
    return Device.objects.filter(vehicle=vehicle, active=True).first()


def devices(**filters: Any) -> QuerySet[Device]:
    return Device.objects.select_related("vehicle").filter(**filters).order_by("imei")


def party_of(party_id: int) -> Party:
    party = Party.objects.filter(pk=party_id).first()
    if party is None:
        raise NotFound(f"party {party_id}")
    return party


def parties(**filters: Any) -> QuerySet[Party]:
    return Party.objects.filter(**filters).order_by("code")


def places(kind: str | None = None) -> QuerySet[Place]:
    found = Place.objects.order_by("code")
    return found.filter(kind=kind) if kind else found


def place_of(code: str) -> Place:
    place = Place.objects.filter(code=code).first()
    if place is None:
        raise NotFound(f"place {code}")
    return place


def office_for(*, district: str, role: Role) -> Office | None:
    """The office that answers for a district in a role; statewide posts have one office."""
    posts = Post.objects.filter(role=str(role), active=True).select_related("office")
    post = posts.filter(office__district=district).first() or posts.first()
    return post.office if post else Office.objects.filter(kind="district", district=district).first()


def users(**filters: Any) -> QuerySet[User]:
    return User.objects.filter(is_active=True, **filters).order_by("username")


def offices(**filters: Any) -> QuerySet[Office]:
    return Office.objects.filter(**filters).order_by("code")
