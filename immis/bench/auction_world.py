"""What the benchmark of auctions needs of the records: a world of lots and bidders, one hot lot, and the counting."""

import json
import os
import random
import resource
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection

from immis import clock
from immis.auctions.models import Bidder, Lot, LotEvent, Notice, TechnicalBid
from immis.auctions.sealing import parties_by_alias
from immis.auctions.services import place_bid
from immis.bench.bare_sql import bare
from immis.core.access.permissions import SYSTEM, Actor
from immis.core.services import link_hash
from immis.registry import services as registry
from immis.registry.models import User
from immis.registry.selectors import actor_of
from immis.rules.catalogue import load_all
from immis.rules.policy import book

_CORNERS = [[25.309314, 86.324858], [25.312703, 86.326225], [25.311731, 86.329614], [25.308497, 86.328792]]
#: A lot of the benchmark ends so soon that its first bid falls into the last five minutes.
_LEFT = timedelta(minutes=4, seconds=50)


def seed(*, lots: int, bidders: int, left: timedelta = _LEFT) -> dict[str, Any]:
    """Open lots and bidders who passed for all of them; answers the lots' codes and a session of each party."""
    now = clock.now()
    notice = Notice.objects.create(
        number="BENCH", district="Munger", source_name="bench", source_sha256="b" * 64, imported_at=now
    )
    rows = [_lot(notice, serial, now, left) for serial in range(1, lots + 1)]
    sessions = {}
    for number in range(bidders):
        user = registry.add_user(username=f"bench{number}", name_en=f"Bench {number}", name_hi=f"Bench {number}")
        party = registry.add_party(
            party=registry.NewParty(
                code=f"bench{number}",
                kind="proprietor",
                name_en=f"Bench {number}",
                name_hi=f"Bench {number}",
                pan=f"AAAPA{number + 1:04d}A",
                email=f"bench{number}@example.org",
                bank_account=f"{number:012d}",
            ),
            users=[user],
        )
        until = (now + timedelta(days=300)).date()
        bidder = Bidder.objects.create(party=party, registered_at=now, terms_accepted_at=now, valid_until=until)
        TechnicalBid.objects.bulk_create(
            TechnicalBid(lot=lot, bidder=bidder, applied_at=now, bank_account="1", state="passed") for lot in rows
        )
        sessions[session_of(user)] = party.pk
    return {"lots": [lot.code for lot in rows], "sessions": sessions}


def _lot(notice: Notice, serial: int, now: Any, left: timedelta) -> Lot:
    code = f"BEN-2026-{serial:02d}"
    block = registry.save_block(
        block=registry.NewBlock(
            code=code,
            serial=serial,
            block_no=str(serial),
            name_en=f"Bench {serial}",
            name_hi=f"Bench {serial}",
            district="Munger",
            area_ha=Decimal("15.3"),
            quantity_m3=91800,
            corners=_CORNERS,
        ),
        by=SYSTEM,
        at=now,
    )
    times = {"opens_at": now - timedelta(hours=2), "closes_at": now + left, "ends_at": now + left}
    money = {"reserve_rupees": 6_885_000, "emd_rupees": 1_721_250}
    return Lot.objects.create(notice=notice, block=block, code=code, serial=serial, **money, **times)


def session_of(user: User) -> str:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


def actors() -> list[Actor]:
    """The bidders of the benchmark, each as the person who presses."""
    return [actor_of(user) for user in User.objects.filter(username__startswith="bench").order_by("id")]


