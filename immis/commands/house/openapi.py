"""``immis openapi``."""

import json

import click

from immis import setup_django


@click.command()
def command() -> None:
    """Print the description of the API (OpenAPI 3.1, JSON).

    Example: immis openapi > openapi.json
    """
    setup_django()
    from immis.web.api import api

    click.echo(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), indent=2, default=str))
