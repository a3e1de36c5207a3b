"""What holds for every bid and every end, beyond the golden cases."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from immis.rules.auctions import lots as auctions
from immis.rules.catalogue import find
from immis.rules.land.ghats import ghat_names, place_in
from immis.rules.policy import NotInForce, book

OPENS = datetime(2026, 6, 5, 5, 30, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=2)
ANY_SPEED = settings(deadline=None)  # the first call reads the rule book
RESERVES = st.integers(min_value=1_000, max_value=10**10).map(lambda n: n * 10)


def _facts(**given_facts):
    base = {"reserve_rupees": 6_885_000, "amount_rupees": 6_885_000, "opens_at": OPENS, "ends_at": CLOSES}
    return auctions.BidFacts(**{**base, "technical": "passed", **given_facts})


def _codes(facts, at=OPENS):
    return [finding.code for finding in find("auction.bid", facts, policy=book(), at=at)]


@ANY_SPEED
@given(RESERVES, st.integers(0, 60), st.integers(-(10**6), 10**6))
def test_only_whole_increments_above_the_reserve_price_stand(reserve, steps, off):
    step = auctions.increment_rupees(reserve, policy=book(), on=OPENS)
    assert step * 10 == reserve
    amount = reserve + steps * step + off
    aligned = (amount - reserve) % step == 0 and amount >= reserve
    assert ("AUC-01" in _codes(_facts(reserve_rupees=reserve, amount_rupees=amount))) is not aligned


@ANY_SPEED
@given(RESERVES, st.integers(0, 40), st.integers(0, 40))
def test_the_refusal_names_amounts_that_would_stand(reserve, steps, off):
    step = auctions.increment_rupees(reserve, policy=book(), on=OPENS)
    facts = _facts(reserve_rupees=reserve, amount_rupees=reserve + steps * step + 1 + off % (step - 1))
    (finding,) = [one for one in find("auction.bid", facts, policy=book(), at=OPENS) if one.code == "AUC-01"]
    for valid in finding.facts["valid_rupees"]:
        assert _codes(_facts(reserve_rupees=reserve, amount_rupees=valid)) == []


@ANY_SPEED
@given(st.integers(-600_000, 600_000).map(lambda ms: timedelta(milliseconds=ms)), st.integers(0, 3))
def test_the_end_moves_once_and_only_for_the_last_five_minutes(offset, extensions):
    facts = auctions.AcceptedFacts(opens_at=OPENS, closes_at=CLOSES, extensions=extensions)
    ends_at = auctions.extended_end(facts, policy=book(), at=CLOSES + offset)
    inside = -timedelta(minutes=5) <= offset < timedelta(0)
    assert ends_at == (CLOSES + timedelta(hours=1) if inside and extensions == 0 else None)


@ANY_SPEED
@given(
    st.lists(st.tuples(st.sampled_from(["Son", "Kiul", "Ganga", ""]), st.integers(1, 150)), max_size=4),
    st.integers(1, 150),
)
def test_the_cap_is_two_blocks_or_two_hundred_hectares_whichever_comes_first(held, area):
    blocks = tuple(auctions.HeldBlock(f"B{n}", river, Decimal(ha)) for n, (river, ha) in enumerate(held))
    counted = [ha for river, ha in held if river in ("Son", "Kiul")]
    over = len(counted) + 1 > 2 or sum(counted) + area > 200
    assert ("AUC-06" in _codes(_facts(river="Son", area_ha=Decimal(area), held=(blocks,)))) is over
    assert "AUC-06" not in _codes(_facts(river="Ganga", area_ha=Decimal(area), held=(blocks,)))


def test_the_example_of_the_tender():
    assert auctions.increment_rupees(6_885_000, policy=book(), on=OPENS) == 688_500
    offer = auctions.offered_amount(base_rupees=None, steps=3, reserve_rupees=6_885_000, policy=book(), on=OPENS)
    assert offer == 8_950_500


def test_there_is_no_increment_before_the_tender():
    with pytest.raises(NotInForce):
        auctions.increment_rupees(6_885_000, policy=book(), on=datetime(2026, 4, 30, tzinfo=UTC))


def test_each_refusal_is_worded_whole_in_both_languages():
    facts = _facts(amount_rupees=1, highest_rupees=6_885_000, technical="", river="Son", area_ha=Decimal(300))
    found = find("auction.bid", facts, policy=book(), at=CLOSES)
    assert [one.code for one in found] == ["AUC-01", "AUC-02", "AUC-04", "AUC-05", "AUC-06"]
    for finding in found:
        for lang in ("hi", "en"):
            said = book().say(finding.code, finding.facts, lang)
            assert "—" not in said and "{" not in said


@pytest.mark.parametrize(
    ("printed", "block", "hindi", "english"),
    [
        ("MAHULI SAND GHAT (BLOCK- 3 B)", "3-B", "महुली बालूघाट (खण्ड 3-बी)", "Mahuli Sand Ghat (Block 3-B)"),
        ("TIKRAMPUR SAND GHAT (BLOCK-4)", "4", "टीकारामपुर बालूघाट (खण्ड 4)", "Tikrampur Sand Ghat (Block 4)"),
        ("Naya Ghat (BLOCK-9 A)", "9-A", "Naya Ghat बालूघाट (खण्ड 9-ए)", "Naya Ghat Sand Ghat (Block 9-A)"),
    ],
)  # fmt: skip
def test_ghats_have_names_in_both_languages(printed, block, hindi, english):
    assert ghat_names(printed, block, policy=book(), on=OPENS) == {"hi": hindi, "en": english}


@ANY_SPEED
@given(st.text(max_size=60))
def test_any_printed_name_has_a_place(text):
    assert place_in(text) == " ".join(place_in(text).split())
