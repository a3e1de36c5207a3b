"""Asking for people, parties, blocks, vehicles, devices and places."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Max, QuerySet, Sum
from django.db.models.functions import Left, Length

from immis import clock
from immis.core.access.permissions import PUBLIC, Actor
from immis.core.errors import NotFound
from immis.core.written import question, rows_of
from immis.messaging.services import Recipient
from immis.registry.models import (
    Authority,
    Block,
    BlockVersion,
    Device,
    FenceVersion,
    Office,
    Party,
    Place,
    Post,
    User,
    Vehicle,
)
from immis.registry.people.charges import standing
from immis.rules.districts import NAMES_HI
from immis.rules.policy import book
from immis.rules.posts import PARTY, chart
from immis.rules.writing.offices import western_digits

#: Asked for with every page, so written out: building it anew took a third of the time of an answer.
_CHARGES_OR_PARTY = """SELECT post.role, office.id, office.code, office.district, office.name_hi, office.name_en,
  (SELECT min(party_id) FROM registry_party_users own WHERE own.user_id = person.id),
  mandate.party_id, mandate.kind, mandate.grants, mandate.leases, mandate.challans_a_day
FROM registry_user person
LEFT JOIN registry_post post ON post.user_id = person.id AND post.active
  AND (post.begins_at IS NULL OR post.begins_at <= %s) AND (post.ends_at IS NULL OR post.ends_at > %s)
LEFT JOIN registry_office office ON office.id = post.office_id
LEFT JOIN registry_authority mandate ON mandate.user_id = person.id AND mandate.ended_at IS NULL
  AND mandate.begins_at <= %s AND (mandate.ends_at IS NULL OR mandate.ends_at > %s)
