"""Questions over a month as officers ask them: from the records and the store to bars, table and download."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client

from immis.analytics import answers
from immis.challans.models import Challan
from immis.commands.road import questions as command
from immis.core.models import ActionLog
from immis.gateway.store import parquet
from immis.registry import services as registry
from immis.tracking.models import Trip
from tests.analytics import month
from tests.challans import world as made
from tests.challans.world import INSIDE, NOON, PLATE

JUNE = "first=2026-06-01&last=2026-06-30"
ASK = {"first": "2026-06-01", "last": "2026-06-30"}


@pytest.fixture
def world(db, data_dir, at):
    """A truck that left the ghat by night without an e-challan, and an e-challan whose truck was never near."""
    at.set(NOON + timedelta(days=10))
    world = made.build(data_dir)
    left = month.at(6, 23, 5)
    parquet.write_segment(data_dir, [parquet.frame_of(month.drive(PLATE, left, INSIDE, 40))], start=0, end=100)
    Trip.objects.create(imei=made.IMEI, registration=PLATE, source_fence="ghat:MUN-2026-01", started_at=left)
    issued = month.at(8, 12)
    Challan.objects.create(
        number="C-1", pass_id="1", lease=world.lease, district=world.lease.district,
        party=world.party, vehicle=world.vehicle, place=world.place,
        imei=made.IMEI, quantity_m3=16, distance_km=14, driver_name="R", issued_at=issued,
        valid_until=issued + timedelta(hours=4), issue_lat=25.3, issue_lon=86.5, issue_fix_at=issued, state_at=issued,
        pass_text="x",
    )  # fmt: skip
    return world


def as_user(user, language="hi") -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["immis_language"] = language
    return client


def asked(client, name: str) -> str:
    answer = client.post("/office/questions/ask/", {"name": name, **ASK}, follow=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    if shots := os.environ.get("IMMIS_TEST_SHOTS"):
        Path(shots, f"questions-{name}.html").write_text(page)
    return page


def test_an_officer_asks_and_takes_the_answer_along(world):
    officer = as_user(world.officer)
    empty = officer.get(f"/office/questions/?name=night_trips&{JUNE}").content.decode()
    assert "इन दिनों के लिए अभी नहीं पूछा गया" in empty
    page = asked(officer, "night_trips")
    assert PLATE in page and "कलिस्थान" in page and "मुंगेर" in page and "20.0" in page
    assert "कलिस्थान" in asked(officer, "pass_mills")
    assert "16.0" in asked(officer, "five_way_balance")
    lines = (
        officer.get(f"/office/questions/?name=pass_mills&{JUNE}&format=csv").content.decode("utf-8-sig").splitlines()
    )
    assert lines[1].startswith("MUN-2026-01,कलिस्थान,मुंगेर,1,1,1,1,1,100")
    assert officer.get(f"/office/questions/?name=pass_mills&{JUNE}&format=xlsx").status_code == 200
    logged = ActionLog.objects.filter(code="questions.asked")
    assert [row.subject_id for row in logged] == ["night_trips", "pass_mills", "five_way_balance"]


def test_another_district_sees_nothing_of_it(world):
    as_user(world.officer).post("/office/questions/ask/", {"name": "night_trips", **ASK})
    other = registry.open_office(code="dmo-patna", kind="district", name_en="P", name_hi="प", district="Patna")
    stranger = registry.add_user(username="patna", name_en="P", name_hi="प", password="a long password")
    registry.appoint(user=stranger, office=other, role="district")
    page = as_user(stranger).get(f"/office/questions/?name=night_trips&{JUNE}").content.decode()
    assert PLATE not in page and "कुछ असामान्य नहीं" in page


def test_what_is_too_much_or_wrong_is_said_in_words(world, monkeypatch):
    officer = as_user(world.officer, "en")
    monkeypatch.setattr(answers, "MOST_AT_A_PAGE", 10)
    page = officer.post("/office/questions/ask/", {"name": "night_trips", **ASK}, follow=True).content.decode()
    assert "immis questions ask night_trips --from 2026-06-01" in page
    for wrong in ("name=x", "first=2026-06-30&last=2026-06-01", "first=then", "first=2020-01-01&last=2026-01-01"):
        assert officer.get(f"/office/questions/?{wrong}").status_code == 400


def test_volumes_of_others_join_the_balance(world, tmp_path):
    survey = tmp_path / "survey.csv"
    survey.write_text("ghat,kind,day,m3\nMUN-2026-01,surveyed,2026-06-10,75.5\n")
    assert CliRunner().invoke(command.add, [str(survey)]).exit_code == 0
    answer = CliRunner().invoke(command.ask, ["five_way_balance", "--month", "2026-06", "--format", "csv"])
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.splitlines()[1] == "MUN-2026-01,7545.2,16.0,,,75.5,,75.5"
    for wrong in ("ghat,kind,day,m3\nX,surveyed,2026-06-10,1\n", "ghat,kind,day,m3\nMUN-2026-01,guessed,2026-06-10,1\n",
                  "a,b\n1,2\n"):  # fmt: skip
        survey.write_text(wrong)
        refused = CliRunner().invoke(command.add, [str(survey)])
        assert refused.exit_code == 2 and "line 2" in refused.output
