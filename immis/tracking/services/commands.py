"""Commands to devices: ordered by an office with a reason, handed to the gateway, followed to their answer (DEV-18)."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.grants import require_grant
from immis.core.services import log_action
from immis.gateway.protocols import command_words as words
from immis.registry.selectors import Device, devices
from immis.registry.services import require_own
from immis.rules.catalogue import find
from immis.rules.movement.device_orders import CommandFacts
from immis.rules.policy import book
from immis.tracking import gateway
from immis.tracking.models import DeviceCommand

FORMS, acts_of = words.FORMS, words.acts_of
_OPEN = (DeviceCommand.QUEUED, DeviceCommand.SENT)
_DAY = timedelta(days=1)


@transaction.atomic
def order_command(
    *, device: Device, form: str, act: str, seconds: int | None, reason: str, by: Actor, at: datetime
) -> DeviceCommand:
    """Send a device a command of the allowed list in its own syntax; it waits for the device at most a day.

    Raises Refusal (DEV-18), NotPermitted for another district's device.
    """
    require_grant(by, "device.command")
    require_own(by, device)
    with_seconds = act in words.WITH_SECONDS
    facts = CommandFacts(
        **{
            **vars(command_of(device, act, by, at)),
            "seconds": seconds if with_seconds else None,
            "needs_seconds": with_seconds,
            "is_known": act in acts_of(form),
        }
    )
    if findings := find("device.command", facts, policy=book(), at=at):
        raise Refusal(findings)
    text = words.command_text(form, act, imei=device.imei, seconds=seconds or 0)
    mark = device.vehicle.registration if device.vehicle else ""
    made = DeviceCommand.objects.create(
        code=secrets.token_hex(8), imei=device.imei, registration=mark, form=form, act=act, text=text, reason=reason,
        ordered_at=at, ordered_by=by.user_id, ordered_role=by.role,
        until=at + timedelta(hours=int(book().value("DEV-18", at)["waits_h"])),
    )  # fmt: skip
    body = {"code": made.code, "text": text, "reason": reason, "until": made.until}
    log_action("device.command_ordered", subject=("device", device.imei), by=by, at=at, facts=body)
    transaction.on_commit(lambda: hand_over(made))
    return made


def allowed_acts(at: datetime) -> list[str]:
    """What a device may be told at all (DEV-18)."""
    return [str(act) for act in book().value("DEV-18", at)["acts"]]


def command_of(device: Device, act: str, by: Actor, at: datetime) -> CommandFacts:
    """What stands before a command, whatever its interval and syntax."""
    recent = DeviceCommand.objects.filter(imei=device.imei, ordered_at__gt=at - _DAY)
    return CommandFacts(
        device.imei, act,
        sent_today=recent.count(),
        under_way=DeviceCommand.objects.filter(imei=device.imei, state__in=_OPEN, until__gt=at).exists(),
        own=by.sees_district(device.district),
    )  # fmt: skip


def hand_over(command: DeviceCommand) -> None:
    """Put a command where the gateway looks for it."""
    gateway.queue_command(code=command.code, imei=command.imei, text=command.text, until=command.until)


def follow_command(kind: str, payload: Mapping[str, Any], *, at: datetime) -> None:
    """What the gateway told of a command: sent (again), answered with these words, or given up."""
    state = kind.removeprefix("device.command_")
    rows = DeviceCommand.objects.filter(code=payload.get("id", ""), state__in=_OPEN)
    known = {"state": state, "moved_at": at}
    if "tries" in payload:
        known["tries"] = int(payload["tries"])
    rows.update(**known, **({"answer": str(payload.get("raw", ""))[:2000]} if state == DeviceCommand.ANSWERED else {}))


def commands_of(device: Device) -> QuerySet[DeviceCommand]:
    """Commands to a device, newest first. The caller has checked that the viewer may see the device."""
    return DeviceCommand.objects.filter(imei=device.imei)


def usual_form(device: Device) -> str:
    """The syntax in which a device of this vendor and model answered last; empty where none did."""
    same = devices(vendor=device.vendor, model=device.model).values_list("imei", flat=True)
    rows = DeviceCommand.objects.filter(imei__in=same, state=DeviceCommand.ANSWERED)
    return rows.values_list("form", flat=True).first() or ""
