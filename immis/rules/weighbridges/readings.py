"""Which weighments may be trusted: refused or flagged with the reason, never dropped in silence (A-08, E-158)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from immis.rules.calendar import INDIA
from immis.rules.catalogue import Finding, rule
from immis.rules.land.geometry import distance_m, distance_to_polygon_m
from immis.rules.policy import PolicyBook

ON = "weighbridge.reading"
Place = tuple[float, float]  # latitude, longitude


@dataclass(frozen=True)
class ReadingFacts:
    """A weighment as its software signed it, and what is known beside it.

    ``ring`` is the fence (empty: none stands), ``place`` where the software says it is, ``bridge_place`` where the
    bridge stands; ``truck_at`` where the truck's own device was at that moment (None: unknown). ``drift_s`` is how far
    the clock beside the bridge differs. ``follows`` names what breaks the chain: "" for nothing, chain, signature,
    clock, twice. ``same`` are the truck's last laden weights here, newest first; ``other`` is the truck weighed just
    before and ``other_s`` how many seconds ago. ``unladen_kg`` is what the truck weighs empty by its certificate and
    ``last_tare_kg`` what it weighed here the last time (None: unknown). Of a laden truck: ``tare_kg`` and ``tare_days``
    are its last empty weight and its age, ``gross_limit_kg`` what its certificate lets it weigh, ``nets`` its last
    loads, newest first. ``seen`` are the marks that readers beside the bridge saw shortly before.
    """

    bridge: str
    counter: int
    kind: str
    weighed_at: datetime
    weight_kg: int
    stable: bool
    span_kg: int
    capacity_kg: int
    division_kg: int
    ring: Sequence[Place]
    bridge_place: Place
    plate: str = ""
    place: Place | None = None
    truck_at: Place | None = None
    drift_s: int = 0
    follows: str = ""
    same: Sequence[int] = ()
    other: str = ""
    other_s: int = 0
    unladen_kg: int | None = None
    last_tare_kg: int | None = None
    tare_kg: int | None = None
    tare_days: int = 0
    gross_limit_kg: int | None = None
    nets: Sequence[int] = ()
    seen: Sequence[str] = ()

    @property
    def of_truck(self) -> bool:
        """Whether it is the weight of a truck, and no zero and no check of the scale."""
        return self.kind in ("gross", "tare")


def _base(facts: ReadingFacts) -> dict[str, object]:
    clock = f"{facts.weighed_at.astimezone(INDIA):%H:%M}"
    return {"bridge": facts.bridge, "counter": facts.counter, "clock": clock}


@rule("WB-10", on=ON)
def outside_the_fence(facts: ReadingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A weighment from outside the geofence is refused with distance and time (A-08).

    Clause: review of 13.01.2026, point ii. Our reading: by the place of the software where it knows one. Who may
    settle a doubt: AD (HQ).
    """
    tolerance_m = policy.value("WB-10", at)
    if facts.place is None or not facts.ring:
        return None
    metres = round(distance_to_polygon_m(facts.ring, *facts.place))
    return Finding("WB-10", {**_base(facts), "distance_m": metres}) if metres > tolerance_m else None


