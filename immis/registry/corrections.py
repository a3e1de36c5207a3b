"""Correcting the record of a ghat as a new version: land, area, quantity, corners (clause 42(xx), E-147)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.errors import Refusal
from immis.core.facts import plain
from immis.core.grants import require_grant
from immis.core.services import emit, log_action
from immis.registry.events import BlockCorrected
from immis.registry.models import Block, BlockVersion
from immis.registry.rivers import river_on_record
from immis.rules.catalogue import Finding, find
from immis.rules.land.ghats import CorrectionFacts
from immis.rules.policy import book

FIELDS = ("name_en", "name_hi", "river", "area_ha", "quantity_m3", "corners", "land")
LAND = ("circle", "police_station", "mauza", "khata", "khesra")


def record_of(block: Block) -> dict[str, Any]:
    """What of a ghat can be corrected, as plain values."""
    return plain({name: getattr(block, name) for name in FIELDS})


def versions_of(block: Block) -> list[BlockVersion]:
    """Every version of a ghat's record that a correction left or made, newest first; public like the ghat itself."""
    return list(BlockVersion.objects.filter(block=block))


@dataclass(frozen=True)
class RecordCorrection:
    """What a ghat's record is to say, why and by which paper; corners are (latitude, longitude).

    ``river`` is one of the register in any of its spellings, or empty.
    """

    area_ha: Decimal
    quantity_m3: int
    corners: Sequence[Sequence[float]]
    land: Mapping[str, str]
    reason: str
    reference: str
    river: str = ""


@transaction.atomic
def correct_block(*, block: Block, correction: RecordCorrection, by: Actor, at: datetime) -> list[Finding]:
    """Correct a ghat's record as a new version; the one before stays readable.

    Answers warnings (GHT-03: area and corners differ). Raises Refusal (GHT-02, GHT-04), NotPermitted for another
    district.
    A version that changes nothing is not made.
    """
    require_grant(by, "ghat.correct", district=block.district)
    block = Block.objects.select_for_update().get(pk=block.pk)
    corners = [list(corner) for corner in correction.corners]
    if corners == [[round(degrees, 7) for degrees in corner] for corner in block.corners]:
        corners = block.corners  # as they came, to more places than anybody types
    facts = CorrectionFacts(
        tuple((lat, lon) for lat, lon in corners), correction.area_ha, correction.reason, correction.reference
    )
    findings = find("block.correct", facts, policy=book(), at=at)
    if refusing := [finding for finding in findings if finding.severity == "refuse"]:
        raise Refusal(refusing)
    record = {
        "river": river_on_record(correction.river, at=at),
        "area_ha": correction.area_ha,
        "quantity_m3": correction.quantity_m3,
        "corners": corners,
        "land": dict(correction.land),
    }
    before = record_of(block)
    changed = sorted(name for name, value in record.items() if getattr(block, name) != value)
    if not changed:
        return []
    if not BlockVersion.objects.filter(block=block, version=block.version).exists():
        BlockVersion.objects.create(block=block, version=block.version, record=before, at=at)
    for name in changed:
        setattr(block, name, record[name])
    block.version += 1
    block.save()
    _keep(block, changed, reason=correction.reason, reference=correction.reference, by=by, at=at)
    return findings


def _keep(block: Block, changed: list[str], *, reason: str, reference: str, by: Actor, at: datetime) -> None:
    record = record_of(block)
    BlockVersion.objects.create(
        block=block,
        version=block.version,
        record=record,
        changed=changed,
        reason=reason,
        reference=reference,
        by=by.user_id,
        at=at,
    )
    facts = {"version": block.version, "changed": changed, "reason": reason, "reference": reference}
    subject = ("block", block.code)
    log_action(BlockCorrected.KIND, subject=subject, by=by, at=at, facts={**facts, "record": record})
    emit(BlockCorrected(**facts, district=block.district), subject=subject, at=at)
