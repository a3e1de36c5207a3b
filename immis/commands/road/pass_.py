"""``immis pass``: check a mineral transit pass with no network and no database."""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from immis import clock
from immis.adapters.reading.apart import ReadingRefused, read_apart
from immis.challans.signed.checking import Verdict, verify_pass
from immis.challans.signed.facts import PassFacts
from immis.challans.signed.lists import (
    MAX_LIST_BYTES,
    CancelledList,
    KeyList,
    ListUnusable,
    read_cancelled_list,
    read_key_list,
)
from immis.challans.signed.qr import ImageUnusable
from immis.challans.signed.text import MAX_TEXT_CHARS
from immis.challans.signed.words import clock_text, reason_text
from immis.commands.road.pass_keys import command as keys_command
from immis.rules.writing.texts import text, texts

UNUSABLE = 2


class _Instant(click.ParamType):
    """An instant in ISO 8601; India time where it names no zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a time; write it like 2026-06-05T14:30:00+05:30", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=clock.INDIA)


def _refuse(message: str) -> click.exceptions.Exit:
    click.echo(f"immis pass verify: {message}", err=True)
    return click.exceptions.Exit(UNUSABLE)


def _read_list(path: Path, what: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_LIST_BYTES + 1)
    except OSError as error:
        raise _refuse(f"the {what} {path} cannot be read: {error.strerror}") from error


def _cancelled(path: Path, keys: KeyList) -> CancelledList:
    return read_cancelled_list(_read_list(path, "cancelled list"), root=keys.root, keys=keys)


def _pass_text(text: str | None, image: Path | None) -> str:
    if (text is None) == (image is None):
        raise _refuse("give either the text of a pass (or - to read it from standard input) or --image FILE")
    if image is not None:
        try:
            text_of_picture: str = read_apart("qr", image.resolve())
            return text_of_picture
        except ImageUnusable as error:
            raise _refuse(str(error)) from error
        except ReadingRefused as error:
            raise _refuse(f"{image.name}: {error.message('en')}") from error
        except OSError as error:
            raise _refuse(f"the picture {image} cannot be read: {error.strerror}") from error
    if text == "-":
        text = sys.stdin.buffer.read(MAX_TEXT_CHARS * 4).decode("utf8", errors="replace")
    if not text or not text.strip():
        raise _refuse("the text of the pass is empty")
    return text


def _instant(at: datetime) -> str:
    return at.astimezone(clock.INDIA).isoformat()


def pass_json(facts: PassFacts) -> dict[str, Any]:
    """The facts of a pass as plain JSON values: the id in hex, measures as numbers, instants in India time.

    ``imei`` is there for old passes alone, which carry one; ``origin`` for transit passes of other States (ISTP),
    ``by_hand`` where the weight was written by hand.
    """
    plain = {name: value for name, value in asdict(facts).items() if name not in ("imei", "origin", "by_hand") or value}
    return plain | {
        "pass_id": facts.pass_id.hex(),
        "quantity_m3": float(facts.quantity_m3),
        "distance_km": float(facts.distance_km),
        "issued_at": _instant(facts.issued_at),
        "valid_until": _instant(facts.valid_until),
    }


def _as_json(verdict: Verdict, at: datetime) -> dict[str, Any]:
    return {
        "genuine": verdict.genuine,
        "in_time": verdict.in_time,
        "cancelled": verdict.cancelled,
        "list_age_hours": verdict.list_age_hours,
        "reason": verdict.reason,
        "message": {lang: reason_text(verdict.reason, lang) for lang in ("hi", "en")},
        "checked_at": _instant(at),
        "clock_behind_hours": verdict.clock_behind_hours,
        "clock": {lang: clock_text(verdict.clock_behind_hours, lang) for lang in ("hi", "en")}
        if verdict.clock_behind_hours
        else None,
        "pass": pass_json(verdict.pass_facts) if verdict.pass_facts else None,
    }


_HELP = '{en} / {hi}\n\nExample: immis pass verify "$(cat pass.txt)" --keys keys.json'.format_map(
    texts("commands/pass")["help"]
)


def _both(key: str, **facts: float) -> str:
    words = text("commands/pass", key, **facts)
    return f"{words['hi']} / {words['en']}"


def _answer(value: bool | None, *, good: bool) -> str:
    if value is None:
        return f"—  {_both('unknown')}"
    return f"{'✓' if value is good else '■'}  {_both('yes' if value else 'no')}"


def _age(hours: float | None) -> str:
    if hours is None:
        return f"—  {_both('no_list')}"
    if hours < 0:
        return f"■  {_both('younger', hours=-hours)}"
    return f"{hours:g} {_both('hours')}"


def _shown_day(at: datetime) -> str:
    return at.astimezone(clock.INDIA).strftime("%d.%m.%Y %H:%M")


def _particulars(facts: PassFacts) -> list[tuple[str, str]]:
    weight = "—" if facts.weight_kg is None else f"{facts.weight_kg} kg"
    weight += f" ({_both('by_hand', order=facts.by_hand)})" if facts.by_hand else ""
    rows = [
        (_both("number"), facts.number),
        (_both("vehicle"), facts.vehicle),
        (_both("mineral"), f"{facts.mineral}, {facts.quantity_m3:f} m³, {weight}"),
        (_both("source"), f"{facts.source_name} ({facts.source_lat:.6f}, {facts.source_lon:.6f})"),
        (_both("destination"), f"{facts.destination}, {facts.distance_km:f} km"),
        (_both("settlee"), f"{facts.settlee} ({facts.lease_number})"),
        ("ISTP", facts.origin),
        ("GPS (IMEI)", facts.imei),
        (_both("issued"), _shown_day(facts.issued_at)),
        (_both("valid_until"), _shown_day(facts.valid_until)),
    ]
    return [row for row in rows if row[1]]  # passes of today carry no IMEI


def _print(verdict: Verdict) -> None:
    click.echo(reason_text(verdict.reason, "hi"))
    click.echo(reason_text(verdict.reason, "en"))
    if verdict.clock_behind_hours:
        click.echo(f"! {clock_text(verdict.clock_behind_hours, 'hi')}")
        click.echo(f"! {clock_text(verdict.clock_behind_hours, 'en')}")
    click.echo("")
    rows = [
        (_both("genuine"), _answer(verdict.genuine, good=True)),
        (_both("in_time"), _answer(verdict.in_time, good=True)),
        (_both("cancelled"), _answer(verdict.cancelled, good=False)),
        (_both("list_age"), _age(verdict.list_age_hours)),
    ]
    if verdict.pass_facts:
        rows += _particulars(verdict.pass_facts)
    for name, value in rows:
        click.echo(f"{name}: {value}")


@click.group(name="pass", help=_HELP)
def command() -> None:
    """Mineral transit passes."""


command.add_command(keys_command)


@command.command(name="verify")
@click.argument("text", required=False)
@click.option("--image", type=click.Path(path_type=Path), help="Photo or scan that shows the QR (PNG, JPEG …).")
@click.option("--keys", type=click.Path(path_type=Path), required=True, help="Signed key list, keys.json.")
@click.option("--cancelled", type=click.Path(path_type=Path), help="Signed list of cancelled passes, cancelled.json.")
@click.option(
    "--at", type=_Instant(), help="Instant to check for (ISO 8601; India time unless it says so). Default: now."
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def verify(
    text: str | None, image: Path | None, keys: Path, cancelled: Path | None, at: datetime | None, as_json: bool
) -> None:
    """Check a pass with no network: is it genuine, is it in time, is it cancelled?

    TEXT is what the QR says: the whole web address, its part after #, or the IM1: form; - reads standard input.
    Exits 0 when the pass is genuine, in time and not on the cancelled list, 1 otherwise, 2 when a file or the call
    is unusable.

    \b
    Examples:
      immis pass verify "$(cat pass.txt)" --keys keys.json --cancelled cancelled.json
      immis pass verify --image photo.jpg --keys keys.json --at 2026-06-05T14:30:00+05:30 --json
    """
    try:
        key_list = read_key_list(_read_list(keys, "key list"))
        listed = cancelled and _cancelled(cancelled, key_list)
    except ListUnusable as error:
        raise _refuse(str(error)) from error
    at = at or clock.now()
    verdict = verify_pass(_pass_text(text, image), keys=key_list, cancelled=listed, at=at)
    if as_json:
        click.echo(json.dumps(_as_json(verdict, at), ensure_ascii=False))
    else:
        _print(verdict)
    raise click.exceptions.Exit(0 if verdict.good else 1)
