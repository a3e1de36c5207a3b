"""Declared registers: their schemas, entries and acts, by the same services as the pages."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from immis import clock
from immis.core.errors import NotFound
from immis.registers import selectors, services
from immis.registers.declaration import Act, Register
from immis.registers.schemas import act_schema
from immis.rules.calendar import india_day
from immis.web.api.answers import ACTS, SIGNED_IN, BadInputOut
from immis.web.api.security import Text, actor, signed_in

router = Router(tags=["registers"])


class RegisterOut(Schema):
    """A register in which the caller's post has an act."""

    name: str
    title: dict[str, str]
    version: str
    acts: list[str]


class EntryOut(Schema):
    """One entry: values are those that the caller may see; ``acts`` fit now for the caller's post."""

    number: str
    register_name: str
    version: str
    state: str
    revision: int
    entered_at: datetime
    due_at: datetime | None
    values: dict[str, Any]
    acts: list[str]


class ActIn(Schema):
    """An act's values by field; ``revision`` is the one that was read; the same ``key`` again answers the first."""

    values: dict[str, Any] = Field(default_factory=dict)
    revision: int | None = None
    reason: Text = Field("", max_length=1000)
    key: Text | None = Field(None, max_length=80)


class FaultsOut(Schema):
    """Values that cannot be taken: by field what is wrong and what is allowed."""

    error: str
    fields: dict[str, dict[str, Any]]


#: What an act on an entry may answer.
_DONE: dict[Any, Any] = {201: EntryOut, **ACTS, 422: FaultsOut | BadInputOut}


def _register(request: HttpRequest, name: str) -> Register:
    return selectors.register_of(name, actor(request), india_day(clock.now()))


def _out(request: HttpRequest, entry: Any, register: Register) -> dict[str, Any]:
    by = actor(request)
    return {
        "number": entry.number,
        "register_name": entry.register,
        "version": entry.version,
        "state": entry.state,
        "revision": entry.revision,
        "entered_at": entry.entered_at,
        "due_at": entry.due_at,
        "values": selectors.shown_values(by, entry, register),
        "acts": [act.name for act in services.acts_now(register, entry, by)],
    }


@router.get("/registers", response={200: list[RegisterOut], **SIGNED_IN}, auth=signed_in)
def registers(request: HttpRequest) -> list[Any]:
    """The registers in which the caller's post has an act."""
    known = selectors.registers_of(actor(request), india_day(clock.now()))
    return [{"name": r.name, "title": r.title, "version": r.version, "acts": list(r.acts)} for r in known]


@router.get("/registers/{name}/schema", response={200: dict[str, Any], **SIGNED_IN}, auth=signed_in)
def schema(request: HttpRequest, name: str) -> dict[str, Any]:
    """The JSON Schema of the values of each act of a register."""
    register = _register(request, name)
    return {act.name: act_schema(register, act) for act in register.acts.values()}


@router.get("/registers/{name}/entries", response={200: list[EntryOut], **SIGNED_IN}, auth=signed_in)
def entries(
    request: HttpRequest,
    name: str,
    state: str = Query("", max_length=40),
    q: str = Query("", max_length=100),
    limit: int = Query(100, ge=1, le=1000),
) -> list[Any]:
    """The newest entries of a register that the caller may see."""
    register = _register(request, name)
    rows = selectors.entries(actor(request), register, selectors.Find(state=state, text=q))[:limit]
    return [_out(request, row, selectors.version_of(row)) for row in rows]


@router.get("/entries/{number}", response={200: EntryOut, **SIGNED_IN}, auth=signed_in)
def entry(request: HttpRequest, number: str) -> Any:
    """One entry."""
    return _out(request, *selectors.entry_of(number, actor(request)))


@router.post("/registers/{name}/acts/{act}", response=_DONE, auth=signed_in)
def begin(request: HttpRequest, name: str, act: str, body: ActIn) -> Any:
    """Make an entry by an act; 409 with its findings when the act does not fit."""
    register = _register(request, name)
    return _done(request, register, _act(register, act, makes=True), body, None)


@router.post("/entries/{number}/acts/{act}", response=_DONE, auth=signed_in)
def do(request: HttpRequest, number: str, act: str, body: ActIn) -> Any:
    """Do an act to an entry; 409 with its findings when it does not fit its state or another changed it meanwhile."""
    row, register = selectors.entry_of(number, actor(request))
    return _done(request, register, _act(register, act, makes=False), body, row)


def _act(register: Register, name: str, *, makes: bool) -> Act:
    act = register.acts.get(name)
    if act is None or bool(act.start) == makes:
        raise NotFound(f"act {name}")
    return act


def _done(request: HttpRequest, register: Register, act: Act, body: ActIn, row: Any) -> Any:
    by = actor(request)
    key = f"api:{by.user_id}:{body.key}" if body.key else None
    given = services.Given(body.values, body.revision, body.reason, key)
    try:
        entry = services.do_act(register=register, act=act, given=given, by=by, at=clock.now(), entry=row)
    except services.Unfit as unfit:
        fields = {name: {"code": code, "allowed": allowed} for name, (code, allowed) in unfit.faults.items()}
        return Status(422, {"error": "unfit", "fields": fields})
    return Status(201, _out(request, entry, register))
