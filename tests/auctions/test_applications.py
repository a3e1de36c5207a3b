"""From the notice to the technical pass: import once, programme, terms, papers, money from the own account."""

import io
from dataclasses import replace
from datetime import date

import pypdf
import pytest

from immis.adapters.notices import read_notice
from immis.auctions import selectors, services
from immis.auctions.models import Bidder, Lot, Notice, TechnicalBid
from immis.auctions.services import publication
from immis.core.access.permissions import SYSTEM
from immis.core.errors import NotFound, NotPermitted, Refusal
from immis.ledger.models import Demand
from immis.registry import services as registry
from immis.registry.models import Block
from immis.rules.notices.check import check_notice
from immis.rules.notices.facts import slug_of
from immis.rules.policy import book
from tests.auctions.season import (
    ACCEPTED,
    APPLIED,
    CLOSES,
    DECIDED,
    IMPORTED,
    NOTICE,
    OPENS,
    PARTICULARS,
    PDF,
    india,
    read_once,
)  # fmt: skip

pytestmark = pytest.mark.django_db


def _import(facts, *, findings=(), source=NOTICE, by=SYSTEM, at=IMPORTED):
    return services.import_notice(facts=facts, findings=findings, source=source, filename="munger.txt", by=by, at=at)


def _codes(refused):
    return sorted({finding.code for finding in refused.value.findings})


def test_the_whole_munger_notice_is_taken_in(db, data_dir):
    facts = read_once()
    notice = _import(facts, findings=check_notice(facts, policy=book(), on=date(2026, 5, 10)))
    lots = list(Lot.objects.all())
    assert len(lots) == 22 and sum(lot.reserve_rupees for lot in lots) == 185_760_000
    assert sum(lot.emd_rupees for lot in lots) == 46_440_000
    assert {(lot.opens_at, lot.closes_at, lot.ends_at) for lot in lots} == {(OPENS, CLOSES, CLOSES)}
    assert {finding["row"] for finding in notice.findings if finding["code"] and finding["row"] == 20} == {20}
    block = Block.objects.get(code="MUN-2026-01")
    assert (block.name_hi, block.name_en) == (
        "कलिस्थान फुलकिया बालूघाट (खण्ड 1-ए)",
        "Kalisthan Fulkiya Sand Ghat (Block 1-A)",
    )
    assert (block.quantity_m3, len(block.corners), block.river) == (91_800, 4, "")
    assert {one.name_hi.split(" बालूघाट")[0] for one in Block.objects.all()} == {
        "कलिस्थान फुलकिया",
        "कलिस्थान बरियारपुर",
        "महुली",
        "टीकारामपुर",
        "पहाड़पुर",
    }


def test_the_same_file_a_second_time_changes_nothing(season):
    again = _import(read_notice(NOTICE, filename="again.txt"))
    assert Notice.objects.count() == 1 and again == Notice.objects.get() and Lot.objects.count() == 3


@pytest.mark.flow
def test_a_notice_with_errors_or_without_its_programme_is_refused(db, data_dir):
    facts = read_once()

    class Found:
        severity = "error"

    for odd, findings in (
        (facts, [Found()]),
        (replace(facts, ghats=()), []),
        (replace(facts, programme=replace(facts.programme, auction_starts_at=None)), []),
    ):
        with pytest.raises(Refusal) as refused:
            _import(odd, findings=findings)
        assert _codes(refused) == ["AUC-18"]
    assert not Notice.objects.exists() and not Block.objects.exists()


@pytest.mark.flow
def test_a_corrigendum_moves_the_programme_until_somebody_has_bid(season, at):
    facts = read_once()
    later = replace(facts.programme, auction_ends_at=india("2026-06-05T15:00"))
    moved = replace(facts, ghats=facts.ghats[:3], programme=later)
    notice = _import(moved, source=b"corrigendum 1")
    assert season.lot().ends_at == india("2026-06-05T15:00") and season.lot().notice == notice
    assert Notice.objects.exclude(pk=notice.pk).get().replaced_by == notice
    season.bidder("asha")
    at.set(OPENS)
    season.bid("asha")
    with pytest.raises(Refusal) as refused:
        _import(moved, source=b"corrigendum 2")
    assert _codes(refused) == ["AUC-18"]


def test_another_district_imports_nothing_here(season):
    facts = read_once()
    for name in ("patna", "checkpost", "monitor"):
        with pytest.raises(NotPermitted):
            _import(facts, source=b"new", by=season.actor(name))


