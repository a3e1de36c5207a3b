"""Money on account that is to go back: what may be asked for, who decides, and who learns it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from immis.rules.catalogue import ChangeState, Consequence, Finding, OpenTask, SendMessage, rule, trigger
from immis.rules.policy import PolicyBook

Name = Mapping[str, str]


@dataclass(frozen=True)
class ClaimFacts:
    """A return that is asked for: the sum, what is free for it, what is overdue, and a claim that waits already.

    ``kind`` credit (an excess) or refused (a payment that the district refused; ``receipt_state`` is its state).
    """

    kind: str
    amount_paise: int
    free_paise: int
    account: str
    reason: str
    overdue_paise: int = 0
    open_claim: str = ""
    receipt_state: str = ""


@dataclass(frozen=True)
class DecisionFacts:
    """A claim before the Collector: who asked and who decides, and what is free and overdue now."""

    claim: str
    kind: str
    state: str
    approve: bool
    reason: str
    asked_by: int
    decided_by: int | None
    amount_paise: int
    free_paise: int
    overdue_paise: int = 0


@dataclass(frozen=True)
class ClaimNews:
    """A claim that was put in or decided."""

    claim: str
    party_id: int
    party: Name
    district: str
    amount_paise: int
    subject_id: str
    state: str = "asked"
    reason: str = ""


@dataclass(frozen=True)
class RedirectFacts:
    """A return that came back and is to be sent again: to which account, which accounts are proved, who proposed it.

    ``proposed`` is the account that another officer proposed, with his post; ``again_by_same`` that he is this person.
    """

    refund: str
    account: str
    proved: tuple[str, ...]
    reason: str
    role: str
    proposed: str = ""
    proposed_role: str = ""
    again_by_same: bool = False

    @property
    def own(self) -> bool:
        """Whether it goes to an account that is proved to be the party's."""
        return self.account in self.proved

    @property
    def confirms(self) -> bool:
        """Whether this officer says what another one has proposed."""
        return bool(self.proposed) and self.account == self.proposed


@dataclass(frozen=True)
class FailedFacts:
    """A return that is to be sent again, and how far it has come: failed, ordered (on its way again), sent, paid."""

    refund: str
    state: str


@dataclass(frozen=True)
class RedirectNews:
    """A return for which another account was proposed, or that goes there now; ``account`` is its last digits."""

    refund: str
    party_id: int
    party: Name
    district: str
    amount_paise: int
    account: str
    role: str


