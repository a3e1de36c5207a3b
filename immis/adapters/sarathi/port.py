"""What the office asks of SARATHI, in its own words, and how a licence of theirs is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from immis.adapters.vahan.reading import day, text_of


class SarathiUnreachable(Exception):
    """It did not answer, or not with what it promises."""


class LicenceUnknown(Exception):
    """It answered, and knows no such licence."""


@dataclass(frozen=True)
class LicenceRecord:
    """A driving licence as SARATHI has it; ``transport_until`` is its end for transport vehicles. Fields unverified."""

    licence_no: str
    status: str
    name: str
    classes: str
    transport_until: date | None


class Sarathi(Protocol):
    """The register of driving licences."""

    def licence(self, licence_no: str, born_on: date) -> LicenceRecord:
        """What it has of a licence. Raises LicenceUnknown, SarathiUnreachable."""


def read_licence(answer: Mapping[str, Any]) -> LicenceRecord | None:
    """An answer as a licence; None where it names none."""
    body = answer.get("dldetobj")
    body = body[0] if isinstance(body, list) and body else body
    known: Mapping[str, Any] = body if isinstance(body, Mapping) else answer
    licence, person = _part(known, "dlobj"), _part(known, "bioObj")
    number = text_of(licence, "dlLicno", "dl_no") or text_of(answer, "dl_no")
    if not number:
        return None
    covers = known.get("dlcovs")
    rows = [row for row in covers if isinstance(row, Mapping)] if isinstance(covers, list) else []
    return LicenceRecord(
        licence_no="".join(number.split()).replace("-", "").upper(),
        status=text_of(licence, "dlStatus").upper(),
        name=text_of(person, "bioFullName")[:120],
        classes=" ".join(text_of(row, "covabbrv", "dcCovcd") for row in rows)[:80],
        transport_until=day(licence, "dlTrValdtoDt"),
    )


def _part(known: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = known.get(name)
    return part if isinstance(part, Mapping) else {}
