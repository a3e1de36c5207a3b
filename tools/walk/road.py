"""Trucks, drivers and devices by page and by file; trucks that stand at a ghat and report; e-challans."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.doors import codes_in, words_of
from tests.doors.devices import Device
from tools.walk.chromium import Reader
from tools.walk.machine import Walk
from tools.walk.people import CAST, take_sheet

PAPERS = ("fitness_until", "permit_until", "insurance_until", "pollution_until")
TRUCKS = ("BR08G7771", "BR08G7782", "BR08G7793")


def imei(number: int) -> str:
    """A made-up IMEI with a right check digit."""
    body = f"86610000{number:06d}"
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(body)]
    return body + str(-sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10)


DEVICES = {plate: imei(777100 + turn) for turn, plate in enumerate(TRUCKS)}


def enter_things(settlee: Reader, officer: Reader) -> list[str]:
    """The first truck, driver and device by page, the others by file."""
    one, *others = TRUCKS
    truck = {
        "registration": one, "capacity_m3": "16", "owner_name": "Sonebhadra", "district": "Munger", "wheels": "14",
        "vehicle_class": "Goods Carrier", "kind": "truck", "commercial": "on", **dict.fromkeys(PAPERS, "31.03.2030"),
    }  # fmt: skip
    said = [words_of(officer.send(officer.open("/things/vehicles/new"), _has("registration"), truck).text)]
    sheet = ",".join(("registration", "capacity_m3", "owner_name", "vehicle_class", "wheels", *PAPERS)) + "\n"
    sheet += "".join(f"{plate},16,Sonebhadra,GOODS CARRIER,14{',31.03.2030' * len(PAPERS)}\n" for plate in others)
    said.append(take_sheet(officer, "vehicles", sheet))
    driver = {
        "licence_no": "BR0820150001234", "name": "Ram Pravesh", "phone": "9000000000", "district": "Munger",
        "classes": "TRANS", "transport_until": "31.03.2030",
    }  # fmt: skip
    said.append(words_of(settlee.send(settlee.open("/things/drivers/new"), _has("licence_no"), driver).text))
    drivers = "licence_no,name,phone,district,classes,transport_until\n"
    drivers += "BR0820150001235,Mohan Yadav,9000000001,Munger,TRANS,31.03.2030\n"
    said.append(take_sheet(settlee, "drivers", drivers))
    said.append(take_sheet(officer, "places", CAST["places"]))
    device = {"registration": one, "imei": DEVICES[one], "vendor": "iTriangle", "model": "Bharat 101"}
    said.append(words_of(officer.send(officer.open("/devices/new/"), _has("imei"), device).text))
    sheet = "registration,IMEI,Vendor,Model\n"
    sheet += "".join(f"{plate},{DEVICES[plate]},iTriangle,Bharat 101\n" for plate in others)
    return [*said, take_sheet(officer, "devices", sheet)]


def _has(field: str) -> Any:
    return lambda form: field in form.fields and form.method == "post"


@contextmanager
def standing(walk: Walk, places: dict[str, tuple[float, float]]) -> Iterator[None]:
    """Every truck stands at its place and reports each second, until the block ends."""
    over = threading.Event()
    threads = [threading.Thread(target=_report, args=(walk, plate, places[plate], over)) for plate in places]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _report(walk: Walk, plate: str, place: tuple[float, float], over: threading.Event) -> None:
    device = Device(DEVICES[plate], plate)
    with walk.socket.line(device) as line:
        while not over.wait(1):
            line.send(device.position(walk.clock.now(), *place))


def middle(visitor: Reader, ghat: str) -> tuple[float, float]:
    corners = visitor.page.evaluate(f"fetch('/api/v1/blocks/{ghat}').then(answer => answer.json())")["corners"]
    return sum(lat for lat, _lon in corners) / len(corners), sum(lon for _lat, lon in corners) / len(corners)


def issue(person: Reader, lease: str, plate: str, quantity: str = "14") -> tuple[int, str]:
    """An e-challan by the page: the status and what it says."""
    page = person.open(f"/settlee/leases/{lease}/challans/new/")
    assert f'value="{plate}"' in page.text, words_of(page.text)[:1500]
    load = {"vehicle": plate, "place": "bariyarpur", "quantity_m3": quantity, "driver_name": "Ram Pravesh"}
    load["driver_phone"] = "9000000000"
    answer = person.send(page, _has("quantity_m3"), load, lawful=False)
    return answer.status_code, f"{' '.join(codes_in(answer.text))} {words_of(answer.text)}"