@rule("PAY-51", on="refund.resend")
def not_redirected(facts: RedirectFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A return goes to another account than its party's proved one only by two officers of two posts (A-19).

    Clause: review of 13.01.2026, point vii: who did what is written down. Our reading: one proposes with a reason,
    another post says the same account. The AD (HQ) may settle a doubt.
    """
    shortest, longest = policy.value("PAY-51", at)["digits"]
    fits = shortest <= len(facts.account) <= longest and facts.account.isascii() and facts.account.isalnum()
    why = None if fits and facts.reason.strip() else "no_account"
    if not why and not facts.own and facts.confirms and (facts.again_by_same or facts.role == facts.proposed_role):
        why = "other_post"
    return Finding("PAY-51", {"refund": facts.refund, "because": policy.words("PAY-51", why)}) if why else None


@rule("PAY-52", on="refund.came_back")
def not_come_back(facts: FailedFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Only a return that came back, or that had no account to go to, is sent again, and once (A-19).

    Clause: review of 13.01.2026, point vii: who did what is written down. Our reading: what the treasury has is not
    sent a second time. The AD (HQ) may settle a doubt.
    """
    policy.at("PAY-52", at)
    if facts.state == "failed":
        return None
    return Finding("PAY-52", {"refund": facts.refund, "state": policy.words("PAY-52", facts.state)})


@rule("PAY-20", on="claim.ask")
def nothing_to_return(facts: ClaimFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Only what stands free on account is returned, once, and an excess not before what is overdue is paid (A-11).

    Clause: tender 24(ii) and 20 iii say nothing of an excess or of a payment from a wrong account. Our reading: it is
    not the State's money; it first pays what is overdue on the same settlement, the rest goes back on request. The
    Collector may settle a doubt.
    """
    policy.at("PAY-20", at)
    why = _cannot_ask(facts)
    if why is None:
        return None
    because = policy.words("PAY-20", why, open_claim=facts.open_claim)
    return Finding("PAY-20", {"because": because, "free_paise": max(facts.free_paise, 0)})


def _cannot_ask(facts: ClaimFacts) -> str | None:
    if facts.open_claim:
        return "asked_already"
    if facts.kind == "refused" and facts.receipt_state != "refused":
        return "not_refused"
    if not facts.account.strip() or not facts.reason.strip():
        return "no_account"
    if not 0 < facts.amount_paise <= facts.free_paise:
        return "not_free"
    if facts.kind == "credit" and facts.overdue_paise:
        return "overdue"
    return None


@rule("PAY-21", on="claim.decide")
def not_decidable(facts: DecisionFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A claim is decided once, by another person than the one who asked; a rejection gives its reason (A-19).

    Clause: review of 13.01.2026, point vii: who did what is written down. Our reading: money leaves by two persons.
    The AD (HQ) may settle a doubt.
    """
    policy.at("PAY-21", at)
    why = _cannot_decide(facts)
    return Finding("PAY-21", {"claim": facts.claim, "because": policy.words("PAY-21", why)}) if why else None


def _cannot_decide(facts: DecisionFacts) -> str | None:
    if facts.state != "asked":
        return "decided"
    if facts.asked_by == facts.decided_by:
        return "same_person"
    if not facts.approve:
        return None if facts.reason.strip() else "no_reason"
    if facts.amount_paise > facts.free_paise:
        return "not_free"
    if facts.kind == "credit" and facts.overdue_paise:
        return "overdue"
    return None


@trigger("TRG-111", on="claim.asked")
def claim_asked(facts: ClaimNews, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A return is asked for: the Collector's desk has it until it is decided (A-11).

    Clause: none names a time. Our reading: the days of the value. The Collector may settle a doubt.
    """
    due_in = timedelta(days=int(policy.value("TRG-111", at)))
    return [OpenTask("collector", "claim", facts.claim, due_in=due_in, act="decide_claim", facts=asdict(facts))]


@trigger("TRG-112", on="claim.decided")
def claim_decided(facts: ClaimNews, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A claim was decided: the task is done, its party learns the decision (A-19).

    Clause: review of 13.01.2026, point vii. Our reading: told at once; the payment itself is told by TRG-72. The
    AD (HQ) may settle a doubt.
    """
    policy.at("TRG-112", at)
    decision = policy.words("TRG-112", facts.state)
    return [
        ChangeState("task", f"claim:{facts.claim}", "done", {"by": "TRG-112"}),
        SendMessage("party", str(facts.party_id), "MSG-111", {**asdict(facts), "decision": decision}),
    ]


@trigger("TRG-151", on="refund.redirect_asked")
def redirect_asked(facts: RedirectNews, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """Another account is proposed for a return: the other post has it on its desk, the party learns it at once.

    Clause: review of 13.01.2026, point vii. Our reading: the days of the value. The AD (HQ) may settle a doubt.
    """
    due_in = timedelta(days=int(policy.value("TRG-151", at)))
    other = "district" if facts.role == "collector" else "collector"
    return [
        OpenTask(other, "refund", facts.refund, due_in=due_in, act="resend_refund", facts=asdict(facts)),
        SendMessage("party", str(facts.party_id), "MSG-151", asdict(facts)),
    ]


@trigger("TRG-152", on="refund.redirected")
def redirected(facts: RedirectNews, *, policy: PolicyBook, at: datetime) -> list[Consequence]:
    """A return goes to another account: its party learns it at once; the tasks are done when it is paid.

    Clause: review of 13.01.2026, point vii. Our reading: told before it is paid. The AD (HQ) may settle a doubt.
    """
    policy.at("TRG-152", at)
    return [SendMessage("party", str(facts.party_id), "MSG-152", asdict(facts))]
