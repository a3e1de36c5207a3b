"""``immis demo``: a season on the Munger notice, played against the running services."""

import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

from immis import clock
from immis.commands.demo.stage import NotForDemo, Stage, build, free_port
from immis.commands.processes.run import CannotRun, Supervisor


class _Stop(BaseException):
    """Somebody wants the demo to end; as KeyboardInterrupt no fault, which something would go on after."""


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    raise _Stop


@contextmanager
def running(stage: Stage, *, say: Any = None) -> Iterator[Supervisor]:
    """All processes of the stage, ready; ended when the block ends."""
    supervisor = Supervisor(
        listen=f"127.0.0.1:{stage.port}",
        gateway_listen=stage.gateway,
        env=stage.env,
        say=say,
        extra={"treasury": stage.treasury_argv, "sms": stage.sms_argv},
    )
    with supervisor:
        supervisor.wait_ready()
        yield supervisor


class _Log:
    """Where the lines of the processes go: a file beside the data, so that the story stays readable."""

    def __init__(self, stage: Stage):
        self._file = (stage.data / "demo.log").open("a", encoding="utf8")

    def __call__(self, line: str) -> None:
        self._file.write(f"{line}\n")
        self._file.flush()


@click.command()
@click.option("--headless", is_flag=True, help="Play the season to its end and exit.")
@click.option(
    "--month/--no-month",
    "whole",
    default=None,
    help="With a whole month of the district: forty trucks, 200 e-challans (without --headless it always is).",
)
@click.option("--json", "as_json", is_flag=True, help="The last line of the output is the summary as JSON.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=None, help="Port of the site (8000; headless: a free one)."
)
def command(headless: bool, whole: bool | None, as_json: bool, port: int | None) -> None:
    """Play a season: auction, settlement, e-challans, trucks, a defaulter, a tamperer.

    Everything goes through the running services: bidders over HTTP, devices over
    TCP, money through a simulated treasury. Without --headless the site stays up
    with one-click log-ins until Ctrl-C.

    Example: immis demo --headless --json
    """
    begun = time.monotonic()
    signal.signal(signal.SIGTERM, _on_signal)
    try:
        stage = build(port=port or (free_port() if headless else 8000))
        summary = _play(stage, headless=headless, whole=not headless if whole is None else whole, quiet=as_json)
    except (NotForDemo, CannotRun) as error:
        click.echo(f"immis demo: {error}", err=True)
        sys.exit(2)
    except (KeyboardInterrupt, _Stop):
        click.echo("", err=True)
        sys.exit(0)
    summary["seconds"] = round(time.monotonic() - begun, 1)
    click.echo(json.dumps(summary, ensure_ascii=False) if as_json else _as_text(summary))


def _play(stage: Stage, *, headless: bool, whole: bool, quiet: bool) -> dict[str, Any]:
    from immis.commands.demo import department
    from immis.commands.demo.cast import FLEET, WHOLE_FLEET
    from immis.commands.demo.play import Play
    from immis.commands.demo.season import Season
    from immis.commands.demo.summary import counted

    def tell(en: str, hi: str) -> None:
        shown = clock.now().astimezone(clock.INDIA)
        click.echo(f"{shown:%d.%m.%Y %H:%M}  {hi} · {en}", err=quiet)

    with running(stage, say=_Log(stage)):
        play = Play(stage, tell=tell, lorries=WHOLE_FLEET if whole else FLEET)
        try:
            department.enter(play)
            if not headless:
                _welcome(stage)
            season = Season(play, watched=not headless, whole=whole)
            season.run()
            if not headless:
                _stay(season)
            play.fleet.stop()
            play.settle()
            play.publish_passes()
            clock.run_at(1.0)  # who stands on this season later finds it as it was left
        finally:
            play.close()
    return counted(stage)  # when every process has ended, so that nothing arrives after the count


def _welcome(stage: Stage) -> None:
    click.echo(f"\n  {stage.url}   (log-in by one click on the page /login)\n")


def _stay(season: Any) -> None:
    """Keep the season alive: trucks answer to whatever challan is cut, until Ctrl-C."""
    from immis.commands.demo.afterwards import keep_driving

    click.echo("\n  The season goes on; Ctrl-C ends it.\n")
    keep_driving(season, until=threading.Event())


def _as_text(summary: dict[str, Any]) -> str:
    return "\n".join(f"{name:<20} {value}" for name, value in summary.items())
