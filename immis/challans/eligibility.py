"""May this load have an e-challan now: one answer for page, API and weighbridge, with every reason at once.

Each reason has its clause, what lifts it and who, and from when on the vehicle is fit where time alone lifts it. It
asks the same rules of the same facts as the issue, and changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from immis.challans.facts import issue_facts, operator_facts
from immis.challans.loading import live_challans
from immis.challans.loads import Load, weighed
from immis.core.access.permissions import Actor
from immis.registry import selectors as registry
from immis.rules.catalogue import Finding, find
from immis.rules.movement.challans import ON
from immis.rules.policy import NotInForce, book


@dataclass(frozen=True)
class Reason:
    """Why a load may not go: the finding, its clause, what lifts it and who (both languages), and from when it may."""

    finding: Finding
    cites: str = ""
    lifts: Mapping[str, str] = field(default_factory=dict)
    fit_from: datetime | None = None


@dataclass(frozen=True)
class Eligibility:
    """The answer: the load as it was looked at, when, and all reasons against it."""

    load: Load
    at: datetime
    reasons: Sequence[Reason]

    @property
    def fit(self) -> bool:
        return not self.reasons

    @property
    def fit_from(self) -> datetime | None:
        """From when the load may go, where time alone lifts every reason; None where it may, or somebody must act."""
        days = [reason.fit_from for reason in self.reasons]
        known = [day for day in days if day is not None]
        return max(known) if known and len(known) == len(days) else None

    @property
    def findings(self) -> list[Finding]:
        return [reason.finding for reason in self.reasons]


def eligibility(load: Load, *, by: Actor, at: datetime) -> Eligibility:
    """Whether a load may have an e-challan at an instant, with every reason that stands against it."""
    load = weighed(load, at=at)
    vehicle = registry.vehicle_of(load.mark)
    live = live_challans([vehicle], at).get(vehicle.registration) if vehicle else None
    facts = issue_facts(load, vehicle=vehicle, live=live, at=at)
    findings = find(ON, facts, policy=book(), at=at)
    findings += find("challan.operate", operator_facts(load.lease, by, at), policy=book(), at=at)
    return Eligibility(load, at, reasons_of(findings, at=at))


def reasons_of(findings: Sequence[Finding], *, at: datetime) -> list[Reason]:
    """Findings of the rules of issue as reasons; each hold that stands is a reason of its own."""
    return [reason for finding in findings for reason in _reasons(finding, at)]


def _reasons(finding: Finding, at: datetime) -> Iterator[Reason]:
    if finding.code == "CH-01":
        yield from (_of_hold(hold) for hold in finding.facts["holds"])
        return
    lifts = book().entry(finding.code).lifts or {}
    yield Reason(finding, _cites(finding.code, at), lifts, finding.facts.get("fit_from"))


def _of_hold(hold: Mapping[str, Any]) -> Reason:
    until = hold["facts"].get("until")
    fit_from = until if isinstance(until, datetime) else None
    finding = Finding(hold["code"], {**hold["facts"], "since": hold["since"]})
    return Reason(finding, hold["cites"], hold["lifts_when"] or {}, fit_from)


def _cites(code: str, at: datetime) -> str:
    try:
        return book().at(code, at).cites
    except NotInForce:
        return ""
