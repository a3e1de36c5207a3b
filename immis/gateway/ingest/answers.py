"""What devices are sent: replies, acceptance over HTTP, and the office's commands."""

from dataclasses import dataclass
from datetime import UTC, datetime

from immis.gateway.commands import Command, CommandBook
from immis.gateway.ingest.streams import Frame
from immis.gateway.protocols.cdac import form_in
from immis.gateway.protocols.http import HTTP, unfinished
from immis.gateway.protocols.osmand import DIALECT as PHONE
from immis.gateway.protocols.packet import Packet
from immis.gateway.protocols.replies import FORBIDDEN, UNREADABLE, http_ok, reply_to
from immis.gateway.state.device import DeviceState
from immis.gateway.state.events import NewEvent
from immis.gateway.state.fleet import Fleet
from immis.gateway.store.snapshot import SnapshotReader


@dataclass(frozen=True, slots=True)
class Answer:
    """What a device waits for; ``raw_ref`` names the frame it answers."""

    connection: int
    raw_ref: int
    data: bytes


class Answers:
    """Words for devices; what is sent of the office's commands is told in the events of the pipeline."""

    def __init__(self, snapshot: SnapshotReader, commands: CommandBook, fleet: Fleet, events: list[NewEvent]) -> None:
        self._snapshot, self._commands, self._fleet, self._events = snapshot, commands, fleet, events

    def to_sender(self, packet: Packet, frame: Frame) -> bytes | None:
        """What the sender of a frame waits for; over HTTP a command that waits for it goes along."""
        if not frame.raw.startswith(HTTP):
            return reply_to(frame.raw, datetime.fromtimestamp(frame.received_s, UTC))
        if packet.dialect == PHONE:
            return http_ok() if self.may_report(packet, frame) else FORBIDDEN
        request = unfinished(frame.raw)
        if request is None or form_in(request) is None:
            return UNREADABLE
        command = self._commands.ask(packet.imei, frame.received_s) if packet.imei else None
        if command is None:
            return http_ok()
        self._tell_command(command, self._fleet.get(command.imei), "sent", frame.received_s)
        return http_ok(self._snapshot.current.http_command.format(text=command.text))

    def may_report(self, packet: Packet, frame: Frame) -> bool:
        """Whether the office lets this phone stand in for a device, and still does."""
        return frame.received_s < self._snapshot.current.phones.get(packet.imei or "", 0.0)

    def send_commands(self, now_s: float, position: int) -> list[Answer]:
        """The office's commands that can be sent now, as answers at a position of the log; those given up are told."""
        answers = []
        for command, state, what in self._commands.send(now_s, self._up_to_date):
            self._tell_command(command, state, what, now_s)
            ending = "\r\n" if command.text.startswith("$") else ""  # only Amendment 3 asks for a line's end
            if state and what == "sent":
                answers.append(Answer(state.reach, position, f"{command.text}{ending}".encode()))
        return answers

    def _tell_command(self, command: Command, state: DeviceState | None, what: str, now_s: float) -> None:
        payload = {"id": command.id, "text": command.text, "tries": command.tries}
        vehicle = state.vehicle if state else ""
        self._events.append(NewEvent(f"device.command_{what}", command.imei, vehicle, now_s, now_s, payload))

    def _up_to_date(self, imei: str) -> DeviceState | None:
        state = self._fleet.get(imei)
        if state:
            self._fleet.load(state)
        return state
