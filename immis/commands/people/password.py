"""``immis password``: gives a person a new password, until people prove themselves otherwise."""

import secrets
import sys

import click

from immis import clock, setup_django


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Set the password of a person who forgot it."""


@command.command(name="set", epilog="Example: immis password set mdo")
@click.argument("username")
@click.option("--generate", is_flag=True, help="Make one at random and print it, to be changed at /password.")
def set_password(username: str, generate: bool) -> None:
    """Ask for a new password of USERNAME, twice; their other sessions end, and the action log keeps that it was done.

    Input that is no terminal is read as one line: the password.
    """
    setup_django()
    from django.core.exceptions import ValidationError

    from immis.core.access.permissions import SYSTEM
    from immis.core.errors import NotFound
    from immis.registry.passwords import change_password

    new = secrets.token_urlsafe(15) if generate else _asked()
    try:
        change_password(username=username, new=new, by=SYSTEM, at=clock.now())
    except NotFound:
        click.echo(f"immis password: nobody is called {username!r}; names are told apart by case", err=True)
        sys.exit(2)
    except ValidationError as error:
        click.echo(f"immis password: not set: {' '.join(error.messages)}", err=True)
        sys.exit(1)
    click.echo(new if generate else f"The password of {username} is set; their other sessions have ended.")


def _asked() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("New password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline(500).rstrip("\n")
