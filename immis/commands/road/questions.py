"""``immis questions``: questions over a month, asked of the embedded engine or of a Spark cluster."""

import csv
import json
import sys
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import click

from immis import clock, setup_django
from immis.analytics.asked import QUESTIONS, Span, month, usual_night
from immis.rules.calendar import india_day


@click.group()
def command() -> None:
    """Ask over a month or more: night trips, pass mills, five-way balance.

    \b
    Example: immis questions ask pass_mills --month 2026-06 --format csv
    """


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(as_json: bool) -> None:
    """The questions, what each answers, and its columns. Example: immis questions list"""
    results = [{"name": row.name, "says": _says(row.text), "columns": list(row.columns)} for row in QUESTIONS.values()]
    if as_json:
        click.echo(json.dumps({"questions": results}))
        return
    for row in results:
        click.echo(f"{row['name']}: {row['says']}")


@dataclass(frozen=True, kw_only=True)
class SpanOptions:
    """The days that are asked about, as they were written, and the hours that count as night."""

    of_month: str | None
    first: str | None
    last: str | None
    night: tuple[time, time] | None


class _Night(click.ParamType):
    name = "HH:MM-HH:MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[time, time]:
        if isinstance(value, tuple):
            return value
        try:
            since, until = (datetime.strptime(part, "%H:%M").time() for part in str(value).split("-"))  # noqa: DTZ007
        except ValueError:
            self.fail(f"{value!r} is no span such as 19:00-05:00", param, ctx)
        return since, until


@command.command()
@click.argument("name", type=click.Choice(sorted(QUESTIONS)))
@click.option("--month", "of_month", metavar="YYYY-MM", help="A month.")
@click.option("--from", "first", metavar="YYYY-MM-DD", help="First day, instead of a month.")
@click.option("--to", "last", metavar="YYYY-MM-DD", help="Last day, included.")
@click.option("--night", type=_Night(), help="What counts as night [MOV-07].")
@click.option("--spark", "master", envvar="IMMIS_SPARK_MASTER", metavar="URL", help="Ask a cluster: spark://host:7077.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
def ask(name: str, master: str | None, form: str, as_json: bool, **span_options: Any) -> None:
    """Ask a question and keep the answer for the office's page.

    Example: immis questions ask night_trips --month 2026-06 --night 18:00-06:00
    """
    span = _span(SpanOptions(**span_options))
    setup_django()
    from django.db import DatabaseError

    from immis.analytics import answers
    from immis.analytics.spark import NoSpark

    try:
        answer = answers.ask(name, span, master=master or "")
    except (NoSpark, DatabaseError, OSError, ValueError) as fault:
        raise click.UsageError(str(fault)) from None
    columns = QUESTIONS[name].columns
    if as_json or form == "json":
        click.echo(json.dumps({
            "question": name, "from": span.first.isoformat(), "to": span.last.isoformat(), "engine": answer.engine,
            "seconds": answer.seconds, "positions": answer.positions, "rows": answer.rows,
        }, ensure_ascii=False))  # fmt: skip
    elif form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(columns)
        writer.writerows([row[column] for column in columns] for row in answer.rows)
    else:
        _table(columns, answer.rows)
        click.echo(
            f"{len(answer.rows)} rows from {answer.positions:,} positions in {answer.seconds} s ({answer.engine})"
        )


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def add(file: Path, as_json: bool) -> None:
    """Take over volumes that others measured: CSV with ghat, kind (weighed, surveyed, consumed), day, m3.

    A FILE of the same name takes the place of the one before. Example: immis questions add survey-2026-06.csv
    """
    setup_django()
    from immis.analytics import facts

    try:
        rows = facts.add_volumes(file, known=facts.known_ghats())
    except (OSError, ValueError) as fault:
        raise click.UsageError(f"{file.name}: {fault}") from None
    click.echo(json.dumps({"rows": rows}) if as_json else f"{rows} rows")


def _span(asked: SpanOptions) -> Span:
    try:
        hours = asked.night or usual_night(india_day(clock.now()))
        if asked.of_month:
            return Span(*month(asked.of_month), *hours)
        first, last = asked.first or "", asked.last or asked.first or ""
        return Span(date.fromisoformat(first), date.fromisoformat(last), *hours)
    except ValueError:
        raise click.UsageError(
            "wanted: --month 2026-06, or --from 2026-06-01 --to 2026-06-30, and a night that ends before it begins"
        ) from None


def _says(text: str) -> str:
    return " ".join(line.removeprefix("-- ") for line in text.splitlines() if line.startswith("-- "))


def _table(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    lines = [list(columns), *([("" if row[c] is None else str(row[c])) for c in columns] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    command()
