"""The minutes: bilingual, with the head of the chain, every bid, the winner and no loser; only after the result."""

import io
import json

import pytest
from pypdf import PdfReader

from immis.auctions import jobs
from immis.auctions.papers.minutes import minutes_of
from immis.core.errors import NotFound
from tests.auctions.season import CLOSES, MS, OPENS, published
from tests.papers import name_of

pytestmark = pytest.mark.django_db
ONE = "MUN-2026-01"


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.fixture
def sold(season, at, django_capture_on_commit_callbacks):
    season.bidder("asha", 1, 2)
    season.bidder("bina", 1)
    at.set(OPENS)
    season.bid("asha", 0)
    season.bid("asha", 1)  # refused: outbids himself
    season.bid("asha", 1, serial=2)
    at.set(CLOSES - MS)
    season.bid("bina", 2)
    at.set(season.lot().ends_at)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.announce_closed_lots(at=season.lot().ends_at)
    return season


def test_minutes_show_the_course_the_winner_and_the_head(sold, data_dir):
    lot = sold.lot()
    text = text_of(minutes_of(lot, lot.ends_at))
    assert name_of(minutes_of(lot, lot.ends_at)).endswith("Minutes of the e-auction · " + ONE)
    plain = " ".join(text.split())
    document = json.loads(published(data_dir, ONE).read_bytes())
    assert document["head"] in plain.replace(" ", "")
    assert document["signed"]["signature"] in plain.replace(" ", "") and document["signed"]["key"]["x"] in plain
    assert "Bina Sands" in plain and "Goes to the highest bidder" in plain
    assert "82,62,000" in plain and "68,85,000" in plain
    assert "Time extended" in plain and "05.06.2026 14:00" in plain
    assert "1 / 1" not in plain and "2 / 1" in plain  # two accepted bids, one refused
    assert "immis auction verify MUN-2026-01.json" in plain
    assert "Collector, chair" in plain and "AUC-03:" in plain


def test_minutes_name_no_loser(sold):
    text = text_of(minutes_of(sold.lot(), sold.lot().ends_at)).casefold()
    assert "asha" not in text
    aliases = {bid.alias: bid.bidder.party.code for bid in sold.lot().technical_bids.all()}
    assert all(alias in text for alias in aliases)


@pytest.mark.parametrize(("serial", "words"), [(2, "Single tender"), (3, "the auction failed")])
def test_minutes_of_a_failed_auction_say_so_and_name_nobody(sold, serial, words):
    text = text_of(minutes_of(sold.lot(serial), sold.lot(1).ends_at))
    assert words in text
    assert "Highest bidder" not in text and "asha" not in text.casefold()


def test_before_the_result_there_are_no_minutes(season, at, client):
    season.bidder("asha", 1)
    at.set(CLOSES)
    with pytest.raises(NotFound):
        minutes_of(season.lot(), CLOSES)
    assert client.get(f"/auctions/{ONE}/minutes.pdf").status_code == 404


def test_the_same_events_give_the_same_paper(sold, client, at):
    pdf = minutes_of(sold.lot(), sold.lot().ends_at)
    at.set(sold.lot().ends_at)
    answer = client.get(f"/auctions/{ONE}/minutes.pdf")
    assert answer["Content-Type"] == "application/pdf" and answer.content == pdf
    assert "minutes.pdf" in client.get(f"/auctions/{ONE}/").content.decode()
