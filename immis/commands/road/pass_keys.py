"""``immis pass keys``: the root key away from the machine, a new pass key signed by it, and the whole rehearsed."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from immis import clock
from immis.challans.signed import keys, offline_root
from immis.challans.signed.checking import Verdict, verify_pass
from immis.challans.signed.facts import PassFacts
from immis.challans.signed.lists import ListUnusable, instant_text, read_key_list
from immis.challans.signed.signing import sign_pass

UNUSABLE = 2
_FILE = click.Path(path_type=Path, dir_okay=False)
_YEAR = timedelta(days=400)  # past the signing year and the month of trust after it


@click.group(name="keys")
def command() -> None:
    """The keys that sign passes, and the root key that signs their list.

    Example: immis pass keys rehearse
    """


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (ListUnusable, OSError, ValueError) as error:
        click.echo(f"immis pass keys: {error}", err=True)
        raise click.exceptions.Exit(UNUSABLE) from error


@command.command(name="carry-away")
@click.argument("to", type=_FILE)
def carry_away(to: Path) -> None:
    """Move the root key to a file on a stick; from then on this machine signs no key list.

    Example: immis pass keys carry-away /media/stick/root.json
    """
    with _told():
        keys.load_signer(clock.data_dir(), at=clock.now())
        offline_root.carry_away(clock.data_dir(), keys.public_key_list(clock.data_dir(), at=clock.now()), to)
        click.echo(f"The root key is in {to.name} alone. Keep two copies apart; without it no new key can be listed.")


@command.command()
@click.argument("to", type=_FILE)
def request(to: Path) -> None:
    """Make the next pass key, and write the list that the root is asked to sign; nothing secret stands in it.

    Example: immis pass keys request /media/stick/list.json
    """
    with _told():
        body = keys.next_list(clock.data_dir(), at=clock.now())
        to.write_text(json.dumps(body, indent=1) + "\n", encoding="utf8")
        click.echo(f"{len(body['keys'])} keys in {to.name}; sign it where the root lies: immis pass keys sign")


@command.command()
@click.argument("body", type=_FILE)
@click.option("--root", type=_FILE, required=True, help="The root key, on the machine without a network.")
@click.option("--out", type=_FILE, required=True, help="Where the signed list goes.")
def sign(body: Path, root: Path, out: Path) -> None:
    """Sign a key list with the root key, on a machine without a network.

    Example: immis pass keys sign list.json --root root.json --out signed.json
    """
    with _told():
        signed = offline_root.sign_offline(json.loads(body.read_text(encoding="utf8")), root)
        out.write_text(json.dumps(signed, indent=1) + "\n", encoding="utf8")
        click.echo(f"{out.name} is signed; put it in force on the issuing machine: immis pass keys install")


@command.command()
@click.argument("signed", type=_FILE)
def install(signed: Path) -> None:
    """Put a signed key list in force; the next pass is signed by its newest key.

    Example: immis pass keys install /media/stick/signed.json
    """
    with _told():
        offline_root.install(clock.data_dir(), json.loads(signed.read_text(encoding="utf8")), at=clock.now())
        click.echo("In force. The published list follows within the minute.")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="The steps as JSON.")
def rehearse(as_json: bool) -> None:
    """Go through a year's rotation in a folder of its own, and try what must not work; nothing here is touched.

    Example: immis pass keys rehearse
    """
    with tempfile.TemporaryDirectory() as folder:
        steps = rehearsed(Path(folder), at=clock.now())
    if as_json:
        click.echo(json.dumps({"good": all(steps.values()), "steps": steps}))
    else:
        for name, is_good in steps.items():
            click.echo(f"{'✓' if is_good else '✕'}  {name}")
    raise click.exceptions.Exit(0 if all(steps.values()) else 1)


def rehearsed(folder: Path, *, at: datetime) -> dict[str, bool]:
    """Every step of taking the root offline and of the next year's rotation, and whether it went as it must."""
    data, stick = folder / "data", folder / "root.json"
    old = _pass(data, at)
    first = read_key_list(keys.public_key_list(data, at=at))
    offline_root.carry_away(data, keys.public_key_list(data, at=at), stick)
    later = at + _YEAR
    steps = {
        "the root key is on the stick alone": stick.exists() and not (data / "keys" / "root.json").exists(),
        "a pass signed before is genuine": _check(data, old, at).good,
        "passes are issued while the root is away": _check(data, _pass(data, at), at).good,
        "the cancelled list is signed by a listed key": _is_cancelled(data, old, at),
        "after a year no pass is signed without the root": _is_refused(lambda: keys.load_signer(data, at=later)),
    }
    body = keys.next_list(data, at=later)
    steps["a list that nobody signed is refused"] = _is_refused(lambda: offline_root.install(data, body, at=later))
    other = folder / "other"
    foreign = keys.public_key_list(other, at=later) if keys.load_signer(other, at=later) else {}
    steps["a list of another root is refused"] = _is_refused(lambda: offline_root.install(data, foreign, at=later))
    signed = offline_root.sign_offline(body, stick)
    offline_root.install(data, signed, at=later)
    steps["with the signed list passes are issued again"] = _check(data, _pass(data, later), later).good
    older = offline_root.sign_offline({**body, "issued_at": instant_text(at)}, stick)
    steps["an older list is refused"] = _is_refused(lambda: offline_root.install(data, older, at=later))
    known = read_key_list(signed, root=first.root)
    steps["a phone that knows the root takes the new list"] = bool(known.keys)
    steps["the key of the year before is not trusted for ever"] = not set(first.keys) & set(known.keys)
    return steps


def _is_refused(act: Callable[[], Any]) -> bool:
    try:
        act()
    except ListUnusable:
        return True
    return False


def _pass(data: Path, at: datetime) -> str:
    facts = PassFacts(
        number="MUN-26-000001",
        pass_id=b"rehearse",
        vehicle="BR08G1234",
        mineral="sand",
        quantity_m3=Decimal("8.5"),
        weight_kg=None,
        source_name="Rehearsal",
        source_lat=25.3,
        source_lon=86.5,
        lease_number="MUN-2026-01",
        destination="Rehearsal",
        distance_km=Decimal(10),
        issued_at=at,
        valid_until=at + timedelta(hours=6),
        settlee="Rehearsal",
    )
    facts = replace(facts, issued_at=at.replace(microsecond=0))
    return sign_pass(facts, key=keys.load_signer(data, at=facts.issued_at), base_url="https://rehearsal.invalid")


def _check(data: Path, text: str, at: datetime) -> Verdict:
    return verify_pass(text, keys=keys.public_key_list(data, at=at), at=at)


def _is_cancelled(data: Path, text: str, at: datetime) -> bool:
    listed = keys.cancelled_list([b"rehearse"], at=at, data_dir=data)
    return verify_pass(text, keys=keys.public_key_list(data, at=at), cancelled=listed, at=at).reason == "cancelled"
