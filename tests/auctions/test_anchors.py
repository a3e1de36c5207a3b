"""The head of the chain in the bidders' hands, and who had the room open."""

from datetime import timedelta

import pytest
from click.testing import CliRunner

from immis.auctions import jobs, services
from immis.auctions.models import LotEvent, RoomPresence
from immis.auctions.verifier import verify
from immis.commands.auctions.auction import command
from immis.messaging.models import Delivery, Message
from immis.rules.policy import book
from tests.auctions.season import CLOSES, MS, OPENS, published

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def two(season, at):
    season.bidder("asha")
    season.bidder("bina")
    at.set(OPENS)
    return season


def test_every_quarter_of_an_hour_the_head_goes_to_the_bidders_by_mail(
    two, at, data_dir, django_capture_on_commit_callbacks
):
    two.bid("asha", 0)
    assert jobs.anchor_chains(at=OPENS) == 0
    for quarter in range(1, 9):
        now = OPENS + quarter * 15 * MINUTE
        at.set(now)
        assert jobs.anchor_chains(at=now) == (3 if now < CLOSES else 0)
        assert jobs.anchor_chains(at=now) == 0, "once a quarter"
    sent = set(
        Message.objects.filter(template="AUC-44", subject_id=two.lot().code).values_list("facts__hash", flat=True)
    )
    assert len(sent) == 7 and two.lot().anchor_hash in sent
    assert Delivery.objects.filter(message__template="AUC-44", channel="email").count() == 14
    with django_capture_on_commit_callbacks(execute=True):
        jobs.announce_closed_lots(at=CLOSES)
    report = verify(published(data_dir, two.lot().code).read_bytes())
    assert report.problems == [] and set(report.anchors) == sent
    mail = Message.objects.filter(template="AUC-44", subject_id=two.lot().code).first().facts
    keys = str(data_dir / "public" / "evidence-keys.json")
    asked = ["head", two.lot().code, mail["hash"], mail["signature"], "--keys", keys]
    assert CliRunner().invoke(command, asked).exit_code == 0
    assert CliRunner().invoke(command, ["head", "MUN-2026-02", *asked[2:]]).exit_code == 1
    for dashed in ("-TJOXfR6RLFx", "--JOXfR6RLFx", "-"):
        answer = CliRunner().invoke(command, [*asked[:3], dashed, *asked[4:]])
        assert answer.exit_code == 1 and "✓" not in answer.output, "a signature may begin with a dash"


def test_an_anchor_is_no_change_that_the_public_sees_and_leaks_no_refused_bid(two, at):
    two.bid("asha", 0)
    changes = two.lot().changes
    at.set(OPENS + 15 * MINUTE)
    jobs.anchor_chains(at=at())
    first = two.lot().anchor_hash
    at.set(OPENS + 30 * MINUTE)
    jobs.anchor_chains(at=at())
    assert two.lot().changes == changes
    assert two.lot().anchor_hash != first, "it changes also where no bid was refused in between"
    assert "seq" not in Message.objects.filter(template="AUC-44").first().facts


def test_beats_make_stretches_and_a_gap_begins_a_new_one(two, at):
    lot, asha = two.lot(), two.actor("asha")
    for seconds in (0, 20, 40, 60, 200, 220):
        assert services.note_presence(lot=lot, by=asha, device="phone", at=OPENS + seconds * SECOND)
    assert services.note_presence(lot=lot, by=asha, device="desk", at=OPENS)
    stretches = [(row.device, row.until_at - row.from_at, row.beats) for row in RoomPresence.objects.order_by("id")]
    assert stretches == [("phone", 60 * SECOND, 4), ("phone", 20 * SECOND, 2), ("desk", 0 * SECOND, 1)]


def test_only_those_who_applied_leave_evidence_and_only_around_the_auction(two, at):
    lot = two.lot()
    two.registered("chand")
    assert not services.note_presence(lot=lot, by=two.actor("chand"), device="d", at=OPENS)
    assert not services.note_presence(lot=lot, by=two.mdo, device="d", at=OPENS)
    asha = two.actor("asha")
    assert not services.note_presence(lot=lot, by=asha, device="d", at=OPENS - 61 * MINUTE)
    assert not services.note_presence(lot=lot, by=asha, device="d", at=CLOSES)
    assert not RoomPresence.objects.exists() and not LotEvent.objects.exists()


def test_room_records_are_deleted_when_their_time_is_over(two, at):
    lot = two.lot()
    services.note_presence(lot=lot, by=two.actor("asha"), device="one", at=OPENS)
    kept = timedelta(days=book().value("AUC-104", OPENS))
    assert jobs.forget_presences(at=lot.ends_at + kept) == 0
    assert jobs.forget_presences(at=lot.ends_at + kept + MS) == 1 and not RoomPresence.objects.exists()
