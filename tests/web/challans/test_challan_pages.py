"""The pages of e-challans, check post and map, as settlee, officer and public meet them."""

import html
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from immis.challans import jobs, selectors, services
from immis.challans.models import Challan, CheckPostScan
from immis.challans.signed.qr import qr_png
from immis.core.models import ActionLog
from immis.holds.services import HoldOrder, lift_hold, order_hold
from immis.ledger.services import NewDemand, raise_demand
from immis.registry import services as registry
from immis.registry.models import Place
from immis.rules.policy import book
from tests.challans import world as made
from tests.challans.world import AWAY, BY, IMEI, NOON, PLATE, officer_in

MINUTE = timedelta(minutes=1)
NEW = "/settlee/leases/MUN-2026-01/challans/new/"


@pytest.fixture
def world(db, data_dir, at):
    at.set(NOON)
    return made.build(data_dir)


def as_user(user, language="hi") -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["immis_language"] = language
    return client


@pytest.fixture
def settlee(world):
    return as_user(world.settlee)


@pytest.fixture
def guard(world):
    return as_user(officer_in(world.checkpost, "checkpost", "guard"))


@pytest.fixture
def challan(world):
    world.report(NOON)
    return services.issue_challan(
        load=services.Load(
            lease=world.lease,
            vehicle=world.vehicle,
            place=world.place,
            quantity_m3=Decimal("8.5"),
            driver_name="राम बहादुर",
            driver_phone="9800000000",
        ),
        by=world.actor,
    )


def form(**changed):
    wanted = {"vehicle": PLATE, "other": "", "place": "patna", "quantity_m3": "8.5", "driver_name": "राम", "key": "k1"}
    return {**wanted, **changed}


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def says(response, code: str, lang: str = "hi") -> bool:
    """Whether a page shows the clause of a code: the title of its rule and a link to its page."""
    page = html.unescape(text_of(response))
    return f"/law/{code}/" in page and book().entry(code).title[lang] in page


def test_a_destination_is_found_as_it_is_written(world, settlee):
    """Among a million places nobody picks from one list: the beginning of a name, or the code, is enough."""
    world.report(NOON)
    other = Place.objects.create(
        code="patna-city", kind="destination", name_en="Patna City", name_hi="पटना सिटी", lat=25.6, lon=85.2
    )
    page = text_of(settlee.get(NEW))
    assert 'list="destinations"' in page and f"{world.place.name_hi} · patna" in html.unescape(page)
    offered = settlee.get("/settlee/destinations", {"q": "पटना सि"}).json()["offered"]
    assert offered == ["पटना सिटी · patna-city"]
    assert settlee.get("/settlee/destinations", {"q": "%"}).json()["offered"] == []
    several = settlee.post(NEW, form(place="pat"))
    assert several.status_code == 422 and "patna-city" in text_of(several) and not Challan.objects.exists()
    none = settlee.post(NEW, form(place="Delhi"))
    assert none.status_code == 422 and "कोई गंतव्य नहीं" in text_of(none)
    load = {"other": PLATE, "quantity_m3": "14", "driver_name": "Ram", "place": "Delhi"}
    issue = "/api/v1/leases/MUN-2026-01/acts/lease.issue_challan"
    fault = settlee.post(issue, load, content_type="application/json")
    words = fault.json()["fields"][0]["message"]  # a program is answered in both languages
    assert fault.status_code == 409 and "No destination" in words["en"] and "कोई गंतव्य नहीं" in words["hi"]
    settlee.post(NEW, form(place="patna c"))
    assert Challan.objects.get().place == other
    assert f"{other.name_hi} · patna-city" in html.unescape(text_of(settlee.get(NEW)))


def test_a_settlee_issues_a_challan_through_the_page(world, settlee):
    """E-128: vehicle of the list, destination, quantity, driver; then the challan with its QR."""
    world.report(NOON)
    page = settlee.get(NEW)
    assert PLATE in text_of(page) and book().say("CH-12", {}, "hi") in text_of(page)
    answer = settlee.post(NEW, form())
    assert answer.status_code == 302 and answer.url == "/challans/MUN-26-000001/"
    shown = text_of(settlee.get(answer.url))
    assert "<svg" in shown and PLATE in shown and "MUN-26-000001" in shown
    settlee.post(NEW, form())
    assert Challan.objects.count() == 1, "the same form sent twice makes one challan"


