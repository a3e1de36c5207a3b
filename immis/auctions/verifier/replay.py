"""Following the chain of a published auction event by event."""

import hashlib
import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from immis.auctions.verifier.report import Replay, Report
from immis.auctions.verifier.signature import check_signature

FORMAT = "immis-auction-audit/1"
_CHAIN_FIELDS = ("prev_hash", "hash")


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
        check_signature(document, keys, report)
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
    replay = Replay(rules=rules, opens_at=opens_at, closes_at=closes_at, ends_at=closes_at)
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


def _step(event: dict[str, Any], replay: Replay, report: Report) -> list[str]:
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


def _faults(event: dict[str, Any], replay: Replay) -> list[str]:
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


def _lead(event: dict[str, Any], replay: Replay) -> None:
    rules, at = replay.rules, _instant(event["at"])
    replay.highest, replay.leader = event["amount_rupees"], event["bidder"]
    closes_at, window = replay.closes_at, timedelta(minutes=rules["window_minutes"])
    if closes_at - window <= at < closes_at and replay.extensions < rules["most_extensions"]:
        begins = at if rules["counts_from"] == "bid" else closes_at
        replay.awaits_extension = begins + timedelta(minutes=rules["extension_minutes"])


def _extend(event: dict[str, Any], replay: Replay) -> list[str]:
    due, replay.awaits_extension = replay.awaits_extension, None
    replay.extensions += 1
    replay.ends_at = _instant(event["ends_at"])
    return [] if due == replay.ends_at else ["an extension that no bid in the last minutes caused"]


def _runs(event: dict[str, Any], replay: Replay) -> bool:
    return replay.paused_at is None and replay.opens_at <= _instant(event["at"]) < replay.ends_at


def _two_posts(event: dict[str, Any]) -> list[str]:
    good = len(event["posts"]) == 2 and event["reason"].strip()
    return [] if good else ["an order without two posts and a reason"]


def _pause(event: dict[str, Any], replay: Replay) -> list[str]:
    fits = _runs(event, replay)
    replay.paused_at = _instant(event["at"])
    return _two_posts(event) + ([] if fits else ["a pause of an auction that did not run"])


def _resume(event: dict[str, Any], replay: Replay) -> list[str]:
    """Paused time does not count: the ends move by its length, and at least the stated minutes remain."""
    at, since, rules = _instant(event["at"]), replay.paused_at, replay.rules
    replay.paused_at = None
    if since is None:
        return ["an auction was resumed that was not paused"]
    stood = at - since if rules["paused_time"] == "does_not_count" else timedelta(0)
    least = timedelta(minutes=rules["least_left_minutes"])
    shift = max(stood, at + least - replay.ends_at, timedelta(0))
    return _two_posts(event) + _move(event, replay, replay.opens_at, replay.closes_at + shift, replay.ends_at + shift)


def _reschedule(event: dict[str, Any], replay: Replay) -> list[str]:
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
    event: dict[str, Any], replay: Replay, opens_at: datetime, closes_at: datetime, ends_at: datetime
) -> list[str]:
    was = {"was_opens_at": replay.opens_at, "was_closes_at": replay.closes_at, "was_ends_at": replay.ends_at}
    now = {"opens_at": opens_at, "closes_at": closes_at, "ends_at": ends_at}
    wrong = [name for name, when in {**was, **now}.items() if _instant(event[name]) != when]
    replay.opens_at, replay.closes_at, replay.ends_at = opens_at, closes_at, ends_at
    return [f"{', '.join(wrong)} do not follow from the events before"] if wrong else []


def _abort(event: dict[str, Any], replay: Replay) -> list[str]:
    over = replay.paused_at is None and _instant(event["at"]) >= replay.ends_at
    replay.aborted = True
    return _two_posts(event) + (["an auction was aborted after its end"] if over else [])


_ORDERS = {"paused": _pause, "resumed": _resume, "rescheduled": _reschedule, "aborted": _abort}


def _check_result(closing: dict[str, Any], replay: Replay, report: Report) -> None:
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
    for name, (claim, match) in stated.items():
        if claim != match:
            report.problems.append(f"the {name} is stated as {claim}, the replay finds {match}")
    if replay.paused_at is not None and not replay.aborted:
        report.problems.append("it was closed while it was paused")
    if _instant(closing["at"]) < replay.ends_at and not replay.aborted:
        report.problems.append("it was closed before its end")
    if replay.leader is not None and replay.leader not in passed:
        report.problems.append("the highest bidder is not among the technically successful ones")
    if (closing["winner"] is None) != (report.winner is None):
        report.problems.append("the named winner does not fit the result")
