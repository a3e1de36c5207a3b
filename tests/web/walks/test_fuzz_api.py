"""Every field and every question of the API with the odd values of test_fuzz.py: words, never an error.

What is asked stands in the OpenAPI schema. Acts are sent to a record of their noun that there is, in a state where the
act is open to somebody, with a body that is right but for what is tried: so a service reads it, not its door alone.
"""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from immis.core import acts
from immis.core.errors import NotFound, NotPermitted
from immis.core.nouns import NOUNS
from immis.registry.models import User
from immis.registry.selectors import actor_of
from tests.settlement import treasury, world
from tests.transactions import undone
from tests.web.acts.test_act_walk import STATES, sample
from tests.web.twin import Twin, enter_visit
from tests.web.walks import test_fuzz as pages
from tests.web.walks.test_fuzz import PDF, PLAUSIBLE, VALUES, Reader, people

__all__ = ["people", "treasury", "world"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_people", "nothing_logged")]

JSON_VALUES = (
    *(json.dumps(value) for value in VALUES), "null", "true", "[]", "{}", "-1", "0.5", "1e999", "9" * 18, "9" * 400,
    "NaN", '{"a":' * 500 + "1" + "}" * 500,
)  # fmt: skip
#: What a field is given whose shape was tried: what a first check may let through, and what lies about a bound.
JSON_PLAUSIBLE = (
    *(json.dumps(value) for value in (*PLAUSIBLE, "a" * 121, "x" * 5000)), "null", "[]", "-1", "9" * 18,
)  # fmt: skip
#: Who calls, those who can do most first.
CALLERS = ("district", "hq", "party", "checkpost", "anybody")
#: Asked who he is and of which record, not what.
CLOSED = (401, 403, 404)
Fields = dict[str, dict[str, Any]]


class Familiar(pages.Familiar):
    """The same for the fields of bodies, whose kind is what the schema says of them."""

    def values(self, name: str, kind: str) -> tuple[str, ...]:
        """What a field is given at one more call."""
        return JSON_PLAUSIBLE if self.is_familiar(name, kind) else JSON_VALUES


FAMILIAR = Familiar()


@cache
def operations() -> list[tuple[str, str, dict[str, Any]]]:
    described = Client().get("/api/v1/openapi.json").json()
    schemas = described.get("components", {}).get("schemas", {})
    rows = []
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            name = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
            form = content.get("multipart/form-data", {}).get("schema", {}).get("properties", {})
            asked = [row["name"] for row in operation.get("parameters", []) if row["in"] == "query"]
            fields = schemas.get(name, {}).get("properties", {})
            rows.append((method, path, {"fields": fields, "form": form, "asked": asked}))
    return rows


#: Texts of the forms that fields have: the first that fits is sent.
FORMS = (
    "1",
    "2026-10-16",
    "2026-10-16T10:00:00+05:30",
    "9000000001",
    "25.3, 86.5\n25.3, 86.6\n25.4, 86.6",
    "0123456789",
)


def usual_body(fields: Fields, known: dict[str, Any]) -> dict[str, str]:
    """A body that is right, as JSON text of each field; ``known`` are values that name records."""
    return {name: json.dumps(known.get(name, usual_value(of))) for name, of in fields.items()}


def usual_value(schema: dict[str, Any]) -> Any:
    """What would usually be sent for a field of this schema; nothing where none of ``FORMS`` is its form."""
    schema = schema.get("anyOf", [schema])[0]
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if schema.get("type") == "array":
        return [usual_value(schema["items"])]
    if schema.get("type") == "string":
        return next((text for text in FORMS if re.search(schema.get("pattern", ""), text)), None)
    if schema.get("$ref", "").endswith("FileIn"):
        return {"name": "x.pdf", "content": base64.b64encode(PDF).decode()}
    return {"integer": 1, "boolean": True}.get(schema.get("type", ""))


def try_body(reader: Reader, address: str, usual: dict[str, str], change: dict[str, str]) -> tuple[int, set[str]]:
    """Send a body of JSON texts, some of them changed, and undo what it did; answers the status and what is unfit."""
    body = "{" + ", ".join(f'"{key}": {text}' for key, text in (usual | change).items()) + "}"
    with undone():
        answer = reader.client.post(address, body, content_type="application/json")
        reader.noted("POST", address, change, answer)
    faults = answer.json()["fields"] if answer.status_code == 422 else []
    return int(answer.status_code), _named(faults)


def _named(faults: Any) -> set[str]:
    """The fields that faults name: of a body one row each, of a register's values by their names."""
    return set(faults) if isinstance(faults, dict) else {part for row in faults for part in row["field"].split(".")}


def try_fields(reader: Reader, address: str, fields: Fields, usual: dict[str, str], *, is_open: bool = True) -> None:
    """Every value of every field.

    First all fields are odd at once, for its answer names each that does not fit the schema. What fits is sent
    together, and where that is not done, for a service may have refused it by the first that it read, each alone;
    not where an act is not open, for there no more of a body is read.
    """
    given = {name: FAMILIAR.values("", _shape(of)) for name, of in fields.items()}
    for turn in range(max(map(len, given.values()), default=0)):
        change = {name: values[(turn + 7 * place) % len(values)] for place, (name, values) in enumerate(given.items())}
        if len(change) > 1:
            status, unfit = try_body(reader, address, usual, change)
            fitting = {name: value for name, value in change.items() if name not in unfit} if is_open else {}
            if unfit and len(fitting) > 1:
                status, _unfit = try_body(reader, address, usual, fitting)
            change = {} if status == 200 else fitting
        for name, value in change.items():
            try_body(reader, address, usual, {name: value})


def _shape(schema: Any) -> str:
    """What a body's field may be, whatever it is called: two fields of one shape are read by the same code.

    How long a text may be, how great a number, and which words there are to choose from are figures of that code.
    """
    return json.dumps(_plain(schema))


def _plain(schema: Any) -> Any:
    """A schema without names and bounds, so that 120 letters or 300 are one shape."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: what for key, what in schema.items() if key not in ("title", "description", "default")}
    return {key: "…" if key in _BOUNDS else _plain(what) for key, what in kept.items()}


#: Figures in a schema: a value that lies about one of them is among those that every field is given.
_BOUNDS = ("maxLength", "minimum", "maximum", "enum")


# -- lists, single records, and what is sent to them


def test_no_call_of_the_api_ends_in_an_error(people):
    mine, users = people
    readers = [Reader(users[role]) for role in CALLERS]
    visit = enter_visit(users["district"])
    for method, path, of in operations():
        if is_of_act(path):
            continue
        address = address_of(path, mine, visit)
        if method == "get":
            unfit: set[str] = set()
            for reader in readers:
                try_questions(reader, path, address, of["asked"], unfit)
        elif reader := let_furthest(readers, address, usual := usual_body(of["fields"], known_to(mine))):
            try_fields(reader, address, of["fields"], usual)
            try_form(reader, address, of["form"])
    assert {role: reader.odd for role, reader in zip(CALLERS, readers, strict=True) if reader.odd} == {}


def is_of_act(path: str) -> bool:
    """Whether a call does a declared act to a record, or lists such acts."""
    return "/acts" in path and "{act}" not in path


def address_of(path: str, mine: Twin, visit: str) -> str:
    """The address of a call for the record that there is."""
    own = {
        "/api/v1/vehicles/": mine.rows["vehicle"].registration, "/api/v1/entries/": visit, "{name}": "visitors",
        "{kind}": "vehicle", "{act}": "meet" if "/entries/" in path else "enter",
    }  # fmt: skip
    for part, value in own.items():
        path = path.replace(part, value) if part in ("{name}", "{kind}", "{act}") else path
        path = re.sub(r"\{\w+\}", value, path) if path.startswith(part) else path
    return re.sub(r"\{\w+\}", mine.rows["lease"].number, path)


def known_to(mine: Twin) -> dict[str, Any]:
    """What a body that is right names."""
    visit = {"came_at": "2026-10-16T10:15", "visitor": "Ram", "purpose": "application"}
    return {
        "lease": mine.rows["lease"].number, "vehicle": mine.rows["vehicle"].registration, "key": "0123456789",
        "place": mine.rows["place"].code, "quantity_m3": "5", "driver_name": "D", "values": visit, "revision": None,
    }  # fmt: skip


def let_furthest(readers: list[Reader], address: str, usual: dict[str, str]) -> Reader | None:
    """By whom a call is taken, else refused by more than its door: what reads its fields is the same for all."""
    statuses = [try_body(reader, address, usual, {})[0] for reader in readers]
    let_in = [(status == 409, reader) for status, reader in zip(statuses, readers, strict=True) if status not in CLOSED]
    return min(let_in, key=lambda caller: caller[0])[1] if let_in else None


def try_form(reader: Reader, address: str, form: Fields) -> None:
    """Every value of every text that comes beside a file."""
    for name in (name for name, of in form.items() if of.get("format") != "binary"):
        for value in VALUES:
            reader.post(address, {"file": SimpleUploadedFile("x.csv", b"registration\nBR01G1"), name: value})


def try_questions(reader: Reader, path: str, address: str, asked: list[str], unfit: set[str]) -> None:
    """Every value for what a call asks in its address, and for the name of its record, as far as it is asked at all.

    ``unfit`` has the names that no record can have, as one caller has learned for all.
    """
    if reader.get(address).status_code in (401, 403):
        return
    for change in pages.changes(dict.fromkeys(asked, "api"), asked) if asked else ():
        reader.get(address, change)
    for value in VALUES if "{" in path else ():
        if value not in unfit:
            answer = reader.get(re.sub(r"\{\w+\}", quote(pages._sent(value), safe=""), path))
            if answer.status_code in (404, 422):
                unfit.add(value)


# -- acts on records


WALKS = [pytest.param(noun, build, id=f"{noun}-{build.__name__}") for noun in STATES for build in STATES[noun]]
#: Acts that were tried: where they are open, else where their noun's last state is.
TRIED: set[str] = set()


@pytest.mark.parametrize(("noun", "build"), WALKS)
def test_no_act_of_the_api_ends_in_an_error(world, at, noun, build):
    left = [act for act in acts.acts_of(noun) if act.name not in TRIED]
    if not left:  # an earlier state had them all
        return
    number = NOUNS[noun].number(build(world, at))
    is_last = build is STATES[noun][-1]
    for act in left:
        taker = taker_of(act, number, at())
        if taker is None:  # nobody who holds it may see the record yet
            assert not is_last, act.name
            continue
        user, usual, is_open = taker
        if is_open or is_last:
            TRIED.add(act.name)
            reader, (door, fields) = Reader(user), door_of(act)
            try_act(reader, door.replace("{number}", number), fields, usual, is_open=is_open)
            assert reader.odd == [], act.name


def taker_of(act: acts.Act, number: str, at: datetime) -> tuple[Any, dict[str, Any], bool] | None:
    """Who does an act: somebody to whom it is open, else who may see it; the body, and whether it is open.

    None where nobody who holds it may see the record.
    """
    offers = []
    for user, offer in offers_of(act, number, at):
        if offer.open:
            return user, sample(offer), True
        offers.append((user, offer))
    if not offers:
        return None
    user, offer = offers[0]
    return user, sample(offer), False


def offers_of(act: acts.Act, number: str, at: datetime) -> Iterator[tuple[User, acts.Offer]]:
    """The act before everybody who holds its grant and may see the record."""
    for user in User.objects.order_by("pk"):
        with suppress(NotFound, NotPermitted):
            yield user, acts.offer_of(act.name, "" if act.opens else number, by=actor_of(user), at=at)


def door_of(act: acts.Act) -> tuple[str, Fields]:
    (row,) = ((path, of["fields"]) for _method, path, of in operations() if path.endswith(f"/acts/{act.name}"))
    return row


def try_act(reader: Reader, address: str, fields: Fields, usual: dict[str, Any], *, is_open: bool) -> None:
    body = {name: json.dumps(value) for name, value in usual.items()}
    status, _unfit = try_body(reader, address, body, {})
    assert status not in CLOSED, address
    try_fields(reader, address, fields, body, is_open=is_open)
