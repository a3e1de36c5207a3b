"""The operators' line of SMPP: it binds, takes SMS, and reports over the same line, in the moods of the exchange."""

import asyncio
import contextlib
import threading
from datetime import UTC, datetime

from aiosmpplib import (
    BindTransceiver,
    BindTransceiverResp,
    DeliverSm,
    EnquireLinkResp,
    PhoneNumber,
    SmppCommand,
    SmppCommandStatus,
    SubmitSm,
    SubmitSmResp,
    UnbindResp,
)
from aiosmpplib.protocol import PDU_HEADER_LENGTH, SmppMessage

from immis.adapters.sms.simulator import Exchange, Received

_LOOK_S = 0.1
_RECEIPT = 0b00000100
_NUMBER_TAG = 0x1401


class SmppSimulator:
    """A line on ``host:port`` (0: a free one) in a thread of its own; ``start`` answers the port."""

    def __init__(self, exchange: Exchange, host: str, port: int, *, user: str = "immis", password: str = "secret"):
        self.exchange, self._where = exchange, (host, port)
        self._who = (user, password)
        self._loop = asyncio.new_event_loop()
        self.acknowledged: list[int] = []
        self._sequence = 0

    def start(self) -> int:
        """Listen; answers the port."""
        threading.Thread(target=self._loop.run_forever, daemon=True, name="smsc").start()
        return asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def stop(self) -> None:
        """End every line."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._line, *self._where)
        return int(self._server.sockets[0].getsockname()[1])

    async def _end(self) -> None:
        self._server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One bound line: requests in, answers and receipts out."""
        told: set[str] = set()
        receipts = asyncio.ensure_future(self._tell(writer, told))
        try:
            while True:
                head = await reader.readexactly(PDU_HEADER_LENGTH)
                header = SmppMessage.parse_header(head)
                pdu = head + await reader.readexactly(header.pdu_length - PDU_HEADER_LENGTH)
                if not await self._answer(header, pdu, writer):
                    break
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass
        finally:
            receipts.cancel()
            writer.close()

    async def _answer(self, header: object, pdu: bytes, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; False ends the line."""
        command, number = header.smpp_command, header.sequence_num  # type: ignore[attr-defined]
        if command == SmppCommand.BIND_TRANSCEIVER:
            asked = BindTransceiver.from_pdu(pdu, header)  # type: ignore[arg-type]
            is_known = (asked.system_id, asked.password) == self._who  # type: ignore[attr-defined]
            status = SmppCommandStatus.ESME_ROK if is_known else SmppCommandStatus.ESME_RINVPASWD
            await self._write(writer, BindTransceiverResp(number, status, system_id="SMSC"))
            return is_known
        if command == SmppCommand.SUBMIT_SM:
            return await self._submitted(SubmitSm.from_pdu(pdu, header, "gsm0338", None), number, writer)  # type: ignore[arg-type]
        if command == SmppCommand.DELIVER_SM_RESP:
            self.acknowledged.append(number)
        elif command == SmppCommand.ENQUIRE_LINK:
            await self._write(writer, EnquireLinkResp(number))
        elif command == SmppCommand.UNBIND:
            await self._write(writer, UnbindResp(number))
            return False
        return True

    async def _submitted(self, asked: SmppMessage, number: int, writer: asyncio.StreamWriter) -> bool:
        assert isinstance(asked, SubmitSm)
        mood = self.exchange.mood
        if mood == "down":
            return False
        if mood == "full":
            await self._write(
                writer, SubmitSmResp(sequence_num=number, command_status=SmppCommandStatus.ESME_RTHROTTLED)
            )
            return True
        tags = {param.tag: str(param.value) for param in asked.optional_params or []}
        text = asked.short_message or asked.message_payload
        phone = asked.destination.number[-10:]
        sms = Received(phone, asked.source.number, text, tags.get(_NUMBER_TAG, ""), "smpp")
        gateway_id = self.exchange.take(sms)
        if mood != "silent":
            await self._write(writer, SubmitSmResp(sequence_num=number, message_id=gateway_id))
        return True

    async def _tell(self, writer: asyncio.StreamWriter, told: set[str]) -> None:
        """Send the receipts whose time has come, each once a line; twice in the mood for it."""
        with contextlib.suppress(ConnectionError):
            while True:
                await asyncio.sleep(_LOOK_S)
                for gateway_id, row in list(self.exchange.taken.items()):
                    if row.sms.via != "smpp" or gateway_id in told or self.exchange.report(gateway_id) is None:
                        continue
                    told.add(gateway_id)
                    for _ in range(2 if self.exchange.mood == "twice" else 1):
                        await self._write(writer, self._receipt(gateway_id))

    def _receipt(self, gateway_id: str) -> DeliverSm:
        row, self._sequence = self.exchange.taken[gateway_id], self._sequence + 1
        now = datetime.now(UTC)
        delivered = row.state == "DELIVRD"
        text = DeliverSm.encode_receipt(
            {"id": gateway_id, "sub": 1, "dlvrd": int(delivered), "submit date": now, "done date": now,
             "stat": row.state, "err": int(row.code), "text": ""}
        )  # fmt: skip
        source, destination = PhoneNumber(f"91{row.sms.phone}"), PhoneNumber(row.sms.header)
        return DeliverSm(
            sequence_num=self._sequence,
            short_message=text,
            source=source,
            destination=destination,
            esm_class=_RECEIPT,
            registered_delivery=0,
        )

    async def _write(self, writer: asyncio.StreamWriter, message: SmppMessage) -> None:
        writer.write(message.pdu())
        await writer.drain()
