"""Hostile files through the doors of the pages: each is refused in words, nothing is kept, and the rest goes on."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from immis.adapters.reading.apart import ReadingRefused
from immis.auctions.models import Notice, TechnicalBid
from immis.bench import hostile
from immis.core.access.turns import Turns, in_turns
from immis.core.errors import Refusal
from immis.core.papers import reading
from tests.adapters.test_reading import children
from tests.auctions.season import APPLIED, Season, make_season

pytestmark = pytest.mark.apart
ONE = "MUN-2026-01"


@pytest.fixture
def season(db, data_dir) -> Season:
    return make_season()


@pytest.fixture
def bidder(client, season, at):
    at.set(APPLIED)
    season.applied("asha", 1)
    client.force_login(season.users["asha"])
    return client


def _kept():
    """The name of the paper that is kept under the letter."""
    return next(row["name"] for row in TechnicalBid.objects.get().documents if row["letter"] == "क")


def _hand_in(client, content, name="a.pdf"):
    return client.post(f"/bidder/lots/{ONE}/", {"act": "papers", "क": SimpleUploadedFile(name, content)}, follow=True)


@pytest.mark.parametrize("made", [hostile.tangled_pdf, hostile.looped_pages_pdf])
def test_the_form_tree_of_the_attack_is_refused_in_words(bidder, made):
    answer = _hand_in(bidder, made())
    assert answer.status_code == 200 and "एक भाग दो बार" in answer.content.decode() and not children()
    assert _kept() == "p.pdf"


@pytest.mark.parametrize(("lang", "words"), [("hi", "5 करोड़ से अधिक पिक्सेल"), ("en", "more than 50 million pixels")])
def test_a_picture_of_400_million_points_is_refused_in_words(bidder, lang, words):
    bidder.cookies["immis_language"] = lang
    answer = _hand_in(bidder, hostile.huge_png(), "a.png")
    assert answer.status_code == 200 and words in answer.content.decode()
    assert _kept() == "p.pdf" and not children()


@pytest.mark.parametrize("made", [hostile.zip_bomb, hostile.wide_workbook, hostile.laughing_workbook])
def test_a_workbook_that_is_a_bomb_is_no_notice(client, season, made):
    client.force_login(season.users["mdo"])
    answer = client.post("/office/notices/", {"file": SimpleUploadedFile("n.xlsx", made())})
    assert answer.status_code in (409, 422) and Notice.objects.count() == 1 and not children()


def test_fences_nested_a_million_times_are_no_geojson(client, season):
    client.force_login(season.users["mdo"])
    sent = {"valid_from": "2026-06-05", "reason": "x", "reference": "1"}
    file = SimpleUploadedFile("f.json", hostile.deep_json())
    answer = client.post("/fences/import/", {**sent, "file": file})
    assert answer.status_code in (409, 422) and not children()


def test_too_many_files_at_once_are_refused_in_words_and_may_come_again(bidder, monkeypatch):
    monkeypatch.setattr(reading, "_waiting", 4)
    answer = _hand_in(bidder, hostile.huge_png(100), "a.png")
    assert answer.status_code == 200 and "एक मिनट बाद" in answer.content.decode()
    monkeypatch.setattr(reading, "_waiting", 0)
    _hand_in(bidder, hostile.huge_png(100), "a.png")
    assert _kept() == "a.png"


def test_places_for_reading_are_shared_by_all_processes(data_dir):
    with reading._slot(1, 0):
        with pytest.raises(ReadingRefused, match="busy"), reading._slot(1, 0):
            pass
        with reading._slot(2, 0):
            pass
    with reading._slot(1, 0):
        pass


def test_no_file_is_read_inside_a_transaction(db):
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
        reading.read_upload("picture", b"")


def test_a_child_that_is_out_of_time_refuses_the_paper(bidder, monkeypatch):
    def late(*_args, **_more):
        raise ReadingRefused("time")

    monkeypatch.setattr(reading, "read_apart", late)
    answer = _hand_in(bidder, hostile.tangled_pdf())
    assert "UPL-01" in answer.content.decode() or "निर्धारित समय" in answer.content.decode()
    assert _kept() == "p.pdf"
    with pytest.raises(Refusal):
        reading.read_upload("picture", b"")


def test_a_process_for_pages_hands_on_what_needs_a_file_read_and_does_nothing_of_it(bidder, settings):
    settings.MAY_WAIT = False
    answer = bidder.post(
        f"/bidder/lots/{ONE}/", {"act": "papers", "क": SimpleUploadedFile("a.png", hostile.huge_png(9))}
    )
    assert answer["X-Accel-Redirect"] == "@files" and not answer.content and _kept() == "p.pdf"
    settings.MAY_WAIT = True
    _hand_in(bidder, hostile.huge_png(9), "a.png")
    assert _kept() == "a.png"


def _ask(turns, work):
    thread = threading.Thread(target=turns.do, args=(work,), daemon=True)
    thread.start()
    return thread


def test_one_works_at_a_time_and_who_waits_for_a_file_lets_others_work():
    turns, log, inside, go, come = Turns(), [], threading.Event(), threading.Event(), threading.Event()

    def slow():
        with turns.stepped_out():
            inside.set()
            go.wait(10)
        log.append("slow")

    def quick():
        come.wait(10)
        log.append("quick")

    asked = [_ask(turns, slow)]
    assert inside.wait(10)
    asked.append(_ask(turns, quick))  # the other waits for its file: its turn is free
    go.set()
    asked[0].join(0.05)
    assert asked[0].is_alive() and not log, "it works on only in a turn of its own"
    come.set()
    for thread in asked:
        thread.join(10)
    assert log == ["quick", "slow"]


def test_one_thread_works_and_a_second_one_only_while_it_is_out():
    turns, who = Turns(), []

    def work():
        who.append(threading.current_thread())

    def out():
        with turns.stepped_out():
            turns.do(work)
        work()

    for _ in range(3):
        turns.do(work)
    turns.do(out)
    first, *others = who
    assert others[:2] == [first, first] and others[2] is not first and others[3] is first


def test_a_fault_of_the_application_gives_the_turn_back():
    def application(environ, start):
        start("200 OK", [])
        return environ["x"]

    answer = in_turns(application)
    for _ in range(2):
        with pytest.raises(KeyError):
            answer({}, lambda *_: None)
    assert answer({"x": [b"ok"]}, lambda *_: None) == [b"ok"]
