"""``immis decode``: what AIS-140 frames say."""

import json
import sys
from collections.abc import Iterator

import click

from immis.gateway.protocols.decode import decode_frame
from immis.gateway.protocols.framing import Framer

_READ_BYTES = 65_536


@click.command("decode", epilog="Example: echo '$HBT*' | immis decode")
@click.option(
    "--stream", is_flag=True, help="Standard input is a raw byte stream, as a socket gives it; find the frames in it."
)
@click.option(
    "--json", "as_json", is_flag=True, help="JSON lines (this is what it always prints; accepted for scripts)."
)
def command(stream: bool, as_json: bool) -> None:
    """Read AIS-140 frames from standard input, one a line, and print one JSON line for each.

    A frame of another protocol is answered with kind "unknown"; what a frame does not carry is left out.
    """
    frames = _from_stream() if stream else _from_lines()
    for raw in frames:
        packets = decode_frame(raw)
        click.echo(json.dumps(packets[0].report(), ensure_ascii=False))


def _from_lines() -> Iterator[bytes]:
    for line in sys.stdin.buffer:
        frame = line.rstrip(b"\r\n")
        if frame.strip():
            yield frame


def _from_stream() -> Iterator[bytes]:
    framer = Framer()
    while data := sys.stdin.buffer.read1(_READ_BYTES):
        yield from framer.feed(data)
    rest = framer.flush()
    if rest:
        yield rest


if __name__ == "__main__":
    command()
