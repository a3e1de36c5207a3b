"""What changed of the cancelled list: any list of the last day and the changes give the newest; nothing else does."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from immis.challans.signed import keys, offline_root
from immis.challans.signed.changes import LEAST_IDS, brought_up
from immis.challans.signed.lists import CancelledList, ListUnusable, read_cancelled_list, read_key_list

AT = datetime(2026, 6, 5, 7, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
IDS = [bytes([n]) * 8 for n in range(200)]


class Published:
    """A folder to which lists are published, and what of each a reader keeps."""

    def __init__(self, data):
        self.data, self.lists = data, []

    def publish(self, ids, at):
        keys.write_public(self.data, pass_ids=ids, at=at)
        self.lists.append(self.whole())

    def read(self, name):
        return json.loads((self.data / "public" / f"{name}.json").read_text())

    def keys(self):
        return read_key_list(self.read("keys"))

    def whole(self):
        known = self.keys()
        return read_cancelled_list(self.read("cancelled"), root=known.root, keys=known)

    def up(self, known, changes=None):
        trusted = self.keys()
        return brought_up(known, changes or self.read("cancelled-changes"), root=trusted.root, keys=trusted)


@pytest.fixture
def made(tmp_path):
    return Published(tmp_path)


def test_a_list_of_any_age_of_the_last_day_comes_to_the_newest(made):
    for n, ids in enumerate((IDS[:5], IDS[2:9], IDS[2:9], [], IDS[7:8])):
        made.publish(ids, AT + n * 15 * MINUTE)
    newest = made.lists[-1]
    assert newest.pass_ids == {IDS[7]}
    assert [made.up(known) for known in made.lists] == [newest] * 5
    assert len(json.dumps(made.read("cancelled-changes"))) < 2_000


def test_a_list_that_the_changes_do_not_start_from_is_fetched_whole(made):
    made.publish(IDS[:3], AT)
    made.publish(IDS[:4], AT + MINUTE)
    assert made.up(CancelledList(AT - MINUTE, frozenset())) is None
    made.publish(IDS[:2], AT + timedelta(hours=24))
    made.publish(IDS[:1], AT + timedelta(hours=24, minutes=2))
    assert made.up(made.lists[0]) is None, "older than a day"
    assert made.up(made.lists[2]) == made.lists[3]


def test_the_changes_are_never_larger_than_the_list(made):
    for n in range(8):
        made.publish(IDS[20 * n : 20 * n + 20], AT + n * MINUTE)
    named = sum(len(step["added"]) + len(step["removed"]) for step in made.read("cancelled-changes")["steps"])
    assert 0 < named <= LEAST_IDS and made.up(made.lists[-2]) == made.lists[-1] and made.up(made.lists[0]) is None


@pytest.mark.parametrize("change", [{"count": 9}, {"steps": []}, {"issued_at": "2026-06-05T09:30:00Z"}])
def test_changes_that_were_changed_are_not_taken(made, change):
    made.publish(IDS[:3], AT)
    made.publish(IDS[:4], AT + MINUTE)
    with pytest.raises(ListUnusable, match="signature"):
        made.up(made.lists[0], {**made.read("cancelled-changes"), **change})
    with pytest.raises(ListUnusable, match="not a list of kind"):
        made.up(made.lists[0], made.read("cancelled"))


def test_two_lists_of_one_second_and_a_clock_put_back(made):
    made.publish(IDS[:3], AT)
    made.publish(IDS[1:4], AT)
    made.publish(IDS[1:6], AT + MINUTE)
    assert [made.up(known) for known in made.lists] == [made.lists[2]] * 3
    made.publish(IDS[:1], AT - MINUTE)
    assert made.up(made.lists[2]) == made.lists[2], "a reader never goes back"


def test_with_the_root_offline_a_listed_key_signs_them(made):
    keys.load_signer(made.data, at=AT)
    made.publish(IDS[:3], AT)
    offline_root.carry_away(made.data, keys.public_key_list(made.data, at=AT), made.data / "stick.json")
    made.publish(IDS[:4], AT + MINUTE)
    assert "signed_by" in made.read("cancelled-changes") and made.up(made.lists[0]) == made.lists[1]


def test_what_lies_about_illegible_is_no_base(made):
    made.publish(IDS[:3], AT)
    (made.data / "public" / "cancelled.json").write_text("{")
    made.publish(IDS[:4], AT + MINUTE)
    assert made.read("cancelled-changes")["steps"] == [] and made.up(made.lists[0]) is None
