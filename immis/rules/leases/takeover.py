"""Settlements in force that are taken over from a file: whether they are what the rule book says.

Amounts and due days of the schedule are reckoned anew from the bid and the deed by the terms of the auction's day, and
the opening balances follow from the payments. Where the rule book has no terms of that day the deed has its own, which
must be whole (TKO-02). Words of the faults: TKO-01.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from immis.rules.calendar import start_of
from immis.rules.districts import NAMES_HI
from immis.rules.leases import by_deed, schedule
from immis.rules.leases.by_deed import DMF, SECURITY
from immis.rules.leases.path import CLEARANCES
from immis.rules.leases.taken import Balance, Clearance, Due, Fault, Ghat, Party, Payment, Settlement, TakeoverFile
from immis.rules.money import PAISE, rupee_text
from immis.rules.policy import NotInForce, PolicyBook

#: Amount in paise and due day, by year and part; the security stands under year 0.
Owed = Mapping[tuple[int, str], tuple[int, date | None]]
_KINDS = (*CLEARANCES, "water")
#: The head of account that a part of a settlement is paid to: security, share of the DMF, settlement amount.
_HEADS = {SECURITY: "2100", DMF: "2200"}
_AMOUNT_HEAD = "4000"


@dataclass(frozen=True)
class Books:
    """What the records hold already, of what a file names."""

    pans: frozenset[str]
    ghats: Mapping[str, str]  # code to district
    settled_ghats: frozenset[str]
    numbers: frozenset[str]
    grns: frozenset[str]
    today: date


def faults_of(file: TakeoverFile, books: Books, *, policy: PolicyBook) -> list[Fault]:
    """Everything in a file that is not as the rule book and the records have it, by line."""
    faults = [*_of_head(file, books), *_of_people_and_ghats(file, books)]
    settlements = {row.number: row for row in file.of(Settlement)}
    for row in file.of(Settlement):
        faults += _of_settlement(row, file, books)
    for kind in (Clearance, Due, Payment):
        faults += [
            Fault(row.line, "settlement", "no_settlement", {"found": row.settlement})
            for row in file.of(kind)
            if row.settlement not in settlements
        ]
    for settlement in settlements.values():
        faults += _of_money(settlement, file, policy=policy)
    return sorted([*faults, *_of_payments(file, books), *_of_balances(file)], key=lambda fault: fault.line)


def _of_head(file: TakeoverFile, books: Books) -> Iterator[Fault]:
    if file.district not in NAMES_HI:
        yield Fault(1, "district", "district", {"found": file.district})
    if file.balances_on > books.today:
        yield Fault(1, "balances_on", "to_come", {"found": file.balances_on})
    if not file.of(Settlement):
        yield Fault(1, "", "empty", {})


def _of_people_and_ghats(file: TakeoverFile, books: Books) -> Iterator[Fault]:
    for row, key, known in (
        *((party, party.pan, books.pans) for party in file.of(Party)),
        *((ghat, ghat.code, books.ghats) for ghat in file.of(Ghat)),
    ):
        if key in known:
            yield Fault(row.line, "", "known", {"found": key})
    for rows, column in ((file.of(Party), "pan"), (file.of(Ghat), "code"), (file.of(Settlement), "number")):
        yield from _twice(rows, column)
    yield from _twice(file.of(Settlement), "ghat")


def _twice(rows: Iterable[Any], column: str) -> Iterator[Fault]:
    listed = list(rows)
    counts = Counter(getattr(row, column) for row in listed)
    for row in listed:
        if (value := getattr(row, column)) and counts[value] > 1:
            yield Fault(row.line, column, "twice", {"found": value})


def _of_settlement(row: Settlement, file: TakeoverFile, books: Books) -> Iterator[Fault]:
    if row.number in books.numbers:
        yield Fault(row.line, "number", "known", {"found": row.number})
    if row.pan not in books.pans | {party.pan for party in file.of(Party)}:
        yield Fault(row.line, "pan", "no_party", {"found": row.pan})
    ghats = {**books.ghats, **{ghat.code: file.district for ghat in file.of(Ghat)}}
    if ghats.get(row.ghat) != file.district:
        yield Fault(row.line, "ghat", "no_ghat", {"found": row.ghat, "district": file.district})
    if row.ghat in books.settled_ghats:
        yield Fault(row.line, "ghat", "settled", {"found": row.ghat})
    yield from _of_days(row, file)
    granted = {each.kind for each in _own(file.of(Clearance), row.number) if each.granted_on}
    if row.permitted_on and (lacking := [kind for kind in CLEARANCES if kind not in granted]):
        yield Fault(row.line, "permitted_on", "no_clearance", {"found": ", ".join(lacking)})
    for each in _own(file.of(Clearance), row.number):
        if each.kind not in _KINDS:
            yield Fault(each.line, "kind", "kind", {"found": each.kind, "expected": ", ".join(_KINDS)})
        if each.granted_on and each.granted_on < each.applied_on:
            yield Fault(each.line, "granted_on", "order", {"found": each.granted_on, "expected": each.applied_on})
    kinds = Counter(each.kind for each in _own(file.of(Clearance), row.number))
    for each in _own(file.of(Clearance), row.number):
        if kinds[each.kind] > 1:
            yield Fault(each.line, "kind", "twice", {"found": each.kind})


def _of_days(row: Settlement, file: TakeoverFile) -> Iterator[Fault]:
    """The days of the path in their order, none of them to come."""
    path = ("auction_on", "loi_on", "deed_on", "registered_on")
    before = row.auction_on
    for column in path:
        day = getattr(row, column)
        if day is not None and day < before:
            yield Fault(row.line, column, "order", {"found": day, "expected": before})
        before = day or before
    if row.permitted_on and row.permitted_on < row.deed_on:
        yield Fault(row.line, "permitted_on", "order", {"found": row.permitted_on, "expected": row.deed_on})
    for column in (*path, "gst_on", "permitted_on", "demarcated_on"):
        if (day := getattr(row, column)) and day > file.balances_on:
            yield Fault(row.line, column, "after_balances", {"found": day, "expected": file.balances_on})


def _own(rows: Iterable[Any], number: str) -> list[Any]:
    return [row for row in rows if row.settlement == number]


def expected_of(row: Settlement, *, district: str, policy: PolicyBook) -> Owed:
    """What a settlement owes by the terms of its auction's day.

    Raises NotInForce where the rule book has no terms of that day.
    """
    on, bid_paise = start_of(row.auction_on), row.bid_rupees * PAISE
    owed: dict[tuple[int, str], tuple[int, date | None]] = {}
    for year in schedule.years(bid_paise, deed_on=row.deed_on, policy=policy, on=on, district=district):
        for instalment in year.instalments:
            owed[year.number, str(instalment.number)] = (instalment.amount_paise, instalment.due_on)
        owed[year.number, DMF] = (year.dmf_paise, year.dmf_due_on)
    full = schedule.security(bid_paise, emd_paise=0, policy=policy, on=on, district=district).full_paise
    return {**owed, (0, SECURITY): (full, None)}


def has_terms(row: Settlement, *, district: str, policy: PolicyBook) -> bool:
    """Whether the rule book has the terms of a settlement's auction day; without them its deed has its own."""
    try:
        expected_of(row, district=district, policy=policy)
    except NotInForce:
        return False
    return True


