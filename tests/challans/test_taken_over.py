"""A settlement older than the rule book comes in by a signed file and runs on by the terms of its deed (TKO-02)."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile

from immis.adapters.eproc.signing import new_key, sign
from immis.challans import services
from immis.commands.money.takeover import command
from immis.core.errors import Refusal
from immis.leases import selectors, states
from immis.leases.jobs import announce_dues_and_holds
from immis.leases.life import refills_due, royalty_years
from immis.leases.models import Lease
from immis.ledger.models import Demand
from immis.ledger.selectors import problems
from immis.rules.calendar import india_day
from tests.challans.world import NOON

NUMBER, LATE = "MUN-2024-07", "instalment:MUN-2024-07:3:1"
_AMOUNTS = {1: 3_000_000, 2: 3_500_000, 3: 4_000_000}
_DUE = {1: ("2024-06-08", "2024-12-10"), 2: ("2025-06-10", "2025-12-10"), 3: ("2026-06-01", "2026-12-10")}


def file_of(stops: str, ends_on: str = "") -> str:
    """A settlement of 2024: three years of two instalments, DMF in the first two, all paid but the third year."""
    half = {year: amount // 2 for year, amount in _AMOUNTS.items()}
    due = [f"D,{NUMBER},0,security,600000,2024-05-30"]
    paid = [f"R,{NUMBER},0,security,600000,2024-05-29,OLD-S"]
    for year, days in _DUE.items():
        due += [f"D,{NUMBER},{year},{part},{half[year]},{day}" for part, day in enumerate(days, 1)]
        if year < 3:
            due.append(f"D,{NUMBER},{year},dmf,{_AMOUNTS[year] // 50},{days[0]}")
            paid += [f"R,{NUMBER},{year},{part},{half[year]},{days[part - 1]},OLD-{year}-{part}" for part in (1, 2)]
            paid.append(f"R,{NUMBER},{year},dmf,{_AMOUNTS[year] // 50},{days[0]},OLD-{year}-D")
    days = "2024-05-20,LoI/24,2024-05-30,2024-06-10,2024-06-12,REG/24,2024-06-12,MP/24,2024-06-20,2024-06-05"
    rows = [
        f"G,{NUMBER},7,7-A,Old ghat,पुराना घाट,Ganga,12.5,75000,25.40 86.50; 25.40 86.51; 25.41 86.51; 25.41 86.50",
        f"S,{NUMBER},{NUMBER},ACUPA7085R,3000000,{days},{stops},{ends_on}",
        *(f"C,{NUMBER},{kind},2024-05-21,2024-05-30,2027-06-30,75000,{kind}/24" for kind in ("plan", "ec", "cte_cto")),
        *due, *paid, "B,2100,600000", "B,2200,130000", "B,4000,6500000",
    ]  # fmt: skip
    return "\n".join(["TAKEOVER,MUN/OLD/24,Munger,2026-06-04", *rows, f"TOTAL,{len(rows)},7230000"])


@pytest.fixture
def key(settings):
    private, public = new_key()
    settings.TAKEOVER_PUBLIC_KEYS = [public]
    return private


@pytest.fixture(autouse=True)
def beside(world):
    """The world's own settlement is of the new tender, whose terms begin on 01.05.2026."""
    Lease.objects.filter(pk=world.lease.pk).update(auction_closed_at=NOON - timedelta(days=30))


def issue(world, lease):
    load = services.Load(
        lease=lease, vehicle=world.vehicle, place=world.place, quantity_m3=Decimal("8.5"), driver_name="राम"
    )
    world.report(NOON - timedelta(minutes=1), (25.405, 86.505), fences=[f"ghat:{NUMBER}"])
    return services.issue_challan(load=load, by=world.actor)


def pages(client, user, *paths):
    client.force_login(user)
    client.cookies["immis_language"] = "en"
    texts = []
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        texts.append(b"".join(answer) if answer.streaming else answer.content)
    return [text.decode(errors="ignore") for text in texts]


