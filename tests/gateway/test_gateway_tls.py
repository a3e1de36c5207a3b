"""Who a link shows: a balancer's binary header, believed from the operator's list alone, and a device's certificate."""

import socket
import ssl
import struct
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from immis import clock
from immis.gateway.ingest.door import Door
from immis.gateway.ingest.peers import certified_line, opening_line, sender_in
from immis.gateway.ingest.proxies import BINARY, Header, read_header
from immis.gateway.networks import networks_of
from immis.gateway.protocols.encode import Report, encode_login, encode_position
from immis.gateway.store.outbox import counters, events_after
from immis.gateway.store.snapshot import write_snapshot
from tests.gateway.test_gateway_server import start, stop, until

TRUCKS = ("860000000000017", "860000000000025")
PEER, HERE = ("10.65.1.2", 4000), ("127.0.0.1", 5140)


def block(addresses: bytes = b"", *, command: int = 0x21, family: int = 0x11, size: int | None = None) -> bytes:
    """A header of version 2 with its addresses and extensions."""
    return BINARY + struct.pack("!BBH", command, family, len(addresses) if size is None else size) + addresses


def extension(kind: int, value: bytes) -> bytes:
    return struct.pack("!BH", kind, len(value)) + value


V4 = bytes([10, 65, 1, 2, 127, 0, 0, 1]) + struct.pack("!HH", 4000, 5140)
V6 = bytes.fromhex("fd00" + "0" * 27 + "1" + "0" * 31 + "1") + struct.pack("!HH", 4000, 5140)
SHOWN = struct.pack("!BI", 0x07, 0) + extension(0x22, TRUCKS[0].encode())


# -- the header by itself -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begun", "header"),
    [
        (block(V4) + b"$", Header(28, PEER, HERE)),
        (block(V6, family=0x21), Header(52, ("fd00::1", 4000), ("::1", 5140))),
        (block(V4 + extension(0x20, SHOWN)), Header(54, PEER, HERE, TRUCKS[0])),
        (block(V4 + extension(0x04, b"") + extension(0x20, SHOWN)), Header(57, PEER, HERE, TRUCKS[0])),
        # checked by nobody, or found wrong, or no device's: the address is told, and no certificate
        (block(V4 + extension(0x20, b"\x01" + SHOWN[1:])), Header(54, PEER, HERE)),
        (block(V4 + extension(0x20, SHOWN[:4] + b"\x01" + SHOWN[5:])), Header(54, PEER, HERE)),
        (block(V4 + extension(0x20, SHOWN[:5] + extension(0x22, b"balancer"))), Header(47, PEER, HERE)),
        (block(V4 + extension(0x20, SHOWN)[:-1]), Header(53, PEER, HERE)),
        (block(V4 + b"\x20\xff"), Header(30, PEER, HERE)),
        # a probe of the balancer's own, a kind that names nobody, too short for its addresses
        (block(command=0x20), Header(16)),
        (block(V4, command=0x20), Header(28)),
        (block(V4, family=0x00), Header(28)),
        (block(V4, family=0x12), Header(28)),
        (block(V4[:-1]), Header(27)),
        (block(V4, family=0x21), Header(28)),
        # no header
        (block(V4, command=0x11), Header(0)),
        (block(size=4097), Header(0)),
        (b"$,01,DEMO", Header(0)),
        (b"\r\n\r\n\x00\r\nQUIZ\n", Header(0)),
        (b"PROXY TCP4 10.65.1.2 127.0.0.1 4000 5140\r\n$", Header(42, PEER, HERE)),
        (b"PROXY TCP4 10.65.1.2 127.0.0.1 4000 70000\r\n", Header(43)),
        (b"PROXY TCP4 10.65.1.2 127.0.0.1 4000 5140 860000000000017\r\n", Header(58)),
        (b"PROXY UNKNOWN\r\n", Header(15)),
        # not whole yet
        (b"", None),
        (b"\r\n\r", None),
        (block(V4)[:20], None),
        (block(V4)[:-1], None),
        (b"PRO", None),
    ],
)  # fmt: skip
def test_a_header_says_for_whom_it_speaks_or_nothing(begun, header):
    assert read_header(begun) == header