def _of_money(row: Settlement, file: TakeoverFile, *, policy: PolicyBook) -> Iterator[Fault]:
    """The schedule and the payments of a settlement beside what the rule book reckons, else what its deed states."""
    if not has_terms(row, district=file.district, policy=policy):
        dues = _own(file.of(Due), row.number)
        yield from by_deed.terms_faults(row, dues)
        yield from _of_paid(row, file, by_deed.stated_of(dues))
        return
    owed = expected_of(row, district=file.district, policy=policy)
    for column in ("unpaid_stops", "ends_on"):
        if found := getattr(row, column):
            yield Fault(row.line, column, "by_law", {"found": found, "day": row.auction_on})
    yield from _of_schedule(row, _own(file.of(Due), row.number), owed)
    yield from _of_paid(row, file, owed)


def _of_schedule(row: Settlement, dues: Iterable[Due], owed: Owed) -> Iterator[Fault]:
    named: set[tuple[int, str]] = set()
    for due in dues:
        key = (due.year, due.part)
        if key not in owed or due.part == SECURITY or key in named:
            why = "twice" if key in named else "no_part"
            yield Fault(due.line, "part", why, {"found": f"{due.year}/{due.part}"})
            continue
        named.add(key)
        amount, due_on = owed[key]
        if due.amount_paise != amount:
            sums = {"found": rupee_text(due.amount_paise), "expected": rupee_text(amount)}
            yield Fault(due.line, "amount_paise", "amount_differs", sums)
        if due.due_on != due_on:
            yield Fault(due.line, "due_on", "due_differs", {"found": due.due_on, "expected": due_on})
    lacking = [f"{year}/{part}" for year, part in owed if (year, part) not in named and part != SECURITY]
    if lacking:
        yield Fault(row.line, "", "schedule_lacks", {"found": ", ".join(lacking)})


