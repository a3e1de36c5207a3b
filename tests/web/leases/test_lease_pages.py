"""Settlements and payments through the pages: who sees what, acts, the clause that stops, paying and verifying."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from immis.core.models import OutboxEvent
from immis.leases import selectors
from immis.ledger.models import Demand, Receipt
from immis.ledger.services import note_payment
from immis.ledger.treasury import treasury as the_treasury
from tests.settlement import BANK, OWN, india, treasury, world

__all__ = ["treasury", "world"]
pytestmark = pytest.mark.django_db
LATE = india("2026-10-16", "00:00:00")
CODE = "MUN-2026-01"


def signed_in(world, name: str | None, language: str = "hi") -> Client:
    client = Client(headers={"Accept-Language": language})
    client.cookies["immis_language"] = language
    if name:
        client.force_login(world.users[name])
    return client


def text(answer) -> str:
    """The words of a page, without its marks."""
    plain = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", plain.replace("\u00a0", " "))


PAGES = {
    "settlee_home": ((), {"settlee", "other"}),
    "settlee_lease": ((CODE,), {"settlee"}),
    "office_leases": ((), {"mdo", "collector", "patna", "hq", "monitor"}),
    "office_lease": ((CODE,), {"mdo", "collector", "hq", "monitor"}),
    "office_payments": ((), {"mdo", "collector", "patna"}),
    "lease_statement": ((CODE,), {"settlee", "mdo", "collector", "hq", "monitor"}),
    "lease_loi": ((CODE,), {"settlee", "mdo", "collector", "hq", "monitor"}),
    "lease_deed": ((CODE,), {"settlee", "mdo", "collector", "hq", "monitor"}),
}


@pytest.mark.parametrize("page", PAGES)
def test_who_sees_which_page(world, at, page):
    world.with_loi()
    at.set(india("2026-06-12"))
    args, readers = PAGES[page]
    answers = {name: signed_in(world, name).get(reverse(page, args=args)).status_code for name in world.users}
    assert {name for name, status in answers.items() if status == 200} == readers
    assert set(answers.values()) <= {200, 403, 404}
    assert signed_in(world, None).get(reverse(page, args=args)).status_code == 302


def test_pay_and_receipt_pages_are_for_their_own(world, at):
    world.opened()
    at.set(india("2026-06-06"))
    demand = Demand.objects.get(kind="security")
    receipt = world.pay(demand, at=at())
    pays = {name: signed_in(world, name).get(f"/pay/{demand.number}/").status_code for name in world.users}
    sees = {name: signed_in(world, name).get(f"/office/payments/{receipt.number}/").status_code for name in world.users}
    assert {name for name, status in pays.items() if status == 200} == {"settlee"}
    assert {name for name, status in sees.items() if status == 200} == {"mdo", "collector"}


def test_paying_and_verifying_through_the_pages_opens_the_challans(world, at):
    """A-17, A-18: stopped with the clause, paid at the bank, verified by the district, open again."""
    lease = world.mining()
    at.set(LATE)
    settlee, officer = signed_in(world, "settlee"), signed_in(world, "mdo")
    page = text(settlee.get(f"/settlee/leases/{CODE}/"))
    assert "ई-चालान बंद" in page and "₹ 22,37,625" in page and "कंडिका 24(ii)" in page
    assert "जिला कार्यालय के सत्यापन पर स्वतः" in page
    demand = world.instalment(lease, 1, 2)
    start = settlee.post(f"/pay/{demand.number}/")
    assert start.status_code == 303 and start["Location"].startswith(world.treasury.url)
    back = BANK.post(start["Location"], data={"act": "pay", "account": OWN})
    assert back.headers["Location"].endswith(f"/pay/{demand.number}/")
    settlee.post(f"/pay/{demand.number}/", {"act": "ask"})
    assert "जिला कार्यालय का सत्यापन शेष" in text(settlee.get(f"/pay/{demand.number}/"))
    receipt = Receipt.objects.get(demand=demand)
    queue = text(officer.get("/office/payments/"))
    assert receipt.number in queue and "सत्यापन शेष" in queue
    assert "भुगतान हुआ, राशि समान है" in text(officer.get(f"/office/payments/{receipt.number}/"))
    at.set(LATE + timedelta(hours=5))
    done = officer.post(f"/office/payments/{receipt.number}/", {"act": "verify"}, follow=True)
    assert "सत्यापित" in text(done)
    assert selectors.standing_holds(lease, at()) == []
    assert "ई-चालान बंद" not in text(settlee.get("/settlee/"))


def test_a_foreign_account_is_refused_in_words_until_a_reason_is_given(world, at):
    """E-083."""
    world.opened()
    at.set(india("2026-06-06"))
    receipt = world.pay(Demand.objects.get(kind="security"), at=at(), account="999000111")
    note_payment(standing=the_treasury().status(receipt.grn), source="poll", at=at())
    officer = signed_in(world, "mdo")
    assert "भुगतान पक्ष के अपने खाते से नहीं" in text(officer.get("/office/payments/"))
    refused = officer.post(f"/office/payments/{receipt.number}/", {"act": "verify"})
    assert refused.status_code == 409 and "999000111" in text(refused) and "20 iii" in text(refused)
    officer.post(f"/office/payments/{receipt.number}/", {"act": "verify", "reason": "निदेशक का खाता"})
    receipt.refresh_from_db()
    assert receipt.state == "verified"


def test_refusing_a_payment_needs_a_reason(world, at):
    world.opened()
    at.set(india("2026-06-06"))
    receipt = world.pay(Demand.objects.get(kind="security"), at=at())
    note_payment(standing=the_treasury().status(receipt.grn), source="poll", at=at())
    officer = signed_in(world, "mdo", "en")
    assert "Write the reason" in text(
        officer.post(f"/office/payments/{receipt.number}/", {"act": "refuse"}, follow=True)
    )
    officer.post(f"/office/payments/{receipt.number}/", {"act": "refuse", "reason": "wrong party"})
    receipt.refresh_from_db()
    assert receipt.state == "refused" and receipt.reason == "wrong party"


def test_a_silent_treasury_is_shown_in_words(world, at, settings):
    world.opened()
    at.set(india("2026-06-06"))
    demand = Demand.objects.get(kind="security")
    receipt = world.pay(demand, at=at())
    note_payment(standing=the_treasury().status(receipt.grn), source="poll", at=at())
    settings.TREASURY_URL = "http://127.0.0.1:9"
    officer = signed_in(world, "mdo", "en")
    assert "The treasury does not answer now" in text(officer.get(f"/office/payments/{receipt.number}/"))
    assert officer.post(f"/office/payments/{receipt.number}/", {"act": "verify"}).status_code == 409


STEPS = [
    ("documents", {"on": "2026-06-06"}),
    (
        "assets",
        {"on": "2026-06-06", "members": "Ram; ABCPR1234F; director; 5; 0", "movable": "7", "immovable": "0"},
    ),
    ("loi", {"on": "2026-06-10"}),
    ("plan_applied", {"on": "2026-06-20"}),
    ("plan_granted", {"on": "2026-07-02", "reference": "P/1", "quantity_m3": "91800"}),
    ("ec_applied", {"on": "2026-07-05"}),
    ("ec_granted", {"on": "2026-07-08", "reference": "EC/1", "quantity_m3": "80000"}),
    ("cte_cto_applied", {"on": "2026-07-09"}),
    ("cte_cto_granted", {"on": "2026-07-12", "reference": "C/1", "quantity_m3": "91800"}),
    ("gst", {"on": "2026-07-01"}),
]


PILLARS = {"on": "2026-07-14", "present": "rqp", "certified_by": "RQP/7", "reference": "DM/1"}


def test_the_whole_path_through_the_officers_page(world, at):
    lease = world.opened()
    world.pay_and_verify(selectors.security_demand(lease), at=india("2026-06-08"))
    at.set(india("2026-07-14"))
    officer, collector, url = signed_in(world, "mdo"), signed_in(world, "collector"), f"/office/leases/{CODE}/"
    for act, said in STEPS:
        assert f'value="{act}"' in officer.get(url).content.decode(), act
        assert officer.post(url, {"act": act, **said}).status_code == 302, act
        if act == "loi":
            lease.refresh_from_db()
            assert lease.loi_on is None, "the mining office only proposes"
            assert collector.post(url, {"act": act, **said}).status_code == 302
    assert collector.post(url, {"act": "deed", "on": "2026-07-14"}).status_code == 409  # nobody proposed it
    refused = officer.post(url, {"act": "deed", "on": "2026-07-14"})
    assert refused.status_code == 409 and "प्रथम किस्त" in text(refused) and "24(ii)" in text(refused)
    world.pay_and_verify(selectors.first_instalment(lease), at=at())
    for act, said in (
        ("deed", {"on": "2026-07-14"}),
        ("demarcation", {**PILLARS, "pillars": "4"}),
        ("permission", {}),
        ("registration", {"on": "2026-07-14", "number": "7"}),
    ):
        assert officer.post(url, {"act": act, **said}).status_code == 302, act
        if act in ("deed", "permission"):
            assert collector.post(url, {"act": act, **said}).status_code == 302, act
    lease.refresh_from_db()
    assert lease.permitted_at and lease.registered_on and selectors.permitted_quantity(lease) == 80_000
    page = text(officer.get(url))
    assert "खनन की अनुमति" in page and "₹ 44,75,250" in page and "80,000 घन मीटर" in page
    assert "14.10.2026" in page and "LSE" not in page


@pytest.mark.parametrize("said", [{}, {"on": ""}, {"on": "gestern"}, {"on": "2026-13-45"}])
def test_a_wrong_form_is_shown_again_with_its_error(world, at, said):
    world.opened()
    at.set(india("2026-06-06"))
    answer = signed_in(world, "mdo").post(f"/office/leases/{CODE}/", {"act": "documents", **said})
    assert answer.status_code == 422 and "aria-invalid" in answer.content.decode()


def test_an_unknown_act_and_a_reader_change_nothing(world, at):
    lease = world.opened()
    at.set(india("2026-06-06"))
    before = OutboxEvent.objects.count()
    signed_in(world, "mdo").post(f"/office/leases/{CODE}/", {"act": "explode"})
    signed_in(world, "hq").post(f"/office/leases/{CODE}/", {"act": "documents", "on": "2026-06-06"})
    lease.refresh_from_db()
    assert lease.documents_received_on is None and OutboxEvent.objects.count() == before
    assert (
        signed_in(world, "patna").post(f"/office/leases/{CODE}/", {"act": "loi", "on": "2026-06-06"}).status_code == 404
    )


def test_the_list_filters_and_goes_along(world, at):
    world.mining()
    at.set(LATE)
    officer = signed_in(world, "mdo", "en")
    assert "Kalisthan" in text(officer.get("/office/leases/?state=stopped&q=fulkiya"))
    assert "No settlement here" in text(officer.get("/office/leases/?state=mining"))
    csv = officer.get("/office/leases/?format=csv").content.decode("utf-8-sig")
    assert "MUN-2026-01" in csv and "E-challans stopped" in csv
    assert officer.get("/office/leases/?format=xlsx").content[:2] == b"PK"
    payments = officer.get("/office/payments/?state=all&format=csv").content.decode("utf-8-sig")
    assert "5163750" not in payments and "516375" in payments and OWN in payments


def test_what_if_the_deed_were_signed_on_another_day(world, at):
    world.with_loi()
    at.set(india("2026-06-12"))
    settlee = signed_in(world, "settlee", "en")
    page = text(settlee.get(f"/settlee/leases/{CODE}/?deed_on=2026-08-31"))
    assert "30.11.2026" in page and "28.02.2027" in page
    for odd in ("gestern", "1850-01-01", "9999-12-31"):
        assert settlee.get(f"/settlee/leases/{CODE}/?deed_on={odd}").status_code == 200


def test_the_schedule_cites_its_clause_and_draws_a_time_line(world, at):
    """A-13."""
    world.mining()
    at.set(LATE)
    page = signed_in(world, "settlee").get(f"/settlee/leases/{CODE}/").content.decode()
    assert page.count("/law/INS-02/") >= 5 and "<svg" in page and "15.10.2026" in page
    assert 'style="' not in page and "<script>" not in page


def test_the_pages_are_whole_in_both_languages(world, at):
    world.mining()
    at.set(LATE)
    english = text(signed_in(world, "settlee", "en").get(f"/settlee/leases/{CODE}/"))
    hindi = text(signed_in(world, "settlee", "hi").get(f"/settlee/leases/{CODE}/"))
    assert "E-challans stopped" in english and "Year 1, second instalment" in english
    for word in ("Statement", "Instalment", "Overdue", "Pay now", "Path to"):
        assert word not in hindi


def test_the_statement_and_the_letter(world, at):
    world.mining()
    at.set(LATE)
    settlee = signed_in(world, "settlee")
    assert "₹ 5,16,375" in text(settlee.get(f"/leases/{CODE}/statement/"))
    for name in ("loi", "deed", "work-order"):
        letter = settlee.get(f"/leases/{CODE}/{name}.pdf")
        assert letter["Content-Type"] == "application/pdf" and letter.content.startswith(b"%PDF")


def test_the_officer_sees_the_history_with_names(world, at):
    """A-19."""
    lease = world.mining()
    from immis.leases.jobs import announce_dues_and_holds

    announce_dues_and_holds(at=LATE)
    world.pay_and_verify(world.instalment(lease, 1, 2), at=LATE + timedelta(hours=1))
    announce_dues_and_holds(at=LATE + timedelta(hours=1))
    at.set(LATE + timedelta(hours=2))
    page = text(signed_in(world, "mdo").get(f"/office/leases/{CODE}/"))
    assert "16.10.2026, 01:00" in page and "mdo जी" in page and "जिला कार्यालय द्वारा भुगतान सत्यापित" in page
