"""Charges: who holds which post in which office, from when until when, and how a charge is given, ended, handed over.

What is over by its date is over without anybody's doing: who asks compares with the clock, so that an appointment, and
its end, hold from the next request on in every process.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from immis import clock
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import NotFound, Refusal
from immis.core.facts import plain
from immis.core.grants import holders, may, require_grant
from immis.core.scope import own, visible
from immis.core.services import log_action, next_number
from immis.registry.models import Handover, Office, Post, User
from immis.rules.calendar import india_day
from immis.rules.catalogue import find
from immis.rules.people import ChargeFacts, EndFacts, HandoverFacts
from immis.rules.policy import book
from immis.rules.posts import chart

GIVE = "charge.give"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """From when until when a charge is held, whether beside another one, and by what order."""

    begins_at: datetime | None = None
    ends_at: datetime | None = None
    additional: bool = False
    reference: str = ""


def standing(at: datetime, *, of: str = "") -> Q:
    """Charges that are held at an instant; ``of`` is the path to the charge, with its two lines behind it."""
    begun = Q(**{f"{of}begins_at__isnull": True}) | Q(**{f"{of}begins_at__lte": at})
    left = Q(**{f"{of}ends_at__isnull": True}) | Q(**{f"{of}ends_at__gt": at})
    return Q(**{f"{of}active": True}) & begun & left


def charges(viewer: Actor, **filters: Any) -> QuerySet[Post]:
    """Charges in the offices that the viewer's post reaches, and his own; the newest first."""
    reach = visible(viewer, "charge.read", district="office__district")
    seen = reach | own(viewer, "user_id")
    return Post.objects.select_related("office", "user", "handover").filter(seen, **filters).order_by("-id")


def charge_of(viewer: Actor, pk: int) -> Post:
    """One charge. Raises NotFound unless the post may see it."""
    row = charges(viewer, pk=pk).first()
    if row is None:
        raise NotFound(f"charge {pk}")
    return row


def own_charges(user_id: int | None, *, at: datetime) -> list[Post]:
    """The charges that a person holds now, the substantive one first."""
    rows = Post.objects.select_related("office").filter(standing(at), user_id=user_id)
    return list(rows.order_by("additional", "id"))


def district_of(user: User) -> str:
    """The district of all charges that a person holds or held; empty (the State's) where there are several or none."""
    districts = set(Post.objects.filter(user=user).values_list("office__district", flat=True))
    return districts.pop() if len(districts) == 1 else ""


def is_standing(post: Post, at: datetime) -> bool:
    """Whether a charge is not over; one that begins later stands too."""
    return post.active and (post.ends_at is None or post.ends_at > at)


def charge_facts(user: User, office: Office, role: str, terms: Terms, *, by: Actor, at: datetime) -> ChargeFacts:
    """What speaks against giving a person this charge."""
    held = Post.objects.filter(user=user, office=office, role=role, active=True)
    return ChargeFacts(
        person=user.username,
        post=role,
        office=office.code,
        office_open=office.closed_at is None,
        can_log_in=user.is_active,
        acts_for_party=user.parties.exists() or user.authorities.filter(ended_at__isnull=True).exists(),
        holds_it=any(is_standing(row, at) for row in held),
        own=user.pk == by.user_id,
        additional=terms.additional,
        begins_at=terms.begins_at,
        ends_at=terms.ends_at,
    )


def require_post(role: str, office: Office) -> str:
    """The code of a post that is held in an office of this kind. Raises LookupError in words."""
    post = chart().post(role)
    if office.kind not in post.offices:
        held = f"offices of kind {', '.join(post.offices)}" if post.offices else "no office"
        raise LookupError(f"{post.code} is held in {held}; {office.code} is of kind {office.kind}")
    return post.code


@transaction.atomic
def give_charge(*, user: User, office: Office, role: str, by: Actor, at: datetime, terms: Terms | None = None) -> Post:
    """Give a person the charge of a post in an office; it holds from the next request on.

    Raises NotPermitted beyond the reach of the giver, Refusal (PPL-01), and LookupError for a post that there is not or
    that is not held in such an office.
    """
    terms = terms or Terms()
    role = require_post(role, office)
    require_grant(by, GIVE, district=office.district)
    User.objects.select_for_update().get(pk=user.pk)
    if findings := find("charge.give", charge_facts(user, office, role, terms, by=by, at=at), policy=book(), at=at):
        raise Refusal(findings)
    _clear(user, office, role)
    row = Post.objects.create(user=user, office=office, role=role, given_by=by.user_id, **_dated(terms, at))
    facts = {"post": role, "office": office.code, **{name: value for name, value in vars(terms).items() if value}}
    log_action("post.given", subject=("user", user.username), by=by, at=at, facts=facts)
    return row


