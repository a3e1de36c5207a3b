"""The path from the auction's close to the mining permission, with its gates and clocks (E-078…E-100, E-173, E-174)."""

from dataclasses import replace
from datetime import date

import pytest

from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.core.models import Decision, OutboxEvent
from immis.enforcement.jobs import run_triggers
from immis.enforcement.models import Task
from immis.leases import selectors, services
from immis.leases.letters import ghat_named, loi_of
from immis.leases.models import Lease
from immis.leases.path import path_of
from immis.ledger.chart import EMD, SECURITY
from immis.ledger.selectors import held_paise
from immis.registry.models import Block, Party
from tests.auctions.bars import enter_debarment, lift_debarment
from tests.ledger.cases import close_case, enter_case, the_case
from tests.settlement import BID, EMD_PAISE, STATEMENT, india

pytestmark = pytest.mark.django_db
AT = india("2026-06-10")


def codes(refused) -> list[str]:
    return [finding.code for finding in refused.value.findings]


def test_the_printed_example_stands_in_the_ledger_to_the_paisa(world):
    """E-173: security 22,37,625, balance 5,16,375; 44,75,250 and twice 22,37,625; DMF 1,79,010; 6,66,06,040.80."""
    lease = world.deeded()
    rows = selectors.schedule_of(lease, india("2026-07-15"))
    assert lease.security_paise == 223_762_500
    assert selectors.security_demand(lease).amount_paise == 51_637_500
    assert [row.amount_paise for row in rows[:4]] == [447_525_000, 223_762_500, 223_762_500, 17_901_000]
    assert sum(row.amount_paise for row in rows if row.year == 2 and row.kind == "instalment") == 1_074_060_000
    assert sum(row.amount_paise for row in rows if row.kind == "instalment") == 6_660_604_080
    assert [row.due_on for row in rows[:3]] == [date(2026, 7, 15), date(2026, 10, 15), date(2027, 1, 15)]
    assert [row.state for row in rows[:4]] == ["settled", "upcoming", "upcoming", "due"]
    assert held_paise(SECURITY, party_id=world.party.pk, subject=("lease", lease.number)) == 223_762_500
    assert held_paise(EMD, party_id=world.party.pk, subject=("lot", lease.lot_code)) == 0


def open_again(world, lease, **more):
    fields = {"bid_rupees": BID, "emd_paise": EMD_PAISE, "closed_at": lease.auction_closed_at, "block": world.block}
    fields |= {"lot_code": lease.lot_code, "party": world.party, **more}
    return services.open_settlement(lot=services.SoldLot(**fields), at=india("2026-06-06"))


def test_a_lot_is_settled_once(world):
    lease = world.opened()
    assert open_again(world, lease).pk == lease.pk
    assert len(selectors.demands_of(lease)) == 1


def test_only_earnest_money_that_the_ledger_holds_counts(world):
    lease = services.open_settlement(
        lot=services.SoldLot(
            lot_code="MUN-2026-01",
            block=world.block,
            party=world.party,
            bid_rupees=BID,
            emd_paise=EMD_PAISE,
            closed_at=india("2026-06-05", "13:00:00"),
        ),
        at=india("2026-06-05", "13:00:00"),
    )
    assert selectors.security_demand(lease).amount_paise == 223_762_500


def test_a_bid_at_the_reserve_leaves_no_security_to_pay(world):
    world.emd(at=india("2026-06-01"))
    lease = services.open_settlement(
        lot=services.SoldLot(
            lot_code="MUN-2026-01",
            block=world.block,
            party=world.party,
            bid_rupees=6_885_000,
            emd_paise=EMD_PAISE,
            closed_at=india("2026-06-05", "13:00:00"),
        ),
        at=india("2026-06-05", "13:00:00"),
    )
    assert selectors.security_demand(lease) is None and selectors.security_open_paise(lease) == 0
    assert path_of(lease, AT)[0].state == "done"