def test_an_unpaid_lease_is_refused_with_the_clause_and_the_way_to_pay(world, settlee):
    """A-17, E-102: the heart of it: the hold's own clause, since when, what lifts it, a button that pays."""
    world.report(NOON)
    demand = raise_demand(
        demand=NewDemand(
            party=world.party,
            subject=("lease", "MUN-2026-01"),
            kind="instalment",
            label={"en": "First instalment", "hi": "पहली किस्त"},
            amount_paise=447525000,
            due_on=(NOON - timedelta(days=2)).date(),
            district="Munger",
        ),
        by=BY,
        at=NOON - timedelta(days=9),
    )
    before = settlee.get(NEW)
    assert says(before, "HLD-01"), "shown before anybody fills the form in"
    answer = settlee.post(NEW, form())
    assert answer.status_code == 409 and says(answer, "HLD-01") and not Challan.objects.exists()
    assert f"/pay/{demand.number}/" in text_of(answer)
    english = as_user(world.settlee, "en").post(NEW, form())
    assert says(english, "HLD-01", "en")


def issued(w):
    load = services.Load(lease=w.lease, vehicle=w.vehicle, place=w.place, quantity_m3=Decimal(1), driver_name="x")
    return services.issue_challan(load=load, by=w.actor)


FAR = registry.NewPlace(code="delhi", kind="destination", name_en="Delhi", name_hi="दिल्ली", lat=28.6, lon=77.2)
REFUSALS = {
    "CH-02": lambda w, at: form(vehicle="", other="BR99 Z 0001"),
    "CH-03": lambda w, at: at.set(NOON + 11 * MINUTE) or form(),
    "CH-04": lambda w, at: w.report(NOON, AWAY) or form(vehicle="", other=PLATE),
    "CH-05": lambda w, at: form(quantity_m3="10.5"),
    "CH-06": lambda w, at: issued(w) and form(),
    "CH-07": lambda w, at: at.set(NOON + timedelta(days=30)) or w.report(NOON + timedelta(days=30)) or form(),
    "CH-08": lambda w, at: w.lease.clearances.update(quantity_m3=5) and form(),
    "CH-10": lambda w, at: registry.add_place(place=FAR) and form(place="delhi"),
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(REFUSALS))
@pytest.mark.parametrize("lang", ["hi", "en"])
def test_every_rule_refuses_on_the_page_with_its_clause(world, at, code, lang):
    """E-118, E-140, E-150, E-157, E-159, E-092: title, message and clause in the reader's language."""
    world.report(NOON)
    wanted = REFUSALS[code](world, at)
    wanted = {**wanted, "other": wanted["other"] or wanted["vehicle"], "vehicle": ""}
    answer = as_user(world.settlee, lang).post(NEW, wanted)
    assert answer.status_code == 409 and says(answer, code, lang), text_of(answer)


def test_an_ordered_hold_refuses_and_its_lifting_opens(world, settlee):
    world.report(NOON)
    order = HoldOrder(stops="challans", reason="जाँच", reference="आदेश 7")
    hold = order_hold(subject=("vehicle", PLATE), order=order, facts={"district": "Munger"}, by=world.district, at=NOON)
    assert says(settlee.post(NEW, form()), "HLD-03")
    lift_hold(hold=hold, reference="आदेश 8", by=world.district, at=NOON)
    assert settlee.post(NEW, form()).status_code == 302


@pytest.mark.parametrize(
    "changed",
    [
        {"quantity_m3": "much"},
        {"quantity_m3": ""},
        {"place": "nowhere"},
        {"vehicle": "", "other": ""},
        {"driver_name": ""},
    ],
)
def test_bad_input_is_answered_in_words(world, settlee, changed):
    world.report(NOON)
    answer = settlee.post(NEW, form(**changed))
    assert answer.status_code == 422 and 'class="error"' in text_of(answer) and not Challan.objects.exists()


def test_lists_filter_search_and_export(world, settlee, challan):
    for client, url in ((settlee, "/settlee/challans/"), (as_user(world.officer), "/office/challans/")):
        assert "MUN-26-000001" in text_of(client.get(url))
        assert "MUN-26-000001" in text_of(client.get(url, {"q": "g1234"}))
        assert "/challans/MUN-26-000001/" not in text_of(client.get(url, {"state": "invalid"}))
        csv = client.get(url, {"format": "csv"})
        assert csv["Content-Type"].startswith("text/csv") and "MUN-26-000001" in csv.content.decode()
        assert client.get(url, {"format": "xlsx"}).content[:2] == b"PK"


