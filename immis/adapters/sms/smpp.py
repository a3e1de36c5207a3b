"""Any operator over SMPP 3.4: one bound line in a thread of its own; reports come over it (``aiosmpplib``)."""

import asyncio
import threading
from collections.abc import Coroutine, Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from aiosmpplib import ESME, NPI, TON, AbstractHook, DeliverSm, PhoneNumber, SubmitSm, SubmitSmResp
from aiosmpplib.protocol import GenericNack, SmppMessage
from aiosmpplib.state import OptionalParam, SmppCommandStatus, SmppSessionState

from immis.adapters.sms.port import Answer, Keep, Line, Report, Sms, Verdict

ANSWER_S = 20.0  # how long the answer to an SMS is waited for; later its outcome is unknown
BIND_S = 10.0
_LONGEST_USER, _LONGEST_PASSWORD = 15, 8
_INDIA = timezone(timedelta(hours=5, minutes=30))
_OK = SmppCommandStatus.ESME_ROK
#: The other side is full for a moment: it surely did not take the SMS.
_LATER = {SmppCommandStatus.ESME_RTHROTTLED, SmppCommandStatus.ESME_RMSGQFUL}
#: The states of a receipt (SMPP 3.4, 5.2.28).
_STATES = {"DELIVRD": "delivered", "ENROUTE": "waiting", "ACCEPTD": "waiting"}
_ENDED = {"EXPIRED", "DELETED", "UNDELIV", "REJECTD", "UNKNOWN"}


def read_receipt(message: DeliverSm) -> Report | None:
    """What a receipt reports; None for what is no receipt, or one that cannot be read."""
    try:
        parts = message.parse_receipt()
    except ValueError:
        return None
    gateway_id, stat = str(parts.get("id", ""))[:64], str(parts.get("stat", "")).upper()
    if not gateway_id or stat not in _STATES and stat not in _ENDED:
        return None
    done = parts.get("done date")
    at = done.replace(tzinfo=_INDIA).astimezone(UTC) if isinstance(done, datetime) else None
    code = str(parts.get("err") or "")[:20]
    state = _STATES.get(stat, "undelivered")
    return Report(gateway_id, state, at, code=code or stat, words=stat)  # type: ignore[arg-type]


def read_answer(reference: str, message: SubmitSmResp | GenericNack) -> Answer:
    """The answer of the other side to one SMS."""
    status = message.command_status
    if isinstance(message, SubmitSmResp) and status == _OK:
        return Answer(reference, "accepted", gateway_id=message.message_id[:64])
    verdict: Verdict = "not_sent" if status in _LATER else "refused"
    return Answer(reference, verdict, code=f"0x{int(status):08X}", words=status.name)


class _Hook(AbstractHook):
    """What comes over the line: answers go to who waits for them, receipts and late answers to ``keep``."""

    def __init__(self) -> None:
        self.waiting: dict[str, asyncio.Future[Answer]] = {}
        self.keep: Keep | None = None

    async def sending(self, smpp_message: SmppMessage, pdu: bytes, client_id: str) -> None:
        pass

    async def received(self, smpp_message: SmppMessage | None, pdu: bytes, client_id: str) -> None:
        if isinstance(smpp_message, SubmitSmResp | GenericNack) and smpp_message.log_id:
            await self._answered(read_answer(smpp_message.log_id, smpp_message))
        elif isinstance(smpp_message, DeliverSm) and (report := read_receipt(smpp_message)):
            await self._kept(report)

    async def send_error(self, smpp_message: SmppMessage, error: Exception, client_id: str) -> None:
        """A text that cannot be written to the line was not sent; where the line broke nobody knows."""
        reference = getattr(smpp_message, "log_id", "")
        verdict: Verdict = "refused" if isinstance(error, ValueError) else "unknown"
        await self._answered(Answer(reference, verdict, words=type(error).__name__))

    async def _answered(self, answer: Answer) -> None:
        waits = self.waiting.get(answer.reference)
        if waits is not None and not waits.done():
            waits.set_result(answer)
        elif answer.verdict != "unknown":
            await self._kept(answer)

    async def _kept(self, news: Report | Answer) -> None:
        """Hand news on; where it cannot be kept the line breaks, and the other side tells it again."""
        if self.keep is not None:
            await asyncio.to_thread(self.keep, news)


