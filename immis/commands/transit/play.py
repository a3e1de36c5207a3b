"""The steps of a rehearsal, played on records of its own: each says what it expected and what happened."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from immis import clock
from immis.adapters import over_http
from immis.commands.processes.preparing import prepare
from immis.rules.first_run import Administrator, Department

DISTRICT, MARK, OTHER = "Munger", "JH05AB1234", "UP65CD4321"
_PDF = b"%PDF-1.7 test"


class NotAsExpected(Exception):
    """A step ended otherwise than the law says."""


@dataclass
class Rehearsal:
    """What the steps share: people, the hour, passes by their names, and how each step went."""

    at: datetime
    people: dict[str, Any] = field(default_factory=dict)
    passes: dict[str, Any] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)

    def step(self, name: str, act: Callable[[], str]) -> None:
        """Play one step; whatever goes wrong is written down, and the next one is played."""
        try:
            detail, passed = act(), True
        except Exception as fault:
            detail, passed = f"{type(fault).__name__}: {fault}"[:300], False
        self.steps.append({"name": name, "passed": passed, "detail": detail})

    def refused(self, code: str, act: Callable[[], Any]) -> str:
        """An act that the law must refuse by a code; answers it. Raises NotAsExpected."""
        from immis.core.errors import Refusal

        try:
            act()
        except Refusal as refusal:
            codes = [row.code for row in refusal.findings]
            if code in codes:
                return ", ".join(codes)
            raise NotAsExpected(f"refused by {codes}, not by {code}") from refusal
        raise NotAsExpected(f"{code} refused nothing")


def played() -> dict[str, Any]:
    """Make the records, play every step, write the papers; answers how each went."""
    prepare()
    from immis.core.installation.kind import require_own_kind
    from immis.private import kind_of_settings

    if kind_of_settings() != "training":
        raise SystemExit("a rehearsal is played on records to practise on alone: immis istp rehearse")
    require_own_kind()
    show = Rehearsal(clock.now())
    show.step("department", lambda: _department(show))
    show.step("before an order every door is shut", lambda: show.refused("IST-01", lambda: _register(show)))
    show.step("one dated order puts passes in force", lambda: _switch(show))
    show.step("a party of another State registers itself", lambda: _register(show))
    show.step("its vehicle is filled from VAHAN", lambda: _vehicles(show))
    show.step("a challan checked at the portal, by tonne", lambda: _ask(show, "portal", "JH-1", unit="t"))
    show.step("a challan checked by its signature, by cubic metre", lambda: _ask_signed(show))
    show.step("a forged signature is refused", lambda: show.refused("IST-06", lambda: _forged(show)))
    show.step("another truck than the portal says is refused", lambda: show.refused("IST-06", lambda: _other(show)))
    show.step("a portal that is down wants the paper", lambda: show.refused("IST-06", lambda: _down(show)))
    show.step("after the hours nothing is taken", lambda: show.refused("IST-03", lambda: _late(show)))
    show.step("the fee is paid and the passes are signed", lambda: _pay(show))
    show.step("the check post reads the pass and records the entry", lambda: _enter(show))
    show.step("a second entry is refused", lambda: show.refused("IST-09", lambda: _enter(show)))
    show.step("an order sets the other fee free, two officers return it", lambda: _return(show))
    show.step("the report counts one pass", lambda: _report(show))
    show.step("the papers say that they are a test", lambda: _papers(show))
    show.step("an order ends passes again", lambda: _end(show))
    return {
        "at": show.at.isoformat(),
        "passed": all(step["passed"] for step in show.steps),
        "steps": show.steps,
    }


def _department(show: Rehearsal) -> str:
    from immis.core.access.permissions import SYSTEM
    from immis.registry import services as registry
    from immis.registry.people.charges import give_charge
    from immis.registry.selectors import actor_of, offices
    from immis.registry.services.first_run import set_up_department

    admin = Administrator(username="admin", name_en="Admin", name_hi="Admin", email="admin@test.invalid")
    made = Department(state="Bihar", districts=(DISTRICT,), language="hi", administrator=admin)
    set_up_department(department=made, password=f"{os.urandom(8).hex()}-Test", at=show.at)
    post = registry.open_office(
        code="post", kind="checkpost", name_en="Check post", name_hi="Check post", district=DISTRICT
    )
    district = offices(kind="district", district=DISTRICT).first()
    held = {"hq": offices(kind="hq").first(), "district": district, "collector": district, "checkpost": post}
    for role, office in held.items():
        user = registry.add_user(username=f"test-{role}", name_en=role, name_hi=role)
        give_charge(user=user, office=office, role=role, by=SYSTEM, at=show.at - timedelta(minutes=1))
        show.people[role] = actor_of(user)
    user = registry.add_user(username="test-party", name_en="Test party", name_hi="Test party")
    new = registry.NewParty(
        code="test-party", kind="company", name_en="Test party", name_hi="Test party", pan="AABCT1234F",
        email="party@test.invalid", bank_account="99887766554",
    )  # fmt: skip
    registry.add_party(party=new, users=[user], at=show.at)
    show.people["party"] = actor_of(user)
    return f"{DISTRICT}, {', '.join(show.people)}"


def _switch(show: Rehearsal) -> str:
    from immis.transit.services.switch import switch

    row = switch(kind="on", order_no="TEST/1", starts_on=_today(show), by=show.people["hq"], at=show.at)
    return f"{row.order_no}, {row.starts_on:%d.%m.%Y}"


def _end(show: Rehearsal) -> str:
    from immis.transit.selectors import switch_now
    from immis.transit.services.switch import switch

    switch(kind="off", order_no="TEST/2", starts_on=_today(show), by=show.people["hq"], at=show.at)
    return switch_now(show.at).state


def _today(show: Rehearsal) -> Any:
    return show.at.astimezone(clock.INDIA).date()


def _register(show: Rehearsal) -> str:
    from immis.transit.services.parties import Proof, register_party

    proof = Proof(state_code="JH", kind="crusher", licence_no="TEST/7", district=DISTRICT, content=_PDF)
    return str(register_party(proof=proof, by=show.people["party"], at=show.at).number)


def _tell(setting: str, payload: dict[str, Any]) -> None:
    """Enter something at a simulator, or change its mood."""
    with over_http.client(timeout=5) as client:
        client.post(f"{os.environ[setting].partition('=')[2] or os.environ[setting]}/simulate", json=payload)


def _vehicles(show: Rehearsal) -> str:
    from immis.registry import services as registry
    from immis.registry.services.looked import fill_from_vahan

    until = f"{show.at + timedelta(days=400):%d-%b-%Y}"
    papers = ("rc_fit_upto", "rc_insurance_upto", "rc_pucc_upto", "rc_permit_valid_upto")
    for mark in (MARK, OTHER):
        record = {"rc_regn_no": mark, "rc_status": "ACTIVE", "rc_vh_class_desc": "Goods Carrier"}
        _tell("IMMIS_VAHAN_URL", {"vehicle": {**record, **dict.fromkeys(papers, until)}})
        new = registry.NewVehicle(
            registration=mark, capacity_m3=Decimal(11), owner_name="Test party", district=DISTRICT
        )
        row = registry.register_vehicle(vehicle=new, by=show.people["party"], at=show.at)
        fill_from_vahan(vehicle=row, by=show.people["party"], at=show.at)
    return f"{MARK}, {OTHER}"


def _load(show: Rehearsal, number: str, **more: Any) -> Any:
    from immis.transit.services.applying import NewLoad

    given = {
        "origin_state": "JH", "origin_number": number, "origin_issued_at": _minute(show.at - timedelta(hours=1)),
        "origin_until": _minute(show.at + timedelta(hours=9)), "consignor": "Test crusher", "mineral": "stone",
        "quantity": Decimal("20.5"), "unit": "t", "vehicle": MARK, "driver_name": "Test", "district": DISTRICT,
        "consignee": "Test", "destination": "Test",
    }  # fmt: skip
    return NewLoad(**{**given, **more})


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _challan(load: Any) -> dict[str, Any]:
    """A load as its State has it."""
    return {
        "number": load.origin_number, "vehicle": load.mark, "mineral": load.mineral, "quantity": str(load.quantity),
        "unit": {"t": "MT", "m3": "CUM"}[load.unit], "issued_at": load.origin_issued_at.isoformat(),
        "valid_until": load.origin_until.isoformat(), "status": "ACTIVE",
    }  # fmt: skip


def _apply(show: Rehearsal, load: Any, *, text: str = "", content: bytes = b"", at: datetime | None = None) -> Any:
    from immis.transit.services.applying import apply_for_pass

    return apply_for_pass(load=load, signed_text=text, content=content, by=show.people["party"], at=at or show.at)


def _ask(show: Rehearsal, name: str, number: str, **more: Any) -> str:
    load = _load(show, number, **more)
    _tell("IMMIS_ISTP_PORTALS", {"challan": _challan(load)})
    row = show.passes[name] = _apply(show, load)
    if row.checked_how != "portal":
        raise NotAsExpected(f"checked by {row.checked_how}")
    return f"{row.number}: {row.fee_paise / 100:.2f}"


def _signed(load: Any, *, key: bytes | None = None) -> str:
    import jwt

    pem = key or (Path(os.environ["IMMIS_REHEARSAL"]) / "up-private.pem").read_bytes()
    body = json.dumps(_challan(load)).encode()
    return str(jwt.api_jws.encode(body, pem, algorithm="EdDSA"))


def _up(show: Rehearsal, number: str) -> Any:
    return _load(show, number, origin_state="UP", unit="m3", quantity=Decimal("12.5"), vehicle=OTHER)


def _ask_signed(show: Rehearsal) -> str:
    load = _up(show, "UP-1")
    row = show.passes["signature"] = _apply(show, load, text=_signed(load))
    if row.checked_how != "signature":
        raise NotAsExpected(f"checked by {row.checked_how}")
    return f"{row.number}: {row.fee_paise / 100:.2f}"


def _forged(show: Rehearsal) -> Any:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    load = _up(show, "UP-2")
    return _apply(show, load, text=_signed(load, key=pem), content=_PDF)


def _other(show: Rehearsal) -> Any:
    load = _load(show, "JH-2")
    _tell("IMMIS_ISTP_PORTALS", {"challan": {**_challan(load), "vehicle": "JH01ZZ9999"}})
    return _apply(show, load, content=_PDF)


def _down(show: Rehearsal) -> Any:
    _tell("IMMIS_ISTP_PORTALS", {"mood": "down"})
    try:
        return _apply(show, _load(show, "JH-3"))
    finally:
        _tell("IMMIS_ISTP_PORTALS", {"mood": "well"})


def _late(show: Rehearsal) -> Any:
    return _apply(show, _load(show, "JH-4"), content=_PDF, at=show.at + timedelta(hours=6))


def _pay(show: Rehearsal) -> str:
    from immis.ledger import jobs
    from immis.ledger.selectors import demands_by_number
    from immis.ledger.services import begin_payment
    from immis.transit.jobs import settle_passes
    from immis.transit.selectors import pass_with

    for row in show.passes.values():
        demand = demands_by_number([row.demand])[row.demand]
        begun = begin_payment(demand=demand, by=show.people["party"], at=show.at, return_url="https://test.invalid/")
        with over_http.client(timeout=5) as client:
            client.post(begun.pay_url, data={"act": "pay", "account": "99887766554"})
    soon = show.at + timedelta(minutes=2)
    jobs.poll_treasury(at=soon)
    settle_passes(at=soon)
    show.passes = {name: pass_with(number=row.number) for name, row in show.passes.items()}
    states = {name: row.state for name, row in show.passes.items()}
    if set(states.values()) != {"issued"}:
        raise NotAsExpected(str(states))
    return ", ".join(row.number for row in show.passes.values())


def _enter(show: Rehearsal) -> str:
    from immis.challans.selectors import check_typed
    from immis.transit.services.passes import record_entry

    row, at = show.passes["portal"], show.at + timedelta(minutes=30)
    answer = check_typed(row.pass_text, at)
    if not answer.good or answer.facts.get("origin_number") != row.origin_number:
        raise NotAsExpected(f"the pass reads {answer.reason}")
    record_entry(istp=row, by=show.people["checkpost"], at=at)
    return f"{row.number} with {row.origin_number}"


def _return(show: Rehearsal) -> str:
    from immis.ledger.selectors import demands_by_number
    from immis.ledger.services import verify_receipt
    from immis.ledger.services.claims import claim_credit, decide_claim
    from immis.transit.services.passes import withdraw

    row, at = show.passes["signature"], show.at + timedelta(minutes=40)
    receipt = demands_by_number([row.demand])[row.demand].receipts.get(state="paid_unverified")
    verify_receipt(receipt=receipt, by=show.people["district"], at=at)
    withdraw(istp=row, order_no="TEST/R", reason="never left", by=show.people["district"], at=at)
    subject, paise = ("istp", row.number), row.fee_paise
    who = {"party": row.party, "subject": subject, "amount_paise": paise, "reason": "test"}
    claim = claim_credit(**who, by=show.people["party"], at=at)
    decided = decide_claim(claim=claim, approve=True, reason="", by=show.people["collector"], at=at)
    return f"{decided.order.number}: {decided.order.amount_paise / 100:.2f}"


def _report(show: Rehearsal) -> str:
    from immis.transit.selectors import summary

    rows = summary(show.people["hq"], from_on=_today(show), to_on=_today(show) + timedelta(days=1), at=show.at)
    counted = sum(row["count"] for row in rows)
    if counted != 1:
        raise NotAsExpected(f"{counted} are counted")
    return ", ".join(f"{row['origin_state']} {row['quantity']} {row['unit']}" for row in rows)


def _papers(show: Rehearsal) -> str:
    from immis.transit.papers import pass_pdf

    folder = clock.data_dir() / "papers"
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, row in show.passes.items():
        (folder / f"{name}-{row.number}.pdf").write_bytes(pass_pdf(row, at=show.at))
        (folder / f"{name}-{row.number}.txt").write_text(row.pass_text, encoding="utf8")
    return str(len(show.passes))
