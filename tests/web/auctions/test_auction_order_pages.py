"""Orders on auctions through Django's client: asked and confirmed by two officers, read by everybody, evidence kept."""

import re
from datetime import timedelta

import pytest

from immis.auctions import jobs
from immis.auctions.models import AuctionOrder, RoomPresence
from immis.core.models import ActionLog
from tests.auctions.season import CLOSES, OPENS, Season, make_season

pytestmark = pytest.mark.django_db
ONE = "MUN-2026-01"
DESK = f"/office/auctions/{ONE}/orders/"


@pytest.fixture
def running(db, data_dir, at) -> Season:
    season = make_season()
    season.bidder("asha")
    season.bidder("bina")
    at.set(OPENS)
    return season


def _as(client, season, name):
    client.force_login(season.users[name])
    return client


def _text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("\u00a0", " ")


def _ask(client, act="pause", **more):
    return client.post(DESK, {"do": "ask", "act": act, "scope": "lot", "reason": "बिजली बाधित", **more}, follow=True)


def test_two_officers_pause_and_everybody_reads_why(client, running, at):
    asked = _text(_ask(_as(client, running, "mdo")))
    assert "दूसरे पदाधिकारी की पुष्टि शेष" in asked and "दूसरे पदाधिकारी के रूप में पुष्टि करें" not in asked
    order = AuctionOrder.objects.get()
    alone = client.post(DESK, {"do": "confirm", "order": order.pk})
    assert alone.status_code == 409 and "जिन्होंने प्रस्ताव किया" in _text(alone)
    done = _as(client, running, "collector").post(DESK, {"do": "confirm", "order": order.pk}, follow=True)
    assert "आदेश प्रभावी है" in _text(done)
    client.logout()
    for path in (f"/auctions/{ONE}/", "/auctions/orders/"):
        assert "बिजली बाधित" in _text(client.get(path))
    room = _text(client.get(f"/auctions/{ONE}/"))
    assert "स्थगन का समय नहीं गिना जाता" in room
    assert ONE in _text(client.get("/auctions/?phase=paused"))
    assert client.get(f"/auctions/{ONE}/state.json").json()["phase"] == "paused"


def test_a_corrigendum_is_taken_in_india_time_and_listed(client, running, at):
    _ask(_as(client, running, "mdo"), act="reschedule", closes_at="2026-06-05T15:00")
    _as(client, running, "collector").post(DESK, {"do": "confirm", "order": AuctionOrder.objects.get().pk})
    assert running.lot().ends_at == CLOSES + timedelta(hours=2)
    client.cookies["immis_language"] = "en"
    listed = _text(client.get("/auctions/orders/?act=reschedule"))
    assert "Corrigendum of the times" in listed and "05.06.2026, 15:00" in listed
    assert "No order fits" in _text(client.get("/auctions/orders/?act=abort"))
    table = client.get("/auctions/orders/?format=csv").content.decode("utf-8-sig")
    assert "बिजली बाधित" in table and client.get("/auctions/orders/?format=xlsx").content.startswith(b"PK")


def test_a_cancelled_auction_says_so_in_its_room(client, running, at):
    running.bid("asha", 0)
    _ask(_as(client, running, "mdo"), act="abort")
    _as(client, running, "collector").post(DESK, {"do": "confirm", "order": AuctionOrder.objects.get().pk})
    client.logout()
    room = _text(client.get(f"/auctions/{ONE}/"))
    assert "निर्धारित समय पर" not in room, "it did not end as scheduled"
    assert "आदेश से निरस्त" in room and "राशि बिना ब्याज वापस होगी" in room and "Asha" not in room


def test_an_order_is_withdrawn_and_bad_requests_change_nothing(client, running):
    _ask(_as(client, running, "mdo"))
    order = AuctionOrder.objects.get()
    for sent in ({"do": "confirm", "order": "x"}, {"do": "confirm", "order": "9" * 30}, {"do": "confirm"}):
        assert client.post(DESK, sent).status_code == 404
    assert _ask(client, act="fly").status_code == 422 and _ask(client, reason="").status_code == 422
    client.post(DESK, {"do": "withdraw", "order": order.pk})
    assert AuctionOrder.objects.get().state == "withdrawn"


@pytest.mark.parametrize("name", ["asha", "checkpost", "monitor", "patna"])
def test_others_see_neither_orders_in_the_making_nor_presence(client, running, name):
    _as(client, running, name)
    for path in (DESK, f"/office/auctions/{ONE}/presence/"):
        assert client.get(path).status_code in (403, 404)
        assert client.post(path, {"do": "ask"}).status_code in (403, 404, 405)


def test_the_room_reports_presence_and_the_office_reads_it_after_the_end(client, running, at):
    _as(client, running, "asha")
    assert "data-beat=" in client.get(f"/auctions/{ONE}/").content.decode()
    for seconds in (0, 20, 40):
        at.set(OPENS + timedelta(seconds=seconds))
        answer = client.post(f"/auctions/{ONE}/beat")
        assert answer.status_code == 200 and answer.json()["ok"] is True
    assert client.get(f"/auctions/{ONE}/beat").status_code == 405
    assert RoomPresence.objects.get().beats == 3
    _as(client, running, "mdo")
    before = _text(client.get(f"/office/auctions/{ONE}/presence/"))
    assert "Asha" not in before and "asha" not in before and "समाप्ति के पहले किसी को नहीं" in before
    assert "asha" not in client.get(f"/office/auctions/{ONE}/presence/?format=csv").content.decode().casefold()
    at.set(CLOSES)
    jobs.announce_closed_lots(at=CLOSES)
    assert "asha बालू" in _text(client.get(f"/office/auctions/{ONE}/presence/"))
    assert "Asha" in client.get(f"/office/auctions/{ONE}/presence/?format=csv").content.decode()
    client.get(f"/office/auctions/{ONE}/")
    read = ActionLog.objects.filter(code="bidders.read", subject_id=ONE, user_id=running.users["mdo"].pk)
    assert [row.facts["what"] for row in read.order_by("seq")] == ["presence"] * 4 + ["applications"]


def test_the_anchor_stands_in_the_room(client, running, at):
    at.set(OPENS + timedelta(minutes=15))
    jobs.anchor_chains(at=at())
    assert running.lot().anchor_hash in client.get(f"/auctions/{ONE}/").content.decode()
