"""What an office orders of a device: a phone in its place while a fault is mended, and commands over the air."""

from dataclasses import dataclass
from datetime import datetime

from immis.rules.catalogue import Finding, rule
from immis.rules.policy import PolicyBook


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
class StandInFacts:
    """A fault of a device, and the identifier of the phone that stands in because of it (or none)."""

    fault: str
    phone: str = ""


@dataclass(frozen=True)
class CommandFacts:
    """A command about to be sent: what it does, its interval, how many went out in the last day, whether one is under
    way, whether the device belongs to the office that sends it, whether its syntax knows such a command."""

    imei: str
    act: str
    seconds: int | None = None
    sent_today: int = 0
    under_way: bool = False
    own: bool = True
    needs_seconds: bool = False
    is_known: bool = True


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


@rule("DEV-37", on="phone.stands_in")
def no_phone_stands_in(facts: StandInFacts, *, policy: PolicyBook, at: datetime) -> Finding | None:
    """Clause: Munger tender 42(xxviii): GPS to the specification of the Ministry of Road Transport.

    Our reading: a phone's time is ended once. Who may settle a doubt: Director of Mines with Transport Department.
    """
    policy.at("DEV-37", at)
    return None if facts.phone else Finding("DEV-37", {"fault": facts.fault})


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
        "not_known": not facts.is_known,
        "no_interval": facts.needs_seconds and seconds is None,
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