def test_registration_needs_the_terms_and_lasts_a_year(season):
    party = season.party("asha")
    with pytest.raises(Refusal) as refused:
        services.register_bidder(
            party=party, accept_terms=False, particulars=PARTICULARS, by=season.actor("asha"), at=APPLIED
        )
    assert _codes(refused) == ["AUC-15"] and not Bidder.objects.exists()
    bidder = services.register_bidder(
        party=party, accept_terms=True, particulars=PARTICULARS, by=season.actor("asha"), at=APPLIED
    )
    assert bidder.valid_until == date(2027, 5, 19)
    again = services.register_bidder(
        party=party, accept_terms=True, by=season.actor("asha"), at=india("2026-12-01T10:00")
    )
    assert again.pk == bidder.pk and again.valid_until == date(2027, 11, 30)
    season.party("bina")
    with pytest.raises(NotPermitted):
        services.register_bidder(party=party, accept_terms=True, by=season.actor("bina"), at=APPLIED)


def _apply(season, name, *, at=APPLIED, serial=1, **form):
    bidder = selectors.bidder_of(season.actor(name).party_id)
    filled = {"bank_account": "31415926535", "turnover_rupees": [9_000_000] * 3, "accepted": ACCEPTED, **form}
    return services.apply_for_lot(lot=season.lot(serial), bidder=bidder, form=filled, by=season.actor(name), at=at)


def test_an_application_demands_fee_and_earnest_money_for_each_lot_once(season):
    season.registered("asha")
    bid = _apply(season, "asha")
    again = _apply(season, "asha", bank_account="27182818284")
    _apply(season, "asha", serial=2)
    assert again.pk == bid.pk and again.bank_account == "27182818284"
    demands = Demand.objects.filter(subject_id="MUN-2026-01").order_by("kind")
    assert [(one.kind, one.amount_paise) for one in demands] == [("emd", 172_125_000), ("fee", 500_000)]
    assert demands[0].due_on == date(2026, 5, 29) and demands[0].cites[0]["code"] == "AUC-07"
    assert Demand.objects.count() == 4


@pytest.mark.parametrize(
    ("when", "codes"),
    [
        ("2026-05-11T23:59:59", ["AUC-09"]),
        ("2026-05-12T00:00:00", []),
        ("2026-05-29T17:00:00", []),
        ("2026-05-29T17:00:01", ["AUC-09"]),
        ("2027-06-01T10:00:00", ["AUC-09", "AUC-13"]),
    ],
)
def test_applications_are_taken_within_the_programme(season, when, codes):
    season.registered("asha")
    if not codes:
        assert _apply(season, "asha", at=india(when)).state == "applied"
        return
    with pytest.raises(Refusal) as refused:
        _apply(season, "asha", at=india(when))
    assert _codes(refused) == codes and not TechnicalBid.objects.exists() and not Demand.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        {"bank_account": "x y"},
        {"bank_account": "1" * 31},
        {"turnover_rupees": ["much"]},
        {"turnover_rupees": []},
        {"turnover_rupees": [-1]},
    ],
)
def test_a_form_that_cannot_be_read_is_named(season, form):
    season.registered("asha")
    with pytest.raises(Refusal) as refused:
        _apply(season, "asha", **form)
    assert _codes(refused) == ["AUC-19"]


@pytest.mark.parametrize(
    ("letter", "content", "code"),
    [
        ("क", b"MZ program", "AUC-16"),
        ("क", b"", "AUC-16"),
        ("क", b"%PDF-" + b"x" * 4_000_000, "AUC-16"),
        ("ण", PDF, "AUC-19"),
    ],
)
def test_a_paper_that_is_none_is_refused(season, letter, content, code):
    season.registered("asha")
    bid = _apply(season, "asha")
    with pytest.raises(Refusal) as refused:
        services.add_document(
            bid=bid, letter=letter, filename="a.pdf", content=content, by=season.actor("asha"), at=APPLIED
        )
    assert _codes(refused) == [code] and TechnicalBid.objects.get().documents == []


def test_a_paper_handed_in_again_replaces_the_first(season):
    season.registered("asha")
    bid = _apply(season, "asha")
    for content in (PDF, b"\x89PNG\r\n\x1a\n...", b"\xff\xd8\xff..."):
        services.add_document(bid=bid, letter="घ", filename="pan", content=content, by=season.actor("asha"), at=APPLIED)
    (row,) = TechnicalBid.objects.get().documents
    assert row["type"] == "JPG"
    assert selectors.document_of(TechnicalBid.objects.get(), row["sha256"])[1].read_bytes() == b"\xff\xd8\xff..."
    with pytest.raises(NotFound):
        selectors.document_of(TechnicalBid.objects.get(), "0" * 64)


