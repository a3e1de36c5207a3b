"""``immis schedule``: what a bid will cost and when, by the policy alone, with no database."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import click

from immis.rules.auctions.lots import BidFacts, off_the_steps
from immis.rules.calendar import start_of
from immis.rules.leases.schedule import Security, SettlementYear, five_year_total_paise, security, years
from immis.rules.money import PAISE, percent_of, rupee_text
from immis.rules.policy import NotInForce, book
from immis.rules.writing.numbers import format_rupees


class _Day(click.ParamType):
    """A day as 2026-07-15 or 15.07.2026."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        text = ".".join(reversed(value.split("-"))) if "-" in value else value
        try:
            day, month, year = (int(part) for part in text.split("."))
            return date(year, month, day)
        except ValueError:
            self.fail(f"{value!r} is no date such as 2026-07-15", param, ctx)


@click.command()
@click.option("--bid", type=click.IntRange(min=1, max=10**13), required=True, help="The accepted bid in whole rupees.")
@click.option("--reserve", type=click.IntRange(min=1, max=10**13), required=True, help="The reserve price in rupees.")
@click.option("--deed", type=_Day(), required=True, help="The day on which the deed is executed.")
@click.option("--district", default="", help="District whose own policy values apply.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (rupees as decimal text).")
def command(bid: int, reserve: int, deed: date, district: str, as_json: bool) -> None:
    """Work out security and instalments of a bid, each with its clause.

    Example: immis schedule --bid 8950500 --reserve 6885000 --deed 2026-07-15
    """
    if bid < reserve:
        raise click.UsageError(f"the bid of {bid} lies below the reserve price of {reserve}")
    _on_a_step(bid, reserve, deed)
    try:
        emd = percent_of(reserve * PAISE, book().value("AUC-07", deed, district=district)["emd_percent"])
        owed = security(bid * PAISE, emd_paise=emd, policy=book(), on=deed, district=district)
        plan = years(bid * PAISE, deed_on=deed, policy=book(), on=deed, district=district)
    except NotInForce as error:
        raise click.UsageError(str(error)) from error
    click.echo(json.dumps(_as_json(owed, plan), ensure_ascii=False) if as_json else _as_text(owed, plan))


def _on_a_step(bid: int, reserve: int, on: date) -> None:
    """Raises UsageError with the clause for a bid that no auction accepts (AUC-01, clause 19(iv))."""
    opens_at = start_of(on)
    facts = BidFacts(reserve_rupees=reserve, amount_rupees=bid, opens_at=opens_at, ends_at=opens_at, technical="passed")
    try:
        result = off_the_steps(facts, policy=book(), at=opens_at)
    except NotInForce as error:
        raise click.UsageError(str(error)) from error
    if result is not None:
        cites = book().at(result.code, opens_at).cites
        raise click.UsageError(f"{book().say(result.code, result.facts, 'en')} [{result.code}: {cites}]")


def _as_json(owed: Security, plan: list[SettlementYear]) -> dict[str, Any]:
    return {
        "security": rupee_text(owed.full_paise),
        "balance_after_emd": rupee_text(owed.balance_paise),
        "cites": owed.cite.cites,
        "years": [_year(year) for year in plan],
        "five_year_total": rupee_text(five_year_total_paise(plan)),
    }


def _year(year: SettlementYear) -> dict[str, Any]:
    rows = [
        {
            "amount": rupee_text(instalment.amount_paise),
            "due_on": str(instalment.due_on),
            "cites": instalment.cite.cites,
        }
        for instalment in year.instalments
    ]
    return {
        "year": year.number,
        "starts_on": str(year.starts_on),
        "amount": rupee_text(year.amount_paise),
        "instalments": rows,
        "dmf": rupee_text(year.dmf_paise),
        "dmf_due_on": str(year.dmf_due_on),
    }


def _rupees(paise: int) -> str:
    return format_rupees(paise=paise) if Decimal(paise) % PAISE else format_rupees(paise // PAISE)


def _as_text(owed: Security, plan: list[SettlementYear]) -> str:
    lines = [
        f"Security {_rupees(owed.full_paise)}, after earnest money {_rupees(owed.balance_paise)}  [{owed.cite.cites}]"
    ]
    for year in plan:
        lines.append(f"Year {year.number} from {year.starts_on:%d.%m.%Y}: {_rupees(year.amount_paise)}")
        lines += [
            f"  {row.due_on:%d.%m.%Y}  {_rupees(row.amount_paise):>18}  instalment {row.number}  [{row.cite.cites}]"
            for row in year.instalments
        ]
        lines.append(f"  {year.dmf_due_on:%d.%m.%Y}  {_rupees(year.dmf_paise):>18}  DMF  [{year.dmf_cite.cites}]")
    lines.append(f"Five years together: {_rupees(five_year_total_paise(plan))}")
    return "\n".join(lines)