@rule("WB-11", on=ON)
def truck_elsewhere(facts: ReadingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The truck's own GPS was at the weighbridge at that moment (A-08, E-157).

    Clause: review of 13.01.2026, point ii. Our reading: beyond the metres of WB-11 from the fence, or silent, it
    was not there. Who may settle a doubt: AD (HQ).
    """
    tolerance_m = policy.value("WB-11", at)
    if not facts.of_truck:
        return None
    metres = round(_from_bridge(facts, facts.truck_at)) if facts.truck_at else 0
    if not facts.plate:
        why = "nameless"
    elif facts.truck_at is None:
        why = "silent"
    elif metres > tolerance_m:
        why = "elsewhere"
    else:
        return None
    named = {"plate": facts.plate, "distance_m": metres}
    because = policy.words("WB-11", why, bridge=facts.bridge, **named)
    return Finding("WB-11", {**_base(facts), **named, "because": because})


def _from_bridge(facts: ReadingFacts, place: Place) -> float:
    if facts.ring:
        return float(distance_to_polygon_m(facts.ring, *place))
    return float(distance_m(*facts.bridge_place, *place))


@rule("WB-12", on=ON)
def wrong_clock(facts: ReadingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The clock beside a weighbridge is right within the seconds of WB-12; else its weighments are flagged (E-158).

    Clause: review of 13.01.2026, point ii. Our reading: a flag, as a computer without a battery is no fraud. Who may
    settle a doubt: NIC.
    """
    most_s = policy.value("WB-12", at)
    if abs(facts.drift_s) <= most_s:
        return None
    return Finding("WB-12", {"bridge": facts.bridge, "drift_s": facts.drift_s, "most_s": most_s}, severity="warning")


@rule("WB-13", on=ON)
def broken_chain(facts: ReadingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Each weighment holds the hash of the one before it, and its instant is not older (E-158).

    Clause: review of 13.01.2026, point ii. Our reading: a safeguard of this system. Who may settle a doubt: NIC.
    """
    policy.at("WB-13", at)
    if not facts.follows:
        return None
    return Finding("WB-13", {**_base(facts), "because": policy.words("WB-13", facts.follows)})


@rule("WB-14", on=ON)
def no_weight(facts: ReadingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A weight counts when the indicator rests, within what the bridge carries (E-158).

    Clause: review of 13.01.2026, point iv. Our reading: within the divisions of WB-14 while it is taken. Who may settle
    a doubt: Controller of Legal Metrology.
    """
    most_kg = int(policy.value("WB-14", at)) * facts.division_kg
    if not facts.of_truck:
        return None
    if not facts.stable:
        why = "unstable"
    elif facts.weight_kg > facts.capacity_kg:
        why = "capacity"
    elif facts.span_kg > most_kg:
        why = "span"
    else:
        return None
    figures = {"weight_kg": facts.weight_kg, "capacity_kg": facts.capacity_kg, "span_kg": facts.span_kg}
    return Finding("WB-14", {**_base(facts), "because": policy.words("WB-14", why, most_kg=most_kg, **figures)})


@rule("WB-15", on=ON)
def same_again(facts: ReadingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Sand does not weigh the same to the kilogram again and again (E-158).

    Clause: review of 13.01.2026, point ii. Our reading: a flag, so many times running. Who may settle a doubt: AD (HQ).
    """
    times = int(policy.value("WB-15", at))
    before = list(facts.same[: times - 1])
    if facts.kind != "gross" or len(before) < times - 1 or any(kg != facts.weight_kg for kg in before):
        return None
    named = {"plate": facts.plate, "weight_kg": facts.weight_kg, "times": times}
    return Finding("WB-15", {**_base(facts), **named}, severity="warning")


@rule("WB-16", on=ON)
def two_at_once(facts: ReadingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Between two trucks on one bridge lie the seconds in which one drives down and the other up (E-158).

    Clause: review of 13.01.2026, point ii. Our reading: the seconds are ours. Who may settle a doubt: AD (HQ).
    """
    least_s = policy.value("WB-16", at)
    if not facts.of_truck or not facts.other or facts.other == facts.plate or facts.other_s >= least_s:
        return None
    named = {"other": facts.other, "seconds": facts.other_s, "least_s": least_s}
    return Finding("WB-16", {**_base(facts), **named})


@rule("WB-17", on=ON)
def impossible_weight(facts: ReadingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An empty truck weighs what its certificate says and what it weighed before; a laden one more (E-158).

    Clause: review of 13.01.2026, point ii. Our reading: a flag beyond the percent of WB-17. Who may settle a doubt:
    AD (HQ).
    """
    percent = policy.value("WB-17", at)
    if facts.kind == "tare" and _apart(facts.weight_kg, facts.unladen_kg, percent):
        why = "tare"
    elif facts.kind == "tare" and _apart(facts.weight_kg, facts.last_tare_kg, percent):
        why = "jumped"
    elif facts.kind == "gross" and facts.unladen_kg and facts.weight_kg <= facts.unladen_kg:
        why = "light"
    else:
        return None
    named = {"plate": facts.plate, "weight_kg": facts.weight_kg}
    figures = {"unladen_kg": facts.unladen_kg, "last_kg": facts.last_tare_kg, "percent": percent, **named}
    because = policy.words("WB-17", why, **figures)
    return Finding("WB-17", {**_base(facts), **named, "because": because}, severity="warning")


def _apart(weight_kg: int, other_kg: int | None, percent: float) -> bool:
    return other_kg is not None and abs(weight_kg - other_kg) * 100 > percent * other_kg


@rule("WB-18", on=ON)
def old_tare(facts: ReadingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A laden weight needs an empty one that is not too old (E-158).

    Clause: review of 13.01.2026, point ii. Our reading: the days of WB-20; a flag. Who may settle a doubt: AD (HQ).
    """
    policy.at("WB-18", at)
    most = int(policy.value("WB-20", at)["tare_days"])
    if facts.kind != "gross" or facts.tare_kg is None or facts.tare_days < most:
        return None
    named = {"plate": facts.plate, "days": facts.tare_days, "most": most}
    return Finding("WB-18", {**_base(facts), **named}, severity="warning")


@rule("WB-19", on=ON)
def unlike_its_loads(facts: ReadingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Gross minus tare fits what the truck may carry, and what it carried so far (E-158).

    Clause: review of 13.01.2026, point ii. Our reading: a flag beyond the figures of WB-19. Who may settle a doubt:
    AD (HQ).
    """
    terms = policy.value("WB-19", at)
    if facts.kind != "gross":
        return None
    named = {"plate": facts.plate, "weight_kg": facts.weight_kg}
    over, loads, apart = (int(terms[name]) for name in ("over_percent", "loads", "apart_percent"))
    limit_kg, before = facts.gross_limit_kg, sorted(facts.nets[:loads])
    if limit_kg is not None and facts.weight_kg * 100 > limit_kg * (100 + over):
        because = policy.words("WB-19", "class", most_kg=limit_kg, percent=over, **named)
    elif facts.tare_kg is not None and len(before) == loads and _unlike(facts, before[loads // 2], apart):
        net_kg, usual_kg = facts.weight_kg - facts.tare_kg, before[loads // 2]
        figures = {"net_kg": net_kg, "usual_kg": usual_kg, "loads": loads, "percent": apart}
        because = policy.words("WB-19", "history", **figures)
    else:
        return None
    return Finding("WB-19", {**_base(facts), **named, "because": because}, severity="warning")


def _unlike(facts: ReadingFacts, usual_kg: int, percent: int) -> bool:
    return _apart(facts.weight_kg - (facts.tare_kg or 0), usual_kg, percent)


@rule("WB-30", on=ON)
def reader_saw_another(facts: ReadingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The truck that is named is the one that readers beside the bridge saw (E-158).

    Clause: review of 13.01.2026, point ii. Our reading: a flag, as readers misread. Who may settle a doubt: AD (HQ).
    """
    policy.at("WB-30", at)
    if not facts.of_truck or not facts.plate or not facts.seen or facts.plate in facts.seen:
        return None
    named = {"plate": facts.plate, "seen": ", ".join(facts.seen)}
    return Finding("WB-30", {**_base(facts), **named}, severity="warning")
