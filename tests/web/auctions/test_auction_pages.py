"""The pages of auctions through Django's client: a watcher, a bidder, the office, each role at each address."""

import json
import re

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from immis.auctions import jobs
from immis.auctions.models import Bidder, LotEvent, Notice, TechnicalBid
from tests.auctions.season import (
    CLOSES,
    DECIDED,
    MS,
    NOTICE,
    OPENS,
    PARTICULARS,
    PDF,
    RESERVE,
    STEP,
    TICKS,
    Season,
    india,
    make_season,
)

pytestmark = pytest.mark.django_db
ONE = "MUN-2026-01"


@pytest.fixture
def season(db, data_dir) -> Season:
    return make_season()


@pytest.fixture
def running(season, at):
    season.bidder("asha")
    season.bidder("bina")
    at.set(OPENS)
    return season


def _as(client, season, name):
    client.force_login(season.users[name])
    return client


def _english(client):
    client.cookies["immis_language"] = "en"
    return client


def _text(response):
    html = response.content.decode()
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " ")


def _hidden(response, name):
    return re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())[1]


def test_anybody_watches_the_list_and_the_room_in_both_languages(client, running):
    running.bid("asha", 1)
    hindi = _text(client.get("/auctions/"))
    assert "कलिस्थान फुलकिया बालूघाट (खण्ड 1-ए)" in hindi and "बोली चालू" in hindi and "₹ 68,85,000" in hindi
    room = _text(client.get(f"/auctions/{ONE}/"))
    assert "₹ 75,73,500" in room and "पचहत्तर लाख तिहत्तर हजार पाँच सौ रुपये" in room and "शेष समय" in room
    assert "asha" not in room.casefold()
    english = _text(_english(client).get(f"/auctions/{ONE}/"))
    assert "seventy-five lakh seventy-three thousand five hundred rupees" in english and "Time left" in english


def test_the_list_is_filtered_and_taken_along(client, season, at):
    at.set(OPENS - MS)
    assert "प्रारंभ शेष" in _text(client.get("/auctions/?phase=upcoming"))
    assert "ऐसी कोई ई-नीलामी नहीं" in _text(client.get("/auctions/?phase=running"))
    found = client.get("/auctions/?q=1-B")
    assert "MUN-2026-02" in _text(found) and ONE not in _text(found)
    table = client.get("/auctions/?format=csv&phase=upcoming").content.decode("utf-8-sig")
    assert len(table.splitlines()) == 4 and "6885000" in table
    assert client.get("/auctions/?format=xlsx").content.startswith(b"PK")


def test_a_lot_that_is_not_there_is_404(client, season):
    for path in ("/auctions/MUN-2099-01/", "/auctions/MUN-2099-01/state.json"):
        assert client.get(path).status_code == 404


def test_the_state_for_the_room_tells_nobody_who_bids(client, running):
    running.bid("asha", 1)
    state = client.get(f"/auctions/{ONE}/state.json").json()
    assert (state["highest_rupees"], state["seq"], state["phase"]) == (RESERVE + STEP, 1, "running")
    assert state["log"][0]["amount"] == RESERVE + STEP and state["log"][0]["own"] is False
    assert state["position"] is None and state["rate"] == 1
    mine = _as(client, running, "asha").get(f"/auctions/{ONE}/state.json").json()
    assert mine["position"] == {"leads": True, "own": RESERVE + STEP} and mine["log"][0]["own"] is True


def test_a_bid_through_the_form_is_acknowledged_and_counted_once(client, running):
    room = _as(client, running, "asha").get(f"/auctions/{ONE}/")
    sent = {"steps": "0", "expected": _hidden(room, "expected"), "key": _hidden(room, "key")}
    for _ in range(2):
        answer = client.post(f"/auctions/{ONE}/bid", sent, follow=True)
        assert answer.status_code == 200 and "₹ 68,85,000 की बोली मान्य हुई" in _text(answer)
    assert LotEvent.objects.filter(kind="bid_accepted").count() == 1
    shown = client.get(f"/auctions/{ONE}/").content.decode()
    assert re.search(r'value="1"\s+disabled', shown), "the highest bidder cannot press"


def test_a_refused_bid_says_which_clause_and_what_is_allowed(client, running):
    running.bid("asha", 1)
    page = _as(client, running, "bina").post(f"/auctions/{ONE}/bid", {"steps": 0, "expected": 0, "key": "k" * 12})
    assert page.status_code == 409
    text = _text(page)
    assert "यह बोली मान्य नहीं हुई" in text and "₹ 82,62,000" in text and "19(ii)" in text


