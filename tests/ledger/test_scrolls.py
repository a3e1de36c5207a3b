"""The treasury's scroll: what fits is reconciled, everything else is kept for the desk with its reason, once."""

import json

import pytest
from click.testing import CliRunner

from immis.adapters.treasury.scroll import ScrollUnreadable, read_scroll
from immis.commands.money.ledger import command
from immis.core.errors import NotPermitted, Refusal
from immis.core.models import OutboxEvent
from immis.ledger import selectors, services
from immis.ledger.models import Demand, Scroll, ScrollLine
from tests.settlement import OWN, india

pytestmark = pytest.mark.django_db
AT = india("2026-06-08")


def scroll(*lines: str, number: str = "BRT/61", district: str = "", total: str | None = None) -> bytes:
    paise = sum(round(float(line.split(",")[3]) * 100) * (1 if line[0] == "C" else -1) for line in lines)
    end = total or f"TOTAL,{len(lines)},{paise // 100}.{abs(paise) % 100:02d}"
    return "\n".join([f"SCROLL,{number},2026-06-08,{district}", *lines, end, ""]).encode()


def line(receipt, kind: str = "C", rupees: str | None = None, account: str = OWN) -> str:
    return f"{kind},{receipt.grn},UTR1,{rupees or f'{receipt.amount_paise / 100:.2f}'},2026-06-08,{account}"


def take(world, raw: bytes, by=None, name="scroll.csv") -> Scroll:
    return services.import_scroll(raw=raw, file_name=name, by=by or world.actor("hq"), at=AT)


def outcomes(taken: Scroll) -> list[str]:
    return [row.outcome for row in taken.lines.all()]


@pytest.fixture
def paid(world):
    """The security, paid and verified."""
    world.opened()
    return world.pay_and_verify(Demand.objects.get(kind="security"), at=AT)


def test_a_verified_receipt_is_reconciled(world, paid):
    taken = take(world, scroll(line(paid)))
    paid.refresh_from_db()
    assert (taken.state, outcomes(taken)) == ("taken", ["matched"])
    assert (paid.state, paid.reconciled_at) == ("reconciled", AT)
    assert selectors.problems() == []
    assert selectors.statement_of(("lease", "MUN-2026-01"), at=AT)[-1].balance_paise == 0


def test_the_scroll_may_come_before_the_verification(world):
    world.opened()
    receipt = world.pay(Demand.objects.get(kind="security"), at=AT)
    taken = take(world, scroll(line(receipt)))
    receipt.refresh_from_db()
    assert (receipt.state, outcomes(taken)) == ("paid_unverified", ["waiting"])
    services.verify_receipt(receipt=receipt, by=world.district, at=AT)
    receipt.refresh_from_db()
    assert receipt.state == "reconciled" and outcomes(taken) == ["matched"] and selectors.problems() == []


def test_what_does_not_fit_waits_with_its_reason(world, paid):
    emd = Demand.objects.get(kind="emd").receipts.get()
    unknown = f"C,BR999,UTR7,10.00,2026-06-08,{OWN}"
    taken = take(world, scroll(line(paid), line(paid), line(emd, rupees="5.00"), unknown))
    assert outcomes(taken) == ["matched", "duplicate", "wrong_amount", "unknown"]
    assert OutboxEvent.objects.get(kind="scroll.taken").facts["open_lines"] == 3
    shown = selectors.scrolls(world.actor("hq")).get()
    assert shown.open_lines == 3 and selectors.scroll_lines(taken, only_open=True).count() == 3
    row = ScrollLine.objects.get(scroll=taken, outcome="unknown")
    with pytest.raises(Refusal) as refused:
        services.resolve_line(line=row, note="  ", by=world.actor("hq"), at=AT)
    assert refused.value.findings[0].code == "PAY-09"
    services.resolve_line(line=row, note="दूसरे विभाग का GRN", by=world.actor("hq"), at=AT)
    assert selectors.scroll_lines(taken, only_open=True).count() == 2
    with pytest.raises(Refusal):
        services.resolve_line(line=row, note="again", by=world.actor("hq"), at=AT)


