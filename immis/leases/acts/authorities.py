"""Whom a settlee lets act for him: authorised persons, and operators within limits (clauses 42(viii), 42(xxxii))."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.nouns import Page
from immis.leases.selectors import leases
from immis.registry.people import authorities, logins
from immis.registry.people.acts import EMAIL, REASON, end_of_day, read_person
from immis.registry.selectors import Authority
from immis.rules.policy import book
from immis.rules.posts import chart

KINDS = (
    (Authority.OPERATOR, _("Operator, within limits")),
    (Authority.AUTHORISED, _("Authorised person, for everything")),
)


def _acts(row: Authority | None, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    names = book().value("PPL-06", at)["acts"]
    return [(name, chart().grant(name).title) for name in names]


def _leases(row: Authority | None, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    return [(lease.number, lease.number) for lease in leases(by)]


def _held(name: str) -> Any:
    return lambda row, by, at: getattr(row, name) if row else None


def _is_operator(row: Authority | None, by: Actor, at: datetime) -> bool:
    return row is None or row.kind == Authority.OPERATOR


LIMITS = (
    Field(
        "grants",
        "choices",
        _("What an operator may do"),
        required=False,
        choices=_acts,
        initial=_held("grants"),
        asked=_is_operator,
    ),
    Field(
        "leases",
        "choices",
        _("For which settlements (none ticked: all)"),
        required=False,
        choices=_leases,
        initial=_held("leases"),
        asked=_is_operator,
    ),
    Field(
        "challans_a_day",
        "number",
        _("E-challans a day at most (empty: no limit)"),
        required=False,
        least=1,
        most=100_000,
        initial=_held("challans_a_day"),
        asked=_is_operator,
    ),
    Field("ends_at", "day", _("Last day"), required=False, read=end_of_day),
)


@transaction.atomic
def name_new(*, name_en: str, name_hi: str, email: str, kind: str, by: Actor, at: datetime, **limits: Any) -> Any:
    """Enter a person and let him act for one's own party; answers the authority with his first password."""
    user = authorities.enter_representative(name_en=name_en, name_hi=name_hi, email=email, by=by, at=at)
    row = authorities.give_authority(user=user, kind=kind, limits=authorities.Limits(**limits), by=by, at=at)
    row.password = logins.made_password(user, reason="authority.give", by=by, at=at).password
    return row


def _told(row: Any) -> str:
    words = _("First password of %(username)s, shown only now: %(password)s")
    return str(words) % {"username": row.user.username, "password": row.password}


def _name(*, username: Any, kind: str, by: Actor, at: datetime, **limits: Any) -> Authority:
    return authorities.give_authority(user=username, kind=kind, limits=authorities.Limits(**limits), by=by, at=at)


def _limit(*, authority: Authority, by: Actor, at: datetime, **limits: Any) -> Authority:
    return authorities.limit_authority(authority=authority, limits=authorities.Limits(**limits), by=by, at=at)


def _page(row: Authority) -> Page:
    return Page("settlee_person", (str(row.pk),))


_STANDS = (Gate("authority.end", authorities.standing_facts),)
_KIND = Field("kind", "choice", _("As what"), choices=KINDS)
declare(
    Act(
        "authority.name_new",
        _("Enter a person and authorise him"),
        "PPL-06",
        name_new,
        (
            Field("name_hi", "text", _("Name in Hindi"), max_length=120),
            Field("name_en", "text", _("Name in English"), max_length=120),
            EMAIL,
            _KIND,
            *LIMITS,
        ),
        done=_told,
        leads_to=_page,
        opens=True,
        shared_grant="authority.give",
    ),
    Act(
        "authority.give",
        _("Authorise somebody who has a user name"),
        "PPL-06",
        _name,
        (Field("username", "text", _("User name"), max_length=60, read=read_person), _KIND, *LIMITS),
        done=_("The person acts for you from the next page on."),
        leads_to=_page,
        opens=True,
    ),
    place="new",
)
declare(
    Act(
        "authority.limit",
        _("Change the limits"),
        "PPL-08",
        _limit,
        LIMITS,
        fits=_STANDS,
        done=_("The new limits hold from the next page on."),
        shared_grant="authority.give",
    ),
    Act(
        "authority.end",
        _("End the authority"),
        "PPL-07",
        authorities.end_authority,
        (REASON,),
        fits=_STANDS,
        ends=_("I know that the person acts for us no more."),
        done=_("The authority is over."),
        shared_grant="authority.give",
    ),
    place="authority",
)
