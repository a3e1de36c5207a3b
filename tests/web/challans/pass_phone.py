"""A phone for the check with no network: Chromium with a camera of our pictures, and a server that can be ended."""

import io
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from PIL import Image, ImageFilter

from immis.challans.signed import gates, keys
from immis.challans.signed.facts import PassFacts
from immis.challans.signed.lists import Gate, PublicKey, Quota
from immis.challans.signed.qr import qr_png
from immis.challans.signed.signing import Signer, sign_pass
from tests.journeys.reader import FLAGS

NOW = datetime.now(UTC).replace(microsecond=0)
FACTS = PassFacts(
    number="MUN-26-000135",
    pass_id=bytes.fromhex("00a1b2c3d4e5f607"),
    vehicle="BR08G1234",
    mineral="बालू",
    quantity_m3=Decimal("8.5"),
    weight_kg=None,
    source_name="गंगोत्री घाट",
    source_lat=25.375125,
    source_lon=86.470033,
    lease_number="MUN/L/2026/01",
    destination="पटना",
    distance_km=Decimal("180.25"),
    issued_at=NOW - timedelta(hours=1),
    valid_until=NOW + timedelta(hours=5),
    settlee="Ganga Sand",
)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None: ...


@contextmanager
def served() -> Iterator[Any]:
    """The pages as this process has them, on a port of its own; ``url`` is where, ``stop()`` ends it early."""
    server = make_server("127.0.0.1", 0, StaticFilesHandler(get_wsgi_application()), _Server, _Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class Department:
    """Keys in a folder, the lists that it publishes, and passes in every state that a phone has to tell apart."""

    def __init__(self, data: Path, base: str):
        self.data, self.base = data, base
        self.signer = keys.load_signer(data, at=FACTS.issued_at)
        self.good = self.signed()
        self.expired = self.signed(
            pass_id=b"expired!", issued_at=NOW - timedelta(hours=9), valid_until=NOW - timedelta(hours=2)
        )
        self.cancelled = self.signed(pass_id=b"cancel!!")
        self.early = self.signed(pass_id=b"early!!!", issued_at=NOW + timedelta(minutes=50))
        other = keys.load_signer(data / "other", at=FACTS.issued_at)
        self.foreign = sign_pass(FACTS, key=other, base_url=base)
        place = len(self.good) - 30
        gate, revoked = self._gate(), self._gate(revoked_at=NOW - timedelta(minutes=5))
        gates.store(data, [gate.public_key, revoked.public_key])
        self.of_gate = sign_pass(replace(FACTS, pass_id=b"of gate!"), key=gate, base_url=base)
        self.beyond = sign_pass(replace(FACTS, number="MUN-26-000999"), key=gate, base_url=base)
        self.of_revoked = sign_pass(FACTS, key=revoked, base_url=base)
        self.changed = self.good[:place] + ("A" if self.good[place] != "A" else "B") + self.good[place + 1 :]
        self.publish()

    def _gate(self, revoked_at: datetime | None = None) -> Signer:
        """A gate's own key with a quota of the number of ``FACTS`` and its neighbours."""
        day = timedelta(days=1)
        quota = Quota("MUN-26", 130, 140, NOW - day, NOW + day)
        private = Ed25519PrivateKey.generate()
        open_half = private.public_key().public_bytes_raw()
        kid = sha256(open_half).digest()[:8]
        key = PublicKey(
            kid, open_half, NOW - day, NOW + day, NOW + 2 * day, Gate(FACTS.lease_number, (quota,), revoked_at)
        )
        return Signer(key, private.private_bytes_raw())

    def signed(self, **changes: Any) -> str:
        return sign_pass(replace(FACTS, **changes), key=self.signer, base_url=self.base)

    def publish(self, at: datetime = NOW - timedelta(minutes=5), *more: bytes) -> None:
        for path in keys.write_public(self.data, pass_ids=[b"cancel!!", *more], at=at)[0].parent.iterdir():
            os.utime(path, (at.timestamp(), at.timestamp()))  # a server tells changes by the second


def worn(text: str, *, degrees: float, blur: float, size: tuple[int, int] = (1280, 720)) -> Image.Image:
    """A pass as it lies on a dashboard: turned, out of focus, grey, with grain."""
    code = Image.open(io.BytesIO(qr_png(text, module_px=5))).convert("L")
    code = code.rotate(degrees, expand=True, fillcolor=235, resample=Image.Resampling.BICUBIC)
    picture = Image.new("L", size, 205)
    picture.paste(code, ((size[0] - code.width) // 2, (size[1] - code.height) // 2))
    picture = picture.filter(ImageFilter.GaussianBlur(blur)).point(lambda level: 40 + level * 0.7)
    grain = random.Random(7)
    noise = Image.frombytes("L", size, grain.randbytes(size[0] * size[1]))
    return Image.blend(picture, noise, 0.06)


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


@contextmanager
def chromium(playwright: Any, binary: str, film: Path | None = None) -> Iterator[Any]:
    """A browser whose camera shows a film (one JPEG after another)."""
    camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    camera += [f"--use-file-for-fake-video-capture={film}"] if film else []
    opened = playwright.chromium.launch(executable_path=binary, headless=True, args=[*FLAGS, *camera])
    try:
        yield opened
    finally:
        opened.close()
