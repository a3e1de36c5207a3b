"""Gateways of SMS over real sockets: C-DAC, NIC and SMPP against the simulator in each of its moods (A-09)."""

import hashlib
import threading
import time

import httpx
import pytest

from immis.adapters.sms import smpp as smpp_module
from immis.adapters.sms.cdac import MobileSeva, read_report
from immis.adapters.sms.nic import NicGateway
from immis.adapters.sms.nic import read_report as read_pushed
from immis.adapters.sms.port import Line, Report, Sms
from immis.adapters.sms.simulator_smpp import SmppSimulator
from immis.adapters.sms.smpp import SmppGateway
from immis.adapters.sms.vendors import make
from tests.messaging.operators import listening

HINDI = Sms("1", "9000000001", "आपका कोड 123456 है।", "BHMINE", "11071", is_latin=False)
LATIN = Sms("2", "9000000002", "Receipt R1 is verified. - IMMIS", "BHMINE", "11072", is_latin=True)
LONG = Sms("3", "9000000003", "बंदोबस्ती " * 30, "BHMINE", "11073", is_latin=False)
DEAD = Sms("4", "9000000000", "Receipt R1 is verified. - IMMIS", "BHMINE", "11072", is_latin=True)


@pytest.fixture
def server():
    with listening() as made:
        yield made


def line(server, **more):
    return Line(**{"url": server.url, "user": "immis", "password": "secret", "key": "key", "entity": "1101", **more})


def answered(answer):
    """A gateway that answers so, whatever it is asked."""
    return httpx.MockTransport(lambda request: answer(request) if callable(answer) else answer)


def test_mobile_seva_takes_the_form_that_it_signs_and_reports(server):
    gateway = MobileSeva(
        line(server, url=f"{server.url}/esms/sendsmsrequestDLT", report_url=f"{server.url}/ReportAPI/csvreport")
    )
    first, second = gateway.send([HINDI, LATIN])
    assert (first.verdict, second.verdict) == ("accepted", "accepted")
    assert [row["text"] for row in server.exchange.shown()] == [HINDI.text, LATIN.text]
    assert [row["number"] for row in server.exchange.shown()] == ["11071", "11072"]
    reports = gateway.reports([first.gateway_id, "unheard"])
    assert [(row.gateway_id, row.state) for row in reports] == [(first.gateway_id, "delivered")]
    (dead,) = gateway.send([DEAD])
    assert gateway.reports([dead.gateway_id])[0].state == "undelivered"
    server.exchange.mood = "lose"
    (lost,) = gateway.send([LATIN])
    assert lost.verdict == "accepted" and gateway.reports([lost.gateway_id]) == []
    server.exchange.mood = "well"
    server.exchange.registered = {"11072": "Receipt #alphanumeric# is verified. - IMMIS"}
    scrubbed = next(iter(gateway.send([HINDI])))
    assert server.exchange.taken[scrubbed.gateway_id.removesuffix("immis")].code == "630"


@pytest.mark.parametrize(
    ("answer", "verdict", "code"),
    [
        (httpx.Response(200, text="402,MsgID = 150620231686immis"), "accepted", ""),
        (httpx.Response(200, text="ERROR : 406 Invalid mobile number"), "refused", "406"),
        (httpx.Response(200, text="409 SMSC timeout but submitted"), "unknown", "409"),
        (httpx.Response(200, text="<html>maintenance</html>"), "unknown", ""),
        (httpx.Response(502, text="Bad Gateway"), "unknown", "502"),
        (httpx.Response(404, text=""), "not_sent", "404"),
    ],
)
def test_each_answer_of_mobile_seva_means_one_verdict(answer, verdict, code):
    (result,) = MobileSeva(Line("http://seva", "u", "p", "k"), transport=answered(answer)).send([LATIN])
    assert (result.verdict, result.code) == (verdict, code)


@pytest.mark.parametrize(
    ("error", "verdict"),
    [(httpx.ConnectError, "not_sent"), (httpx.ReadTimeout, "unknown"), (httpx.RemoteProtocolError, "unknown")],
)
@pytest.mark.parametrize("client", [MobileSeva, NicGateway])
def test_only_where_no_connection_came_about_it_is_sure_that_nothing_went_out(client, error, verdict):
    def fail(request):
        raise error("x", request=request)

    (result,) = client(Line("http://seva", "u", "p", "k"), transport=answered(fail)).send([LATIN])
    assert result.verdict == verdict


def test_the_secrets_of_mobile_seva_go_hashed_and_in_no_address():
    seen = []

    def keep(request):
        seen.append(request)
        return httpx.Response(200, text="402,MsgID = 1")

    list(MobileSeva(Line("http://seva/esms", "user", "pass", "secure"), transport=answered(keep)).send([LATIN]))
    form = dict(part.split("=", 1) for part in seen[0].content.decode().split("&"))
    assert form["password"] == hashlib.sha1(b"pass").hexdigest() and seen[0].url.query == b""
    assert form["key"] == hashlib.sha512(f"userBHMINE{LATIN.text}secure".encode()).hexdigest()