def test_a_reversal_of_the_scroll_books_back_and_a_later_credit_contradicts(world, paid):
    taken = take(world, scroll(line(paid), line(paid, "R")))
    paid.refresh_from_db()
    assert outcomes(taken) == ["matched", "reversed"] and paid.state == "reversed"
    assert Demand.objects.get(kind="security").settled_at is None and selectors.problems() == []
    later = take(world, scroll(line(paid), number="BRT/62"))
    assert outcomes(later) == ["duplicate"]


def test_the_same_file_and_the_same_number_are_taken_once(world, paid):
    raw = scroll(line(paid))
    assert take(world, raw).pk == take(world, raw, name="again.csv").pk
    other = take(world, scroll(line(paid), line(paid)))
    assert (other.state, other.reason) == ("refused", "number_taken:0")
    assert ScrollLine.objects.count() == 1 and Scroll.objects.count() == 2


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "no_header:0"),
        (b"\xff\xfe\x00", "not_text:0"),
        (b"PK\x03\x04,zip", "no_header:1"),
        (scroll("C,G,U,5.00,2026-06-08,1", total="TOTAL,1,6.00"), "sum_differs:0"),
        (scroll("C,G,U,5.00,2026-06-08,1", total="TOTAL,2,5.00"), "count_differs:0"),
        (scroll("C,G,U,5.00,2026-06-08,1", total="C,G,U,5.00,2026-06-08,1"), "no_total:0"),
        (scroll("X,G,U,5.00,2026-06-08,1"), "bad_line:2"),
        (scroll("C,,,5.00,2026-06-08,1"), "bad_line:2"),
        (scroll("C,G,U,5.00,2026-13-08,1"), "bad_line:2"),
        (b"SCROLL,1,2026-06-08\nC,G,U,5.001,2026-06-08,1\nTOTAL,1,5\n", "bad_line:2"),
        (b"SCROLL,1,2026-06-08\nC,G,U,NaN,2026-06-08,1\nTOTAL,1,5\n", "bad_line:2"),
    ],
)
def test_a_bad_file_is_refused_whole_and_kept(world, raw, reason):
    taken = take(world, raw)
    assert (taken.state, taken.reason, taken.lines.count()) == ("refused", reason, 0)
    assert taken.sha256 and Scroll.objects.get() == taken


def test_a_scroll_that_adds_up_is_read_to_the_paisa():
    read = read_scroll(scroll('C,G1,U1,"5.05",2026-06-08,1'.replace('"', ""), "R,G2,U2,1.01,2026-06-08,2"))
    assert read.sum_paise == 404 and [row.amount_paise for row in read.rows] == [505, 101]
    with pytest.raises(ScrollUnreadable):
        read_scroll(b"SCROLL\nTOTAL,0,0\n")


@pytest.mark.flow
def test_a_district_keeps_its_own_scrolls_only(world, paid):
    for name in ("patna", "settlee", "checkpost", "monitor"):
        with pytest.raises(NotPermitted):
            take(world, scroll(line(paid), district="Munger"), by=world.actor(name))
    with pytest.raises(NotPermitted):
        take(world, scroll(line(paid)), by=world.district)  # the State's
    foreign = take(world, scroll(line(paid), district="Patna"), by=world.actor("patna"))
    assert outcomes(foreign) == ["wrong_account"]
    paid.refresh_from_db()
    assert paid.state == "verified"
    assert selectors.scrolls(world.district).count() == 0


def test_the_command_says_what_waits(world, paid, tmp_path):
    file = tmp_path / "scroll.csv"
    file.write_bytes(scroll(line(paid)))
    ran = CliRunner().invoke(command, ["scroll", "import", str(file), "--json"])
    said = json.loads(ran.output.splitlines()[-1])
    assert ran.exit_code == 0 and said["outcomes"] == {"matched": 1} and said["open_lines"] == 0
    file.write_bytes(b"nonsense")
    ran = CliRunner().invoke(command, ["scroll", "import", str(file)])
    assert ran.exit_code == 1 and "refused" in ran.output
