"""How a settlement ends: surrender, the return of the security, what passes to the next settlee."""

from dataclasses import dataclass
from datetime import date, datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.leases.path import CLEARANCES
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class SurrenderFacts:
    """A surrender before the Collector: what of the whole year no certificate case recovers, and whether one runs."""

    open_paise: int
    certificate_case: bool = False


@dataclass(frozen=True)
class RefundFacts:
    """A security to be returned: the last day of the period, an early end, and what is still to be recovered."""

    today: date
    period_to: date | None
    ended: str
    held_paise: int
    open_paise: int
    open_matters: int = 0


@dataclass(frozen=True)
class CarryFacts:
    """A clearance of an ended settlement before the next settlee: how it ended, and until when it is valid."""

    kind: str
    ended: str
    from_lease: str
    on: date
    valid_to: date | None = None


@dataclass(frozen=True)
class AnnulFacts:
    """An auction that is to be cancelled after its close: the day of the deed of its settlement, where there is one."""

    deed_on: date | None = None


@dataclass(frozen=True)
class ReturnFacts:
    """Money of a settlement whose auction may have been cancelled: how it ended, and what is held of its deposits."""

    ended: str
    held_paise: int


@rule("LSE-76", on="lease.annul")
def deed_executed(facts: AnnulFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """An auction is cancelled after its close until the deed is executed (E-067).

    Clause: tender 18: in the full discretion of the Collector or the department. Our reading: the process of the
    tender ends with the deed. The department may settle a doubt.
    """
    policy.at("LSE-76", at)
    return Finding("LSE-76", {"deed_on": facts.deed_on}) if facts.deed_on else None


@rule("LSE-77", on="lease.return_annulled")
def nothing_to_give_back(facts: ReturnFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Deposits are returned by order of the department where the auction was cancelled, once (E-084).

    Clause: tender 20(iii)(gha): at the department's discretion, without interest. Our reading: all that is held. The
    department may settle a doubt.
    """
    policy.at("LSE-77", at)
    why = "not_cancelled" if facts.ended != "annulled" else None if facts.held_paise else "nothing_held"
    words = {"because": policy.words("LSE-77", why), "held_paise": facts.held_paise} if why else None
    return Finding("LSE-77", words) if words else None


@rule("LSE-22", on="lease.surrender")
def year_not_paid(facts: SurrenderFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """A settlement is given up after the whole amount of that calendar year is paid (E-111).

    Clause: tender 31 i. Our reading: every instalment due up to 31 December; where a certificate case for it runs,
    the surrender need not wait. The Director may settle a doubt.
    """
    policy.at("LSE-22", at)
    if facts.open_paise == 0 or facts.certificate_case:
        return None
    return Finding("LSE-22", {"open_paise": facts.open_paise})


@rule("LSE-26", on="lease.refund_security")
def security_still_bound(facts: RefundFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """The security is returned after the period when nothing else is to be recovered (E-082).

    Clause: tender 20 ii. Our reading: not after an early end, and not while dues, a notice or a recovery are open.
    The Collector may settle a doubt.
    """
    policy.at("LSE-26", at)
    over = facts.period_to is not None and facts.today > facts.period_to and not facts.ended
    if over and facts.held_paise and not facts.open_paise and not facts.open_matters:
        return None
    words = {"held_paise": facts.held_paise, "open_paise": facts.open_paise, "matters": facts.open_matters}
    return Finding("LSE-26", {"period_to": facts.period_to, **words})


@rule("LSE-27", on="lease.carry")
def clearance_carried(facts: CarryFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Plan and EC of a settlement that ended early pass to the next settlee while they are valid (E-113, E-114).

    Clause: tender 32 and 33. Our reading: by themselves with the next letter of intent. The Director may settle a
    doubt.
    """
    ways = policy.value("LSE-27", at).get(facts.kind, [])
    if facts.ended not in ways or (facts.valid_to is not None and facts.valid_to < facts.on):
        return None
    words = {"clearance": CLEARANCES[facts.kind], "from_lease": facts.from_lease}
    return Finding("LSE-27", words, severity="warning")
