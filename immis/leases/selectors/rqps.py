"""The accredited persons (RQPs) who prepare mining plans, as their register has them (E-088)."""

from immis.registers.selectors import Entry, entry_in, standing_in

_REGISTER, _ACCREDITED = "rqps", "accredited"
#: One whose last day is over held on the days before: a plan may have been submitted then.
_KNOWN = (_ACCREDITED, "over")


def rqps() -> list[Entry]:
    """The accreditations in force by name, and behind them those whose last day is over."""
    rows = [row for state in _KNOWN for row in standing_in(_REGISTER, state)]
    return sorted(rows, key=lambda row: (row.state != _ACCREDITED, str(row.values.get("name", "")), row.number))


def rqp_of(number: str) -> Entry | None:
    """The entry of a number in the register; None where nobody is named."""
    return entry_in(_REGISTER, number) if number else None


def is_accredited(entry: Entry | None) -> bool:
    """Whether an accreditation stands in the register, not withdrawn; its last day is the rule's matter (LSE-78)."""
    return entry is not None and entry.state in _KNOWN
