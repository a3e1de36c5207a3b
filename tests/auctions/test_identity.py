"""A notice, its lots and the ghats behind them have identities of their own: nothing becomes another thing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile

from immis.auctions import jobs, selectors, services
from immis.auctions.models import Lot, LotSuccession, Notice, TechnicalBid
from immis.commands.auctions import notice
from immis.core.access.permissions import SYSTEM
from immis.core.errors import Refusal
from immis.leases.life import previous_on_block
from immis.leases.models import Lease
from immis.ledger.models import Demand
from immis.registry.models import Block
from immis.rules.notices.facts import Corner
from tests.auctions.season import APPLIED, CLOSES, IMPORTED, OPENS, india, read_once

pytestmark = pytest.mark.django_db
LATER = india("2026-06-08T10:00")
ORDER = {"number": "44/M", "on": date(2026, 6, 8), "at": LATER}


def _later(facts, days=60, **more):
    steps = {step.value: when + timedelta(days=days) for step, when in facts.programme.steps()}
    return replace(facts, programme=replace(facts.programme, **steps), **more)


def _take(facts, source, at=IMPORTED, **more):
    return services.import_notice(facts=facts, findings=[], source=source, filename="n.txt", by=SYSTEM, at=at, **more)


def _refused(facts, source=b"refused", **more):
    with pytest.raises(Refusal) as refused:
        _take(facts, source, **more)
    return [(one.code, dict(one.facts)) for one in refused.value.findings]


def _moved(ghat, degrees):
    corners = tuple(Corner(one.label, one.lat + degrees, one.lon, one.text) for one in ghat.corners)
    return replace(ghat, corners=corners)


def test_a_second_notice_of_a_district_and_year_takes_nothing_from_the_first(season):
    season.bidder("asha")
    lot, facts = season.lot(), read_once()
    before = (lot.code, lot.block.code, lot.block.name_en, lot.block.corners, lot.reserve_rupees, lot.notice_id)
    others = tuple(replace(ghat, serial=n) for n, ghat in enumerate(facts.ghats[9:12], start=1))
    second = _take(_later(facts, number="PR 77", ghats=others), b"second")
    lot.refresh_from_db()
    block = Block.objects.get(pk=lot.block_id)
    assert (lot.code, block.code, block.name_en, block.corners, lot.reserve_rupees, lot.notice_id) == before
    assert (lot.notice.code, second.code) == ("MUN-2026", "MUN-2026-2")
    assert [(one.code, one.block.code) for one in second.lots.all()] == [
        (f"MUN-2026-2-0{n}", f"MUN-2026-2-0{n}") for n in (1, 2, 3)
    ]
    assert Block.objects.count() == 6 and {one.block.version for one in Lot.objects.all()} == {1}
    assert [one.lot.code for one in TechnicalBid.objects.filter(state="passed")] == ["MUN-2026-01"]
    assert set(Demand.objects.values_list("subject_id", flat=True)) == {"MUN-2026-01"}


def test_a_corrigendum_keeps_number_lots_and_ghats_and_corrects_the_row_that_it_means(season):
    facts, first = read_once(), season.lot().notice
    moved = replace(facts.ghats[0], area_ha=facts.ghats[0].area_ha + 1)
    again = _take(replace(facts, ghats=(moved, *facts.ghats[1:3])), b"corrigendum")
    assert again.code == first.code == "MUN-2026" and Lot.objects.count() == 3
    block = Block.objects.get(code="MUN-2026-01")
    assert (block.version, block.area_ha) == (2, moved.area_ha)
    assert {lot.notice_id for lot in Lot.objects.all()} == {again.pk}


def test_a_corrigendum_that_puts_another_ghat_under_a_number_makes_no_ghat_another(season):
    season.bidder("asha")
    facts, block = read_once(), season.lot().block
    other = replace(facts.ghats[12], serial=1)
    again = _take(replace(facts, ghats=(other, *facts.ghats[1:3])), b"corrigendum")
    lot = Lot.objects.get(code="MUN-2026-01")
    assert (lot.block_id, lot.block.name_en, lot.notice_id) == (block.pk, block.name_en, again.pk)
    assert Lot.objects.get(block__name_en__contains=other.code).code == "MUN-2026-01B"
    assert TechnicalBid.objects.get().lot_id == lot.pk


def test_a_corrigendum_is_known_under_the_number_of_another_press_release_too(season):
    facts = read_once()
    last = facts.programme.last_date_at + timedelta(days=1)
    again = replace(facts, number="PR 2", programme=replace(facts.programme, last_date_at=last))
    notice_ = _take(again, b"corrigendum")
    assert notice_.code == "MUN-2026" and Lot.objects.count() == 22
    assert {lot.notice_id for lot in Lot.objects.all()} == {notice_.pk}
    assert Lot.objects.get(serial=22).code == "MUN-2026-22"


def test_a_river_that_the_office_entered_outlives_a_corrigendum(season):
    Block.objects.filter(code="MUN-2026-01").update(river="Kiul")
    _take(replace(read_once(), ghats=read_once().ghats[:3], title="शुद्धि-पत्र"), b"corrigendum")
    assert Block.objects.get(code="MUN-2026-01").river == "Kiul"


def test_the_river_of_a_file_is_entered_as_the_register_has_it_and_an_unknown_one_is_refused(season):
    facts = read_once()

    def with_river(river):
        first = replace(facts.ghats[0], river=river)
        return replace(facts, ghats=(first, *facts.ghats[1:]), title=f"river {river}")

    with pytest.raises(Refusal) as caught:
        _take(with_river("Soan"), b"soan")
    assert [finding.code for finding in caught.value.findings] == ["GHT-04"]
    _take(with_river("Sone river"), b"sone")
    assert Block.objects.get(code="MUN-2026-01").river == "Son"


def _abort(season):
    lot = season.lot()
    order = services.ask_order(act="abort", notice=lot.notice, lot=lot, reason="अनियमितता", by=season.mdo)
    services.confirm_order(order=order, by=season.actor("collector"))
    return Lot.objects.get(pk=lot.pk)


@pytest.mark.parametrize(("days", "number"), [(60, "PR 9"), (60, None), (400, "PR 9")])
def test_an_aborted_ghat_is_auctioned_again_as_the_same_ghat(season, at, days, number):
    season.bidder("asha")
    at.set(OPENS)
    season.bid("asha", 1)
    lot = _abort(season)
    facts = read_once()
    again = _later(facts, days, ghats=(replace(facts.ghats[0], serial=7),), number=number or facts.number)
    _take(again, b"again", at=LATER)
    following = LotSuccession.objects.get(previous=lot)
    assert (following.lot.code, following.lot.block_id, following.attempt) == ("MUN-2026-01-R2", lot.block_id, 1)
    assert following.lot.serial == 7 and Block.objects.count() == 3
    lot.refresh_from_db()
    assert (lot.result, lot.opens_at, lot.seq) == ("aborted", OPENS, lot.seq)


@pytest.mark.flow
def test_a_ghat_whose_auction_or_settlement_is_not_over_is_not_auctioned_beside_it(season, at):
    facts = read_once()
    only = (facts.ghats[0],)
    ((code, words),) = _refused(_later(facts, number="PR 9", ghats=only))
    assert (code, words["standing"]) == ("AUC-161", "MUN-2026-01")
    season.bidder("asha")
    season.bidder("bina")
    at.set(OPENS)
    season.bid("asha", 1)
    season.bid("bina", 1)
    at.set(LATER)
    jobs.announce_closed_lots(at=LATER)
    ((code, words),) = _refused(_later(facts, number="PR 9", ghats=only), at=LATER)
    assert (code, words["standing"]) == ("AUC-161", "MUN-2026-01")


def test_a_forfeited_settlement_frees_its_ghat_and_the_next_one_succeeds_it(season, at):
    season.bidder("asha")
    season.bidder("bina")
    at.set(OPENS)
    season.bid("asha", 1)
    season.bid("bina", 1)
    at.set(LATER)
    jobs.announce_closed_lots(at=LATER)
    lot = season.lot()
    services.declare_default(lot=lot, cause="refused", reason="पत्र", by=season.actor("collector"), **ORDER)
    before = Lease.objects.get()
    facts = read_once()
    for days, serial in ((60, 4), (430, 9)):
        again = _later(facts, days, number=f"PR {days}", ghats=(replace(facts.ghats[0], serial=serial),))
        if days == 60:
            _take(again, b"same year", at=LATER)
            last = Lot.objects.get(serial=4)
            Lot.objects.filter(pk=last.pk).update(result="no_bids")
        else:
            _take(again, b"next year", at=india("2027-06-01T10:00"))
    codes = list(Lot.objects.filter(block=lot.block).order_by("opens_at").values_list("code", flat=True))
    assert codes == ["MUN-2026-01", "MUN-2026-01-R2", "MUN-2026-01-R3"] and Block.objects.count() == 3
    notices = list(Notice.objects.order_by("id").values_list("code", flat=True))
    assert notices == ["MUN-2026", "MUN-2026-2", "MUN-2027"]
    after = Lease.objects.create(
        number="x", lot_code=codes[-1], block=lot.block, party=before.party, district="Munger",
        bid_rupees=1, auction_closed_at=at(), security_paise=1,
    )  # fmt: skip
    assert previous_on_block(after) == before


def test_a_row_in_doubt_waits_for_the_officers_word(season):
    facts = read_once()
    away, renamed = _moved(facts.ghats[0], 0.5), replace(facts.ghats[1], name="NAYA SAND GHAT (BLOCK- 9 Z)", code="9-Z")
    again = _later(facts, number="PR 9", ghats=(away, renamed))
    assert selectors.doubtful_rows(again) == {1: ["MUN-2026-01"], 2: ["MUN-2026-02"]}
    assert [(code, words["likely"]) for code, words in _refused(again)] == [
        ("AUC-160", ["MUN-2026-01"]),
        ("AUC-160", ["MUN-2026-02"]),
    ]
    ((code, words), *_more) = _refused(again, same_blocks={1: "new", 2: "MUN-2026-99"})
    assert (code, words["serial"]) == ("AUC-160", 2)
    found = _refused(again, same_blocks={1: "new", 2: "MUN-2026-02"})
    assert [code for code, _words in found] == ["AUC-161"], "the second row is the ghat that is under auction"
    Lot.objects.filter(serial=2).update(result="no_bids")
    _take(again, b"said", same_blocks={1: "new", 2: "MUN-2026-02"})
    new, same = Lot.objects.filter(notice__number="PR 9").order_by("serial")
    assert (new.code, new.block.code) == ("MUN-2026-2-01", "MUN-2026-2-01")
    assert (same.code, same.block.code, same.block.name_en) == (
        "MUN-2026-02-R2",
        "MUN-2026-02",
        "Naya Sand Ghat (Block 9-Z)",
    )


def test_a_ghat_twice_in_one_notice_is_refused(season):
    facts = read_once()
    twice = replace(facts, ghats=(facts.ghats[4], replace(facts.ghats[4], serial=6)), number="PR 9")
    Lot.objects.update(result="no_bids")
    _take(replace(facts, ghats=(facts.ghats[4],), number="PR 8"), b"eight")
    Lot.objects.update(result="no_bids")
    assert [code for code, _words in _refused(_later(twice))] == ["AUC-161"]


@pytest.mark.flow
def test_after_an_order_on_the_times_every_other_date_can_still_be_corrected(season, at):
    season.registered("asha")
    at.set(APPLIED)
    lot, closes_at = season.lot(), CLOSES + timedelta(hours=2)
    order = services.ask_order(
        act="reschedule", notice=lot.notice, reason="बाढ़", by=season.mdo,
        opens_at=OPENS + timedelta(hours=1), closes_at=closes_at,
    )  # fmt: skip
    services.confirm_order(order=order, by=season.actor("collector"))
    facts = read_once()
    last = facts.programme.last_date_at + timedelta(days=2)
    programme = replace(facts.programme, last_date_at=last)
    _take(replace(facts, ghats=facts.ghats[:3], programme=programme), b"corrigendum", at=APPLIED)
    lot = season.lot()
    assert (lot.opens_at, lot.closes_at, lot.ends_at) == (OPENS + timedelta(hours=1), closes_at, closes_at)
    assert lot.notice.programme["last_date_at"] == last.isoformat() and lot.seq == 1
    other = replace(programme, auction_ends_at=CLOSES + timedelta(hours=5))
    found = _refused(replace(facts, ghats=facts.ghats[:3], programme=other), at=APPLIED)
    assert [code for code, _words in found] == ["AUC-162"]


@pytest.mark.flow
def test_mock_copies_of_long_numbers_do_not_collide(season):
    facts = read_once()
    lots = [_abort_like(season.lot(serial)) for serial in (1, 2)]
    again = _later(facts, number="PR 9", ghats=facts.ghats[:2])
    notice = _take(again, b"again", at=LATER)
    copies = services.hold_mock_auction(
        notice=notice, starts_at=LATER + timedelta(days=1), ends_at=LATER + timedelta(days=1, hours=1),
        by=season.mdo, at=LATER,
    )  # fmt: skip
    assert [one.code for one in copies] == [f"MOCK-{lot.code}-R2" for lot in lots]


def _abort_like(lot):
    Lot.objects.filter(pk=lot.pk).update(result="aborted", result_announced_at=OPENS)
    return lot


def test_the_officer_says_on_the_page_which_ghat_a_row_is(season, client, monkeypatch, at):
    facts = read_once()
    again = _later(facts, number="PR 9", ghats=(_moved(facts.ghats[0], 0.5), facts.ghats[8]))
    monkeypatch.setattr("immis.auctions.services.read_notice", lambda content, filename, *, at: (again, []))
    client.force_login(season.users["mdo"])
    at.set(APPLIED)
    upload = SimpleUploadedFile("second.txt", b"second notice", content_type="text/plain")
    checked = client.post("/office/notices/", {"file": upload}).content.decode()
    assert 'name="row_1"' in checked and 'name="row_2"' not in checked and "वही बालूघाट: MUN-2026-01" in checked
    unsaid = client.post("/office/notices/", {"act": "import"})
    assert unsaid.status_code == 422 and 'name="row_1"' in unsaid.content.decode() and Notice.objects.count() == 1
    assert client.post("/office/notices/", {"act": "import", "row_1": "PAT-2026-01"}).status_code == 422
    assert client.post("/office/notices/", {"act": "import", "row_1": "MUN-2026-01"}).status_code == 409
    assert client.post("/office/notices/", {"act": "import", "row_1": "new"}).status_code == 302
    assert [one.code for one in Lot.objects.filter(notice__number="PR 9")] == ["MUN-2026-2-01", "MUN-2026-2-09"]


def test_the_command_takes_the_officers_word(season, monkeypatch, tmp_path):
    facts = read_once()
    again = _later(facts, number="PR 9", ghats=(_moved(facts.ghats[0], 0.5),))
    monkeypatch.setattr(notice, "read_apart", lambda kind, source, filename: again)
    monkeypatch.setattr(notice, "check_notice", lambda facts, policy, on: [])
    path = tmp_path / "second.txt"
    path.write_bytes(b"second notice")
    run = CliRunner().invoke
    unsaid = run(notice.command, ["import", str(path), "--json"])
    assert unsaid.exit_code == 2 and '"AUC-160"' in unsaid.output and "Traceback" not in unsaid.output
    odd = run(notice.command, ["import", str(path), "--ghat", "first"])
    assert odd.exit_code == 2 and "5=MUN-2026-22" in odd.output
    assert run(notice.command, ["import", str(path), "--ghat", "1=new"]).exit_code == 0
    assert Lot.objects.filter(code="MUN-2026-2-01").exists()
