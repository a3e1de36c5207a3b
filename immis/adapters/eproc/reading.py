"""An export as JSON or CSV into its parts; every fault is named with its place.

JSON: one object with ``format``, ``reference``, ``notice``, ``district`` and the
lists ``lots``, ``bidders``, ``entries``, ``bids``, ``results``. CSV: the same,
one record a line, its kind in the first column, with a header line for each kind
(``#lot,serial,ghat,…``). Times carry their offset; rupees are whole.
"""

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from immis.adapters.eproc.port import (
    EprocAuction,
    EprocBid,
    EprocBidder,
    EprocEntry,
    EprocLot,
    EprocResult,
    EprocUnreadable,
)
from immis.reading import read_json

FORMAT = "eproc-auction/1"
MOST_BYTES = 20_000_000
_MOST_RUPEES = 10**13
_KINDS = ("individual", "proprietor", "partnership", "company", "society", "cooperative")
_RESULTS = ("sold", "single_bid", "no_bids")
_LISTS = {"lot": "lots", "bidder": "bidders", "entry": "entries", "bid": "bids", "result": "results"}
Row = Mapping[str, Any]


def read_export(content: bytes, *, filename: str = "") -> EprocAuction:
    """The parts of an export. Raises EprocUnreadable naming the record and the field that is missing or odd."""
    if len(content) > MOST_BYTES:
        raise EprocUnreadable(f"the file is larger than {MOST_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EprocUnreadable(f"the file is not UTF-8: byte {error.start}") from error
    raw = _from_json(text) if text.lstrip().startswith("{") else _from_csv(text)
    if raw.get("format") != FORMAT:
        raise EprocUnreadable(f"format is {str(raw.get('format'))[:40]!r}, not {FORMAT!r}")
    auction = EprocAuction(
        reference=_part("header", raw, lambda row: _text(row, "reference", 60)),
        notice=_part("header", raw, lambda row: _text(row, "notice", 40)),
        district=_part("header", raw, lambda row: _text(row, "district", 40)),
        lots=_rows(raw, "lots", _lot),
        bidders=_rows(raw, "bidders", _bidder),
        entries=_rows(raw, "entries", _entry),
        bids=_rows(raw, "bids", _bid),
        results=_rows(raw, "results", _result),
    )
    _whole_auction(auction)
    return auction


def export_json(auction: EprocAuction) -> bytes:
    """The export of an auction as JSON, as the simulator serves it."""
    body = {"format": FORMAT, **asdict(auction)}
    return (json.dumps(body, ensure_ascii=False, indent=1, default=lambda at: at.isoformat()) + "\n").encode()


def export_csv(auction: EprocAuction) -> bytes:
    """The export of an auction as CSV."""
    out = io.StringIO()
    writer = csv.writer(out)
    head = {"format": FORMAT, "reference": auction.reference, "notice": auction.notice, "district": auction.district}
    writer.writerow(["#header", *head])
    writer.writerow(["header", *head.values()])
    for kind, name in _LISTS.items():
        for number, record in enumerate(getattr(auction, name)):
            fields = asdict(record)
            if not number:
                writer.writerow([f"#{kind}", *fields])
            writer.writerow([kind, *("" if value is None else _plain(value) for value in fields.values())])
    return out.getvalue().encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else value


def _from_json(text: str) -> dict[str, Any]:
    try:
        raw = read_json(text)
    except ValueError as error:
        raise EprocUnreadable(f"not JSON: {error}") from error
    return raw


def _from_csv(text: str) -> dict[str, Any]:
    raw: dict[str, Any] = {name: [] for name in _LISTS.values()}
    heads: dict[str, list[str]] = {}
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text)), 1):
            if not cells:
                continue
            kind = cells[0].strip().removeprefix("\ufeff")
            if kind.startswith("#"):
                heads[kind[1:]] = [cell.strip() for cell in cells[1:]]
                continue
            if kind not in heads or len(cells) - 1 != len(heads[kind]) or (kind != "header" and kind not in _LISTS):
                raise EprocUnreadable(f"line {number}: {kind[:20]!r} has no header line that fits it")
            row = dict(zip(heads[kind], cells[1:], strict=True))
            raw.update(row) if kind == "header" else raw[_LISTS[kind]].append(row)
    except csv.Error as error:
        raise EprocUnreadable(f"not CSV: {error}") from error
    return raw


def _rows(raw: Row, name: str, read: Callable[[Row], Any]) -> tuple[Any, ...]:
    rows = raw.get(name)
    if not isinstance(rows, list):
        raise EprocUnreadable(f"{name} is missing or not a list")
    return tuple(_part(f"{name}[{number}]", row, read) for number, row in enumerate(rows))


