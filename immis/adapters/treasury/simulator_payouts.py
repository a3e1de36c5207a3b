"""The simulated treasury's payouts: accepted when ordered, paid when asked about; odd accounts fail."""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: An account that begins so is taken for closed: the bank sends the money back.
CLOSED = "9999"


class PayoutBooks:
    """All payouts by the sender's reference; every change is in the file before it is answered."""

    def __init__(self, file: Path | None = None):
        self._file, self._lock = file, threading.Lock()
        self._held: dict[str, dict[str, Any]] = {}
        if file and file.exists():
            for line in file.read_text(encoding="utf8").splitlines():
                held = json.loads(line)
                self._held[held["reference"]] = held

    def open(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Take a payout; the same attempt again changes nothing. Raises ValueError naming what is odd."""
        reference, account, amount = fields.get("reference"), fields.get("account"), fields.get("amount_paise")
        if not isinstance(reference, str) or not isinstance(account, str) or not reference:
            raise ValueError("reference or account is missing")
        if type(amount) is not int or amount <= 0:
            raise ValueError("amount_paise is not a positive whole number")
        attempt = int(fields.get("attempt") or 1)
        with self._lock:
            held = self._held.get(reference)
            if held is None or (held["status"] == "failed" and attempt > held["attempt"]):
                held = self._keep({"reference": reference, "account": account, "amount_paise": amount,
                                   "attempt": attempt, "status": "accepted"})  # fmt: skip
            return held

    def status(self, reference: str) -> dict[str, Any] | None:
        """What became of a payout; an accepted one is settled at the bank by now."""
        with self._lock:
            held = self._held.get(reference)
            if held and held["status"] == "accepted":
                end = (
                    {"status": "failed", "reason": "account closed"}
                    if held["account"].startswith(CLOSED)
                    else {"status": "paid", "bank_ref": f"PO{reference}"}
                )
                held = self._keep({**held, **end})
            return held

    def _keep(self, held: dict[str, Any]) -> dict[str, Any]:
        self._held[held["reference"]] = held
        if self._file:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf8") as out:
                out.write(json.dumps(held, ensure_ascii=False) + "\n")
        return held
