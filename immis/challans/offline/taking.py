"""Taking a gate's book in: in order, each line once, none dropped. What cannot be taken stands on the desk (ADR 24)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from immis.challans.models import OfflinePass
from immis.challans.offline.book import Line, OddLine, read_line
from immis.challans.offline.events import OfflineFinding
from immis.challans.offline.keys import FINDINGS, QUOTAS, key_with
from immis.challans.offline.register import against_rules, put_in
from immis.challans.offline.weighing import Weighed, weigh
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.errors import NotFound, NotPermitted
from immis.core.grants import require_grant
from immis.core.services import emit
from immis.leases.selectors import lease_of, locked_lease
from immis.registers.selectors import Entry, entry_in, locked_entry
from immis.registers.services import About, enter
from immis.registry.selectors import locked_vehicle
from immis.rules.catalogue import Finding, find
from immis.rules.gates.offline import HOLDS, ON_TAKE
from immis.rules.policy import LANGUAGES, book

MOST_LINES = 100
_MS = 1000
_MOST_WORDS = 1900


@dataclass(frozen=True)
class Taken:
    """What became of the lines: by digest ``taken`` or ``held``, what was no line of ours by its place in the batch."""

    kept: dict[str, str] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


def take_lines(rows: Sequence[Any], *, device_now_ms: float | None, by: Actor, at: datetime) -> Taken:
    """Take the lines of a gate's book in the order in which they were sent; one that is here already counts as taken.

    ``device_now_ms`` is the device's own clock as it sends. Raises NotPermitted for who does not issue e-challans.
    """
    require_grant(by, "challan.issue")
    off_s, taken = _clock_off_s(device_now_ms, at), Taken()
    for place, row in enumerate(list(rows)[:MOST_LINES]):
        try:
            line = read_line(row)
            record = _take(line, clock_off_s=off_s, by=by, at=at)
        except (OddLine, NotPermitted, NotFound):
            taken.refused[place] = _("this is no e-challan of a gate of yours")
            continue
        taken.kept[line.digest] = record.outcome
        taken.numbers[line.digest] = record.number
        taken.words[line.digest] = record.codes
    return taken


def _clock_off_s(device_now_ms: float | None, at: datetime) -> int:
    if not isinstance(device_now_ms, int | float) or not abs(device_now_ms) < 1e14:
        return 0
    return int((at - datetime.fromtimestamp(device_now_ms / _MS, UTC)).total_seconds())


@transaction.atomic
def _take(line: Line, *, clock_off_s: int, by: Actor, at: datetime) -> OfflinePass:
    quota, key = entry_in(QUOTAS, line.quota), key_with(line.kid)
    if quota is None or key is None or quota.values.get("key") != key.number:
        raise NotPermitted("no such quota of this key")
    lease = lease_of(quota.values["lease"], by)
    if not by.is_system and lease.party_id != by.party_id:
        raise NotPermitted("another settlee's quota")
    quota = locked_entry(quota)
    if (known := OfflinePass.objects.filter(digest=line.digest).first()) is not None:
        return known
    return _weighed(line, quota, key, lease, clock_off_s=clock_off_s, by=by, at=at)


def _weighed(
    line: Line, quota: Entry, key: Entry, lease: Any, *, clock_off_s: int, by: Actor, at: datetime
) -> OfflinePass:
    first = weigh(line, quota, key, lease, clock_off_s=clock_off_s, at=at)
    if first.vehicle is not None:
        locked_vehicle(first.vehicle.registration)
    lease = locked_lease(lease)
    row = weigh(line, quota, key, lease, clock_off_s=clock_off_s, at=at)
    findings = find(ON_TAKE, row.facts, policy=book(), at=at)
    held = any(finding.code in HOLDS for finding in findings)
    record = _record(row, OfflinePass.HELD if held else OfflinePass.TAKEN, by=by, at=at)
    if not held:
        findings = [*findings, *against_rules(row, at=at)]
        record.challan = put_in(row, [finding.code for finding in findings], by=by, at=at)
    record.codes = " ".join(dict.fromkeys(finding.code for finding in findings))[:200]
    record.save(force_insert=True)
    if findings:
        _tell(row, record, findings, at=at)
    return record


def _record(row: Weighed, outcome: str, *, by: Actor, at: datetime) -> OfflinePass:
    line, says = row.line, row.says
    return OfflinePass(
        quota=row.quota.number, counter=line.counter, kid=line.kid, lease=row.lease,
        number=row.facts.challan[:24], pass_id=says.pass_id.hex() if says else "",
        vehicle=says.vehicle[:12] if says else "", digest=line.digest, chained=row.chained, made_at=line.made_at,
        received_at=at, user_id=by.user_id, line=dict(line.row), outcome=outcome,
    )  # fmt: skip


def _tell(row: Weighed, record: OfflinePass, findings: Sequence[Finding], *, at: datetime) -> None:
    """An entry for the desk, and the news of it (TRG-250)."""
    why = {lang: _words(findings, lang) for lang in LANGUAGES}
    lease, party = row.lease, row.lease.party
    values: Mapping[str, Any] = {
        "challan": record.number,
        "vehicle": record.vehicle or "—",
        "lease": lease.number,
        "quota": row.quota.number,
        "counter": record.counter,
        "kept": record.outcome,
        "codes": record.codes,
        "why": why["en"],
        "why_hi": why["hi"],
    }
    about = About(district=lease.district, party_id=lease.party_id)
    act = "raise" if record.outcome == OfflinePass.TAKEN else "hold"
    entry = enter(FINDINGS, act, values, by=SYSTEM, at=at, about=about, key=f"offline:{record.digest}")
    payload = OfflineFinding(
        finding=entry.number, challan=record.number, registration=record.vehicle, known=row.vehicle is not None,
        owner_id=row.vehicle.owner_id if row.vehicle else None, lease=lease.number, district=lease.district,
        party_id=lease.party_id, party={"en": party.name_en, "hi": party.name_hi}, codes=record.codes.split(),
        kept=record.outcome == OfflinePass.TAKEN, why_en=why["en"], why_hi=why["hi"], seen_at=at,
    )  # fmt: skip
    emit(payload, subject=("entry", entry.number), at=at, key=f"{payload.KIND}:{entry.number}")


def _words(findings: Sequence[Finding], lang: str) -> str:
    return " ".join(book().say(finding.code, finding.facts, lang) for finding in findings)[:_MOST_WORDS]
