"""The check of an e-challan: genuine, in time, and in which state; for anybody and for check posts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from immis import clock
from immis.challans.models import Challan, CheckPostScan, OfflinePass
from immis.challans.selectors.beside import number_beside, pass_beside, vehicle_beside
from immis.challans.selectors.challan import WITH_ALL
from immis.challans.selectors.number import is_number, looks_like_pass, number_and_mark, number_of, running_number
from immis.challans.selectors.standing import standing_of
from immis.challans.signed.checking import Verdict, verify_pass
from immis.challans.signed.facts import PassFacts
from immis.challans.signed.keys import public_key_list
from immis.registry.selectors import plate
from immis.rules.policy import book

_PLATE = re.compile(r"[A-Z]{2}\d{2}[A-Z]{1,3}\d{1,4}")
_OF_NO_MATTER = ("no_live", "completed", "expired", "cancelled", "invalid")  # where the vehicle is empty
#: What was typed says too little, or not what it should: nothing is said of any e-challan.
UNCLEAR = ("mark_needed", "number_needed", "short_number", "no_number")


@dataclass(frozen=True)
class CheckAnswer:
    """What the public check says; ``reason`` is ok | invalid | cancelled | expired | completed | not_found | no_live
    | altered | not_yet_valid | issued_offline | offline_held, one of ``UNCLEAR``, or a reason of ``pass_words``."""

    asked: str
    genuine: bool
    in_time: bool | None
    state: str
    reason: str
    rule_code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    challan: Challan | None = None
    registration: str = ""

    @property
    def good(self) -> bool:
        """Genuine, in time, and neither used up nor made invalid."""
        return self.reason == "ok"


def check_typed(text: str, at: datetime) -> CheckAnswer:
    """Check what an officer typed or read: what has the form of a registration mark is a vehicle, else a challan.

    The last digits of a number are enough where only one such e-challan is in force, or with the vehicle's mark.
    """
    asked = text.strip()
    if looks_like_pass(asked):
        return _check_pass(asked, at)
    if _is_plate(asked):
        return check_vehicle(asked, at)
    number, mark = number_and_mark(asked, "")
    if (running := running_number(number)) is not None:
        return _check_running(running, mark, asked, at)
    return check_challan(number, at) if is_number(number) else _unclear(asked, "no_number")


def _is_plate(text: str) -> bool:
    return bool(_PLATE.fullmatch(plate(text)))


def _unclear(asked: str, reason: str, mark: str = "") -> CheckAnswer:
    return CheckAnswer(asked[:120], False, None, "", reason, registration=mark)


def _check_running(running: int, mark: str, asked: str, at: datetime) -> CheckAnswer:
    """Check the last digits of a number: of a vehicle's newest such e-challan, else of the one that is in force."""
    rows = Challan.objects.select_related(*WITH_ALL).filter(number__endswith=f"-{running:06d}")
    if mark:
        challan = rows.filter(vehicle__registration=mark).first()
        return _answer(challan, asked, at) if challan else CheckAnswer(asked[:120], False, None, "", "not_found")
    live = rows.filter(state=Challan.ISSUED)[:2]
    return _answer(live[0], asked, at) if len(live) == 1 else _unclear(asked, "short_number")


def check_challan(text: str, at: datetime) -> CheckAnswer:
    """Check a number, or the text of a QR, against the register; anybody may ask (E-118)."""
    asked = text.strip()
    if looks_like_pass(asked):
        return _check_pass(asked, at)
    challan = Challan.objects.select_related(*WITH_ALL).filter(number=number_of(asked)[:24]).first()
    if challan is None:
        other: CheckAnswer | None = number_beside(number_of(asked)[:24], asked, at)
        return other or CheckAnswer(asked[:120], False, None, "", "not_found")
    return _answer(challan, asked, at)


def check_in_public(text: str, mark: str, at: datetime) -> CheckAnswer:
    """Check for anybody: the text of a QR, or a number with the registration mark of its vehicle (E-118).

    The mark may also stand behind the number, of which the last digits are enough. Numbers run in order: a number
    alone, and one with another vehicle's mark, tells nothing of whether it was issued.
    """
    asked = text.strip()
    if looks_like_pass(asked):
        return check_challan(asked, at)
    if _is_plate(asked):
        return _unclear(asked, "number_needed", plate(asked)[:12])
    number, mark = number_and_mark(asked, mark)
    running = running_number(number)
    if running is None and not is_number(number):
        return _unclear(asked, "no_number")
    if not mark:
        return _unclear(asked, "mark_needed")
    answer = check_challan(number, at) if running is None else _check_running(running, mark, asked, at)
    if answer.registration != mark:
        return CheckAnswer(asked[:120], False, None, "", "not_found")
    return answer


