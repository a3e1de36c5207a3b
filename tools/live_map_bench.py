"""Frame times of the live map in Chromium with a whole State's trucks: ``python tools/live_map_bench.py [vehicles]``.

Fills a throw-away installation with vehicles that have positions, keeps a tenth of them moving each second, opens the
map as the monitoring cell and pans and zooms it for ten seconds. Prints one JSON line. Needs Chromium and the
packages for tests; Chromium draws with the processor here, so a desk with a graphics card is faster.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = tempfile.mkdtemp(prefix="immis-live-")
os.environ |= {"IMMIS_DATA": HOME, "DJANGO_SETTINGS_MODULE": "immis.settings", "DATABASE_URL": ""}
sys.path.insert(0, str(ROOT))
PORT = int(os.environ.get("IMMIS_BENCH_PORT", "8193"))
SECONDS = 10
DISTRICTS = ("Munger", "Patna", "Gaya", "Rohtas", "Saran", "Banka", "Jamui", "Bhojpur")


def fill(count: int) -> list[str]:
    """An installation with so many fitted vehicles and a login of the monitoring cell; answers their IMEIs."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from immis import clock
    from immis.registry import services as registry
    from immis.registry.models import Device, Vehicle
    from immis.tracking.models import Sighting

    cell = registry.open_office(code="mon", kind="monitoring", name_en="Cell", name_hi="कोषांग")
    user = registry.add_user(username="mon", name_en="M", name_hi="अनुश्रवण", password="a long password")
    registry.appoint(user=user, office=cell, role="monitoring")
    now = clock.now()
    vehicles = [
        Vehicle(registration=f"BR{n % 90 + 10}G{n:05d}"[:11], capacity_m3=10, owner_name="-") for n in range(count)
    ]
    vehicles = Vehicle.objects.bulk_create(vehicles, batch_size=2000)
    imeis = [f"86{n:013d}" for n in range(count)]
    pairs = zip(imeis, vehicles, strict=True)
    Device.objects.bulk_create([Device(imei=i, vehicle=v, fitted_at=now) for i, v in pairs], batch_size=2000)
    seen = [Sighting(registration=v.registration, district=random.choice(DISTRICTS), last_at=now) for v in vehicles]
    Sighting.objects.bulk_create(seen, batch_size=2000)
    return imeis


class Trucks:
    """Positions of the vehicles, written as the gateway writes them."""

    def __init__(self, imeis: list[str]) -> None:
        from immis.gateway.store.outbox import Outbox

        self.imeis = imeis
        self.at = [(random.uniform(24.5, 27.2), random.uniform(83.8, 88.0)) for _ in imeis]
        self.outbox = Outbox(HOME)
        self.fleet = self.outbox.fleet()

    def write(self, which: range) -> None:
        from immis.gateway.state.device import DeviceState

        now = time.time()
        for n in which:
            lat, lon = self.at[n] = (self.at[n][0] + random.uniform(-1, 1) / 500, self.at[n][1] + 0.002)
            state = self.fleet.get(self.imeis[n]) or self.fleet.admit(DeviceState(imei=self.imeis[n]))
            state.at_s = state.heard_s = state.received_s = now
            state.fix, state.lat, state.lon = True, lat, lon
            state.speed_kmh, state.heading = 40.0 if n % 3 else 0.0, 90.0
            state.ignition = state.main_power = True
            self.fleet.save(state)
        self.outbox.commit(events=[], fleet=self.fleet, rests={}, facts={})


def drive(moving: Trucks, stop: threading.Event) -> None:
    part = len(moving.imeis) // 10
    turn = 0
    while not stop.wait(1.0):
        moving.write(range(turn * part, (turn + 1) * part))
        turn = (turn + 1) % 10


MEASURE = """async (seconds) => {
  const map = window.immisLive.map, frames = [];
  let before = performance.now(), going = true;
  const each = (now) => { frames.push(now - before); before = now; if (going) requestAnimationFrame(each); };
  requestAnimationFrame(each);
  const until = performance.now() + seconds * 1000;
  const stops = [[86.0, 25.5, 7.5], [85.2, 25.9, 9], [86.5, 25.3, 11.2], [86.4, 25.35, 11.5], [85.5, 25.0, 8.5]];
  for (let n = 0; performance.now() < until; n += 1) {
    const [lon, lat, zoom] = stops[n % stops.length];
    map.easeTo({ center: [lon, lat], zoom, duration: 1900 });
    await new Promise((done) => setTimeout(done, 2000));
  }
  going = false;
  return frames.slice(2);
}"""


