"""Keeps a season on its stage for the browser tests: plays on, turns the clock, drives trucks, on command.

A process of its own (``python -m tests.journeys.stagehand``), because a season reads the records
database with settings of its own. With ``--keep`` it stands the stage on the data of a season that has
ended, and plays nothing. It takes one JSON object a line on standard input and answers each with one
on standard output; it ends, and all processes of the season with it, when its standard input does.
"""

import json
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from immis import clock
from immis.commands.demo import running
from immis.commands.demo.stage import build, free_port


class Stagehand:
    """One season on its stage; every public method is a command."""

    def __init__(self, stack: ExitStack, *, keep: bool):
        out = stack.enter_context(self.log_of(clock.data_dir()).open("w", encoding="utf8", buffering=1))

        def log(line: str) -> None:
            out.write(f"{line}\n")

        self.stage = build(port=free_port(), keep=keep)
        stack.enter_context(running(self.stage, say=log))
        from immis.commands.demo import department
        from immis.commands.demo.auction_scenes import EXTENDED
        from immis.commands.demo.play import Play
        from immis.commands.demo.season import Season

        self._play = Play(self.stage, tell=lambda en, hi: log(en))
        stack.callback(self._play.close)
        if not keep:
            department.enter(self._play)
        self._season = Season(self._play, only=EXTENDED)
        self._played = 0

    @staticmethod
    def log_of(data: Path) -> Path:
        """Where the lines of all processes go."""
        return data.parent / "season.log"

    def addresses(self) -> dict[str, Any]:
        return {
            "url": self.stage.url,
            "gateway": self.stage.gateway_port,
            "data": str(self.stage.data),
            "log": str(self.log_of(self.stage.data)),
        }

    def play(self, through: str) -> dict[str, str]:
        """Play on to the end of the scene of this (English) name; answers the challans that the season cut."""
        from immis.commands.demo.season import SCENES

        last = [scene.words["en"] for scene in SCENES].index(through)
        self._season.run(SCENES[self._played : last + 1])
        self._played = last + 1
        return self._season.challans

    def clock(self, to: str | None = None, rate: float = 1.0) -> None:
        self._play.step_to(datetime.fromisoformat(to) if to else clock.now(), rate=rate)

    def bid(self, firm: str, lot: str, steps: int) -> bool:
        from immis.commands.demo.auction_scenes import bid

        return bid(self._play.person(firm), lot, steps)

    def trucks(self) -> None:
        """Every truck stands at its ghat and reports."""
        from immis.commands.demo import road_scenes as road

        road.trucks_arrive(self._play)

    def set_off(self, block: str, plate: str) -> None:
        """A truck drives from its ghat to the ghat's usual destination."""
        from immis.commands.demo import road_scenes as road

        road.set_off(self._play, block, next(one for one in road.FLEET if one.plate == plate))

    def settlements(self) -> dict[str, Any]:
        from immis.commands.demo.lease_scenes import settlements

        return settlements(self._play)

    def fleet(self) -> dict[str, list[str]]:
        """The plates of every firm's trucks."""
        from immis.commands.demo.cast import FLEET

        found: dict[str, list[str]] = {}
        for lorry in FLEET:
            found.setdefault(lorry.firm, []).append(lorry.plate)
        return found

    def settle(self) -> None:
        self._play.settle()

    def hush(self) -> None:
        """All trucks hang up."""
        self._play.fleet.stop()

    def counts(self) -> dict[str, Any]:
        from immis.commands.demo.summary import counted

        return counted(self.stage)


def _answer(do: Callable[..., Any], words: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"said": do(**words)}
    except Exception:
        return {"failed": traceback.format_exc()}


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer, default=str) + "\n")
    sys.stdout.flush()


def main() -> None:
    with ExitStack() as stack:
        hand = Stagehand(stack, keep="--keep" in sys.argv)
        _say({"said": hand.addresses()})
        for line in sys.stdin:
            asked = json.loads(line)
            _say(_answer(getattr(hand, asked.pop("do")), asked))


if __name__ == "__main__":
    main()
