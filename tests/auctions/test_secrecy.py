"""No bidder learns from any answer who the others are: two worlds that differ only in that answer the same bytes."""

import json
import re

import pytest
from django.db import transaction

from immis.auctions.models import LotEvent
from immis.web.signin import robot
from tests.auctions.season import OPENS, Season, make_season

pytestmark = pytest.mark.django_db
CODE = "MUN-2026-01"
PATHS = (f"/auctions/{CODE}/", f"/auctions/{CODE}/state.json", "/auctions/", f"/auctions/{CODE}/?format=csv",
         f"/api/v1/lots/{CODE}", "/api/v1/lots", "/auctions/orders/", "/bidder/", f"/bidder/lots/{CODE}/",
         "/data/", "/messages/", f"/events/lots?codes={CODE}")  # fmt: skip
#: What differs between two requests of one world: the token of the form, and the key that is drawn for the next bid.
_DRAWN = re.compile(
    rb'(csrfmiddlewaretoken" value="|name="key" value="|csrftoken=|data-token=")[A-Za-z0-9]+|"key": "[0-9a-f]{32}"'
)


def _answers(client, season: Season, reader: str) -> list:
    """Every answer that a bidder can get, with status, headers in their order and body."""
    client.force_login(season.users[reader])
    got = []
    for path in PATHS:
        answer = client.get(path)
        body = b"".join(answer) if answer.streaming else answer.content
        headers = [(name, value) for name, value in answer.headers.items() if name != "Set-Cookie"]
        got.append((path, answer.status_code, headers, _DRAWN.sub(b"", body)))
    for key, steps, expected in (("secret-0001", 0, 0), ("secret-0001", 0, 0), ("secret-0002", 9, 0)):
        sent = {"steps": steps, "expected": expected, "key": key}
        answer = client.post(f"/auctions/{CODE}/bid", sent, headers={"accept": "application/json"})
        got.append(("bid", answer.status_code, sorted(json.loads(answer.content)), _DRAWN.sub(b"", answer.content)))
    return got


def _live(at) -> bytes:
    """What live events would send of the lot."""
    from dataclasses import asdict

    from immis.auctions.selectors import states_of
    from immis.live.reader import message

    return b"".join(message("lot", asdict(state)) for state in states_of([CODE], at()).values())


def _world(client, at, season: Season, others: tuple[str, ...], refused: int) -> tuple[list, bytes]:
    """The others bid in turn, always the same amounts at the same times; answers what ``asha`` is told of it."""
    undo = transaction.atomic()
    undo._from_testcase = True
    undo.__enter__()
    try:
        at.set(OPENS)
        for number in range(4):
            season.bid(others[number % len(others)], 0 if number == 0 else 1, key=f"other-{number:04d}")
        for number in range(refused):
            season.bid(others[0], 0, expected_highest=0, key=f"late-{number:06d}")
        at.set(OPENS.replace(minute=OPENS.minute + 1))
        return _answers(client, season, "asha"), _live(at)
    finally:
        transaction.set_rollback(True)
        undo.__exit__(None, None, None)


@pytest.fixture
def season(db, data_dir, monkeypatch) -> Season:
    asked = robot.question("", place="bidder")  # drawn once: the worlds differ in the others alone
    monkeypatch.setattr(robot, "question", lambda _token, *, place: asked)
    season = make_season()
    for name in ("asha", "bina", "chand", "dev", "esha"):
        season.bidder(name)
    return season


@pytest.mark.parametrize(
    ("others", "refused"),
    [(("chand", "dev"), 0), (("bina", "chand", "dev", "esha"), 0), (("dev", "bina"), 0), (("esha", "dev"), 7)],
)
def test_no_answer_depends_on_who_the_others_are_or_on_what_was_refused(client, season, at, others, refused):
    plain = _world(client, at, season, ("bina", "chand"), 0)
    other = _world(client, at, season, others, refused)
    assert LotEvent.objects.count() == 0
    for one, two in zip(plain[0], other[0], strict=True):
        assert one == two, one[0]
    assert plain[1] == other[1]


def test_no_name_alias_or_number_of_another_bidder_stands_in_any_answer(client, season, at):
    from immis.auctions.models import TechnicalBid

    answers, live = _world(client, at, season, ("bina", "chand", "dev"), 2)
    everything = b"".join(body for _, _, _, body in answers) + live
    strangers = TechnicalBid.objects.exclude(bidder__party__code="asha").select_related("bidder__party")
    for bid in strangers:
        party = bid.bidder.party
        for secret in (
            season.alias(party.code),
            party.name_en,
            party.name_hi,
            party.pan,
            party.email,
            party.bank_account,
        ):
            assert secret.encode() not in everything, secret