def test_a_jump_is_asked_again_with_its_words(client, running):
    _as(client, running, "asha")
    ask = client.post(f"/auctions/{ONE}/bid", {"steps": 5, "expected": 0, "key": "jump-0001"})
    assert ask.status_code == 409 and not LotEvent.objects.exists()
    assert "₹ 1,03,27,500" in _text(ask) and "एक करोड़ तीन लाख सत्ताईस हजार पाँच सौ रुपये" in _text(ask)
    sent = {name: _hidden(ask, name) for name in ("expected", "key", "confirmed")}
    done = client.post(f"/auctions/{ONE}/bid", {**sent, "steps": 5}, follow=True)
    assert "₹ 1,03,27,500" in _text(done) and LotEvent.objects.get().amount_rupees == RESERVE + 5 * STEP


def test_a_bid_by_script_gets_json(client, running):
    _as(client, running, "asha")
    as_json = {"HTTP_ACCEPT": "application/json"}
    sent = {"steps": 1, "expected": 0, "key": "json-0001"}
    good = client.post(f"/auctions/{ONE}/bid", sent, **as_json)
    assert good.status_code == 200 and good.json()["accepted"] is True and len(good.json()["key"]) == 32
    bad = client.post(f"/auctions/{ONE}/bid", {**sent, "key": "json-0002"}, **as_json)
    assert bad.status_code == 409 and bad.json()["findings"][0]["code"] == "AUC-05"
    jump = client.post(f"/auctions/{ONE}/bid", {**sent, "steps": 9, "key": "json-0003"}, **as_json)
    assert jump.json() == {"confirm": True}


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"steps": "x", "key": "k" * 9},
        {"steps": 1},
        {"steps": -1, "key": "k" * 9},
        {"steps": 1, "key": "नहीं नहीं नहीं"},
    ],
)
def test_a_bid_that_cannot_be_read_changes_nothing(client, running, sent):
    answer = _as(client, running, "asha").post(f"/auctions/{ONE}/bid", sent)
    assert answer.status_code in (302, 409) and not LotEvent.objects.exists()


def test_after_the_end_the_room_shows_result_reason_and_audit(client, running, at, django_capture_on_commit_callbacks):
    at.set(CLOSES - MS)
    running.bid("asha", 1)
    extended = _text(client.get(f"/auctions/{ONE}/"))
    assert "समय एक घंटा बढ़ाया गया" in extended and "05.06.2026, 14:00" in extended
    at.set(running.lot().ends_at)
    closed = _text(client.get(f"/auctions/{ONE}/"))
    assert "asha बालू" in closed and "उच्चतम बोलीदाता तय" in closed and "अंकेक्षण दस्तावेज" not in closed
    with django_capture_on_commit_callbacks(execute=True):
        jobs.announce_closed_lots(at=running.lot().ends_at)
    html = client.get(f"/auctions/{ONE}/").content.decode()
    assert f"/data/auctions/{ONE}.json" in html
    log = client.get(f"/auctions/{ONE}/?format=csv").content.decode("utf-8-sig")
    assert "7573500" in log and "asha" not in log


def _sum(page, *, wrong=0):
    """The answer to the sum on a page, and the question's token."""
    token = re.search(r'name="sum_token" value="([^"]+)"', page).group(1)
    pair = json.loads(signing.b64_decode(token.split(":")[0].encode()))["pair"]
    return {"sum": sum(pair) + wrong, "sum_token": token}


def test_a_bidders_way_from_registration_to_the_application(client, season, at):
    at.set(india("2026-05-20T10:00"))
    season.party("asha")
    _as(client, season, "asha")
    first = _text(client.get("/bidder/"))
    assert "पंजीयन नहीं" in first and "कौन से, यह नहीं कहती" in first and "01.01.2021 से श्रेणी 2" in first
    assert "CAPTCHA नियम एवं शर्तों के बाद" in first and "निर्णय विभाग" in first
    assert "AUC-83" in client.get("/signup").content.decode()
    form = {**PARTICULARS, "dsc_valid_until": "2027-12-31", "citizen": "on"}
    assert client.post("/bidder/", {"accept_terms": "on"}).status_code == 422 and not Bidder.objects.exists()
    machine = client.post(
        "/bidder/", {**form, "accept_terms": "on", **_sum(client.get("/bidder/").content.decode(), wrong=1)}
    )
    assert machine.status_code == 422 and "योग का उत्तर सही नहीं" in _text(machine) and not Bidder.objects.exists()
    refused = client.post("/bidder/", {**form, **_sum(machine.content.decode())})
    assert refused.status_code == 409 and "शर्तें पढ़ें" in _text(refused) and not Bidder.objects.exists()
    client.post("/bidder/", {**form, "accept_terms": "on", **_sum(client.get("/bidder/").content.decode())})
    home = _text(client.get("/bidder/"))
    assert "xxxx xxxx 2346" in home and client.get("/bidder/registration.pdf").content.startswith(b"%PDF")
    assert "ई-नीलामी में निबंधित" in home and "19.05.2027" in home and "खण्ड 1-ए" in home
    path = f"/bidder/lots/{ONE}/"
    form = {"bank_account": "31415926535", "turnover_0": "9000000", "turnover_1": "9000000", **TICKS}
    assert client.post(path, form).status_code == 422
    client.post(path, {**form, "turnover_2": "9000000"})
    page = _text(client.get(path))
    assert "₹ 17,21,250" in page and "भुगतान शेष" in page and "₹ 5,000" in page
    bid = TechnicalBid.objects.get()
    files = {"act": "papers", "क": SimpleUploadedFile("a.pdf", PDF), "घ": SimpleUploadedFile("b.exe", b"MZ")}
    answer = _text(client.post(path, files, follow=True))
    assert "दर्ज कागजात: 1" in answer and "b.exe" in answer
    bid.refresh_from_db()
    (row,) = bid.documents
    paper = client.get(reverse("bid_paper", args=[bid.pk, row["sha256"]]))
    assert paper.headers["Content-Type"] == "application/pdf" and b"".join(paper.streaming_content) == PDF
    season.party("bina")
    assert _as(client, season, "bina").get(reverse("bid_paper", args=[bid.pk, row["sha256"]])).status_code == 404
    assert client.get(path).status_code == 409