def _dated(terms: Terms, at: datetime) -> dict[str, Any]:
    return {**vars(terms), "begins_at": terms.begins_at or at}


def _clear(user: User, office: Office, role: str) -> None:
    """A charge that is over by its date gives its place to the new one."""
    Post.objects.filter(user=user, office=office, role=role, active=True).update(active=False)


def ends_last(charge: Post, at: datetime) -> bool:
    """Whether nobody whose log-in works could give charges in the whole State once this one is over."""
    return is_last(charge.user_id, at, but=charge.pk)


def is_last(user_id: int, at: datetime, *, but: int | None = None) -> bool:
    """Whether this person alone can give charges in the whole State; ``but`` leaves one charge of his out only."""
    powers = [code for code in holders(GIVE) if chart().post(code).grants[GIVE] == "state"]
    able = Post.objects.filter(standing(at), role__in=powers, user__is_active=True)
    left = able.exclude(pk=but) if but else able.exclude(user_id=user_id)
    return able.filter(user_id=user_id).exists() and not left.exists()


def end_facts(charge: Post, by: Actor, at: datetime) -> EndFacts:
    """Whether a charge can be ended."""
    return EndFacts(charge.user.username, over=not is_standing(charge, at), last=ends_last(charge, at))


def handover_facts(charge: Post, by: Actor, at: datetime) -> EndFacts:
    """Whether a charge can be handed over: somebody holds it after that."""
    return EndFacts(charge.user.username, over=not is_standing(charge, at))


def appointed_to(charge: Post, at: datetime) -> QuerySet[Post]:
    """The same post in the same office as others hold it by an order, the newest first: who may take a charge over."""
    same = Post.objects.select_related("user").filter(standing(at), user__is_active=True)
    same = same.filter(office=charge.office, role=charge.role)
    return same.exclude(user_id=charge.user_id).exclude(given_by=charge.user_id).order_by("-id")


def successor_facts(charge: Post, successor: User, by: Actor, at: datetime) -> HandoverFacts:
    """Whether somebody was appointed to a charge that he would take over, or who hands over decides on it himself."""
    decides = by.user_id != charge.user_id and may(by, GIVE, district=charge.office.district)
    return HandoverFacts(successor.username, appointed_to(charge, at).filter(user=successor).exists(), decides)


def extend_facts(charge: Post, by: Actor, at: datetime) -> EndFacts:
    """Whether a charge can be extended: it has an end."""
    return EndFacts(charge.user.username, over=not is_standing(charge, at), endless=charge.ends_at is None)


def locked(charge: Post) -> Post:
    return Post.objects.select_for_update(of=("self",)).select_related("office", "user").get(pk=charge.pk)


@transaction.atomic
def end_charge(*, charge: Post, reason: str, reference: str, by: Actor, at: datetime) -> Post:
    """End a charge with reason and order; its holder sees nothing of it from the next request on.

    Raises NotPermitted, Refusal (PPL-02).
    """
    charge = locked(charge)
    require_grant(by, "charge.end", district=charge.office.district)
    if findings := find("charge.end", end_facts(charge, by, at), policy=book(), at=at):
        raise Refusal(findings)
    _over(charge, reason=reason, by=by, at=at)
    facts = {"post": charge.role, "office": charge.office.code, "reason": reason, "reference": reference}
    log_action("post.ended", subject=("user", charge.user.username), by=by, at=at, facts=facts)
    return charge


@transaction.atomic
def extend_charge(*, charge: Post, ends_at: datetime, reference: str, by: Actor, at: datetime) -> Post:
    """Let an additional charge last until another instant, by a new order. Raises NotPermitted, Refusal (PPL-01/02)."""
    charge = locked(charge)
    require_grant(by, GIVE, district=charge.office.district)
    late = ChargeFacts(charge.user.username, begins_at=charge.begins_at, ends_at=ends_at)
    findings = find("charge.end", extend_facts(charge, by, at), policy=book(), at=at)
    if findings := findings or find("charge.give", late, policy=book(), at=at):
        raise Refusal(findings)
    facts = {"post": charge.role, "office": charge.office.code, "before": charge.ends_at, "after": ends_at}
    charge.ends_at = ends_at
    charge.save(update_fields=["ends_at"])
    facts["reference"] = reference
    log_action("post.extended", subject=("user", charge.user.username), by=by, at=at, facts=facts)
    return charge


def _over(charge: Post, *, reason: str, by: Actor, at: datetime) -> None:
    charge.active, charge.ended_at, charge.ended_by, charge.reason = False, at, by.user_id, reason[:500]
    charge.save(update_fields=["active", "ended_at", "ended_by", "reason"])


