"""Scrolls, cheques, taxes and dues as the pages show them, in words."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.leases.acts.register import INSTRUMENT_KINDS, TAX_KINDS
from immis.leases.selectors import due_state
from immis.ledger.selectors.dues import SOON
from immis.rules.ledger.instruments import STATE_WORDS
from immis.web.shell import wording

#: state of a due → (how its chip is drawn, its word)
DUES = {
    "settled": ("good", gettext_lazy("Verified")),
    "waiting": ("info", gettext_lazy("Paid, waiting for verification")),
    "overdue": ("bad", gettext_lazy("Overdue")),
    "due": ("warn", gettext_lazy("To be paid now")),
    "due_soon": ("warn", gettext_lazy("Due soon")),
    "upcoming": ("plain", gettext_lazy("Not due yet")),
    "planned": ("plain", gettext_lazy("Planned")),
    "cancelled": ("plain", gettext_lazy("Withdrawn")),
    "open": ("warn", gettext_lazy("To be paid now")),
}


def due_chip(demand: Any, *, at: datetime) -> tuple[str, Any]:
    """How a demand stands against its day, in words, the same on every page: (drawn state, word)."""
    return DUES[due_state(demand, at=at)]


RECEIPTS = {
    "created": ("plain", gettext_lazy("Not paid yet")),
    "failed": ("bad", gettext_lazy("Failed at the bank")),
    "paid_unverified": ("warn", gettext_lazy("Waiting for verification")),
    "verified": ("good", gettext_lazy("Verified")),
    "refused": ("bad", gettext_lazy("Refused")),
    "reconciled": ("good", gettext_lazy("Verified, found in the scroll")),
    "reversed": ("bad", gettext_lazy("Taken back by the bank")),
}
FLAGS = {
    "wrong_account": gettext_lazy("Paid from an account that is not the party's own"),
    "amount_differs": gettext_lazy("Another amount than demanded"),
    "refused": gettext_lazy("Was refused by the district"),
}
#: what the treasury said, how it reached us, and what it did to the receipt
NOTICES = {
    "created": gettext_lazy("not paid yet"),
    "pending": gettext_lazy("under way at the bank"),
    "failed": gettext_lazy("failed"),
    "paid": gettext_lazy("paid"),
    "reversed": gettext_lazy("taken back"),
    "scroll": gettext_lazy("listed in the scroll"),
    "webhook": gettext_lazy("told by the treasury"),
    "poll": gettext_lazy("asked by the system"),
    "check": gettext_lazy("asked by a person"),
    "applied": gettext_lazy("taken over"),
    "no_change": gettext_lazy("nothing new"),
    "contradicts": gettext_lazy("contradicts what was known"),
    "unknown_grn": gettext_lazy("unknown GRN"),
}
#: outcome of a scroll line → (how its chip is drawn, its word)
OUTCOMES = {
    "matched": ("good", gettext_lazy("Matches")),
    "waiting": ("info", gettext_lazy("Matches, not verified yet")),
    "reversed": ("warn", gettext_lazy("Taken back, booked back")),
    "duplicate": ("bad", gettext_lazy("Listed twice")),
    "unknown": ("bad", gettext_lazy("No receipt of ours")),
    "wrong_amount": ("bad", gettext_lazy("Another amount than our receipt")),
    "wrong_account": ("bad", gettext_lazy("Credited to another district's account")),
    "refused_receipt": ("bad", gettext_lazy("The district refused this payment")),
    "contradicts": ("bad", gettext_lazy("Listed after it was taken back")),
}
#: why a file was refused
REASONS = {
    "not_text": gettext_lazy("The file is not a text file in UTF-8."),
    "too_long": gettext_lazy("The file has too many lines."),
    "no_header": gettext_lazy("The first line is not that of a scroll: SCROLL, number, day."),
    "bad_line": gettext_lazy("A line cannot be read."),
    "no_total": gettext_lazy("The last line with the control totals is missing."),
    "count_differs": gettext_lazy("The count of lines is not that of the control total."),
    "sum_differs": gettext_lazy("The sum of the lines is not that of the control total."),
    "number_taken": gettext_lazy("A scroll of this number was taken in already."),
}
#: what is wrong in a cell of a scroll
CELL_FAULTS = {
    "cells": gettext_lazy("Another number of cells than a line has"),
    "kind": gettext_lazy("Neither a credit nor a reversal"),
    "missing": gettext_lazy("Nothing stands here"),
    "exponent": gettext_lazy("A spreadsheet has shortened the sum"),
    "groups": gettext_lazy("The commas or blanks do not group a sum"),
    "decimals": gettext_lazy("More than two decimals"),
    "range": gettext_lazy("No sum is as high"),
    "no_sum": gettext_lazy("No sum in rupees"),
    "not_positive": gettext_lazy("Not above nothing"),
    "rounded": gettext_lazy("A spreadsheet has shortened the number: digits are lost"),
    "digits_lost": gettext_lazy("A spreadsheet may have replaced the last digits by zeros"),
    "formula": gettext_lazy("A formula of a spreadsheet"),
    "apostrophe": gettext_lazy("An apostrophe of a spreadsheet stands before it"),
    "line_break": gettext_lazy("A line break within the cell"),
    "odd_letters": gettext_lazy("Letters or signs that no such number has"),
    "too_long_text": gettext_lazy("Longer than it may be"),
    "no_day": gettext_lazy("No day written as year-month-day"),
    "later_than_scroll": gettext_lazy("A later day than the scroll's"),
}
COLUMNS = {
    "word": gettext_lazy("First word"),
    "number": gettext_lazy("Scroll"),
    "district": gettext_lazy("District"),
    "kind": gettext_lazy("Credit or reversal"),
    "grn": "GRN",
    "bank_ref": gettext_lazy("Bank's reference"),
    "rupees": gettext_lazy("Amount (₹)"),
    "day": gettext_lazy("Day"),
    "account": gettext_lazy("Payer's account"),
    "lines": gettext_lazy("Lines"),
}
KINDS = {
    "emd": gettext_lazy("Earnest money"),
    "security": gettext_lazy("Security deposit"),
    "instalment": gettext_lazy("Instalment"),
    "dmf": gettext_lazy("DMF share"),
    "penalty": gettext_lazy("Penalty"),
    "fee": gettext_lazy("Fee"),
    "income_tax": gettext_lazy("Income tax"),
    "interest": gettext_lazy("Interest"),
    "royalty": gettext_lazy("Royalty on excess quantity"),
    "recovery": gettext_lazy("Returned money that the bank took back"),
}
STATES = {
    "overdue": gettext_lazy("Overdue"),
    "soon": format_lazy(gettext_lazy("Due within {n} days"), n=SOON.days),
    "part": gettext_lazy("Paid in part"),
    "open": gettext_lazy("All unpaid"),
    "settled": gettext_lazy("Paid and verified"),
}
_DRAWN = {"lodged": "info", "presented": "warn", "honoured": "good", "bounced": "bad", "returned": "plain"}
CLAIM_KINDS = {"credit": gettext_lazy("Excess payment"), "refused": gettext_lazy("Payment that was refused")}
CLAIM_STATES = {
    "asked": ("warn", gettext_lazy("Waits for the Collector")),
    "approved": ("good", gettext_lazy("Approved")),
    "rejected": ("bad", gettext_lazy("Rejected")),
}
#: state of a return on its way to a party → its chip
RETURN_ORDERS = {
    "ordered": ("warn", gettext_lazy("Return ordered")),
    "sent": ("warn", gettext_lazy("Sent to the treasury")),
    "failed": ("bad", gettext_lazy("Came back from the bank")),
    "paid": ("good", gettext_lazy("Returned")),
}
_HEATS = 5


def most_of(dues: Any) -> str:
    """The kind of demand of which most is overdue in a district, and how much of it."""
    return f"{KINDS[dues.most_kind]}: {wording.short_paise(dues.most_paise)}" if dues.most_kind else ""


def reason(code: str) -> str:
    """``bad_line:3`` in words."""
    name, _colon, line = code.partition(":")
    words = str(REASONS.get(name, name))
    return f"{words} {_('Line %(n)s.') % {'n': line}}" if line and line != "0" else words


def cell_findings(findings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a scroll's reader found, cell by cell, in words."""
    return [
        {
            **finding,
            "drawn": "bad" if finding["severity"] == "error" else "warn",
            "word": CELL_FAULTS.get(finding["code"]) or REASONS.get(finding["code"], finding["code"]),
            "heading": COLUMNS.get(finding["column"], finding["column"]),
        }
        for finding in findings
    ]