DRAW = """() => {
  const begun = performance.now();
  for (let n = 0; n < 10; n += 1) window.immisLive.draw();
  return (performance.now() - begun) / 10;
}"""


def measure(count: int) -> dict:
    """What the browser saw."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"http://127.0.0.1:{PORT}/login")
        page.fill("input[name=username]", "mon")
        page.fill("input[name=password]", "a long password")
        page.press("input[name=password]", "Enter")
        page.wait_for_load_state()
        begun = time.monotonic()
        page.goto(f"http://127.0.0.1:{PORT}/office/map/")
        page.locator(f"[data-live-map][data-shown='{count}']").wait_for(state="attached", timeout=90_000)
        first = time.monotonic() - begun
        page.wait_for_timeout(3000)
        sizes: list[int] = []
        page.on(
            "response",
            lambda one: sizes.append(int(one.headers.get("content-length", 0))) if "live.bin" in one.url else None,
        )
        frames = page.evaluate(MEASURE, SECONDS)
        page.evaluate("() => window.immisLive.map.jumpTo({ center: [86.45, 25.35], zoom: 11.3 })")
        page.wait_for_timeout(1500)
        page.screenshot(path=str(Path(HOME) / "near.png"))
        draw = page.evaluate(DRAW)
        page.screenshot(path=str(Path(HOME) / "map.png"))
        page.evaluate("() => window.immisLive.set({ text: 'NONE' })")
        empty = page.evaluate(MEASURE, SECONDS)
        browser.close()
    cuts = statistics.quantiles(frames, n=100)
    return {
        "first_shown_s": round(first, 2), "frames": len(frames), "frame_ms_p50": round(cuts[49], 1),
        "frame_ms_p95": round(cuts[94], 1), "frame_ms_p99": round(cuts[98], 1), "frame_ms_max": round(max(frames), 1),
        "frame_ms_p50_map_alone": round(statistics.median(empty), 1),
        "cluster_and_draw_ms": round(draw, 1), "update_bytes": sizes,
    }  # fmt: skip


def server_times(count: int) -> dict:
    """How long one reading of the gateway takes, and one answer after it."""
    from immis import clock
    from immis.core.access.permissions import SYSTEM
    from immis.tracking import devices, live

    path = live._path()
    path.parent.mkdir(exist_ok=True)
    begun = time.perf_counter()
    live._read_anew(path)
    read = time.perf_counter() - begun
    begun = time.perf_counter()
    body = live.packed(SYSTEM, at=clock.now())
    answer = time.perf_counter() - begun
    answered = time.perf_counter()
    rows = len(devices.device_rows(SYSTEM, at=clock.now()))
    assert rows == count, rows
    return {
        "register_ms": round((time.perf_counter() - answered) * 1000),
        "reading_ms": round(read * 1000),
        "answer_ms": round(answer * 1000),
        "whole_bytes": len(body),
    }


def _wait_for(address: str) -> None:
    """Until the server answers, for a minute at most."""
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{address} does not answer")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 43_000
    moving = Trucks(fill(count))
    moving.write(range(count))
    said = server_times(count)
    server = subprocess.Popen(
        [sys.executable, "-m", "django", "runserver", "--insecure", "--noreload", f"127.0.0.1:{PORT}"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    stop = threading.Event()
    driver = threading.Thread(target=drive, args=(moving, stop))
    driver.start()
    try:
        _wait_for(f"http://127.0.0.1:{PORT}/healthz")
        print(json.dumps({"vehicles": count, "load": os.getloadavg()[0], **said, **measure(count)}))
    finally:
        stop.set()
        driver.join()
        server.terminate()
        server.wait()
        if "--keep" not in sys.argv:
            shutil.rmtree(HOME, ignore_errors=True)
        else:
            print(HOME)


if __name__ == "__main__":
    main()