def test_the_loi_waits_for_all_three_and_says_so_at_once(world):
    """E-078, E-085, E-086: security, copies, asset statements of a company."""
    lease = world.opened()
    with pytest.raises(Refusal) as refused:
        world.issue("loi", lease=lease, at=AT)
    assert codes(refused) == ["LSE-01", "LSE-02", "LSE-03"]
    world.pay(selectors.security_demand(lease), at=AT)
    with pytest.raises(Refusal) as refused:
        world.issue("loi", lease=lease, at=AT)
    assert "LSE-01" in codes(refused)  # paid at the bank, not verified


def test_a_person_is_not_asked_for_asset_statements(world):
    world.party.kind = "individual"
    world.party.save()
    lease = world.opened()
    with pytest.raises(Refusal) as refused:
        world.issue("loi", lease=lease, at=AT)
    assert codes(refused) == ["LSE-01", "LSE-02"]
    assert "assets" not in [step.key for step in path_of(lease, AT)]


def test_the_loi_has_a_number_and_a_letter(world):
    lease = world.opened()
    with pytest.raises(NotFound):
        loi_of(lease)
    lease = world.with_loi(lease)
    assert lease.loi_number == "LoI/MUN/2026/001" and lease.loi_on == date(2026, 6, 10)
    assert loi_of(lease).startswith(b"%PDF")
    with pytest.raises(Refusal) as refused:
        world.issue("loi", lease=lease, at=AT)
    assert codes(refused) == ["LSE-10"]


def test_the_clearances_come_in_order_and_late_ones_are_recorded(world):
    lease, by = world.with_loi(), world.district
    with pytest.raises(Refusal) as refused:
        services.record_clearance(lease=lease, kind="ec", applied_on=date(2026, 6, 20), by=by, at=india("2026-07-01"))
    assert codes(refused) == ["LSE-10"]
    late = services.record_clearance(
        lease=lease, kind="plan", applied_on=date(2026, 7, 11), by=by, at=india("2026-07-12")
    )
    assert [finding.code for finding in late] == ["LSE-04"]
    assert Decision.objects.get(rule_code="LSE-04").outcome == "warning"
    for granted in (date(2026, 7, 10), date(2026, 7, 13)):  # before it was applied for; tomorrow
        with pytest.raises(Refusal):
            services.record_clearance(
                lease=lease,
                kind="plan",
                grant=services.ClearanceGrant(granted_on=granted),
                by=by,
                at=india("2026-07-12"),
            )


def test_the_least_quantity_binds(world):
    """E-092, E-093."""
    lease, by = world.with_loi(), world.district
    at, on = india("2026-07-12"), date(2026, 7, 1)
    assert selectors.permitted_quantity(lease) is None
    found = []
    for kind, quantity in (("plan", 91_800), ("ec", 60_000), ("cte_cto", 80_000)):
        found += services.record_clearance(
            lease=lease,
            kind=kind,
            applied_on=on,
            grant=services.ClearanceGrant(granted_on=on, quantity_m3=quantity),
            by=by,
            at=at,
        )
    assert selectors.permitted_quantity(lease) == 60_000
    assert [f.facts["permitted_m3"] for f in found if f.code == "LSE-15"] == [60_000, 60_000]
    assert selectors.plan_of(lease, deed_on=None)[0].amount_paise == BID * 100


def test_the_deed_waits_for_clearances_and_the_verified_first_instalment(world):
    """E-095, E-098."""
    lease = world.with_loi()
    with pytest.raises(Refusal) as refused:
        world.issue("deed", lease=lease, on=date(2026, 7, 15), at=india("2026-07-15"))
    assert codes(refused) == ["LSE-07", "LSE-08"]


def test_paid_but_not_verified_is_no_first_instalment(world):
    lease = world.cleared()
    world.pay(selectors.first_instalment(lease), at=india("2026-07-14"))
    with pytest.raises(Refusal) as refused:
        world.issue("deed", lease=lease, on=date(2026, 7, 15), at=india("2026-07-15"))
    assert codes(refused) == ["LSE-08"]


