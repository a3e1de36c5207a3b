"""Open data: valid OCDS 1.1.5 at every stage, nobody named before the result, files renewed only when they change."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from immis.auctions import jobs, services
from immis.auctions.models import Lot
from immis.auctions.opendata import ocds_path, publish, release_package
from immis.core.services import emit
from immis.leases.models import Lease
from immis.ledger.models import Receipt
from tests.auctions.season import APPLIED, CLOSES, IMPORTED, MS, OPENS, india
from tests.examples import example
from tests.settlement import OWN, World, treasury  # noqa: F401

pytestmark = pytest.mark.django_db
SCHEMAS = Path(__file__).parent / "ocds_schema"
ONE = "MUN-2026-01"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)")
_FORMATS = jsonschema.FormatChecker(formats=())
_FORMATS.checks("date-time")(lambda text: not isinstance(text, str) or bool(_INSTANT.fullmatch(text)))
_FORMATS.checks("uri")(lambda text: not isinstance(text, str) or text.startswith(("http://", "https://")))


def _schema(name: str) -> dict:
    return json.loads((SCHEMAS / name).read_text(encoding="utf8"))


def faults(package: bytes) -> list[str]:
    """What the standard's schema (closed codelists are enumerations in it) and our extension fields have against it."""
    release_schema = _schema("release-schema.json")
    registry = Registry().with_resource(release_schema["id"], Resource.from_contents(release_schema, DRAFT4))
    document = json.loads(package)
    standard = jsonschema.Draft4Validator(
        _schema("release-package-schema.json"), registry=registry, format_checker=_FORMATS
    )
    own = jsonschema.Draft4Validator(_schema("extensions.json"))
    found = [f"{error.json_path}: {error.message[:200]}" for error in standard.iter_errors(document)]
    for release in document["releases"]:
        found += [f"{error.json_path}: {error.message[:200]}" for error in own.iter_errors(release)]
    return found + _nothings(document)


def _nothings(value, path="$"):
    """Fields that are there but say nothing."""
    if value in (None, "", [], {}):
        return [f"{path}: empty"]
    if isinstance(value, dict):
        return [one for name, part in value.items() for one in _nothings(part, f"{path}.{name}")]
    if isinstance(value, list):
        return [one for number, part in enumerate(value) for one in _nothings(part, f"{path}[{number}]")]
    return []


def package_of(season, at: datetime, serial: int = 1) -> bytes:
    return release_package(season.lot(serial), at)


def release_of(season, at: datetime, serial: int = 1) -> dict:
    return json.loads(package_of(season, at, serial))["releases"][0]


def names_in(package: bytes, *names: str) -> list[str]:
    text = package.decode().casefold()
    return [name for name in names if name in text]


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


@pytest.fixture
def deeded(sold, treasury, db):  # noqa: F811
    """The winner of lot 1 with letter of intent, clearances, first instalment and deed."""
    lease = Lease.objects.get()
    party = lease.party
    party.bank_account = OWN
    party.save()
    users = {**sold.users, "settlee": sold.users["bina"]}
    world = World(treasury, lease.block, party, users)
    world.deeded(world.cleared(world.with_loi(lease)))
    return sold


def test_at_every_stage_the_package_is_valid(season, at):
    for instant in (IMPORTED, OPENS, CLOSES, CLOSES + timedelta(days=1)):
        assert faults(package_of(season, instant)) == []


def test_before_the_documents_are_out_the_tender_is_planned(season):
    release = release_of(season, IMPORTED)
    assert (release["tag"], release["tender"]["status"]) == (["tender"], "planned")
    assert "bids" not in release and "numberOfTenderers" not in release["tender"]
    assert release["tender"]["minValue"] == {"amount": 6_885_000, "currency": "INR"}
    assert release["tender"]["title"].startswith("बंदोबस्ती (Concession)")
    assert release["tender"]["title_en"].startswith("Concession: ")
    fees = {fee["id"]: fee["value"]["amount"] for fee in release["tender"]["participationFees"]}
    assert fees == {"document": 5_000, "deposit": 1_721_250}


