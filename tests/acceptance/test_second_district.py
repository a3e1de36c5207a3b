"""Two districts beside one another: each office sees its own alone, and the cap of the five rivers binds."""

import pytest

from tests.doors import words_of

LOTS, BIDDERS = ("JAM-2026-01", "JAM-2026-02"), ("rishikund", "kharagpur")


def closed(file, lot):
    return next(event for event in file.json(f"auctions/{lot}.json")["events"] if event["kind"] == "closed")


@pytest.mark.row("E-020", "E-021")
def test_on_the_kiul_nobody_came_to_lead_more_than_200_hectares(page, api, file):
    rivers = {row["name_en"]: row for row in api("mdo-jamui").get("/api/v1/rivers")}
    assert rivers["Kiul"]["is_capped"] and rivers["Kiul"]["ghats"] >= 2 and not rivers["Ganga"]["is_capped"]
    blocks = [row for row in api().get("/api/v1/blocks") if row["district"] == "Jamui"]
    assert [row["code"] for row in blocks] == [*LOTS] and sum(row["area_ha"] for row in blocks) == 205
    winners = [closed(file, lot)["winner"]["code"] for lot in LOTS]
    assert winners == [file.user_id(name).lower() for name in BIDDERS]  # each wanted both
    assert closed(file, LOTS[1])["amount_rupees"] == 42_750_000  # the reserve: the higher bid was refused
    only_the_own_district_is_seen(page, api)


def only_the_own_district_is_seen(page, api):
    here, there = page("mdo-jamui"), page("mdo")
    assert "JAM-2026-01" in words_of(here.open("/office/leases/").text)
    assert {row["block"] for row in api("mdo-jamui").get("/api/v1/leases")} == set(LOTS)
    assert not {row["block"] for row in api("mdo").get("/api/v1/leases")} & set(LOTS)
    assert here.http.get("/office/leases/MUN-2026-01/").status_code == 404
    assert there.http.get("/office/leases/JAM-2026-01/").status_code == 404
    assert here.http.get("/office/auctions/MUN-2026-01/").status_code == 404
    for register in ("/api/v1/challans", "/api/v1/vehicles"):
        assert api("mdo").get(register) and api("mdo-jamui").get(register) == [], register