def _of_paid(row: Settlement, file: TakeoverFile, owed: Owed) -> Iterator[Fault]:
    paid: Counter[tuple[int, str]] = Counter()
    for payment in _own(file.of(Payment), row.number):
        key = (payment.year, payment.part)
        if key not in owed:
            yield Fault(payment.line, "part", "no_part", {"found": f"{payment.year}/{payment.part}"})
            continue
        paid[key] += payment.amount_paise
        if paid[key] > owed[key][0]:
            sums = {"found": rupee_text(paid[key]), "expected": rupee_text(owed[key][0])}
            yield Fault(payment.line, "amount_paise", "overpaid", sums)
        if payment.verified_on < row.auction_on:
            days = {"found": payment.verified_on, "expected": row.auction_on}
            yield Fault(payment.line, "verified_on", "order", days)


def _of_payments(file: TakeoverFile, books: Books) -> Iterator[Fault]:
    yield from _twice(file.of(Payment), "grn")
    for row in file.of(Payment):
        if row.grn in books.grns:
            yield Fault(row.line, "grn", "known", {"found": row.grn})
        if row.verified_on > file.balances_on:
            days = {"found": row.verified_on, "expected": file.balances_on}
            yield Fault(row.line, "verified_on", "after_balances", days)
        if not row.amount_paise:
            yield Fault(row.line, "amount_paise", "rupees", {"found": "0"})


def balances_of(file: TakeoverFile) -> dict[str, int]:
    """The opening balance of each head of account in paise, as the payments of a file make it."""
    balances: Counter[str] = Counter()
    for row in file.of(Payment):
        balances[_HEADS.get(row.part, _AMOUNT_HEAD)] += row.amount_paise
    return dict(balances)


def _of_balances(file: TakeoverFile) -> Iterator[Fault]:
    """The stated opening balances beside those that the payments make."""
    made, stated = balances_of(file), {row.head: row for row in file.of(Balance)}
    yield from _twice(file.of(Balance), "head")
    for head, row in stated.items():
        if row.amount_paise != made.get(head, 0):
            sums = {"found": rupee_text(row.amount_paise), "expected": rupee_text(made.get(head, 0))}
            yield Fault(row.line, "amount_paise", "balance_differs", {**sums, "head": head})
    for head in sorted(made.keys() - stated.keys()):
        yield Fault(file.last_line, "", "balance_lacks", {"head": head, "expected": rupee_text(made[head])})