@dataclass(frozen=True, kw_only=True)
class Handing:
    """How a charge goes over: to whom, by what order, with which remarks, and what is pending at that instant."""

    successor: User
    reference: str
    remarks: str = ""
    pending: Sequence[Any] = ()


@transaction.atomic
def hand_over(*, charge: Post, handing: Handing, by: Actor, at: datetime) -> Handover:
    """One instant: the old charge is over, the successor has it alone, and what was pending is kept with both names.

    The holder hands over to whom an order appointed; who gives charges, to anybody whom he may appoint. Raises
    NotPermitted, Refusal (PPL-01, PPL-02, PPL-12).
    """
    charge = locked(charge)
    if by.user_id != charge.user_id:
        require_grant(by, "charge.end", district=charge.office.district)
    taker = User.objects.select_for_update().get(pk=handing.successor.pk)
    findings = find("charge.end", handover_facts(charge, by, at), policy=book(), at=at)
    facts = successor_facts(charge, taker, by, at)
    if findings := findings or find("charge.hand_over", facts, policy=book(), at=at):
        raise Refusal(findings)
    held = appointed_to(charge, at).filter(user=taker).first() if facts.appointed else None
    successor = held or _given_over(charge, taker, handing.reference, by=by, at=at)
    _over(charge, reason=handing.remarks or handing.reference, by=by, at=at)
    return _kept(charge, successor, handing, by=by, at=at)


def _given_over(charge: Post, taker: User, reference: str, *, by: Actor, at: datetime) -> Post:
    """The charge as who gives charges gives it to the next person, on its own terms. Raises Refusal (PPL-01)."""
    office, role = charge.office, charge.role
    terms = Terms(ends_at=charge.ends_at, additional=charge.additional, reference=reference)
    taken = charge_facts(taker, office, role, terms, by=SYSTEM, at=at)
    if findings := find("charge.give", taken, policy=book(), at=at):
        raise Refusal(findings)
    _clear(taker, office, role)
    return Post.objects.create(user=taker, office=office, role=role, given_by=by.user_id, **_dated(terms, at))


def _kept(charge: Post, successor: Post, handing: Handing, *, by: Actor, at: datetime) -> Handover:
    year = india_day(at).year
    facts = {"post": charge.role, "office": charge.office.code, "to": successor.user.username}
    log_action("charge.handed_over", subject=("user", charge.user.username), by=by, at=at,
               facts={**facts, "reference": handing.reference, "pending": len(handing.pending)})  # fmt: skip
    return Handover.objects.create(
        number=f"HO-{year}-{next_number(f'handover-{year}'):04d}",
        charge=charge,
        successor=successor,
        reference=handing.reference,
        remarks=handing.remarks,
        pending=plain(list(handing.pending)),
        at=at,
        by=by.user_id,
    )


def handovers(viewer: Actor, **filters: Any) -> QuerySet[Handover]:
    """Handovers in the offices that the viewer's post reaches, and those that he was part of; the newest first."""
    reach = visible(viewer, "charge.read", district="charge__office__district")
    mine = own(viewer, "charge__user_id") | own(viewer, "successor__user_id")
    rows = Handover.objects.select_related("charge__user", "charge__office", "successor__user")
    return rows.filter(reach | mine, **filters)


def handover_of(viewer: Actor, number: str) -> Handover:
    """One handover by its number. Raises NotFound unless the viewer may see it."""
    row = handovers(viewer, number=number).first()
    if row is None:
        raise NotFound(f"handover {number}")
    return row


@transaction.atomic
def act_in(*, user_id: int, charge: Post, by: Actor, at: datetime) -> None:
    """Act in one of one's charges from the next request on. Raises NotFound for one that is not held."""
    if charge.user_id != user_id or charge.pk not in {row.pk for row in own_charges(user_id, at=at)}:
        raise NotFound(f"charge {charge.pk}")
    User.objects.filter(pk=user_id).update(acting=charge)


def appoint(
    *, user: User, office: Office, role: str, by: Actor = SYSTEM, at: datetime | None = None, reference: str = ""
) -> Post:
    """Give a user a post in an office, or leave it as it is where it is held already; for commands and rigs.

    Without an instant the charge has no beginning. Raises what ``give_charge`` raises.
    """
    now = at or clock.now()
    held = Post.objects.filter(standing(now), user=user, office=office, role=require_post(role, office)).first()
    if held is None:
        terms = Terms(reference=reference)
        held = give_charge(user=user, office=office, role=role, by=by, at=now, terms=terms)
        Post.objects.filter(pk=held.pk).update(begins_at=at)
        held.begins_at = at
    return held
