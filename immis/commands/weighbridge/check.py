"""``immis weighbridge check``: whether other makers' software keeps the protocol, as a server or as a client."""

import json
import time
from pathlib import Path
from typing import Any

import click
import httpx

from immis.commands.road.gateway import parse_address
from immis.commands.weighbridge.examining import examine
from immis.commands.weighbridge.referee import FAILURES, Referee, serve
from immis.reading import whole_number

FOUND, UNUSABLE = 1, 2
#: What a client must have done before it is through.
_DUTIES = ("paired", "taken", "heartbeat", *FAILURES, "sent again")


@click.command("check", epilog="Example: immis weighbridge check --url http://127.0.0.1:8000 --code 123456")
@click.option("--url", help="A server to examine; it is paired with, by --code of a bridge made for the examination.")
@click.option("--code", default="", help="Six digits of that bridge.")
@click.option("--rules", is_flag=True, help="Of the department's server: whether it stops what cannot be trusted.")
@click.option("--listen", metavar="HOST:PORT", help="Examine a client: it is pointed to this address.")
@click.option("--seconds", type=click.IntRange(1, 3600), default=120, show_default=True, help="How long to listen.")
@click.option("--vectors", is_flag=True, help="Print the test vectors: frames, rest, canonical text and signatures.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command_check(url: str, code: str, rules: bool, listen: str, seconds: int, vectors: bool, as_json: bool) -> None:
    """Examine a server (--url) or a client (--listen) by the protocol of weighbridges."""
    if vectors:
        import immis.agent

        click.echo((Path(immis.agent.__file__).parent / "vectors.json").read_text(encoding="utf8"), nl=False)
        return
    if bool(url) == bool(listen):
        raise click.UsageError("give --url of a server or --listen for a client")
    steps = _server(url, code, rules) if url else _client(listen, seconds, as_json)
    _tell(steps, as_json)
    if not all(row["ok"] for row in steps):
        raise SystemExit(FOUND)


def _server(url: str, code: str, rules: bool) -> list[dict[str, Any]]:
    if whole_number(code) is None or len(code) != 6:
        raise click.UsageError(f"--code {code!r}: the six digits that the bridge's page shows")
    try:
        return [row._asdict() for row in examine(url, code, rules=rules)]
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        click.echo(f"immis weighbridge check: {url}: {fault}", err=True)
        raise SystemExit(UNUSABLE) from fault


def _client(listen: str, seconds: int, as_json: bool) -> list[dict[str, Any]]:
    host, port = parse_address(listen)
    referee = Referee(failures=FAILURES)
    try:
        server = serve(referee, host, port)
    except OSError as fault:
        raise click.UsageError(f"--listen {listen}: {fault}") from fault
    address = f"http://{host}:{server.server_address[1]}"
    click.echo(json.dumps({"url": address, "code": referee.code}) if as_json else f"{address}  code {referee.code}")
    until = time.monotonic() + seconds
    while time.monotonic() < until and not set(_DUTIES) <= set(referee.seen):
        time.sleep(0.1)
    server.shutdown()
    times = {duty: referee.seen.get(duty, 0) for duty in _DUTIES}
    done = [{"step": duty, "ok": count > 0, "words": f"{count} times"} for duty, count in times.items()]
    return [*done, *({"step": "protocol", "ok": False, "words": fault} for fault in referee.faults)]


def _tell(steps: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"conforms": all(row["ok"] for row in steps), "steps": steps}))
        return
    for row in steps:
        click.echo(f"{'ok   ' if row['ok'] else 'FAULT'} {row['step']}: {row['words']}")
