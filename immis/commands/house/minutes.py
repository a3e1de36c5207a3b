"""``immis minutes``: read minutes of a meeting as they stand, show its points, and keep them as a draft."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

import immis
from immis import clock
from immis.adapters.minutes import MOST_BYTES, MinutesUnreadable
from immis.adapters.reading.apart import ReadingRefused, read_apart
from immis.rules.directions.due import due_days
from immis.rules.directions.facts import MinutesFacts, PointFacts
from immis.rules.directions.owners import Answerer, answerers, owners_of
from immis.rules.policy import book

UNUSABLE = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Take in minutes of a meeting, or a letter with a direction."""


@command.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.option("--dry-run", is_flag=True, help="Only read; keep nothing.")
@click.option("--lang", type=click.Choice(["hi", "en"]), default="hi", show_default=True)
def import_(file: Path, as_json: bool, dry_run: bool, lang: str) -> None:
    """Read minutes into points and keep them as a draft, which an officer confirms on its page.

    \b
    Example: immis minutes import review_2026_01.txt --json
    Exit 0: read, and kept unless it is on record already. Exit 2: no minutes, or not readable.
    """
    content = _content(file, as_json, lang)
    try:
        facts: MinutesFacts = read_apart("minutes", content)
    except (MinutesUnreadable, ReadingRefused) as error:
        _refuse({each: error.message(each) for each in ("hi", "en")}, as_json=as_json, lang=lang)
    kept = {} if dry_run else _keep(facts, content, file.name)
    report = {**_report(facts, clock.now()), **kept}
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        _show(report)


def _content(file: Path, as_json: bool, lang: str) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except FileNotFoundError:
        fault = MinutesUnreadable("missing", name=file.name)
    except (OSError, ValueError) as error:
        fault = MinutesUnreadable("refused", name=file.name, detail=type(error).__name__)
    _refuse({each: fault.message(each) for each in ("hi", "en")}, as_json=as_json, lang=lang)
    raise AssertionError("refused")


def _refuse(messages: dict[str, str], *, as_json: bool, lang: str) -> None:
    if as_json:
        error = {"message": messages[lang], "messages": messages}
        click.echo(json.dumps({"error": error}, ensure_ascii=False, indent=1))
    for each in dict.fromkeys((messages[lang], messages["en" if lang == "hi" else "hi"])):
        click.echo(f"immis minutes: {each}", err=True)
    raise click.exceptions.Exit(UNUSABLE)


def _keep(facts: MinutesFacts, content: bytes, name: str) -> dict[str, Any]:
    """Keep the draft; a paper that is on record already is named; without an installation it is said so."""
    immis.setup_django()
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError

    from immis.core.access.permissions import SYSTEM
    from immis.core.errors import Refusal
    from immis.directions.services.minutes import Paper, keep_draft

    try:
        row = keep_draft(paper=Paper(content, name, facts), by=SYSTEM, at=clock.now())
    except Refusal as refusal:
        return {"kept": False, "draft": str(refusal.findings[0].facts["meeting"])}
    except (DatabaseError, ImproperlyConfigured) as error:
        click.echo(f"immis minutes: not kept, no installation here: {error}", err=True)
        return {"kept": False}
    return {"kept": True, "draft": row.number}


# -- what is shown


def _report(facts: MinutesFacts, at: datetime) -> dict[str, Any]:
    """What was read, as the public contract names it, with what is asked back."""
    known = answerers(book(), at)
    return {
        "meeting": {
            "kind": facts.kind,
            "date": _day(facts.held_on),
            "subject": facts.subject,
            "chair": facts.chair,
            "attendance": facts.attendance,
            "memo_no": facts.memo_no,
            "issued_on": _day(facts.issued_on),
            "addressed": facts.addressed,
            "copies": facts.copies,
        },
        "counts_from": book().value("DIR-01", at)["counts_from"],
        "points": [_point(point, facts, known, at) for point in facts.points],
    }


def _day(on: date | None) -> str | None:
    return on.isoformat() if on else None


def _point(point: PointFacts, facts: MinutesFacts, known: dict[str, Answerer] | Any, at: datetime) -> dict[str, Any]:
    due = due_days(
        days=point.days, by_on=point.by_on, held_on=facts.held_on, issued_on=facts.issued_on, policy=book(), at=at
    )
    named = owners_of(point.owner, point.text, known, about_all=point.about_all)
    asks = [*named.asks, *(["earlier"] if point.earlier else [])]
    return {
        "number": point.number,
        "text": point.text,
        "owner": point.owner or named.proposed or None,
        "owners": [{"key": key, "post": known[key].post, "names": dict(known[key].names)} for key in named.owners],
        "due_on": _day(due.on),
        "due_by_meeting": _day(due.by_meeting),
        "due_by_circulation": _day(due.by_circulation),
        "days": point.days,
        "repeats_earlier": point.earlier,
        "districts": point.districts,
        "kind": point.kind,
        "asks": asks,
        "also_named": list(named.also),
    }


def _show(report: dict[str, Any]) -> None:
    meeting = report["meeting"]
    click.echo(f"{meeting['date']}  {meeting['subject']}")
    click.echo(f"{meeting['memo_no']}  {meeting['issued_on'] or ''}  {report.get('draft', '')}")
    for point in report["points"]:
        asks = f"  ? {', '.join(point['asks'])}" if point["asks"] else ""
        click.echo(f"{point['number']:>8}  {point['owner'] or '—'}  {point['due_on'] or '—'}{asks}")
        click.echo(f"          {point['text'][:100]}")
