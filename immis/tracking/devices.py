"""Devices as the office sees them: who may see which, how long they are silent, what their packets say of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Avg, Count, Q, QuerySet, Sum

from immis.core.access.permissions import Actor
from immis.core.access.throttling import take
from immis.core.errors import NotFound, Refusal
from immis.core.grants import reach_of, require_grant
from immis.core.scope import visible
from immis.core.services import log_action
from immis.messaging.selectors import sms_state_of
from immis.messaging.services import send
from immis.registers.selectors import open_by
from immis.registry import selectors as registry
from immis.registry.devices import PairingTest, keep_outcome, keep_test, tests_of
from immis.registry.selectors import Device, Vehicle
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding
from immis.rules.movement.devices import grade, silence_of, sim_score
from immis.rules.policy import book
from immis.tracking import gateway
from immis.tracking.events import Emergency, Network, PowerCut, Tamper
from immis.tracking.models import DeviceDay, DeviceEvent, Sighting
from immis.tracking.selectors import seen_for

_FEW = 1000  # so many devices are asked for by name, more all together
SIGNAL_KINDS = (Tamper.KIND, PowerCut.KIND, Emergency.KIND)


@dataclass(frozen=True)
class DeviceRow:
    """A device of the register, when it was last heard, on which silence list it is, and how its SIM scores."""

    imei: str
    registration: str
    vendor: str
    model: str
    iccid: str
    certificate_until: date | None
    heard_at: datetime | None
    silent_days: int
    score: int
    signs: Mapping[str, bool]
    open_faults: int
    phone: bool = False


@dataclass(frozen=True)
class Scores:
    """What the packets of some days say of a device or a model; shares in percent, the clock's error in seconds.

    ``grades`` has ``good | warn | bad | plain`` for each measure by the bounds of DEV-11.
    """

    devices: int
    frames: int
    bad_percent: float | None
    no_fix_percent: float | None
    clock_s: float | None
    silent_h: float | None
    signals: float
    grades: Mapping[str, str]

    @property
    def worst(self) -> int:
        """How bad the worst measures are, for ordering."""
        return sum({"bad": 10, "warn": 1}.get(row, 0) for row in self.grades.values())


def devices_for(viewer: Actor, **filters: Any) -> QuerySet[Device]:
    """Devices in a vehicle that this person may see: the State, the district's own or seen there, a party's own."""
    require_grant(viewer, "device.see")
    rows = registry.devices(**filters)
    if reach_of(viewer, "device.see") == "state":
        return rows
    own = visible(viewer, "device.see", party="vehicle__owner_id")
    return rows.filter(own | Q(vehicle__registration__in=seen_for(viewer)))


def device_of(viewer: Actor, imei: str) -> Device:
    """One device that this person may see. Raises NotFound."""
    device = devices_for(viewer, imei=imei).first()
    if device is None:
        raise NotFound(f"device {imei}")
    return device


def knows_vehicle(viewer: Actor, vehicle: Vehicle) -> bool:
    """Whether a vehicle is one of this person's: the State's, the district's by its device or seen there, or owned."""
    if reach_of(viewer, "device.see") == "state":
        return True
    own = visible(viewer, "device.see", party="vehicle__owner_id")
    seen = seen_for(viewer).filter(registration=vehicle.registration).exists()
    return seen or registry.devices(vehicle=vehicle).filter(own).exists()


def vehicle_in_reach(viewer: Actor, registration: str, *, districts: Iterable[str] = ()) -> Vehicle:
    """One vehicle that this office may act on: its own, or one that no other office has to do with.

    ``districts`` are those of the owner's settlements. Raises NotFound, for another office's as for an unknown one.
    """
    vehicle = registry.vehicle_of(registration)
    if vehicle is None or not (knows_vehicle(viewer, vehicle) or _is_nobodys(viewer, vehicle, set(districts))):
        raise NotFound(f"vehicle {registration}")
    return vehicle


def _is_nobodys(viewer: Actor, vehicle: Vehicle, districts: set[str]) -> bool:
    if not viewer.is_officer or (districts and not any(map(viewer.sees_district, districts))):
        return False
    entered = registry.devices(vehicle=vehicle).exclude(district="").exists()
    return not (entered or Sighting.objects.filter(registration=vehicle.registration).exists())


def device_rows(
    viewer: Actor, *, at: datetime, text: str = "", silent: int = 0, vendor: str = "", concern: str = ""
) -> list[DeviceRow]:
    """The register by filters: a mark, IMEI or vendor; silent so many days; ``certificate``, ``sim``, ``fault``
    or ``phone``."""
    rows = devices_for(viewer, active=True)
    if text:
        wanted = Q(imei__contains=text.strip()) | Q(vendor__icontains=text.strip())
        if plate := registry.plate(text):
            wanted |= Q(vehicle__registration__contains=plate)
        rows = rows.filter(wanted)
    if vendor:
        rows = rows.filter(vendor=vendor)
    if concern == "certificate":
        soon = india_day(at) + timedelta(days=int(book().value("DEV-03", at)))
        rows = rows.filter(certificate_until__lte=soon)
    if concern == "phone":
        rows = rows.filter(kind=Device.PHONE)
    made = _rows(rows, at=at)
    return [row for row in made if row.silent_days >= silent and _concerns(row, concern)]


