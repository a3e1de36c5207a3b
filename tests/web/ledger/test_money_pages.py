"""Dues, scrolls, registers and QR codes as people use them, in Hindi, each in its jurisdiction."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from immis.ledger import selectors, services
from immis.ledger.chart import SECURITY
from immis.ledger.models import Demand, Instrument, Receipt, Scroll
from immis.ledger.services.refunds import NewRefund, order_refund
from tests.settlement import OWN, india, treasury, world

__all__ = ["treasury", "world"]
pytestmark = pytest.mark.django_db
NOW = india("2026-10-20")


@pytest.fixture
def lease(world, at):
    at.set(NOW)
    return world.mining()


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def as_(client, world, name):
    client.force_login(world.users[name])
    return client


def test_the_board_shows_what_is_overdue_and_opens_to_the_entries(client, world, lease):
    second = world.instalment(lease, 1, 2)
    as_(client, world, "hq")
    page = text(client.get("/office/dues/"))
    assert "जिलावार बकाया" in page and "मुंगेर" in page and "22,37,625" in page and "heat-5" in page
    assert "state=overdue" in page and "किस्त: ₹" in page  # the kind of which most is overdue
    listed = text(client.get("/office/demands/?state=overdue&district=Munger"))
    assert f"/office/demands/{second.number}/" in listed
    one = text(client.get(f"/office/demands/{second.number}/"))
    assert "अभी कोई प्रविष्टि नहीं" in one
    first = world.instalment(lease, 1, 1)
    entries = text(client.get(f"/office/demands/{first.number}/"))
    assert "बंदोबस्ती राशि" in entries and "44,75,250" in entries and "4000" in entries
    assert "ganga बालू" in text(client.get("/office/dues/defaulters/"))


def test_each_list_is_taken_along(client, world, lease):
    as_(client, world, "hq")
    for url in ("/office/dues/", "/office/dues/defaulters/", "/office/demands/?state=overdue", "/office/scrolls/"):
        joint = "&" if "?" in url else "?"
        for wanted in ("csv", "xlsx"):
            assert client.get(f"{url}{joint}format={wanted}").status_code == 200


def test_another_district_sees_nothing_of_it(client, world, lease):
    as_(client, world, "patna")
    assert "22,37,625" not in text(client.get("/office/dues/"))
    assert "ganga" not in text(client.get("/office/dues/defaulters/"))
    second = world.instalment(lease, 1, 2)
    assert client.get(f"/office/demands/{second.number}/").status_code == 404
    assert client.get(f"/office/leases/{lease.number}/register/").status_code == 404
    scroll = services.import_scroll(raw=b"junk", file_name="x", by=world.actor("hq"), at=NOW)
    assert client.get(f"/office/scrolls/{scroll.pk}/").status_code == 404


def test_a_scroll_is_taken_in_and_its_lines_closed(client, world, lease):
    first = Receipt.objects.get(demand=world.instalment(lease, 1, 1))
    lines = [f"C,{first.grn},U,4475250.00,2026-07-14,{OWN}", "C,BRX,U,5.00,2026-07-14,1", "TOTAL,2,4475255"]
    raw = "\n".join(["SCROLL,B1,2026-07-14,", *lines])
    as_(client, world, "hq")
    file = SimpleUploadedFile("day.csv", raw.encode(), content_type="text/csv")
    page = text(client.post("/office/scrolls/", {"file": file}, follow=True))
    assert "हमारी कोई रसीद नहीं" in page and "BRX" in page and first.grn not in page
    scroll = Scroll.objects.get()
    assert first.grn in text(client.get(f"/office/scrolls/{scroll.pk}/?outcome=all"))
    line = scroll.lines.get(outcome="unknown")
    url = f"/office/scrolls/{scroll.pk}/lines/{line.line_no}/"
    assert client.post(url, {"note": ""}).status_code == 409
    assert "जाँच योग्य कुछ नहीं" in text(client.post(url, {"note": "दूसरा विभाग"}, follow=True))
    first.refresh_from_db()
    assert first.state == "reconciled"


def test_a_bad_scroll_says_why(client, world, lease):
    as_(client, world, "hq")
    file = SimpleUploadedFile("day.csv", b"SCROLL,B1,2026-07-14,\nC,G,U,1,x,1\nTOTAL,1,1\n")
    page = text(client.post("/office/scrolls/", {"file": file}, follow=True))
    assert "एक पंक्ति पढ़ी नहीं जा सकी। पंक्ति 2।" in page
    assert "फाइल में क्या गलत है" in page and "E2" in page and "2026-06-08" in page
    file = SimpleUploadedFile("day.csv", b'SCROLL,B2,2026-07-14,\nC,G,U,"583,28",2026-07-14,1\nTOTAL,1,"583,28"\n')
    page = text(client.post("/office/scrolls/", {"file": file}, follow=True))
    assert "583,28" in page and "D2" in page and "C3" in page and "5,83,280.00" in page


def test_the_register_from_lodging_to_the_bank(client, world, lease):
    third = world.instalment(lease, 1, 3)
    as_(client, world, "mdo")
    url = f"/office/leases/{lease.number}/register/"
    said = {"act": "lodge", "demand": third.number, "kind": "cheque", "number": "445566", "bank": "SBI"}
    said |= {"dated_on": "2026-10-20", "amount": "2237625"}
    assert "445566" in text(client.post(url, said, follow=True))
    row = Instrument.objects.get()
    move = {"act": "move", "pk": row.pk, "on": "2026-10-20"}
    client.post(url, {**move, "to": "presented"})
    assert client.post(url, {**move, "to": "honoured", "said": ""}).status_code == 409
    client.post(url, {**move, "to": "honoured", "said": "UTR5"})
    third.refresh_from_db()
    assert third.settled_at and "भुगतान प्राप्त" in text(client.get(url))
    tax = {"act": "tax", "demand": third.number, "kind": "gst", "reference": "GST/9", "paid_on": "2026-10-19"}
    assert "GST/9" in text(client.post(url, {**tax, "amount": "402772.50"}, follow=True))
    as_(client, world, "settlee")
    mine = text(client.get(f"/settlee/leases/{lease.number}/"))
    assert "445566" in mine and "GST/9" in mine
    as_(client, world, "hq")
    assert client.post(url, said).status_code == 403 and Instrument.objects.count() == 1


def test_the_settlee_pays_by_qr_and_sees_the_balance(client, world, lease):
    second = world.instalment(lease, 1, 2)
    as_(client, world, "settlee")
    page = text(client.post(f"/pay/{second.number}/", {"act": "qr"}, follow=True))
    receipt = second.receipts.get()
    assert "upi://pay?" in page and receipt.grn in page and page.count("<svg") >= 2
    assert "style=" not in page.split("<main")[1].split("</main")[0]
    world.treasury.books.settle(receipt.grn, paid=True, account=OWN, amount_paise=100_000_000)
    services.verify_receipt(receipt=receipt, by=world.district, at=NOW, reason="आंशिक")
    page = text(client.get(f"/pay/{second.number}/"))
    assert "12,37,625" in page and "इसमें से भुगतान" in page


def test_credit_is_used_by_the_district_only(client, world, lease):
    second, third = world.instalment(lease, 1, 2), world.instalment(lease, 1, 3)
    start = services.begin_payment(demand=second, by=world.settlee, at=NOW, return_url="http://testserver/pay/x/")
    excess = second.amount_paise + 100_000
    world.treasury.books.settle(start.receipt.grn, paid=True, account=OWN, amount_paise=excess)
    services.verify_receipt(receipt=start.receipt, by=world.district, at=NOW, reason="अधिक")
    url = f"/office/demands/{third.number}/"
    as_(client, world, "hq").post(url)
    assert Demand.objects.get(pk=third.pk).applied_paise == 0
    as_(client, world, "mdo")
    assert "समायोजित करें" in text(client.get(url))
    assert "1,000" in text(client.post(url, follow=True))
    assert Demand.objects.get(pk=third.pk).applied_paise == 100_000 and selectors.problems() == []


def test_the_forecast_counts_each_month_once(world, lease):
    months = selectors.forecast_by_month(world.actor("hq"), at=NOW)
    assert months[0].month == date(2026, 10, 1) and len(months) == 12
    assert sum(one.count for one in months) == Demand.objects.filter(
        settled_at=None, due_on__gte=date(2026, 10, 1), due_on__lt=date(2027, 10, 1)
    ).count()  # fmt: skip


def test_a_return_without_an_account_says_so_on_its_page(client, world, lease):
    order = order_refund(
        refund=NewRefund(
            party=world.party,
            source=(SECURITY, ("lease", lease.number)),
            account="",
            key="x",
            label={"en": "Security", "hi": "प्रतिभूति"},
            district="Munger",
        ),
        by=world.actor("collector"),
        at=NOW,
    )
    page = text(as_(client, world, "mdo").get("/office/refunds/?state=failed"))
    assert order.number in page and "कोई खाता दर्ज नहीं है" in page
