"""The check on a phone with no network: Chromium with a processor slowed six times, the page's own modules."""

import base64
import io
import shutil
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image, ImageFilter

from immis.bench.own_postgres import Lacking
from immis.bench.passes import wire
from immis.challans.signed import keys
from immis.challans.signed.facts import PassFacts
from immis.challans.signed.qr import qr_png, qr_version
from immis.challans.signed.signing import sign_pass
from immis.rules.writing.texts import texts
from immis.web import static_dir

SLOWER, PASSES, FRAMES = 6, 40, 12
FRAME = (1280, 720)
_BASE = "https://khanan.bihar.gov.in"
#: The page's modules asked as the page asks them; the first check and the first frame warm up and are not counted.
_ASK = """async ([given, frame]) => {
  const { verifyPass } = await import("/js/pass/check.js");
  const { textsIn } = await import("/js/pass/read.js");
  const bytes = text => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
  const instant = text => Date.parse(text);
  const keys = { issuedAt: instant(given.list.issued_at), keys: new Map(given.list.keys.map(row => [row.kid, {
    x: bytes(row.x), notBefore: instant(row.not_before), signsUntil: instant(row.signs_until),
    notAfter: instant(row.not_after) }])) };
  const checks = [], frames = [];
  let good = 0;
  for (const text of given.texts) {
    const begun = performance.now();
    good += (await verifyPass(text, { keys, cancelled: null, at: given.at })).reason === "ok";
    checks.push(performance.now() - begun);
  }
  const picture = await createImageBitmap(await (await fetch(frame)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext("2d").drawImage(picture, 0, 0);
  const pixels = canvas.getContext("2d").getImageData(0, 0, picture.width, picture.height);
  for (let n = 0; n < given.frames; n += 1) {
    const begun = performance.now();
    good += (await textsIn(pixels))[0] === given.texts[0];
    frames.push(performance.now() - begun);
  }
  return { checks, frames, good };
}"""


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None: ...

    def guess_type(self, path: Any) -> str:
        return "application/wasm" if str(path).endswith(".wasm") else super().guess_type(path)


def verify() -> dict[str, Any]:
    """How long a check takes from decoded text, and one frame of the camera until it is decoded; p95 of each."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if binary is None:
        raise Lacking("Chromium is not installed")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise Lacking("playwright is not installed (pip install playwright)") from error
    given = _given()
    with _served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"{url}/unreadable.html")
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        measured = page.evaluate(_ASK, [given, _frame(given["texts"][0])])
        browser.close()
    return _result(measured, given["texts"][0])


def _result(measured: dict[str, Any], text: str) -> dict[str, Any]:
    if measured["good"] != PASSES + FRAMES:
        raise RuntimeError(f"only {measured['good']} of {PASSES + FRAMES} checks and frames were read")
    check, frame = _p95(measured["checks"][1:]), _p95(measured["frames"][1:])
    parts = [
        {"part": "first check, with the modules cold", "ms": round(measured["checks"][0], 1), "limit_ms": None},
        {"part": "check from decoded text, p95", "ms": check, "limit_ms": 50},
        {"part": f"frame of {FRAME[0]}×{FRAME[1]}, turned and blurred, p95", "ms": frame, "limit_ms": 400},
        {"part": "version of the QR at level M", "version": qr_version(text), "limit": 15},
        *wire.weigh(),
    ]
    conditions = f"Chromium, processor slowed {SLOWER} times, no network; decoding a frame {frame} ms p95"
    return {"name": "verify", "figure": check, "unit": "ms a check, p95", "conditions": conditions, "parts": parts}


def _p95(values: list[float]) -> float:
    return round(statistics.quantiles(values, n=20)[-1], 1)


def _given() -> dict[str, Any]:
    at = datetime.now(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory() as folder:
        signer = keys.load_signer(folder, at=at)
        signed = [sign_pass(long_pass(n, at), key=signer, base_url=_BASE) for n in range(PASSES)]
        known = keys.public_key_list(folder, at=at)
    return {"texts": signed, "list": known, "at": at.timestamp() * 1000 + 60_000, "frames": FRAMES}


def long_pass(n: int, at: datetime) -> PassFacts:
    """A pass with long names in Hindi, as large as they come."""
    names = texts("bench/pass")
    return PassFacts(
        number=f"MUN-26-{n:06d}",
        pass_id=n.to_bytes(8, "big"),
        vehicle="BR08G1234",
        mineral=names["mineral"]["hi"],
        quantity_m3=Decimal("14.158"),
        weight_kg=22_650,
        source_name=names["source"]["hi"],
        source_lat=25.375125,
        source_lon=86.470033,
        lease_number="MUN-2026-01",
        destination=names["destination"]["hi"],
        distance_km=Decimal("42.7"),
        issued_at=at,
        valid_until=at + timedelta(hours=6),
        settlee=names["settlee"]["hi"],
    )


def _frame(text: str) -> str:
    """A frame of the camera: the QR turned by 17 degrees, out of focus, as the address of a picture."""
    code = Image.open(io.BytesIO(qr_png(text, module_px=5))).convert("L").rotate(17, expand=True, fillcolor=235)
    picture = Image.new("L", FRAME, 205)
    picture.paste(code, ((FRAME[0] - code.width) // 2, (FRAME[1] - code.height) // 2))
    out = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1.2)).convert("RGB").save(out, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


@contextmanager
def _served() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(static_dir())))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