def test_the_print_is_a_pdf_and_the_settlee_may_cancel(world, settlee, challan):
    pdf = settlee.get("/challans/MUN-26-000001.pdf")
    assert pdf["Content-Type"] == "application/pdf" and pdf.content[:5] == b"%PDF-"
    assert settlee.post("/challans/MUN-26-000001/cancel", {"reason": "गलत वाहन"}).status_code == 302
    again = settlee.post("/challans/MUN-26-000001/cancel", {"reason": "x"})
    assert again.status_code == 409 and "/law/CH-14/" in text_of(again)


def test_a_challan_that_never_started_shows_its_rule(world, settlee, challan, at):
    """A-21: invalid on the page from the very instant, with the clause, before any job has run."""
    deadline = selectors.start_by(challan)
    at.set(deadline - timedelta(seconds=1))
    assert "/law/MOV-01/" in text_of(settlee.get("/challans/MUN-26-000001/")), "the time left is shown with its clause"
    assert 'class="verdict good"' in text_of(Client().get("/verify", {"q": "MUN-26-000001", "vehicle": PLATE}))
    at.set(deadline)
    assert 'class="verdict bad"' in text_of(Client().get("/verify", {"q": "MUN-26-000001", "vehicle": PLATE}))
    assert 'class="card reason bad"' in text_of(settlee.get("/challans/MUN-26-000001/"))


def test_the_public_check_shows_no_personal_data(world, challan):
    """E-118: plate, load, way and time; never the driver."""
    page = text_of(Client().get("/verify", {"q": f"MUN-26-000001 {PLATE}"}))
    assert 'class="verdict good"' in page and PLATE in page and "कलिस्थान" in page
    assert "राम बहादुर" not in page and "9800000000" not in page and IMEI not in page


def verdict_in(response) -> str:
    return "".join(re.findall(r'<section class="verdict.*?</section>', text_of(response), re.DOTALL))


def test_numbers_in_their_order_tell_a_stranger_nothing(world, challan):
    """Neither the page nor the API: without the vehicle, or with another one, every number is answered alike."""
    known, unknown = "MUN-26-000001", "MUN-26-000002"
    for more in ({}, {"vehicle": "BR01A0001"}, {"vehicle": "²"}):
        pages = [verdict_in(Client().get("/verify", {"q": q, **more})) for q in (known, unknown)]
        assert pages[0] and pages[0] == pages[1] and PLATE not in pages[0]
        answers = [Client().get("/api/v1/check", {"q": q, **more}).json() for q in (known, unknown)]
        assert {**answers[0], "asked": ""} == {**answers[1], "asked": ""} and not answers[0]["genuine"]
        assert answers[0]["vehicle"] == answers[0]["state"] == ""
    for more in ({"q": known, "vehicle": PLATE}, {"q": f"{known} {PLATE}"}, {"q": challan.pass_text}):
        answer = Client().get("/api/v1/check", more).json()
        assert answer["good"] and answer["vehicle"] == PLATE
        assert PLATE in text_of(Client().post("/verify", more))


def test_a_plate_or_the_last_digits_are_helped_and_a_photo_is_read(world, challan):
    """Nobody is told that a paper is forged because he typed what stands on the lorry, or half of a number."""

    def ask(**sent):
        return text_of(Client().post("/verify", sent))

    plate_alone = ask(q="", vehicle=PLATE)
    for page in (plate_alone, ask(q=PLATE), ask(q="135"), ask(q="Sand", vehicle=PLATE)):
        assert 'class="verdict warn"' in page and 'class="verdict bad"' not in page and challan.number not in page
    assert f'value="{PLATE}"' in plate_alone, "what was typed is not typed again"
    assert 'class="verdict good"' in ask(q="1", vehicle=PLATE) and 'class="verdict good"' in ask(q=f"00001 {PLATE}")
    assert 'class="verdict bad"' in ask(q="2", vehicle=PLATE)
    assert 'class="error"' in ask(q="", vehicle="")
    picture = SimpleUploadedFile("qr.png", qr_png(challan.pass_text), "image/png")
    assert 'class="verdict good"' in ask(q="", vehicle="", photo=picture)
    blank = ask(q="", vehicle="", photo=SimpleUploadedFile("x.png", b"no picture", "image/png"))
    assert 'class="error"' in blank and 'class="verdict' not in blank


