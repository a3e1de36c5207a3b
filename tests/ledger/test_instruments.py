"""Post-dated cheques, DMF drafts, GST proofs and income tax (E-101, E-103…E-105); QR codes of demands."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from immis.adapters.treasury.upi import Payee, bharat_qr, crc16, read_tlv, upi_link
from immis.core.errors import NotPermitted, Refusal
from immis.core.models import OutboxEvent
from immis.leases import selectors as leases
from immis.ledger import selectors, services
from immis.ledger.models import Demand, Instrument, JournalLine
from tests.settlement import india

pytestmark = pytest.mark.django_db
AT = india("2026-07-16")
PAYEE = Payee("bihar.khanij@sbi", "Mines and Geology Bihar", "Patna")


@pytest.fixture
def second(world) -> Demand:
    return world.instalment(world.deeded(), 1, 2)


def lodge(world, demand, **more) -> Instrument:
    fields = {"kind": "cheque", "number": "100200", "bank": "SBI Munger", "dated_on": date(2026, 10, 10)}
    fields |= {"amount_paise": demand.amount_paise}
    who = {"by": more.pop("by", world.district), "at": more.pop("at", AT)}
    instrument = services.NewInstrument(**{**fields, **more})
    return services.lodge_instrument(demand=demand, instrument=instrument, **who)[0]


def move(world, row, to: str, day: str, **more) -> Instrument:
    on = date.fromisoformat(day)
    return services.move_instrument(instrument=row, to=to, on=on, by=world.district, at=india(day), **more)


def codes(refused) -> set[str]:
    return {finding.code for finding in refused.value.findings}


def test_a_cheque_that_is_honoured_pays_its_instalment(world, second):
    row = lodge(world, second)
    move(world, row, "presented", "2026-10-10")
    row = move(world, row, "honoured", "2026-10-12", reference="UTR77")
    second.refresh_from_db()
    assert row.receipt.state == "verified" and row.receipt.channel == "cheque"
    assert second.settled_at == india("2026-10-12") and selectors.problems() == []
    event = OutboxEvent.objects.filter(kind="receipt.verified").latest("id")
    assert event.facts["demand"] == second.number
    raw = b"SCROLL,B1,2026-10-12,\nC,,UTR77,%.2f,2026-10-12,9\nTOTAL,1,%.2f\n" % ((second.amount_paise / 100,) * 2)
    services.import_scroll(raw=raw, file_name="s", by=world.actor("hq"), at=india("2026-10-13"))
    row.receipt.refresh_from_db()
    assert row.receipt.state == "reconciled"


@pytest.mark.flow
def test_a_bounced_cheque_pays_nothing_and_is_told(world, second):
    row = lodge(world, second)
    move(world, row, "presented", "2026-10-10")
    move(world, row, "bounced", "2026-10-12", reason="राशि अपर्याप्त")
    second.refresh_from_db()
    assert second.settled_at is None and leases.standing_holds(leases.leases_of_numbers({second.subject_id})[
        second.subject_id], india("2026-10-16"))[0].rule_code == "HLD-01"  # fmt: skip
    assert OutboxEvent.objects.get(kind="instrument.bounced").facts["reason"] == "राशि अपर्याप्त"
    again = lodge(world, second, number="100201")
    assert again.state == "lodged" and selectors.instruments_on(("lease", second.subject_id))[0].state == "bounced"


@pytest.mark.flow
def test_what_the_register_refuses(world, second):
    first = leases.first_instalment(leases.leases_of_numbers({second.subject_id})[second.subject_id])
    with pytest.raises(Refusal) as refused:
        lodge(world, first)
    assert codes(refused) >= {"CHQ-01", "CHQ-02"}  # not for the first instalment, and it is settled
    with pytest.raises(Refusal) as refused:
        lodge(world, second, amount_paise=second.amount_paise - 1)
    assert codes(refused) == {"CHQ-02"}
    row = lodge(world, second)
    with pytest.raises(Refusal) as refused:
        lodge(world, second, number="100300")
    assert codes(refused) == {"CHQ-06"}
    with pytest.raises(Refusal) as refused:
        move(world, row, "presented", "2026-10-09")
    assert codes(refused) == {"CHQ-04"}
    move(world, row, "presented", "2026-10-10")
    with pytest.raises(Refusal) as refused:
        move(world, row, "honoured", "2026-10-12")
    assert codes(refused) == {"CHQ-05"}
    for name in ("patna", "hq", "settlee", "monitor"):
        with pytest.raises(NotPermitted):
            move_by(world.actor(name), row)


def move_by(actor, row):
    on = date(2026, 10, 12)
    return services.move_instrument(
        instrument=row, to="honoured", on=on, reference="U", by=actor, at=india("2026-10-12")
    )


def test_a_late_dated_cheque_is_taken_with_a_warning(world, second):
    row, findings = services.lodge_instrument(
        demand=second,
        instrument=services.NewInstrument(
            kind="cheque", number="9", bank="PNB", dated_on=date(2026, 10, 16), amount_paise=second.amount_paise
        ),
        by=world.district,
        at=AT,
    )
    assert row.state == "lodged" and [finding.code for finding in findings] == ["CHQ-03"]


@pytest.mark.flow
def test_a_draft_pays_the_dmf(world, second):
    dmf = Demand.objects.filter(kind="dmf").earliest("due_on")
    row = lodge(world, dmf, kind="draft", dated_on=date(2026, 7, 14))
    move(world, row, "presented", "2026-07-17")
    move(world, row, "honoured", "2026-07-18", reference="DD1")
    dmf.refresh_from_db()
    assert dmf.settled_at and selectors.problems() == []
    line = JournalLine.objects.get(account_id="2200")
    assert line.credit_paise == dmf.amount_paise == 17_901_000


@pytest.mark.flow
def test_income_tax_is_collected_and_deposited_and_gst_kept_beside_the_books(world, second):
    with_it = {"demand": second, "paid_on": date(2026, 7, 15), "by": world.district, "at": AT}
    services.record_tax(kind="gst", amount_paise=40_000_000, reference="GST/1", **with_it)
    tax = services.record_tax(kind="income_tax", amount_paise=4_475_250, reference="IT/1", **with_it)
    with pytest.raises(Refusal) as refused:
        services.record_tax(kind="gst", amount_paise=1, reference="GST/1", **with_it)
    assert codes(refused) == {"TAX-03"}
    deposit = {"item": tax, "on": date(2026, 7, 16), "reference": "CIN1", "by": world.district, "at": AT}
    assert services.deposit_tax(**deposit).deposited_on == date(2026, 7, 16)
    with pytest.raises(Refusal) as refused:
        services.deposit_tax(**deposit)
    assert codes(refused) == {"TAX-04"}
    balance = {row["account_id"]: row["debit"] - row["credit"] for row in selectors.trial_balance()}
    assert (balance["2300"], balance["8000"], balance["8900"]) == (0, 40_000_000, -40_000_000)
    assert selectors.problems() == []


def test_the_checksum_is_that_of_emvco():
    assert crc16(b"123456789") == 0x29B1


def test_the_qr_carries_amount_and_reference():
    text = bharat_qr(PAYEE, reference="BR260600000001", amount_paise=51_637_550)
    fields = read_tlv(text)
    assert (fields["54"], fields["53"], fields["58"]) == ("516375.50", "356", "IN")
    assert fields["62"] == "0114BR260600000001" and fields["01"] == "12"
    for at in range(0, len(text), 7):
        changed = text[:at] + ("7" if text[at] != "7" else "8") + text[at + 1 :]
        with pytest.raises(ValueError):
            read_tlv(changed)
    said = parse_qs(urlsplit(upi_link(PAYEE, reference="BR1", amount_paise=505, note="किस्त & शेष")).query)
    assert (said["am"], said["tr"], said["pa"], said["tn"]) == (["5.05"], ["BR1"], ["bihar.khanij@sbi"], ["किस्त & शेष"])