def test_each_no_claim_clause_is_ticked_and_kept_with_its_version(season):
    """E-065, E-136, E-139, E-146, E-167."""
    season.registered("asha")
    with pytest.raises(Refusal) as refused:
        _apply(season, "asha", accepted=["own_it", "satisfied", "hindrance"])
    assert _codes(refused) == ["AUC-172"] and not TechnicalBid.objects.exists()
    assert refused.value.findings[0].facts == {"clauses": ["42(ix)", "42(xxxviii)"]}
    kept = _apply(season, "asha").form["terms"]["clauses"]
    assert [(row["key"], row["from_on"]) for row in kept] == [(key, "2026-05-01") for key in ACCEPTED]


def _pages(count: int) -> bytes:
    writer, out = pypdf.PdfWriter(), io.BytesIO()
    for _ in range(count):
        writer.add_blank_page(100, 100)
    writer.write(out)
    return out.getvalue()


@pytest.mark.flow
def test_signed_terms_of_fewer_pages_than_the_terms_of_the_notice_are_not_taken(season):
    """E-039: clause 7(kha)."""
    season.registered("asha")
    bid = _apply(season, "asha")
    terms = publication.PartFile("terms.pdf", _pages(3), "PDF", publication.pages_of(_pages(3), "PDF"))
    order = {"part": "terms", "text": "", "document": terms, "by": season.mdo, "at": APPLIED}
    publication.add_part(notice=bid.lot.notice, **order)
    bid = TechnicalBid.objects.get()
    given = {"letter": "ख", "filename": "t.pdf", "by": season.actor("asha"), "at": APPLIED}
    for content in (_pages(2), b"\xff\xd8\xff..."):
        with pytest.raises(Refusal) as refused:
            services.add_document(bid=bid, content=content, **given)
        assert _codes(refused) == ["AUC-174"]
    services.add_document(bid=bid, content=_pages(3), **given)
    services.add_document(bid=bid, content=_pages(1), **{**given, "letter": "ग"})
    assert [row["letter"] for row in TechnicalBid.objects.get().documents] == ["ख", "ग"]


def test_a_paper_that_is_not_applicable_to_a_kind_of_bidder_is_not_taken(season):
    """E-055: required, optional, not applicable."""
    season.registered("asha", "individual")
    bid = _apply(season, "asha")
    given = {"filename": "p.pdf", "content": PDF, "by": season.actor("asha"), "at": APPLIED}
    with pytest.raises(Refusal) as refused:
        services.add_document(bid=bid, letter="त", **given)
    assert _codes(refused) == ["AUC-19"]
    services.add_document(bid=bid, letter="झ", **given)
    papers = {paper.letter: paper.required for paper in selectors.papers_of(TechnicalBid.objects.get())}
    assert papers["झ"] is False and papers["ज"] is True and "त" not in papers and "ढ" not in papers


def _decide(season, bid, *, passed=True, reasons="", by="mdo", at=DECIDED):
    return services.decide_technical(bid=bid, passed=passed, reasons=reasons, by=season.actor(by), at=at)


@pytest.mark.flow
def test_a_pass_needs_money_turnover_and_papers(season):
    season.registered("asha")
    bid = _apply(season, "asha", turnover_rupees=[1, 1, 1])
    with pytest.raises(Refusal) as refused:
        _decide(season, bid)
    assert _codes(refused) == ["AUC-07", "AUC-10", "AUC-14", "AUC-86"]


def test_money_from_a_strange_account_does_not_count(season):
    season.applied("asha")
    bid = TechnicalBid.objects.get()
    season.pay(bid, account="99999999999")
    with pytest.raises(Refusal) as refused:
        _decide(season, bid)
    assert _codes(refused) == ["AUC-07"]


def test_a_decision_is_kept_with_its_facts_and_can_be_corrected_in_time(season):
    season.applied("asha")
    bid = TechnicalBid.objects.get()
    season.pay(bid)
    with pytest.raises(Refusal) as refused:
        _decide(season, bid, passed=False)
    assert _codes(refused) == ["AUC-19"]
    assert _decide(season, bid, passed=False, reasons="Affidavit unreadable").state == "failed"
    assert _decide(season, bid, by="collector").state == "passed"
    for when in ("2026-05-29T17:00:00", "2026-06-04T00:00:00"):
        with pytest.raises(Refusal) as refused:
            _decide(season, bid, at=india(when))
        assert _codes(refused) == ["AUC-12", "AUC-176"]


@pytest.mark.parametrize("name", ["patna", "hq", "monitor", "checkpost", "asha"])
def test_only_the_districts_office_decides(season, name):
    season.applied("asha")
    with pytest.raises(NotPermitted):
        _decide(season, TechnicalBid.objects.get(), by=name)