def test_an_address_may_try_so_many_numbers_and_any_number_of_codes(world, challan, at):
    def check(**more):
        return Client().get("/api/v1/check", {"q": challan.number, "vehicle": PLATE} | more)

    most = int(book().value("CH-17", at())["most"])
    assert {check(vehicle=f"BR01A{number:04}").status_code for number in range(most)} == {200}
    shut = check()
    assert shut.status_code == 429 and shut.json()["findings"][0]["code"] == "CH-17" and int(shut["Retry-After"]) > 0
    page = Client().post("/verify", {"q": challan.number, "vehicle": PLATE})
    assert page.status_code == 429 and "QR" in text_of(page) and PLATE not in text_of(page)
    assert check(q=challan.pass_text).json()["good"], "the signed code is always answered"
    at.set(at() + timedelta(minutes=10, seconds=1))
    assert check().json()["good"]


@pytest.mark.parametrize("q", ["MUN-26-999999", "x" * 3000, "<script>alert(1)</script>", "#" * 100])
def test_the_public_check_answers_anything(world, q):
    page = Client().post("/verify", {"q": q})
    text = text_of(page)
    assert page.status_code == 200 and 'class="verdict good"' not in text and "<script>alert" not in text
    alone = "mark" if len(q) < 30 else ""  # what may be a number wants the vehicle's mark beside it
    assert 'class="verdict bad"' in text or alone
    marked = text_of(Client().post("/verify", {"q": q, "vehicle": PLATE}))
    helped = q.startswith("<")  # it has not the form of a number: nothing is called forged
    assert f'class="verdict {"warn" if helped else "bad"}"' in marked and "<script>alert" not in marked


def test_the_qr_text_is_checked_by_post(world, challan):
    good = Client().post("/verify", {"q": challan.pass_text})
    assert 'class="verdict good"' in text_of(good) and good["Cache-Control"] == "no-store"
    forged = Client().post("/verify", {"q": challan.pass_text[:-8] + "AAAAAAAA"})
    assert 'class="verdict bad"' in text_of(forged)


@pytest.mark.parametrize("asked", ["br08 g 1234", "MUN-26-000001", "pass"])
def test_a_check_post_reads_plate_number_or_qr(world, guard, challan, asked):
    answer = guard.post("/checkpost/", {"q": challan.pass_text if asked == "pass" else asked})
    assert answer.status_code == 302
    page = text_of(guard.get(answer.url))
    assert 'class="verdict good"' in page and PLATE in page
    scan = CheckPostScan.objects.get()
    assert (scan.office, scan.verdict, scan.challan, scan.lat) == (world.checkpost, "good", challan, 25.30)
    assert PLATE in text_of(guard.get("/checkpost/")) and ActionLog.objects.filter(code="challan.scanned").count() == 1


def test_an_officer_says_loaded_or_empty_and_records_what_became_of_it(world, guard, challan):
    """One verdict: an empty vehicle needs no e-challan, a loaded one does; who goes against it says why."""
    short = guard.post("/checkpost/", {"load": "loaded", "q": "135"})
    assert short.status_code == 422 and 'class="error"' in text_of(short)
    assert guard.post("/checkpost/", {"load": "loaded", "q": "tipper"}).status_code == 422
    assert guard.post("/checkpost/", {"load": "loaded", "q": ""}).status_code == 422
    assert not CheckPostScan.objects.exists(), "what cannot be checked is no check"
    shown = {}
    for name, load, asked in (
        ("digits", "loaded", "1"),
        ("own", "empty", PLATE),
        ("none", "empty", "BR01A0001"),
        ("loaded", "loaded", "BR01A0001"),
    ):
        page = guard.post("/checkpost/", {"load": load, "q": asked}).url
        shown[name] = (page, re.findall(r'class="verdict (\w+)"', text_of(guard.get(page))))
    assert {name: kind for name, (_page, kind) in shown.items()} == {
        "digits": ["good"],
        "own": ["warn"],
        "none": ["good"],
        "loaded": ["bad"],
    }
    red = shown["loaded"][0]
    assert guard.post(red, {"act": "let_go"}).status_code == 422, "against the verdict it goes with a reason"
    assert guard.post(red, {"act": "hold"}).url == "/checkpost/"
    assert guard.post(red, {"act": "let_go", "note": "रेत नहीं, ईंट"}).status_code == 302
    scan = CheckPostScan.objects.get(pk=int(red.split("/")[3]))
    assert (scan.loaded, scan.verdict, scan.outcome, scan.outcome_note) == (True, "bad", "let_go", "रेत नहीं, ईंट")
    logged = ActionLog.objects.filter(code__in=["scan.held", "scan.let_go"]).order_by("seq")
    assert [(row.code, row.facts["before"]) for row in logged] == [("scan.held", ""), ("scan.let_go", "held")]
    picture = SimpleUploadedFile("qr.png", qr_png(challan.pass_text), "image/png")
    by_photo = guard.get(guard.post("/checkpost/", {"load": "loaded", "photo": picture}).url)
    assert 'class="verdict good"' in text_of(by_photo)


