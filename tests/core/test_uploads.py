"""How much a party may hand in, and what becomes of what it replaced."""

import os
from datetime import timedelta

import pytest

from immis.auctions import services
from immis.auctions.models import TechnicalBid
from immis.core.errors import Refusal
from immis.core.models import Upload
from immis.core.papers import uploads
from immis.core.papers.files import path_of
from immis.rules.policy import book
from tests.auctions.season import APPLIED, DECIDED, make_season

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def season(db, data_dir):
    season = make_season()
    season.applied("asha", 1)
    return season


def _pdf(n: int) -> bytes:
    return b"%PDF-1.7\n% paper " + str(n).encode() + b"x" * 100_000


def _hand_in(season, content, letter="घ", at=APPLIED):
    bid = TechnicalBid.objects.get()
    return services.add_document(
        bid=bid, letter=letter, filename="a.pdf", content=content, by=season.actor("asha"), at=at
    )


def _sha_of(letter="घ"):
    return next(row["sha256"] for row in TechnicalBid.objects.get().documents if row["letter"] == letter)


def _grow_old(data_dir):
    for path in (data_dir / "files").rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))


def _kept_bytes(data_dir):
    return sum(path.stat().st_size for path in (data_dir / "files").rglob("*") if path.is_file())


def test_fifteen_papers_under_one_letter_leave_one(season, data_dir):
    before = _kept_bytes(data_dir)
    for n in range(15):
        _hand_in(season, _pdf(n), at=APPLIED - (14 - n) * HOUR / 5)
    assert _kept_bytes(data_dir) > before + 1_400_000
    _grow_old(data_dir)
    assert uploads.remove_replaced(at=APPLIED + HOUR) == 0, "not yet"
    assert uploads.remove_replaced(at=APPLIED + DAY) == 14
    assert _kept_bytes(data_dir) <= before + 110_000 and path_of(_sha_of()).is_file()
    assert uploads.remove_replaced(at=APPLIED + 2 * DAY) == 0


def test_a_file_that_still_stands_elsewhere_stays(season, data_dir):
    _hand_in(season, _pdf(1), "घ")
    _hand_in(season, _pdf(1), "ख")
    _hand_in(season, _pdf(2), "घ")
    uploads.keep(_pdf(3), at=APPLIED)  # an office keeps the same scan
    _hand_in(season, _pdf(3), "क")
    _hand_in(season, _pdf(4), "क")
    _grow_old(data_dir)
    assert uploads.remove_replaced(at=APPLIED + DAY) > 0
    assert path_of(_sha_of("ख")).is_file() and Upload.objects.filter(removed_at__isnull=False).exists()
    assert path_of(uploads.keep(_pdf(3), at=APPLIED)).is_file()
    assert _kept_bytes(data_dir) > 4 * 100_000


def test_a_file_that_is_handed_in_again_just_now_is_not_removed(season, data_dir):
    first = _hand_in(season, _pdf(1)) and _sha_of()
    _hand_in(season, _pdf(2))
    _grow_old(data_dir)
    os.utime(path_of(first))
    uploads.remove_replaced(at=APPLIED + DAY)
    assert path_of(first).is_file()


def test_a_paper_that_was_judged_stays(season, data_dir):
    _hand_in(season, _pdf(1))
    judged = _sha_of()
    bid = TechnicalBid.objects.get()
    services.judge_paper(bid=bid, letter="घ", fit=True, reason="", by=season.mdo, at=DECIDED)
    _hand_in(season, _pdf(2))
    _grow_old(data_dir)
    uploads.remove_replaced(at=APPLIED + 30 * DAY)
    assert path_of(judged).is_file()


@pytest.mark.parametrize(("terms", "words"), [
    ({"uploads": 3}, "short time"), ({"party_files": 3}, "too many files"), ({"party_mb": 0}, "more room"),
    ({"same_paper": 3}, "replaced too often"),
])  # fmt: skip
def test_a_party_has_its_share_and_no_more(season, monkeypatch, terms, words):
    value = book().value("UPL-02", APPLIED)
    monkeypatch.setattr(uploads, "book", lambda: type("Book", (), {"value": lambda *_: {**value, **terms}})())
    with pytest.raises(Refusal) as refused:
        for n in range(5):
            _hand_in(season, _pdf(n))
    [finding] = refused.value.findings
    assert finding.code == "UPL-02" and words in finding.facts["problem"]["en"]
    assert book().say("UPL-02", {**finding.facts, "problem": "x"}, "hi")


def test_fifteen_uploads_of_one_letter_keep_six(season, data_dir):
    before = Upload.objects.count()
    with pytest.raises(Refusal, match="UPL-02"):
        for n in range(15):
            _hand_in(season, _pdf(n))
    assert Upload.objects.count() - before == 6
    _hand_in(season, _pdf(1), "ख")  # the other papers go on


def test_one_scan_for_many_places_takes_its_room_once(season, monkeypatch):
    value = book().value("UPL-02", APPLIED)
    held = len(set(Upload.objects.values_list("sha256", flat=True)))
    monkeypatch.setattr(
        uploads, "book", lambda: type("Book", (), {"value": lambda *_: {**value, "party_files": held + 2}})()
    )
    for letter in "खगघचछ":
        _hand_in(season, _pdf(1), letter)
