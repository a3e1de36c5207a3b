"""What an officer finds himself: a case with his image, reckoned by vehicle, quantity and additions (E-164, E-165)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from immis.core.errors import NotPermitted, Refusal
from immis.enforcement import selectors, services
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Case
from tests.enforcement.world import NOON

pytestmark = pytest.mark.django_db
SEEN = NOON - timedelta(hours=3)


def _found(world, **more):
    facts = {"offence": "illegal_mining", "found": "A pit beyond the eastern pillar.", "seen_at": SEEN}
    return services.Found(**{**facts, "document": "cd" * 32, "lease": world.lease.number, **more})


@pytest.mark.flow
def test_illegal_mining_of_a_settlee_from_image_to_order(world, clerk):
    case = services.open_found_case(_found(world, lat=Decimal("25.3"), lon=Decimal("86.6")), by=clerk, at=NOON)
    assert (case.actor, case.party, case.occurred_at) == ("settlee", world.lease.party, SEEN)
    assert "cd" * 32 in selectors.documents_of(case) and case.proposed_paise == 800_000_00
    machine = services.Measurement("machine", Decimal("40.5"), "", ())
    case = services.measure_case(case, measured=machine, by=clerk, at=NOON)
    assert case.proposed_paise == 1_000_000_00 + 25 * 75 * 4050
    case = services.send_notice(case, by=clerk, at=NOON)
    rows = case.papers.get().facts["sums"]
    assert [row["reckoned"] for row in rows] == ["", "25 × ₹ 75 × 40.5 m³"]
    services.answer_by_link(case, reply="It was not me.", documents=[], at=NOON)
    ordered = services.order_penalty(
        case, amount_paise=case.proposed_paise, reason="visit of the day", by=clerk, at=NOON
    )
    said = " ".join(words["en"] for words in ordered.papers.get(kind="order").facts["paragraphs"])
    assert "under rule 56" in said


def test_elsewhere_nobody_opens_a_case(world):
    with pytest.raises(NotPermitted):
        services.open_found_case(_found(world), by=world.actors["monitoring"], at=NOON)


@pytest.mark.flow
def test_a_tampered_device_has_nothing_to_measure(world, clerk):
    world.tamper()
    run_triggers(at=NOON)
    with pytest.raises(Refusal) as refusal:
        services.measure_case(Case.objects.get(), measured=services.Measurement("truck"), by=clerk, at=NOON)
    assert [finding.code for finding in refusal.value.findings] == ["CAS-61"]