def press(
    *, code: str, who: list[Actor], threads: int, bids: int, retries: float, start_s: float, seed_no: int
) -> dict[str, Any]:
    """Clients that press as fast as they are answered, served by so many threads; answers acknowledgements and times.

    ``bids`` is the number of different bids of each client; a share of ``retries``
    is sent a second time with the same key, as a phone on a bad line does.
    """
    acks: list[tuple[str, bool, int]] = []
    waits: list[float] = []
    chance, lock = random.Random(seed_no), threading.Lock()

    def one(actor: Actor, key: str, asked_s: float) -> None:
        answer = place_bid(lot=code, steps=1, key=key, by=actor)
        with lock:
            waits.append(time.perf_counter() - asked_s)
            acks.append((f"{actor.party_id}:{key}", answer.accepted, answer.amount_rupees))

    def client(actor: Actor) -> None:
        for number in range(bids):
            key = f"bench-{number:06d}"
            for _ in range(2 if chance.random() < retries else 1):
                pool.submit(one, actor, key, time.perf_counter()).result()

    with ThreadPoolExecutor(threads) as pool:
        for waiting in [pool.submit(connection.ensure_connection) for _ in range(threads * 4)]:
            waiting.result()
        book(), load_all()  # as the web process has read them before its first question
        time.sleep(max(0.0, start_s - time.time()))
        used = resource.getrusage(resource.RUSAGE_SELF)
        begun = time.time()
        clients = [threading.Thread(target=client, args=(actor,)) for actor in who]
        for thread in clients:
            thread.start()
        for thread in clients:
            thread.join()
        ended = time.time()
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    return {"acks": acks, "waits": waits, "begun": begun, "ended": ended, "cpu_s": cpu_s}


def violations(codes: Iterable[str], acks: Iterable[tuple[str, bool, int]] = ()) -> dict[str, int]:
    """The guarantees of the engine counted over some lots: every figure but ``extensions`` must be zero."""
    result: Counter[str] = Counter(
        lost_acks=0, equal_amounts=0, time_order=0, duplicate_keys=0, broken_chain=0, extensions=0, twice_extended=0
    )
    kept: dict[str, LotEvent] = {}
    for code in codes:
        lot = Lot.objects.get(code=code)
        events = list(LotEvent.objects.filter(lot=lot).order_by("seq"))
        whose = parties_by_alias(code, lot.seal, Bidder.objects.values_list("party_id", flat=True))
        amounts = [event.amount_rupees for event in events if event.kind == "bid_accepted"]
        result["equal_amounts"] += len(amounts) - len(set(amounts))
        result["time_order"] += sum(b.at < a.at for a, b in zip(events, events[1:], strict=False))
        keys = [f"{whose[event.alias]}:{event.key}" for event in events if event.alias and event.key]
        result["duplicate_keys"] += len(keys) - len(set(keys))
        kept |= {key: event for key, event in zip(keys, (e for e in events if e.alias and e.key), strict=True)}
        prev = "0" * 64
        for event in events:
            result["broken_chain"] += event.hash != link_hash(prev, event.body) or event.prev_hash != prev
            prev = event.hash
        extensions = sum(event.kind == "extended" for event in events)
        result["extensions"] += extensions
        result["twice_extended"] += extensions > 1
    for key, accepted, amount in acks:
        event = kept.get(key)
        right = event is not None and (event.kind == "bid_accepted", event.amount_rupees) == (accepted, amount)
        result["lost_acks"] += not right
    return dict(result)


def main(asked: dict[str, Any]) -> Any:
    """One act of the benchmark in a process of its own (see ``immis.bench.auction``)."""
    if asked["act"] == "seed":
        return seed(lots=asked["lots"], bidders=asked["bidders"], left=timedelta(seconds=asked["left_s"]))
    if asked["act"] == "press":
        who = actors()[asked["part"] :: asked["parts"]]
        names = ("code", "threads", "bids", "retries", "start_s", "seed_no")
        return press(who=who, **{name: asked[name] for name in names})
    if asked["act"] == "bare":
        return bare(code=asked["code"], bids=asked["bids"])
    if asked["act"] == "bid":
        return bid_now(asked["lots"], asked["rounds"], asked["pause_s"])
    return violations(asked["lots"], [tuple(ack) for ack in asked["acks"]])


def bid_now(codes: list[str], rounds: int, pause_s: float) -> dict[str, list[Any]]:
    """Bid on every lot in turn; answers for each lot the change numbers and the wall time of each acknowledgement."""
    who, acks = actors(), {code: [] for code in codes}
    for number in range(rounds):
        for index, code in enumerate(codes):
            answer = place_bid(lot=code, steps=1, key=f"watch-{number:05d}", by=who[(number + index) % len(who)])
            acks[code].append((answer.seq, time.time()))
        time.sleep(pause_s)
    return acks


def answer_paper() -> None:
    """Read the question from the file that ``IMMIS_BENCH_PAPER`` names and write the answer in its place."""
    paper = Path(os.environ["IMMIS_BENCH_PAPER"])
    paper.write_text(json.dumps(main(json.loads(paper.read_text()))))