WHERE person.id = %s ORDER BY post.id = person.acting_id DESC, post.additional, post.id"""
#: Every office below one, each counted once however deep it lies.
_BELOW = """WITH RECURSIVE below(id, district) AS (
  SELECT id, district FROM registry_office WHERE id = %s
  UNION SELECT office.id, office.district FROM registry_office office JOIN below ON office.parent_id = below.id
) SELECT DISTINCT district FROM below WHERE district <> ''"""


def actor_of(user: Any) -> Actor:
    """The person as they act now: in the charge that they chose or their first, else for a party, else as the public.

    A post that is no longer in ``posts.yaml`` gives nobody any power.
    """
    if not getattr(user, "is_authenticated", False):
        return PUBLIC
    rows = _charges_or_party(user.pk)
    role, office_id, code, district, *names = rows[0][:6] if rows else (None, None, "", "", "", "")
    who: dict[str, Any] = {"user_id": user.pk, "name": user.name_hi or user.name_en or user.username}
    who |= {"name_en": user.name_en, "language": user.language}
    if role in chart().posts:
        if chart().post(role).reaches_below:
            who["districts"] = districts_below(office_id)
        who |= {"office_hi": names[0], "office_en": names[1], "charges": len(rows)}
        return Actor(role=role, office_id=office_id, office_code=code, district=district, **who)
    party_id, *mandate = rows[0][6:] if rows else (None, None)
    if party_id:
        return Actor(role=PARTY, party_id=party_id, **who)
    return _representative(who, *mandate) if mandate[0] else replace(PUBLIC, **who)


def _charges_or_party(user_id: int) -> list[tuple[Any, ...]]:
    now = connection.ops.adapt_datetimefield_value(clock.now())
    return rows_of(_CHARGES_OR_PARTY, [now, now, now, now, user_id])


def _representative(who: dict[str, Any], party_id: int, kind: str, *limits: Any) -> Actor:
    """Who acts for a party by its word: as its authorised person, or as an operator within limits (PPL-06)."""
    terms = book().value("PPL-06", clock.now())
    if kind == Authority.AUTHORISED:
        only = frozenset(chart().post(PARTY).grants) - frozenset(terms["own"])
        return Actor(role=PARTY, party_id=party_id, only=only, **who)
    grants, leases = (frozenset(json.loads(text)) for text in limits[:2])
    only = (grants & frozenset(terms["acts"])) | frozenset(terms["sees"])
    bounds = {"leases": leases or None, "challans_a_day": limits[2]}
    return Actor(role=PARTY, party_id=party_id, only=only, **bounds, **who)


def in_order(number: str) -> tuple[Any, ...]:
    """Ghats, lots or settlements by district and year, notice by notice; ``number`` is the field of their number.

    As mere text MUN-2026-2-01, of a second notice, stands between -19 and -20.
    """
    return Left(number, len("MUN-2026")), Length(number), number


def blocks(**filters: Any) -> QuerySet[Block]:
    """Mineral blocks, notice by notice; public."""
    return Block.objects.filter(**filters).order_by(*in_order("code"))


def block_of(code: str) -> Block:
    block = Block.objects.filter(code=code).first()
    if block is None:
        raise NotFound(f"block {code}")
    return block


def corrected_at(block_id: int) -> list[datetime]:
    """When what a block is was corrected after it was entered."""
    return list(BlockVersion.objects.filter(block_id=block_id, version__gt=1).values_list("at", flat=True))


def plate(text: str) -> str:
    """A registration mark as it is kept: capitals and digits 0-9, no blanks or dashes."""
    return re.sub(r"[^A-Z0-9]", "", western_digits(text).upper())


def vehicle_of(registration: str) -> Vehicle | None:
    return Vehicle.objects.filter(registration=plate(registration)).first()


def locked_vehicle(registration: str) -> Vehicle | None:
    """The vehicle of a mark as it is kept, held until the transaction ends: so that it gets one e-challan at a time."""
    return _locked_vehicle.first(registration=registration)


@question
def _locked_vehicle(registration: str) -> QuerySet[Vehicle]:
    return Vehicle.objects.select_for_update().filter(registration=registration)


def vehicles(**filters: Any) -> QuerySet[Vehicle]:
    return Vehicle.objects.filter(**filters).order_by("registration")


def device_of(vehicle: Vehicle) -> Device | None:
    """The device that is in a vehicle now."""
    return _device_of.first(vehicle=vehicle.pk)


@question
def _device_of(vehicle: int) -> QuerySet[Device]:
    return Device.objects.filter(vehicle_id=vehicle, active=True)


def devices(**filters: Any) -> QuerySet[Device]:
    return Device.objects.select_related("vehicle").filter(**filters).order_by("imei")


def locked_device(imei: str) -> Device:
    """A device as it stands now, with its vehicle, held until the transaction ends."""
    return Device.objects.select_for_update(of=("self",)).select_related("vehicle").get(imei=imei)


def party_of(party_id: int) -> Party:
    party = Party.objects.filter(pk=party_id).first()
    if party is None:
        raise NotFound(f"party {party_id}")
    return party


def locked_party(party_id: int) -> Party:
    """A party as it stands now, held until the transaction ends: so that no paisa of it is moved twice."""
    return Party.objects.select_for_update(no_key=True).get(pk=party_id)


def recipient_of(party: Party) -> Recipient:
    """A party with its addresses and the language of its first person, as messages take it."""
    lang = party.users.order_by("pk").values_list("language", flat=True).first() or ""
    return Recipient("party", str(party.pk), email=party.email, phone=party.phone, lang=lang)


def party_recipients(party_ids: Iterable[int]) -> list[Recipient]:
    """The same for many parties in one question, by their numbers."""
    rows = Party.objects.filter(pk__in=party_ids).order_by("pk", "users__pk")
    first = {row[0]: row for row in reversed(rows.values_list("pk", "email", "phone", "users__language"))}
    return [
        Recipient("party", str(pk), email=email, phone=phone, lang=lang or "")
        for pk, email, phone, lang in first.values()
    ]


def parties(**filters: Any) -> QuerySet[Party]:
    return Party.objects.filter(**filters).order_by("code")


def places(kind: str | None = None) -> QuerySet[Place]:
    result = Place.objects.order_by("code")
    return result.filter(kind=kind) if kind else result


def place_of(code: str) -> Place:
    place = _place_of.first(code=code)
    if place is None:
        raise NotFound(f"place {code}")
    return place


@question
def _place_of(code: str) -> QuerySet[Place]:
    return Place.objects.filter(code=code)


def office_for(*, district: str, role: str) -> Office | None:
    """The office that answers for a district in a role; statewide posts have one office.

    A district without such a post is answered for by its mining office, never by another district's.
    """
    posts = Post.objects.filter(standing(clock.now()), role=role).select_related("office")
    post = posts.filter(office__district=district).first() or _from_above(posts, chart().post(role).reach, district)
    offices_ = Office.objects.filter(kind="district", district=district, closed_at__isnull=True)
    return post.office if post else offices_.first()


def _from_above(posts: QuerySet[Post], reach: str, district: str) -> Post | None:
    """The post that answers for a district from above: of its division, or of the State."""
    if reach == "division":
        return next((post for post in posts if district in districts_below(post.office_id)), None)
    return posts.first() if reach == "state" else None


def districts_below(office_id: int | None) -> frozenset[str]:
    """The districts of an office and of all offices below it in the tree."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, [office_id])
        return frozenset(district for (district,) in cursor.fetchall())


