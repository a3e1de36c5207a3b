"""What follows when an entry of a declared register is late: it lands with the post of its rung."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from immis.rules.catalogue import Consequence, OpenTask, trigger
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class RungFacts:
    """A rung of a clock that has come: whose register, which clock with its clause, and to which post it goes."""

    entry: str
    register: str
    title: Mapping[str, str]
    clock: Mapping[str, str]
    cites: str
    post: str
    district: str = ""
    due_at: datetime | None = None


@trigger("TRG-140", on="register.rung")
def rung_reached(facts: RungFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A late entry lands on the desk of its rung's post.

    Clause: the clause that the register's clock cites. Our reading: each rung is a task of its own, so that who had
    it before still sees that it is open. Who may settle a doubt: who issued the register.
    """
    within = timedelta(days=int(policy.value("TRG-140", at)))
    return [OpenTask(facts.post, "entry", facts.entry, within, act="look", facts=asdict(facts))]
