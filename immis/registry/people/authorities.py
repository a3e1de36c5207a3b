"""Who acts for a party besides its own log-ins: authorised persons, and operators within limits (clause 42(viii))."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, Refusal
from immis.core.grants import require_grant
from immis.core.scope import visible
from immis.core.services import log_action
from immis.registry.models import Authority, Party, User
from immis.registry.people.charges import own_charges
from immis.rules.catalogue import find
from immis.rules.people import AuthorityFacts, StandingFacts
from immis.rules.policy import book


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What an operator may do: acts, settlements by number (none: all), e-challans a day (None: any), until when."""

    grants: Sequence[str] = ()
    leases: Sequence[str] = ()
    challans_a_day: int | None = None
    ends_at: datetime | None = None
    reference: str = ""


def authorities(viewer: Actor, **filters: Any) -> QuerySet[Authority]:
    """Whom parties authorised, as far as the viewer's post reaches: a party its own; the newest first."""
    rows = Authority.objects.select_related("party", "user").filter(**filters)
    return rows.filter(visible(viewer, "authority.read", district="", party="party_id"))


def authority_of(viewer: Actor, pk: int) -> Authority:
    """One authority. Raises NotFound unless the viewer may see it."""
    row = authorities(viewer, pk=pk).first()
    if row is None:
        raise NotFound(f"authority {pk}")
    return row


def is_standing(authority: Authority, at: datetime) -> bool:
    """Whether an authority counts now."""
    return authority.ended_at is None and (authority.ends_at is None or authority.ends_at > at)


def authority_facts(user: User, limits: Limits, at: datetime) -> AuthorityFacts:
    """What speaks against letting a person act for a party."""
    others = Authority.objects.filter(user=user, ended_at__isnull=True)
    return AuthorityFacts(
        person=user.username,
        in_office=bool(own_charges(user.pk, at=at)),
        acts_already=user.parties.exists() or any(is_standing(row, at) for row in others),
        ends_at=limits.ends_at,
    )


def standing_facts(authority: Authority, by: Actor, at: datetime) -> StandingFacts:
    """Whether an authority can still be bounded or ended."""
    return StandingFacts(authority.user.username, is_standing(authority, at))


def own_party(by: Actor) -> Party:
    """The party of who names its people. Raises NotFound for who acts for none."""
    party = Party.objects.filter(pk=by.party_id or 0).first()
    if party is None:
        raise NotFound("party")
    return party


@transaction.atomic
def give_authority(*, user: User, kind: str, limits: Limits, by: Actor, at: datetime) -> Authority:
    """Let a person act for one's own party, as its authorised person or as its operator within limits.

    Raises NotPermitted, Refusal (PPL-06).
    """
    require_grant(by, "authority.give")
    party = own_party(by)
    user = User.objects.select_for_update().get(pk=user.pk)
    if findings := find("authority.give", authority_facts(user, limits, at), policy=book(), at=at):
        raise Refusal(findings)
    over = Authority.objects.filter(user=user, ended_at__isnull=True)
    over.update(ended_at=at, ended_by=by.user_id)  # over by their date
    row = Authority(party=party, user=user, kind=kind, begins_at=at, given_by=by.user_id)
    _bound(row, limits)
    facts = {"user": user.username, "kind": kind, **_shown(row)}
    log_action("authority.given", subject=("party", party.code), by=by, at=at, facts=facts)
    return row


def _bound(row: Authority, limits: Limits) -> None:
    whole = row.kind == Authority.AUTHORISED
    row.grants, row.leases = ([], []) if whole else (sorted(limits.grants), sorted(limits.leases))
    row.challans_a_day = None if whole else limits.challans_a_day
    row.ends_at, row.reference = limits.ends_at, limits.reference
    row.save()


def _shown(row: Authority) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("grants", "leases", "challans_a_day", "ends_at", "reference")}


def _locked(authority: Authority, by: Actor, at: datetime) -> Authority:
    row = Authority.objects.select_for_update(of=("self",)).select_related("party", "user").get(pk=authority.pk)
    require_grant(by, "authority.give")
    if by.party_id != row.party_id:
        raise NotFound(f"authority {row.pk}")
    if findings := find("authority.end", standing_facts(row, by, at), policy=book(), at=at):
        raise Refusal(findings)
    return row


@transaction.atomic
def limit_authority(*, authority: Authority, limits: Limits, by: Actor, at: datetime) -> Authority:
    """Widen or narrow what an operator may do; what it was before stands in the log. Raises Refusal (PPL-07)."""
    row = _locked(authority, by, at)
    before = _shown(row)
    _bound(row, limits)
    facts = {"user": row.user.username, "before": before, "after": _shown(row)}
    log_action("authority.limited", subject=("party", row.party.code), by=by, at=at, facts=facts)
    return row


@transaction.atomic
def end_authority(*, authority: Authority, reason: str, by: Actor, at: datetime) -> Authority:
    """End an authority; the person acts for the party no more from the next request on. Raises Refusal (PPL-07)."""
    row = _locked(authority, by, at)
    row.ended_at, row.ended_by, row.reason = at, by.user_id, reason
    row.save(update_fields=["ended_at", "ended_by", "reason"])
    facts = {"user": row.user.username, "reason": reason}
    log_action("authority.ended", subject=("party", row.party.code), by=by, at=at, facts=facts)
    return row


@transaction.atomic
def enter_representative(*, name_en: str, name_hi: str, email: str, by: Actor, at: datetime) -> User:
    """Enter a person who is to act for one's own party, under a user ID that is made for him."""
    require_grant(by, "authority.give")
    user = User(username=_unused(), name_en=name_en, name_hi=name_hi, email=email)
    user.set_unusable_password()
    user.save(force_insert=True)
    log_action("user.entered", subject=("user", user.username), by=by, at=at, facts={"party": own_party(by).code})
    return user


def _unused() -> str:
    while True:
        name = f"P{secrets.randbelow(10**8):08d}"
        if not User.objects.filter(username=name).exists():
            return name