def test_while_a_lot_runs_its_package_knows_no_bidder(season, at):
    quiet = package_of(season, OPENS + timedelta(minutes=1))
    season.bidder("asha", 1)
    season.bidder("bina", 1)
    at.set(OPENS)
    season.bid("asha", 0)
    season.bid("bina", 1)
    assert package_of(season, OPENS + timedelta(minutes=1)) == quiet
    assert names_in(quiet, "asha", "bina") == []
    assert faults(quiet) == []


def test_after_the_result_the_winner_is_named_and_the_losers_are_not(sold, at):
    at_end = sold.lot().ends_at
    package = package_of(sold, at_end)
    assert faults(package) == []
    assert names_in(package, "asha", "bina") == ["bina"]
    release = json.loads(package)["releases"][0]
    assert release["tag"] == ["tender", "award"]
    assert release["tender"]["status"] == "complete"
    assert {one["measure"]: one["value"] for one in release["bids"]["statistics"]} == {
        "requests": 2,
        "qualifiedBidders": 2,
        "disqualifiedBidders": 0,
        "bidders": 2,
        "bids": 3,
        "validBids": 2,
        "highestValidBidValue": 6_885_000 + 2 * 688_500,
    }
    assert [(bid["rank"], "tenderers" in bid) for bid in release["bids"]["details"]] == [(1, True), (2, False)]
    award = release["awards"][0]
    assert (award["status"], award["value"]["amount"]) == ("pending", 8_262_000)
    assert award["suppliers"][0]["id"] == "party-bina"


@pytest.mark.parametrize("serial", [2, 3])
def test_a_failed_lot_has_an_unsuccessful_award_and_names_nobody(sold, serial):
    package = package_of(sold, sold.lot(1).ends_at, serial)
    release = json.loads(package)["releases"][0]
    assert faults(package) == []
    assert (release["tender"]["status"], release["awards"][0]["status"]) == ("unsuccessful", "unsuccessful")
    assert names_in(package, "asha", "bina") == []


def test_with_the_deed_contract_instalments_and_payments_appear(deeded):
    package = package_of(deeded, india("2026-07-16T10:00"))
    assert faults(package) == []
    release = json.loads(package)["releases"][0]
    assert release["tag"] == ["tender", "award", "contract", "implementation"]
    assert release["awards"][0]["status"] == "active"
    contract = release["contracts"][0]
    assert contract["status"] == "active" and contract["dateSigned"].startswith("2026-07-15")
    assert contract["awardID"] == release["awards"][0]["id"]
    states = {one["id"]: one["status"] for one in contract["milestones"]}
    assert states["clearance-ec"] == "met" and states["instalment-1-ins-01"] == "met"
    assert states["instalment-1-ins-02"] == "scheduled"
    paid = contract["implementation"]["transactions"]
    assert {one["payer"]["id"] for one in paid} == {"party-bina"} and len(paid) == 2
    assert all(one["value"]["amount"] > 0 for one in paid)
    assert contract["guarantees"][0]["value"]["amount"] > 0
    roles = {party["id"]: party["roles"] for party in release["parties"]}
    assert roles["party-bina"] == ["tenderer", "supplier", "payer"]
    assert {"id", "name"} == set(contract["implementation"]["transactions"][0]["payee"])


def test_an_unpaid_instalment_is_not_met_after_its_day(deeded):
    release = release_of(deeded, india("2026-12-01T10:00"))
    states = {one["id"]: one["status"] for one in release["contracts"][0]["milestones"]}
    assert states["instalment-1-ins-02"] == "notMet"


def test_the_validator_finds_what_is_wrong(season):
    package = json.loads(package_of(season, IMPORTED))
    package["releases"][0]["tender"]["minValue"]["currency"] = "RUPEES"
    package["releases"][0]["tender"]["status"] = "sold"
    package["releases"][0]["tender"]["lots"][0]["minimumValue"] = 5
    found = " ".join(faults(json.dumps(package).encode()))
    assert "minValue.currency" in found and "tender.status" in found and "minimumValue" in found


