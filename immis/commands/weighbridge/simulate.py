"""``immis weighbridge simulate``: trucks over a scale, as an indicator on a pseudo-terminal shows them."""

import itertools
import json
import random
import time
from collections.abc import Iterator

import click

from immis.commands.weighbridge.indicator import ENCODERS, Line, Terminal

_RISE = 12  # frames in which a truck drives on or off


def truck_over(kg: int, rest: int, rng: random.Random) -> Iterator[tuple[float, bool]]:
    """Frames of one truck: zero, driving on, swinging, ``rest`` frames at rest, driving off, zero."""
    yield from ((0, True),) * rest
    for step in range(1, _RISE):
        yield round(kg * step / _RISE, -1), False
    for swing in (60, -40, 20, -10):
        yield kg + swing + rng.choice((0, 10)), False
    yield from ((kg, True),) * rest
    for step in range(_RISE - 1, 0, -1):
        yield round(kg * step / _RISE, -1), False
    yield from ((0, True),) * rest


@click.command(
    "simulate", epilog="Example: immis weighbridge simulate --preset yaohua-a9 --weights 8760,31240 --noise 0.02"
)
@click.option("--preset", type=click.Choice(sorted(ENCODERS)), default="avery", show_default=True, help="Whose frames.")
@click.option("--speed", type=click.Choice(["9600", "4800", "2400", "1200"]), default="9600", show_default=True)
@click.option("--bits", type=click.Choice(["8N1", "7E1"]), default="8N1", show_default=True, help="Format of the line.")
@click.option("--weights", default="8760,31240", show_default=True, help="Trucks in kilograms, one after another.")
@click.option("--rate", type=click.FloatRange(1, 100), default=10.0, show_default=True, help="Frames a second.")
@click.option("--rest", type=click.IntRange(1, 10_000), default=40, show_default=True, help="Frames at rest.")
@click.option("--noise", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="Part of frames spoilt.")
@click.option("--partial", is_flag=True, help="Hand frames over in pieces.")
@click.option("--drop-after", type=click.IntRange(1), help="Pull the plug after so many frames.")
@click.option("--once", is_flag=True, help="End after the last truck instead of beginning again.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same noise.")
@click.option("--json", "as_json", is_flag=True, help="JSON (this is what it always prints; accepted for scripts).")
def command_simulate(weights: str, rate: float, rest: int, once: bool, **how: object) -> None:
    """An indicator on a pseudo-terminal: prints the port's name, then plays trucks."""
    try:
        kgs = [int(kg) for kg in weights.split(",")]
    except ValueError:
        raise click.UsageError(
            f"--weights {weights!r}: whole kilograms with commas between, such as 8760,31240"
        ) from None
    rng = random.Random(int(str(how["seed"])))
    line = Line(noise=float(str(how["noise"])), partial=bool(how["partial"]), rng=rng)
    terminal = Terminal(str(how["preset"]), speed=int(str(how["speed"])), bits=str(how["bits"]), line=line)
    click.echo(json.dumps({"port": terminal.path, "preset": how["preset"], "speed": terminal.speed}))
    trucks = kgs if once else itertools.cycle(kgs)
    frames = (frame for kg in trucks for frame in truck_over(kg, rest, rng))
    try:
        for kg, still in itertools.islice(frames, int(str(how["drop_after"])) if how["drop_after"] else None):
            terminal.send(kg, still)
            time.sleep(1 / rate)
    except KeyboardInterrupt:
        pass
    finally:
        terminal.close()
