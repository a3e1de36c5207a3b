"""``immis bench pass``: signing, checking and printing passes, and the public check over HTTP beside a full store."""

import asyncio
import json
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from immis.bench.auction import database, installation, percentile
from immis.bench.movement.issue import KEPT, ask
from immis.bench.own_postgres import Lacking
from immis.bench.passes.verify import long_pass
from immis.challans.signed import keys
from immis.challans.signed.checking import verify_pass
from immis.challans.signed.signing import sign_pass

Result = dict[str, Any]
PASSES, ASKED, PRINTED = 2_000, 600, 60
RATE, LINES = 50.0, 8


def run() -> Result:
    """Passes verified a second; its parts are the print, and the public check with the store full, each told."""
    parts: list[Result] = [_printed()]
    for kind in ("sqlite", "postgresql"):
        try:
            parts.append(_checked(kind))
        except Lacking as lack:
            parts.append({"part": "public check over HTTP", "database": kind, "failed": str(lack)})
    for part in parts:
        click.echo(", ".join(f"{word} {value}" for word, value in part.items()), err=True)
    return {**_signed(), "parts": parts}


def _signed() -> Result:
    """Sign and verify passes, one core."""
    at = datetime.now(UTC).replace(microsecond=0)
    with tempfile.TemporaryDirectory() as folder:
        signer, facts = keys.load_signer(folder, at=at), [long_pass(n, at) for n in range(PASSES)]
        known = keys.public_key_list(folder, at=at)
        begun = time.perf_counter()
        signed = [sign_pass(fact, key=signer) for fact in facts]
        signing = len(signed) / (time.perf_counter() - begun)
        begun = time.perf_counter()
        good = sum(verify_pass(text, keys=known, at=at).good for text in signed)
        verifying = len(signed) / (time.perf_counter() - begun)
    if good != len(facts):
        raise click.ClickException(f"only {good} of {len(facts)} passes verified")
    conditions = f"{PASSES:,} passes, one thread; signed {signing:,.0f}/s"
    return {"name": "pass", "figure": round(verifying), "unit": "verified passes/s", "conditions": conditions}


def _printed() -> Result:
    """One pass as a PDF, the compiler warm."""
    from immis.challans.documents import ChallanPrint, challan_pdf
    from immis.core.papers.documents import Bilingual

    at = datetime.now(UTC).replace(microsecond=0)
    fact, office = long_pass(1, at), Bilingual(hi="—", en="Mining Office, Munger")
    with tempfile.TemporaryDirectory() as folder:
        text = sign_pass(fact, key=keys.load_signer(folder, at=at), base_url="https://khanan.bihar.gov.in")
    shown = ChallanPrint(
        number=fact.number, vehicle=fact.vehicle, office=office, mineral=Bilingual(hi=fact.mineral, en="Sand"),
        quantity_m3=fact.quantity_m3, weight_kg=fact.weight_kg, source=Bilingual(hi=fact.source_name, en="Ghat"),
        source_lat=fact.source_lat, source_lon=fact.source_lon, lease_number=fact.lease_number, settlee=fact.settlee,
        destination=fact.destination, distance_km=fact.distance_km, issued_at=at,
        valid_until=at + timedelta(hours=6), issued_by=fact.settlee, qr_text=text, verify_url="khanan.bihar.gov.in",
    )  # fmt: skip
    challan_pdf(shown)
    times = []
    for _ in range(PRINTED):
        begun, used = time.perf_counter(), time.process_time()
        challan_pdf(shown)
        times.append((1000 * (time.perf_counter() - begun), 1000 * (time.process_time() - used)))
    wall, cpu = (sorted(column) for column in zip(*times, strict=True))
    return {
        "part": "PDF of a pass", "median_ms": round(percentile(wall, 0.5), 1),
        "p95_ms": round(percentile(wall, 0.95), 1), "cpu_ms": round(percentile(cpu, 0.5), 1), "limit_ms": 25,
        "load": round(os.getloadavg()[0], 1),
    }  # fmt: skip


def _checked(kind: str) -> Result:
    """The public check of numbers all over a full store, at a steady rate through the front."""
    with tempfile.TemporaryDirectory(prefix="immis-bench-") as folder, database(kind, Path(folder)) as env:
        ask(env, act="seed", trucks=400, kept=KEPT)
        pairs = ask(env, act="sample", count=ASKED)
        with installation(env, "worker") as supervisor:
            host, port = supervisor.listen.split(":")
            asyncio.run(_ask_all(host, int(port), pairs[:LINES], []))
            load, waits = os.getloadavg()[0], []
            good = asyncio.run(_ask_all(host, int(port), pairs, waits))
    ms = sorted(1000 * wait for wait in waits)
    return {
        "part": "public check over HTTP", "database": kind, "in_store": KEPT, "asked_per_s": RATE,
        "p50_ms": round(percentile(ms, 0.5), 1), "p95_ms": round(percentile(ms, 0.95), 1), "limit_ms": 20,
        "answered": good, "load": round(load, 1),
    }  # fmt: skip


async def _ask_all(host: str, port: int, pairs: list[list[str]], waits: list[float]) -> int:
    """Each number with its vehicle, from an address of its own; a wait counts from when it was due."""
    begun, answered = time.monotonic(), 0

    async def one(n: int, number: str, mark: str) -> None:
        nonlocal answered
        due_s = begun + n / RATE
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        own = (f"127.0.{1 + n // 250}.{1 + n % 250}", 0)
        reader, writer = await asyncio.open_connection(host, port, local_addr=own)
        query = urlencode({"q": number, "vehicle": mark})
        writer.write(f"GET /api/v1/check?{query} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        waits.append(time.monotonic() - due_s)
        answered += b" 200 " in head.split(b"\r\n", 1)[0] and json.loads(body)["state"] in ("completed", "expired")

    await asyncio.gather(*(one(n, *pair) for n, pair in enumerate(pairs)))
    return answered
