"""``immis office``: the tree of offices, and who holds which post in one."""

import sys
from pathlib import Path

import click

from immis import clock, setup_django


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Enter offices and appoint people to posts."""


@command.command(epilog="Example: immis office check")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path | None) -> None:
    """Check the posts and grants of FILE (default: the installation's posts.yaml): every fault with its line.

    A post whose day begins at a page that no list is called by is told too.
    """
    setup_django()
    from immis.rules import posts
    from immis.rules.marks import Faults
    from immis.web.shell.nav import check_beginning

    try:
        chart = posts.load(file or posts.FILE)
        for post in chart.posts.values():
            check_beginning(post)
    except (Faults, LookupError) as faults:
        click.echo(str(faults), err=True)
        sys.exit(1)
    click.echo(f"{len(chart.posts)} posts, {len(chart.grants)} grants")


@command.command(epilog="Example: immis office tree")
def tree() -> None:
    """Enter the State's own tree: headquarters, nine divisions, thirty-eight districts with their LGD numbers."""
    setup_django()
    from immis.core.access.permissions import SYSTEM
    from immis.registry.offices import enter_state_tree

    click.echo(f"{enter_state_tree(by=SYSTEM, at=clock.now())} offices stand in the tree.")


@command.command(epilog="Example: immis office person anita --name-en 'Anita Kumari' --name-hi 'Anita Kumari'")
@click.argument("username")
@click.option("--name-en", required=True, help="The name in Latin letters.")
@click.option("--name-hi", required=True, help="The name in Devanagari.")
@click.option("--email", default="", help="Where messages to the office reach this person.")
def person(username: str, name_en: str, name_hi: str, email: str) -> None:
    """Enter a person of an office, or change one; `immis password set USERNAME` gives the password."""
    setup_django()
    from immis.registry import services

    services.add_user(username=username, name_en=name_en, name_hi=name_hi, email=email)
    click.echo(f"{username} is entered.")


@command.command(epilog="Example: immis office appoint mdo district munger")
@click.argument("username")
@click.argument("post")
@click.argument("office")
@click.option("--reference", default="", help="The number of the order.")
def appoint(username: str, post: str, office: str, reference: str) -> None:
    """Appoint USERNAME to the POST (a code of posts.yaml) in the office of the code OFFICE."""
    setup_django()
    from immis.core.access.permissions import SYSTEM
    from immis.core.errors import Refusal
    from immis.registry import selectors, services
    from immis.rules.policy import book

    user, place = selectors.users(username=username).first(), selectors.offices(code=office).first()
    if user is None or place is None:
        click.echo(f"immis office: there is no {'office ' + office if user else 'person ' + username}", err=True)
        sys.exit(2)
    try:
        services.appoint(user=user, office=place, role=post, by=SYSTEM, at=clock.now(), reference=reference)
    except LookupError as error:
        click.echo(f"immis office: {error}", err=True)
        sys.exit(2)
    except Refusal as refusal:
        click.echo(f"immis office: {' '.join(book().say(f.code, f.facts, 'en') for f in refusal.findings)}", err=True)
        sys.exit(2)
    click.echo(f"{username} holds the post {post} in {office}.")
