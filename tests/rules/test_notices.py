"""The Munger notice against table E.10, and each mistake that a notice can have."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from immis.adapters.notices import SAMPLES, read_notice
from immis.rules.land.geometry import area_ha
from immis.rules.notices import Column, Corner, NoticeFacts, Programme, check_notice, policy_day, slug_of
from immis.rules.policy import LANGUAGES, book

# Table E.10: corners, area, quantity, reserve, EMD as printed; area computed from the corners.
E10 = """
1 4 15.3 91800 6885000 1721250 15.23
2 5 15.4 92400 6930000 1732500 15.36
3 5 21.9 131400 9855000 2463750 21.84
4 5 19.4 116400 8730000 2182500 19.40
5 4 16 96000 7200000 1800000 16.02
6 4 11.4 68400 5130000 1282500 11.45
7 4 25 150000 11250000 2812500 25.12
8 4 25.2 151200 11340000 2835000 25.19
9 4 25 150000 11250000 2812500 24.96
10 4 25 150000 11250000 2812500 25.06
11 4 25.2 151200 11340000 2835000 25.16
12 4 19.6 117600 8820000 2205000 19.65
13 4 11.9 71400 5355000 1338750 11.90
14 4 15 90000 6750000 1687500 15.03
15 4 15 90000 6750000 1687500 14.98
16 4 19 114000 8550000 2137500 18.93
17 4 30.8 184800 13860000 3465000 30.58
18 4 14.3 85800 6435000 1608750 14.24
19 4 14.8 88800 6660000 1665000 14.74
20 4 15.1 90600 6795000 1698750 14.61
21 4 16.5 99000 7425000 1856250 16.42
22 4 16 96000 7200000 1800000 15.94
"""
ROWS = [line.split() for line in E10.split("\n") if line]
ON = date(2026, 5, 8)


@pytest.fixture(scope="module")
def munger() -> NoticeFacts:
    return read_notice(SAMPLES / "munger_2026.txt")


def codes(facts: NoticeFacts, *, severity: str | None = None, on: date = ON) -> list[tuple[str, int | None]]:
    found = check_notice(facts, policy=book(), on=on)
    return [(one.code, one.row) for one in found if severity in (None, one.severity)]


def changed(facts: NoticeFacts, serial: int, **figures) -> NoticeFacts:
    return replace(facts, ghats=tuple(replace(g, **figures) if g.serial == serial else g for g in facts.ghats))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"row {row[0]}")
def test_row_as_in_table_e10(munger, row):
    ghat = munger.ghats[int(row[0]) - 1]
    figures = (ghat.serial, len(ghat.corners), ghat.area_ha, ghat.quantity_m3, ghat.reserve_rupees, ghat.emd_rupees)
    assert figures == tuple(Decimal(cell) for cell in row[:6])
    assert area_ha(ghat.corners) == pytest.approx(float(row[6]), abs=0.005)


def test_totals_as_in_table_e10(munger):
    assert len(munger.ghats) == 22
    assert sum(len(ghat.corners) for ghat in munger.ghats) == 91
    totals = munger.totals
    printed = (totals.area_ha, totals.quantity_m3, totals.reserve_rupees, totals.emd_rupees)
    assert printed == (Decimal("412.8"), 2476800, 185760000, 46440000)
    assert sum(area_ha(ghat.corners) for ghat in munger.ghats) == pytest.approx(411.81, abs=0.01)


def test_the_real_notice_has_only_its_known_warnings(munger):
    assert codes(munger) == [("NTC-11", 2), ("NTC-10", 7), ("NTC-09", 20), ("NTC-18", None)]
    assert codes(munger, severity="error") == []


def test_row_20_is_told_in_both_languages(munger):
    (finding,) = [one for one in check_notice(munger, policy=book(), on=ON) if one.code == "NTC-09"]
    assert (finding.row, finding.column, finding.found, finding.expected) == (20, "area_ha", "15.1", "14.61")
    assert finding.severity == "warning"
    assert "annexure 4" in finding.cites
    for lang, heading in (("en", "Area (hectare)"), ("hi", "क्षेत्रफल (हेक्टेयर)")):
        words = finding.message(lang)
        assert all(part in words for part in ("20", heading, "15.1", "14.61", "-3.2"))
    assert finding.message("en") != finding.message("hi")


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"quantity_m3": Decimal(90000)}, {("NTC-02", 5), ("NTC-03", 5), ("NTC-01", None)}),
        ({"reserve_rupees": 7200100}, {("NTC-03", 5), ("NTC-04", 5), ("NTC-01", None)}),
        ({"emd_rupees": 1800001}, {("NTC-04", 5), ("NTC-01", None)}),
        ({"area_ha": Decimal(17)}, {("NTC-02", 5), ("NTC-09", 5), ("NTC-01", None)}),
    ],
)
def test_a_misprinted_figure_is_found_with_its_row(munger, figures, expected):
    assert set(codes(changed(munger, 5, **figures))) - set(codes(munger)) == expected


def test_a_corner_moved_by_a_minute_is_found(munger):
    ghat = munger.ghats[4]
    corners = (*ghat.corners[:2], replace(ghat.corners[2], lat=ghat.corners[2].lat - 1 / 60), *ghat.corners[3:])
    new = set(codes(changed(munger, 5, corners=corners))) - set(codes(munger))
    assert {("NTC-09", 5), ("NTC-08", 6)} <= new
    assert any(code == "NTC-07" for code, _ in new)


def test_exchanged_latitude_and_longitude_lie_outside_the_district(munger):
    corners = tuple(Corner(c.label, c.lon, c.lat) for c in munger.ghats[16].corners)
    assert ("NTC-12", 17) in codes(changed(munger, 17, corners=corners), severity="error")


def test_crossing_border(munger):
    a, b, c, d = munger.ghats[16].corners
    corners = (a, replace(c, label="B"), replace(b, label="C"), d)
    assert ("NTC-06", 17) in codes(changed(munger, 17, corners=corners), severity="error")


def test_lost_corner(munger):
    ghat = munger.ghats[16]
    found = codes(changed(munger, 17, corners=(ghat.corners[0], *ghat.corners[2:])), severity="error")
    assert ("NTC-16", 17) in found


def test_overlap_with_a_ghat_of_another_block(munger):
    found = codes(changed(munger, 17, corners=munger.ghats[12].corners), severity="error")
    assert ("NTC-07", 17) in found


def test_lost_row_and_row_twice(munger):
    lost = replace(munger, ghats=munger.ghats[:9] + munger.ghats[10:])
    assert ("NTC-14", 10) in codes(lost, severity="error")
    assert ("NTC-14", 22) in codes(replace(munger, ghats=munger.ghats[:-1]), severity="error")
    twice = replace(munger, ghats=(*munger.ghats, munger.ghats[3]))
    assert ("NTC-13", 4) in codes(twice, severity="error")
    renumbered = replace(munger.ghats[3], serial=23)
    assert ("NTC-13", 23) in codes(replace(munger, ghats=(*munger.ghats, renumbered)), severity="error")


def test_programme_and_annexure_must_name_the_same_ghat(munger):
    other = replace(munger.listed[6], code="3-A", name="MAHULI SAND GHAT (BLOCK-3 A)")
    facts = replace(munger, listed=(*munger.listed[:6], other, *munger.listed[7:]))
    assert ("NTC-17", 7) in codes(facts, severity="error")
    facts = replace(munger, listed=munger.listed[:-1])
    assert ("NTC-17", 22) in codes(facts, severity="error")


@pytest.mark.parametrize(
    ("step", "days"),
    [("documents_from_on", -4), ("last_date_at", -17), ("result_on", -5), ("auction_starts_at", -2)],
)
def test_a_step_on_the_day_of_the_one_before_is_refused(munger, step, days):
    programme = replace(munger.programme, **{step: getattr(munger.programme, step) + timedelta(days=days)})
    wrong = [
        one
        for one in check_notice(replace(munger, programme=programme), policy=book(), on=ON)
        if one.severity == "error"
    ]
    assert [(one.code, one.column) for one in wrong] == [("NTC-05", step)]


def test_auction_must_end_after_it_starts(munger):
    programme = replace(munger.programme, auction_ends_at=munger.programme.auction_starts_at)
    assert ("NTC-05", None) in codes(replace(munger, programme=programme), severity="error")


@pytest.mark.parametrize("lost", [{"number": ""}, {"district": ""}, {"totals": None}, {"programme": Programme()}])
def test_what_a_notice_must_state(munger, lost):
    assert ("NTC-18", None) in codes(replace(munger, **lost), severity="error")


def test_stated_shares_must_be_those_of_the_rule_book(munger):
    fees = replace(munger.fees, emd_percent=Decimal(20), increment_percent=Decimal(5))
    assert {("NTC-19", None), ("NTC-21", None)} <= set(codes(replace(munger, fees=fees), severity="error"))


def test_a_check_that_was_not_made_is_an_error_of_its_own(munger):
    found = codes(munger, severity="error", on=date(2026, 4, 30))
    assert found and {code for code, _ in found} == {"NTC-22"}


def test_unknown_facts_make_findings_not_exceptions(munger):
    bare = changed(munger, 3, area_ha=None, quantity_m3=None, reserve_rupees=None, emd_rupees=None, corners=())
    bare = replace(bare, totals=replace(bare.totals, area_ha=None))
    assert ("NTC-06", 3) in codes(bare)
    assert codes(NoticeFacts())


def test_every_finding_is_worded_completely_in_both_languages(munger):
    messy = replace(changed(munger, 5, emd_rupees=1, corners=()), number="", listed=munger.listed[:-1])
    for finding in check_notice(messy, policy=book(), on=ON):
        for lang in LANGUAGES:
            assert "{" not in finding.message(lang)
            assert finding.column == Column(finding.column).value


def test_columns_are_called_by_their_headings_in_the_readers_language(munger):
    programme = replace(munger.programme, auction_ends_at=munger.programme.auction_starts_at)
    facts = replace(munger, programme=programme)
    (finding,) = [one for one in check_notice(facts, policy=book(), on=ON) if one.code == "NTC-05"]
    assert "E-auction ends" in finding.message("en") and "E-auction starts" in finding.message("en")
    assert "ई-नीलामी समाप्ति" in finding.message("hi") and "ई-नीलामी प्रारंभ" in finding.message("hi")


def test_day_of_the_law_is_the_first_step(munger):
    assert policy_day(munger, otherwise=date(2030, 1, 1)) == munger.programme.prebid_at
    assert policy_day(NoticeFacts(), otherwise=date(2030, 1, 1)) == date(2030, 1, 1)


def test_slug_is_stable():
    assert slug_of("Munger", 2026, 1) == "MUN-2026-01"
