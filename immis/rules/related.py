"""Who stands behind a body that won: directors, members and partners, as they are listed after the auction."""

from datetime import datetime
from decimal import Decimal

from immis.rules.catalogue import Finding, rule
from immis.rules.leases.path import LoiFacts
from immis.rules.policy import PolicyBook


@rule("AUC-108", on="lease.issue_loi")
def related_over_the_cap(facts: LoiFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 3(ii) and 20 v: no person behind the settlee comes to have more than two blocks or 200 ha (E-022).

    Our reading: the cap is a person's, and a company is no way round it; who directs, owns or is a partner is known
    only after the auction, so that the LoI is the first act at which it can be judged. The department may settle
    whether they count and what then becomes of the settlement.
    """
    if not policy.value("AUC-108", facts.auction_closed_on):
        return None
    cap = policy.value("AUC-06", facts.auction_closed_on)
    if facts.river not in cap["rivers"]:
        return None
    for person in facts.related:
        counted = [block for block in person.held if block.river in cap["rivers"]]
        area_ha = sum((block.area_ha for block in counted), facts.area_ha)
        if len(counted) + 1 > int(cap["blocks"]) or area_ha > Decimal(cap["area_ha"]):
            payload = {"most_blocks": int(cap["blocks"]), "most_ha": Decimal(cap["area_ha"])}
            names = [block.code for block in counted]
            return Finding("AUC-108", {"person": person.name, "blocks": len(counted) + 1, "held": names, **payload})
    return None


@rule("AUC-109", on="lease.issue_loi")
def related_with_a_case(facts: LoiFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 4 and 4(vi): partners of a body meet the tests of a bidder, so no certificate case is pending (E-024).

    Our reading: judged when they are listed, before the LoI. The Collector may settle a doubt.
    """
    if not policy.value("AUC-109", facts.auction_closed_on):
        return None
    person = next((row for row in facts.related if row.cases), None)
    return Finding("AUC-109", {"person": person.name, "cases": list(person.cases)}) if person else None


@rule("AUC-175", on="lease.issue_loi")
def related_barred(facts: LoiFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clauses 4, 4(vii) and 7(dha): nobody behind the body is barred from tenders (E-024, E-033).

    Our reading: orders in force in the register when the LoI issues. The Collector may settle a doubt.
    """
    if not policy.value("AUC-175", facts.auction_closed_on):
        return None
    person = next((row for row in facts.related if row.debarments), None)
    return Finding("AUC-175", {"person": person.name, "orders": list(person.debarments)}) if person else None
