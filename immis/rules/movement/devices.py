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
class PhoneFacts:
    """A phone about to stand in for a vehicle's device: open fault of the device (its number, or none), days asked
    for, days in which a phone stood in during the last thirty, and whether one does now."""

    vehicle: str
    fault: str
    days: int
    days_used: float = 0.0
    standing_in: bool = False


@dataclass(frozen=True)
class CommandFacts:
    """A command about to be sent: what it does, its interval, how many went out in the last day, whether one is under
    way, and whether the device belongs to the office that sends it."""

    imei: str
    act: str
    seconds: int | None = None
    sent_today: int = 0
    under_way: bool = False
    own: bool = True


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


@rule("DEV-17", on="device.phone")
def phone_not_allowed(facts: PhoneFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: Munger tender 42(xxviii): GPS to the specification of the Ministry of Road Transport.

    Our reading: a phone is no such GPS, but may report while a fault that the register knows is being mended, for the
    days of the policy. Who may settle a doubt: Director of Mines with Transport Department.
    """
    limits = policy.value("DEV-17", at)
    reasons = {
        "standing_in": facts.standing_in,
        "no_fault": not facts.fault,
        "too_long": not 0 < facts.days <= limits["days"],
        "used_up": facts.days_used + facts.days > limits["days_in_30"],
    }
    key = next((key for key, holds in reasons.items() if holds), None)
    if key is None:
        return None
    why = policy.words("DEV-17", key, asked=facts.days, used=facts.days_used)
    words = {"vehicle": facts.vehicle, "days": limits["days"], "days_in_30": limits["days_in_30"]}
    return Finding("DEV-17", {**words, "why_en": why["en"], "why_hi": why["hi"]})


@rule("DEV-18", on="device.command")
def command_not_allowed(facts: CommandFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: AIS-140 (2016), 3.1.3 (settings over the air); review of 13.01.2026, point xv (problems of VLT devices).

    Our reading: a sign of life, the interval within the standard's bounds, the end of an emergency; nothing that could
    stop a vehicle or turn a device away from us. Who may settle a doubt: Director of Mines with Transport Department.
    """
    limits = policy.value("DEV-18", at)
    least, most, seconds = limits["least_s"], limits["most_s"], facts.seconds
    reasons = {
        "no_command": facts.act not in limits["acts"],
        "not_own": not facts.own,
        "bad_interval": seconds is not None and not least <= seconds <= most,
        "under_way": facts.under_way,
        "sent_often": facts.sent_today >= limits["a_day"],
    }
    key = next((key for key, holds in reasons.items() if holds), None)
    if key is None:
        return None
    why = policy.words("DEV-18", key, act=facts.act, seconds=seconds, sent=facts.sent_today)
    words = {"least": least, "most": most, "a_day": limits["a_day"], "acts": ", ".join(limits["acts"])}
    return Finding("DEV-18", {"imei": facts.imei, **words, "why_en": why["en"], "why_hi": why["hi"]})


@rule("DEV-16", on="device.fault")
def reported_already(facts: FaultFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: review of 13.01.2026, point xv: a register of device faults.

    Our reading: one ticket for one fault, whoever reports it. Who may settle a doubt: AD (HQ).
    """
    policy.at("DEV-16", at)
    return Finding("DEV-16", {"imei": facts.imei, "number": facts.open_number}) if facts.open_number else None


@rule("DEV-10", on="trail.read")
def no_reason(facts: LookFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: DPDP Act 2023, sections 4-7: personal data are read for a lawful purpose.

    Our reading: where a vehicle drove tells where a person was; who reads it says why, and the reason stands in the
    action log. Who may settle a doubt: AD (HQ).
    """
    least = int(policy.value("DEV-10", at)["letters"])
    payload = "".join(facts.reason.split())
    return None if len(payload) >= least else Finding("DEV-10", {"vehicle": facts.registration, "letters": least})


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