def working_districts() -> list[str]:
    """The districts that have an office here and have begun, by name; all of the State where none has."""
    rows = Office.objects.filter(kind="district", closed_at__isnull=True).values_list("district", flat=True)
    return sorted({*rows} - {""}) or sorted(NAMES_HI)


def offices_with_post(role: str) -> QuerySet[Office]:
    """Every office in which somebody holds a post now, by its code."""
    held = standing(clock.now(), of="posts__")
    return Office.objects.filter(held, posts__role=role).distinct().order_by("code")


def office_actor(office: Office, post: str) -> Actor:
    """Whoever holds a post in an office, where it is the post that reads and not a person."""
    districts = districts_below(office.pk) if chart().post(post).reaches_below else frozenset()
    return Actor(post, office_id=office.pk, office_code=office.code, district=office.district, districts=districts)


def office_of_id(office_id: int) -> Office:
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound(f"office {office_id}")
    return office


def headquarters() -> Office | None:
    """The office of the State."""
    return Office.objects.filter(kind="hq").order_by("pk").first()


def addresses_of(office: Office) -> tuple[str, ...]:
    """The e-mail addresses of the people who hold posts in an office."""
    held = standing(clock.now(), of="posts__")
    rows = User.objects.filter(held, is_active=True, posts__office=office).exclude(email="")
    return tuple(rows.order_by("email").values_list("email", flat=True).distinct())


def users(**filters: Any) -> QuerySet[User]:
    return User.objects.filter(is_active=True, **filters).order_by("username")


def offices(**filters: Any) -> QuerySet[Office]:
    return Office.objects.filter(**filters).order_by("code")


def register_mark() -> tuple[Any, ...]:
    """A mark that changes with anything of the register that the gateway works by: devices, ghats, places, fences."""
    fitted = Device.objects.filter(active=True).aggregate(n=Count("pk"), last=Max("fitted_at"), pk=Max("pk"))
    blocks_ = Block.objects.aggregate(n=Count("pk"), versions=Sum("version"))
    places_ = Place.objects.aggregate(n=Count("pk"), pk=Max("pk"), lat=Sum("lat"), lon=Sum("lon"), m=Sum("radius_m"))
    shapes = FenceVersion.objects.aggregate(pk=Max("pk"))
    return (*fitted.values(), *blocks_.values(), *places_.values(), *shapes.values())
