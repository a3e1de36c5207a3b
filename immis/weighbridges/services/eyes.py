"""What cameras and readers beside a weighbridge saw: pictures of weighments, plates and tags (E-158)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from immis.adapters.pictures import PictureTooLarge
from immis.adapters.reading.apart import ReadingRefused, read_apart
from immis.core.access.outside import asking_outside
from immis.core.errors import NotFound, Refusal
from immis.core.papers.uploads import keep
from immis.registry.selectors import plate as mark_of
from immis.rules.catalogue import Finding
from immis.rules.policy import book
from immis.weighbridges.models import PairedDevice, Reading, Sighting, WeighmentPhoto

_KINDS = ("JPEG", "PNG")


@dataclass(frozen=True)
class Seen:
    """What a reader said: ``kind`` plate or rfid, ``value`` as it read it, ``plate`` the mark where it knows one."""

    at: datetime
    kind: str
    value: str
    plate: str = ""


def _refusal(counter: int, why: str, **figures: Any) -> Refusal:
    return Refusal(Finding("WB-29", {"counter": counter, "because": book().words("WB-29", why, **figures)}))


def keep_photo(*, device: PairedDevice, counter: int, content: bytes, at: datetime) -> WeighmentPhoto:
    """Keep a picture as evidence with its weighment; the same again is answered the same.

    It is looked at in a child of its own. Raises NotFound without the weighment, Refusal (WB-29, UPL-01).
    """
    reading = Reading.objects.filter(device=device, counter=counter).first()
    if reading is None:
        raise NotFound(f"weighment {counter}")
    terms = book().value("WB-29", at)
    if len(content) > int(terms["most_kb"]) * 1024:
        raise _refusal(counter, "size", most_kb=terms["most_kb"])
    try:
        with asking_outside():
            kind = read_apart("picture", content)
    except PictureTooLarge as fault:
        raise _refusal(counter, "kind") from fault
    except ReadingRefused as fault:
        raise Refusal(Finding("UPL-01", fault.facts)) from fault
    if kind not in _KINDS:
        raise _refusal(counter, "kind")
    return _kept(reading, content, most=int(terms["most"]), at=at)


@transaction.atomic
def _kept(reading: Reading, content: bytes, *, most: int, at: datetime) -> WeighmentPhoto:
    PairedDevice.objects.select_for_update().get(pk=reading.device_id)
    sha256 = keep(content, at=at)
    known = {row.document: row for row in WeighmentPhoto.objects.filter(reading=reading)}
    if sha256 in known:
        return known[sha256]
    if len(known) >= most:
        raise _refusal(reading.counter, "many", most=most)
    return WeighmentPhoto.objects.create(reading=reading, document=sha256, at=at)


@transaction.atomic
def take_sightings(*, device: PairedDevice, rows: Sequence[Seen], at: datetime) -> int:
    """Keep what readers said, each once; answers how much was new."""
    made = 0
    for row in rows:
        mark = mark_of(row.plate or (row.value if row.kind == "plate" else ""))
        _row, new = Sighting.objects.get_or_create(
            device=device, kind=row.kind, at=row.at, value=row.value, defaults={"plate": mark, "taken_at": at}
        )
        made += new
    return made
