"""Entering and correcting mineral blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from immis.core.access.permissions import Actor
from immis.core.grants import require_grant
from immis.core.services import log_action
from immis.registry.events import BlockCorrected
from immis.registry.models import Block


@dataclass(frozen=True, kw_only=True)
class NewBlock:
    """A mineral block as the notice names it; ``corners`` are (lat, lon) pairs in their order round it."""

    code: str
    serial: int
    block_no: str
    name_en: str
    name_hi: str
    district: str
    area_ha: Decimal
    quantity_m3: int
    corners: Sequence[Sequence[float]]
    river: str = ""


@transaction.atomic
def save_block(*, block: NewBlock, by: Actor, at: datetime) -> Block:
    """Enter a mineral block, or correct it as a new version that is logged (E-147).

    Raises NotPermitted for another district, that of the record before or after.
    """
    require_grant(by, "ghat.save", district=block.district)
    fields = {**vars(block), "corners": [list(corner) for corner in block.corners]}
    code = fields.pop("code")
    row = Block.objects.select_for_update().filter(code=code).first()
    if row is None:
        row = Block.objects.create(code=code, **fields)
        log_action("block.entered", subject=("block", code), by=by, at=at, facts=fields)
        return row
    require_grant(by, "ghat.save", district=row.district)
    changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
    if changed:
        before = {name: getattr(row, name) for name in changed}
        for name, value in changed.items():
            setattr(row, name, value)
        row.version += 1
        row.save()
        change = {"before": before, "after": changed}
        log_action(BlockCorrected.KIND, subject=("block", code), by=by, at=at, facts=change)
    return row
