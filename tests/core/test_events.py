"""What is told is declared: kinds, payloads, words, nouns; what is not declared is refused, and nothing is idle."""

import ast
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import get_type_hints

import pytest
from django.utils import translation

import immis
from immis.core.events import (
    EVENTS,
    NotDeclared,
    Payload,
    declared,
    event,
    gatherer_of,
    names_of,
    problems,
    read,
    shared,
)
from immis.core.models import OutboxEvent
from immis.core.nouns import NOUNS, page_of
from immis.core.services import emit
from immis.rules import catalogue
from immis.tracking.events import GatewayNews
from immis.web.enforcement.words import subject_link
from tests.examples import example

AT = datetime(2026, 10, 16, 6, 30, tzinfo=UTC)
SOURCE = Path(immis.__file__).parent
#: where a kind is a word of its own: the rules, which may not know the domains, and what makes the gateway's news
APART = ("rules", "gateway", "bench")


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).parts
        if "migrations" not in parts and parts[0] not in APART:
            yield path, ast.parse(path.read_text(encoding="utf8"))


def _declares(path: Path) -> bool:
    return path.name == "events.py" or path.parent.name == "events"


def test_the_declarations_hold_together():
    assert problems() == []


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_every_event_has_words_in_both_languages(kind):
    names = names_of(kind)
    assert names["en"] and names["hi"] and names["en"] != names["hi"] and names["en"] != kind


def _logged() -> set[str]:
    """The codes under which steps are written into the action log, as they stand in the calls."""
    return {
        part.value
        for _path, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node.args
        if getattr(node.func, "id", getattr(node.func, "attr", "")) in ("log_action", "log_actions", "_log", "_note")
        for part in ast.walk(node.args[0])
        if isinstance(part, ast.Constant) and re.fullmatch(r"[a-z_]+[.][a-z_]*[a-z]", str(part.value))
    }


def test_every_step_of_the_log_has_words_in_both_languages():
    names = {code: names_of(code) for code in sorted(_logged())}
    assert len(names) > 80, "the calls are no longer found"
    assert [code for code, row in names.items() if code == row["en"] or row["en"] == row["hi"]] == []


def test_every_trigger_waits_for_a_declared_event():
    catalogue.load_all()
    assert {code: one.on for code, one in catalogue.TRIGGERS.items() if one.on not in EVENTS} == {}


def test_an_event_has_what_its_triggers_must_know():
    """Fields without a default: the payload has them, or a gatherer that asks the records."""
    catalogue.load_all()
    lacking = []
    for code, one in catalogue.TRIGGERS.items():
        cls = EVENTS[one.on]
        if cls.SPREAD or gatherer_of(cls) is not None:
            continue
        known = {field.name for field in fields(cls)}
        facts = get_type_hints(one.function)[one.function.__code__.co_varnames[0]]
        needed = {f.name for f in fields(facts) if f.default is MISSING and f.default_factory is MISSING}
        lacking += [f"{code} needs {name} of {one.on}" for name in sorted(needed - known)]
    assert lacking == []


