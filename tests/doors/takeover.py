"""A signed file of a settlement that runs already (docs/operations/takeover.md), as an office hands it in."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

#: Head of account by the part of a settlement that is paid.
_HEADS = {"security": "2100", "dmf": "2200"}


@dataclass(frozen=True)
class Running:
    """A settlement in force: its number (and that of its ghat), settlee, bid, deed, and the middle of its ghat."""

    number: str
    pan: str
    bid_rupees: int
    deed_on: date
    lat: float
    lon: float

    def lines(self, schedule: Mapping[str, Any], *, today: date) -> list[str]:
        """The file, by what ``immis schedule`` says of bid and deed; the first two years are paid."""
        before, serial = self.deed_on - timedelta(days=2), self.number[-2:]
        due, paid, sums = [], [("0", "security", schedule["security"])], dict[str, Decimal]()
        for year in schedule["years"]:
            parts = [(str(place), row["amount"], row["due_on"]) for place, row in enumerate(year["instalments"], 1)]
            for part, amount, on in [*parts, ("dmf", year["dmf"], year["dmf_due_on"])]:
                due.append(f"D,{self.number},{year['year']},{part},{amount},{on}")
                paid += [(str(year["year"]), part, amount)] if year["year"] <= 2 else []
        for _year, part, amount in paid:
            head = _HEADS.get(part, "4000")
            sums[head] = sums.get(head, Decimal(0)) + Decimal(amount)
        clearances = [
            f"C,{self.number},{kind},{before},{before},{before + timedelta(days=1800)},75000,{kind}/{serial}"
            for kind in ("plan", "ec", "cte_cto")
        ]
        deed = f"{self.deed_on},{self.deed_on},REG/{serial},{self.deed_on}"
        days = f"{before},LoI/{serial},{before},{deed},MP/{serial},{self.deed_on}"
        corners = "; ".join(f"{self.lat + a:.4f} {self.lon + b:.4f}" for a, b in _SQUARE)
        rows = [
            f"G,{self.number},{serial},{serial}-A,Old ghat,Old ghat,Ganga,12.5,75000,{corners}",
            f"S,{self.number},{self.number},{self.pan},{self.bid_rupees},{days},{self.deed_on}",
            *clearances,
            *due,
            *(f"R,{self.number},{y},{part},{sum_},{before},OLD{serial}-{n}" for n, (y, part, sum_) in enumerate(paid)),
            *(f"B,{head},{amount}" for head, amount in sums.items()),
        ]
        total = f"TOTAL,{len(rows)},{sum(sums.values())}"
        return [f"TAKEOVER,TAKE/{self.number},Munger,{today}", *rows, total]


_SQUARE = ((-0.002, -0.002), (-0.002, 0.002), (0.002, 0.002), (0.002, -0.002))


def sign_file(file: Path, content: str) -> str:
    """Write a file and its detached signature beside it; answers the public key."""
    key = Ed25519PrivateKey.generate()
    file.write_text(content, encoding="utf8")
    signed = base64.b64encode(key.sign(content.encode())).decode()
    file.with_name(f"{file.name}.sig").write_text(f"ed25519:{signed}", encoding="ascii")
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()
