"""Weighbridges: pairing of software, signed weighments, heartbeats. The protocol: docs/weighbridge-protocol.md."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import AuthenticationError, HttpError
from pydantic import AwareDatetime, Field

from immis import clock
from immis.challans.loading import Loadable, trucks_at_bridge
from immis.core.access.throttling import take
from immis.core.errors import TooMany
from immis.rules.catalogue import Finding
from immis.rules.policy import book
from immis.web.api.answers import OPEN, FaultOut, FindingOut, RefusedOut, finding_out
from immis.web.api.security import Text
from immis.web.shell.views import client_network
from immis.weighbridges import protocol, selectors
from immis.weighbridges.services import eyes, pairing, readings

router = Router(tags=["weighbridges"])

_MOST_BYTES, _MOST_PICTURE = 512 * 1024, 4 * 1024 * 1024
Weight = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Short = Annotated[Text, Field(max_length=40)]
Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")]
Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Place = Annotated[list[Degrees], Field(min_length=2, max_length=2)]
#: A day of this century, its leap days too: the text is signed as it stands, so that the schema says all of it.
_DAY = (
    r"(20[0-9][0-9]-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|"
    r"(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    r"|20([02468][048]|[13579][26])-02-29)"
)
_INSTANT = rf"^{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{{1,6}})?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])$"
Instant = Annotated[str, Field(max_length=40, pattern=_INSTANT)]


class SoftwareIn(Schema):
    """The software beside a weighbridge."""

    name: Short
    version: Short
    kind: Literal["agent", "page", "vendor"]


class PairIn(Schema):
    """The code that the operator reads, and the key that the software made on the spot."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    public_key: Annotated[str, Field(max_length=88, pattern=r"^[A-Za-z0-9_-]+$")]
    software: SoftwareIn
    at: AwareDatetime


class BridgeOut(Schema):
    """The weighbridge that software was paired with."""

    number: str
    name: dict[str, str]
    place: list[float]
    capacity_kg: int
    division_kg: int


class PairedOut(Schema):
    """The number under which the software sends, its weighbridge, the clock of the server."""

    device: str
    bridge: BridgeOut
    server_at: datetime


class ReadingIn(Schema):
    """A weighment as the software signed it."""

    counter: Annotated[int, Field(ge=1, le=2**53)]
    at: Instant
    kind: Literal["gross", "tare", "zero", "check"]
    weight_kg: Weight
    stable: bool
    plate: Annotated[Line, Field(max_length=16)] = ""
    challan: Annotated[Line, Field(max_length=24)] = ""
    raw: Annotated[str, Field(max_length=1400, pattern=r"^[A-Za-z0-9+/=_-]*$")] = ""
    format: Annotated[Line, Field(max_length=40)] = ""
    min_kg: Weight
    max_kg: Weight
    place: Place | None = None
    previous: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    signature: Annotated[str, Field(max_length=88)]


class ReadingsIn(Schema):
    """Weighments in the order of their counters."""

    sent_at: AwareDatetime
    readings: Annotated[list[ReadingIn], Field(min_length=1, max_length=100)]


class ReadingFindingOut(Schema):
    """What speaks against a weighment; ``stops``: it serves for no e-challan."""

    counter: int
    code: str
    message: dict[str, str]
    stops: bool


class TakenOut(Schema):
    """Up to which counter all is kept, and what speaks against single weighments."""

    taken_up_to: int
    findings: list[ReadingFindingOut]
    server_at: datetime


class GapOut(TakenOut):
    """A counter is missing: send from the one behind ``taken_up_to``."""


class SightingIn(Schema):
    """What a plate reader or an RFID reader said; ``plate`` where it knows the mark."""

    at: AwareDatetime
    kind: Literal["plate", "rfid"]
    value: Annotated[Line, Field(min_length=1, max_length=60)]
    plate: Annotated[Line, Field(max_length=16)] = ""


class SightingsIn(Schema):
    """What readers beside the bridge said, in any order."""

    sightings: Annotated[list[SightingIn], Field(min_length=1, max_length=100)]


class SeenOut(Schema):
    """How much of it was new."""

    taken: int
    server_at: datetime


class PhotoOut(Schema):
    """The SHA-256 by which the picture is kept."""

    sha256: str
    server_at: datetime


class BeatIn(Schema):
    """How the software does."""

    at: AwareDatetime
    weight_kg: Weight | None = None
    stable: bool = False
    indicator: Literal["alive", "silent", "garbled"]
    queued: Annotated[int, Field(ge=0, le=10**9)] = 0
    version: Short = ""
    trucks: bool = True


class TruckOut(Schema):
    """A truck at the ghat, and whether it may have an e-challan now; ``words`` say why not."""

    plate: str
    fit: bool
    words: dict[str, str]


class BeatOut(Schema):
    """The clock of the server, the state of the bridge, why it may not weigh now, the trucks at its ghat."""

    server_at: datetime
    state: str
    findings: list[FindingOut]
    trucks: list[TruckOut]


def _bridge_out(bridge: selectors.Bridge) -> dict[str, Any]:
    return {
        "number": bridge.number,
        "name": {"en": bridge.name_en, "hi": bridge.name_hi},
        "place": [bridge.lat, bridge.lon],
        "capacity_kg": bridge.capacity_kg,
        "division_kg": bridge.division_kg,
    }


