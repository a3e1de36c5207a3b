"""What a post may do to a device: enter it, test it, report a fault, announce work, command it, take it out."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.errors import NotFound, Unreadable
from immis.core.nouns import Page
from immis.registers.loader import registers
from immis.registers.selectors import Entry
from immis.registers.services import enter
from immis.registry import devices as register
from immis.registry.selectors import Device
from immis.rules.calendar import INDIA
from immis.rules.catalogue import Finding
from immis.rules.movement.device_orders import CommandFacts, PhoneFacts, StandInFacts
from immis.rules.policy import book
from immis.tracking import devices
from immis.tracking import nouns as nouns
from immis.tracking.entries import FAULTS
from immis.tracking.models import PhoneStandIn
from immis.tracking.services import commands, phones
from immis.tracking.sheets import known_vehicle

COMMANDS: Mapping[str, Any] = {
    "ask": _("Ask for a sign of life"),
    "interval": _("Report every so many seconds on the way"),
    "interval_rest": _("Report every so many seconds at rest"),
    "emergency_off": _("End the emergency"),
}
MOBILE = r"([+]91)?[6-9][0-9]{9}"
SYNTAXES = (("cdac", _("C-DAC, VT (SET, GET)")), ("amendment3", _("AIS-140 Amendment 3 ($…*)")))


def _digits(text: str) -> str:
    """A number as it is kept: without blanks, and without the plus before a country's code."""
    return "".join(text.split()).lstrip("+")


def _onboard(*, registration: str, by: Actor, at: datetime, **papers: Any) -> tuple[Device, list[Finding]]:
    vehicle, offered = known_vehicle(registration, by=by, at=at), register.OfferedDevice(**papers)
    findings = register.onboard_device(device=offered, vehicle=vehicle, by=by, at=at)
    return devices.device_of(by, offered.imei), findings


def _open_work(device: Device, by: Actor, at: datetime) -> list[tuple[str, str]]:
    """The announced work that can be called off, by its begin in India and its words."""
    rows = register.open_services(device, at=at)
    return [(str(row.pk), f"{row.begins_at.astimezone(INDIA):%d.%m.%Y %H:%M} · {row.reason}") for row in rows]


def _cancel_service(*, device: Device, cancel: str, by: Actor, at: datetime) -> None:
    register.cancel_service(window=register.service_of(int(cancel), device), by=by, at=at)