def _concerns(row: DeviceRow, concern: str) -> bool:
    return not ((concern == "sim" and (row.score >= 2 or row.phone)) or (concern == "fault" and not row.open_faults))


_FIELDS = (
    "pk",
    "imei",
    "vehicle__registration",
    "vendor",
    "model",
    "iccid",
    "msisdn",
    "certificate_until",
    "fitted_at",
    "kind",
)


def _rows(devices: QuerySet[Device], *, at: datetime) -> list[DeviceRow]:
    """Rows of the register, without a record object each: the State has tens of thousands."""
    sim_terms, lists = book().value("DEV-05", at), [int(days) for days in book().value("DEV-09", at)]
    result = list(devices.values_list(*_FIELDS).iterator(chunk_size=5000))
    heard = gateway.last_heard(None if len(result) > _FEW else [row[1] for row in result])
    faults = open_by("device_faults", "device")
    made = []
    for _pk, imei, registration, vendor, model, iccid, msisdn, until, fitted_at, kind in result:
        heard_at = heard.get(imei)
        score, signs = sim_score(iccid, msisdn, said=sim_terms)
        silent = silence_of(heard_at or fitted_at, at=at, lists=lists)
        made.append(
            DeviceRow(imei, registration or "", vendor, model, iccid, until, heard_at, silent, score, signs,
                      faults.get(imei, 0), kind == Device.PHONE)
        )  # fmt: skip
    return made


def row_of(device: Device, *, at: datetime) -> DeviceRow:
    """One device as the register shows it."""
    return _rows(registry.devices(pk=device.pk), at=at)[0]


def last_network(device: Device) -> DeviceEvent | None:
    """From where a device reported last, as the gateway saw it (DEV-20); None where no range is entered."""
    return DeviceEvent.objects.filter(imei=device.imei, kind=Network.KIND).order_by("-received_at").first()


def silence_counts(viewer: Actor, *, at: datetime) -> tuple[int, list[tuple[int, int]]]:
    """How many devices this person sees, and how many of them are on each list of silence, shortest first."""
    lists = [int(days) for days in book().value("DEV-09", at)]
    fitted = devices_for(viewer, active=True).values_list("imei", "fitted_at")
    heard = gateway.last_heard()
    silent = [silence_of(heard.get(imei) or at_, at=at, lists=lists) for imei, at_ in fitted.iterator(chunk_size=5000)]
    return len(silent), [(days, sum(row >= days for row in silent)) for days in lists]


def vendors(viewer: Actor) -> list[str]:
    names = devices_for(viewer, active=True).order_by("vendor").values_list("vendor", flat=True).distinct()
    return [name for name in names if name]


def scorecards(viewer: Actor, *, at: datetime, by_model: bool = False) -> list[tuple[dict[str, str], Scores]]:
    """Scorecards of devices, or of vendors and models together (DEV-11), the worst first."""
    groups: dict[tuple[str, ...], list[Device]] = {}
    for device in devices_for(viewer, active=True):
        key = (
            (device.vendor, device.model)
            if by_model
            else (device.imei, device.vehicle.registration if device.vehicle else "")
        )
        groups.setdefault(key, []).append(device)
    counts, signals, heard = _counts(at), _signals(at), gateway.last_heard()
    names = ("vendor", "model") if by_model else ("imei", "registration")
    made = [
        (dict(zip(names, key, strict=True)), _scores([row.imei for row in group], counts, signals, heard, at))
        for key, group in groups.items()
    ]
    return sorted(made, key=lambda row: (-row[1].worst, tuple(row[0].values())))


def scores_of(device: Device, *, at: datetime) -> Scores:
    """The scorecard of one device."""
    imei = device.imei
    return _scores([imei], _counts(at, imei=imei), _signals(at, imei=imei), gateway.last_heard([imei]), at)


def _counts(at: datetime, **only: str) -> dict[str, dict[str, Any]]:
    since = india_day(at) - timedelta(days=int(book().value("DEV-11", at)["days"]))
    rows = DeviceDay.objects.filter(day__gt=since, **only).values("imei").order_by()
    summed = rows.annotate(all=Sum("frames"), wrong=Sum("bad"), blind=Sum("no_fix"), off=Avg("clock_error_s"))
    return {row["imei"]: row for row in summed}