def test_the_office_decides_and_sees_who_leads_only_after_the_end(client, season, at):
    season.applied("asha")
    season.bidder("bina")
    asha = TechnicalBid.objects.get(bidder__party__code="asha")
    at.set(DECIDED)
    _as(client, season, "mdo")
    assert "1" in _text(client.get("/office/auctions/"))
    page = _text(client.get(f"/office/auctions/{ONE}/"))
    assert "asha बालू" in page and "सफल घोषित करने में बाधा" in page
    refused = client.post(f"/office/auctions/{ONE}/", {"bid": asha.pk, "verdict": "pass"})
    assert refused.status_code == 409 and "अग्रधन राशि ₹ 17,21,250" in _text(refused)
    season.pay(asha)
    client.post(f"/office/auctions/{ONE}/", {"bid": asha.pk, "verdict": "fail", "reasons": "शपथ पत्र अपठनीय"})
    asha.refresh_from_db()
    assert (asha.state, asha.reasons) == ("failed", "शपथ पत्र अपठनीय")
    client.post(f"/office/auctions/{ONE}/", {"bid": asha.pk, "verdict": "pass"})
    at.set(OPENS)
    season.bid("bina", 1)
    live = client.get(f"/office/auctions/{ONE}/").content.decode()
    assert "समाप्ति से पहले उच्चतम बोलीदाता का नाम किसी को नहीं दिखाया जाता" in live and "reason good" not in live
    at.set(CLOSES)
    closed = client.get(f"/office/auctions/{ONE}/").content.decode()
    assert re.search(r'<h2 class="h2">\s*bina बालू\s*</h2>', closed)


def test_a_notice_is_checked_and_then_taken_in(client, db, data_dir, at):
    season = Season()
    full = make_season()
    season.users = full.users
    changed = NOTICE.replace(b"PR. No.002318", b"PR. No.002319")
    at.set(india("2026-05-11T10:00"))
    _as(client, season, "mdo")
    report = client.post("/office/notices/", {"file": SimpleUploadedFile("munger.txt", changed)})
    text = _text(report)
    assert report.status_code == 200 and "चेतावनी सहित दर्ज हो सकती है" in text and "14.61" in text
    assert 'href="#row-20"' in report.content.decode() and Notice.objects.count() == 1
    done = client.post("/office/notices/", {"act": "import"}, follow=True)
    assert done.status_code == 200 and Notice.objects.count() == 2 and "PR 002319" in _text(done)
    assert "22 बालूघाट" in _text(client.get("/office/notices/"))
    again = client.post("/office/notices/", {"act": "import"}, follow=True)
    assert "पहले फाइल की जाँच करें" in _text(again)