@pytest.mark.flow
def test_by_page_a_silent_deed_comes_in_is_demanded_shown_and_goes_on_to_its_challan(world, key, client):
    client.force_login(world.officer)
    client.cookies["immis_language"] = "en"
    content = file_of("").encode()

    def send(step, body=content, **more):
        return client.post("/office/takeovers/", {"step": step, "file": SimpleUploadedFile("o.csv", body), **more})

    lacking = send("check", content.replace(b"D,MUN-2024-07,2,1,", b"D,MUN-2024-07,2,13,"))
    assert "2/13 is no part of a deed" in (words := lacking.content.decode()) and "the schedule lacks 2/1" in words
    assert f"By the terms of their own deed: {NUMBER}" in " ".join(send("check").content.decode().split())
    signed = SimpleUploadedFile("o.sig", sign(content, private_key=key).encode())
    assert send("take", signature=signed).status_code == 302

    lease = Lease.objects.get(number=NUMBER)
    assert (lease.period_to, lease.security_paise, lease.unpaid_stops) == (date(2027, 6, 9), 60_000_000, "silent")
    assert problems() == []
    demands = {demand.key: demand for demand in Demand.objects.filter(subject_id=NUMBER)}
    assert len(demands) == 9 and f"dmf:{NUMBER}:3" not in demands
    late = demands[LATE]
    assert (late.amount_paise, late.due_on, late.settled_at) == (200_000_000, date(2026, 6, 1), None)
    assert late.cites[0]["code"] == "TKO-02"
    plan = selectors.plan_of(lease, deed_on=None)
    assert [(year.amount_paise, len(year.instalments)) for year in plan][1:] == [(350_000_000, 2), (400_000_000, 2)]

    announce_dues_and_holds(at=NOON)
    assert royalty_years(NOON) == [] and refills_due(date(2024, 1, 1), date(2026, 6, 5), every=timedelta(30)) == []
    assert selectors.standing_holds(lease, NOON) == [] and states.stopped_numbers(NOON) == set()
    assert issue(world, lease).state == "issued"
    office, *_rest = pages(
        client, world.officer, f"/office/leases/{NUMBER}/", f"/office/leases/{NUMBER}/life/", "/office/leases/",
        f"/office/leases/{NUMBER}/register/", f"/leases/{NUMBER}/clearances/", f"/leases/{NUMBER}/mails/",
        f"/ghats/{NUMBER}/", f"/leases/{NUMBER}/statement/", f"/leases/{NUMBER}/statement.pdf",
    )  # fmt: skip
    assert "those of its deed of 10.06.2024" in office and "by the setting it does not" in office
    assert "Deed of the settlement" in office and "loi.pdf" not in office
    own, *_rest = pages(
        client, world.settlee, f"/settlee/leases/{NUMBER}/", f"/settlee/leases/{NUMBER}/life/", "/settlee/",
        f"/settlee/leases/{NUMBER}/claim/", f"/settlee/leases/{NUMBER}/challans/new/",
        f"/settlee/leases/{NUMBER}/returns/",
    )  # fmt: skip
    assert "those of its deed" in own and f'href="/pay/{late.number}/"' in own
    assert client.get(f"/leases/{NUMBER}/deed.pdf").status_code == 404, "written by the law of its day, not here"


def test_by_command_a_deed_that_stops_for_an_unpaid_instalment_stops(world, key, client, tmp_path):
    file, run = tmp_path / "old.csv", CliRunner().invoke
    file.write_text(file_of("perhaps", "2027-03-31"), encoding="utf8")
    wrong = run(command, ["check", str(file)])
    assert wrong.exit_code == 1 and "unpaid_stops: perhaps is none of them; allowed: yes, no" in wrong.output
    file.write_text(file_of("", "2027-06-10").replace(",2,1,", ",999999999,1,"), encoding="utf8")
    wrong = run(command, ["check", str(file)])
    assert "2027-06-10 is no last day" in wrong.output and "999999999/1 is no part" in wrong.output
    file.write_text(content := file_of("yes", "2027-03-31"), encoding="utf8")
    good = json.loads(run(command, ["check", str(file), "--json"]).output)
    assert (good["faults"], good["by_deed"], good["paid_paise"]) == ([], [NUMBER], 723_000_000)
    file.with_name("old.csv.sig").write_text(sign(content.encode(), private_key=key), encoding="ascii")
    taken = run(command, ["import", str(file), "--json"])
    assert json.loads(taken.output)["balances"] == {"2100": 60_000_000, "2200": 13_000_000, "4000": 650_000_000}

    lease = Lease.objects.get(number=NUMBER)
    assert lease.period_to == date(2027, 3, 31) and problems() == []
    (hold,) = selectors.standing_holds(lease, NOON)
    assert (hold.rule_code, india_day(hold.since)) == ("HLD-01", date(2026, 6, 2))
    announce_dues_and_holds(at=NOON)
    assert states.stopped_numbers(NOON) == {NUMBER}
    with pytest.raises(Refusal) as refused:
        issue(world, lease)
    (finding,) = refused.value.findings
    stop = (finding.code, finding.facts["hold_code"], finding.facts["hold_cites"])
    assert stop == ("CH-01", "HLD-01", "Deed of the settlement")
    (own,) = pages(client, world.settlee, f"/settlee/leases/{NUMBER}/")
    assert "By the deed an unpaid instalment stops e-challans." in own and "Pay now" in own
