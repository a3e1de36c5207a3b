"""Settlements that run already come in by a signed file that the rule book and the ledger find whole."""

from datetime import date

import pytest

from immis.adapters.eproc.signing import new_key, sign
from immis.adapters.takeover import read_takeover
from immis.core.errors import NotPermitted, Refusal
from immis.leases.models import Lease, Takeover
from immis.leases.services import check_takeover, take_over_settlements
from immis.ledger.models import Demand, JournalLine
from immis.ledger.selectors import problems, statement_of
from immis.registry.models import Party
from immis.rules.leases.taken import Settlement
from immis.rules.leases.takeover import expected_of
from immis.rules.money import rupee_text
from immis.rules.policy import book
from tests.settlement import india

AT = india("2026-11-29")
NUMBER, PAN = "MUN-2026-31", "AABCT1234F"
_HEAD = "TAKEOVER,MUN/TAKE/1,Munger,2026-11-28"
_PARTY = f"P,{PAN},company,Taken Sands,ली गई बालू,taken@example.org,9900000001,27182818284"
_GHAT = "G,MUN-2026-31,31,31-A,Old ghat,पुराना घाट,Ganga,12.5,75000,25.2804 86.6087; 25.2835 86.6104; 25.2798 86.6139"
_DAYS = "2026-05-10,LoI/9,2026-05-20,2026-06-15,2026-06-20,REG/9,2026-06-10,MP/OLD/9,2026-06-25,2026-06-01"
_SETTLEMENT = f"S,{NUMBER},MUN-2026-31,{PAN},5000000,{_DAYS}"
_CLEARANCES = [
    f"C,{NUMBER},plan,2026-05-25,2026-05-28,2031-05-28,75000,PLAN/9",
    f"C,{NUMBER},ec,2026-05-29,2026-06-05,2031-06-05,75000,EC/9",
    f"C,{NUMBER},cte_cto,2026-06-06,2026-06-12,2027-06-12,,CTO/9",
]
_PAID = [
    ((0, "security"), "2026-05-18"),
    ((1, "1"), "2026-06-14"),
    ((1, "dmf"), "2026-06-14"),
    ((1, "2"), "2026-09-10"),
]


def owed():
    """What the settlement of the file owes, as the rule book reckons it."""
    cells = [cell or None for cell in _SETTLEMENT.split(",")[1:]]
    days = [date.fromisoformat(cell) for cell in (cells[4], cells[6], cells[7])]
    row = Settlement(1, cells[0], cells[1], cells[2], 5_000_000, days[0], "", days[1], days[2], *[None] * 6)
    return expected_of(row, district="Munger", policy=book())


def lines_of(**other):
    """The lines of a good file; ``other`` replaces some by the letter and key that a test names."""
    due = owed()
    schedule = [
        f"D,{NUMBER},{year},{part},{rupee_text(paise)},{on}"
        for (year, part), (paise, on) in due.items()
        if part != "security"
    ]
    paid = [
        f"R,{NUMBER},{key[0]},{key[1]},{rupee_text(due[key][0])},{on},OLDGRN{n}" for n, (key, on) in enumerate(_PAID)
    ]
    sums = {"2100": due[0, "security"][0], "2200": due[1, "dmf"][0], "4000": due[1, "1"][0] + due[1, "2"][0]}
    balances = [f"B,{head},{rupee_text(paise)}" for head, paise in sums.items()]
    between = [_PARTY, _GHAT, _SETTLEMENT, *_CLEARANCES, *schedule, *paid, *balances]
    return [_HEAD, *between, f"TOTAL,{len(between)},{rupee_text(sum(sums.values()))}"]


def whole():
    return "\n".join(lines_of()).encode()


@pytest.fixture
def key(settings):
    private, public = new_key()
    settings.TAKEOVER_PUBLIC_KEYS = [public]
    return private


def take(world, key, content):
    signature = sign(content, private_key=key).encode()
    return take_over_settlements(content=content, signature=signature, file_name="munger.csv", by=world.district, at=AT)


def test_a_signed_file_brings_a_settlement_in_with_its_money(world, key):
    content = whole()
    assert check_takeover(content=content, by=world.district, at=AT).faults == ()
    row = take(world, key, content)
    lease = Lease.objects.get(number=NUMBER)
    assert (lease.party.pan, lease.deed_on, lease.period_to) == (PAN, date(2026, 6, 15), date(2031, 6, 14))
    assert lease.permitted_at == india("2026-06-25", "00:00:00") and lease.clearances.count() == 3
    assert row.settlements == [NUMBER] and row.signed_by.startswith("ed25519:")

    due = owed()
    assert Demand.objects.filter(subject_id=NUMBER).count() == len(due)
    first = Demand.objects.get(key=f"instalment:{NUMBER}:1:1")
    assert (first.applied_paise, first.settled_at) == (due[1, "1"][0], india("2026-06-14", "00:00:00"))
    third = Demand.objects.get(key=f"instalment:{NUMBER}:1:3")
    assert (third.applied_paise, third.due_on) == (0, due[1, "3"][1])
    heads = {}
    for line in JournalLine.objects.filter(subject_id=NUMBER):
        heads[line.account_id] = heads.get(line.account_id, 0) + line.credit_paise - line.debit_paise
    assert heads.pop("1900") == -row.paid_paise and heads == row.balances, "the treasury's own account is not touched"
    assert problems() == []
    assert statement_of(("lease", NUMBER), at=AT)[0].on == date(2026, 5, 18), "paid then, not now"
    assert take(world, key, content).pk == row.pk and Takeover.objects.count() == 1


