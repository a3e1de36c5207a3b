"""``immis way``: the way by road between two places, as e-challans reckon with it."""

import json
import sys

import click

from immis import clock, setup_django
from immis.rules.land.earth import in_india


class _PlaceType(click.ParamType):
    name = "lat,lon"

    def convert(self, value, param, ctx) -> tuple[float, float]:
        try:
            lat, lon = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is no place such as 25.3708,86.4734", param, ctx)
        if not in_india(lat, lon):
            self.fail(f"{value!r} does not lie in India", param, ctx)
        return lat, lon


@click.command("way", epilog="Example: immis way --from 25.3013,86.2508 --to 25.3708,86.4734")
@click.option("--from", "start", type=_PlaceType(), required=True, help="From where.")
@click.option("--to", "end", type=_PlaceType(), required=True, help="To where.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON, with the line of the way.")
def command(start: tuple[float, float], end: tuple[float, float], as_json: bool) -> None:
    """Ask the routing engine for a truck's way; exit 1 where no road leads, 2 where no engine answers."""
    setup_django()
    from immis.adapters.roads.embedded import EmbeddedRoads
    from immis.adapters.roads.polyline import decoded
    from immis.adapters.roads.port import Pair, RoadsUnreachable
    from immis.challans.roads.engine import engine, truck
    from immis.rules.policy import NotInForce

    at = clock.now()
    try:
        roads = engine(at=at)
        if isinstance(roads, EmbeddedRoads) and not roads.ready():
            roads.take_in()
        way = roads.ways([Pair(start, end)], truck(at=at))[0]
    except (RoadsUnreachable, NotInForce, ValueError) as fault:
        click.echo(f"immis way: {fault}", err=True)
        sys.exit(2)
    if way is None:
        click.echo(json.dumps({"way": None}) if as_json else "No road leads there that a truck may take.")
        sys.exit(1)
    answer = {"metres": way.metres, "minutes": way.minutes}
    if as_json:
        click.echo(json.dumps({"way": {**answer, "line": decoded(way.line)}, "by": roads.stamp()}))
    else:
        click.echo(f"{way.metres / 1000:.1f} km by road, {way.minutes} minutes of driving")
