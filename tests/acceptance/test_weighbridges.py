"""A weighbridge from its application on: visited, fenced, approved once, paired; what it sends is looked at."""

import re

import pytest

from tests.doors import PAPER, codes_in, desk, finish, words_of
from tests.doors.scale import Software

LEASE, SETTLEE, TRUCK, FAR = "MUN-2026-01", "gangotri", "BR08G1091", 0.03
CERTIFICATE, PHOTO = ("stamp.pdf", PAPER, "application/pdf"), ("scale.jpg", b"\xff\xd8\xff a scale", "image/jpeg")

BARRED = "It may not weigh for an e-challan"


@pytest.fixture(scope="module")
def bridge(installation):
    """The number of a weighbridge of the ghat that its settlee applied for."""
    return applied_for(installation, site="ghat", lease=LEASE)


def applied_for(installation, **where):
    settlee, (lat, lon) = installation.page(SETTLEE), middle(installation)
    given = {
        "name_hi": "Kanta", "name_en": f"Scale {where['site']}", "district": "Munger", "lat": f"{lat:.5f}",
        "lon": f"{lon:.5f}", "indicator": "Yaohua XK3190-A9", "capacity_kg": "60000", "division_kg": "10",
        "certificate": "LM/7", "stamped_on": f"{installation.clock.now():%Y-%m-%d}", **where,
    }  # fmt: skip
    form, files = settlee.open("/weighbridges/new/"), {"document": CERTIFICATE}
    kept = settlee.send(form, lambda form: "indicator" in form.fields, given, files=files, lawful=False)
    assert kept.status_code == 200, words_of(kept.text)
    return str(kept.url).rstrip("/").rsplit("/", 1)[-1]


def middle(installation):
    corners = installation.page().open(f"/api/v1/blocks/{LEASE}").json()["corners"]
    return tuple(sum(corner[n] for corner in corners) / len(corners) for n in (0, 1))


def do(person, bridge, name, files=None, **fields):
    form = person.open(f"/weighbridges/{bridge}/")
    return person.send(form, lambda form: form.fields.get("act") == name, fields, files=files, lawful=False)


def shown(person, bridge):
    return words_of(person.open(f"/weighbridges/{bridge}/").text)


def coverage(page):
    """Weighbridges of Munger, how many of them are fenced, their share, and how many may weigh."""
    row = re.search(r"Munger (\d+) (\d+) (\d+) (\d+)", words_of(page("hq").open("/weighbridges/coverage/").text))
    return tuple(map(int, row.groups()))


@pytest.mark.row("A-06", "A-07")
def test_a_weighbridge_without_a_fence_is_not_approved_and_may_not_weigh(installation, page, api, bridge):
    officer, (lat, lon) = page("mdo"), middle(installation)
    assert BARRED in shown(page(SETTLEE), bridge)
    assert coverage(page) == (1, 0, 0, 0)
    visited = do(officer, bridge, "visit", {"photo": PHOTO}, lat=f"{lat:.5f}", lon=f"{lon:.5f}", remark="It stands")
    assert visited.status_code == 200, words_of(visited.text)
    early = api("mdo").post(f"/api/v1/weighbridges/{bridge}/acts/weighbridge.approve", {"reference": "DMO/7"})
    assert early.status_code == 409 and "WB-06" in [row["code"] for row in early.json()["findings"]]
    order = {"reason": "Installed", "reference": "NIC/7"}
    away = f"{lat + 0.1}, {lon}\n{lat + 0.102}, {lon}\n{lat + 0.102}, {lon + 0.002}"
    elsewhere = do(officer, bridge, "fence", corners=away, **order)
    assert elsewhere.status_code == 409 and "DEV-40" in codes_in(elsewhere.text)
    assert f"{lat:.5f}, {lon:.5f} lies outside it" in words_of(elsewhere.text)
    fenced = words_of(do(officer, bridge, "fence", radius_m="60", **order).text)
    assert f"Geofenced on {installation.clock.now():%d.%m.%Y}" in fenced and "Geofenced by" in fenced
    assert f"{lat:.5f}, {lon:.5f}" in fenced and LEASE in fenced
    approved = do(officer, bridge, "approve", reference="DMO/7")
    assert "Approved by order DMO/7" in words_of(approved.text)
    assert BARRED not in words_of(approved.text)
    assert coverage(page) == (1, 1, 100, 0), "no software is paired with it yet"
    stored = applied_for(installation, site="k_licence", licence="K/12")
    assert "K/12" in shown(officer, stored) and coverage(page) == (2, 1, 50, 0)


