"""Examples of declared events: what a test does not name is filled by its type."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args, get_origin, get_type_hints

from immis.core.events import Payload, declared

AN_INSTANT = datetime(2026, 10, 16, 6, 30, tzinfo=UTC)
_BY_TYPE: dict[Any, Any] = {
    str: "", int: 0, float: 0.0, bool: False, Decimal: Decimal(0), date: AN_INSTANT.date(), datetime: AN_INSTANT,
}  # fmt: skip


def example(kind: str, /, **facts: Any) -> Payload:
    """The payload of a kind with these facts, by the names of the record. Raises TypeError for a name it has not."""
    cls = declared(kind)
    hints = get_type_hints(cls)
    for name, one in cls.__dataclass_fields__.items():  # type: ignore[attr-defined]
        stored = name.rstrip("_")
        if one.default is not None and stored not in facts and name != cls.SPREAD:
            facts[stored] = _filled(hints[name])
    return cls.of(facts)


def _filled(hint: Any) -> Any:
    if hint in _BY_TYPE:
        return _BY_TYPE[hint]
    if type(None) in get_args(hint):
        return None
    return [] if get_origin(hint) is list else {}
