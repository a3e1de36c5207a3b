"""The accredited persons (RQPs) who prepare mining plans, as their register has them (E-088)."""

from immis.registers.models import Entry

_REGISTER, _ACCREDITED = "rqps", "accredited"


def rqps() -> list[Entry]:
    """The accreditations in force, by name."""
    rows = Entry.objects.filter(register=_REGISTER, state=_ACCREDITED)
    return sorted(rows, key=lambda row: (str(row.values.get("name", "")), row.number))


def rqp_of(number: str) -> Entry | None:
    """The entry of a number in the register; None where nobody is named."""
    return Entry.objects.filter(register=_REGISTER, number=number).first() if number else None


def is_accredited(entry: Entry | None) -> bool:
    """Whether an accreditation stands in the register; its last day is the rule's matter (LSE-78)."""
    return entry is not None and entry.state == _ACCREDITED
