"""A stand-in for the State's treasury, run as a process of its own: GRNs, a bank's pay page, signed notices.

It knows nothing of IMMIS but the signed requests it gets and the address it
notifies. Remittances are kept in a file, so that a restart forgets none.
"""

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from immis import clock
from immis.adapters import over_http
from immis.adapters.simulating import Door, Simulator
from immis.adapters.treasury.signing import HEADER, is_genuine, signature
from immis.adapters.treasury.simulator_pages import MISSING, pay_page
from immis.adapters.treasury.simulator_payouts import PayoutBooks
from immis.rules.writing.money import MoneyUnreadable, read_money

log = logging.getLogger(__name__)
_MOST_BYTES = 64 * 1024
_NOTIFY_AGAIN_S = (1, 5, 30, 120)


@dataclass
class Held:
    """One remittance as the treasury holds it; amounts in paise."""

    grn: str
    reference: str
    amount_paise: int
    purpose_en: str
    purpose_hi: str
    payer_name: str
    payer_account: str
    return_url: str
    status: str = "created"
    paid_from: str = ""
    bank_ref: str = ""
    paid_at: str = ""

    def standing(self) -> dict[str, Any]:
        """What the treasury says of it, on the wire."""
        return {
            "grn": self.grn,
            "reference": self.reference,
            "status": self.status,
            "amount_paise": self.amount_paise,
            "payer_account": self.paid_from,
            "bank_ref": self.bank_ref,
            "paid_at": self.paid_at or None,
        }


class Books:
    """All remittances, by GRN and by the sender's reference; every change is in the file before it is answered."""

    def __init__(self, file: Path | None = None):
        self._file, self._lock = file, threading.Lock()
        self._by_grn: dict[str, Held] = {}
        if file and file.exists():
            for line in file.read_text(encoding="utf8").splitlines():
                held = Held(**json.loads(line))
                self._by_grn[held.grn] = held

    def open(self, fields: Mapping[str, Any]) -> Held:
        """A new GRN, or the one that the reference has already. Raises ValueError naming what is missing or odd."""
        wanted = _remittance(fields)
        with self._lock:
            for held in self._by_grn.values():
                if held.reference == wanted["reference"]:
                    return held
            held = Held(grn=f"BR{clock.now():%y%m}{len(self._by_grn) + 1:08d}", **wanted)
            self._keep(held)
            return held

    def get(self, grn: str) -> Held | None:
        return self._by_grn.get(grn)

    def settle(self, grn: str, *, paid: bool, account: str, amount_paise: int | None = None) -> Held:
        """The bank's answer: paid from an account (``amount_paise`` where it is a part or more), or failed.

        What is paid stays paid, unless the bank reverses it.
        """
        with self._lock:
            held = self._by_grn[grn]
            if held.status not in {"paid", "reversed"}:
                held.amount_paise = amount_paise if paid and amount_paise else held.amount_paise
                held.status = "paid" if paid else "failed"
                if paid:
                    held.paid_from, held.bank_ref = account, f"UTR{held.grn[2:]}"
                    held.paid_at = clock.now().isoformat()
                self._keep(held)
            return held

    def reverse(self, grn: str) -> Held:
        """The bank takes a payment back (a chargeback, a wrong credit)."""
        with self._lock:
            held = self._by_grn[grn]
            if held.status == "paid":
                held.status = "reversed"
                self._keep(held)
            return held

    def _keep(self, held: Held) -> None:
        self._by_grn[held.grn] = held
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf8") as out:
                out.write(json.dumps(asdict(held), ensure_ascii=False) + "\n")


def _remittance(fields: Mapping[str, Any]) -> dict[str, Any]:
    texts = ("reference", "purpose_en", "purpose_hi", "payer_name", "payer_account", "return_url")
    for name in texts:
        if not isinstance(fields.get(name), str):
            raise ValueError(f"{name} is missing")
    amount = fields.get("amount_paise")
    if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
        raise ValueError("amount_paise is not a positive whole number")
    return {**{name: fields[name] for name in texts}, "amount_paise": amount}


def _paise(rupees: str) -> int | None:
    """What the payer typed as another amount, in paise; None for nothing or nonsense."""
    try:
        paise = read_money(rupees)
    except MoneyUnreadable:
        return None
    return paise if paise > 0 else None