def test_the_deed_starts_five_years_and_demands_them_all(world):
    lease = world.deeded()
    assert (lease.period_from, lease.period_to) == (date(2026, 7, 15), date(2031, 7, 14))
    demands = selectors.demands_of(lease, kind__in=["instalment", "dmf"])
    assert len(demands) == 20
    assert all(demand.cites[0]["cites"] for demand in demands)
    with pytest.raises(Refusal) as refused:
        world.issue("deed", lease=lease, on=date(2026, 7, 16), at=india("2026-07-16"))
    assert codes(refused) == ["LSE-10"]


@pytest.mark.flow
def test_permission_needs_gst_and_the_due_instalments(world):
    """E-043, E-097."""
    lease = world.deeded()
    with pytest.raises(Refusal) as refused:
        world.issue("permission", lease=lease, at=india("2026-10-15"))
    assert codes(refused) == ["LSE-12", "LSE-14", "LSE-20"]
    world.demarcate(lease, at=india("2026-07-20"))
    services.record_gst(lease=lease, on=date(2026, 7, 1), by=world.district, at=india("2026-07-20"))
    done = world.issue("permission", lease=lease, at=india("2026-07-20"))
    assert done.permitted_at == india("2026-07-20") and done.permission_number == "MP/MUN/2026/001"


def test_permission_before_anything_names_every_gate(world):
    with pytest.raises(Refusal) as refused:
        world.issue("permission", lease=world.opened(), at=AT)
    assert codes(refused) == ["LSE-11", "LSE-13", "LSE-14", "LSE-20"]


@pytest.mark.flow
def test_a_late_registration_is_recorded_as_late(world):
    """E-096."""
    lease = world.deeded()
    services.record_registration(
        lease=lease, on=date(2026, 8, 16), number="1234/26", by=world.district, at=india("2026-08-17")
    )
    assert Decision.objects.filter(rule_code="LSE-09", outcome="warning").count() == 1


def test_the_clocks_of_the_path(world):
    """E-174: 5, 2, 2 days from the auction; 30 after the LoI; a month after the deed."""
    lease = world.opened()
    due = {step.key: step.due_on for step in path_of(lease, AT)}
    assert (due["security"], due["documents"], due["assets"]) == (
        date(2026, 6, 10),
        date(2026, 6, 7),
        date(2026, 6, 7),
    )
    states = {step.key: step.state for step in path_of(lease, india("2026-06-06"))}
    assert states["security"] == "now" and states["loi"] == "todo"
    late = {step.key: step.state for step in path_of(lease, india("2026-06-11"))}
    assert late["security"] == late["documents"] == "late"


def test_the_path_after_the_loi(world):
    lease = world.with_loi()
    plan = next(step for step in path_of(lease, india("2026-06-12")) if step.key == "plan")
    assert (plan.state, plan.due_on) == ("now", date(2026, 7, 10))
    lease = world.mining(world.deeded(world.cleared(lease)))
    steps = {step.key: step for step in path_of(lease, india("2026-07-16"))}
    assert steps["permission"].state == "done" and steps["registration"].due_on == date(2026, 8, 15)
    assert steps["registration"].state == "now"


def test_whose_settlement_it_is(world):
    lease = world.opened()
    seen = {name for name in world.users if selectors.leases(world.actor(name)).exists()}
    assert seen == {"mdo", "collector", "hq", "monitor", "settlee"}
    for name in ("patna", "hq", "settlee", "monitor", "checkpost"):
        with pytest.raises(NotPermitted):
            services.record_documents(lease=lease, on=date(2026, 6, 6), by=world.actor(name), at=AT)
    with pytest.raises(NotFound):
        selectors.lease_of("MUN-2026-01", world.actor("patna"))
    assert selectors.lease_of("MUN-2026-01", world.settlee).pk == lease.pk


