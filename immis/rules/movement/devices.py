"""Tracking devices: what their papers must be, how long a fault may last, when work on one counts as announced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


@dataclass(frozen=True)
class FittingFacts:
    """A device about to be fitted: its numbers, its certificate, and the vehicle that it is in already (or none)."""

    imei: str
    vehicle: str
    iccid: str = ""
    certificate_until: date | None = None
    in_vehicle: str = ""
    label_compared: bool = False


@dataclass(frozen=True)
class ServiceFacts:
    """An announcement of work on a device."""

    imei: str
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class FaultFacts:
    """A fault about to be reported; ``open_number`` is a ticket of the same kind that is still open."""

    imei: str
    kind: str
    open_number: str = ""


@dataclass(frozen=True)
class TrackerFacts:
    """What reports for a vehicle: whether it is a phone that stands in, and the vehicle that it is in (or none)."""

    imei: str
    is_phone: bool
    vehicle: str = ""


@dataclass(frozen=True)
class VehicleFacts:
    """The mark of a vehicle that a device is entered with, and whether the office has such a vehicle in its reach."""

    registration: str
    in_reach: bool


@dataclass(frozen=True)
class WorkFacts:
    """How much announced work on a device could still be called off."""

    imei: str
    announced: int


@dataclass(frozen=True)
class LookFacts:
    """A person about to read where a vehicle drove, with the reason that they gave."""

    registration: str
    reason: str


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B; GSM 02.16 for an IMEI)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


@rule("DEV-01", on="device.fit")
def imei_unsound(facts: FittingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: Munger tender 42(xxviii), AIS-140 section 7 (registration of devices).

    Our reading: the check digit of an IMEI finds slips of the pen. Some makers ship numbers that miss it, so an officer
    who has compared the label of the device may go on. Who may settle a doubt: Director of Mines.
    """
    policy.at("DEV-01", at)
    if facts.label_compared or (
        len(facts.imei) == 15 and facts.imei.isascii() and facts.imei.isdigit() and luhn(facts.imei)
    ):
        return None
    return Finding("DEV-01", {"imei": facts.imei})