def instrument_rows(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Cheques and drafts with the chip of their state."""
    return [
        {
            "one": row,
            "kind": INSTRUMENT_KINDS[row.kind],
            "drawn": _DRAWN[row.state],
            "word": wording.name_of(STATE_WORDS[row.state]),
        }
        for row in rows
    ]


def tax_rows(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [{"one": row, "kind": TAX_KINDS[row.kind]} for row in rows]


def heats(sums: Sequence[int]) -> list[int]:
    """Each sum's heat from 0 (nothing) to 5 (as much as the highest)."""
    highest = max(sums, default=0)
    return [0 if paise <= 0 or not highest else max(1, -(-paise * _HEATS // highest)) for paise in sums]


def claim_rows(claims: Iterable[Any]) -> list[dict[str, Any]]:
    """Claims for money on account with the chip of their state, and where the money is."""
    rows = []
    for claim in claims:
        drawn, word = CLAIM_STATES[claim.state]
        rows.append(
            {
                "one": claim,
                "kind": CLAIM_KINDS[claim.kind],
                "drawn": drawn,
                "word": word,
                "order": RETURN_ORDERS[claim.order.state][1] if claim.order else "",
            }
        )
    return rows


def notice_line(notice: Any) -> str:
    """One notice of the treasury in words: what it said, how it came, what it did."""
    return " · ".join(str(NOTICES[word]) for word in (notice.status, notice.source, notice.outcome))
