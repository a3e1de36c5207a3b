"""The examination of a server: each step of the protocol, its refusals too, by a client that knows no vendor."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx

from immis.agent.signed import NOTHING_BEFORE, Key, as_text, canonical, hash_of
from immis.commands.weighbridge.indicator import encode
from immis.commands.weighbridge.judging import instant

_REFUSED = range(400, 500)
_TOO_LONG = 600 * 1024


class Step(NamedTuple):
    """One step: what was asked, whether it was answered as the protocol has it, what came."""

    step: str
    ok: bool
    words: str


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Examiner:
    """A paired client and the chain that it sends. Raises httpx.HTTPError where the server cannot be reached."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self.http = httpx.Client(base_url=url, timeout=15, transport=transport)
        self.key, self.device, self.chain = Key.made(), "", []  # type: Key, str, list[dict[str, Any]]

    def post(self, path: str, body: Any, key: Key | None = None) -> tuple[int, dict[str, Any]]:
        """Status and body; a body that is no JSON object is an empty one."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Immis-Signature": (key or self.key).sign(data)}
        answer = self.http.post(path, content=data, headers=headers)
        try:
            payload = answer.json()
        except ValueError:
            payload = {}
        return answer.status_code, payload if isinstance(payload, dict) else {}

    def pair(self, code: str, public_key: str = "") -> tuple[int, dict[str, Any]]:
        """Hand over a code."""
        software = {"name": "immis-check", "version": "1", "kind": "vendor"}
        body = {"code": code, "public_key": public_key or self.key.public, "software": software, "at": _now()}
        return self.post("/api/v1/weighbridges/pair", body)

    def reading(self, kg: int, **changed: Any) -> dict[str, Any]:
        """The next reading of the chain, signed after the change."""
        raw = encode("rinstrum-a", kg)
        row = {
            "counter": len(self.chain) + 1, "at": _now(), "kind": "check", "weight_kg": kg, "stable": True, "plate": "",
            "challan": "", "raw": as_standard(raw), "format": "rinstrum-a", "min_kg": kg, "max_kg": kg, "place": None,
            "previous": hash_of(self.chain[-1]) if self.chain else NOTHING_BEFORE, **changed,
        }  # fmt: skip
        return {**row, "signature": changed.get("signature") or self.key.sign(canonical(row))}

    def send(self, *rows: dict[str, Any], key: Key | None = None) -> tuple[int, dict[str, Any]]:
        """Hand over readings."""
        path = f"/api/v1/weighbridges/{self.device}/readings"
        return self.post(path, {"sent_at": _now(), "readings": list(rows)}, key)


def as_standard(raw: bytes) -> str:
    """Base64 with padding, as frames are kept."""
    return base64.b64encode(raw).decode()


def _pairing(exam: Examiner, code: str) -> Iterator[Step]:
    status, _ = exam.pair(code, as_text(b"\x04" + bytes(64)))
    yield Step("a key that is no point is refused", status in _REFUSED, f"answered {status}")
    status, payload = exam.pair(code)
    bridge = payload.get("bridge")
    whole = isinstance(bridge, dict) and {"number", "name", "place", "capacity_kg", "division_kg"} <= set(bridge)
    fits = (
        status == 201
        and isinstance(payload.get("device"), str)
        and whole
        and instant(payload.get("server_at")) is not None
    )
    yield Step("the code pairs", fits, f"answered {status} with {', '.join(sorted(payload)) or 'nothing'}")
    exam.device = str(payload.get("device") or "")
    status, _ = exam.pair(code, Key.made().public)
    yield Step("the code pairs once", status == 409, f"answered {status}")


def _taking(exam: Examiner) -> Iterator[Step]:
    for kg in (0, 8760, 31_240):
        exam.chain.append(exam.reading(kg))
    for name in ("three readings are taken", "sent again they are answered alike"):
        status, payload = exam.send(*exam.chain)
        fits = status == 200 and payload.get("taken_up_to") == 3 and isinstance(payload.get("findings"), list)
        yield Step(name, fits, f"answered {status}, taken up to {payload.get('taken_up_to')}")
    status, payload = exam.send(exam.reading(100, counter=9))
    fits = status == 409 and payload.get("taken_up_to") == 3
    yield Step("a gap says from where to send", fits, f"answered {status}, taken up to {payload.get('taken_up_to')}")


def _refusing(exam: Examiner) -> Iterator[Step]:
    status, _ = exam.send(exam.reading(100), key=Key.made())
    yield Step("another key's call is refused", status in (401, 403), f"answered {status}")
    for name, body in (("what is no JSON", b"\xff{"), ("a body without readings", {"sent_at": _now()})):
        status, _ = exam.post(f"/api/v1/weighbridges/{exam.device}/readings", body)
        yield Step(f"{name} is refused", status in _REFUSED, f"answered {status}")
    stranger = exam.reading(20_000, signature=Key.made().sign(b"another"))
    status, payload = exam.send(stranger)
    stopped = any(
        row.get("stops") for row in payload.get("findings") or [] if row.get("counter") == stranger["counter"]
    )
    words = f"answered {status} with {len(payload.get('findings') or [])} findings"
    yield Step("a reading with another's signature is stopped in words", status in _REFUSED or stopped, words)


def _living(exam: Examiner) -> Iterator[Step]:
    body = {"at": _now(), "weight_kg": 0, "stable": True, "indicator": "alive", "queued": 0, "version": "1"}
    status, payload = exam.post(f"/api/v1/weighbridges/{exam.device}/heartbeat", body)
    fits = status == 200 and isinstance(payload.get("trucks"), list) and instant(payload.get("server_at")) is not None
    yield Step("a heartbeat is answered with clock and trucks", fits, f"answered {status}")


def _ruling(exam: Examiner) -> Iterator[Step]:
    """What the rules of the department say of weighments that are well formed and cannot be trusted."""
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat(timespec="milliseconds")
    tries: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("weighed far outside the fence", "WB-10", {"place": [20.0, 80.0]}),
        ("not at rest", "WB-14", {"kind": "gross", "plate": "BR00ZZ0000", "stable": False}),
        ("a truck that no device places there", "WB-11", {"kind": "gross", "plate": "BR00ZZ0000"}),
        ("another truck a second later", "WB-16", {"kind": "gross", "plate": "BR00ZZ0001", "at": soon}),
    )
    for step, code, changed in tries:
        exam.chain.append(exam.reading(20_000, **changed))
        status, payload = exam.send(exam.chain[-1])
        findings = {row.get("code"): row.get("stops") for row in payload.get("findings") or []}
        words = f"answered {status} with {', '.join(map(str, findings)) or 'nothing'}"
        yield Step(f"{step}: kept and stopped", status == 200 and findings.get(code) is True, words)
    body = {"at": _now(), "weight_kg": 0, "stable": True, "indicator": "alive", "queued": 0, "version": "1"}
    status, _ = exam.post("/api/v1/weighbridges/WBD-0000-000000/heartbeat", body)
    yield Step("an unknown device is refused", status == 404, f"answered {status}")
    status, _ = exam.post(f"/api/v1/weighbridges/{exam.device}/readings", b"{" + b" " * _TOO_LONG + b"}")
    yield Step("a body that is too long is refused", status in (413, 422), f"answered {status}")


def examine(url: str, code: str, transport: httpx.BaseTransport | None = None, *, rules: bool = False) -> list[Step]:
    """All steps in order; those that need a pairing are left out where there is none; ``rules``: those of the house."""
    exam = Examiner(url, transport)
    steps = list(_pairing(exam, code))
    parts: tuple[Callable[[Examiner], Iterator[Step]], ...] = (
        _taking,
        _living,
        *([_ruling] if rules else []),
        _refusing,
    )
    for part in parts if exam.device else ():
        steps += part(exam)
    return steps
