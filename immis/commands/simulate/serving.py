"""How a stand-in becomes a process of its own: where it listens, what it tells as it begins, how it ends."""

import contextlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

from immis.adapters.simulating import Simulator
from immis.commands.road.gateway import parse_address

Server = TypeVar("Server", bound=Simulator)


class Listen(click.ParamType):
    """``HOST:PORT`` on the command line; port 0 is a free one."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        return value if isinstance(value, tuple) else parse_address(str(value))


def listen_option(default: str, words: str = "Where to listen.") -> Callable[..., Any]:
    """``--listen HOST:PORT``, as host and port."""
    return click.option("--listen", type=Listen(), default=default, show_default=True, metavar="HOST:PORT", help=words)


def opened(make: Callable[[], Server]) -> Server:
    """The stand-in where it listens. Raises click.UsageError when it cannot."""
    try:
        return make()
    except OSError as error:
        raise click.UsageError(f"cannot listen: {error.strerror or error}") from error


def serve(server: Simulator, **more: Any) -> None:
    """Say in one line where it listens, and answer until it is interrupted."""
    click.echo(json.dumps({"listening": server.url, **more}))
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever(poll_interval=0.1)
    server.server_close()