def test_the_district_changes_the_contacts_of_its_notice(client, season):
    """E-011: posts and numbers; what is none is refused with its line, nobody else may."""
    notice = Notice.objects.get()
    act, page = f"/office/notices/{notice.pk}/act", f"/office/notices/{notice.pk}/"
    _as(client, season, "mdo")
    assert notice.contacts[0]["phone"] in _text(client.get(page))
    lines = "सहायता डेस्क; 0612-2215000\n\nखनिज विकास पदाधिकारी, मुंगेर; 9473191234"
    done = client.post(act, {"act": "contacts", "contacts": lines}, follow=True)
    assert done.status_code == 200 and "9473191234" in _text(done) and "सहायता डेस्क" in _text(done)
    refused = client.post(act, {"act": "contacts", "contacts": "कोई एक"}, follow=True)
    assert "AUC-105" in refused.content.decode() and len(Notice.objects.get().contacts) == 2
    _as(client, season, "patna")
    client.post(act, {"act": "contacts", "contacts": "x; 9999999999"})
    assert Notice.objects.get().contacts[1]["phone"] == "9473191234"


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"%PDF-1.7 x", b"hello", b"PK\x03\x04broken"])
def test_a_file_that_is_no_notice_is_said_so_in_both_languages(client, season, content):
    _as(client, season, "mdo")
    said = set()
    for language in ("hi", "en"):
        client.cookies["immis_language"] = language
        answer = client.post("/office/notices/", {"file": SimpleUploadedFile("x.txt", content)})
        assert answer.status_code == 422
        said.add(re.search(r'class="error"[^>]*>(.*?)</p>', answer.content.decode(), re.DOTALL)[1])
    assert len(said) == 2 and Notice.objects.count() == 1


def test_a_notice_with_errors_cannot_be_taken_in(client, season):
    wrong = NOTICE.replace(b"6885000", b"6885001").replace(b"68,85,000", b"68,85,001")
    _as(client, season, "mdo")
    report = client.post("/office/notices/", {"file": SimpleUploadedFile("munger.txt", wrong)})
    assert "दर्ज नहीं हो सकती" in _text(report) and 'value="import"' not in report.content.decode()
    refused = client.post("/office/notices/", {"act": "import"})
    assert refused.status_code == 409 and Notice.objects.count() == 1


#: address, and who may open it (everybody else is sent to the login or refused)
ADDRESSES = [
    ("/auctions/", None),
    (f"/auctions/{ONE}/", None),
    (f"/auctions/{ONE}/state.json", None),
    ("/bidder/", {"asha"}),
    (f"/bidder/lots/{ONE}/", {"asha"}),
    ("/office/auctions/", {"mdo", "collector", "patna", "hq"}),
    (f"/office/auctions/{ONE}/", {"mdo", "collector", "hq"}),
    ("/office/notices/", {"mdo", "collector", "patna", "hq"}),
]


@pytest.mark.parametrize(("path", "allowed"), ADDRESSES)
def test_each_address_with_each_role(client, season, at, path, allowed):
    season.applied("asha")
    at.set(DECIDED)
    for name in (None, "asha", "mdo", "collector", "patna", "hq", "monitor", "checkpost"):
        client.logout()
        if name:
            _as(client, season, name)
        status = client.get(path).status_code
        if allowed is None or name in allowed:
            assert status == 200, (name, status)
        else:
            assert status in ((302,) if name is None else (403, 404)), (name, status)


def test_only_a_bidder_may_post_a_bid(client, running):
    sent = {"steps": 1, "expected": 0, "key": "k" * 12}
    assert client.post(f"/auctions/{ONE}/bid", sent).status_code == 302
    for name in ("mdo", "collector", "hq", "monitor", "checkpost"):
        assert _as(client, running, name).post(f"/auctions/{ONE}/bid", sent).status_code == 403
    assert client.get(f"/auctions/{ONE}/bid").status_code == 403
    assert _as(client, running, "asha").get(f"/auctions/{ONE}/bid").headers["Location"] == f"/auctions/{ONE}/"
    assert not LotEvent.objects.exists()


def test_pages_need_no_inline_script_or_style(client, running):
    running.bid("asha", 1)
    for name, path in (
        (None, f"/auctions/{ONE}/"),
        ("asha", f"/auctions/{ONE}/"),
        ("asha", f"/bidder/lots/{ONE}/"),
        ("mdo", f"/office/auctions/{ONE}/"),
    ):
        if name:
            _as(client, running, name)
        html = client.get(path).content.decode()
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", html), path


def test_the_office_pages_ask_the_same_few_questions_however_many_bidders_and_lots(client, season, at):
    """Registers and ledger are asked once a page, not once a bidder."""
    client.force_login(season.users["mdo"])
    season.bidder("asha", 1)
    at.set(OPENS)
    season.bid("asha", 0)

    def asked():
        counts = []
        for path in ("/office/auctions/", f"/office/auctions/{season.lot().code}/", "/auctions/"):
            with CaptureQueriesContext(connection) as log:
                assert client.get(path).status_code == 200
            counts.append(len(log))
        return counts

    at.set(CLOSES)
    jobs.announce_closed_lots(at=CLOSES)
    asked()  # once, for what is read once a process
    few = asked()
    for name in ("bina", "chand", "dev"):
        season.bidder(name, 1, 2, 3)
    assert asked() == few and max(few) < 40
