"""Where a process listens: ``HOST:PORT`` or ``unix:/path``."""

import socket
from typing import Any

import click


def split(address: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT`` (``[::1]:8000`` for IPv6). Raises ValueError for anything else."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"{address!r} is not HOST:PORT, like 127.0.0.1:8000")
    return host.strip("[]") or "0.0.0.0", int(port)


class Address(click.ParamType):
    """``HOST:PORT`` or ``unix:/path`` on the command line."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if text.startswith("unix:/"):
            return text
        try:
            split(text)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return text


ADDRESS = Address()


def granian_bind(address: str) -> list[str]:
    """The address as options of granian."""
    if address.startswith("unix:"):
        return ["--uds", address[5:]]
    host, port = split(address)
    return ["--host", host, "--port", str(port)]


def taken(address: str) -> str:
    """Why nothing can listen there; empty when it is free."""
    host, port = split(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return ""


def answers(address: str) -> bool:
    """Whether something listens there."""
    if address.startswith("unix:"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(address[5:]) == 0
    host, port = split(address)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
