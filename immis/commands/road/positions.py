"""``immis positions``: the stored track of one device."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

import click

from immis import clock
from immis.gateway.protocols.packet import rfc3339
from immis.gateway.store.all_positions import positions_of

_COLUMNS = (
    "imei", "vehicle", "time", "received", "lat", "lon", "speed_kmh", "heading", "fix", "ignition", "main_power",
    "main_voltage", "satellites", "hdop", "alert", "type", "kind", "status", "late", "dialect", "frame_no", "problems",
)  # fmt: skip


class _Instant(click.ParamType):
    name = "time"

    def convert(self, value, param, ctx) -> datetime:
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a time such as 2026-06-05T10:00:00+05:30", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=clock.INDIA)


@click.command(
    "positions",
    epilog="Example: immis positions --imei 860000000000001 --from 2026-06-05T10:00 --to 2026-06-05T11:00 --format gpx",
)
@click.option("--imei", required=True, help="The device.")
@click.option("--from", "start", type=_Instant(), help="First device time; Indian time where no zone is given.")
@click.option("--to", "end", type=_Instant(), help="Last device time.")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv", "gpx"]), default="jsonl", show_default=True)
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Data folder (default: IMMIS_DATA or ./var)."
)
@click.option("--json", "as_json", is_flag=True, help="Same as --format jsonl.")
def command(
    imei: str, start: datetime | None, end: datetime | None, form: str, data: Path | None, as_json: bool
) -> None:
    """Print the stored positions of a device in device-time order."""
    if not (imei.isascii() and imei.isdigit() and len(imei) == 15):
        raise click.BadParameter(f"{imei!r} is not an IMEI of 15 digits", param_hint="--imei")
    if start and end and end < start:
        raise click.UsageError("--to lies before --from")
    try:
        frame = positions_of(data or clock.data_dir(), imei=imei, start=start, end=end)
    except OSError as fault:
        click.echo(f"immis positions: the archive does not answer: {fault}", err=True)
        sys.exit(2)
    rows = (_row(row) for row in frame.iter_rows(named=True))
    for line in _WRITERS["jsonl" if as_json else form](rows):
        click.echo(line)


def _row(row: dict) -> dict:
    payload = row | {"time": rfc3339(row["at"]), "received": rfc3339(row["received_at"])}
    payload["problems"] = row["problems"].split()
    return {name: payload[name] for name in _COLUMNS if payload[name] is not None}


def _jsonl(rows: Iterator[dict]) -> Iterator[str]:
    return (json.dumps(row, ensure_ascii=False) for row in rows)


def _csv(rows: Iterator[dict]) -> Iterator[str]:
    yield ",".join(_COLUMNS)
    for row in rows:
        cells = (row.get(name, "") for name in _COLUMNS)
        yield ",".join(_cell(" ".join(cell) if isinstance(cell, list) else cell) for cell in cells)


def _cell(value) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    if isinstance(value, str) and text[:1] in ("=", "+", "-", "@"):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


def _gpx(rows: Iterator[dict]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<gpx version="1.1" creator="IMMIS" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
    for row in rows:
        if "lat" in row:
            yield f'<trkpt lat="{row["lat"]}" lon="{row["lon"]}"><time>{escape(row["time"])}</time></trkpt>'
    yield "</trkseg></trk></gpx>"


_WRITERS = {"jsonl": _jsonl, "csv": _csv, "gpx": _gpx}

if __name__ == "__main__":
    command()