def test_technical_bids_are_seen_by_their_party_and_their_district_only(season):
    season.applied("asha")
    season.applied("bina")
    bid = TechnicalBid.objects.get(bidder__party__code="asha")
    assert selectors.technical_bids(season.mdo).count() == 2
    assert [one.bidder.party.code for one in selectors.technical_bids(season.actor("asha"))] == ["asha"]
    assert selectors.technical_bids(season.actor("patna")).count() == 0
    for name in ("bina", "patna"):
        with pytest.raises(NotFound):
            selectors.technical_bid_of(bid.pk, season.actor(name))
    with pytest.raises(NotPermitted):
        selectors.technical_bids(season.actor("checkpost"))
    assert selectors.undecided_bid_count(season.mdo) == 2 and selectors.undecided_bid_count(season.actor("asha")) == 0


def test_a_notice_cannot_take_the_ghats_of_a_district_that_begins_alike(season):
    """MUN-2026-01 is Munger's: another district with these letters gets no hold of its block and lot."""
    season.users["muner"] = registry.add_user(username="muner", name_en="M", name_hi="म")
    office = registry.open_office(code="muner", kind="district", name_en="M", name_hi="म", district="Muner")
    registry.appoint(user=season.users["muner"], office=office, role="district")
    theirs = replace(read_notice(NOTICE, filename="x.txt"), district="Muner")
    with pytest.raises(NotPermitted):
        services.import_notice(
            facts=theirs, findings=[], source=NOTICE + b" ", filename="x.txt", by=season.actor("muner"), at=IMPORTED
        )
    assert set(Block.objects.values_list("district", flat=True)) == {season.lot().block.district}


def test_another_districts_office_learns_nothing_of_a_notice_that_is_known(season):
    facts = read_once()
    with pytest.raises(NotPermitted):
        services.import_notice(
            facts=facts, findings=[], source=NOTICE, filename="munger.txt", by=season.actor("patna"), at=IMPORTED
        )


def test_districts_that_begin_alike_have_letters_of_their_own():
    pairs = [("Madhubani", "Madhepura"), ("Purnia", "Purbi Champaran"), ("Sheohar", "Sheikhpura")]
    assert all(slug_of(one, 2026, 1) != slug_of(other, 2026, 1) for one, other in pairs)
    assert slug_of("Munger", 2026, 1) == "MUN-2026-01"


class _Priced:
    """The rule book with amounts where the tender states none (AUC-82)."""

    def at(self, code, on, **scope):
        value = book().at(code, on, **scope)
        fees = {"registration_fee_rupees": 1000, "processing_fee_rupees": 2500}
        return replace(value, value={**value.value, **fees}) if code == "AUC-82" else value

    def value(self, code, on, **scope):
        return self.at(code, on, **scope).value


@pytest.mark.flow
def test_fees_are_asked_once_the_department_states_them(season, monkeypatch):
    """Registration fee before applying, processing fee with each application (E-016, E-066)."""
    for module in ("services.registration", "services.bidders", "selectors.payments"):
        monkeypatch.setattr(f"immis.auctions.{module}.book", _Priced)
    bidder = season.registered("asha")
    fee = Demand.objects.get(number=bidder.fee_demand)
    assert (fee.amount_paise, fee.district, fee.kind) == (100_000, "Munger", "fee")
    form = {"bank_account": "31415926535", "turnover_rupees": [1] * 3, "accepted": ACCEPTED}
    apply = {"lot": season.lot(), "bidder": bidder, "form": form, "by": season.actor("asha"), "at": APPLIED}
    with pytest.raises(Refusal) as refused:
        services.apply_for_lot(**apply)
    assert _codes(refused) == ["AUC-82"]
    season.registered_paid(bidder)
    bid = services.apply_for_lot(**apply)
    assert Demand.objects.get(number=bid.processing_demand).amount_paise == 250_000
    assert selectors.emd_state(bid).processing_state == "due" and not selectors.emd_state(bid).paid


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"dsc_class": 1}, "AUC-80"),
        ({"dsc_valid_until": date(2026, 5, 19)}, "AUC-80"),
        ({"father_name": " "}, "AUC-81"),
        ({"citizen": False}, "AUC-81"),
        ({"aadhaar": "234123412347"}, "AUC-88"),
        ({"gstin": "27AAPFU0939F1ZV"}, "AUC-88"),
    ],
)
@pytest.mark.flow
def test_registration_asks_for_signature_form_and_true_numbers(season, change, code):
    party = season.party("asha")
    with pytest.raises(Refusal) as refused:
        services.register_bidder(
            party=party, accept_terms=True, particulars={**PARTICULARS, **change}, by=season.actor("asha"), at=APPLIED
        )
    assert _codes(refused) == [code] and not Bidder.objects.exists()
