"""The check of an e-challan: genuine, in time, and in which state; for anybody and for check posts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from immis import clock
from immis.challans.keys import public_key_list
from immis.challans.models import Challan, CheckPostScan
from immis.challans.passes import PassFacts, verify_pass
from immis.challans.selectors.challan import WITH_ALL
from immis.challans.selectors.number import looks_like_pass, number_and_mark, number_of
from immis.challans.selectors.standing import standing_of
from immis.registry.selectors import plate

_PLATE = re.compile(r"[A-Z]{2}\d{2}[A-Z]{1,3}\d{1,4}")


@dataclass(frozen=True)
class CheckAnswer:
    """What the public check says; ``reason`` is ok | invalid | cancelled | expired | completed | not_found | no_live
    | altered | not_yet_valid | mark_needed, or a reason code of ``pass_words``."""

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
    """Check what an officer typed or read: what has the form of a registration mark is a vehicle, else a challan."""
    asked = text.strip()
    if not looks_like_pass(asked) and _PLATE.fullmatch(plate(asked)):
        return check_vehicle(asked, at)
    return check_challan(asked, at)


def check_challan(text: str, at: datetime) -> CheckAnswer:
    """Check a number, or the text of a QR, against the register; anybody may ask (E-118)."""
    asked = text.strip()
    if looks_like_pass(asked):
        return _check_pass(asked, at)
    challan = Challan.objects.select_related(*WITH_ALL).filter(number=number_of(asked)[:24]).first()
    if challan is None:
        return CheckAnswer(asked[:120], False, None, "", "not_found")
    return _answer(challan, asked, at)


def check_in_public(text: str, mark: str, at: datetime) -> CheckAnswer:
    """Check for anybody: the text of a QR, or a number with the registration mark of its vehicle (E-118).

    The mark may also stand behind the number. Numbers run in order: a number alone, and one with
    another vehicle's mark, tells nothing of whether it was issued.
    """
    asked = text.strip()
    if looks_like_pass(asked):
        return check_challan(asked, at)
    number, mark = number_and_mark(asked, mark)
    if not mark:
        return CheckAnswer(asked[:120], False, None, "", "mark_needed")
    answer = check_challan(number, at)
    if answer.registration != mark:
        return CheckAnswer(asked[:120], False, None, "", "not_found")
    return answer


def _check_pass(text: str, at: datetime) -> CheckAnswer:
    verdict = verify_pass(text, keys=public_key_list(clock.data_dir(), at=at), at=at)
    if not verdict.genuine or verdict.pass_facts is None:
        return CheckAnswer(text[:120], False, None, "", verdict.reason)
    facts = verdict.pass_facts
    challan = Challan.objects.select_related(*WITH_ALL).filter(pass_id=facts.pass_id.hex()).first()
    if challan is None or not _agrees(facts, challan):
        return CheckAnswer(facts.number, False, None, "", "not_found", registration=facts.vehicle)
    return _answer(challan, facts.number, at)


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


def check_vehicle(text: str, at: datetime) -> CheckAnswer:
    """Check a vehicle by its registration mark: its live challan, else its last one, else none."""
    mark = plate(text)[:12]
    mine = Challan.objects.select_related(*WITH_ALL).filter(vehicle__registration=mark)
    challan = mine.filter(state=Challan.ISSUED).first() or mine.first()
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