def _signals(at: datetime, **only: str) -> dict[str, int]:
    since = at - timedelta(days=int(book().value("DEV-11", at)["days"]))
    stand = DeviceEvent.objects.filter(kind__in=SIGNAL_KINDS, at__gt=since, withdrawn_at=None, **only)
    return {row["imei"]: row["n"] for row in stand.values("imei").order_by().annotate(n=Count("pk"))}


def _scores(
    imeis: list[str],
    counts: Mapping[str, Mapping[str, Any]],
    signals: Mapping[str, int],
    heard: Mapping[str, datetime],
    at: datetime,
) -> Scores:
    """Counts of several devices together; silence and signals as the mean of a device."""
    counted = [counts[imei] for imei in imeis if imei in counts]
    frames = sum(row["all"] for row in counted)
    clocks = [row["off"] for row in counted if row["off"] is not None]
    silent = [(at - heard[imei]).total_seconds() / 3600 for imei in imeis if imei in heard]
    measured = {
        "bad_percent": 100 * sum(row["wrong"] for row in counted) / frames if frames else None,
        "no_fix_percent": 100 * sum(row["blind"] for row in counted) / frames if frames else None,
        "clock_s": sum(clocks) / len(clocks) if clocks else None,
        "silent_h": max(sum(silent) / len(silent), 0.0) if silent else None,
        "signals": sum(signals.get(imei, 0) for imei in imeis) / len(imeis),
    }
    bounds = book().value("DEV-11", at)
    grades = {name: grade(value, tuple(bounds[name])) for name, value in measured.items()}
    return Scores(devices=len(imeis), frames=frames, grades=grades, **measured)


# -- pairing: "send a packet now" ---------------------------------------------------------------------------------


@transaction.atomic
def begin_test(*, device: Device, by: Actor, at: datetime) -> PairingTest:
    """Begin a trial whether a device reports; its owner is asked by message and SMS to make it send.

    Owners try their own devices, offices any that they see; the caller has checked which. While a test still waits
    its owner gets no second message. Raises Refusal (DEV-33) when one person begins too many.
    """
    require_grant(by, "device.test")
    registry.locked_device(device.imei)
    asked = tests_of(device).filter(until__gt=at, outcome="").exists()
    terms = book().value("DEV-33", at)
    within = timedelta(minutes=int(terms["within_minutes"]))
    if not take({f"pairing-test:{by.user_id}": int(terms["most"])}, within=within, at=at):
        raise Refusal(Finding("DEV-33", {"most": terms["most"], "minutes": terms["within_minutes"]}))
    until = at + timedelta(minutes=int(book().value("DEV-08", at)))
    owner = device.vehicle.owner if device.vehicle else None
    message = None
    if owner is not None and not asked:
        facts = {"registration": device.vehicle.registration, "imei": device.imei, "until": until}
        message = send("MSG-130", to=registry.recipient_of(owner), facts=facts, at=at, subject=("device", device.imei))
    test = keep_test(device, until=until, message_id=message.pk if message else None, by=by, at=at)
    log_action("device.test", subject=("device", device.imei), by=by, at=at, facts={"until": until})
    return test


def last_test(device: Device) -> PairingTest | None:
    return tests_of(device).first()


def sms_state(test: PairingTest) -> str:
    """What became of the SMS of a test; nothing where none was sent."""
    return sms_state_of(test.message_id) if test.message_id else ""


def test_state(test: PairingTest, *, at: datetime) -> dict[str, Any]:
    """What a test has found until now, from the gateway's own store.

    ``outcome`` is ``heard`` (a packet with position came), ``waiting``, or why not: ``no_fix``, ``clock`` (a packet
    came, but its time is not believed), ``never`` (this IMEI never spoke), ``silent`` (spoke before, not now).
    """
    if test.outcome:
        return {"outcome": test.outcome, "over": True, **test.facts}
    report = gateway.last_report(test.device.imei)
    outcome = _outcome(test, report)
    over = at >= test.until or outcome["outcome"] == "heard"
    if over and outcome["outcome"] == "waiting":
        outcome["outcome"] = "silent" if report else "never"
    if over:
        facts = {name: value for name, value in outcome.items() if name != "outcome"}
        keep_outcome(test, outcome["outcome"], heard_at=outcome.get("heard_at"), facts=facts)
    return {**outcome, "over": over}


def _outcome(test: PairingTest, report: Any) -> dict[str, Any]:
    outcome: dict[str, Any] = {"outcome": "waiting"}
    if report is None or report.received_at is None:
        return outcome
    outcome["heard_at"] = report.received_at.isoformat()
    if report.received_at < test.begun_at:
        return outcome
    if report.at is None or report.lat is None or report.trouble == "no_fix":
        return {**outcome, "outcome": "no_fix"}
    if report.at < test.begun_at - timedelta(minutes=5):
        return {**outcome, "outcome": "clock", "device_at": report.at.isoformat()}
    return {**outcome, "outcome": "heard", "lat": report.lat, "lon": report.lon, "device_at": report.at.isoformat()}
