"""Input that once ended in an error, through its own door: answered in words, and the page opens after it."""

import json
from datetime import date

import pytest
from django.db import transaction
from django.test import Client

from immis.adapters.treasury.signing import HEADER, signature
from immis.core.errors import Refusal
from immis.core.models import Installation
from immis.enforcement import services as enforcement
from immis.enforcement.models import Task
from immis.leases.models import ClearanceVersion
from immis.registry.models import Device, Party, River
from immis.registry.services import rivers
from immis.rules.calendar import end_of, start_of
from immis.web.api import auctions as api_of_auctions
from immis.web.shell.request.middleware import LANGUAGE_COOKIE
from tests.settlement import treasury, world
from tests.web.twin import NOW, Twin, statewide, twins

__all__ = ["treasury", "world"]
pytestmark = pytest.mark.django_db
EDGES = ("0001-01-01", "9999-12-31", "1899-12-31", "2201-01-01")


@pytest.fixture
def mine(db, data_dir, at) -> Twin:
    at.set(NOW)
    return twins()[0]


def reader(user, language: str = "en") -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    client.cookies[LANGUAGE_COOKIE] = language
    return client


@pytest.mark.parametrize("day", EDGES)
def test_the_first_and_the_last_day_of_a_calendar_filter_nothing(mine, day):
    hq = reader(statewide()["hq"])
    answer = hq.get("/log/", {"from_on": day, "to_on": day})
    assert answer.status_code == 200 and "from 1900 to 2200" in answer.content.decode()
    party = reader(mine.users["party"])
    code = mine.rows["lease"].number
    assert party.get(f"/settlee/leases/{code}/", {"deed_on": day}).status_code == 200


@pytest.mark.parametrize(
    "questions", [{"day": day} for day in EDGES] + [{"trip": trip} for trip in ("²", "٣", "9" * 30)]
)
def test_a_track_of_an_odd_day_or_trip_is_that_of_today(mine, questions):
    officer, mark = reader(mine.users["district"]), mine.rows["vehicle"].registration
    officer.post(f"/office/map/{mark}/why/", {"reason": "Case MUN-C-2026-0001", "next": "/"})
    for address in (f"/office/map/{mark}/track/", f"/office/map/{mark}/track.json", f"/office/map/{mark}/track.csv"):
        assert officer.get(address, questions).status_code < 500


@pytest.mark.parametrize("day", EDGES)
def test_a_clearance_of_another_age_is_refused_and_its_page_opens_after_it(mine, day):
    officer, page = reader(mine.users["district"]), f"/leases/{mine.rows['lease'].number}/clearances/"
    form_data = {"act": "version", "kind": "plan", "reference": "P/2", "granted_on": day, "quantity_m3": "5"}
    for changed in ({}, {"granted_on": "2026-10-01", "valid_until": day}):
        answer = officer.post(page, form_data | changed)
        assert answer.status_code == 422 and "from 1900 to 2200" in answer.content.decode()
    assert ClearanceVersion.objects.count() == 2 and officer.get(page).status_code == 200


@pytest.mark.parametrize("starts_at", ["0001-01-01T00:00", "9999-12-31T23:59", "2201-01-01T00:00"])
def test_a_mock_auction_of_another_age_is_not_held(mine, starts_at):
    officer, notice = reader(mine.users["district"]), f"/office/notices/{mine.rows['notice'].pk}/"
    answer = officer.post(f"{notice}act", {"act": "mock", "starts_at": starts_at, "minutes": "60"}, follow=True)
    assert answer.status_code == 200 and officer.get(notice).status_code == 200
    assert officer.get("/mock/").status_code == 200


def test_a_task_about_no_due_amount_reminds_nobody(mine):
    officer, task = reader(mine.users["district"]), mine.rows["task"]
    for facts in (task.facts, {}, {"party_id": 10**9}, {"party_id": "²"}):
        Task.objects.filter(pk=task.pk).update(facts=facts)
        answer = officer.post(f"/office/tasks/{task.pk}/remind")
        assert answer.status_code == 409 and "nobody to remind" in answer.content.decode()
        assert officer.get(f"/office/tasks/{task.pk}/").status_code == 200


BODIES = (
    b"[" * 9000, b'{"grn":' * 2000, b"{", b"null", b"[]", b"\xff", b'"\\ud800"', b"1e400", b"9" * 5000,
    b'{"grn": "\\u0000", "status": "paid", "amount_paise": 1}',
    b'{"grn": "\\ud800", "status": "paid", "amount_paise": 1}',
    b'{"grn": "G", "status": "paid", "amount_paise": 1e400}',
    b'{"grn": "G", "status": "paid", "amount_paise": 1, "paid_at": "9999-12-31T23:59:59-14:00"}',
    b'{"grn": "G", "status": "paid", "amount_paise": 1, "paid_at": "2026-10-16"}',
    b'{"grn": "G", "status": "paid", "amount_paise": 1, "bank_ref": "' + b"x" * 61 + b'"}',
    b'{"grn": "G", "status": "paid", "amount_paise": 1, "payer_account": "\\u0000"}',
)  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_signed_notice_that_cannot_be_read_is_a_bad_request(mine, settings, body):
    settings.TREASURY_KEY = "k"
    client = Client(raise_request_exception=False)
    sent = {HEADER: signature(body, key="k")}
    answer = client.post("/treasury/notify", body, content_type="application/json", headers=sent)
    assert answer.status_code == 400 and answer.json()["error"]