def _part(where: str, row: Any, read: Callable[[Row], Any]) -> Any:
    if not isinstance(row, dict):
        raise EprocUnreadable(f"{where}: not a record")
    try:
        return read(row)
    except (TypeError, ValueError) as error:
        raise EprocUnreadable(f"{where}: {error}") from error


def _lot(row: Row) -> EprocLot:
    return EprocLot(
        serial=_whole(row, "serial"),
        ghat=_text(row, "ghat", 200),
        reserve_rupees=_whole(row, "reserve_rupees"),
        emd_rupees=_whole(row, "emd_rupees"),
        opens_at=_instant(row, "opens_at"),
        closes_at=_instant(row, "closes_at"),
    )


def _bidder(row: Row) -> EprocBidder:
    return EprocBidder(
        reference=_text(row, "reference", 40),
        name_en=_text(row, "name_en", 160),
        name_hi=_text(row, "name_hi", 160, needed=False) or _text(row, "name_en", 160),
        kind=_one_of(row, "kind", _KINDS),
        pan=_text(row, "pan", 10),
        email=_text(row, "email", 254),
        phone=_text(row, "phone", 15, needed=False),
        address=_text(row, "address", 300, needed=False),
        bank_account=_text(row, "bank_account", 30, needed=False),
    )


def _entry(row: Row) -> EprocEntry:
    return EprocEntry(
        serial=_whole(row, "serial"),
        bidder=_text(row, "bidder", 40),
        technical=_one_of(row, "technical", ("passed", "failed")),
        reasons=_text(row, "reasons", 600, needed=False),
        emd_reference=_text(row, "emd_reference", 60, needed=False),
        emd_rupees=_whole(row, "emd_rupees"),
        emd_account=_text(row, "emd_account", 30, needed=False),
    )


def _bid(row: Row) -> EprocBid:
    accepted = row.get("accepted")
    if str(accepted).lower() not in ("true", "false"):
        raise ValueError("accepted is neither true nor false")
    return EprocBid(
        serial=_whole(row, "serial"),
        number=_whole(row, "number"),
        bidder=_text(row, "bidder", 40),
        amount_rupees=_whole(row, "amount_rupees"),
        at=_instant(row, "at"),
        accepted=str(accepted).lower() == "true",
    )


def _result(row: Row) -> EprocResult:
    amount = row.get("amount_rupees")
    return EprocResult(
        serial=_whole(row, "serial"),
        result=_one_of(row, "result", _RESULTS),
        winner=_text(row, "winner", 40, needed=False),
        amount_rupees=None if amount in (None, "") else _whole(row, "amount_rupees"),
        ended_at=_instant(row, "ended_at"),
    )


def _text(row: Row, name: str, most: int, *, needed: bool = True) -> str:
    value = row.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or len(value) > most or (needed and not value.strip()):
        raise ValueError(f"{name} is missing or not a text of at most {most} characters")
    if any(ord(item) < 32 for item in value):
        raise ValueError(f"{name} holds control characters")
    return value.strip()


def _one_of(row: Row, name: str, words: tuple[str, ...]) -> str:
    value = _text(row, name, 40)
    if value not in words:
        raise ValueError(f"{name} is {value!r}, none of {', '.join(words)}")
    return value


def _whole(row: Row, name: str) -> int:
    value = row.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_RUPEES:
        raise ValueError(f"{name} is missing or not a whole number from 0 on")
    return value


def _instant(row: Row, name: str) -> datetime:
    value = row.get(name)
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError(f"{name} is no time with its offset (2026-06-05T12:58:03.120+05:30)")
    return at


def _whole_auction(auction: EprocAuction) -> None:
    """Every reference leads somewhere, and nothing stands twice."""
    serials, people = {lot.serial for lot in auction.lots}, {row.reference for row in auction.bidders}
    if not serials or len(serials) != len(auction.lots) or len(people) != len(auction.bidders):
        raise EprocUnreadable("a ghat or a bidder stands twice, or there is no ghat")
    for name in ("entries", "bids", "results"):
        for number, record in enumerate(getattr(auction, name)):
            person = record.winner if name == "results" else record.bidder
            if record.serial not in serials or (person and person not in people):
                raise EprocUnreadable(f"{name}[{number}]: ghat {record.serial} or bidder {person!r} is not in the file")
    _once("results", [result.serial for result in auction.results])
    _once("entries", [(entry.serial, entry.bidder) for entry in auction.entries])
    _once("bids", [(bid.serial, bid.number) for bid in auction.bids])
    if {result.serial for result in auction.results} != serials:
        raise EprocUnreadable("results: not every ghat has one")


def _once(name: str, keys: list[Any]) -> None:
    if len(set(keys)) != len(keys):
        raise EprocUnreadable(f"{name}: a record stands twice")
