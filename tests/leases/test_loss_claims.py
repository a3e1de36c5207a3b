"""Claims for loss: refused by the clause as it was ticked, with its version, and by no other (E-136, E-139, E-167)."""

import pytest

from immis.core.errors import Refusal
from immis.leases.entries.loss_claims import CLAIMS
from immis.messaging.models import Message
from immis.registers.models import Entry
from immis.registers.selectors import version_of
from immis.registers.services import Given, do_act, enter
from tests.settlement import india

pytestmark = pytest.mark.django_db
AT = india("2026-08-01")


def refuse(entry: Entry, clause: str, world) -> Entry:
    register = version_of(entry)
    given = Given({"clause": clause}, reason="The law gives nothing for it")
    return do_act(register=register, act=register.acts["refuse"], given=given, by=world.district, at=AT, entry=entry)


@pytest.mark.flow
def test_a_claim_is_refused_by_the_clause_that_was_ticked_and_by_no_other(world):
    lease = world.opened()
    ticked = {"key": "security", "from_on": "2026-05-01", "ticked_at": india("2026-05-29").isoformat()}
    lease.terms = {"clauses": [ticked]}
    lease.save(update_fields=["terms"])
    values = {"lease": lease.number, "ground": "theft", "amount": 2500, "words": "Two pumps were stolen"}
    claim = enter(CLAIMS, "claim", values, by=world.settlee, at=AT)
    assert (claim.district, claim.party_id) == (lease.district, lease.party_id)
    with pytest.raises(Refusal) as refused:
        refuse(claim, "hindrance", world)
    assert [(row.code, row.facts["clause"]) for row in refused.value.findings] == [("LSE-72", "42(xii)")]
    entry = refuse(claim, "security", world)
    assert entry.state == "refused" and "42(ix): The settlee is responsible" in entry.values["quoted"]
    assert entry.values["version"] == "2026-05-01"
    from immis.enforcement.jobs import run_triggers

    run_triggers(at=AT)
    told = Message.objects.get(template="MSG-172")
    assert told.facts["claim"] == claim.number and told.facts["clause"] == "42(ix)"
