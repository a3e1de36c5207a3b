"""What a settlement costs and when: yearly amounts, instalments, DMF and security, each with its clause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from immis.rules.calendar import add_months, add_years, end_of
from immis.rules.money import percent_of, split
from immis.rules.policy import PolicyBook, PolicyValue
from immis.rules.writing.texts import text

INSTALMENT_CODES = ("INS-01", "INS-02", "INS-03")


@dataclass(frozen=True)
class Cite:
    """Where a figure comes from: code, the day its value is in force from, and the clause."""

    code: str
    from_on: date
    cites: str

    @classmethod
    def of(cls, value: PolicyValue) -> "Cite":
        return cls(value.code, value.from_on, value.cites)


@dataclass(frozen=True)
class Rise:
    """An order that allows a greater yearly quantity: what falls due from its day on rises (clause 30 kha, E-110)."""

    key: str
    from_on: date
    before_m3: int
    after_m3: int


@dataclass(frozen=True)
class Added:
    """What one rise (its ``key``) adds to a sum that falls due."""

    rise: str
    amount_paise: int


@dataclass(frozen=True)
class Instalment:
    """One instalment of a settlement year (``number`` 1 to 3); ``due_on`` is None before the deed has a date.

    ``added`` is what orders of a greater quantity put on top of ``amount_paise``.
    """

    year: int
    number: int
    amount_paise: int
    due_on: date | None
    cite: Cite
    added: tuple[Added, ...] = ()

    @property
    def label(self) -> dict[str, str]:
        if self.number > len(INSTALMENT_CODES):  # a deed's own
            return text("leases/demands", "instalment_n", year=self.year, number=self.number)
        return text("leases/demands", f"instalment_{self.number}", year=self.year)


@dataclass(frozen=True)
class SettlementYear:
    """One year of a settlement: its amount, first day, instalments and the share of the DMF."""

    number: int
    starts_on: date | None
    amount_paise: int
    instalments: tuple[Instalment, ...]
    dmf_paise: int
    dmf_due_on: date | None
    dmf_cite: Cite
    dmf_added: tuple[Added, ...] = ()

    @property
    def owed_paise(self) -> int:
        """The settlement amount that the year owes: its own, and what greater quantities added to its instalments."""
        return self.amount_paise + sum(
            added.amount_paise for instalment in self.instalments for added in instalment.added
        )

    @property
    def dmf_label(self) -> dict[str, str]:
        return text("leases/demands", "dmf", year=self.number)


@dataclass(frozen=True)
class Security:
    """The security deposit: the full sum, what the earnest money covers, and what is left to pay."""

    full_paise: int
    emd_paise: int
    cite: Cite

    @property
    def balance_paise(self) -> int:
        return max(self.full_paise - self.emd_paise, 0)


def security(
    bid_paise: int, *, emd_paise: int, policy: PolicyBook, on: date | datetime, district: str = ""
) -> Security:
    """Security of a bid with the earnest money adjusted (tender clause 20 i, E-078). Amounts in paise."""
    share = policy.at("SEC-01", on, district=district)
    full = percent_of(bid_paise, share.value)
    return Security(full, min(emd_paise, full), Cite.of(share))


def year_amounts(bid_paise: int, *, policy: PolicyBook, on: date | datetime, district: str = "") -> list[int]:
    """The settlement amount of each year in paise: the bid, then each time the set share of the year before (E-171)."""
    growth = policy.value("STL-01", on, district=district)
    amounts = [bid_paise]
    while len(amounts) < int(policy.value("STL-02", on, district=district)):
        amounts.append(percent_of(amounts[-1], growth))
    return amounts


def years(
    bid_paise: int,
    *,
    deed_on: date | None,
    policy: PolicyBook,
    on: date | datetime,
    district: str = "",
    rises: Sequence[Rise] = (),
) -> list[SettlementYear]:
    """All years of a settlement with their instalments, due days and clauses (tender clauses 24, 27; E-170, E-171).

    ``on`` is the day whose policy applies (the deed's day, else today); ``rises`` are the orders of greater
    quantities, oldest first. Raises NotInForce before the first policy.
    """
    amounts = year_amounts(bid_paise, policy=policy, on=on, district=district)
    return [
        risen(_year(number, amount, deed_on, policy=policy, on=on, scope={"district": district}), rises)
        for number, amount in enumerate(amounts, start=1)
    ]


def risen(year: SettlementYear, rises: Sequence[Rise]) -> SettlementYear:
    """A year with what the orders of greater quantities add to it."""
    if not rises:
        return year
    instalments = tuple(
        replace(instalment, added=_added(instalment.amount_paise, instalment.due_on, rises))
        for instalment in year.instalments
    )
    return replace(year, instalments=instalments, dmf_added=_added(year.dmf_paise, year.dmf_due_on, rises))


def _added(amount_paise: int, due_on: date | None, rises: Sequence[Rise]) -> tuple[Added, ...]:
    """What each rise adds to a sum that falls due on a day; a later rise counts from the quantity paid for already."""
    sum_paise, quantity_m3, added = amount_paise, rises[0].before_m3, []
    for rise in rises:
        if due_on is None or due_on < rise.from_on or rise.after_m3 <= quantity_m3:
            continue
        part = pro_rata_paise(sum_paise, before_m3=quantity_m3, after_m3=rise.after_m3)
        sum_paise, quantity_m3 = sum_paise + part, rise.after_m3
        added.append(Added(rise.key, part))
    return tuple(added)


def pro_rata_paise(amount_paise: int, *, before_m3: int, after_m3: int) -> int:
    """What an amount rises by when the yearly quantity rises (clause 30 kha, E-110), rounded half up to the paisa."""
    added = amount_paise * (after_m3 - before_m3)
    return (added + before_m3 // 2) // before_m3


def _year(
    number: int,
    amount_paise: int,
    deed_on: date | None,
    *,
    policy: PolicyBook,
    on: date | datetime,
    scope: Mapping[str, str],
) -> SettlementYear:
    terms = [policy.at(code, on, **scope) for code in INSTALMENT_CODES]
    shares = split(amount_paise, [term.value["percent"] for term in terms])
    starts_on = add_years(deed_on, number - 1) if deed_on else None
    instalments = tuple(
        Instalment(number, index, share, _due_on(number, starts_on, term.value), Cite.of(term))
        for index, (share, term) in enumerate(zip(shares, terms, strict=True), start=1)
    )
    dmf = policy.at("DMF-01", on, **scope)
    return SettlementYear(
        number=number,
        starts_on=starts_on,
        amount_paise=amount_paise,
        instalments=instalments,
        dmf_paise=percent_of(amount_paise, dmf.value),
        dmf_due_on=instalments[0].due_on,
        dmf_cite=Cite.of(dmf),
    )


def _due_on(year: int, starts_on: date | None, term: Mapping[str, int]) -> date | None:
    """The due day of one instalment: so many months into the year, or so many days before a later year begins."""
    if starts_on is None:
        return None
    if "months" in term:
        return add_months(starts_on, term["months"]) + timedelta(days=term.get("days_after", 0))
    return starts_on if year == 1 else starts_on - timedelta(days=term["later_years_days_before"])


def five_year_total_paise(plan: list[SettlementYear]) -> int:
    """The sum of all years' settlement amounts in paise."""
    return sum(year.owed_paise for year in plan)


def late_from(due_on: date) -> datetime:
    """The first instant at which what was due on a day is unpaid: the next midnight in India (in UTC)."""
    return end_of(due_on)
