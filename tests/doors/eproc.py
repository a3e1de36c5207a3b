"""E-Proc as an outside system: its signed export of an auction (docs/operations/eproc.md), as a file or by its API."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.doors.notices import Programme

#: The key that E-Proc and the installation share.
KEY = "acceptance-of-e-proc-exports"
_BIDDERS = {
    "B001": ("Ganga Sands", "AAACG1001K", "50100000001"),
    "B002": ("Kosi Minerals", "AAACK1002K", "50100000002"),
}


def signature_of(content: bytes) -> str:
    return f"hmac-sha256:{hmac.new(KEY.encode(), content, hashlib.sha256).hexdigest()}"


def export_of(
    programme: Programme, notice: str, reserves: Mapping[int, int], *, reference: str, **stated: int
) -> bytes:
    """An auction of ghats by serial and reserve price: B001 opens each at it, B002 goes a tenth above and wins.

    ``stated`` is another amount than that of the bid log for a ghat, as ``ghat_1=…``.
    """
    opens, closes = programme.at("auction", 11), programme.at("auction", 13)
    rows: dict[str, list[dict[str, Any]]] = {"lots": [], "entries": [], "bids": [], "results": []}
    for serial, reserve in reserves.items():
        times = {"opens_at": opens.isoformat(), "closes_at": closes.isoformat()}
        prices = {"reserve_rupees": reserve, "emd_rupees": reserve // 4}
        rows["lots"].append({"serial": serial, "ghat": f"Ghat {serial}", **prices, **times})
        for place, (bidder, (_name, _pan, account)) in enumerate(_BIDDERS.items()):
            money = {"emd_reference": f"E{serial}{bidder}", "emd_rupees": reserve // 4, "emd_account": account}
            rows["entries"].append({"serial": serial, "bidder": bidder, "technical": "passed", "reasons": "", **money})
            at, amount = opens + timedelta(minutes=10 + place), reserve + place * (reserve // 10)
            log = {"number": place + 1, "bidder": bidder, "amount_rupees": amount, "at": at.isoformat()}
            rows["bids"].append({"serial": serial, **log, "accepted": True})
        won = {"winner": "B002", "amount_rupees": stated.get(f"ghat_{serial}", reserve + reserve // 10)}
        rows["results"].append({"serial": serial, "result": "sold", **won, "ended_at": closes.isoformat()})
    head = {"format": "eproc-auction/1", "reference": reference, "notice": notice, "district": "Munger"}
    return json.dumps({**head, "bidders": [_bidder(key) for key in _BIDDERS], **rows}).encode()


def _bidder(key: str) -> dict[str, str]:
    name, pan, account = _BIDDERS[key]
    person = {"reference": key, "name_en": name, "name_hi": name, "kind": "company", "pan": pan}
    return {**person, "email": f"{key}@example.invalid", "phone": "", "address": "", "bank_account": account}


@contextmanager
def serving(reference: str, export: bytes) -> Iterator[str]:
    """E-Proc's API with one export, until the block ends: its address."""

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ended = json.dumps({"auctions": [{"reference": reference}]}).encode()
            body = export if self.path.endswith("/export") else ended
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Eproc-Signature", signature_of(export))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
