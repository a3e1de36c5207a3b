"""Complaints about pages and offices: which office answers one, what follows when it lands and is answered."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from immis.rules.catalogue import ChangeState, Consequence, OpenTask, SendMessage, trigger
from immis.rules.policy import PolicyBook


def district_that_answers(kind: str, district: str, *, from_office: bool, policy: PolicyBook, at: datetime) -> str:
    """The district whose mining office answers a complaint (CMP-01); empty where headquarters does.

    Clause: review of IT managers of 23.12.2022, point 3 II (B-05). Our reading: what a page does wrong, and what
    officers report, is for who runs the system. Who may settle a doubt: the IT manager.
    """
    to_state = from_office or kind in policy.value("CMP-01", at)["to_state"]
    return "" if to_state else district


@dataclass(frozen=True)
class ComplaintFacts:
    """A complaint as it lands with an office; ``subject`` is its kind, ``district`` is empty for headquarters."""

    complaint: str
    subject: Mapping[str, str]
    district: str
    due_at: datetime
    due_on: date


@trigger("TRG-240", on="complaint.landed")
def complaint_landed(facts: ComplaintFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A complaint is a task of the office that it landed with, and of no other.

    Clause: review of IT managers of 23.12.2022, point 3 II (B-05): logged, assigned, closed. Our reading: the task is
    due when the answer is. Who may settle a doubt: the IT manager.
    """
    policy.at("TRG-240", at)
    role = policy.value("CMP-01", at)["district" if facts.district else "state"]
    task = OpenTask(role, "entry", facts.complaint, max(facts.due_at - at, at - at), act="look", facts=asdict(facts))
    return [ChangeState("task", f"entry:{facts.complaint}", "done", {"by": "TRG-240"}), task]


@dataclass(frozen=True)
class AnsweredFacts:
    """A complaint that was answered, and the inbox of who made it; ``to_kind`` empty where he has none."""

    complaint: str
    subject: Mapping[str, str]
    district: str
    to_kind: str = ""
    to_id: str = ""


@trigger("TRG-241", on="complaint.answered")
def complaint_answered(facts: AnsweredFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The task about an answered complaint is done, and who made it is told.

    Clause: review of IT managers of 23.12.2022, point 3 II (B-05). Our reading: who has no inbox here reads the answer
    by number and code. Who may settle a doubt: the IT manager.
    """
    policy.at("TRG-241", at)
    done = ChangeState("task", f"entry:{facts.complaint}", "done", {"by": "TRG-241"})
    if not facts.to_kind:
        return [done]
    payload = {"complaint": facts.complaint, "subject": facts.subject, "district": facts.district}
    return [done, SendMessage(facts.to_kind, facts.to_id, "MSG-241", payload)]
