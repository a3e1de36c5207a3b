"""Certificate cases, and dues to the Corporation by its lists: entered once, asked for by PAN (E-032, E-112)."""

from collections.abc import Iterable
from datetime import date

from immis.core.errors import Refusal
from immis.registers.hooks import Draft, before
from immis.registers.selectors import having
from immis.registry.services import checked_pan
from immis.rules.calendar import india_day
from immis.rules.catalogue import Finding

CASES = "certificate_cases"
CORPORATION = "corporation_dues"
_PENDING = "pending"


@before(CASES, "enter")
def complete_case(draft: Draft) -> None:
    """The same case of the same office again answers the first entry. Raises Refusal (REG-01, PAY-22)."""
    values = draft.values
    values["pan"] = checked_pan(values["pan"])
    filed_on = date.fromisoformat(values["filed_on"])
    if filed_on > india_day(draft.at):
        raise Refusal(
            Finding("PAY-22", {"found": f"{values['case_number']} / {values['office']}"[:80], "on": filed_on})
        )
    draft.key = f"{CASES}:{values['office']}:{values['case_number']}"


@before(CORPORATION, "enter")
def complete_due(draft: Draft) -> None:
    """The same line of the same letter again answers the first entry. Raises Refusal (REG-01)."""
    values = draft.values
    values["pan"] = checked_pan(values["pan"])
    draft.key = f"{CORPORATION}:{values['letter']}:{values['pan']}:{values['due_on']}:{values['amount']}"


@before(CASES, "close")
def complete_closing(draft: Draft) -> None:
    """It bars nobody from that day on."""
    draft.values["closed_on"] = india_day(draft.at).isoformat()


def pending_cases(pans: Iterable[str]) -> tuple[str, ...]:
    """Numbers of the certificate cases that are pending against holders of these PANs (E-032)."""
    return tuple(number for _, number in pending_by_pan(pans))


def pending_by_pan(pans: Iterable[str]) -> list[tuple[str, str]]:
    """PAN and number of each pending case against holders of these PANs, the oldest first."""
    return [(values["pan"], values["case_number"]) for values in _pending("pan", pans)]


def corporation_dues(pans: Iterable[str]) -> list[tuple[str, str]]:
    """PAN and number of each due that the Corporation's lists name of holders of these PANs, the oldest first."""
    rows = having(CORPORATION, "pan", pans).filter(state="due").order_by("id")
    return [(values["pan"], number) for number, values in rows.values_list("number", "values")]


def pending_on(lease: str) -> tuple[str, ...]:
    """Numbers of the cases that are pending for dues of a settlement (E-112)."""
    return tuple(values["case_number"] for values in _pending("lease", [lease]))


def _pending(field: str, texts: Iterable[str]) -> list[dict[str, str]]:
    rows = having(CASES, field, texts).filter(state=_PENDING).values_list("values", flat=True)
    return sorted(rows, key=lambda values: values["filed_on"])
