"""What entering and changing any record of the registry shares: what it was before stands in the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.services import log_action
from immis.registry.models import Party, Vehicle
from immis.rules.catalogue import Finding


@dataclass
class Taken:
    """What became of rows entered at once: how many were entered and changed; why others were not, by their place."""

    entered: int = 0
    changed: int = 0
    refused: dict[int, Sequence[Finding]] = field(default_factory=dict)


def changed(row: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Set the fields of a record and save it; answers what those that changed were before."""
    before = {name: getattr(row, name) for name, value in fields.items() if getattr(row, name) != value}
    for name in before:
        setattr(row, name, fields[name])
    if before:
        row.save(update_fields=list(before))
    return before


def log_changes(
    kind: str, code: str, before: Mapping[str, Any], row: Any, *, by: Actor, at: datetime, reason: str = ""
) -> None:
    """Write what a record was and is now into the action log; nothing where nothing changed."""
    if before:
        facts = {"before": shown(before), "after": shown({name: getattr(row, name) for name in before})}
        log_action(f"{kind}.changed", subject=(kind, code), by=by, at=at, facts={**facts, "reason": reason})


def shown(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as the log keeps them: other records by their number."""
    return {name: _number(value) for name, value in fields.items()}


def _number(value: Any) -> Any:
    if isinstance(value, Party):
        return value.code
    return value.registration if isinstance(value, Vehicle) else value


def entered(model: Any, fields: Mapping[str, Any], kind: str, *, by: Actor, at: datetime | None) -> tuple[Any, bool]:
    """A record by its code, made or changed, its changes in the log; answers it and whether it is new."""
    row = model.objects.select_for_update(of=("self",)).filter(code=fields["code"]).first()
    if row is None:
        return model.objects.create(**fields), True
    log_changes(kind, row.code, changed(row, fields), row, by=by, at=at or clock.now())
    return row, False
