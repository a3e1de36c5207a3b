"""The front for real: what it sets on every answer, what it lets through of a reader's own words, what it refuses."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from immis import front

pytestmark = pytest.mark.processes

#: Stands for the pages: says which headers came through, and guards itself only where it is asked to.
BEHIND = """
import json, os, socketserver, sys
from http.server import BaseHTTPRequestHandler

class Page(BaseHTTPRequestHandler):
    def address_string(self):
        return "front"

    def do_GET(self, sent=b""):
        got = {"method": self.command, "path": self.path, "sent": sent.decode("latin-1")}
        body = json.dumps({**dict(self.headers), **got}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if "own" in self.path:
            self.send_header("Content-Security-Policy", "default-src 'self'")
        if "needs-a-file" in self.path and sys.argv[1].endswith("web.sock"):
            self.send_header("X-Accel-Redirect", "@files")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.do_GET(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def log_message(self, *args):
        pass

socketserver.ThreadingUnixStreamServer(sys.argv[1], Page).serve_forever()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url: str) -> bool:
    """Whether the front answers, and what lies behind it through the front."""
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def until_it_answers(url: str) -> None:
    give_up = time.monotonic() + 40
    while not answers(url):
        assert time.monotonic() < give_up, "the front did not start"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("f")
    web = folder / "web.sock"
    address = f"127.0.0.1:{free_port()}"
    nothing = f"unix:{folder}/none.sock"
    conf = front.Front(
        listen=address, web=f"unix:{web}", files=nothing, events=nothing, run_dir=folder / "run", body_mb=1
    )
    behind = subprocess.Popen([sys.executable, "-c", BEHIND, str(web)])
    nginx = subprocess.Popen(front.write(conf), env=os.environ)
    try:
        until_it_answers(f"http://{address}/")
        yield f"http://{address}"
    finally:
        for process in (nginx, behind):
            process.terminate()
            process.wait(10)


def test_what_a_reader_says_of_address_and_scheme_is_replaced(url):
    forged = {
        "X-Real-IP": "9.9.9.9",
        "X-Forwarded-For": "9.9.9.9",
        "X-Forwarded-Proto": "https",
        "X_Real_IP": "8.8.8.8",
    }
    seen = {name.lower(): value for name, value in httpx.get(url, headers=forged).json().items()}
    assert seen["x-real-ip"] == seen["x-forwarded-for"] == "127.0.0.1" and seen["x-forwarded-proto"] == "http"
    assert "8.8.8.8" not in seen.values() and "9.9.9.9" not in seen.values()


@pytest.mark.parametrize(
    "path, status", [("/", 200), ("/events/lots?codes=A", 503), ("/static/none.js", 404), ("/%00", 400)]
)
def test_answers_that_say_nothing_of_their_guard_get_the_front_s(url, path, status):
    answer = httpx.get(f"{url}{path}")
    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["X-Frame-Options"] == "DENY"
    if not path.startswith("/static/"):
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "nginx/" not in answer.headers.get("Server", "") + answer.text


def test_a_page_s_own_policy_stands_alone(url):
    answer = httpx.get(f"{url}/own")
    assert answer.headers.get_list("Content-Security-Policy") == ["default-src 'self'"]


def test_a_body_that_is_too_large_is_refused_and_guarded(url):
    answer = httpx.post(url, content=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413 and "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_what_may_bring_a_file_goes_to_a_program_of_its_own(url):
    """Behind this front there is none for files: what is sent there is answered 503."""
    asked = [
        ("/bidder/", {"files": {"x": b"y"}}, 503),
        ("/bidder/", {"content": b"x", "headers": {"Content-Type": "application/pdf"}}, 503),
        ("/api/v1/lots/A/acts/publish", {"json": {}}, 503),
        ("/api/v1/lots/A/bids", {"json": {}}, 200),
        ("/bidder/", {"data": {"a": "b"}}, 200),
        ("/bidder/", {}, 200),
    ]
    assert [httpx.post(f"{url}{path}", **more).status_code for path, more, _status in asked] == [
        status for *_asked, status in asked
    ]


@pytest.mark.parametrize("path", ["/static/../../settings.py", "/static/..%2f..%2fsettings.py", "/static../settings.py",
                                  "/static/%2e%2e/%2e%2e/settings.py", "/static/css/../../../settings.py"])  # fmt: skip
def test_nothing_outside_the_static_files_is_served(url, path):
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        said = b"".join(iter(lambda: raw.recv(65536), b""))
    assert b"ALLOWED_HOSTS" not in said and b"SECRET_KEY" not in said


def test_many_log_ins_of_one_address_are_slowed_down(url):
    with httpx.Client() as client:
        answers = [client.post(f"{url}/login").status_code for _ in range(60)]
    assert answers.count(429) >= 5 and answers[0] == 200


def test_requests_with_two_lengths_or_two_hosts_are_refused(url):
    """No request may be read as two by one of the two servers."""
    host, port = url.removeprefix("http://").split(":")
    odd = (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
    )
    for request in odd:
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            raw.sendall(request.encode())
            assert raw.recv(4096).startswith(b"HTTP/1.1 400"), request


def test_the_supervisor_asks_under_the_name_that_is_answered():
    """A production that names its host answers no other: the question whether it is ready must carry that name."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    from immis.commands.processes.run import Supervisor

    class Named(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.headers["Host"] == "mines.example.in" else 400)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Named)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    address = f"127.0.0.1:{server.server_address[1]}"
    try:
        asked = {"listen": address, "gateway_listen": "127.0.0.1:1"}
        assert Supervisor(**asked, env={"IMMIS_HOSTS": "mines.example.in,other"})._page_answers("/readyz")
        assert not Supervisor(**asked, env={"IMMIS_HOSTS": "other"})._page_answers("/readyz")
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def small_front(tmp_path):
    """A front that lets five requests a second through for each address, behind a balancer on this machine."""
    web, files, address = tmp_path / "web.sock", tmp_path / "files.sock", f"127.0.0.1:{free_port()}"
    conf = front.Front(
        listen=address, web=f"unix:{web}", files=f"unix:{files}", events=f"unix:{tmp_path}/none.sock",
        run_dir=tmp_path / "run", trusted_proxy="127.0.0.1", requests_a_second=5,
    )  # fmt: skip
    behind = [subprocess.Popen([sys.executable, "-c", BEHIND, str(path)]) for path in (web, files)]
    nginx = subprocess.Popen(front.write(conf), env=os.environ)
    try:
        until_it_answers(f"http://{address}/")
        until_it_answers(f"http://{address}/needs-a-file")
        yield f"http://{address}"
    finally:
        for process in (nginx, *behind):
            process.terminate()
            process.wait(10)


@pytest.mark.parametrize(
    "mine", [["203.0.113.7"], ["2001:db8:1:2::1", "2001:db8:1:2:ffff:1:2:3"], ["2001:db8::1", "2001:db8::9:a:b:c"]]
)
def test_one_address_that_asks_for_page_after_page_waits_and_the_others_do_not(small_front, mine):
    with httpx.Client() as client:

        def ask(address: str, path: str = "/law/") -> httpx.Response:
            return client.get(f"{small_front}{path}", headers={"X-Forwarded-For": address})

        answers = [ask(mine[number % len(mine)]) for number in range(160)]
        shut = [one for one in answers if one.status_code == 429]
        assert answers[0].status_code == 200 and len(shut) >= 20
        assert int(shut[0].headers["Retry-After"]) > 0
        assert "प्रयास" in shut[0].text and "Try again" in shut[0].text
        assert ask("198.51.100.9").status_code == 200 and ask("2001:db8:1:3::1").status_code == 200
        assert ask(mine[0], "/healthz").status_code == 200


def test_a_request_that_turns_out_to_need_a_file_read_goes_on_whole(small_front):
    """A second step names what the first one kept: the pages say so, the other program gets method, words and all."""
    path, form_data = "/registers/visitors/import/needs-a-file?a=1", "step=take&" + "x" * 100_000
    head = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "sessionid=1"}
    seen = httpx.post(f"{small_front}{path}", content=form_data, headers=head).json()
    assert (seen["method"], seen["path"], seen["sent"], seen["Cookie"]) == ("POST", path, form_data, "sessionid=1")