def test_every_reference_leads_to_a_party(deeded):
    release = release_of(deeded, india("2026-07-16T10:00"))
    known = {party["id"] for party in release["parties"]}

    def referred(value):
        if isinstance(value, dict):
            if set(value) == {"id", "name"}:
                yield value["id"]
            for part in value.values():
                yield from referred(part)
        elif isinstance(value, list):
            for part in value:
                yield from referred(part)

    assert {one for one in referred(release) if not one.startswith("MTQ")} <= known


def test_files_are_written_once_and_only_when_something_changed(season, data_dir, at):
    lots = Lot.objects.count()
    assert jobs.publish_open_data(at=IMPORTED) == lots + 2
    assert jobs.publish_open_data(at=IMPORTED + timedelta(minutes=1)) == 0
    before = ocds_path(ONE).stat().st_mtime_ns
    jobs.publish_open_data(at=IMPORTED + timedelta(days=1))  # the daily pass finds nothing new
    assert ocds_path(ONE).stat().st_mtime_ns == before
    assert jobs.publish_open_data(at=OPENS) == lots + 1  # the tender's time has come; the ghats are as they were
    assert faults(ocds_path(ONE).read_bytes()) == []


def test_an_event_renews_the_file_of_its_lot_alone(sold, data_dir, monkeypatch):
    monkeypatch.setattr(publish, "_LOOK_BACK", 0)
    jobs.publish_open_data(at=sold.lot().ends_at)
    assert json.loads(ocds_path(ONE).read_bytes())["releases"][0]["awards"]
    Lot.objects.filter(code=ONE).update(reserve_rupees=1)  # as if a stray hand had been there: no event, no renewal
    Lot.objects.filter(serial=2).update(reserve_rupees=1)
    at = sold.lot().ends_at + timedelta(minutes=1)
    emit(example("receipt.verified"), subject=("lease", Lease.objects.get().number), at=at)
    other = ocds_path("MUN-2026-02").read_bytes()
    assert jobs.publish_open_data(at=at) >= 1
    assert json.loads(ocds_path(ONE).read_bytes())["releases"][0]["tender"]["minValue"]["amount"] == 1
    assert ocds_path("MUN-2026-02").read_bytes() == other


def test_maps_are_geojson_with_rings_that_run_the_right_way(sold, data_dir):
    jobs.publish_open_data(at=sold.lot().ends_at)
    for name in ("lots.geojson", "ghats.geojson"):
        collection = json.loads((data_dir / "public" / name).read_text(encoding="utf8"))
        assert collection["type"] == "FeatureCollection" and len(collection["features"]) == 3
        for feature in collection["features"]:
            (ring,) = feature["geometry"]["coordinates"]
            assert ring[0] == ring[-1]
            assert sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:], strict=False)) > 0
    lots = {one["id"]: one["properties"] for one in collection["features"]}
    assert lots[ONE]["district"] == "Munger"


def test_the_same_facts_give_the_same_bytes(deeded):
    at = datetime(2026, 7, 16, tzinfo=UTC)
    assert package_of(deeded, at) == package_of(deeded, at + timedelta(hours=1))


