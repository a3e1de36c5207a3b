"""A stand-in for E-Proc as a process of its own: it holds auctions on a notice by itself and serves signed exports."""

import random
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from immis.adapters.eproc.http_client import HEADER
from immis.adapters.eproc.port import EprocAuction, EprocBid, EprocBidder, EprocEntry, EprocLot, EprocResult
from immis.adapters.eproc.reading import export_json
from immis.adapters.eproc.signing import sign
from immis.adapters.simulating import Door, Simulator
from immis.rules.notices.facts import NoticeFacts
from immis.rules.writing.texts import texts

_HOUR, _WINDOW = timedelta(hours=1), timedelta(minutes=5)
_NAMES = tuple(texts("eproc/simulator").values())


def hold_auction(notice: NoticeFacts, *, seed: int = 1, reference: str = "") -> EprocAuction:
    """Auction every ghat of a notice among three bidders, by the tender's rules; the same seed, the same auction."""
    dice = random.Random(seed)
    begins, ends = notice.programme.auction_starts_at, notice.programme.auction_ends_at
    if begins is None or ends is None:
        raise ValueError("the notice states no time of the auction")
    lots = [
        EprocLot(ghat.serial, ghat.name, int(ghat.reserve_rupees), int(ghat.emd_rupees), begins, ends)
        for ghat in notice.ghats
    ]
    people = tuple(_bidder(number) for number in range(len(_NAMES)))
    held = [_hold(lot, people, dice) for lot in lots]
    return EprocAuction(
        reference=reference or f"EP-{begins:%Y%m%d}-{seed}",
        notice=notice.number,
        district=notice.district,
        lots=tuple(lots),
        bidders=people,
        entries=tuple(_entry(lot, person) for lot in lots for person in people),
        bids=tuple(bid for bids, _ in held for bid in bids),
        results=tuple(result for _, result in held),
    )


def _bidder(number: int) -> EprocBidder:
    names = _NAMES[number]
    return EprocBidder(
        reference=f"B{number + 1:03d}",
        name_en=names["en"],
        name_hi=names["hi"],
        kind="company",
        pan=f"AAAC{chr(65 + number)}{1001 + number}K",
        email=f"b{number + 1}@example.org",
        phone="",
        address="",
        bank_account=f"50100{number + 1:06d}",
    )


def _entry(lot: EprocLot, eproc_bidder: EprocBidder) -> EprocEntry:
    reference = f"EMD{lot.serial:03d}{eproc_bidder.reference}"
    return EprocEntry(
        lot.serial, eproc_bidder.reference, "passed", "", reference, lot.emd_rupees, eproc_bidder.bank_account
    )


def _hold(lot: EprocLot, people: tuple[EprocBidder, ...], dice: random.Random) -> tuple[list[EprocBid], EprocResult]:
    """One ghat: bids in turn at whole increments; one in the last five minutes prolongs by an hour, once."""
    step, amount, bids = lot.reserve_rupees // 10, lot.reserve_rupees, []
    ends, at = lot.closes_at, lot.opens_at + timedelta(seconds=dice.randint(1, 600))
    extended, leader = False, -1
    while at < ends and len(bids) < 12:
        bidder = dice.choice([number for number in range(len(people)) if number != leader])
        amount += step * dice.randint(0 if not bids else 1, 2)
        bids.append(EprocBid(lot.serial, len(bids) + 1, people[bidder].reference, amount, at, True))
        leader = bidder
        if not extended and at >= lot.closes_at - _WINDOW:
            extended, ends = True, lot.closes_at + _HOUR
        at += timedelta(seconds=dice.randint(60, 1500), milliseconds=dice.randint(0, 999))
    return bids, EprocResult(lot.serial, "sold", people[leader].reference, amount, ends)


class _Handler(Door):
    server: "EprocSimulator"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path == "/healthz":
            return self.say(HTTPStatus.OK, b"ok", "text/plain")
        if self.server.token and self.headers.get("Authorization", "") != f"Bearer {self.server.token}":
            return self.say(HTTPStatus.UNAUTHORIZED, b"{}")
        if path == "/api/auctions":
            rows = [{"reference": reference} for reference in sorted(self.server.exports)]
            return self.say_json(HTTPStatus.OK, {"auctions": rows})
        reference = path.removeprefix("/api/auctions/").removesuffix("/export")
        export = self.server.exports.get(reference)
        if export is None:
            return self.say(HTTPStatus.NOT_FOUND, b"{}")
        signature = sign(export, private_key=self.server.private_key)
        return self.say(HTTPStatus.OK, export, "application/json", {HEADER: signature})


class EprocSimulator(Simulator):
    """The simulator as a server; only who brings its token is answered."""

    def __init__(self, host: str, port: int, *, token: str, private_key: str):
        super().__init__(host, port, _Handler)
        self.token, self.private_key = token, private_key
        self.exports: dict[str, bytes] = {}

    def add(self, auction: EprocAuction) -> None:
        """Serve the export of one more auction."""
        self.exports[auction.reference] = export_json(auction)
