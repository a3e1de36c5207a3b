"""What follows when a check on the road shows an e-challan with another vehicle or another load."""

from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Consequence, trigger
from immis.rules.movement.triggers.common import Name, task_for
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class ScanNews:
    """An e-challan that a check found where or when its vehicle cannot have been."""

    challan: str
    registration: str
    lease: str
    district: str
    party_id: int
    party: Name
    place: Name
    issued_at: datetime
    scan: int
    post: Name
    seen_at: datetime


@dataclass(frozen=True)
class TwoPlaces(ScanNews):
    """Two checks that one vehicle cannot have come to: which was before, and how far apart they lie."""

    before: Name
    before_at: datetime
    distance_km: float
    minutes: int


@dataclass(frozen=True)
class FarFromDevice(ScanNews):
    """A check far from where the vehicle's device was."""

    distance_m: int
    fix_at: datetime
    lat: float
    lon: float


@dataclass(frozen=True)
class Late(ScanNews):
    """A check after the load was delivered, or at a post that the vehicle had passed; so many minutes after."""

    minutes: int
    since_at: datetime


@trigger("TRG-190", on="challan.seen_twice")
def two_places(facts: TwoPlaces, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Two checks that one truck could not make: the district looks at both, and opens a case of a copied e-challan.

    Clause: tender clause 34(kha), own printed e-challan. Our reading: the speed is MOV-04. The Director may settle
    a doubt.
    """
    return [task_for("TRG-190", facts, ("challan", facts.challan), policy=policy, at=at, act="open_case")]


@trigger("TRG-191", on="challan.shown_far")
def far_from_device(facts: FarFromDevice, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """An e-challan shown far from its vehicle's device: the district looks, and opens a case.

    Clause: tender clause (xxviii). Our reading: the tolerance is MOV-60. The Director may settle a doubt.
    """
    return [task_for("TRG-191", facts, ("challan", facts.challan), policy=policy, at=at, act="open_case")]


@trigger("TRG-192", on="challan.shown_after_delivery")
def after_delivery(facts: Late, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """An e-challan shown after its load was delivered: the district looks, and opens a case.

    Clause: tender clause 34(kha). Our reading: the time is MOV-61. The Director may settle a doubt.
    """
    return [task_for("TRG-192", facts, ("challan", facts.challan), policy=policy, at=at, act="open_case")]


@trigger("TRG-193", on="challan.shown_again_at_post")
def passed_long_ago(facts: Late, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """An e-challan at a check post that its vehicle passed long ago: the district looks, and opens a case.

    Clause: tender clause 34(kha). Our reading: the time is MOV-62. The Director may settle a doubt.
    """
    return [task_for("TRG-193", facts, ("challan", facts.challan), policy=policy, at=at, act="open_case")]