def _check_pass(text: str, at: datetime) -> CheckAnswer:
    verdict = verify_pass(text, keys=public_key_list(clock.data_dir(), at=at), at=at)
    if not verdict.genuine or verdict.pass_facts is None:
        return CheckAnswer(text[:120], False, None, "", verdict.reason)
    facts = verdict.pass_facts
    rows, pass_id = Challan.objects.select_related(*WITH_ALL), facts.pass_id.hex()
    if (amended := rows.filter(changes__superseded=pass_id).first()) is not None:
        return _superseded(amended, facts.number)
    challan = rows.filter(pass_id=pass_id).first()
    if challan is None and verdict.gate:
        return _of_outage(verdict, facts)
    other: CheckAnswer | None = None if challan else pass_beside(facts, facts.number, at)
    if other is not None:
        return other
    if challan is None or not _agrees(facts, challan):
        return CheckAnswer(facts.number, False, None, "", "not_found", registration=facts.vehicle)
    return _answer(challan, facts.number, at)


def _of_outage(verdict: Verdict, facts: PassFacts) -> CheckAnswer:
    """A pass that a gate issued with its own key and the register does not have: not sent yet, or not taken."""
    held = OfflinePass.objects.filter(pass_id=facts.pass_id.hex(), outcome=OfflinePass.HELD).exists()
    reason = "offline_held" if held else verdict.reason
    return CheckAnswer(facts.number, not held, verdict.in_time, "", reason, registration=facts.vehicle)


def _superseded(challan: Challan, asked: str) -> CheckAnswer:
    """A genuine pass that an amendment of its load has ended (CH-42), as the list of cancelled passes has it."""
    words = book().words("CH-42", "superseded", challan=challan.number)
    facts = {"challan": challan.number, "why_en": words["en"], "why_hi": words["hi"]}
    mark = challan.vehicle.registration
    return CheckAnswer(asked[:120], True, None, Challan.CANCELLED, "cancelled", "CH-42", facts, challan, mark)


def _agrees(facts: PassFacts, challan: Challan) -> bool:
    return (facts.number, facts.vehicle, facts.quantity_m3) == (
        challan.number,
        challan.vehicle.registration,
        challan.quantity_m3,
    )


def _answer(challan: Challan, asked: str, at: datetime) -> CheckAnswer:
    now = standing_of(challan, at=at)
    in_time = challan.issued_at <= at < challan.valid_until
    reason = "ok" if now.state == Challan.ISSUED else now.state
    if reason == "ok" and not in_time:
        reason = "not_yet_valid"
    return CheckAnswer(
        asked[:120], True, in_time, now.state, reason, now.rule_code, now.facts, challan, challan.vehicle.registration
    )


def verdict_on(answer: CheckAnswer, *, loaded: bool | None) -> str:
    """``good``, ``warn`` or ``bad``: what is under way loaded needs an e-challan in force, what is empty needs none.

    An empty vehicle whose e-challan is still in force wants a second look, and a forged paper stays one.
    """
    if loaded is False and answer.reason in _OF_NO_MATTER:
        return "good"
    if answer.reason == "issued_offline":  # genuine; the register has it as soon as the gate is back
        return "warn"
    if not answer.good:
        return "bad"
    return "warn" if loaded is False else "good"


def check_vehicle(text: str, at: datetime) -> CheckAnswer:
    """Check a vehicle by its registration mark: its live challan, else its last one, else none."""
    mark = plate(text)[:12]
    mine = Challan.objects.select_related(*WITH_ALL).filter(vehicle__registration=mark)
    challan = mine.filter(state=Challan.ISSUED).first() or mine.first()
    other: CheckAnswer | None = None if challan and challan.state == Challan.ISSUED else vehicle_beside(mark, text, at)
    if other is not None:
        return other
    if challan is None:
        return CheckAnswer(text[:120], False, None, "", "no_live", registration=mark)
    return _answer(challan, text, at)


def answer_of(scan: CheckPostScan) -> CheckAnswer:
    """What a recorded check said when it was made."""
    kept = scan.facts
    return CheckAnswer(
        asked=scan.asked,
        genuine=bool(kept.get("genuine")),
        in_time=kept.get("in_time"),
        state="",
        reason=scan.reason,
        rule_code=kept.get("rule", ""),
        facts=kept.get("facts") or {},
        challan=scan.challan,
        registration=scan.registration,
    )
