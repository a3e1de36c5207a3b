"""Replays the published audit document of an auction without any of the engine's code.

Standard library only: read the events, follow the chain, apply the rules that the
closing event states, and see whether the same winner comes out.
"""

import base64
import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

FORMAT = "immis-auction-audit/1"
_CHAIN_FIELDS = ("prev_hash", "hash")


@dataclass
class Report:
    """What a replay found: the result it arrived at, and every place where the document disagrees."""

    lot: str = ""
    events: int = 0
    bids: int = 0
    refused: int = 0
    orders: int = 0
    anchors: list[str] = field(default_factory=list)
    result: str = ""
    winner: str | None = None
    amount_rupees: int | None = None
    ends_at: str = ""
    head: str = ""
    signed_by: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclass
class _Replay:
    """The state of the auction while its events are replayed."""

    rules: dict[str, Any]
    opens_at: datetime
    closes_at: datetime
    ends_at: datetime
    paused_at: datetime | None = None
    aborted: bool = False
    highest: int | None = None
    leader: str | None = None
    extensions: int = 0
    awaits_extension: datetime | None = None


def verify(content: bytes, keys: Collection[str] | None = None) -> Report:
    """Replay an audit document: chain, order, times, increments, one extension, winner, signature of the head.

    ``keys`` are the public keys (base64url) that the reader trusts; without them a signature only has to fit the key
    that the document names. Never raises for a bad document: what is wrong stands in ``problems``.
    """
    report = Report()
    try:
        document = json.loads(content)
        spelled = (json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
    except (ValueError, RecursionError) as error:
        report.problems.append(f"the document is not JSON in UTF-8: {error}")
        return report
    if spelled != content:
        report.problems.append("the document is not spelled as it was published (spaces, order or double keys)")
    try:
        _replay(document, report)
        _check_signature(document, keys, report)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        report.problems.append(f"the document lacks a field or holds a wrong one: {error!r}")
    return report


def _replay(document: dict[str, Any], report: Report) -> None:
    if document["format"] != FORMAT:
        report.problems.append(f"the format is {document['format']!r}, not {FORMAT!r}")
    if set(document) - {"signed"} != {"format", "lot", "events", "head"}:
        report.problems.append("the document has fields that no audit document has")
    report.lot = document["lot"]
    events = document["events"]
    report.events = len(events)
    _check_chain(events, document, report)
    closing = events[-1]
    if closing["kind"] != "closed" or any(event["kind"] == "closed" for event in events[:-1]):
        report.problems.append("the closing event must be the last one and the only one")
        return
    rules = closing["rules"]
    opens_at, closes_at = _instant(rules["opens_at"]), _instant(rules["closes_at"])
    replay = _Replay(rules=rules, opens_at=opens_at, closes_at=closes_at, ends_at=closes_at)
    for event in events[:-1]:
        for problem in _step(event, replay, report):
            report.problems.append(f"event {event['seq']}: {problem}")
    if replay.awaits_extension:
        report.problems.append("the bid in the last minutes was not followed by its extension")
    _check_result(closing, replay, report)


def _check_chain(events: list[dict[str, Any]], document: dict[str, Any], report: Report) -> None:
    prev_hash, prev_at = "0" * 64, None
    for number, event in enumerate(events, 1):
        body = {name: value for name, value in event.items() if name not in _CHAIN_FIELDS}
        canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        digest = hashlib.sha256(prev_hash.encode() + canonical).hexdigest()
        if event["prev_hash"] != prev_hash or event["hash"] != digest:
            report.problems.append(f"event {number}: the chain is broken")
        if event["seq"] != number or event["lot"] != document["lot"]:
            report.problems.append(f"event {number}: out of order, or of another lot")
        at = _instant(event["at"])
        if prev_at is not None and at < prev_at:
            report.problems.append(f"event {number}: its time lies before the event ahead of it")
        prev_hash, prev_at = event["hash"], at
    report.head = prev_hash
    if document["head"] != prev_hash:
        report.problems.append("the head is not the hash of the last event")


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return at


def _step(event: dict[str, Any], replay: _Replay, report: Report) -> list[str]:
    if replay.aborted:
        return ["an aborted auction was not closed at once"]
    if event["kind"] == "extended":
        return _extend(event, replay)
    if replay.awaits_extension:
        replay.awaits_extension = None
        return ["the bid before it was in the last minutes and was not followed by its extension"]
    if event["kind"] == "anchored":
        report.anchors.append(event["hash"])
        return [] if _runs(event, replay) else ["an anchor outside the window"]
    if event["kind"] in _ORDERS:
        report.orders += 1
        return _ORDERS[event["kind"]](event, replay)
    valid = not _faults(event, replay)
    if event["kind"] == "bid_refused":
        report.refused += 1
        # Who passed and the cap on rivers are judged outside this document; such refusals carry their clause.
        known = {finding["code"] for finding in event["findings"]}
        return ["a valid bid was refused"] if valid and not known & {"AUC-04", "AUC-06"} else []
    if event["kind"] != "bid_accepted":
        return [f"unknown kind {event['kind']!r}"]
    report.bids += 1
    problems = _faults(event, replay)
    _lead(event, replay)
    return problems


def _faults(event: dict[str, Any], replay: _Replay) -> list[str]:
    """Why a bid is not valid at its place in the order, by the stated rules."""
    rules, amount = replay.rules, event["amount_rupees"]
    faults = []
    if not _runs(event, replay):
        faults.append("the bid lies outside the window, or in a pause")
    above, rest = divmod(amount - rules["reserve_rupees"], rules["increment_rupees"])
    if rest or above < (0 if rules["first_at_reserve"] else 1):
        faults.append(f"{amount} is not the reserve price plus whole increments")
    if replay.highest is not None and amount <= replay.highest:
        faults.append(f"{amount} does not exceed the highest bid {replay.highest}")
    if replay.leader is not None and event["bidder"] == replay.leader and not rules["own_highest_may_raise"]:
        faults.append("the highest bidder outbids himself")
    return faults


def _lead(event: dict[str, Any], replay: _Replay) -> None:
    rules, at = replay.rules, _instant(event["at"])
    replay.highest, replay.leader = event["amount_rupees"], event["bidder"]
    closes_at, window = replay.closes_at, timedelta(minutes=rules["window_minutes"])
    if closes_at - window <= at < closes_at and replay.extensions < rules["most_extensions"]:
        begins = at if rules["counts_from"] == "bid" else closes_at
        replay.awaits_extension = begins + timedelta(minutes=rules["extension_minutes"])


def _extend(event: dict[str, Any], replay: _Replay) -> list[str]:
    due, replay.awaits_extension = replay.awaits_extension, None
    replay.extensions += 1
    replay.ends_at = _instant(event["ends_at"])
    return [] if due == replay.ends_at else ["an extension that no bid in the last minutes caused"]


def _runs(event: dict[str, Any], replay: _Replay) -> bool:
    return replay.paused_at is None and replay.opens_at <= _instant(event["at"]) < replay.ends_at


def _two_posts(event: dict[str, Any]) -> list[str]:
    good = len(event["posts"]) == 2 and event["reason"].strip()
    return [] if good else ["an order without two posts and a reason"]


def _pause(event: dict[str, Any], replay: _Replay) -> list[str]:
    fits = _runs(event, replay)
    replay.paused_at = _instant(event["at"])
    return _two_posts(event) + ([] if fits else ["a pause of an auction that did not run"])


def _resume(event: dict[str, Any], replay: _Replay) -> list[str]:
    """Paused time does not count: the ends move by its length, and at least the stated minutes remain."""
    at, since, rules = _instant(event["at"]), replay.paused_at, replay.rules
    replay.paused_at = None
    if since is None:
        return ["an auction was resumed that was not paused"]
    stood = at - since if rules["paused_time"] == "does_not_count" else timedelta(0)
    least = timedelta(minutes=rules["least_left_minutes"])
    shift = max(stood, at + least - replay.ends_at, timedelta(0))
    return _two_posts(event) + _move(event, replay, replay.opens_at, replay.closes_at + shift, replay.ends_at + shift)


def _reschedule(event: dict[str, Any], replay: _Replay) -> list[str]:
    """A corrigendum: before completion, never after the one extension, a start that has passed stays."""
    at, opens_at, closes_at = _instant(event["at"]), _instant(event["opens_at"]), _instant(event["closes_at"])
    begun = at >= replay.opens_at
    fits = (
        replay.paused_at is None
        and not replay.extensions
        and at < replay.ends_at
        and at < closes_at
        and opens_at < closes_at
        and (opens_at == replay.opens_at if begun else at < opens_at)
    )
    problems = _move(event, replay, opens_at, closes_at, closes_at)
    return _two_posts(event) + problems + ([] if fits else ["a corrigendum that the rules do not allow"])


def _move(
    event: dict[str, Any], replay: _Replay, opens_at: datetime, closes_at: datetime, ends_at: datetime
) -> list[str]:
    was = {"was_opens_at": replay.opens_at, "was_closes_at": replay.closes_at, "was_ends_at": replay.ends_at}
    now = {"opens_at": opens_at, "closes_at": closes_at, "ends_at": ends_at}
    wrong = [name for name, when in {**was, **now}.items() if _instant(event[name]) != when]
    replay.opens_at, replay.closes_at, replay.ends_at = opens_at, closes_at, ends_at
    return [f"{', '.join(wrong)} do not follow from the events before"] if wrong else []


def _abort(event: dict[str, Any], replay: _Replay) -> list[str]:
    over = replay.paused_at is None and _instant(event["at"]) >= replay.ends_at
    replay.aborted = True
    return _two_posts(event) + (["an auction was aborted after its end"] if over else [])


_ORDERS = {"paused": _pause, "resumed": _resume, "rescheduled": _reschedule, "aborted": _abort}


def _check_result(closing: dict[str, Any], replay: _Replay, report: Report) -> None:
    passed = closing["passed"]
    if replay.aborted:
        report.result = "aborted"
    elif replay.highest is None:
        report.result = "no_bids"
    else:
        report.result = "sold" if len(passed) >= replay.rules["least_bidders"] else "single_bid"
    report.winner = replay.leader if report.result == "sold" else None
    report.amount_rupees, report.ends_at = replay.highest, replay.ends_at.isoformat()
    stated = {
        "result": (closing["result"], report.result),
        "highest bidder": (closing["highest"], replay.leader),
        "amount": (closing["amount_rupees"], replay.highest),
        "number of bids": (closing["bids"], report.bids),
        "end": (_instant(closing["ends_at"]), replay.ends_at),
    }
    for name, (payload, match) in stated.items():
        if payload != match:
            report.problems.append(f"the {name} is stated as {payload}, the replay finds {match}")
    if replay.paused_at is not None and not replay.aborted:
        report.problems.append("it was closed while it was paused")
    if _instant(closing["at"]) < replay.ends_at and not replay.aborted:
        report.problems.append("it was closed before its end")
    if replay.leader is not None and replay.leader not in passed:
        report.problems.append("the highest bidder is not among the technically successful ones")
    if (closing["winner"] is None) != (report.winner is None):
        report.problems.append("the named winner does not fit the result")


def head_is_signed(lot: str, head: str, signature: str, key: str) -> bool:
    """Whether a signature (base64url) over a lot and the head of its chain was made with a public key (base64url)."""
    payload = f"immis-auction-head/1\n{lot}\n{head}\n".encode()
    try:
        return _ed25519_holds(_unb64(key), _unb64(signature), payload)
    except (ValueError, TypeError):
        return False


def _check_signature(document: dict[str, Any], keys: Collection[str] | None, report: Report) -> None:
    signed = document.get("signed")
    if signed is None:
        if keys is not None:
            report.problems.append("the head is not signed")
        return
    key = signed["key"]
    named = hashlib.sha256(_unb64(key["x"])).hexdigest()[:16]
    if set(signed) != {"key", "signature"} or key != {"crv": "Ed25519", "kty": "OKP", "kid": named, "x": key["x"]}:
        report.problems.append("the signing key is not described as it should be")
    if not report.problems and not head_is_signed(document["lot"], document["head"], signed["signature"], key["x"]):
        report.problems.append("the signature does not fit the head")
    if keys is not None and key["x"] not in keys:
        report.problems.append("the head is signed with a key that is not among those given")
    report.signed_by = key["kid"]


def _unb64(text: str) -> bytes:
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise ValueError("not the one way to write it in base64url")
    return raw


# Ed25519 after RFC 8032, verification only, so that this file needs nothing but Python.
_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_Point = tuple[int, int, int, int]  # x = X/Z, y = Y/Z, x·y = T/Z
_ZERO: _Point = (0, 1, 1, 0)


def _ed25519_holds(key: bytes, signature: bytes, said: bytes) -> bool:
    if len(key) != 32 or len(signature) != 64:
        return False
    public, point = _point(key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if public is None or point is None or s >= _ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + said).digest(), "little") % _ORDER
    left, right = _times(s, _BASE), _add(point, _times(h, public))
    return all((a * right[2] - b * left[2]) % _P == 0 for a, b in zip(left[:2], right[:2], strict=True))


def _point(raw: bytes) -> _Point | None:
    sign, y = raw[31] >> 7, int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def _add(point: _Point, two: _Point) -> _Point:
    a, b = (point[1] - point[0]) * (two[1] - two[0]) % _P, (point[1] + point[0]) * (two[1] + two[0]) % _P
    c, d = 2 * point[3] * two[3] * _D % _P, 2 * point[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(number: int, point: _Point) -> _Point:
    total = _ZERO
    while number:
        if number & 1:
            total = _add(total, point)
        point, number = _add(point, point), number >> 1
    return total


_BASE = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little")) or _ZERO