def test_only_the_collector_cancels_and_challans_stop_at_once(world):
    lease = world.mining()
    at = india("2026-08-01")
    with pytest.raises(NotPermitted):
        services.cancel_settlement(lease=lease, reason="x", by=world.district, at=at)
    collector = world.actor("collector")
    services.issue_notice(lease=lease, kind="show_cause", grounds="उप-पट्टा", by=collector, at=india("2026-07-16"))
    lease = services.cancel_settlement(lease=lease, reason="उप-पट्टा", by=collector, at=at)
    assert [hold.rule_code for hold in selectors.standing_holds(lease, at)] == ["HLD-04"]


def test_each_step_is_told_once_with_the_settlement(world):
    lease = world.mining()
    kinds = list(OutboxEvent.objects.filter(kind__startswith="lease.").values_list("kind", flat=True))
    assert kinds.count("lease.opened") == kinds.count("lease.deed_executed") == kinds.count("lease.permitted") == 1
    fact = OutboxEvent.objects.get(kind="lease.permitted").facts
    assert fact["lease"] == lease.number and fact["district"] == "Munger"


@pytest.mark.flow
def test_a_director_counts_in_the_cap_and_his_cases_bar_before_the_loi(world, client):
    """E-022, E-024, E-086: who stands behind a body is listed after the auction and judged before the LoI."""
    lease = world.opened()
    Block.objects.filter(pk=lease.block_id).update(river="Kiul")
    world.pay_and_verify(selectors.security_demand(lease), at=AT)
    services.record_documents(lease=lease, on=date(2026, 6, 6), by=world.district, at=AT)
    client.force_login(world.users["mdo"])
    path = f"/office/leases/{lease.number}/"
    sent = {"act": "assets", "on": "2026-06-06", "movable": "1", "immovable": "0"}
    for nothing in ("", "Ram Prasad", "Ram Prasad; ABCPR1234F; director"):  # what each owns is part of the list
        assert client.post(path, sent | {"members": nothing}).status_code == 422
    assert client.post(path, sent | {"members": "Ram Prasad; NOPAN; director; 1; 2"}).status_code == 409
    done = client.post(path, sent | {"members": "Ram Prasad; ABCPR1234F; director; 12,00,000; 0"}, follow=True)
    assert (
        "12,00,000" in done.content.decode()
        and "Ram Prasad" in done.content.decode()
        and "ABCPR1234F" in done.content.decode()
    )
    others = [_other(world, number) for number in (1, 2)]
    others[0].members, others[1].party.pan = [{"name": "R", "pan": "ABCPR1234F", "capacity": ""}], "ABCPR1234F"
    others[0].save(), others[1].party.save()
    enter_case(
        pan="ABCPR1234F", name="Ram", case_number="7/26", office="Patna", amount_paise=1, filed_on=date(2026, 5, 2),
        by=world.district, at=AT,
    )  # fmt: skip
    bar = enter_debarment(
        pan="ABCPR1234F", name="Ram", cause="other", order_number="8/S", source="Jharkhand", from_on=date(2026, 5, 21),
        by=world.actor("hq"), at=AT,
    )  # fmt: skip
    with pytest.raises(Refusal) as refused:
        world.issue("loi", lease=lease, at=AT)
    found = {one.code: one.facts for one in refused.value.findings}
    assert set(found) == {"AUC-108", "AUC-109", "AUC-175"} and found["AUC-108"]["held"] == ["OTHER-1", "OTHER-2"]
    lift_debarment(bar, order="10/S", by=world.actor("hq"), at=AT)
    close_case(the_case(), order="9/S", by=world.district, at=AT)
    Lease.objects.filter(pk=others[0].pk).update(cancelled_at=AT)
    assert world.issue("loi", lease=lease, at=AT).loi_on