def _commands(device: Device, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    return [(act, label) for act, label in COMMANDS.items() if act in commands.allowed_acts(at)]


def _usual_form(device: Device, by: Actor, at: datetime) -> str:
    return commands.usual_form(device)


def _any_command(device: Device, by: Actor, at: datetime) -> CommandFacts:
    """Whether a command could go out now, whichever of the list it is."""
    return commands.command_of(device, commands.allowed_acts(at)[0], by, at)


def _mobile(text: str) -> str:
    if not re.fullmatch(MOBILE, text):
        raise Unreadable(lambda: gettext("Ten digits that begin with 6 to 9."))
    return text


def _a_phone(fault: Entry, by: Actor, at: datetime) -> PhoneFacts:
    """Whether a phone could stand in for a day."""
    return phones.phone_of(fault, 1, at)


def _longest(fault: Entry, by: Actor, at: datetime) -> int:
    return int(book().value("DEV-17", at)["days"])


def _standing_in(fault: Entry, by: Actor, at: datetime) -> StandInFacts:
    running = phones.running_on(fault)
    return StandInFacts(fault.number, running.phone.imei if running else "")


def _report_fault(*, device: Device, kind: str, words: str, by: Actor, at: datetime) -> Entry:
    return enter(FAULTS, "report", {"device": device.imei, "kind": kind, "words": words}, by=by, at=at)


def _let_phone_in(*, device_fault: Entry, **order: Any) -> PhoneStandIn:
    return phones.stand_in(fault=device_fault, **order)


def _end_phone(*, device_fault: Entry, by: Actor, at: datetime) -> None:
    running = phones.running_on(device_fault)
    if running is None:
        raise NotFound("phone of this fault")
    phones.end_stand_in(running, by=by, at=at)


_REASON = Field("reason", "text", _("Reason"))
_FIXED = Gate("device.is_fixed", register.tracker_of)
_IN_VEHICLE = Gate("device.in_vehicle", register.tracker_of)

declare(
    Act(
        "device.onboard",
        _("Enter a device"),
        "DEV-04",
        _onboard,
        (
            Field("registration", "text", _("Vehicle"), max_length=16),
            Field(
                "imei",
                "text",
                _("IMEI"),
                max_length=15,
                help=_("Fifteen digits on the label of the device."),
                read=_digits,
            ),
            Field("iccid", "text", _("SIM number (ICCID)"), required=False, max_length=22, read=_digits),
            Field("msisdn", "text", _("Telephone number of the SIM"), required=False, max_length=15, read=_digits),
            Field("vendor", "text", _("Vendor"), max_length=60),
            Field("model", "text", _("Model"), max_length=60),
            Field("certificate_no", "text", _("Certificate number"), required=False, max_length=60),
            Field("certificate_until", "day", _("Certificate valid until"), required=False),
            Field(
                "reason",
                "text",
                _("Why the device is changed"),
                required=False,
                help=_("Only where another device was in the vehicle."),
            ),
            Field(
                "label_compared",
                "yes_no",
                _("I compared the IMEI with the label of the device"),
                required=False,
            ),
        ),
        done=_("The device is in the register. Now test whether it reports."),
        leads_to=lambda device: Page("device", (device.imei,)),
        opens=True,
        shared_grant="device.fit",
    ),
    place="new",
)
declare(
    Act(
        "device.test",
        _("Send a packet now"),
        "DEV-08",
        devices.begin_test,
        done=_("The owner was asked to make the device send a packet."),
        anywhere=True,
    ),
    Act(
        "device.report_fault",
        _("Report a fault"),
        "DEV-16",
        _report_fault,
        (
            Field(
                "kind",
                "choice",
                _("What is wrong"),
                choices=tuple((registers()[FAULTS][-1].fields["kind"].choices or {}).items()),
            ),
            Field("words", "long_text", _("In your words"), required=False, max_length=500),
        ),
        fits=(_FIXED,),
        word="fault",
        done=_("Ticket %(number)s is open."),
        leads_to=lambda fault: Page("fault", (fault.number,)),
        anywhere=True,
    ),
    Act(
        "device.announce_service",
        _("Announce work"),
        "DEV-07",
        register.announce_service,
        (
            Field("begins_at", "instant", _("Starts")),
            Field("ends_at", "instant", _("Until")),
            Field("reason", "text", _("Work")),
            Field("workshop", "text", _("Workshop"), required=False, max_length=160),
        ),
        fits=(_FIXED,),
        word="service",
        done=_("Announced: what the device shows in this time raises no case of tampering."),
    ),
    Act(
        "device.cancel_service",
        _("Call off announced work"),
        "DEV-36",
        _cancel_service,
        (Field("cancel", "choice", _("Announced work"), choices=_open_work),),
        fits=(Gate("device.work_announced", register.work_of),),
        done=_("The announced work is called off."),
        shared_grant="device.announce_service",
    ),
    Act(
        "device.command",
        _("Send the command"),
        "DEV-18",
        commands.order_command,
        (
            Field("act", "choice", _("Command"), choices=_commands),
            Field(
                "seconds",
                "number",
                _("Seconds"),
                required=False,
                least=1,
                most=10**6,
                help=_("Only for an interval."),
            ),
            Field(
                "form",
                "choice",
                _("Syntax of the device"),
                choices=SYNTAXES,
                help=_("It stands in the manual of the model."),
                initial=_usual_form,
            ),
            _REASON,
        ),
        fits=(_FIXED, _IN_VEHICLE, Gate("device.command", _any_command)),
        done=_("The command goes out as soon as the device is on line."),
    ),
    Act(
        "device.remove",
        _("Take the device out"),
        "DEV-35",
        register.take_out,
        (_REASON,),
        fits=(_FIXED, _IN_VEHICLE),
        done=_("The device is out of the vehicle; its history stays."),
    ),
    place="device",
)
declare(
    Act(
        "device_fault.let_phone_in",
        _("Let a phone stand in"),
        "DEV-17",
        _let_phone_in,
        (
            Field("holder", "text", _("Whose phone"), max_length=160),
            Field("msisdn", "text", _("Mobile number"), max_length=13, pattern=MOBILE, read=_mobile),
            Field("days", "number", _("For how many days"), least=1, most=365, initial=_longest),
            _REASON,
        ),
        fits=(Gate("device.phone", _a_phone),),
        done=_("The phone stands in. Set it up now with the code below."),
        leads_to=lambda order: Page("device", (order.phone.imei,)),
        shared_grant="phone.stand_in",
    ),
    Act(
        "device_fault.end_phone",
        _("The phone reports no more"),
        "DEV-37",
        _end_phone,
        fits=(Gate("phone.stands_in", _standing_in),),
        done=_("The phone reports no more; the device is in the vehicle again."),
        shared_grant="phone.stand_in",
    ),
    place="phone",
)