def test_a_key_like_a_date_and_steps_beyond_all_are_answered_in_words(mine):
    party, code = reader(mine.users["party"]), mine.rows["lot"].code
    for key in ("2026-99-99", "2026-10-16 10:00", "9999-12-31", "k\0", "\ud800", "k" * 65, ""):
        for steps in (1, 10**30, -(10**30)):
            body = json.dumps({"steps": steps, "key": key, "expected_highest": 10**30})
            answer = party.post(f"/api/v1/lots/{code}/bids", body, content_type="application/json")
            assert answer.status_code in (409, 422)
            form_data = {"steps": steps, "key": key.encode("utf-8", "surrogatepass"), "expected": 10**30}
            assert party.post(f"/auctions/{code}/bid", form_data).status_code < 500
    assert party.get(f"/auctions/{code}/").status_code == 200


@pytest.mark.parametrize(
    "changed, code",
    [({"name_en": "x" * 5000}, "REC-01"), ({"name_en": "a\0b"}, "REC-03"), ({"name_hi": "\ud800"}, "REC-03")],
)
def test_what_no_record_holds_is_refused_in_words_on_both_databases(mine, changed, code):
    party = Party.objects.get(pk=mine.rows["party"].pk)
    for name, value in changed.items():
        setattr(party, name, value)
    with pytest.raises(Refusal) as refused:
        party.save()
    assert [finding.code for finding in refused.value.findings] == [code]


def test_days_and_numbers_that_no_record_holds_are_refused(mine):
    demand, device = mine.rows["demand"], Device.objects.first()
    for name, value, code in (("due_on", date(9999, 12, 31), "REC-02"), ("amount_paise", 2**63, "REC-04")):
        was = getattr(demand, name)
        setattr(demand, name, value)
        with pytest.raises(Refusal) as refused:
            demand.save()
        assert refused.value.findings[0].code == code
        setattr(demand, name, was)
    demand.save(), device.save()


def test_the_calendar_s_first_and_last_day_have_their_instants():
    assert start_of(date.min) < start_of(date(1900, 1, 1)) and end_of(date.max) > end_of(date(2200, 1, 1))


def test_what_the_database_itself_cannot_hold_is_a_bad_request(mine, monkeypatch):
    from django.db import DataError

    def too_long(*_given, **_more):
        raise DataError("value too long for type character varying(120)")

    monkeypatch.setattr(enforcement, "decide_task", too_long)
    officer, task = reader(mine.users["district"]), mine.rows["task"]
    answer = officer.post(f"/office/tasks/{task.pk}/decide", {"decision": "done", "note": "x"})
    assert answer.status_code == 400 and "Traceback" not in answer.content.decode()


def test_what_is_on_record_already_is_refused_in_words_where_no_rule_saw_it(mine, monkeypatch):
    """Two officers enter the same river at once: the rule of each sees a register without it."""
    monkeypatch.setattr(rivers, "_refuse_taken", lambda *_words, **_more: None)
    river = {"name_en": "Bagmati Old", "name_hi": "बागमती", "spellings": ""}
    officer, asked = reader(statewide()["hq"]), {"act": "enter", **river}
    assert officer.post("/things/rivers/", asked).status_code == 302
    page = officer.post("/things/rivers/", asked)
    assert page.status_code == 409 and "REC-05" in page.content.decode()
    assert "is on record already, or somebody else recorded it" in page.content.decode()
    call = officer.post("/api/v1/rivers/acts/river.enter", json.dumps(river), content_type="application/json")
    (finding,) = call.json()["findings"]
    assert call.status_code == 409 and finding["code"] == "REC-05" and "पहले से अभिलेख में है" in finding["message"]["hi"]
    assert River.objects.filter(name_en="Bagmati Old").count() == 1


def test_what_fits_no_record_is_refused_in_words_and_a_fault_of_the_program_is_none(mine, monkeypatch):
    task, lot = mine.rows["task"], mine.rows["lot"]

    def answers(odd):
        def broken(*_given, **_more):
            with transaction.atomic():
                odd.save(force_insert=True)

        monkeypatch.setattr(enforcement, "decide_task", broken)
        monkeypatch.setattr(api_of_auctions, "place_bid", broken)
        asked = json.dumps({"steps": 1, "key": "k" * 9, "expected_highest": 0})
        officer, bidder = reader(mine.users["district"]), reader(mine.users["party"])
        page = officer.post(f"/office/tasks/{task.pk}/decide", {"decision": "done", "note": "x"})
        return page, bidder.post(f"/api/v1/lots/{lot.code}/bids", asked, content_type="application/json")

    for answer in answers(Installation(id=2, set_up_at=NOW)):
        assert answer.status_code == 409 and "REC-06" in answer.content.decode()
    assert [answer.status_code for answer in answers(Installation(id=1))] == [500, 500]