def _occasions(tree: ast.Module) -> set[int]:
    """Words that name an occasion of the rule book, which may be called as an event is."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    return {id(call.args[0]) for call in calls if getattr(call.func, "id", "") in ("Gate", "find", "check")}


def test_no_kind_is_a_loose_string():
    loose = [
        f"{path.relative_to(SOURCE)}:{node.lineno} {node.value}"
        for path, tree in _modules()
        if not _declares(path)
        for occasions in [_occasions(tree)]
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in EVENTS and id(node) not in occasions
    ]
    assert loose == []


def test_the_pages_name_declared_events():
    kinds = {
        found
        for path in [*SOURCE.rglob("static/js/*.js"), *SOURCE.rglob("templates/**/*.html")]
        for found in re.findall(r'"(\w+\.\w+)"', path.read_text(encoding="utf8"))
        if found.startswith(("device.", "vehicle.", "trip."))
    }
    assert "device.emergency" in kinds and kinds <= set(EVENTS)


def _gateway_kinds() -> set[str]:
    """Kinds that stand in the gateway, or that it puts together from a word it has."""
    kinds = set()
    for path in (SOURCE / "gateway").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                kinds |= {node.value, f"device.command_{node.value}"}
    return kinds


def test_every_event_is_told_by_somebody():
    named = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for path, tree in _modules()
        if not _declares(path)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
    }
    gateway = _gateway_kinds()
    idle = [
        kind
        for kind, cls in EVENTS.items()
        if not (kind in gateway if issubclass(cls, GatewayNews) else cls.__name__ in named)
    ]
    assert idle == []


def test_what_nobody_declared_is_refused(db):
    @shared
    class Stranger(Payload):
        lease: str

    for stranger in (Stranger(lease="L"), "receipt.verified"):
        with pytest.raises(NotDeclared):
            emit(stranger, subject=("lease", "L"), at=AT)
    with pytest.raises(NotDeclared, match="receipt.lost"):
        declared("receipt.lost")
    assert not OutboxEvent.objects.exists()


def test_a_kind_is_declared_once():
    with pytest.raises(ValueError, match="declared already"):
        event("receipt.verified", "again", about="lease")(type("Again", (Payload,), {}))


@pytest.mark.parametrize(
    ("facts", "fault"),
    [({"notice": "N-1"}, TypeError), ({"since": AT.date(), "colour": "red"}, TypeError)],
    ids=["a field is missing", "a field is unknown"],
)
def test_a_payload_with_other_fields_is_refused(facts, fault):
    whole = {field.name: "" for field in fields(declared("lease.pits_due"))} if "colour" in facts else {}
    with pytest.raises(fault):
        declared("lease.pits_due").of(whole | facts)


@pytest.mark.parametrize(
    ("kind", "facts", "subject", "fault"),
    [
        ("demand.raised", {"amount_paise": "much"}, ("lease", "L"), TypeError),
        ("demand.raised", {"due_on": "some day"}, ("lease", "L"), TypeError),
        ("demand.raised", {}, ("vehicle", "BR08G1234"), NotDeclared),
    ],
)
def test_a_value_of_another_type_or_noun_is_not_told(db, kind, facts, subject, fault):
    with pytest.raises(fault):
        emit(example(kind, **facts), subject=subject, at=AT)
    assert not OutboxEvent.objects.exists()


def test_a_payload_comes_back_from_the_record_with_its_types(db):
    told = example(
        "challan.completed",
        challan="MUN-26-000001",
        quantity_m3=Decimal("4.50"),
        issued_at=AT,
        arrived_at=AT,
        late=True,
    )
    emit(told, subject=("challan", "MUN-26-000001"), at=AT)
    kept = read(OutboxEvent.objects.get())
    assert kept == told
    assert (type(kept.quantity_m3), type(kept.arrived_at), str(kept.quantity_m3)) == (Decimal, datetime, "4.50")


def test_what_an_order_adds_stands_beside_and_comes_back(db):
    facts = {"district": "Munger", "until_on": date(2026, 12, 1)}
    told = example("hold.started", rule_code="HLD-03", stops="challans", subject_kind="vehicle", **facts)
    emit(told, subject=("vehicle", "BR08G1234"), at=AT)
    row = OutboxEvent.objects.get()
    assert (row.facts["district"], row.facts["rule_code"]) == ("Munger", "HLD-03")
    assert "cause_facts" not in row.facts and read(row).cause_facts["district"] == "Munger"


def test_a_name_that_python_reserves_keeps_its_name_in_the_record(db):
    emit(example("register.acted", **{"from": "open", "to": "shut"}), subject=("entry", "E-1"), at=AT)
    row = OutboxEvent.objects.get()
    assert row.facts["from"] == "open" and read(row).from_ == "open"


@pytest.mark.parametrize(
    ("noun", "number", "facts", "address"),
    [
        ("lease", "MUN-2026-01", {}, "/office/leases/MUN-2026-01/"),
        ("demand", "D26-000001", {"subject_id": "MUN-2026-01"}, "/office/leases/MUN-2026-01/"),
        ("vehicle", "BR08G1234", {}, "/office/map/?q=BR08G1234"),
        ("refund", "P26-000001", {}, "/office/refunds/?state=failed"),
        ("treasury", "GRN1", {}, ""),
        ("nothing known", "1", {}, ""),
    ],
)
def test_the_page_of_a_record_is_found_by_its_noun(noun, number, facts, address):
    assert subject_link(noun, number, facts) == address


def test_every_page_of_a_noun_exists():
    for kind, noun in NOUNS.items():
        if noun.page:
            page = page_of(kind, "1", {})
            assert page and subject_link(kind, "1", {}), f"{kind} leads to {page}, which is no page"


def test_words_are_read_in_the_language_of_the_reader():
    with translation.override("en"):
        assert names_of("receipt.verified")["en"] == "Payment verified"
        assert names_of("receipt.verified")["hi"] != "Payment verified"
