"""``immis eproc``: signed exports of auctions that were held on E-Proc."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from immis import setup_django
from immis.adapters.eproc.signing import new_key, sign
from immis.rules.writing.texts import texts

DIFFERS, UNUSABLE = 1, 2
_STATES = texts("commands/eproc")
_file = click.argument("file", type=click.Path(path_type=Path))


@click.group("eproc")
def command() -> None:
    """Auctions held on E-Proc: take in a signed export, fetch exports, sign one."""


@command.command("import", epilog="Example: immis eproc import EP-20260605.json --json")
@_file
@click.option("--signature", type=click.Path(path_type=Path), default=None, help="Default: FILE.sig")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--lang", type=click.Choice(["hi", "en"]), default="hi", show_default=True)
def import_file(file: Path, *, signature: Path | None, as_json: bool, lang: str) -> None:
    """Take in FILE and check every ghat of it; the same file again changes nothing.

    Ends with 0 when every ghat agrees with our replay of its bid log, 1 when one differs, 2 when FILE is unusable.
    """
    try:
        content = file.read_bytes()
        signed = (signature or file.with_name(f"{file.name}.sig")).read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        click.echo(f"immis eproc: {error}", err=True)
        sys.exit(UNUSABLE)
    _set_up()
    take = _take_in(content, signed, file.name, lang)
    if as_json:
        click.echo(json.dumps(take, ensure_ascii=False, indent=1))
    else:
        _print(take, lang)
    sys.exit(DIFFERS if take["differs"] else 0)


def _set_up() -> None:
    setup_django()


def _take_in(content: bytes, signature: str, filename: str, lang: str) -> dict[str, Any]:
    from immis import clock
    from immis.auctions.services.eproc.exports import take_in_export
    from immis.core.access.permissions import SYSTEM
    from immis.core.errors import Refusal

    try:
        export = take_in_export(
            content=content, signature=signature, filename=filename, source="file", by=SYSTEM, at=clock.now()
        )
    except Refusal as refusal:
        for finding in refusal.findings:
            click.echo(_say(finding.code, finding.facts, lang), err=True)
        sys.exit(UNUSABLE)
    rows = [
        {
            "serial": outcome.serial,
            "ghat": outcome.ghat,
            "state": outcome.state,
            "findings": [
                {"code": result["code"], "message": _say(result["code"], result["facts"], lang)}
                for result in outcome.findings
            ],
        }
        for outcome in export.outcomes.all()
    ]
    return {
        "export": export.pk,
        "reference": export.reference,
        "sha256": export.sha256,
        "signed_by": export.signed_by,
        "ghats": rows,
        "differs": sum(1 for row in rows if row["state"] == "differs"),
    }


def _say(code: str, facts: Any, lang: str) -> str:
    from immis.rules.policy import book

    worded = {
        name: value[lang] if isinstance(value, dict) and lang in value else value for name, value in facts.items()
    }
    return str(book().say(code, worded, lang))


def _print(report: dict[str, Any], lang: str) -> None:
    click.echo(f"{report['reference']} · {report['signed_by']} · {report['sha256']}")
    for row in report["ghats"]:
        click.echo(f"{row['serial']:>3}  {_STATES[row['state']][lang]}  {row['ghat']}")
        for result in row["findings"]:
            click.echo(f"     ■ {result['code']}: {result['message']}")


@command.command("pull", epilog="Example: IMMIS_EPROC_URL=https://… immis eproc pull")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def pull(as_json: bool) -> None:
    """Take in every new export that E-Proc's API offers (IMMIS_EPROC_URL)."""
    _set_up()
    from django.conf import settings

    from immis import clock
    from immis.auctions.services.eproc.exports import pull_exports

    if not settings.EPROC_URL:
        click.echo("immis eproc: IMMIS_EPROC_URL is not set", err=True)
        sys.exit(UNUSABLE)
    new = pull_exports(at=clock.now())
    click.echo(json.dumps({"new": new}) if as_json else f"{new} new")


@command.command("keygen", epilog="Example: immis eproc keygen --private eproc.key")
@click.option("--private", type=click.Path(path_type=Path), required=True, help="Where the private key goes.")
def keygen(private: Path) -> None:
    """Make a key pair for signing exports; prints the public key for IMMIS_EPROC_PUBLIC_KEYS."""
    secret, public = new_key()
    try:
        with os.fdopen(os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secret + "\n")
    except OSError as error:
        click.echo(f"immis eproc: {private}: {error.strerror}", err=True)
        sys.exit(UNUSABLE)
    click.echo(public)


@command.command("sign", epilog="Example: immis eproc sign EP-20260605.json --private eproc.key")
@_file
@click.option("--private", type=click.Path(path_type=Path), required=True, help="The private key of keygen.")
def sign_file(file: Path, *, private: Path) -> None:
    """Write the detached signature FILE.sig beside an export."""
    try:
        signature = sign(file.read_bytes(), private_key=private.read_text("ascii"))
        file.with_name(f"{file.name}.sig").write_text(signature + "\n", "ascii")
    except (OSError, ValueError) as error:
        click.echo(f"immis eproc: {error}", err=True)
        sys.exit(UNUSABLE)
