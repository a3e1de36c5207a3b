"""What a truck's own load cells say beside its weighbridge (E-157)."""

from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class CellFacts:
    """A laden truck on a weighbridge, and what its load cells said near that moment; ``poor``: they are in doubt."""

    bridge: str
    counter: int
    plate: str
    weighed_at: datetime
    weight_kg: int
    cell_kg: int
    poor: bool = False


@rule("WB-28", on="weighbridge.load_cell")
def cells_say_another(facts: CellFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Load cells and weighbridge say one weight (E-157).

    Clause: tender 42(xxviii). Our reading: a flag beyond the percent of WB-28. Who may settle a doubt: AD (HQ).
    """
    percent = int(policy.value("WB-28", at)["percent"])
    if facts.poor or abs(facts.weight_kg - facts.cell_kg) * 100 <= percent * facts.weight_kg:
        return None
    named = {"bridge": facts.bridge, "counter": facts.counter, "plate": facts.plate, "weight_kg": facts.weight_kg}
    return Finding("WB-28", {**named, "cell_kg": facts.cell_kg, "percent": percent}, severity="warning")