@pytest.fixture(scope="module")
def software(installation, bridge):
    """Software that a code of the settlee paired with it."""
    http = installation.page().http

    def post(address, body, headers):
        return http.post(address, content=body, headers={"Content-Type": "application/json", **headers})

    paired = do(installation.page(SETTLEE), bridge, "pair")
    code = "".join(re.search(r"Code for pairing (\d{3}) (\d{3})", words_of(paired.text)).groups())
    made = Software(post, middle(installation))
    assert made.pair(code, installation.clock.now()).status_code == 201
    assert Software(post).pair(code, installation.clock.now()).status_code == 409, "a code serves once"
    return made


@pytest.mark.row("A-10", "E-158")
def test_what_paired_software_weighs_stands_on_the_portal_at_once(page, api, road, clock, bridge, software):
    with road.standing(TRUCK, LEASE):
        answer = software.send([software.weigh(clock.now(), plate=TRUCK)], clock.now())
    assert (answer.json()["taken_up_to"], answer.json()["findings"]) == (1, [])
    words = shown(page("mdo"), bridge)
    assert f"{TRUCK} " in words and "31,240" in words
    steps = re.search(r"Steps: (\d) · Minutes in all: \d+ · Minutes from pairing to the first weighment: \d", words)
    assert steps[1] == "7"  # applied, visited, fenced, approved, coded, paired, weighed
    assert coverage(page) == (2, 1, 50, 1)
    measured = words_of(page("hq").open("/weighbridges/coverage/").text)
    assert re.search(rf"Minutes from pairing to the first weighment .*{bridge} 7 \d+ \d", measured)


def reasons(api, **weights):
    """Why the truck may have no e-challan now, by their codes."""
    load = {"lease": LEASE, "vehicle": TRUCK, "place": "bariyarpur", "driver_name": "Ram", **weights}
    answer = api(SETTLEE).post("/api/v1/challans/eligibility", load).json()
    return {row["code"]: row["message"]["en"] for row in answer["reasons"]}


def end(officer, number):
    lifted = officer.post(f"/api/v1/entries/{number}/acts/lift", {"values": {}, "reason": "Done"})
    assert lifted.status_code < 300, lifted.text


@pytest.mark.row("E-158")
def test_where_an_order_says_so_a_load_goes_only_by_what_its_weighbridge_signed(api, road, clock, bridge, software):
    order = {"reference": "DM/9", "since_on": f"{clock.now():%Y-%m-%d}", "ghat": LEASE}
    made = api("hq").post("/api/v1/registers/weighing_orders/acts/order", {"values": order})
    assert made.status_code < 300, made.text
    with road.standing(TRUCK, LEASE):
        unweighed = reasons(api)
        assert "CH-39" in unweighed and "order DM/9" in unweighed["CH-39"]
        typed = reasons(api, tare_kg=12_000, gross_kg=31_000)
        assert "CH-39" in typed and bridge in typed["WB-22"]
        day = order["since_on"]
        hand = {"bridge": bridge, "reference": "DMO/5", "cause": "indicator", "since_on": day, "until_on": day}
        allowed = api("mdo").post("/api/v1/registers/manual_weighings/acts/order", {"values": hand})
        assert allowed.status_code < 300, allowed.text
        assert not {"CH-39", "WB-22"} & set(reasons(api, tare_kg=12_000, gross_kg=31_000))
        end(api("mdo"), allowed.json()["number"])
        assert "WB-22" in reasons(api, tare_kg=12_000, gross_kg=31_000)
        kg = {"weight_kg": 12_000, "min_kg": 12_000, "max_kg": 12_000}
        software.send([software.weigh(clock.now(), plate=TRUCK, kind="tare", **kg)], clock.now())
        assert not {"CH-39", "WB-22"} & set(reasons(api))
    end(api("hq"), made.json()["number"])


