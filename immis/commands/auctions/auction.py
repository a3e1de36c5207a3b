"""``immis auction``: replay a published audit document; keep the keys that seal bidders' identities."""

import json
import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from immis.auctions.verifier import Report, head_is_signed, verify
from immis.clock import INDIA, data_dir
from immis.core.signing import keyring
from immis.rules.writing.numbers import format_rupees
from immis.rules.writing.texts import text, texts

_WORDS = texts("commands/auction")


@click.group("auction")
def command() -> None:
    """Auctions: check what was published; keep the keys that seal who bids until the close."""


@command.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.option("--lang", type=click.Choice(["hi", "en"]), default="hi", show_default=True)
@click.option("--anchor", "anchors", multiple=True, help="A hash that was e-mailed; may be repeated.")
@click.option(
    "--keys",
    "key_file",
    type=click.Path(path_type=Path),
    help="evidence-keys.json: demand a signature by one of these.",
)
def verify_file(file: Path, *, as_json: bool, lang: str, anchors: tuple[str, ...], key_file: Path | None) -> None:
    """Replay the audit document FILE: chain, order, times, increments, one extension, winner, signature of the head.

    Ends with 0 when everything agrees, 1 when anything does not, 2 when FILE cannot be read.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        words = text("commands/auction", "unread", file=file.name)
        click.echo(f"{words[lang]}: {error.strerror}", err=True)
        raise SystemExit(2) from None
    report = verify(content, _public_keys(key_file) if key_file else None)
    for anchor in anchors:
        if anchor not in report.anchors:
            report.problems.append(f"the e-mailed hash {anchor[:64]} is not in this chain")
    if as_json:
        click.echo(json.dumps({**asdict(report), "ok": report.ok}, ensure_ascii=False, indent=1))
    else:
        _print(report, lang)
    raise SystemExit(0 if report.ok else 1)


@command.command(
    "head",
    epilog="Example: immis auction head MUN-2026-01 HASH SIGNATURE --keys evidence-keys.json",
    context_settings={"ignore_unknown_options": True},  # one signature in 64 begins with a dash and is no option
)
@click.argument("lot")
@click.argument("head")
@click.argument("signature")
@click.option("--keys", "key_file", type=click.Path(path_type=Path), required=True, help="evidence-keys.json")
def check_head(lot: str, head: str, signature: str, *, key_file: Path) -> None:
    """Check the SIGNATURE over the HEAD of a LOT's chain, as it was e-mailed or printed; exit 1 where it is none."""
    good = any(head_is_signed(lot, head, signature, key) for key in _public_keys(key_file))
    words = _WORDS["signed" if good else "not_signed"]
    click.echo(f"{'✓' if good else '■'} {words['en']} / {words['hi']}")
    raise SystemExit(0 if good else 1)


def _public_keys(path: Path) -> list[str]:
    """The public keys of a published list. Ends with 2 where it cannot be read."""
    try:
        return [str(load["x"]) for load in json.loads(path.read_bytes())["keys"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        click.echo(f"{path.name}: {error}", err=True)
        raise SystemExit(2) from None


def _india(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(INDIA):%d.%m.%Y, %H:%M:%S}" if instant else "—"


def _print(report: Report, lang: str) -> None:
    result = _WORDS.get(f"result_{report.result}")
    rows = {
        "lot": report.lot or "—",
        "events": report.events,
        "bids": f"{report.bids} / {report.refused}",
        "orders": f"{report.orders} / {len(report.anchors)}",
        "ended_at": _india(report.ends_at),
        "highest": format_rupees(report.amount_rupees) if report.amount_rupees else "—",
        "winner": report.winner or "—",
        "result": result[lang] if result else "—",
        "head": report.head or "—",
        "key": report.signed_by or "—",
    }
    for name, value in rows.items():
        click.echo(f"{_WORDS[name][lang]}: {value}")
    for problem in report.problems:
        click.echo(f"■ {problem}")
    click.echo(_WORDS["agrees" if report.ok else "differs"][lang])


@command.group("seal")
def seal() -> None:
    """The keys that keep bidders' identities sealed until the close (docs/operations/sealing.md)."""


@seal.command("new", epilog="Example: IMMIS_SEALING_KEYS=$(immis auction seal new) immis run")
def new_key() -> None:
    """Print a fresh key as IMMIS_SEALING_KEYS takes it; several stand with commas between them, the one in use last."""
    name, key = keyring.new_sealing_key()
    click.echo(f"{name}:{keyring.b64(key)}")


@seal.command("rotate", epilog="Example: immis auction seal rotate")
def rotate_key() -> None:
    """Let a new key in IMMIS_DATA/keys seal lots from now on; the older ones stay for the lots that they sealed."""
    if os.environ.get("IMMIS_SEALING_KEYS"):
        raise click.UsageError("the keys stand in IMMIS_SEALING_KEYS: add one there, at the end")
    click.echo(keyring.rotate_sealing_key(data_dir()))


@seal.command("status", epilog="Example: immis auction seal status --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def seal_status(as_json: bool) -> None:
    """Which keys seal lots that are not closed, and whether they are here; exit 1 when one is missing."""
    from immis import setup_django

    setup_django()
    from django.db import DatabaseError

    from immis.auctions.selectors import sealed_lots

    try:
        keys, lots = keyring.sealing_keys(data_dir(), os.environ.get("IMMIS_SEALING_KEYS", "")), sealed_lots()
    except (DatabaseError, ValueError) as error:
        raise click.UsageError(str(error)) from None
    answer = [{"key": name, "open_lots": lots.get(name, 0), "here": name in keys} for name in sorted({*keys, *lots})]
    if as_json:
        click.echo(json.dumps({"keys": answer}))
    else:
        for row in answer:
            click.echo(f"{row['key']}: {row['open_lots']} open lots{'' if row['here'] else ', KEY MISSING'}")
    raise SystemExit(0 if all(row["here"] for row in answer) else 1)
