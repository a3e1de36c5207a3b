"""The page of a decision: found by its record, decided again by the right post, with the same outcome to the letter."""

from decimal import Decimal

import pytest

from immis.core.models import ActionLog, Decision
from immis.registry import services as registry
from tests.challans import world as made
from tests.challans.test_services import issue, refused
from tests.challans.world import NOON, officer_in
from tests.web.challans.test_challan_pages import as_user, text_of

pytestmark = pytest.mark.django_db
LIST = "/office/decisions/"


@pytest.fixture
def world(data_dir, at):
    """A load that was refused and one that was issued."""
    at.set(NOON)
    built = made.build(data_dir)
    refused(built, quantity_m3=Decimal(40), at=NOON)
    built.report(NOON)
    issue(built, at=NOON)
    return built


def test_the_collector_finds_the_decisions_on_an_e_challan_and_decides_one_again(world):
    collector = as_user(officer_in(world.office, "collector", "dm"), "en")
    row = Decision.objects.get(outcome="issued")
    assert "Type the number of" in text_of(collector.get(LIST))
    assert f"{LIST}{row.pk}/" in text_of(collector.get(LIST, {"q": row.subject_id}))
    page = f"{LIST}{row.pk}/"
    assert "Decide again" in text_of(collector.get(page))
    asked = text_of(collector.post(page))
    assert "The law of its day says the same, to the letter." in asked
    line = ActionLog.objects.get(code="decision.asked_again")
    assert (line.subject_id, line.facts["result"]) == (row.subject_id, "same")
    refusal = Decision.objects.get(rule_code="CH-05")
    again = text_of(collector.post(f"{LIST}{refusal.pk}/"))
    assert "says the same" in again and "capacity_m3" in again and "/law/CH-05/" in again


def test_other_posts_and_another_district_find_nothing(world):
    row = Decision.objects.get(outcome="issued")
    office = registry.open_office(code="dmo-gaya", kind="district", name_en="Gaya", name_hi="गया", district="Gaya")
    elsewhere = as_user(officer_in(office, "collector", "dm-gaya"))
    assert elsewhere.get(f"{LIST}{row.pk}/").status_code == 404
    assert f"{LIST}{row.pk}/" not in text_of(elsewhere.get(LIST, {"q": row.subject_id}))
    for user in (world.settlee, officer_in(world.office, "district", "clerk")):
        assert as_user(user).get(LIST).status_code == 403
    assert as_user(officer_in(world.office, "collector", "dm-2")).get(f"{LIST}999999/").status_code == 404


def test_headquarters_tries_a_draft_figure_on_past_days_by_page(world):
    hq = as_user(officer_in(world.office, "hq", "ad"), "en")
    address, day = "/office/decisions/try/", f"{NOON:%d.%m.%Y}"
    asked = {"code": "ch-31", "figure": "1000", "from_on": day, "to_on": day}
    shown = text_of(hq.get(address, asked))
    assert "otherwise with the draft: 1" in shown and "CH-31" in shown and "Loads refused: 1" in shown
    same = text_of(hq.get(address, {**asked, "figure": "0"}))
    assert "otherwise with the draft: 0" in same and "Nothing would have ended otherwise" in same
    for code in ("CH-80", "XX-1"):
        assert "no single figure" in text_of(hq.get(address, {**asked, "code": code}))
    assert "before the first" in text_of(hq.get(address, {**asked, "to_on": "01.06.2026"}))
    assert as_user(world.settlee).get(address).status_code == 403