def test_every_cut_of_a_header_waits_or_is_whole():
    whole = block(V4 + extension(0x20, SHOWN))
    assert [read_header(whole[:end]) for end in range(len(whole))] == [None] * len(whole)
    for at in range(len(whole)):  # and none of its bytes turned round makes it fail
        read_header(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])


def test_an_opening_names_the_certificate_once():
    line = opening_line(PEER, HERE)
    proved = certified_line(line, TRUCKS[0])
    assert sender_in(line) == "10.65.1.2" and sender_in(proved) == f"10.65.1.2 {TRUCKS[0]}"
    assert certified_line(proved, TRUCKS[1]) == proved == opening_line(PEER, HERE, certified=TRUCKS[0])


def test_the_door_takes_a_header_in_pieces_from_a_balancer_and_counts_it_from_a_stranger():
    door = Door(proxies=networks_of(["10.0.0.7"]))
    for number, address in ((1, "10.0.0.7"), (2, "203.0.113.9")):
        door.enter(number, (address, 4000), HERE, now_us=0, now_s=0.0)
    whole = block(V4 + extension(0x20, SHOWN))
    assert door.hear((1, 5, whole[:3])) == [] and door.hear((1, 6, whole[3:-1])) == []
    logged = door.hear((1, 7, whole[-1:] + packet(TRUCKS[0])))
    assert [data for *_, data in logged] == [opening_line(PEER, HERE, certified=TRUCKS[0]), packet(TRUCKS[0])]
    strange = door.hear((2, 7, whole + packet(TRUCKS[0])))
    assert sender_in(strange[0][2]) == "203.0.113.9" and door.counters["proxy_lines_refused"] == 1


def packet(imei: str, *, frame_no: int = 1, **more) -> bytes:
    at = datetime(2026, 6, 5, 5, 30, tzinfo=UTC)
    report = Report(imei=imei, vehicle="BR08G1234", at=at, lat=25.31, lon=86.41, frame_no=frame_no, **more)
    return encode_position(report)


# -- over real sockets ----------------------------------------------------------------------------


