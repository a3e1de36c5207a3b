"""Commands to devices: queued by the office, sent over the link on which the device was heard last, and logged.

The office puts a command down as a file; the gateway takes it up, sends it when the device is on line, tells
``device.command_sent``, and ``device.command_answered`` when the device confirms (alert 12, activation or health
report) or ``device.command_failed`` when it never does. A command is tried again after a while; what one killed
worker has sent the next does not send twice over the same link.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from immis.gateway.state.device import DeviceState
from immis.gateway.tolerances import COMMAND_AGAIN_S, COMMAND_TRIES, ON_LINE_S

_LONGEST = 512
_ANSWERS = ("ack", "health", "command")


@dataclass
class Command:
    """One command on its way; instants in seconds since 1970."""

    id: str
    imei: str
    text: str
    until_s: float
    tries: int = 0
    sent_s: float = 0.0


def queue_command(data_dir: str | Path, *, command_id: str, imei: str, text: str, until_s: float) -> None:
    """Hand the gateway a command; ValueError for one that no device could take.

    ``command_id`` is a name of letters, digits and dashes, used once; ``until_s`` is when it is given up.
    """
    if not command_id.replace("-", "").isalnum() or not text.isprintable() or not 0 < len(text) <= _LONGEST:
        raise ValueError("a command is one line of at most 512 characters, its number letters, digits and dashes")
    folder = commands_folder(data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{command_id}.part"
    part.write_text(json.dumps(asdict(Command(command_id, imei, text, until_s))))
    os.replace(part, folder / f"{command_id}.json")


def commands_folder(data_dir: str | Path) -> Path:
    return Path(data_dir) / "gateway" / "commands"


class CommandBook:
    """The commands under way; ``kept`` is plain data for the checkpoint."""

    def __init__(self, data_dir: str | Path, kept: list[dict[str, Any]]) -> None:
        self._folder = commands_folder(data_dir)
        self._commands = {row["id"]: Command(**row) for row in kept}
        self._taken: list[Path] = []

    def kept(self) -> list[dict[str, Any]]:
        return [asdict(command) for command in self._commands.values()]

    def committed(self) -> None:
        """What was taken up is in the checkpoint now."""
        for path in self._taken:
            path.unlink(missing_ok=True)
        self._taken = []

    def send(
        self, now_s: float, device: Callable[[str], DeviceState | None]
    ) -> Iterator[tuple[Command, DeviceState | None, str]]:
        """Commands to send now (``sent``) or to give up (``failed``); ``device`` gives a device up to date."""
        self._take_up()
        for command in list(self._commands.values()):
            if command.sent_s and now_s < command.sent_s + COMMAND_AGAIN_S:
                continue
            state = device(command.imei)
            if now_s >= command.until_s or command.tries >= COMMAND_TRIES:
                del self._commands[command.id]
                yield command, state, "failed"
            elif state and state.reach and not state.over_http and now_s - (state.received_s or 0.0) < ON_LINE_S:
                command.tries, command.sent_s = command.tries + 1, now_s
                yield command, state, "sent"

    def ask(self, imei: str, now_s: float) -> Command | None:
        """The oldest command for a device that reports by requests and may have one in the answer now."""
        due = (x for x in self._commands.values() if x.imei == imei and now_s >= x.sent_s + COMMAND_AGAIN_S)
        command = next((x for x in due if x.tries < COMMAND_TRIES and now_s < x.until_s), None)
        if command:
            command.tries, command.sent_s = command.tries + 1, now_s
        return command

    def answered(self, imei: str, kind: str, alert: int | None) -> Command | None:
        """The oldest command of a device that a record of it confirms; it is done."""
        if not self._commands or not (kind in _ANSWERS or alert == 12):
            return None
        command = next((x for x in self._commands.values() if x.imei == imei and x.sent_s), None)
        return self._commands.pop(command.id) if command else None

    def _take_up(self) -> None:
        if not self._folder.is_dir():
            return
        for path in sorted(self._folder.glob("*.json")):
            if path in self._taken:
                continue
            self._taken.append(path)
            try:
                command = Command(**json.loads(path.read_text()))
            except (ValueError, TypeError, OSError):
                continue
            self._commands.setdefault(command.id, command)
