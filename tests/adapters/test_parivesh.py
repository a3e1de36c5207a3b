"""PARIVESH: read whatever it answers, survive what it does not, and ask for days that are over only once."""

import json
import threading
from datetime import date

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from immis.adapters.parivesh.cache import SliceCache
from immis.adapters.parivesh.http_client import HttpParivesh
from immis.adapters.parivesh.port import PariveshUnreachable, ProposalUnknown, read_day, read_proposal, rows_of
from immis.adapters.parivesh.simulator import PariveshSimulator

NUMBER = "SIA/BR/MIN/450001/2026"


@pytest.fixture
def portal():
    server = PariveshSimulator("127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    server.register.move(NUMBER, "Under Examination", "2026-07-05")
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def answering(*answers: httpx.Response | Exception, **more) -> tuple[HttpParivesh, list[httpx.Request]]:
    """A client whose portal gives these answers in turn, the last one for ever."""
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        answer = answers[min(len(asked), len(answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    more.setdefault("pause", lambda seconds: None)
    return HttpParivesh("http://p/api", transport=httpx.MockTransport(handle), **more), asked


def as_json(body) -> httpx.Response:
    return httpx.Response(200, content=json.dumps(body).encode())


@pytest.mark.parametrize("mood", ["well", "odd"])
def test_a_proposal_is_read_in_both_shapes(portal, mood):
    portal.register.mood = mood
    found = HttpParivesh(portal.url).proposal(NUMBER)
    assert (found.number, found.status, found.status_on) == (NUMBER, "Under Examination", date(2026, 7, 5))


def test_its_history_is_in_order(portal):
    portal.register.move(NUMBER, "EC Granted", "2026-07-08")
    steps = HttpParivesh(portal.url).history(NUMBER)
    assert [(one.status, one.on) for one in steps] == [
        ("Under Examination", date(2026, 7, 5)),
        ("EC Granted", date(2026, 7, 8)),
    ]


@pytest.mark.parametrize("mood", ["504", "junk"])
def test_no_answer_is_no_news(portal, mood):
    portal.register.mood = mood
    with pytest.raises(PariveshUnreachable):
        HttpParivesh(portal.url).proposal(NUMBER)


def test_what_it_does_not_know_is_said_apart(portal):
    with pytest.raises(ProposalUnknown):
        HttpParivesh(portal.url).proposal("SIA/BR/MIN/9/2026")
    portal.register.mood = "empty"
    with pytest.raises(ProposalUnknown):
        HttpParivesh(portal.url).proposal(NUMBER)


def test_another_proposals_answer_is_not_taken():
    client, _asked = answering(as_json([{"proposalNo": "OTHER", "status": "EC Granted"}]))
    with pytest.raises(ProposalUnknown):
        client.proposal(NUMBER)


def test_after_a_silence_nobody_waits_again_for_a_while():
    now = [0.0]
    client, asked = answering(httpx.ReadTimeout("slow"), monotonic=lambda: now[0])
    for _ in range(3):
        with pytest.raises(PariveshUnreachable):
            client.proposal(NUMBER)
    assert len(asked) == 1
    now[0] = 31
    with pytest.raises(PariveshUnreachable):
        client.proposal(NUMBER)
    assert len(asked) == 2


def test_an_answer_without_end_is_cut(monkeypatch):
    monkeypatch.setattr("immis.adapters.parivesh.http_client.MOST_BYTES", 1000)
    client, _asked = answering(as_json(["x" * 2000]))
    with pytest.raises(PariveshUnreachable, match="more than"):
        client.proposal(NUMBER)


def row(number: int) -> dict:
    return {"proposalNo": f"P{number}", "proposalStatus": "x"}


def test_slices_are_halved_when_they_time_out():
    """A portal that bears two days at most: every day is asked for and none twice."""
    seen = []

    def handle(request: httpx.Request) -> httpx.Response:
        first, last = (date.fromisoformat(request.url.params[name]) for name in ("startDate", "endDate"))
        if (last - first).days > 1:
            return httpx.Response(504)
        days = [first.toordinal() + n for n in range((last - first).days + 1)]
        seen.extend(days)
        return as_json([row(day) for day in days])

    pauses = []
    client = HttpParivesh("http://p", transport=httpx.MockTransport(handle), pause=pauses.append)
    found = list(client.search(from_on=date(2026, 6, 1), to_on=date(2026, 6, 10)))
    days = [date(2026, 6, 1).toordinal() + n for n in range(10)]
    assert [one.number for one in found] == [f"P{day}" for day in days] and seen == days
    assert pauses and pauses[0] < pauses[1]


def test_a_slice_is_asked_again_before_it_is_halved():
    client, asked = answering(httpx.Response(504), httpx.ConnectError("x"), as_json([row(1)]))
    assert [one.number for one in client.search(from_on=date(2026, 6, 1), to_on=date(2026, 6, 2))] == ["P1"]
    assert len(asked) == 3


def test_one_day_that_never_comes_is_said():
    client, _asked = answering(httpx.Response(504))
    with pytest.raises(PariveshUnreachable):
        list(client.search(from_on=date(2026, 6, 1), to_on=date(2026, 6, 1)))


def test_days_that_are_over_are_asked_for_once(tmp_path):
    cache = SliceCache(tmp_path, today=lambda: date(2026, 7, 1))
    client, asked = answering(as_json([row(1)]), cache=cache)
    span = {"from_on": date(2026, 6, 1), "to_on": date(2026, 6, 7)}
    assert [one.number for one in client.search(**span)] == [one.number for one in client.search(**span)] == ["P1"]
    assert len(asked) == 1
    next(tmp_path.iterdir()).write_text("[1, half a fi")
    assert [one.number for one in client.search(**span)] == ["P1"] and len(asked) == 2
    list(client.search(from_on=date(2026, 6, 25), to_on=date(2026, 6, 27)))
    list(client.search(from_on=date(2026, 6, 25), to_on=date(2026, 6, 27)))
    assert len(asked) == 4


@pytest.mark.parametrize(
    "text, day",
    [("2026-07-08", date(2026, 7, 8)), ("08-07-2026", date(2026, 7, 8)), ("08/07/2026", date(2026, 7, 8)),
     ("2026-07-08T10:00:00.000+00:00", date(2026, 7, 8)), (1783468800000, date(2026, 7, 8)), ("soon", None),
     (None, None), (True, None), (1e300, None), ("31-02-2026", None)],
)  # fmt: skip
def test_days_as_they_write_them(text, day):
    assert read_day(text) == day


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["proposalNo", "status", "data"]), inner)
    ),
)


@given(JUNK)
def test_junk_is_read_or_refused_and_never_breaks(body):
    try:
        rows = rows_of(body)
    except PariveshUnreachable:
        return
    for one in rows:
        found = read_proposal(one)
        assert found is None or (found.number and found.status)
