"""The audit documents of the closed lots, which anybody can take and check alone."""

from datetime import datetime

import pytest

from tests.doors import words_of

EXTENDED = ("MUN-2026-01", "MUN-2026-07")


def of_kind(document, kind):
    return [event for event in document["events"] if event["kind"] == kind]


def minutes(begin, end):
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds() / 60


@pytest.mark.row("E-061")
def test_a_bid_in_the_last_five_minutes_gave_one_hour_once(file):
    documents = file.all_json("auctions/MUN-*.json")
    for code, document in documents.items():
        extensions = of_kind(document, "extended")
        assert len(extensions) == (1 if code in EXTENDED else 0), code
    for code in EXTENDED:
        (extension,) = of_kind(documents[code], "extended")
        assert minutes(extension["was_at"], extension["ends_at"]) == 60
        assert 0 < minutes(extension["at"], extension["was_at"]) <= 5
        assert of_kind(documents[code], "closed")[0]["ends_at"] == extension["ends_at"]


@pytest.mark.row("E-007")
def test_every_lot_was_open_from_eleven_to_one(file):
    documents = file.all_json("auctions/MUN-*.json")
    assert len(documents) == 22
    for code, document in documents.items():
        rules = of_kind(document, "closed")[0]["rules"]
        opens, closes = (datetime.fromisoformat(rules[name]) for name in ("opens_at", "closes_at"))
        assert (opens.isoformat(), closes.isoformat()) == ("2026-06-05T05:30:00+00:00", "2026-06-05T07:30:00+00:00")
        bids = [datetime.fromisoformat(bid["at"]) for bid in of_kind(document, "bid_accepted")]
        last = closes if code not in EXTENDED else datetime.fromisoformat(of_kind(document, "extended")[0]["ends_at"])
        assert all(opens <= at <= last for at in bids), code


@pytest.mark.row("E-068")
def test_the_highest_bidder_wins_and_no_other_is_ever_named(file):
    document = file.json("auctions/MUN-2026-01.json")
    highest = max(of_kind(document, "bid_accepted"), key=lambda bid: bid["amount_rupees"])
    closed = of_kind(document, "closed")[0]
    assert (closed["result"], closed["amount_rupees"], closed["highest"]) == ("sold", 8950500, highest["bidder"])
    assert closed["winner"]["code"] == file.user_id("gangotri").lower()
    loser = file.path("auctions/MUN-2026-01.json").read_text(encoding="utf8")
    assert (
        "Kaushiki" not in loser and file.user_id("kaushiki").lower() not in loser
    )  # the rival stands there as a sign alone
    assert len({bid["bidder"] for bid in of_kind(document, "bid_accepted")}) == 2


@pytest.mark.row("E-023")
def test_nothing_is_settled_that_no_e_auction_decided(page, api):
    def against(lot):
        return words_of(page("collector").open(f"/office/auctions/{lot}/after/").text)

    undecided = "cannot be settled: no e-auction decided it and no approval stands"
    assert f"No settlement MUN-2026-21 {undecided}" in against("MUN-2026-21")  # nobody bid
    assert f"No settlement MUN-2026-22 {undecided}" in against("MUN-2026-22")  # a single tender
    assert "No settlement" not in against("MUN-2026-01")
    bids = {row["code"]: row["bid_rupees"] for row in api("mdo").get("/api/v1/leases")}
    assert bids["MUN-2026-01"] == 8950500 and not {"MUN-2026-21", "MUN-2026-22"} & bids.keys()