@pytest.mark.row("E-157")
def test_what_a_truck_weighs_by_its_own_load_cells_is_held_against_the_bridge(
    installation, page, road, clock, bridge, software
):
    officer, at = page("mdo"), clock.now()
    finish(officer, desk(officer, "TRG-267", bridge))
    with road.standing(TRUCK, LEASE) as truck:
        weight = {"imei": truck.device.imei, "at": at.isoformat(), "kg": 20_000}
        installation.cells.take(weight=weight)
        kg = {"weight_kg": 31_400, "min_kg": 31_400, "max_kg": 31_400}
        software.send([software.weigh(clock.now(), plate=TRUCK, **kg)], clock.now())
        words = "31400 kg on the bridge, 20000 kg by its load cells"
        clock.until("the desk hears of the load cells", lambda: desk(officer, "TRG-267", bridge))
    assert words in words_of(" ".join(desk(officer, "TRG-267", bridge)))


@pytest.mark.row("E-158")
def test_the_board_shows_what_stands_on_the_bridge_now(page, clock, bridge, software):
    beat = {"at": clock.now().isoformat(), "weight_kg": 17_420, "stable": True, "indicator": "alive", "queued": 0}
    assert software.post("heartbeat", {**beat, "version": "1"}).status_code == 200
    words = words_of(page("mdo").open("/weighbridges/board/").text)
    assert bridge in words and "17,420" in words and "alive" in words
    assert bridge not in words_of(page("mdo-jamui").open("/weighbridges/board/").text)


@pytest.mark.row("A-08")
def test_a_weighment_from_outside_the_fence_is_kept_with_distance_and_time(page, api, clock, bridge, software):
    software.place = (software.place[0] + FAR, software.place[1])
    at = clock.now()
    findings = software.send([software.weigh(at, plate="", kind="check")], at).json()["findings"]
    away = next(row for row in findings if row["code"] == "WB-10")
    assert away["stops"] and f"at {at:%H:%M} came from 32" in away["message"]["en"]
    assert away["message"]["en"] in shown(page("mdo"), bridge)


@pytest.mark.row("E-158")
def test_the_balance_of_a_day_says_what_bridge_and_e_challans_weigh(page, clock, bridge, software):
    today = f"{clock.now():%Y-%m-%d}"
    row = re.search(rf"{LEASE} Munger ([\d.,]+) (\d+) ([\d.,]+) (\d+)", balance_on(page, today))
    assert row and float(row[1]) == 19.4 and row[2] == "1", "31,400 less 12,000 kg, one load"
    drawn = page("mdo").open(f"/weighbridges/balance/{LEASE}/")
    assert "<svg" in drawn.text and "19.4" in words_of(drawn.text)


def balance_on(page, day):
    return words_of(page("hq").open(f"/weighbridges/balance/?day={day}").text)


@pytest.mark.row("E-158")
def test_a_weight_that_was_altered_or_sent_by_a_stranger_counts_for_nothing(page, clock, bridge, software):
    """F-24: weights that somebody keyed in between the scale and the portal."""
    at = clock.now()
    stranger = Software(software._post, software.place)
    stranger.device = software.device
    assert stranger.send([stranger.weigh(at, plate=TRUCK)], at).status_code == 401
    altered = {**software.weigh(at, plate=TRUCK), "weight_kg": 18_730}
    findings = software.send([altered], at).json()["findings"]
    assert [row["stops"] for row in findings if row["code"] == "WB-13"] == [True]
    kept = shown(page("mdo"), bridge)
    assert "18,730" in kept and "its signature is not that of the paired key" in kept


@pytest.mark.row("E-158")
def test_the_kit_for_makers_proves_the_server(installation, page, bridge):
    kit = page().open("/weighbridges/kit/vectors.json")
    assert kit.status_code == 200 and kit.json()
    paired = do(page(SETTLEE), bridge, "pair")
    code = "".join(re.search(r"Code for pairing (\d{3}) (\d{3})", words_of(paired.text)).groups())
    done = installation.immis("weighbridge", "check", "--url", page.base, "--code", code, "--rules", "--json")
    steps = {row["step"]: row["ok"] for row in done.json["steps"]}
    assert (
        steps["weighed far outside the fence: kept and stopped"]
        and steps["another truck a second later: kept and stopped"]
    )
    assert all(steps.values()) and done.code == 0, [step for step, ok in steps.items() if not ok]
