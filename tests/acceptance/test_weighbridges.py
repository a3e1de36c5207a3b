"""A weighbridge from its application on: visited, fenced, approved once, paired; what it sends is looked at."""

import re

import pytest

from tests.doors import PAPER, codes_in, words_of
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


@pytest.mark.row("A-08")
def test_a_weighment_from_outside_the_fence_is_kept_with_distance_and_time(page, api, clock, bridge, software):
    software.place = (software.place[0] + FAR, software.place[1])
    at = clock.now()
    findings = software.send([software.weigh(at, plate="", kind="check")], at).json()["findings"]
    away = next(row for row in findings if row["code"] == "WB-10")
    assert away["stops"] and f"at {at:%H:%M} came from 32" in away["message"]["en"]
    assert away["message"]["en"] in shown(page("mdo"), bridge)


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
    assert "18,730" in kept and "WB-13" in codes_in(page("mdo").open(f"/weighbridges/{bridge}/").text)
