"""The money of a settlement as people meet it: E-173 to the paisa, the due instant, what is refused, what goes back."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from immis.adapters.treasury.signing import HEADER, signature
from immis.challans.models import Challan
from immis.core.models import ActionLog
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.gateway.state.device import DeviceState
from immis.gateway.store.outbox import Outbox
from immis.leases import jobs, selectors, services
from immis.leases.models import LeaseAct, PriceOrder
from immis.ledger import selectors as ledger_selectors
from immis.ledger.models import Demand, Receipt, RefundClaim, RefundOrder
from immis.ledger.refund_jobs import carry_out_refunds
from immis.ledger.services import begin_payment, note_payment, verify_receipt
from immis.ledger.treasury import treasury as the_treasury
from immis.messaging.models import Message
from immis.registry import services as registry
from tests.fit import LORRY
from tests.settlement import KEY, OWN, india, treasury, world
from tests.web.leases.test_lease_pages import CODE, signed_in, text

__all__ = ["treasury", "world"]
pytestmark = pytest.mark.django_db
PLATE, IMEI = "BR08G1234", "861234567890123"


# -- E-173


def test_the_example_of_the_tender_is_true_on_the_page_and_in_the_ledger(world, at):
    """E-173: bid 89,50,500: security, balance, instalments, DMF, second year, five years; each to the paisa."""
    lease = world.mining()
    at.set(india("2026-07-20"))
    page = text(signed_in(world, "settlee").get(f"/settlee/leases/{CODE}/"))
    for shown in ("₹ 89,50,500", "₹ 5,16,375", "₹ 44,75,250", "₹ 22,37,625", "₹ 1,79,010"):
        assert shown in page, shown
    held = signed_in(world, "mdo").get(f"/office/leases/{CODE}/life/")
    assert "₹ 22,37,625" in text(held), "security held"
    due = {
        (d.key.split(":", 2)[0], *d.key.split(":")[2:]): d.amount_paise for d in selectors.demands_of(lease) if d.key
    }
    instalments = {key[1:]: paise for key, paise in due.items() if key[0] == "instalment"}
    assert [instalments["1", str(n)] for n in (1, 2, 3)] == [447_525_000, 223_762_500, 223_762_500]
    assert sum(paise for (year, _n), paise in instalments.items() if year == "2") == 1_074_060_000
    assert sum(instalments.values()) == 6_660_604_080
    assert due["dmf", "1"] == 17_901_000
    assert Demand.objects.get(kind="security").amount_paise == 51_637_500
    sums = {row["account_id"]: row["credit"] - row["debit"] for row in ledger_selectors.trial_balance()}
    assert (sums["2000"], sums["2100"], sums["4000"]) == (0, 223_762_500, 447_525_000)
    assert ledger_selectors.problems() == []


def test_the_statement_is_a_paper_in_both_languages_and_each_line_opens_its_entries(world, at):
    pypdf = pytest.importorskip("pypdf")
    import io

    world.mining()
    at.set(india("2026-07-20"))
    settlee = signed_in(world, "settlee")
    answer = settlee.get(f"/leases/{CODE}/statement.pdf")
    assert answer["Content-Type"] == "application/pdf"
    paper = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    assert "Statement of account" in paper and "₹ 44,75,250.00" in paper and "लेखा" in paper and "MUN-2026-01" in paper
    security = Demand.objects.get(kind="security")
    assert f"/pay/{security.number}/" in settlee.get(f"/leases/{CODE}/statement/").content.decode()
    office = signed_in(world, "mdo").get(f"/leases/{CODE}/statement/").content.decode()
    assert f"/office/demands/{security.number}/" in office
    assert signed_in(world, "other").get(f"/leases/{CODE}/statement.pdf").status_code == 404


# -- the due instant


@pytest.fixture
def lorry(world, data_dir):
    """A lorry that stands at the ghat and says so whenever it is asked to; answers how it reports."""
    at = india("2026-07-20")
    lorry = registry.NewVehicle(registration=PLATE, capacity_m3=Decimal(10), owner_name="Ram", **LORRY)
    vehicle = registry.register_vehicle(vehicle=lorry, by=world.district, at=at)
    registry.fit_device(imei=IMEI, vehicle=vehicle, by=world.district, at=at)
    registry.add_place(
        place=registry.NewPlace(
            code="patna", kind="destination", name_en="Patna", name_hi="पटना", lat=25.35, lon=86.65, district="Patna"
        )
    )

    def report(instant):
        state = DeviceState(
            imei=IMEI, vehicle=PLATE, at_s=instant.timestamp(), received_s=instant.timestamp(), fix=True,
            lat=25.2804, lon=86.6112, speed_kmh=0.0, heading=0.0, ignition=True, main_power=True,
            inside=["ghat:MUN-2026-01"], trip=None, episodes={},
        )  # fmt: skip
        outbox = Outbox(data_dir)
        fleet = outbox.fleet()
        fleet.admit(state)
        outbox.commit(events=[], fleet=fleet, rests={}, facts={})
        outbox.close()

    return report


def ask_for_a_challan(client, key: str):
    said = {"vehicle": "", "other": PLATE, "place": "patna", "quantity_m3": "8.5", "driver_name": "राम", "key": key}
    return client.post(f"/settlee/leases/{CODE}/challans/new/", said)


def test_the_due_instant_stops_the_next_request_and_the_verification_opens_the_one_after_it(world, at, lorry):
    """A-17…A-19: a second before, the due instant, paid but not verified, verified; log with clause and officer."""
    lease = world.mining()
    for demand in [world.instalment(lease, 1, 2), Demand.objects.get(key=f"dmf:{lease.number}:1")]:
        world.pay_and_verify(demand, at=india("2026-10-10"))
    third, due = world.instalment(lease, 1, 3), india("2027-01-16", "00:00:00")
    assert third.due_on == date(2027, 1, 15)
    settlee = signed_in(world, "settlee")

    at.set(due - timedelta(seconds=1))
    lorry(at())
    first = ask_for_a_challan(settlee, "a")
    assert first.status_code == 302, text(first)
    registry_challan = Challan.objects.get()
    Challan.objects.filter(pk=registry_challan.pk).update(state=Challan.CANCELLED)  # the lorry may load again

    at.set(due)  # no worker has run: the stop needs none
    lorry(at())
    stopped = ask_for_a_challan(settlee, "b")
    assert stopped.status_code == 409 and "/law/HLD-01/" in stopped.content.decode() and Challan.objects.count() == 1
    assert "16.01.2027, 00:00" in text(stopped) and "24(ii)" in text(stopped)
    jobs.announce_dues_and_holds(at=at())

    at.set(due + timedelta(hours=2))
    receipt = world.pay(third, at=at())
    note_payment(standing=the_treasury().status(receipt.grn), source="poll", at=at())
    lorry(at())
    assert ask_for_a_challan(settlee, "c").status_code == 409, "paid is not verified"

    at.set(due + timedelta(hours=3))
    officer = signed_in(world, "mdo")
    officer.post(f"/office/payments/{receipt.number}/", {"act": "verify"})
    lorry(at())
    again = ask_for_a_challan(settlee, "d")
    assert again.status_code == 302, text(again)
    jobs.announce_dues_and_holds(at=at())

    log = {row.code: row for row in ActionLog.objects.filter(subject_kind="lease", subject_id=lease.number)}
    begun, ended, verified = log["hold.started"], log["hold.ended"], log["receipt.verified"]
    assert begun.facts["rule_code"] == "HLD-01" and verified.user_id == world.users["mdo"].pk
    rows = {row["demand"]: row for row in settlee.get(f"/api/v1/leases/{CODE}/dues").json()}
    assert (rows[third.number]["balance_paise"], rows[third.number]["days_overdue"]) == (0, 0)
    page = text(officer.get(f"/office/leases/{CODE}/"))
    assert "16.01.2027, 03:00" in page and "mdo जी" in page and "जिला कार्यालय द्वारा भुगतान सत्यापित" in page
    assert (
        ended.facts["officer"] == "mdo जी" and "/law/HLD-01/" in officer.get(f"/office/leases/{CODE}/").content.decode()
    )


# -- what is refused, with its reason, and kept for the desk


def test_a_forged_notice_is_refused_and_lands_with_headquarters(world, at):
    lease = world.mining()
    at.set(india("2026-10-20"))
    receipt = world.pay(world.instalment(lease, 1, 2), at=at())
    body = json.dumps({"grn": receipt.grn, "reference": receipt.number, "status": "paid", "amount_paise": 223_762_500})
    for sent in ("", "sha256=" + "0" * 64, signature(body.encode(), key="another key")):
        answer = Client().post("/treasury/notify", body, content_type="application/json", headers={HEADER: sent})
        assert answer.status_code == 403 and answer.json()["code"] == "PAY-07" and answer.json()["hi"]
    receipt.refresh_from_db()
    assert receipt.state == "created" and world.instalment(lease, 1, 2).settled_at is None
    run_triggers(at=at())
    assert Task.objects.filter(code="TRG-116", state="open").count() == 1
    desk = text(signed_in(world, "hq").get("/office/"))
    assert "कोषागार के हस्ताक्षर के बिना सूचना आई" in desk
    assert ActionLog.objects.filter(code="treasury.notice_forged").exists()


def test_money_under_an_unknown_grn_is_kept_and_looked_into(world, at):
    at.set(india("2026-10-20"))
    body = json.dumps(
        {
            "grn": "BR26X0001",
            "reference": "",
            "status": "paid",
            "amount_paise": 500,
            "payer_account": "9",
            "bank_ref": "U",
        }
    )
    headers = {HEADER: signature(body.encode(), key=KEY)}
    for _ in range(2):
        Client().post("/treasury/notify", body, content_type="application/json", headers=headers)
    run_triggers(at=at())
    assert [task.subject_id for task in Task.objects.filter(code="TRG-117")] == ["BR26X0001"]
    assert "BR26X0001" in text(signed_in(world, "hq").get("/office/"))


def test_a_bad_scroll_is_refused_with_its_reason_and_kept(world, at):
    world.mining()
    at.set(india("2026-10-20"))
    hq = signed_in(world, "hq")
    wrong = {
        b"\xff\xfe\x00": "UTF-8",
        b"SCROLL,S1,2026-07-14,Munger\nC,G1,U,10.00,2026-07-14,1\nTOTAL,1,11.00\n": "योग",
        b"SCROLL,S2,2026-07-14,Munger\nC,G1,U,10.00,2026-07-14,1\nTOTAL,2,10.00\n": "संख्या",
    }
    for raw, reason in wrong.items():
        answer = hq.post("/office/scrolls/", {"file": SimpleUploadedFile("s.csv", raw)}, follow=True)
        assert answer.status_code == 200 and reason in text(answer), (raw, text(answer))
    listed = text(hq.get("/office/scrolls/"))
    assert listed.count("अस्वीकृत") >= 3
    fitting = Receipt.objects.get(demand__kind="security")
    lines = [f"C,{fitting.grn},U,1.00,2026-06-08,{OWN}", "C,NONE,U,5.00,2026-06-08,1"]
    raw = "\n".join(["SCROLL,S3,2026-06-08,Munger", *lines, "TOTAL,2,6.00"])
    page = text(hq.post("/office/scrolls/", {"file": SimpleUploadedFile("s.csv", raw.encode())}, follow=True))
    assert "हमारी कोई रसीद नहीं" in page and "रसीद से भिन्न राशि" in page
    run_triggers(at=at())
    assert Task.objects.filter(code="TRG-42", state="open").exists()


def test_a_refused_payment_goes_back_by_two_persons_to_where_it_came_from(world, at):
    """E-083: refused with a reason, proposed by the district, approved by the Collector, paid by the treasury."""
    world.opened()
    at.set(india("2026-06-06"))
    demand = Demand.objects.get(kind="security")
    receipt = world.pay(demand, at=at(), account="999000111")
    note_payment(standing=the_treasury().status(receipt.grn), source="poll", at=at())
    officer, collector = signed_in(world, "mdo"), signed_in(world, "collector")
    assert "अपने खाते से नहीं" in text(officer.get("/office/payments/"))
    officer.post(f"/office/payments/{receipt.number}/", {"act": "refuse", "reason": "दूसरे का खाता"})
    assert collector.post(f"/office/payments/{receipt.number}/propose").status_code == 403
    officer.post(f"/office/payments/{receipt.number}/propose")
    assert officer.post(f"/office/payments/{receipt.number}/propose").status_code == 409, "once"
    claim = RefundClaim.objects.get()
    assert (claim.account, claim.amount_paise) == ("999000111", 51_637_500)
    url = f"/office/claims/{claim.number}/"
    assert officer.post(url, {"act": "approve"}).status_code == 403
    run_triggers(at=at())
    assert "TRG-111" in Task.objects.filter(state="open").values_list("code", flat=True)
    assert "₹ 5,16,375" in text(collector.get(url))
    collector.post(url, {"act": "approve"})
    assert collector.post(url, {"act": "reject", "reason": "x"}).status_code == 409
    for day in ("2026-06-07", "2026-06-08"):
        carry_out_refunds(at=india(day))
    order = RefundOrder.objects.get()
    assert order.state == "paid" and ledger_selectors.problems() == []
    run_triggers(at=india("2026-06-08"))
    assert not Task.objects.filter(code="TRG-111", state="open").exists()
    assert set(Message.objects.filter(template__in=["MSG-111", "MSG-72"]).values_list("template", flat=True)) == {
        "MSG-111", "MSG-72",
    }  # fmt: skip


# -- credit on account


@pytest.fixture
def credit(world, at):
    """₹ 1,000 above the first instalment, on a settlement with nothing overdue."""
    lease = world.cleared()
    first = selectors.first_instalment(lease)
    start = begin_payment(demand=first, by=world.settlee, at=india("2026-07-14"), return_url="http://testserver/x/")
    world.treasury.books.settle(start.receipt.grn, paid=True, account=OWN, amount_paise=first.amount_paise + 100_000)
    verify_receipt(receipt=start.receipt, by=world.district, at=india("2026-07-14"), reason="अधिक")
    at.set(india("2026-07-16"))
    return world.issue("deed", lease=lease, on=date(2026, 7, 15), at=india("2026-07-15"))


@pytest.mark.flow
def test_an_excess_is_asked_for_decided_and_returned(world, at, credit):
    """A-11: the credit is shown, claimed once, decided by the Collector, and the books agree at every step."""
    settlee, collector = signed_in(world, "settlee"), signed_in(world, "collector")
    mine = f"/settlee/leases/{CODE}/returns/"
    overdue = settlee.post(mine, {"amount": "1000", "reason": "अधिक भुगतान"})
    assert overdue.status_code == 409 and "पहले बकाया" in text(overdue), "the DMF of 15.07. is overdue"
    world.pay_and_verify(Demand.objects.get(key=f"dmf:{credit.number}:1"), at=at())
    assert "₹ 1,000" in text(settlee.get(mine))
    assert settlee.post(mine, {"amount": "1000.01", "reason": "x"}).status_code == 409
    assert settlee.post(mine, {"amount": "", "reason": "x"}).status_code == 422
    settlee.post(mine, {"amount": "400", "reason": "अधिक भुगतान"})
    assert settlee.post(mine, {"amount": "100", "reason": "और"}).status_code == 409, "one claim at a time"
    claim = RefundClaim.objects.get()
    collector.post(f"/office/claims/{claim.number}/", {"act": "reject", "reason": "खाता संख्या देखें"})
    assert "खाता संख्या देखें" in text(settlee.get(mine))
    settlee.post(mine, {"amount": "1000", "reason": "पुनः"})
    claim = RefundClaim.objects.get(state="asked")
    collector.post(f"/office/claims/{claim.number}/", {"act": "approve"})
    assert ledger_selectors.credit_on(("lease", credit.number)) == 0 and ledger_selectors.problems() == []
    for day in ("2026-07-17", "2026-07-18"):
        carry_out_refunds(at=india(day))
    assert RefundOrder.objects.get().state == "paid" and ledger_selectors.problems() == []
    assert "वापस" in text(settlee.get(mine))
    entries = ledger_selectors.statement_of(("lease", credit.number), at=india("2026-07-19"))
    assert (entries[-1].debit_paise, entries[-1].balance_paise) == (100_000, 0), "what went back stands in the account"
    assert "C26-000002" in text(signed_in(world, "hq").get("/office/claims/?state=approved"))
    assert signed_in(world, "hq").get("/office/claims/?format=csv").status_code == 200
    assert signed_in(world, "patna").get(f"/office/claims/{claim.number}/").status_code == 404
    assert signed_in(world, "other").get(mine).status_code == 404


def test_the_check_sees_a_refund_that_the_journal_does_not_know(world, credit):
    RefundOrder.objects.create(
        number="W26-9", party=world.party, subject_kind="lease", subject_id=credit.number, district="Munger",
        head="2900", label={"en": "x", "hi": "x"}, amount_paise=5, account="1", key="x", ordered_at=india("2026-07-16"),
    )  # fmt: skip
    assert [one["problem"] for one in ledger_selectors.problems()] == ["refunds_and_journal_differ"]


# -- the security at the end, papers of a first grant, price, plan check, pits


def test_the_security_goes_to_the_treasury_like_every_return(world, at):
    """E-081, E-082."""
    lease = world.mining()
    for demand in selectors.demands_of(lease, settled_at__isnull=True):
        world.pay_and_verify(demand, at=india("2027-01-01"))
    at.set(india("2031-07-15"))
    from immis.leases.reminders import announce_calendar

    announce_calendar(at=at())
    run_triggers(at=at())
    assert Task.objects.filter(code="TRG-110", state="open").exists()
    collector = signed_in(world, "collector")
    collector.post(f"/office/leases/{CODE}/life/", {"act": "refund", "reference": "DM/5"})
    for hour in (1, 2):
        carry_out_refunds(at=at() + timedelta(hours=hour))
    order = RefundOrder.objects.get()
    assert (order.state, order.amount_paise, order.head, order.account) == ("paid", 223_762_500, "2100", OWN)
    sums = {row["account_id"]: row["credit"] - row["debit"] for row in ledger_selectors.trial_balance()}
    assert (sums["2100"], sums["2400"]) == (0, 0) and ledger_selectors.problems() == []


def test_the_first_grant_keeps_validity_and_document(world, at):
    lease = world.with_loi()
    at.set(india("2026-07-03"))
    services.record_clearance(lease=lease, kind="plan", applied_on=date(2026, 6, 20), by=world.district, at=at())
    officer, url = signed_in(world, "mdo"), f"/office/leases/{CODE}/"
    assert "multipart/form-data" in officer.get(url).content.decode()
    said = {"act": "plan_granted", "on": "2026-07-02", "reference": "P/1", "quantity_m3": "91800"}
    junk = SimpleUploadedFile("plan.pdf", b"MZ not a paper")
    assert officer.post(url, {**said, "document": junk}).status_code == 409
    paper = SimpleUploadedFile("plan.pdf", b"%PDF-1.7 plan", content_type="application/pdf")
    assert officer.post(url, {**said, "valid_until": "2031-07-01", "document": paper}).status_code == 302
    version = selectors.clearances_of(lease)["plan"].versions.get()
    assert version.valid_until == date(2031, 7, 1) and version.document["type"] == "PDF"


@pytest.mark.flow
def test_a_price_a_plan_check_and_refilled_pits_have_their_pages(world, at):
    """E-089, E-106, E-109."""
    lease = world.mining()
    at.set(india("2026-09-15"))
    collector, settlee = signed_in(world, "collector"), signed_in(world, "settlee")
    said = {"district": "Munger", "ghat": "", "number": "DM/12", "from_on": "2026-09-16", "reason": "मूल्य वृद्धि"}
    sums = {"amount": "97.50", "costs": "400", "margin": "100"}
    assert collector.post("/office/prices/", {**said, **sums, "price": "597.49"}).status_code == 409
    assert collector.post("/office/prices/", {**said, **sums, "price": "600"}).status_code == 302
    at.set(india("2026-09-16"))
    assert "₹ 600" in text(Client().get(f"/ghats/{CODE}/")) and "DM/12" in text(
        signed_in(world, "hq").get("/office/prices/")
    )
    collector.post("/office/prices/", {**said, "number": "DM/13", "from_on": "2026-09-17"})
    at.set(india("2026-09-17"))
    assert "₹ 600" not in text(Client().get(f"/ghats/{CODE}/")) and PriceOrder.objects.count() == 2
    run_triggers(at=at())
    told = Message.objects.filter(template="MSG-115").order_by("pk")
    assert ["600" in one.facts["price"]["hi"] for one in told] == [True, False]

    check = {"act": "plan_check", "agency": "MECL", "cost": "25000", "reference": "DM/9"}
    collector.post(f"/office/leases/{CODE}/life/", check)
    collector.post(f"/office/leases/{CODE}/life/", check)
    fee = Demand.objects.get(kind="fee", subject_id=lease.number)
    assert fee.amount_paise == 2_500_000 and fee.due_on == date(2026, 10, 17) and fee.cites[0]["code"] == "LSE-50"

    mine = f"/settlee/leases/{CODE}/life/"
    assert (
        settlee.post(mine, {"act": "refill", "on": "2026-09-18", "quantity_m3": "5", "place": "x"}).status_code == 409
    )
    settlee.post(mine, {"act": "refill", "on": "2026-09-16", "quantity_m3": "120.5", "place": "पूर्वी किनारा"})
    assert LeaseAct.objects.get(kind="pits_refilled").facts["quantity_m3"] == "120.5"
    assert "पूर्वी किनारा" in text(settlee.get(mine)) and ledger_selectors.problems() == []


def test_districts_lie_on_a_map_of_tiles_with_their_heat(world, at):
    world.mining()
    at.set(india("2026-10-20"))
    page = signed_in(world, "hq").get("/office/dues/").content.decode()
    tiles = page.split('class="tiles"')[1].split("</table>")[0]
    assert tiles.count("<a ") == 38 and "heat-5" in tiles and "लाख" in tiles and "style=" not in tiles
    assert 'class="tiles"' not in signed_in(world, "mdo").get("/office/dues/").content.decode()


@pytest.mark.flow
def test_a_ghat_in_a_prohibited_area_is_not_mined(world, at):
    """E-107: a no-go area of the register of fences that the ghat overlaps shuts the permission."""
    from immis.registry.fences import DrawnFence, save_fence

    lease = world.deeded()
    services.record_gst(lease=lease, on=date(2026, 7, 10), by=world.district, at=india("2026-07-15"))
    world.demarcate(lease, at=india("2026-07-15"))
    at.set(india("2026-07-16"))
    fields = {"name_en": "Bridge", "name_hi": "पुल", "district": "Munger", "width_m": 0, "valid_until": None}
    fields |= {"reason": "पुल", "reference": "DM/3"}
    person = {"by": world.district, "at": at()}
    ring = [[25.28, 86.61], [25.29, 86.61], [25.29, 86.62], [25.28, 86.62]]
    drawn = DrawnFence(code="bridge", kind="no_go", corners=ring, valid_from=date(2026, 7, 1), **fields)
    save_fence(drawn, **person)
    officer = signed_in(world, "mdo")
    refused = officer.post(f"/office/leases/{CODE}/", {"act": "permission"})
    assert refused.status_code == 409 and "/law/LSE-52/" in refused.content.decode() and "पुल" in text(refused)
    moved = replace(drawn, corners=[[lat + 1, lon] for lat, lon in ring], valid_from=date(2026, 7, 2))
    save_fence(moved, **person)
    assert officer.post(f"/office/leases/{CODE}/", {"act": "permission"}).status_code == 302
    collector = signed_in(world, "collector")
    assert collector.post(f"/office/leases/{CODE}/", {"act": "permission"}).status_code == 302
