"""Pages of transit passes: shut before the order, open after it, and whatever is typed into the public form."""

import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from immis import clock
from immis.challans.selectors import cancelled_pass_ids, check_in_public, check_typed
from immis.challans.services import record_scan
from immis.challans.signed.checking import verify_pass
from immis.challans.signed.keys import public_key_list
from immis.challans.signed.qr import qr_version
from immis.transit.models import TransitPass
from immis.transit.services.passes import withdraw
from tests.settlement import treasury, world
from tests.transit.loads import NOON, TRUCK, issued, ready
from tests.web.leases.test_lease_pages import signed_in, text

__all__ = ["treasury", "world"]
pytestmark = pytest.mark.django_db
FORM = {
    "act": "apply", "origin_state": "JH", "origin_number": "JHK/9", "origin_issued_at": "03.07.2026 16:30",
    "origin_until": "04.07.2026 02:00", "consignor": "Koderma Stone", "mineral": "stone", "quantity": "20.5",
    "unit": "t", "vehicle": "JH05 AB 1234", "driver_name": "Mahto", "district": "Munger", "destination": "Jamalpur",
    "consignee": "Ram Traders",
}  # fmt: skip


def codes(answer):
    return set(re.findall(r"/law/(IST-\d+)/", answer.content.decode()))


def test_before_the_order_every_door_says_so_and_after_it_the_form_is_open(world, at):
    at.set(NOON)
    party = signed_in(world, "settlee", "en")
    assert "No order has put them in force." in text(signed_in(world, None, "en").get("/istp/"))
    for page in ("/istp/register/", "/istp/passes/new/"):
        shut = text(party.get(page))
        assert "not yet in force: no order has been given" in shut
    refused = party.post("/istp/passes/new/", FORM)
    assert refused.status_code == 409 and "IST-01" in codes(refused)
    hq = signed_in(world, "hq", "en")
    given_ = {"act": "on", "starts_on": "03.07.2026", "order_no": "HQ/ISTP/1"}
    assert hq.post("/office/istp/status/", given_).status_code == 302
    assert "In force since 03.07.2026 by order HQ/ISTP/1" in text(hq.get("/office/istp/status/"))
    refused = party.post("/istp/passes/new/", FORM)
    assert refused.status_code == 409 and "IST-08" in codes(refused)
    assert signed_in(world, "mdo").post("/office/istp/status/", given_).status_code == 403


def test_one_refusal_says_every_reason(world, at):
    at.set(NOON)
    ready(world)
    party = signed_in(world, "settlee", "en")
    bad = {**FORM, "origin_issued_at": "03.07.2026 05:00", "vehicle": "JH99ZZ9999"}
    assert {"IST-03", "IST-06", "IST-07"} <= codes(party.post("/istp/passes/new/", bad))
    assert not TransitPass.objects.exists()


_ODD = ("", "\x00", "1e999", "NaN", "-1", "9" * 400, "<b>", "०१", "🚚")
_TYPED = st.one_of(st.text(max_size=60), st.sampled_from(_ODD))


@given(name=st.sampled_from([*FORM][1:] + ["text", "driver_phone"]), typed=_TYPED)
@example(name="origin_until", typed="31.12.9999 23:59")
@example(name="origin_issued_at", typed="01.01.0001 00:00")
@example(name="quantity", typed="999999.999")
@example(name="text", typed="eyJhbGciOiJub25lIn0.e30.")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_is_answered_in_words(world, at, name, typed):
    at.set(NOON)
    if not TransitPass.objects.exists() and not hasattr(world, "_ready"):
        ready(world)
        world._ready = True
    answer = signed_in(world, "settlee", "en").post("/istp/passes/new/", {**FORM, name: typed})
    assert answer.status_code in (302, 400, 409, 422), (name, typed, answer.status_code)


def test_a_pass_is_read_offline_and_at_the_check_post_with_the_number_of_its_challan(world, at, data_dir):
    at.set(NOON)
    row = issued(world)
    now = NOON + timedelta(minutes=5)
    verdict = verify_pass(row.pass_text, keys=public_key_list(clock.data_dir(), at=now), at=now)
    assert verdict.good and verdict.pass_facts.origin == "JH JHK/2026/000123"
    assert (verdict.pass_facts.weight_kg, verdict.pass_facts.valid_until) == (20_500, row.origin_until)
    assert qr_version(row.pass_text) <= 15
    for typed in (row.pass_text, row.number, TRUCK, row.number.lower().replace("-", " ")):
        answer = check_typed(typed, now)
        assert answer.good and answer.facts["origin_number"] == row.origin_number, typed
    assert check_typed(row.number, row.origin_until).reason == "expired"
    assert check_in_public(row.number, TRUCK, now).good
    assert check_in_public(row.number, "JH05AB9999", now).reason == "not_found"
    scan, warning = record_scan(answer=check_typed(row.number, now), by=world.actor("checkpost"), at=now, loaded=True)
    assert (scan.verdict, warning) == ("good", None)
    at.set(now)
    page = signed_in(world, "checkpost", "en").get(f"/checkpost/checks/{scan.pk}/")
    assert f"challan {row.origin_number} of Jharkhand" in text(page)
    assert f"/istp/passes/{row.number}/" in page.content.decode()


def test_a_pass_that_was_withdrawn_stands_on_the_signed_list(world, at, data_dir):
    at.set(NOON)
    row = issued(world)
    withdraw(istp=row, order_no="DMO/1", reason="never left", by=world.district, at=NOON)
    assert bytes.fromhex(row.pass_id) in cancelled_pass_ids(at=NOON)
    assert check_typed(row.number, NOON).reason == "cancelled"
    assert cancelled_pass_ids(at=row.origin_until) == []


def test_the_list_and_the_report_are_files_too(world, at):
    at.set(NOON)
    row = issued(world)
    office = signed_in(world, "mdo", "en")
    listed = b"".join(office.get("/office/istp/?format=csv")).decode()
    assert row.number in listed and "Jharkhand" in listed
    report = b"".join(office.get("/office/istp/report/?format=csv")).decode()
    assert "Jharkhand" in report and "20.5" in report
    assert row.number not in text(signed_in(world, "patna", "en").get("/office/istp/"))