def test_a_published_file_answers_what_changed_and_from_any_origin(season, data_dir, client, settings):
    settings.PUBLIC_DIR = data_dir / "public"
    jobs.publish_open_data(at=IMPORTED)
    answer = client.get(f"/data/ocds/{ONE}.json")
    assert faults(b"".join(answer.streaming_content)) == []
    assert answer["Content-Type"] == "application/json" and answer["Access-Control-Allow-Origin"] == "*"
    for header in ({"If-None-Match": answer["ETag"]}, {"If-Modified-Since": answer["Last-Modified"]}):
        again = client.get(f"/data/ocds/{ONE}.json", headers=header)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
    assert client.get(f"/data/ocds/{ONE}.json", headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.get("/data/lots.geojson")["Content-Type"] == "application/geo+json"
    listed = client.get("/data/").content.decode()
    assert f"/data/ocds/{ONE}.json" in listed and "/data/lots.geojson" in listed


def _published(code=ONE):
    release = json.loads(ocds_path(code).read_bytes())["releases"][0]
    return release["id"], datetime.fromisoformat(release["date"]), release


def test_a_corrigendum_of_times_is_a_new_release_of_the_instant_of_its_order(season, at, data_dir):
    at.set(APPLIED)
    jobs.publish_open_data(at=APPLIED)
    first = _published()
    lot = season.lot()
    order = services.ask_order(
        act="reschedule", notice=lot.notice, lot=lot, reason="बाढ़", by=season.mdo,
        opens_at=OPENS + timedelta(hours=1), closes_at=CLOSES + timedelta(hours=1),
    )  # fmt: skip
    ordered_at = APPLIED + timedelta(minutes=3)
    at.set(ordered_at)
    services.confirm_order(order=order, by=season.actor("collector"))
    assert release_of(season, ordered_at + timedelta(days=1))["id"] == release_of(season, ordered_at)["id"]
    jobs.publish_open_data(at=ordered_at + timedelta(minutes=5))
    second = _published()
    assert second[0] != first[0] and second[1] == ordered_at and second[2]["tender"] != first[2]["tender"]
    assert faults(ocds_path(ONE).read_bytes()) == []


def test_a_resume_and_an_extension_are_new_releases(season, at, data_dir):
    for name in ("asha", "bina"):
        season.bidder(name)
    lot, steps = season.lot(), []
    for act, minutes in (("pause", 10), ("resume", 40)):
        at.set(OPENS + timedelta(minutes=minutes))
        order = services.ask_order(act=act, notice=lot.notice, lot=lot, reason="विद्युत", by=season.mdo)
        services.confirm_order(order=order, by=season.actor("collector"))
        steps.append(release_of(season, at() + timedelta(minutes=1)))
    lot.refresh_from_db()
    at.set(lot.closes_at - timedelta(minutes=1))
    season.bid("asha", 1)
    steps.append(release_of(season, at() + timedelta(seconds=1)))
    assert len({json.dumps(one["tender"]) for one in steps}) == len({one["id"] for one in steps}) == 3
    assert [one["date"] for one in steps] == sorted(one["date"] for one in steps)


def test_a_reversal_takes_the_payment_out_and_the_date_on(deeded, data_dir):
    lease = Lease.objects.get(lot_code=ONE)
    at = india("2026-08-01T10:00")
    jobs.publish_open_data(at=at)
    before = _published()
    last = max(before[2]["contracts"][0]["implementation"]["transactions"], key=lambda one: one["date"])
    reversed_at = at + timedelta(hours=2)
    Receipt.objects.filter(number=last["id"]).update(state="reversed", reversed_at=reversed_at)
    emit(example("receipt.reversed"), subject=("lease", lease.number), at=reversed_at)
    jobs.publish_open_data(at=reversed_at + timedelta(minutes=1))
    after = _published()
    assert last["id"] not in json.dumps(after[2]["contracts"]) and after[1] == reversed_at and after[0] != before[0]


def test_new_content_never_stands_under_an_old_id_or_date(season, at, data_dir):
    """Whatever changed it, even what no act explains: the published release says when it changed."""
    jobs.publish_open_data(at=IMPORTED)
    first = _published()
    Lot.objects.filter(code=ONE).update(reserve_rupees=1)
    later = IMPORTED + timedelta(minutes=10)
    emit(example("lot.paused"), subject=("lot", ONE), at=later)
    jobs.publish_open_data(at=later)
    second = _published()
    assert second[0] != first[0] and second[1] == later
    emit(example("lot.paused"), subject=("lot", ONE), at=later + timedelta(minutes=1))
    jobs.publish_open_data(at=later + timedelta(minutes=1))
    assert _published()[:2] == second[:2], "nothing new was said"
