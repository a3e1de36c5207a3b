"""Pairing software with a weighbridge by a six-digit code, and cutting it off again (A-10)."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from immis.core.access.permissions import SYSTEM, Actor
from immis.core.access.throttling import take
from immis.core.errors import NotFound, Refusal, TooMany
from immis.core.services import log_action, next_number
from immis.rules.calendar import INDIA
from immis.rules.catalogue import Finding
from immis.rules.policy import book
from immis.weighbridges import protocol
from immis.weighbridges.models import Bridge, PairedDevice
from immis.weighbridges.services.bridges import locked


def _terms(at: datetime) -> Mapping[str, Any]:
    terms: Mapping[str, Any] = book().value("WB-07", at)
    return terms


def _refused(at: datetime) -> Finding:
    return Finding("WB-07", {"minutes": _terms(at)["minutes"]})


@transaction.atomic
def make_code(*, bridge: Bridge, by: Actor, at: datetime) -> Bridge:
    """Make the code that pairs software with an approved weighbridge; an older one ends. Raises Refusal (WB-05)."""
    row = locked(bridge, "pair", by=by, at=at)
    taken = set(Bridge.objects.filter(pair_until__gt=at).values_list("pair_code", flat=True))
    code = next(code for _try in range(100) if (code := f"{secrets.randbelow(1_000_000):06d}") not in taken)
    row.pair_code, row.pair_until = code, at + timedelta(minutes=int(_terms(at)["minutes"]))
    row.save(update_fields=["pair_code", "pair_until"])
    log_action("weighbridge.code_made", subject=("weighbridge", row.number), by=by, at=at, facts={})
    return row


def take_try(network: str, *, at: datetime) -> None:
    """Count one try of a code from an address, before it is made. Raises TooMany (WB-07)."""
    terms = _terms(at)
    within = timedelta(minutes=int(terms["minutes"]))
    if not take({f"weighbridge-pair:{network}": int(terms["tries"])}, within=within, at=at):
        raise TooMany(_refused(at), again_in_s=round(within.total_seconds()))


@transaction.atomic
def pair(*, code: str, public_key: str, software: Mapping[str, str], at: datetime) -> PairedDevice:
    """Pair software by the code that an operator reads to it; the software paired before is cut off.

    Raises Refusal (WB-07) for a code that is over or unknown, and for what is no key, or one that is known.
    """
    row = Bridge.objects.select_for_update().filter(pair_code=code, pair_until__gt=at).first() if code else None
    known = PairedDevice.objects.filter(public_key=public_key).exists()
    if row is None or known or row.state != Bridge.APPROVED or not protocol.is_key(public_key):
        raise Refusal(_refused(at))
    row.devices.filter(revoked_at__isnull=True).update(revoked_at=at)
    year = f"{at.astimezone(INDIA):%Y}"
    device = PairedDevice.objects.create(
        number=f"WBD-{year}-{next_number(f'weighbridge-device:{year}'):06d}", bridge=row, public_key=public_key,
        software=dict(software), paired_at=at, heard_at=at,
    )  # fmt: skip
    row.pair_code, row.pair_until, row.paired_at = "", None, row.paired_at or at
    row.save(update_fields=["pair_code", "pair_until", "paired_at"])
    facts = {"device": device.number, **software}
    log_action("weighbridge.paired", subject=("weighbridge", row.number), by=SYSTEM, at=at, facts=facts)
    return device


@transaction.atomic
def revoke(*, bridge: Bridge, device: str, reason: str, by: Actor, at: datetime) -> Bridge:
    """Cut software off: its weighments are taken no more. Raises NotFound, Refusal (WB-05)."""
    row = locked(bridge, "revoke", by=by, at=at)
    if not row.devices.filter(number=device, revoked_at__isnull=True).update(revoked_at=at):
        raise NotFound(f"device {device}")
    facts = {"device": device, "reason": reason}
    log_action("weighbridge.device_revoked", subject=("weighbridge", row.number), by=by, at=at, facts=facts)
    return row
