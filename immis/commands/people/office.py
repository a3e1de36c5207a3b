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

    A menu that names no entry of the navigation is told too.
    """
    setup_django()
    from immis.rules import posts
    from immis.rules.marks import Faults
    from immis.web.shell.nav import items_of

    try:
        chart = posts.load(file or posts.FILE)
        for post in chart.posts.values():
            items_of(post)
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


@command.command(name="import", epilog="Example: immis office import blocks.csv")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(file: Path) -> None:
    """Enter the offices of FILE, a CSV of sub-divisions, blocks or others with the office that each stands under.

    Its columns are code, kind, name_en, name_hi, parent, district, lgd_code. A file with a fault is not taken at all;
    every fault is told with its row.
    """
    setup_django()
    from immis.core.access.permissions import SYSTEM
    from immis.registry.offices import OddFile, enter_offices, read_offices

    try:
        rows = read_offices(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        click.echo("immis office: not text in UTF-8; save the table as CSV UTF-8", err=True)
        sys.exit(1)
    except OddFile as odd:
        for fault in odd.faults:
            click.echo(str(fault), err=True)
        sys.exit(1)
    click.echo(f"{enter_offices(rows, by=SYSTEM, at=clock.now())} offices entered.")


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
def appoint(username: str, post: str, office: str) -> None:
    """Appoint USERNAME to the POST (a code of posts.yaml) in the office of the code OFFICE."""
    setup_django()
    from django.db import transaction

    from immis.core.access.permissions import SYSTEM
    from immis.core.services import log_action
    from immis.registry import selectors, services

    user, place = selectors.users(username=username).first(), selectors.offices(code=office).first()
    if user is None or place is None:
        click.echo(f"immis office: there is no {'office ' + office if user else 'person ' + username}", err=True)
        sys.exit(2)
    try:
        with transaction.atomic():
            services.appoint(user=user, office=place, role=post)
            facts = {"post": post, "office": office}
            log_action("post.given", subject=("user", username), facts=facts, by=SYSTEM, at=clock.now())
    except LookupError as error:
        click.echo(f"immis office: {error}", err=True)
        sys.exit(2)
    click.echo(f"{username} holds the post {post} in {office}.")