class SmppGateway:
    """A line to ``line.url`` (``smpp://host:2775``), bound as transceiver, for as long as the process lives."""

    def __init__(self, line: Line):
        parts = urlsplit(line.url)
        if parts.scheme != "smpp" or not parts.hostname:
            raise ValueError("the address of SMPP is smpp://HOST:PORT")
        if len(line.password) > _LONGEST_PASSWORD or len(line.user) > _LONGEST_USER:
            raise ValueError(f"SMPP takes {_LONGEST_USER} letters of a user and {_LONGEST_PASSWORD} of a password")
        self._line, self._host, self._port = line, parts.hostname, parts.port or 2775
        self._hook = _Hook()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._esme: ESME | None = None
        self._lock = threading.Lock()

    def open(self, keep: Keep) -> None:
        self._hook.keep = keep
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, daemon=True, name="smpp").start()
                self._run(self._begin())

    def close(self) -> None:
        with self._lock:
            if self._loop is not None and self._esme is not None:
                self._run(self._end())
                self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = self._esme = None

    def send(self, batch: Sequence[Sms]) -> Iterable[Answer]:
        self.open(self._hook.keep or (lambda news: None))
        assert self._loop is not None
        return self._run(self._send(batch), timeout=BIND_S + ANSWER_S + 5)

    def reports(self, gateway_ids: Sequence[str]) -> list[Report]:
        return []

    def _run(self, work: Coroutine[Any, Any, Any], timeout: float = BIND_S) -> Any:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)

    async def _begin(self) -> None:
        line = self._line
        self._esme = ESME(
            self._host, self._port, line.user, line.password, hook=self._hook, log_level="CRITICAL", client_id="immis"
        )
        self._task = asyncio.ensure_future(self._esme.start())

    async def _end(self) -> None:
        assert self._esme is not None
        await self._esme.stop()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _send(self, batch: Sequence[Sms]) -> list[Answer]:
        if not await self._is_bound():
            return [Answer(sms.reference, "not_sent", words="not bound") for sms in batch]
        return list(await asyncio.gather(*(self._send_one(sms) for sms in batch)))

    async def _is_bound(self) -> bool:
        """Whether the line is bound, within a little while."""
        assert self._esme is not None
        until = asyncio.get_running_loop().time() + BIND_S
        while self._esme.session_state != SmppSessionState.BOUND_TRX:
            if asyncio.get_running_loop().time() > until:
                return False
            await asyncio.sleep(0.05)
        return True

    async def _send_one(self, sms: Sms) -> Answer:
        assert self._esme is not None
        waits: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._hook.waiting[sms.reference] = waits
        try:
            await self._esme.broker.enqueue(self._submit(sms))
            return await asyncio.wait_for(waits, ANSWER_S)
        except TimeoutError:
            return Answer(sms.reference, "unknown", words="no answer")
        except ValueError as error:
            return Answer(sms.reference, "refused", words=str(error)[:300])
        finally:
            del self._hook.waiting[sms.reference]

    def _submit(self, sms: Sms) -> SubmitSm:
        tags = [int(tag, 16) for tag in self._line.tags.split(",")]
        values = [(tag, value) for tag, value in zip(tags, (self._line.entity, sms.number), strict=False) if value]
        return SubmitSm(
            short_message=sms.text,
            source=PhoneNumber(sms.header, TON.ALPHANUMERIC, NPI.UNKNOWN),
            destination=PhoneNumber(f"91{sms.phone}", TON.INTERNATIONAL, NPI.ISDN),
            encoding=None if sms.is_latin else "ucs2",
            optional_params=[OptionalParam(tag, value) for tag, value in values],
            log_id=sms.reference,
        )
