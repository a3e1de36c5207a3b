"""``immis law replay`` asks every stored decision again; ``immis law try`` runs a draft over days that are over."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from immis import setup_django

_WHY = {"facts": "their facts are not those that the rule asks for", "rule": "no rule has their code any more",
        "word": "what the rule found was not kept", "off": "the trigger was off by an order"}  # fmt: skip


@click.group()
def command() -> None:
    """The law asked again: stored decisions from their facts."""


@command.command()
@click.option("--from", "from_on", help="First day (YYYY-MM-DD); without it from the beginning.")
@click.option("--to", "to_on", help="Last day (YYYY-MM-DD); without it to the end.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def replay(from_on: str | None, to_on: str | None, as_json: bool) -> None:
    """Decide every stored decision again from its facts; exit 1 where one comes out otherwise.

    What cannot be rebuilt is counted as such; nothing of today's records is asked in its place.

    \b
    Example: immis law replay --from 2026-06-01 --to 2026-06-30 --json
    """
    first, last = _day(from_on, "--from"), _day(to_on, "--to")
    setup_django()
    from django.db import DatabaseError

    from immis.enforcement.again.replaying import replay as asked_again
    from immis.rules.calendar import end_of, start_of

    start, end = start_of(first) if first else None, end_of(last) if last else None
    try:
        done = asked_again(start=start, end=end, tell=lambda count: click.echo(f"{count} …", err=True))
    except DatabaseError as error:
        raise click.UsageError(f"the records cannot be read: {error}; start once with `immis run`") from None
    click.echo(json.dumps(_body(done), ensure_ascii=False) if as_json else "\n".join(_lines(done)))
    raise SystemExit(1 if done.differ else 0)


def _day(text: str | None, name: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise click.UsageError(f"{name} {text!r} is no day; write it as 2026-06-01") from None


def _body(done: Any) -> dict[str, Any]:
    rows = [{**vars(row), "subject": list(row.subject), "at": _utc(row.at)} for row in done.rows]
    return {**vars(done), "rows": rows}


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _lines(done: Any) -> list[str]:
    lines = [f"{done.asked} decisions asked again: {done.same} the same, {done.differ} otherwise."]
    if done.by_outcome_alone:
        lines.append(f"Of them {done.by_outcome_alone} by their outcome alone: their word was not kept to the letter.")
    lines += [f"{count} could not be rebuilt: {_WHY.get(why, why)}." for why, count in sorted(done.not_kept.items())]
    for row in done.rows:
        lines.append(f"{row.code} on {' '.join(row.subject)}, {row.at:%d.%m.%Y %H:%M}:")
        lines += [f"  kept {row.kept}", f"  now  {row.now}"]
    return lines


@command.command(name="try")
@click.argument("draft", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "from_on", required=True, help="First day (YYYY-MM-DD); the draft counts from it.")
@click.option("--to", "to_on", required=True, help="Last day (YYYY-MM-DD).")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def try_(draft: Path, from_on: str, to_on: str, as_json: bool) -> None:
    """Run a draft policy file over days that are over: what would have followed, beside what did; stores nothing.

    The file is one of immis/policy with other figures, under its own name (PEN-01.yaml).

    \b
    Example: immis law try PEN-01.yaml --from 2026-06-01 --to 2026-06-30
    """
    from immis.rules.policy import PolicyError, read_entry

    first, last = _day(from_on, "--from"), _day(to_on, "--to")
    assert first is not None and last is not None
    setup_django()
    from django.db import DatabaseError

    from immis.enforcement.again.trying import try_draft
    from immis.rules.calendar import end_of, start_of

    try:
        entry, tell = read_entry(draft), lambda count: click.echo(f"{count} …", err=True)
        trial = try_draft(entry, start=start_of(first), end=end_of(last), tell=tell)
    except PolicyError as error:
        raise click.UsageError(str(error)) from None
    except DatabaseError as error:
        raise click.UsageError(f"the records cannot be read: {error}; start once with `immis run`") from None
    body = trial.body()
    click.echo(json.dumps(body, ensure_ascii=False, sort_keys=True) if as_json else "\n".join(_trial_lines(body)))


def _trial_lines(body: dict[str, Any]) -> list[str]:
    lines = [f"{body['asked']} events and decisions tried, {body['changed']} would have ended otherwise."]
    if body["not_kept"]:
        lines.append(f"{body['not_kept']} could not be tried: their facts were not kept.")
    for name, words in _FIGURES.items():
        done, tried = (_figure(name, body[side][name]) for side in ("done", "tried"))
        lines.append(f"{words:<22} done {done:>14}   with the draft {tried:>14}")
    return lines + [f"  {code}: {count}" for code, count in body["by_code"].items()]


_FIGURES = {
    "cases": "cases", "penalties_paise": "penalties proposed", "stops": "stops", "tasks": "tasks",
    "refused": "loads refused", "vehicles": "vehicles",
}  # fmt: skip


def _figure(name: str, value: Any) -> str:
    from immis.rules.writing.numbers import shown_paise

    if name == "penalties_paise":
        return shown_paise(value)
    return str(len(value) if isinstance(value, list) else value)
