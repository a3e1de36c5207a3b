"""The office decides on a line of a gate's book that was held: it takes it in, or refuses it, with a reason (CH-89)."""

from collections.abc import Mapping
from datetime import datetime

from immis.challans import selectors
from immis.challans.models import Challan, OfflinePass
from immis.challans.offline.book import read_line
from immis.challans.offline.keys import FINDINGS, QUOTAS, key_with, quota_of
from immis.challans.offline.register import put_in
from immis.challans.offline.weighing import Weighed, claimed_number, weigh
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, Refusal
from immis.core.services import log_action
from immis.leases.selectors import locked_lease
from immis.registers.selectors import Entry, entry_in, having
from immis.registry.selectors import locked_vehicle
from immis.rules.catalogue import find
from immis.rules.gates.offline import ON_DECIDE, HeldFacts
from immis.rules.policy import book

_KEY = "offline:"


def decisions(quota: Entry) -> Mapping[str, Entry]:
    """What the office found or decided of the lines of a quota, by the digest of each."""
    return {str(row.key).removeprefix(_KEY): row for row in having(FINDINGS, "quota", [quota.number]) if row.key}


def held_line(finding: Entry) -> OfflinePass:
    """The line that a finding is about, locked. Raises NotFound."""
    digest = str(finding.key or "").removeprefix(_KEY)
    rows = OfflinePass.objects.select_for_update(of=("self",)).select_related("lease")
    row = rows.filter(digest=digest).first()
    if row is None:
        raise NotFound(f"line of {finding.number}")
    return row


def require_takeable(finding: Entry, *, at: datetime) -> None:
    """Raises Refusal (CH-89) where the office may not take the line in either."""
    row = held_line(finding)
    if findings := find(ON_DECIDE, _facts(row, _weighed(row, at=at), at=at), policy=book(), at=at):
        raise Refusal(findings)


def take_in(finding: Entry, *, by: Actor, at: datetime) -> Challan:
    """Put a held line into the register, with the number and the instant on its paper."""
    row = held_line(finding)
    weighed = _weighed(row, at=at)
    assert weighed.vehicle is not None
    locked_vehicle(weighed.vehicle.registration)
    locked_lease(row.lease)
    row.challan = put_in(weighed, row.codes.split(), by=by, at=at, decided=True)
    row.outcome = OfflinePass.TAKEN
    row.save(update_fields=["challan", "outcome"])
    facts = {"finding": finding.number, "quota": row.quota}
    log_action("challan.held_line_taken", subject=("challan", row.challan.number), by=by, at=at, facts=facts)
    return row.challan


def _weighed(row: OfflinePass, *, at: datetime) -> Weighed:
    line, quota, key = read_line(row.line), entry_in(QUOTAS, row.quota), key_with(row.kid)
    if quota is None or key is None:
        raise NotFound(f"quota {row.quota}")
    return weigh(line, quota, key, row.lease, clock_off_s=0, at=at)


def _facts(row: OfflinePass, weighed: Weighed, *, at: datetime) -> HeldFacts:
    standing = Challan.objects.filter(number=row.number).first()
    live = _live(weighed, at=at)
    return HeldFacts(
        challan=row.number,
        vehicle=row.vehicle or "—",
        proven=row.chained and _speaks_of_itself(weighed),
        names_known=weighed.vehicle is not None and weighed.place is not None,
        challan_of=standing.number if standing else "",
        on_trip=live.number if live else "",
    )


def _speaks_of_itself(weighed: Weighed) -> bool:
    """Whether the pass has the number of its place in the quota, and the settlement of the gate."""
    says = weighed.says
    number = claimed_number(weighed.line, quota_of(weighed.quota))
    return says is not None and (says.number, says.lease_number) == (number, weighed.lease.number)


def _live(weighed: Weighed, *, at: datetime) -> Challan | None:
    """The e-challan that the vehicle is on at an instant."""
    rows = Challan.objects.select_related(*selectors.WITH_ALL).filter(vehicle=weighed.vehicle, state=Challan.ISSUED)
    row = rows.first() if weighed.vehicle else None
    return row if row and selectors.standing_of(row, at=at).state == Challan.ISSUED else None
