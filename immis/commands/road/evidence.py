"""``immis evidence verify``: checks an evidence bundle without a database."""

import json
from pathlib import Path

import click


@click.group()
def command() -> None:
    """Check bundles of evidence."""


@command.command(epilog="Example: immis evidence verify trip-17.zip --keys evidence-keys.json")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--keys", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The department's published keys (evidence-keys.json); without it the key's name is printed to be compared.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def verify(file: Path, keys: Path | None, as_json: bool) -> None:
    """Check signature and hashes of FILE and decode its raw frames again; exit 1 when any part was changed."""
    from immis.adapters.reading.apart import ReadingRefused, limits_today, read_apart
    from immis.tracking.bundles.check import LIMITS, Unreadable, Verdict

    try:
        known = json.loads(keys.read_text(encoding="utf8")) if keys else None
        if known is not None and not isinstance(known, dict):
            raise ValueError("no list of keys")
        limits = limits_today(**LIMITS)
        verdict: Verdict = read_apart("evidence", file.resolve(), keys=known, limits=limits)
    except ReadingRefused as error:
        raise click.UsageError(f"{file.name}: {error.message('en')}") from None
    except Unreadable as error:
        raise click.UsageError(f"{file.name}: {error}") from None
    except ValueError as error:
        raise click.UsageError(f"{keys}: {error}") from None
    manifest = verdict.manifest
    answer = {
        "genuine": verdict.genuine, "vehicle": manifest.get("vehicle"), "trip": manifest.get("trip"),
        "made_at": manifest.get("made_at"), "key": verdict.kid, "key_published": verdict.known_key,
        "raw_frames": verdict.frames, "positions": verdict.rows, "positions_from_frames": verdict.rows_from_frames,
        "faults": verdict.faults,
    }  # fmt: skip
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    elif verdict.genuine:
        click.echo(f"Genuine: vehicle {manifest.get('vehicle')}, made {manifest.get('made_at')}, key {verdict.kid}.")
        click.echo(f"{verdict.rows_from_frames} of {verdict.rows} positions follow from {verdict.frames} raw frames.")
        if verdict.known_key is None:
            click.echo("Compare the key with the department's published evidence-keys.json, or give it by --keys.")
    else:
        for fault in verdict.faults:
            click.echo(f"REFUSED {fault['part']}: {fault['why']}")
    raise SystemExit(0 if verdict.genuine else 1)
