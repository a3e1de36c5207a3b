"""The keys of gates that stand in the key list: their public halves, as the registers have them, in one file.

``gates.json`` in the folder of keys is written anew from the registers (``challans.offline.keys``), never by hand;
here is nothing secret: the other halves lie on the gates' own devices.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from immis.challans.signed.lists import PublicKey, gate_row, instant_text, read_gate, read_instant
from immis.core.signing.keyring import b64, locked, unb64, write_atomically

_FILE = "gates.json"
_WINDOW = ("not_before", "signs_until", "not_after")


def _row(key: PublicKey) -> dict[str, Any]:
    windows = {name: instant_text(getattr(key, name)) for name in _WINDOW}
    gate = gate_row(key.gate) if key.gate else {}
    return {"kid": key.kid.hex(), "x": b64(key.public), **windows, "gate": gate}


def _key(row: dict[str, Any]) -> PublicKey:
    windows: list[datetime] = [read_instant(row[name]) for name in _WINDOW]
    return PublicKey(bytes.fromhex(row["kid"]), unb64(row["x"]), *windows, read_gate(row["gate"]))


def listed(folder: Path) -> list[PublicKey]:
    """The keys of gates, whoever asks; the caller holds the lock of the folder."""
    path = folder / _FILE
    return [_key(row) for row in json.loads(path.read_text())] if path.exists() else []


def store(data_dir: Path | str, keys: Iterable[PublicKey]) -> bool:
    """Keep these keys of gates, and no others; answers whether anything changed."""
    rows = sorted((_row(key) for key in keys), key=lambda row: str(row["kid"]))
    text = json.dumps(rows, indent=1) + "\n"
    with locked(data_dir) as folder:
        path = folder / _FILE
        if (path.read_text() if path.exists() else "[]\n") == text:
            return False
        write_atomically(path, text)
    return True
