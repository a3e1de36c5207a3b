"""The treasury port over real HTTP: signatures, retries, and the simulator that stands in for it."""

import json
import threading

import httpx
import pytest

from immis.adapters.treasury import http_grn
from immis.adapters.treasury.http_grn import HttpTreasury, read_notice
from immis.adapters.treasury.port import NoticeForged, NoticeUnreadable, Remittance, TreasuryUnreachable
from immis.adapters.treasury.signing import HEADER, is_genuine, signature
from immis.adapters.treasury.simulator import Books, TreasurySimulator

KEY = "shared-key"
REMITTANCE = Remittance("R26-000001", 51_637_500, "Security", "प्रतिभूति", "Ganga <Sands>", "314", "http://back.test/x")


@pytest.fixture
def heard():
    return []


@pytest.fixture
def server(tmp_path, heard):
    server = TreasurySimulator("127.0.0.1", 0, key=KEY, file=tmp_path / "remittances.jsonl")
    server.notifier.tell = heard.append
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(server):
    return HttpTreasury(server.url, KEY)


def test_the_same_reference_gets_the_same_grn(client):
    first, again = client.create(REMITTANCE), client.create(REMITTANCE)
    assert first == again
    assert client.status(first.grn).status == "created"


def test_a_payment_at_the_bank(client, heard):
    opened = client.create(REMITTANCE)
    answer = httpx.post(opened.pay_url, data={"act": "pay", "account": "27182"})
    said = client.status(opened.grn)
    assert answer.status_code == 303 and answer.headers["Location"] == "http://back.test/x"
    assert (said.status, said.payer_account, said.amount_paise) == ("paid", "27182", 51_637_500)
    assert said.reference == "R26-000001" and said.bank_ref and said.paid_at is not None
    assert heard[0]["grn"] == opened.grn and heard[0]["status"] == "paid"


def test_what_is_paid_stays_paid_and_a_failure_can_be_paid_later(client):
    opened = client.create(REMITTANCE)
    seen = []
    for act in ("fail", "pay", "fail"):
        httpx.post(opened.pay_url, data={"act": act})
        seen.append(client.status(opened.grn).status)
    assert seen == ["failed", "paid", "paid"]


def test_a_restart_forgets_nothing(client, server, tmp_path):
    opened = client.create(REMITTANCE)
    httpx.post(opened.pay_url, data={"act": "pay"})
    held = Books(tmp_path / "remittances.jsonl").get(opened.grn)
    assert held is not None and held.status == "paid"


@pytest.mark.parametrize(("query", "words"), [("", "भुगतान करें"), ("?lang=en", "Bank account to pay from")])
def test_the_pay_page_in_both_languages_escapes_what_it_shows(client, query, words):
    page = httpx.get(client.create(REMITTANCE).pay_url + query)
    assert words in page.text and "₹ 5,16,375.00" in page.text
    assert "Ganga &lt;Sands&gt;" in page.text and "<Sands>" not in page.text


def test_a_wrong_key_is_refused_by_the_treasury(server):
    with pytest.raises(TreasuryUnreachable, match="403"):
        HttpTreasury(server.url, "other-key").create(REMITTANCE)


def test_an_unknown_grn_and_a_dead_address_are_told_apart_from_no_payment(client):
    with pytest.raises(TreasuryUnreachable, match="404"):
        client.status("BR000")
    with pytest.raises(TreasuryUnreachable, match="2 attempts"):
        HttpTreasury("http://127.0.0.1:9", KEY).status("BR000")


def answering(*answers):
    """A client whose treasury gives these answers in turn; counts how often it was asked."""
    asked = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        answer = answers[min(len(asked), len(answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return HttpTreasury("http://t.test", KEY, transport=httpx.MockTransport(handle)), asked


def signed(body: dict, status: int = 200) -> httpx.Response:
    raw = json.dumps(body).encode()
    return httpx.Response(status, content=raw, headers={HEADER: signature(raw, key=KEY)})


PAID = {"grn": "BR1", "reference": "R1", "status": "paid", "amount_paise": 100}


def test_a_broken_line_is_tried_again():
    for broken in (httpx.ConnectError("down"), httpx.ReadTimeout("slow"), httpx.Response(503)):
        client, asked = answering(broken, signed(PAID))
        assert client.status("BR1").status == "paid" and len(asked) == 2


def test_after_a_silence_nobody_is_kept_waiting(monkeypatch):
    client, asked = answering(httpx.ConnectError("down"))
    for _ in range(3):
        with pytest.raises(TreasuryUnreachable):
            client.status("BR1")
    assert len(asked) == http_grn.ATTEMPTS
    monkeypatch.setattr(client, "_silent_until", 0.0)  # the quiet time is over
    with pytest.raises(TreasuryUnreachable):
        client.status("BR1")
    assert len(asked) == 2 * http_grn.ATTEMPTS


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json=PAID),
        httpx.Response(200, json=PAID, headers={HEADER: "sha256=00"}),
        signed({**PAID, "grn": "BR2"}),
        signed({**PAID, "status": "maybe"}),
        signed({**PAID, "amount_paise": "100"}),
        signed({**PAID, "amount_paise": True}),
        signed([1]),
    ],
    ids=["unsigned", "badly signed", "other GRN", "odd status", "text amount", "truth amount", "list"],
)
def test_an_answer_that_cannot_be_trusted_is_no_answer(answer):
    client, _asked = answering(answer)
    with pytest.raises(TreasuryUnreachable):
        client.status("BR1")


def test_a_notice_is_read_only_under_its_signature():
    raw = json.dumps(PAID).encode()
    assert read_notice(raw, signature(raw, key=KEY), key=KEY).grn == "BR1"
    for sent in ("", "sha256=", signature(raw, key="other"), signature(raw + b" ", key=KEY)):
        with pytest.raises(NoticeForged):
            read_notice(raw, sent, key=KEY)


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"[]", b'{"grn":1}', b'{"grn":"BR1","status":"paid"}', b"{"])
def test_a_signed_notice_that_says_nothing_is_unreadable_in_words(raw):
    with pytest.raises(NoticeUnreadable):
        read_notice(raw, signature(raw, key=KEY), key=KEY)


def test_without_a_key_nobody_is_trusted():
    assert not is_genuine(b"x", signature(b"x", key=""), key="")


def test_bad_requests_to_the_simulator_are_answered_in_words(server):
    raw = b'{"reference": 1}'
    headers = {HEADER: signature(raw, key=KEY)}
    assert httpx.post(f"{server.url}/api/grn", content=raw, headers=headers).status_code == 400
    assert httpx.post(f"{server.url}/api/grn", content=raw).status_code == 403
    assert httpx.get(f"{server.url}/pay/BR9").status_code == 404
    assert httpx.post(f"{server.url}/pay/BR9", content=b"x" * 70_000).status_code == 413