@rule("DEV-02", on="device.fit")
def iccid_unsound(facts: FittingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: ITU-T E.118 (a SIM's number begins with 89 and has a check digit); review of 13.01.2026, point xv.

    Our reading: a number of another form is refused, a missing one is left to the score (DEV-05). Who may settle a
    doubt: Director of Mines.
    """
    least, most = policy.value("DEV-02", at)
    text = facts.iccid
    if not text or (text.isascii() and text.isdigit() and text.startswith("89") and least <= len(text) <= most):
        return None
    return Finding("DEV-02", {"iccid": text, "least": least, "most": most})


@rule("DEV-03", on="device.fit")
def certificate_over(facts: FittingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: CMVR rule 125H and AIS-140: a device is type-approved; Munger tender 42(xxviii).

    Our reading: no device is fitted whose certificate is over on the day; one that ends within the days of the policy
    is fitted with a warning. Who may settle a doubt: Director of Mines.
    """
    warn_days = int(policy.value("DEV-03", at))
    until, today = facts.certificate_until, india_day(at)
    if until is None or until > today + timedelta(days=warn_days):
        return None
    payload = {"imei": facts.imei, "until": until}
    return Finding("DEV-03", payload, severity="refuse" if until < today else "warning")


@rule("DEV-04", on="device.fit")
def fitted_elsewhere(facts: FittingFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: Munger tender 42(xxviii): the vehicle is known by its device.

    Our reading: one device is in one vehicle; it is taken out of the other one first, so that the history is whole.
    Who may settle a doubt: Director of Mines.
    """
    policy.at("DEV-04", at)
    if not facts.in_vehicle or facts.in_vehicle == facts.vehicle:
        return None
    return Finding("DEV-04", {"imei": facts.imei, "vehicle": facts.in_vehicle})


@rule("DEV-07", on="device.service")
def service_unsound(facts: ServiceFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: review of 13.01.2026, point vi (tampering): what is announced and supervised is no tampering.

    Our reading: work is announced before it begins and lasts no longer than the hours of the policy, else a tampering
    could be excused afterwards. Who may settle a doubt: AD (HQ).
    """
    limits = policy.value("DEV-07", at)
    longest, ahead = timedelta(hours=limits["hours"]), timedelta(days=limits["ahead_days"])
    sound = at <= facts.begins_at < facts.ends_at <= facts.begins_at + longest
    if sound and facts.begins_at <= at + ahead:
        return None
    return Finding("DEV-07", {"imei": facts.imei, "hours": limits["hours"], "ahead_days": limits["ahead_days"]})


@rule("DEV-16", on="device.fault")
def reported_already(facts: FaultFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: review of 13.01.2026, point xv: a register of device faults.

    Our reading: one ticket for one fault, whoever reports it. Who may settle a doubt: AD (HQ).
    """
    policy.at("DEV-16", at)
    return Finding("DEV-16", {"imei": facts.imei, "number": facts.open_number}) if facts.open_number else None


@rule("DEV-34", on="device.is_fixed")
def is_a_phone(facts: TrackerFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: Munger tender 42(xxviii): GPS to the specification of the Ministry of Road Transport.

    Our reading: what is ordered of such a device is not ordered of a driver's phone; its order is ended instead. Who
    may settle a doubt: Director of Mines with Transport Department.
    """
    policy.at("DEV-34", at)
    return Finding("DEV-34", {"imei": facts.imei}) if facts.is_phone else None


@rule("DEV-35", on="device.in_vehicle")
def in_no_vehicle(facts: TrackerFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: Munger tender 42(xxviii): the vehicle is known by its device.

    Our reading: a device that is in no vehicle is not taken out of one, and is told nothing. Who may settle a doubt:
    Director of Mines.
    """
    policy.at("DEV-35", at)
    return None if facts.vehicle else Finding("DEV-35", {"imei": facts.imei})


@rule("DEV-38", on="device.vehicle_known")
def vehicle_unknown(facts: VehicleFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: Munger tender 42(xxviii): the vehicle is known by its device.

    Our reading: a device is entered with a registered vehicle, by an office whose own it is or that has it to do with
    as the first. Who may settle a doubt: Director of Mines.
    """
    policy.at("DEV-38", at)
    return None if facts.in_reach else Finding("DEV-38", {"registration": facts.registration or "—"})


@rule("DEV-36", on="device.work_announced")
def no_work_announced(facts: WorkFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: review of 13.01.2026, point vi (tampering): what is announced and supervised is no tampering.

    Our reading: work that is over stays announced; what lies ahead or runs may be called off. Who may settle a doubt:
    AD (HQ).
    """
    policy.at("DEV-36", at)
    return None if facts.announced else Finding("DEV-36", {"imei": facts.imei})


@rule("DEV-10", on="trail.read")
def no_reason(facts: LookFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: Digital Personal Data Protection Act 2023, sections 4-7: personal data are read for a lawful purpose.

    Our reading: where a vehicle drove tells where a person was; who reads it says why, and the reason stands in the
    action log. Who may settle a doubt: AD (HQ).
    """
    least = int(policy.value("DEV-10", at)["letters"])
    letters = "".join(facts.reason.split())
    return None if len(letters) >= least else Finding("DEV-10", {"vehicle": facts.registration, "letters": least})


def sim_score(iccid: str, msisdn: str, *, said: Mapping[str, Any]) -> tuple[int, dict[str, bool]]:
    """How much speaks for an Indian M2M SIM, by the figures of DEV-05: points of the signs that hold, and each sign.

    A score and never a wall: ranges change hands, and a device with a poor score still reports.
    """
    signs = {
        "iccid": iccid.startswith(tuple(said["iccid_begins"])),
        "check_digit": bool(iccid) and iccid.isascii() and iccid.isdigit() and luhn(iccid),
        "m2m_number": len(msisdn) == int(said["m2m_digits"]) and msisdn.startswith(tuple(said["m2m_begins"])),
    }
    return sum(signs.values()), signs


def silence_of(last_at: datetime | None, *, at: datetime, lists: Sequence[int]) -> int:
    """The longest of the silence lists (DEV-09: days) that a device is on; 0 for none, all of it for never heard."""
    if last_at is None:
        return max(lists)
    silent = at - last_at
    return max((days for days in lists if silent >= timedelta(days=days)), default=0)


def grade(value: float | None, bounds: tuple[float, float]) -> str:
    """``good``, ``warn`` or ``bad`` of a measure by its two bounds; ``plain`` where nothing was measured."""
    if value is None:
        return "plain"
    return "bad" if value >= bounds[1] else "warn" if value >= bounds[0] else "good"
