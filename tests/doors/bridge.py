"""A weighbridge put up by its people: applied for by the settlee, visited, fenced and approved by the district."""

import re
from typing import Any

from tests.doors.commands import PAPER
from tests.doors.http import Person
from tests.doors.installation import Installation
from tests.doors.road import Road, words_of

_CERTIFICATE = ("stamp.pdf", PAPER, "application/pdf")
_PHOTO = ("scale.jpg", b"\xff\xd8\xff a scale", "image/jpeg")


def put_up(installation: Installation, *, lease: str, settlee: str, officer: str = "mdo") -> str:
    """The number of a weighbridge in the middle of a ghat, ready to be paired."""
    lat, lon = Road(installation).middle(lease)
    person, place = installation.page(settlee), {"lat": f"{lat:.5f}", "lon": f"{lon:.5f}"}
    given = {
        "name_hi": "काँटा", "name_en": "Scale", "site": "ghat", "lease": lease, "district": "Munger",
        "indicator": "Yaohua XK3190-A9", "capacity_kg": "60000", "division_kg": "10", "certificate": "LM/7",
        "stamped_on": f"{installation.clock.now():%Y-%m-%d}", **place,
    }  # fmt: skip
    page, files = person.open("/weighbridges/new/"), {"document": _CERTIFICATE}
    kept = person.send(page, lambda form: "indicator" in form.fields, given, files=files, lawful=False)
    number = str(kept.url).rstrip("/").rsplit("/", 1)[-1]
    assert kept.status_code == 200 and number != "new", words_of(kept.text)
    district = installation.page(officer)
    do(district, number, "visit", {"photo": _PHOTO}, **place, remark="It stands")
    do(district, number, "fence", radius_m="60", reason="Installed", reference="NIC/7")
    do(district, number, "approve", reference="DMO/7")
    return number


def do(person: Person, bridge: str, act: str, files: Any = None, **fields: str) -> str:
    """One act on the page of a weighbridge; the words of the page that answers."""
    page = person.open(f"/weighbridges/{bridge}/")
    answer = person.send(page, lambda form: form.fields.get("act") == act, fields, files=files)
    return words_of(answer.text)


def code_of_pairing(person: Person, bridge: str) -> str:
    """Six digits, made by the operator for other software."""
    words = do(person, bridge, "pair")
    found = re.search(r"(\d{3}) (\d{3})", words)
    assert found, words
    return found[1] + found[2]