def test_a_copy_seen_at_two_posts_is_looked_at_twice(world, guard, challan, at):
    guard.post("/checkpost/", {"q": "MUN-26-000001"})
    at.set(NOON + 20 * MINUTE)
    far = as_user(officer_in(world.farpost, "checkpost", "far"))
    page = text_of(far.get(far.post("/checkpost/", {"q": "MUN-26-000001"}).url))
    assert 'class="verdict warn"' in page and "/law/MOV-04/" in page and "बरियारपुर" in page


def test_an_unknown_vehicle_is_stopped(world, guard):
    page = text_of(guard.get(guard.post("/checkpost/", {"q": "BR01A0001"}).url))
    assert 'class="verdict bad"' in page and "BR01A0001" in page


def test_the_map_lists_vehicles_and_its_geojson_has_the_same(world, challan):
    officer = as_user(officer_in(world.office, "monitoring", "mon"))
    page = text_of(officer.get("/office/map/"))
    assert f'data-feature="{PLATE}"' in page and "MUN-26-000001" in page
    features = officer.get("/office/map/vehicles.json").json()["features"]
    (vehicle,) = [one for one in features if one["properties"]["kind"] == "vehicle"]
    assert vehicle["geometry"]["coordinates"] == [86.505, 25.305] and vehicle["properties"]["state"] == "info"
    assert (
        officer.get("/office/map/vehicles.json", {"state": "silent"}).json()["features"][-1]["properties"]["kind"]
        == "ghat"
    )


def test_a_trail_is_shown_and_every_reading_logged(world, challan):
    officer = as_user(world.officer)
    world.store(IMEI, [(NOON - 2 * MINUTE, 25.301, 86.501), (NOON - MINUTE, 25.302, 86.502)])
    asked = officer.get(f"/office/map/{PLATE}/")
    assert asked.status_code == 302 and f"/office/map/{PLATE}/why/" in asked["Location"]
    assert officer.get(f"/office/map/{PLATE}/trail.json").status_code == 409
    assert officer.post(asked["Location"], {"reason": "ab"}).status_code == 422
    assert officer.post(asked["Location"], {"reason": "मामला 12"})["Location"] == f"/office/map/{PLATE}/"
    page = officer.get(f"/office/map/{PLATE}/")
    assert page.status_code == 200 and "MUN-26-000001" in text_of(page)
    trail = officer.get(f"/office/map/{PLATE}/trail.json").json()["features"]
    assert [one["geometry"]["type"] for one in trail if one["properties"]["kind"] == "trail"] == ["LineString"]
    assert ActionLog.objects.filter(code="trail.read", user_id=world.officer.pk).count() == 2
    assert officer.get("/office/map/BR99Z9999/").status_code == 404


PAGES = {
    "settlee_challans": {"party"},
    "challan_new": {"party"},
    "challan": {"party", "district", "monitoring", "hq"},  # a check post once it has checked it
    "challan_pdf": {"party", "district", "monitoring", "hq"},
    "verify": {"party", "district", "monitoring", "checkpost", "hq", "public"},
    "checkpost": {"checkpost"},
    "office_challans": {"district", "monitoring", "hq"},
    "monitoring": {"district", "monitoring", "hq"},
    "monitoring_vehicles": {"district", "monitoring", "hq"},
    "monitoring_vehicle": {"district", "monitoring", "hq"},
    "monitoring_trail": {"district", "monitoring", "hq"},
}
ARGS = {"challan_new": ["MUN-2026-01"], "challan": ["MUN-26-000001"], "challan_pdf": ["MUN-26-000001"],
        "monitoring_vehicle": [PLATE], "monitoring_trail": [PLATE]}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages_by_role(world, challan, name):
    clients = {"public": Client(), "party": as_user(world.settlee), "district": as_user(world.officer)}
    for role in ("monitoring", "checkpost", "hq"):
        clients[str(role)] = as_user(
            officer_in(world.checkpost if role == "checkpost" else world.office, role, f"u-{role}")
        )
    url = reverse(name, args=ARGS.get(name))
    for role in ("district", "monitoring", "hq"):
        clients[role].post(f"/office/map/{PLATE}/why/", {"reason": "मामला 12"})
    opened = {role for role, client in clients.items() if client.get(url).status_code == 200}
    assert opened == PAGES[name]


