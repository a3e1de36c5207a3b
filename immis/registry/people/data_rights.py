"""What a person may ask of the data that is kept of them: to see it, to have it corrected or erased, to complain.

Digital Personal Data Protection Act 2023, sections 11 to 14; what may be erased says RET-20.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.grants import may, require_grant
from immis.core.scope import EVERYTHING, own
from immis.core.selectors import ActionLog, lines_about, looks
from immis.core.services import log_action, next_number
from immis.messaging.selectors import inbox
from immis.registry.models import Authority, DataRequest, LoginOrder, Party, Post, User, Vehicle
from immis.registry.people.charges import own_charges
from immis.rules.calendar import india_day
from immis.rules.catalogue import find
from immis.rules.people import StandingFacts
from immis.rules.policy import book

KINDS = ("correction", "erasure", "grievance")
_OF_PARTY = ("code", "kind", "name_en", "name_hi", "pan", "gstin", "email", "phone", "address", "bank_account")
_OF_CHARGE = ("begins_at", "ends_at", "additional", "reference", "active", "ended_at", "reason")
_OF_REQUEST = ("number", "kind", "text", "asked_at", "due_at", "state", "answer", "answered_at")
#: What other parts keep of a person, by the name that the file gives it; each says so for one user and his parties.
KEPT: dict[str, Callable[[User, list[int]], list[dict[str, Any]]]] = {}


def keeps(name: str) -> Callable[..., Any]:
    """Declare what a part keeps of a person, for the file that he takes along."""

    def keep(rows: Callable[[User, list[int]], list[dict[str, Any]]]) -> Any:
        KEPT[name] = rows
        return rows

    return keep


def requests(viewer: Actor, **filters: Any) -> QuerySet[DataRequest]:
    """Requests about data: everybody his own, who answers them all; the newest first."""
    rows = DataRequest.objects.select_related("user").filter(**filters)
    return rows.filter(_reached(viewer))


def _reached(viewer: Actor) -> Q:
    if may(viewer, "data_request.answer"):
        return EVERYTHING
    return own(viewer, "user_id")


def request_of(viewer: Actor, number: str) -> DataRequest:
    """One request by its number. Raises NotFound unless the viewer may see it."""
    row = requests(viewer, number=number).first()
    if row is None:
        raise NotFound(f"request {number}")
    return row


def standing_facts(request: DataRequest, by: Actor, at: datetime) -> StandingFacts:
    """Whether a request waits for its answer."""
    return StandingFacts(request.number, request.state == DataRequest.OPEN)


def _asker(by: Actor) -> User:
    """The record of who asks. Raises NotPermitted for who is not signed in."""
    user = User.objects.filter(pk=by.user_id or 0).first()
    if user is None:
        raise NotPermitted("nobody is signed in")
    return user


@transaction.atomic
def make_request(*, kind: str, text: str, by: Actor, at: datetime) -> DataRequest:
    """Ask for a correction or an erasure of one's own data, or complain; answered within the days of PPL-09."""
    require_grant(by, "data_request.make")
    user = _asker(by)
    year = india_day(at).year
    log_action("data_request.made", subject=("user", user.username), by=by, at=at, facts={"kind": kind})
    return DataRequest.objects.create(
        number=f"DR-{year}-{next_number(f'data-request-{year}'):04d}",
        user=user,
        kind=kind,
        text=text,
        asked_at=at,
        due_at=at + timedelta(days=int(book().value("PPL-09", at))),
    )


@transaction.atomic
def answer_request(*, data_request: DataRequest, granted: bool, answer: str, by: Actor, at: datetime) -> DataRequest:
    """Answer a request with reasons; where an erasure is granted, what nothing needs any more goes (RET-20).

    Raises NotPermitted, Refusal (PPL-10).
    """
    require_grant(by, "data_request.answer")
    row = DataRequest.objects.select_for_update(of=("self",)).select_related("user").get(pk=data_request.pk)
    if findings := find("data_request.answer", standing_facts(row, by, at), policy=book(), at=at):
        raise Refusal(findings)
    if granted and row.kind == "erasure":
        row.erased = _erase(row.user, at=at)
    row.state = DataRequest.GRANTED if granted else DataRequest.REFUSED
    row.answer, row.answered_at, row.answered_by = answer, at, by.user_id
    row.save()
    facts = {"number": row.number, "kind": row.kind, "state": row.state, "erased": row.erased, "answer": answer}
    log_action("data_request.answered", subject=("user", row.user.username), by=by, at=at, facts=facts)
    return row


def erasable(user: User, *, at: datetime) -> list[str]:
    """The fields that RET-20 lets go: of who holds a charge none, and of a party none while it is used."""
    fields = [str(name) for name in book().value("RET-20", at)]
    if own_charges(user.pk, at=at) or user.parties.exists():
        return []
    return [name for name in fields if getattr(user, name, "")]


def _erase(user: User, *, at: datetime) -> list[str]:
    gone = erasable(user, at=at)
    for name in gone:
        setattr(user, name, "")
    if gone:
        user.save(update_fields=gone)
    return gone


def looks_at(party_ids: list[int]) -> QuerySet[ActionLog]:
    """Who looked at the trails of parties' vehicles, the newest first. The caller has checked whose they are."""
    marks = Vehicle.objects.filter(owner_id__in=party_ids).values("registration")
    return looks(subject_kind="vehicle", subject_id__in=marks)


def parties_of(user: User) -> list[int]:
    """The parties that a person's log-in is the own one of."""
    return list(user.parties.order_by("pk").values_list("pk", flat=True))


def kept_of(user: User) -> dict[str, Any]:
    """Everything that is kept of one person, by what it is, for a file. The caller has checked who asks.

    Passwords are kept as a hash only and are left out; of the action log it holds what he did and what was done to him.
    """
    ids = parties_of(user)
    own = ("username", "name_en", "name_hi", "email", "language", "is_active", "date_joined", "last_login")
    log = lines_about(user.pk, user.username)
    rows: dict[str, Any] = {
        "person": {name: getattr(user, name) for name in own},
        "parties": list(Party.objects.filter(pk__in=ids).values(*_OF_PARTY)),
        "charges": list(Post.objects.filter(user=user).values("office__code", "role", *_OF_CHARGE)),
        "login_orders": list(LoginOrder.objects.filter(user=user).values("state", "reason", "reference", "at")),
        "authorities": list(Authority.objects.filter(user=user).values("party__code", "kind", "grants", "leases")),
        "data_requests": list(DataRequest.objects.filter(user=user).values(*_OF_REQUEST)),
        "looks_at_my_vehicles": list(looks_at(ids).values("at", "subject_id", "role", "facts")),
        "action_log": list(log.order_by("seq").values("seq", "at", "code", "subject_kind", "subject_id", "facts")),
    }
    return rows | {name: rows_of(user, ids) for name, rows_of in KEPT.items()}


@transaction.atomic
def take_along(*, by: Actor, at: datetime) -> Mapping[str, Any]:
    """Everything that is kept of who asks, for the file that he takes along; that it was taken stands in the log."""
    require_grant(by, "data_request.make")
    user = _asker(by)
    log_action("data.exported", subject=("user", user.username), by=by, at=at, facts={})
    letters = inbox(by).values("at", "template", "facts", "read_at") if by.is_party else ()
    return kept_of(user) | {"messages": list(letters)}