class Notifier:
    """Tells IMMIS of a payment: at once, and again later when nobody took it."""

    def __init__(self, url: str, key: str):
        self._url, self._key = url, key
        self._client = over_http.client(timeout=5)

    def tell(self, standing: Mapping[str, Any]) -> None:
        if self._url and not self._send(standing):
            threading.Thread(target=self._again, args=(standing,), daemon=True).start()

    def _send(self, standing: Mapping[str, Any]) -> bool:
        raw = json.dumps(standing).encode()
        headers = {HEADER: signature(raw, key=self._key), "Content-Type": "application/json"}
        try:
            return self._client.post(self._url, content=raw, headers=headers).status_code == HTTPStatus.OK
        except httpx.HTTPError as error:
            log.warning("notice of %s not taken: %s", standing["grn"], error)
            return False

    def _again(self, standing: Mapping[str, Any]) -> None:
        for seconds in _NOTIFY_AGAIN_S:
            threading.Event().wait(seconds)
            if self._send(standing):
                return


class _Handler(Door):
    server: "TreasurySimulator"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if path.path == "/healthz":
            return self.say(HTTPStatus.OK, b"ok", "text/plain")
        held = self.server.books.get(path.path.rsplit("/", 1)[-1])
        if path.path.startswith("/api/payout/"):
            return self._payout(path.path.rsplit("/", 1)[-1])
        if path.path.startswith("/api/grn/"):
            return self._standing(held)
        if path.path.startswith("/pay/") and held:
            english = parse_qs(path.query).get("lang") == ["en"]
            return self._page(pay_page(asdict(held), english=english))
        return self._page(MISSING, HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        raw = self._body()
        if raw is None:
            return None
        if path == "/api/grn":
            return self._create(raw)
        if path == "/api/payout":
            return self._pay_out(raw)
        held = self.server.books.get(path.rsplit("/", 1)[-1])
        if path.startswith("/pay/") and held:
            return self._paid(held, raw)
        return self._page(MISSING, HTTPStatus.NOT_FOUND)

    def _create(self, raw: bytes) -> None:
        if not is_genuine(raw, self.headers.get(HEADER, ""), key=self.server.key):
            return self._json({"error": "signature"}, HTTPStatus.FORBIDDEN)
        try:
            fields = json.loads(raw)
            held = self.server.books.open(fields if isinstance(fields, dict) else {})
        except ValueError as error:
            return self._json({"error": str(error)}, HTTPStatus.BAD_REQUEST)
        return self._json({"grn": held.grn, "pay_url": f"{self.server.url}/pay/{held.grn}"})

    def _standing(self, held: Held | None) -> None:
        if not is_genuine(self.path.encode(), self.headers.get(HEADER, ""), key=self.server.key):
            return self._json({"error": "signature"}, HTTPStatus.FORBIDDEN)
        if held is None:
            return self._json({"error": "no such GRN"}, HTTPStatus.NOT_FOUND)
        return self._json(held.standing())

    def _pay_out(self, raw: bytes) -> None:
        if not is_genuine(raw, self.headers.get(HEADER, ""), key=self.server.key):
            return self._json({"error": "signature"}, HTTPStatus.FORBIDDEN)
        try:
            fields = json.loads(raw)
            held = self.server.payouts.open(fields if isinstance(fields, dict) else {})
        except ValueError as error:
            return self._json({"error": str(error)}, HTTPStatus.BAD_REQUEST)
        return self._json(held)

    def _payout(self, reference: str) -> None:
        if not is_genuine(self.path.encode(), self.headers.get(HEADER, ""), key=self.server.key):
            return self._json({"error": "signature"}, HTTPStatus.FORBIDDEN)
        held = self.server.payouts.status(reference)
        return self._json(held) if held else self._json({"error": "no such payout"}, HTTPStatus.NOT_FOUND)

    def _paid(self, held: Held, raw: bytes) -> None:
        form = {name: values[0] for name, values in parse_qs(raw.decode("utf8", "replace")).items()}
        account = form.get("account", "").strip()[:30] or held.payer_account
        if form.get("act") == "reverse":
            held = self.server.books.reverse(held.grn)
        else:
            paise, books = _paise(form.get("amount", "")), self.server.books
            held = books.settle(held.grn, paid=form.get("act") == "pay", account=account, amount_paise=paise)
        self.server.notifier.tell(held.standing())
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", held.return_url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()) or int(length) > _MOST_BYTES:
            self.close_connection = True
            self._json({"error": "too large"}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return None
        return self.rfile.read(int(length))

    def _json(self, body: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> None:
        raw = json.dumps(body).encode()
        self.say(status, raw, "application/json", {HEADER: signature(raw, key=self.server.key)})

    def _page(self, html: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.say(status, html.encode(), "text/html; charset=utf-8")


class TreasurySimulator(Simulator):
    """The simulator as a server, with its books and whom it notifies."""

    def __init__(
        self, host: str, port: int, *, key: str, notify_url: str = "", file: Path | None = None, url: str = ""
    ):
        super().__init__(host, port, _Handler)
        self.key, self.books, self.notifier = key, Books(file), Notifier(notify_url, key)
        self.payouts = PayoutBooks(file.with_suffix(".payouts") if file else None)
        self.url = url or self.url