def test_a_report_of_mobile_seva_is_read_or_is_none():
    report = read_report("7", "917701891704,DELIVERED,2022-07-29 04:58:53\n")
    assert (report.state, report.reported_at.isoformat()) == ("delivered", "2022-07-28T23:28:53+00:00")
    assert read_report("7", "91770,FAILED,never").state == "undelivered"
    assert read_report("7", "917701891704,SUBMITTED").state == "waiting"
    assert read_report("7", "You don't have Access to this resource") is None


def test_nic_takes_hindi_and_long_texts_and_its_reports_are_read(server):
    gateway = NicGateway(line(server, url=f"{server.url}/failsafe/HttpLink"))
    results = list(gateway.send([HINDI, LATIN, LONG]))
    assert {row.verdict for row in results} == {"accepted"} and len({row.gateway_id for row in results}) == 3
    assert [row["text"] for row in server.exchange.shown()] == [HINDI.text, LATIN.text, LONG.text]
    (refused,) = NicGateway(line(server, url=f"{server.url}/failsafe/HttpLink", password="other")).send([LATIN])
    assert (refused.verdict, refused.code) == ("refused", "API003")
    assert read_pushed({"RequestId": "7", "Status": "DELIVRD"}) == Report("7", "delivered", words="DELIVRD")
    assert read_pushed({"id": "7", "stat": "REJECTD", "err": "633"}).code == "633"
    assert read_pushed({"status": "DELIVRD"}) is None


@pytest.fixture
def smsc(server):
    made = SmppSimulator(server.exchange, "127.0.0.1", 0)
    made.port = made.start()
    yield made
    made.stop()


@pytest.fixture
def gateway(smsc):
    made = SmppGateway(Line(f"smpp://127.0.0.1:{smsc.port}", "immis", "secret", entity="1101"))
    yield made
    made.close()


class Kept:
    """What a line tells by itself."""

    def __init__(self):
        self.news, self.refuse = [], 0
        self._lock = threading.Lock()

    def __call__(self, news):
        with self._lock:
            if self.refuse:
                self.refuse -= 1
                raise OSError("the records are away")
            self.news.append(news)

    def wait(self, count, seconds=8.0):
        until = time.monotonic() + seconds
        while len(self.news) < count and time.monotonic() < until:
            time.sleep(0.02)
        return self.news


def test_smpp_hands_over_in_both_alphabets_and_reports_come_over_the_line(gateway, smsc, server):
    kept = Kept()
    gateway.open(kept)
    results = list(gateway.send([HINDI, LATIN, LONG, DEAD]))
    assert [row.verdict for row in results] == ["accepted"] * 4
    shown = server.exchange.shown()
    assert [row["text"] for row in shown] == [HINDI.text, LATIN.text, LONG.text]
    assert {(row["header"], row["via"]) for row in shown} == {("BHMINE", "smpp")} and shown[0]["number"] == "11071"
    reports = {row.gateway_id: row for row in kept.wait(4)}
    states = [reports[row.gateway_id].state for row in results]
    assert states == ["delivered", "delivered", "delivered", "undelivered"]
    assert reports[results[3].gateway_id].code == "27"


def test_smpp_tells_a_report_again_that_could_not_be_kept(gateway, smsc):
    kept = Kept()
    kept.refuse = 1
    gateway.open(kept)
    (result,) = gateway.send([LATIN])
    reports = kept.wait(1)
    assert [row.gateway_id for row in reports] == [result.gateway_id]


def test_smpp_without_an_answer_in_time_is_unknown_and_its_late_answer_is_kept(gateway, smsc, server, monkeypatch):
    monkeypatch.setattr(smpp_module, "ANSWER_S", 0.4)
    kept = Kept()
    gateway.open(kept)
    server.exchange.mood = "silent"
    (result,) = gateway.send([LATIN])
    assert result.verdict == "unknown" and len(server.exchange.shown()) == 1
    assert kept.wait(1)[0].state == "delivered"  # its report is told all the same


def test_smpp_that_is_full_or_not_bound_has_surely_nothing(gateway, smsc, server, monkeypatch):
    server.exchange.mood = "full"
    (result,) = gateway.send([LATIN])
    assert (result.verdict, result.code) == ("not_sent", "0x00000058") and not server.exchange.shown()
    monkeypatch.setattr(smpp_module, "BIND_S", 0.5)
    stranger = make("smpp", Line(f"smpp://127.0.0.1:{smsc.port}", "immis", "wrong"))
    try:
        assert [row.verdict for row in stranger.send([LATIN])] == ["not_sent"]
    finally:
        stranger.close()


def test_settings_that_name_no_gateway_are_refused():
    with pytest.raises(ValueError, match="cdac, nic, smpp"):
        make("pigeon", Line("http://x", "u"))
    for url, password in (("http://x", "secret"), ("smpp://x", "longer than eight")):
        with pytest.raises(ValueError, match="SMPP"):
            make("smpp", Line(url, "u", password))
