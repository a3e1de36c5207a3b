"""What the API answers a post is what its pages show it: each noun asked at both doors by every post."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.web.twin import NOW, statewide, twins
from tests.web.walks.test_security_access import routes

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Noun:
    """One noun: its address in the API, its field there, and its list of a party and of a desk."""

    api: str
    field: str
    party: str
    desk: str
    column: Callable[[str], bool]


NOUNS = {
    "challans": Noun(
        "/api/v1/challans", "number", "/settlee/challans/", "/office/challans/", lambda one: "-26-" in one
    ),
    "leases": Noun("/api/v1/leases", "number", "", "/office/leases/", lambda one: "-2026-" in one),
}
#: Addresses of the API that are no list of a noun: public ones, single records, acts. Any other must be in NOUNS.
OTHERS = {
    "/api/v1/lots", "/api/v1/lots/{code}", "/api/v1/lots/{code}/bids", "/api/v1/check", "/api/v1/leases/{code}/dues",
    "/api/v1/blocks", "/api/v1/blocks/{code}", "/api/v1/places", "/api/v1/openapi.json", "/api/v1/",
    # things: both doors are asked in tests/registry/test_things.py
    "/api/v1/vehicles", "/api/v1/vehicles/{mark}", "/api/v1/drivers", "/api/v1/rivers",
    "/api/v1/sheets/{kind}", "/api/v1/sheets/{kind}/{number}", "/api/v1/sheets/{kind}/{number}/take",
    # what an e-challan would be refused for: tests/challans/test_eligibility.py
    "/api/v1/challans/eligibility",
    # software beside a scale, which signs what it sends: tests/weighbridges/test_readings.py
    "/api/v1/weighbridges/pair", "/api/v1/weighbridges/{device}/readings", "/api/v1/weighbridges/{device}/heartbeat",
    "/api/v1/weighbridges/{device}/sightings", "/api/v1/weighbridges/{device}/readings/{int:counter}/photo",
    # registers: every door is asked for every post in test_register_pages.py
    "/api/v1/registers", "/api/v1/registers/{name}/schema", "/api/v1/registers/{name}/entries",
    "/api/v1/registers/{name}/acts/{act}", "/api/v1/entries/{number}", "/api/v1/entries/{number}/acts/{act}",
}  # fmt: skip


def by_api(client, noun: Noun) -> set[str] | None:
    answer = client.get(noun.api)
    return {row[noun.field] for row in answer.json()} if answer.status_code == 200 else None


def by_page(client, noun: Noun, role: str) -> set[str] | None:
    """The numbers in the export of the page, of whichever column holds them."""
    answer = client.get((noun.party if role == "party" else noun.desk) + "?format=csv")
    if answer.status_code != 200:
        return None
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    rows = csv.reader(io.StringIO(body.decode("utf-8-sig")))
    return {cell for row in rows for cell in row if noun.column(cell) and not cell.startswith("P/")}


@pytest.mark.parametrize("name", NOUNS)
def test_every_post_gets_the_same_at_both_doors(client, data_dir, at, name):
    at.set(NOW)
    mine, _other = twins()
    noun, seen = NOUNS[name], {}
    for role, user in {**mine.users, **{str(role): user for role, user in statewide().items()}}.items():
        if role == "party" and not noun.party:
            continue  # a party's settlements are cards on its own page
        client.force_login(user)
        seen[role] = (by_api(client, noun), by_page(client, noun, role))
    assert all(api == page for api, page in seen.values()), seen
    assert seen["district"][0] and len(seen["hq"][0]) == 2 and seen["checkpost"] == (None, None)


def test_no_list_of_the_api_is_left_out():
    lists = {route.replace("<", "{").replace(">", "}") for route in routes() if route.startswith("/api/")}
    lists = {route for route in lists if "/acts" not in route}  # asked for every post in test_act_walk.py
    assert lists - {row for row in OTHERS if "/acts" not in row} == {noun.api for noun in NOUNS.values()}


def test_a_check_post_reads_a_pass_that_it_checked_and_no_other(client, data_dir, at):
    at.set(NOW)
    mine, other = twins()
    client.force_login(mine.users["checkpost"])
    own, far = (twin.rows["challan"].number for twin in (mine, other))
    assert client.get(f"/challans/{own}/").status_code == 200
    assert {client.get(f"/challans/{far}{end}").status_code for end in ("/", ".pdf")} == {404}
    client.post("/checkpost/", {"q": far})
    assert client.get(f"/challans/{far}/").status_code == 200
    assert client.get("/api/v1/challans").status_code == 403