def test_another_settlee_and_another_district_find_nothing(world, challan):
    other = registry.add_user(username="o", name_en="o", name_hi="o", password="a long password")
    registry.add_party(
        party=registry.NewParty(
            code="other", kind="company", name_en="O", name_hi="O", pan="ACUPA7086R", email="o@example.org"
        ),
        users=[other],
    )
    gaya = registry.open_office(code="dmo-gaya", kind="district", name_en="Gaya", name_hi="गया", district="Gaya")
    for user in (other, officer_in(gaya, "district", "gaya")):
        client = as_user(user)
        assert client.get("/challans/MUN-26-000001/").status_code == 404
        assert client.get("/challans/MUN-26-000001.pdf").status_code == 404
        assert client.get(NEW).status_code in {403, 404}
    assert as_user(user).get(f"/office/map/{PLATE}/").status_code == 404


def test_the_worker_s_jobs_leave_the_pages_whole(world, settlee, challan, at):
    """After trip, arrival and place check the page tells the whole story."""
    world.tell(
        world.fence("left", "ghat:MUN-2026-01", NOON + MINUTE), world.fence("entered", "place:patna", NOON + 9 * MINUTE)
    )
    from immis.tracking.jobs import take_in_gateway_events

    take_in_gateway_events(at=NOON + 9 * MINUTE)
    jobs.follow_trips(at=NOON + 9 * MINUTE)
    at.set(NOON + 10 * MINUTE)
    assert Challan.objects.get().state == "completed"
    assert settlee.get("/challans/MUN-26-000001/").status_code == 200
    assert 'class="verdict bad"' in text_of(Client().get("/verify", {"q": "MUN-26-000001", "vehicle": PLATE})), (
        "used already"
    )


# -- the gate: who stands there, a batch, a heavier load


def test_the_gate_issues_a_batch_and_says_what_stops_the_others_and_from_when(world, settlee, at):
    world.report(NOON)
    settlee.post(NEW, form())
    gate = "/settlee/leases/MUN-2026-01/gate/"
    shown = settlee.get(gate)
    first = Challan.objects.get()
    assert PLATE in text_of(shown) and first.number in text_of(shown) and "पात्र इस समय से" in text_of(shown)
    services.record_arrival(first.pk, arrived_at=NOON + 20 * MINUTE, at=NOON + 20 * MINUTE)
    at.set(NOON + 60 * MINUTE)
    world.report(NOON + 60 * MINUTE)
    assert settlee.get(gate).status_code == 200
    for _ in range(2):  # the same form twice makes one e-challan
        answer = settlee.post(gate, {"act": "issue_all", "vehicles": [PLATE], "key": "b1"})
    assert answer.status_code in (302, 422) and Challan.objects.count() == 2
    second = Challan.objects.exclude(pk=first.pk).get()
    assert (second.place, second.driver_name, second.quantity_m3) == (first.place, first.driver_name, Decimal(10))


def test_a_weighed_load_with_its_sale_stands_on_the_page_of_the_challan(world, settlee):
    world.report(NOON)
    weighed = {"quantity_m3": "", "tare_kg": "8500", "gross_kg": "21253"}
    sale = {"buyer_kind": "works", "buyer_name": "RCD Munger", "price_rupees": "4027", "invoice_no": "I/7"}
    answer = settlee.post(NEW, form(**weighed, **sale))
    assert answer.status_code == 302, text_of(answer)
    shown = text_of(as_user(world.settlee, "en").get(answer.url))
    assert Challan.objects.get().quantity_m3 == Decimal("9.000")
    assert "RCD Munger" in shown and "I/7" in shown and "Stated at issue" in shown and "1.417" in shown
    as_user(world.settlee).post(answer.url, {"act": "amend", "quantity_m3": "9.5", "reason": "काँटा"})
    row = Challan.objects.get()
    assert row.quantity_m3 == Decimal("9.5") and "काँटा" in text_of(settlee.get(answer.url))
    assert settlee.post(NEW, form(quantity_m3="", key="k2")).status_code == 422