@router.post("/weighbridges/pair", response={201: PairedOut, **OPEN, 409: RefusedOut, 429: RefusedOut})
def pair(request: HttpRequest, body: PairIn) -> Any:
    """Pair software with an approved weighbridge by the code of its page; the software before it is cut off."""
    at = clock.now()
    pairing.take_try(client_network(request), at=at)
    software = body.software.dict()
    device = pairing.pair(code=body.code, public_key=body.public_key, software=software, at=at)
    return 201, {"device": device.number, "bridge": _bridge_out(device.bridge), "server_at": at}


def _sender(request: HttpRequest, number: str, *, most: int = _MOST_BYTES) -> selectors.PairedDevice:
    """The paired software that signed the body. Raises HttpError, NotFound, AuthenticationError, TooMany."""
    if len(request.body) > most:
        raise HttpError(413, "the body is too long")
    device = selectors.device_of(number)
    signature = request.headers.get("Immis-Signature", "")
    if not protocol.is_signed(request.body, signature, key=device.public_key):
        raise AuthenticationError
    return device


def _admit(device: selectors.PairedDevice, *, at: datetime) -> None:
    """Count one call of a device. Raises TooMany (WB-08)."""
    most = int(book().value("WB-08", at))
    if not take({f"weighbridge-readings:{device.number}": most}, within=timedelta(minutes=1), at=at):
        raise TooMany(Finding("WB-08", {"most": most}), again_in_s=60)


@router.post(
    "/weighbridges/{device}/readings",
    response={200: TakenOut, **OPEN, 401: FaultOut, 409: GapOut, 413: FaultOut, 429: RefusedOut},
)
def take_readings(request: HttpRequest, device: str, body: ReadingsIn) -> Any:
    """Keep weighments; what is kept already is answered the same, what is refused is kept with its finding."""
    at, paired = clock.now(), _sender(request, device)
    _admit(paired, at=at)
    rows = [protocol.Weighment(**row.dict()) for row in body.readings]
    taken = readings.take_readings(device=paired, rows=rows, sent_at=body.sent_at, at=at)
    result = [_finding_out(counter, finding) for counter, finding in taken.findings]
    return 409 if taken.gap else 200, {"taken_up_to": taken.up_to, "findings": result, "server_at": at}


def _finding_out(counter: int, finding: Finding) -> dict[str, Any]:
    worded = finding_out(finding)
    stops = finding.severity == "refuse"
    return {"counter": counter, "code": finding.code, "message": worded["message"], "stops": stops}


@router.post(
    "/weighbridges/{device}/readings/{int:counter}/photo",
    response={201: PhotoOut, **OPEN, 401: FaultOut, 409: RefusedOut, 413: FaultOut, 429: RefusedOut},
)
def keep_photo(request: HttpRequest, device: str, counter: int) -> Any:
    """Keep a picture (JPEG or PNG, the whole body) as evidence with its weighment; signed as readings are."""
    at, paired = clock.now(), _sender(request, device, most=_MOST_PICTURE)
    _admit(paired, at=at)
    photo = eyes.keep_photo(device=paired, counter=counter, content=request.body, at=at)
    return 201, {"sha256": photo.document, "server_at": at}


@router.post(
    "/weighbridges/{device}/sightings",
    response={200: SeenOut, **OPEN, 401: FaultOut, 413: FaultOut, 429: RefusedOut},
)
def take_sightings(request: HttpRequest, device: str, body: SightingsIn) -> Any:
    """Keep what plate and RFID readers said; weighments within the seconds of WB-30 are compared with it."""
    at, paired = clock.now(), _sender(request, device)
    _admit(paired, at=at)
    rows = [eyes.Seen(**row.dict()) for row in body.sightings]
    return {"taken": eyes.take_sightings(device=paired, rows=rows, at=at), "server_at": at}


@router.post("/weighbridges/{device}/heartbeat", response={200: BeatOut, **OPEN, 401: FaultOut, 413: FaultOut})
def heartbeat(request: HttpRequest, device: str, body: BeatIn) -> Any:
    """How the software does; the answer says whether its weighbridge may weigh for an e-challan."""
    at, paired = clock.now(), _sender(request, device)
    beat = body.dict(exclude={"at", "trucks"})
    readings.take_heartbeat(device=paired, beat=beat, sent_at=body.at, at=at)
    bridge = paired.bridge
    findings = [finding_out(row) for row in selectors.may_weigh(bridge, at)]
    anew = readings.has_load(beat, bridge, at=at)
    trucks = trucks_at_bridge(bridge.lease, at, anew=anew) if bridge.lease and body.trucks else []
    known = [truck for row in trucks if (truck := _truck_out(row)) is not None]
    return {"server_at": at, "state": bridge.state, "findings": findings, "trucks": known}


def _truck_out(row: Loadable) -> dict[str, Any] | None:
    """A truck that stands at the ghat, with the first reason against it."""
    if row.seen is None:
        return None
    words = finding_out(row.findings[0])["message"] if row.findings else {}
    return {"plate": row.registration, "fit": row.fits, "words": words}