class Authority:
    """One that signs certificates, and writes them to a folder."""

    def __init__(self, folder, name: str) -> None:
        self.folder, self.name, self.key = folder, name, ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign(name, self.key, is_authority=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def write(self, subject: str, *, attribute=NameOID.COMMON_NAME):
        """A certificate with its key in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        signed = self._sign(subject, key, attribute=attribute)
        path = self.folder / f"{self.name}-{subject}.pem"
        pem = serialization.Encoding.PEM
        plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        path.write_bytes(signed.public_bytes(pem) + key.private_bytes(pem, *plain))
        return path

    def _sign(self, subject: str, key, *, attribute=NameOID.COMMON_NAME, is_authority: bool = False):
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(issuer, x509.Name([x509.NameAttribute(attribute, subject)]))
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
        builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        return builder.sign(self.key, hashes.SHA256())


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """A gateway with a port for TLS, two fitted trucks and a balancer at 127.0.0.2; ends with the file."""
    folder, papers = tmp_path_factory.mktemp("tls"), tmp_path_factory.mktemp("papers")
    ours, others = Authority(papers, "ours"), Authority(papers, "others")
    devices = [{"imei": imei, "vehicle": f"BR08G123{n}"} for n, imei in enumerate(TRUCKS)]
    write_snapshot(folder, {"version": 1, "devices": devices, "fences": [], "networks": ["10.64.0.0/10"]})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        private = free.getsockname()
    given = ["--tls", f"127.0.0.1:{private[1]}", "--tls-certificate", str(ours.write("gateway"))]
    process, address = start(folder, *given, "--tls-devices", str(ours.file), "--proxies", "127.0.0.2")
    yield folder, address, private, ours, others
    stop(process)


def alerted(folder, imei: str, before: int = 0) -> dict:
    """What the gateway told of the last alert of a device, when it tells one more than before."""

    def told() -> list[dict]:
        return [
            e.payload["evidence"] for e in events_after(folder, seq=0) if (e.kind, e.imei) == ("device.tamper", imei)
        ]

    return until(lambda: told()[before:])[-1]


def tampered(imei: str, frame_no: int) -> bytes:
    at = clock.now()
    report = Report(imei=imei, vehicle="", at=at, lat=25.31, lon=86.41, frame_no=frame_no, type_code="TA", alert=9)
    return encode_position(report)


def spoken(address, paper=None, *, authority=None, source=("127.0.0.1", 0), first: bytes = b"") -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=authority.file)
    context.check_hostname = False
    if paper:
        context.load_cert_chain(paper)
    plain = socket.create_connection(address, timeout=10, source_address=source)
    plain.sendall(first)
    return context.wrap_socket(plain)


def test_a_certificate_speaks_for_the_device_that_it_names_and_for_no_other(gateway):
    folder, _, private, ours, others = gateway
    for paper in (ours.write(TRUCKS[0]), ours.write(TRUCKS[0], attribute=NameOID.SERIAL_NUMBER)):
        with spoken(private, paper, authority=ours) as device:
            device.sendall(encode_login(imei=TRUCKS[0], vehicle="BR08G1230"))
            assert device.recv(64).startswith(b"$LGN")  # answered under TLS
            device.sendall(tampered(TRUCKS[0], 1))
            assert alerted(folder, TRUCKS[0])["link"]["certificate"] is True
            device.sendall(tampered(TRUCKS[1], 1))
            assert alerted(folder, TRUCKS[1])["link"]["certificate"] is False
    with spoken(private, authority=ours) as device:  # none shown: private, and proved nothing
        device.sendall(packet(TRUCKS[0], frame_no=3))
        device.sendall(encode_login(imei=TRUCKS[0], vehicle="BR08G1230"))
        assert device.recv(64).startswith(b"$LGN")
    with pytest.raises((ssl.SSLError, OSError)), spoken(private, others.write(TRUCKS[0]), authority=ours) as device:
        device.sendall(packet(TRUCKS[0]))
        assert device.recv(64)  # the refusal comes with the first reading under TLS 1.3


def test_noise_on_the_port_for_tls_ends_its_link_and_counts(gateway):
    folder, _, private, *_ = gateway
    for noise in (packet(TRUCKS[0]), b"\x16\x03\x01\xff\xff" + bytes(4096), block(V4)):
        with socket.create_connection(private, timeout=10) as stranger, suppress(ConnectionError):
            stranger.sendall(noise)
            while stranger.recv(4096):
                pass
    until(lambda: counters(folder).get("tls_links_broken", 0) >= 3)


def test_only_the_balancer_says_for_whom_it_speaks_in_binary_and_under_tls(gateway):
    folder, address, private, ours, _ = gateway
    header = block(V4 + extension(0x20, SHOWN))

    def seen(imei: str) -> list[str]:
        told = [e for e in events_after(folder, seq=0) if (e.kind, e.imei) == ("device.network", imei)]
        return [e.payload["address"] for e in told]

    with socket.create_connection(address, timeout=10) as stranger:
        stranger.sendall(header + tampered("860000000000033", 1))
        until(lambda: seen("860000000000033") == ["127.0.0.1"])
    with socket.create_connection(address, timeout=10, source_address=("127.0.0.2", 0)) as balancer:
        for piece in (header[:5], header[5:], tampered("860000000000041", 1)):
            balancer.sendall(piece)
            time.sleep(0.2)
        until(lambda: seen("860000000000041") == ["10.65.1.2"])
    plain = block(bytes([10, 65, 9, 9]) + V4[4:])  # before the greeting of TLS that the balancer passes on
    with spoken(private, authority=ours, source=("127.0.0.2", 0), first=plain) as device:
        device.sendall(tampered("860000000000058", 1))
        until(lambda: seen("860000000000058") == ["10.65.9.9"])
    until(lambda: counters(folder).get("proxy_lines_refused"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--tls", "127.0.0.1:0"], "--tls needs --tls-certificate"),
        (["--tls", "127.0.0.1:0", "--tls-certificate", "none.pem"], "there is no file none.pem"),
        (["--tls", "127.0.0.1:0", "--tls-certificate", __file__], "cannot be read"),
    ],
)
def test_a_port_for_tls_without_its_papers_is_refused_in_words(tmp_path, given, words):
    command = [sys.executable, "-m", "immis.commands.road.gateway", "--listen", "127.0.0.1:0", "--data", str(tmp_path)]
    done = subprocess.run([*command, *given], capture_output=True, text=True)
    assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr
