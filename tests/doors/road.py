"""What a settlee, an officer and a driver do about e-challans, by pages and by the socket."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.doors.devices import Device, Line
from tests.doors.http import Person
from tests.doors.installation import Installation

DESTINATION = "bariyarpur"


@dataclass(frozen=True)
class Asked:
    """The answer to a wish for an e-challan: its number in an address, or the codes that refuse it; and the page."""

    number: str
    refused_by: tuple[str, ...]
    html: str


def codes_in(html: str) -> tuple[str, ...]:
    """Codes of the law that a page leads to, each once."""
    return tuple(dict.fromkeys(re.findall(r"/law/([A-Z]+-\d+)/", html)))


def words_of(html: str) -> str:
    """The text of a page's main part, in one line."""
    main = re.search(r"<main.*?</main>", html, re.S)
    plain = re.sub(r"<(script|style).*?</\1>", " ", main.group(0) if main else html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", plain))


def ask_challan(settlee: Person, lease: str, plate: str, **fields: str) -> Asked:
    """The settlee fills in the page of a new e-challan and sends it."""
    given = {
        "vehicle": "",
        "other": plate,
        "place": DESTINATION,
        "quantity_m3": "14",
        "driver_name": "Ram Pravesh Yadav",
        "driver_phone": "9000000000",
        **fields,
    }
    page = settlee.open(f"/settlee/leases/{lease}/challans/new/")
    answer = settlee.send(page, lambda form: "quantity_m3" in form.fields, given, lawful=False)
    if answer.status_code < 400:
        return Asked(str(answer.url).rstrip("/").rsplit("/", 1)[-1], (), answer.text)
    refusals = re.findall(r'class="card reason bad".*?</section>', answer.text, re.S)
    return Asked("", codes_in(" ".join(refusals)), answer.text)


class Road:
    """Vehicles of one installation, moved by their devices."""

    def __init__(self, installation: Installation):
        self._at = installation

    def device(self, plate: str) -> Device:
        """The device of a vehicle, as the register of devices lists it."""
        page = self._at.page("monitoring").open(f"/devices/?q={plate}").text
        return Device(re.findall(r"/devices/(\d{15})/", page)[0], plate)

    def middle(self, ghat: str) -> tuple[float, float]:
        """The middle of a ghat, by its published corners."""
        corners = self._at.page().open(f"/api/v1/blocks/{ghat}").json()["corners"]
        return sum(lat for lat, _lon in corners) / len(corners), sum(lon for _lat, lon in corners) / len(corners)

    @contextmanager
    def standing(self, plate: str, ghat: str, *, off: tuple[float, float] = (0.0, 0.0)) -> Iterator["Standing"]:
        """A vehicle that stands at a ghat (or ``off`` it by degrees) and has just reported."""
        lat, lon = self.middle(ghat)
        device = self.device(plate)
        with self._at.socket.line(device) as line:
            standing = Standing(self._at, device, line, (lat + off[0], lon + off[1]))
            standing.report_until(lambda: standing.seen())
            yield standing


class Standing:
    """A vehicle on the line that reports where it stands."""

    def __init__(self, installation: Installation, device: Device, line: Line, place: tuple[float, float]):
        self._at, self.device, self.line, self.place = installation, device, line, place

    def report(self, **more: Any) -> None:
        self.line.send(self.device.position(self._at.clock.now(), *self.place, **more))

    def drive(self, lat_off: float, lon_off: float) -> None:
        """It reports twice from where it stands, and ten minutes later from so many degrees further on."""
        for seconds in (30, 30, 600):
            self.report()
            self._at.clock.to(self._at.clock.now() + timedelta(seconds=seconds))
        self.place = (self.place[0] + lat_off, self.place[1] + lon_off)
        self.report_until(self.seen)

    def report_until(self, holds: Callable[[], Any], *, patience_s: float = 45.0, **more: Any) -> None:
        """Report every half second until something is so."""
        give_up = time.monotonic() + patience_s
        while True:
            self.report(**more)
            if holds():
                return
            assert time.monotonic() < give_up, f"{self.device.plate}: not so after {patience_s:.0f} s"
            time.sleep(0.5)

    def seen(self) -> bool:
        """Whether the map of the monitoring cell shows it where it stands, reporting now."""
        rows = self._at.page("monitoring").open("/office/map/vehicles.json").json()["features"]
        mine = [row for row in rows if row["properties"]["id"] == self.device.plate]
        return any(
            row["properties"]["state"] != "warn"
            and abs(row["geometry"]["coordinates"][1] - self.place[0]) < 0.0005
            and abs(row["geometry"]["coordinates"][0] - self.place[1]) < 0.0005
            for row in mine
        )