def test_a_list_without_persons_or_without_the_assets_of_each_is_no_receipt(world):
    """E-086."""
    lease, order = world.opened(), {"on": date(2026, 6, 7), "by": world.district, "at": AT}
    (person,), assets = STATEMENT["members"], STATEMENT["assets"]
    bare = {name: person[name] for name in ("name", "pan", "capacity")}
    for members, own in (([], assets), ([person, bare], assets), ([person], {"movable_rupees": 1})):
        with pytest.raises(Refusal) as refused:
            services.record_assets(lease=lease, members=members, assets=own, **order)
        assert codes(refused) == ["LSE-75"]
    assert services.record_assets(lease=lease, **STATEMENT, **order).assets == assets


def _other(world, number: int) -> Lease:
    """A running settlement of another party on the Kiul."""
    block = Block.objects.create(
        code=f"OTHER-{number}", serial=90 + number, block_no="1", name_en="x", name_hi="x", district="Patna",
        area_ha=10, quantity_m3=1, corners=[], river="Kiul",
    )  # fmt: skip
    party = Party.objects.create(code=f"o{number}", kind="company", name_en="x", name_hi="x", pan=f"AAACA000{number}A")
    return Lease.objects.create(
        number=f"O-{number}", lot_code=f"O-{number}", block=block, party=party, district="Patna",
        bid_rupees=1, auction_closed_at=AT, security_paise=1,
    )  # fmt: skip


@pytest.mark.parametrize("step", ["loi", "deed", "permission"])
def test_the_mining_office_proposes_and_the_collector_issues(world, step):
    """E-079, E-095, E-097: nobody does both, and neither does it alone."""
    days = {"loi": "2026-06-10", "deed": "2026-07-15", "permission": "2026-07-15"}
    at, day = india(days[step], "12:00:00"), {} if step == "permission" else {"on": date.fromisoformat(days[step])}
    if step == "loi":
        lease = world.opened()
        world.pay_and_verify(selectors.security_demand(lease), at=india("2026-06-08"))
        services.record_documents(lease=lease, on=date(2026, 6, 7), by=world.district, at=at)
        services.record_assets(lease=lease, on=date(2026, 6, 7), by=world.district, at=at, **STATEMENT)
    elif step == "deed":
        lease = world.cleared()
        world.pay_and_verify(selectors.first_instalment(lease), at=india("2026-07-14"))
    else:
        lease = world.deeded()
        services.record_gst(lease=lease, on=date(2026, 7, 10), by=world.district, at=at)
        world.demarcate(lease, at=at)
    issue = {
        "loi": services.issue_loi,
        "deed": services.execute_deed,
        "permission": services.grant_permission,
    }[step]
    for by in (world.district, world.actor("patna"), world.actor("hq"), world.settlee):
        with pytest.raises(NotPermitted):
            issue(lease=lease, by=by, at=at, **day)
    with pytest.raises(Refusal) as refused:
        issue(lease=lease, by=world.collector, at=at, **day)
    assert codes(refused) == ["LSE-60"]
    for by in (world.collector, world.actor("patna")):
        with pytest.raises(NotPermitted):
            services.propose_step(lease=lease, step=step, issue=issue, by=by, at=at, **day)
    services.propose_step(lease=lease, step=step, issue=issue, by=world.district, at=at, **day)
    same = replace(world.collector, user_id=world.district.user_id)
    with pytest.raises(Refusal):
        issue(lease=lease, by=same, at=at, **day)
    run_triggers(at=at)
    task = Task.objects.get(code="TRG-153", state="open")
    assert task.role == "collector" and task.office.district == "Munger"
    issue(lease=lease, by=world.collector, at=at, **day)
    run_triggers(at=at)
    task.refresh_from_db()
    assert task.state == "done"


@pytest.mark.parametrize(
    ("block_no", "said"),
    [("1-A", "Mahuli (Block 1-A)"), ("7", "Mahuli (Block 1-A) (block 7)"), ("A1", "Mahuli (Block 1-A) (block A1)")],
)
def test_papers_say_the_block_of_a_ghat_once(block_no, said):
    block = Block(name_en="Mahuli (Block 1-A)", name_hi="महुली (खण्ड 1-ए)", block_no=block_no)
    assert ghat_named(block).en == said
