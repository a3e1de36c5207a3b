"""``immis password``: gives a person a new password, or takes off a second factor that is lost."""

import secrets
import sys

import click

from immis import clock, setup_django


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Set the password of a person who forgot it, or take off a second factor that is lost."""


@command.command(name="set", epilog="Example: immis password set mdo")
@click.argument("username")
@click.option(
    "--generate", is_flag=True, help="Make one at random and print it, which the first log-in asks to change."
)
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
        change_password(username=username, new=new, by=SYSTEM, at=clock.now(), given=generate)
    except NotFound:
        click.echo(f"immis password: nobody is called {username!r}; names are told apart by case", err=True)
        sys.exit(2)
    except ValidationError as error:
        click.echo(f"immis password: not set: {' '.join(error.messages)}", err=True)
        sys.exit(1)
    click.echo(new if generate else f"The password of {username} is set; their other sessions have ended.")


@command.command(epilog="Example: immis password drop-factor mdo --reason 'telephone lost, identity card seen'")
@click.argument("username")
@click.option("--reason", required=True, help="Why, and how it was made sure who asked; it stands in the action log.")
def drop_factor(username: str, reason: str) -> None:
    """Take off the second factor of USERNAME, who lost the telephone, the keys and the codes; the password stays.

    All sessions of the account end, its owner is told by e-mail, and a post that must have one sets up a new one.
    """
    setup_django()
    from immis.core.access.permissions import SYSTEM
    from immis.core.errors import NotFound
    from immis.registry.second_factors import drop_factors

    try:
        count = drop_factors(username=username, reason=reason, by=SYSTEM, at=clock.now())
    except NotFound:
        click.echo(f"immis password: {username!r} is nobody, or has no second factor", err=True)
        sys.exit(2)
    click.echo(f"{username} has no second factor any more ({count} taken off).")


def _asked() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("New password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline(500).rstrip("\n")
