"""What a check on the road says of the truck: where its device was, whether its load was delivered, what it passed."""

from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.land.geometry import distance_m
from immis.rules.movement.issue_facts import Fix
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class CheckedFacts:
    """One check of an e-challan: place and instant, the load seen, and what is known of the vehicle by then.

    ``fix`` is where the vehicle's device was at the instant of the check (None: not known), ``delivered_at`` when the
    load reached its destination, ``passed_at`` when the vehicle was at this check post last, before this check.
    """

    challan: str
    vehicle: str
    lat: float | None
    lon: float | None
    at: datetime
    loaded: bool | None = None
    fix: Fix | None = None
    delivered_at: datetime | None = None
    passed_at: datetime | None = None


@rule("MOV-60", on="challan.checked")
def far_from_device(facts: CheckedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause (xxviii): an e-challan is for a vehicle whose tracking the portal sees.

    Our reading: where the vehicle's device was further from the check than the tolerance, and than a lorry drives
    (MOV-04) between its fix and the check, the e-challan was shown by another vehicle, or the device is not in its
    vehicle. Who may settle a doubt: Director of Mines.
    """
    limit_m = int(policy.value("MOV-60", at))
    if facts.fix is None or facts.lat is None or facts.lon is None:
        return None
    hours = abs((facts.at - facts.fix.at).total_seconds()) / 3600
    limit_m += round(policy.value("MOV-04", at)["kmh"] * hours * 1000)
    away_m = distance_m(facts.lat, facts.lon, facts.fix.lat, facts.fix.lon)
    if away_m <= limit_m:
        return None
    return Finding(
        "MOV-60",
        {
            "challan": facts.challan,
            "vehicle": facts.vehicle,
            "distance_m": round(away_m),
            "limit_m": limit_m,
            "fix_at": facts.fix.at,
            "fix_lat": facts.fix.lat,
            "fix_lon": facts.fix.lon,
        },
        severity="warning",
    )


@rule("MOV-61", on="challan.checked")
def after_delivery(facts: CheckedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 34(kha): every vehicle carries the e-challan of its own load.

    Our reading: an e-challan whose load was delivered covers no other; a loaded vehicle that shows it some minutes
    later carries another load. Who may settle a doubt: Director of Mines.
    """
    slack_min = int(policy.value("MOV-61", at))
    if facts.delivered_at is None or facts.loaded is False:
        return None
    minutes = (facts.at - facts.delivered_at).total_seconds() / 60
    if minutes <= slack_min:
        return None
    shown = {"challan": facts.challan, "vehicle": facts.vehicle, "delivered_at": facts.delivered_at}
    return Finding("MOV-61", {**shown, "minutes": round(minutes)}, severity="warning")


@rule("MOV-62", on="challan.checked")
def passed_long_ago(facts: CheckedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Tender clause 34(kha): every vehicle carries the e-challan of its own load.

    Our reading: a loaded vehicle passes a check post once; shown there again long after it has gone on, the e-challan
    rides with another. Who may settle a doubt: Director of Mines.
    """
    limit_min = int(policy.value("MOV-62", at)["minutes"])
    if facts.passed_at is None or facts.loaded is False:
        return None
    minutes = (facts.at - facts.passed_at).total_seconds() / 60
    if minutes <= limit_min:
        return None
    shown = {"challan": facts.challan, "vehicle": facts.vehicle, "passed_at": facts.passed_at}
    return Finding("MOV-62", {**shown, "minutes": round(minutes)}, severity="warning")
