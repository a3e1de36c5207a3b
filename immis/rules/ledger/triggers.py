"""What follows from money that went wrong: a bounced cheque, a payment taken back, scroll lines that fit nothing."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from immis.rules.catalogue import ChangeState, Consequence, OpenTask, SendMessage, trigger
from immis.rules.policy import PolicyBook

Name = Mapping[str, str]


@dataclass(frozen=True)
class BounceFacts:
    """A cheque or draft that the bank did not honour."""

    instrument: str
    bank: str
    demand: str
    label: Name
    amount_paise: int
    due_on: date | None
    district: str
    party_id: int
    party: Name
    subject_id: str
    reason: str


@dataclass(frozen=True)
class ReversalFacts:
    """A payment that the bank took back; ``uncovered_paise`` is credit that was used meanwhile."""

    receipt: str
    demand: str
    label: Name
    paid_paise: int
    balance_paise: int
    district: str
    party_id: int
    party: Name
    subject_id: str
    uncovered_paise: int = 0
    case: str = ""


@dataclass(frozen=True)
class ScrollFacts:
    """A scroll that was taken in; ``district`` is empty for a scroll of the whole State."""

    scroll: str
    scroll_id: int
    lines: int
    open_lines: int
    district: str = field(default="")


def _plain(facts: Any) -> dict[str, Any]:
    return asdict(facts)


def _days(policy: PolicyBook, code: str, at: datetime) -> timedelta:
    return timedelta(days=int(policy.value(code, at)))


@trigger("TRG-40", on="instrument.bounced")
def cheque_bounced(facts: BounceFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A lodged cheque bounced: a task for the district, and the settlee learns it; the due day stays.

    Clause: tender 24(ii), post-dated cheques (E-101). Our reading: the instalment is unpaid, online payment is open,
    the law on dishonoured cheques is the district's to use. The Collector may settle a doubt.
    """
    due_in = _days(policy, "TRG-40", at)
    return [
        OpenTask("district", "demand", facts.demand, due_in=due_in, act="recover", facts=_plain(facts)),
        SendMessage("party", str(facts.party_id), "MSG-40", _plain(facts)),
    ]


@trigger("TRG-41", on="receipt.reversed")
def payment_taken_back(facts: ReversalFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The bank took a verified payment back: the demand is open again, the district and the settlee learn it.

    Clause: review of 13.01.2026, points v and vii (A-12, A-17). Our reading: what the payment opened is closed again
    by itself, from that instant, and a case whose penalty it paid waits for it. The AD (HQ) may settle a doubt.
    """
    due_in = _days(policy, "TRG-41", at)
    done: list[Consequence] = [
        OpenTask("district", "demand", facts.demand, due_in=due_in, act="recover", facts=_plain(facts)),
        SendMessage("party", str(facts.party_id), "MSG-41", _plain(facts)),
    ]
    if facts.case and facts.balance_paise:
        done.append(ChangeState("case", facts.case, "ordered", _plain(facts)))
    return done


@trigger("TRG-42", on="scroll.taken")
def scroll_lines_open(facts: ScrollFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A scroll has lines that fit no receipt: a task for who keeps it, the district or headquarters.

    Clause: review of 13.01.2026, point vii (A-18). Our reading: money that fits nothing is looked into, never
    dropped. The AD (HQ) may settle a doubt.
    """
    due_in = _days(policy, "TRG-42", at)
    if not facts.open_lines:
        return []
    role = "district" if facts.district else "hq"
    return [OpenTask(role, "scroll", str(facts.scroll_id), due_in=due_in, facts=_plain(facts))]


@dataclass(frozen=True)
class ForgedFacts:
    """A notice that did not bear the treasury's signature, and from which address it came."""

    source: str


@dataclass(frozen=True)
class UnknownFacts:
    """What the treasury tells of a GRN that is none of ours."""

    grn: str
    amount_paise: int
    status: str
    payer_account: str = ""


@trigger("TRG-116", on="treasury.notice_forged")
def forged_notice(facts: ForgedFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A forged notice was refused: headquarters looks who sends it (A-18).

    Clause: review of 13.01.2026, point vii. Our reading: only the treasury's word is a payment, and an attempt is
    looked into. The AD (HQ) may settle a doubt.
    """
    due_in = _days(policy, "TRG-116", at)
    return [OpenTask("hq", "treasury", facts.source, due_in=due_in, act="inspect", facts=_plain(facts))]


@trigger("TRG-117", on="treasury.notice_unknown")
def unknown_notice(facts: UnknownFacts, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """The treasury tells of money under a GRN that is none of ours: headquarters finds whose it is (A-18).

    Clause: review of 13.01.2026, point vii. Our reading: money that fits nothing is looked into, never dropped. The
    AD (HQ) may settle a doubt.
    """
    due_in = _days(policy, "TRG-117", at)
    return [OpenTask("hq", "treasury", facts.grn, due_in=due_in, act="inspect", facts=_plain(facts))]