@pytest.mark.parametrize(
    ("was", "becomes", "why"),
    [
        ("S,MUN-2026-31,", "S,MUN/2026/31,", "slug"),
        ("2026-06-15,2026-06-20", "2026-05-15,2026-06-20", "order"),
        ("D,MUN-2026-31,1,2,", "D,MUN-2026-31,1,9,", "no_part"),
        (f"{PAN},5000000", f"{PAN},5000100", "amount_differs"),
        (",2026-09-10,OLDGRN3", ",2026-12-10,OLDGRN3", "after_balances"),
        ("OLDGRN3", "OLDGRN2", "twice"),
        ("B,2100,1250000.00", "B,2100,1250001.00", "balance_differs"),
        ("C,MUN-2026-31,ec,", "C,MUN-2026-31,eia,", "kind"),
        (f"P,{PAN}", "P,NOPAN1234", "pan"),
        ("2026-05-10,LoI", "2019-05-10,LoI", "deed_security"),
        (",2026-06-25,2026-06-01", ",2026-06-25,2026-06-01,no", "by_law"),
        ("taken@example.org", "taken", "email"),
        ("Munger,2026-11-28", "Munger,2026-12-28", "to_come"),
    ],
)
def test_a_fault_is_told_with_its_line_and_nothing_is_taken(world, key, was, becomes, why):
    text = whole().decode()
    assert was in text
    content = text.replace(was, becomes).encode()
    report = check_takeover(content=content, by=world.district, at=AT)
    results = [fault for fault in report.faults if fault.why == why]
    assert results, report.faults
    lines = content.decode().splitlines()
    assert all(0 < fault.line <= len(lines) for fault in results)
    assert book().words("TKO-01", why, **results[0].facts)["hi"]
    with pytest.raises(Refusal, match="TKO-01"):
        take(world, key, content)
    assert not Lease.objects.exists() and not Party.objects.filter(pan=PAN).exists()


def test_control_totals_and_heads_are_read_strictly():
    lines = lines_of()
    assert read_takeover(b"\xff\xfe").faults[0].why == "not_text"
    assert read_takeover("\n".join(lines[1:]).encode()).faults[0].why == "no_head"
    fewer = read_takeover("\n".join([*lines[:4], *lines[5:]]).encode())
    assert [fault.why for fault in fewer.faults] == ["count_differs"] and fewer.file is None
    assert read_takeover("\n".join(lines[:-1]).encode()).faults[-1].why == "no_total"


def test_only_who_is_trusted_signs_and_only_the_own_district_takes_over(world, key):
    content = whole()
    other, _public = new_key()
    with pytest.raises(Refusal, match="TKO-01"):
        take(world, other, content)
    with pytest.raises(Refusal, match="TKO-01"):
        take_over_settlements(content=content, signature=b"", file_name="x", by=world.district, at=AT)
    with pytest.raises(NotPermitted):
        check_takeover(content=content, by=world.actor("patna"), at=AT)
    with pytest.raises(NotPermitted):
        take_over_settlements(content=content, signature=b"", file_name="x", by=world.collector, at=AT)
    assert not Lease.objects.exists()


def test_the_page_checks_and_takes_over(world, key, client, monkeypatch):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from immis import clock

    monkeypatch.setattr(clock, "now", lambda: AT)
    client.force_login(world.users["mdo"])
    client.cookies["immis_language"] = "en"
    content = whole()

    def send(step, body, **more):
        return client.post("/office/takeovers/", {"step": step, "file": SimpleUploadedFile("m.csv", body), **more})

    wrong = send("check", content.replace(b"OLDGRN3", b"OLDGRN2"))
    assert wrong.status_code == 422 and "OLDGRN2 stands there more than once" in wrong.content.decode()
    assert "stands there more than once" in send("faults", content.replace(b"OLDGRN3", b"OLDGRN2")).content.decode()
    assert "Nothing is wrong with this file" in send("check", content).content.decode()
    assert send("take", content).status_code == 422, "not without a signature"
    signature = SimpleUploadedFile("m.csv.sig", sign(content, private_key=key).encode())
    assert send("take", content, signature=signature).status_code == 302
    assert NUMBER in client.get("/office/takeovers/").content.decode()
