"""``immis bench search``: twenty kinds of question over a million rows of the index, for three readers."""

import json
import os
import random
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import click

from immis.bench.machine import p95_of
from immis.bench.money import _databases

#: How many rows; fewer for a try.
ROWS = int(os.environ.get("IMMIS_BENCH_ROWS", "1000000"))
ROUNDS = 20
#: What of a hundred rows is of which noun.
_SHARES = {
    "challan": 70, "vehicle": 6, "demand": 6, "receipt": 5, "device": 4, "driver": 3, "entry": 2, "lease": 1,
    "ghat": 1, "lot": 1, "case": 1,
}  # fmt: skip
_FIRST = [
    "Kaushiki",
    "Ganga",
    "Sone",
    "Gandak",
    "Shiv",
    "Laxmi",
    "Vishwanath",
    "Krishna",
    "Maa",
    "Jai",
    "Bajrang",
    "Durga",
    "Sita",
    "Ram",
    "Kamla",
    "Raj",
]
_LAST = ["Infra", "Sands", "Minerals", "Traders", "Enterprises", "Construction", "Carriers", "Logistics"]
_NAMES = [
    "Rajesh",
    "Sunil",
    "Anil",
    "Manoj",
    "Rampravesh",
    "Shambhu",
    "Dilip",
    "Ajay",
    "Vijay",
    "Sanjay",
    "Mukesh",
    "Kundan",
    "Abhay",
    "Nitish",
]
_SURNAMES = [
    "Kumar",
    "Singh",
    "Yadav",
    "Prasad",
    "Sharma",
    "Paswan",
    "Mandal",
    "Choudhary",
    "Mishra",
    "Sahni",
    "Thakur",
    "Das",
]
_GHATS = [
    "Mahuli",
    "Tikarampur",
    "Bariyarpur",
    "Shankarpur",
    "Kharagpur",
    "Dariyapur",
    "Heru",
    "Diara",
    "Lalpur",
    "Sitakund",
    "Gogri",
]


def search() -> dict[str, Any]:
    """The slowest question's p95 on SQLite in ms."""
    runs = [_in_own_process(folder, url) for folder, url in _databases()]
    words = "; ".join(f"{run['database']}: {run['p95_ms']} (processor {max(run['cpu_p95_ms'].values())} at most), "
                      f"filled in {run['fill_s']} s" for run in runs)  # fmt: skip
    figure = round(max(runs[0]["p95_ms"].values()))
    conditions = f"{ROWS:,} rows, p95 of {ROUNDS} in ms; {words}; load {os.getloadavg()[0]:.1f}"
    return {"name": "search", "figure": figure, "unit": "ms p95, slowest question", "conditions": conditions}


def _in_own_process(folder: str, url: str) -> dict[str, Any]:
    env = {**os.environ, "IMMIS_DATA": folder, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "immis.settings"}
    ran = subprocess.run([sys.executable, "-m", "immis.bench.search"], env=env, capture_output=True, text=True)
    if ran.returncode:
        raise click.ClickException(ran.stderr[-2000:])
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    click.echo(f"search: {answer}", err=True)
    return answer


def _handles(kind: str, n: int, lot: random.Random, districts: list[str]) -> tuple[str, Any]:
    """Number and handles of the n-th row of a noun, as its own declaration would make them."""
    from immis.rules.districts import letters_of
    from immis.search.declared import Handles

    district = districts[n % len(districts)]
    prefix, party = letters_of(district), n % 4000
    plate = f"BR{n % 38 + 1:02d}G{chr(65 + n % 26)}{n % 9999 + 1:04d}"
    ghat, firm = f"{lot.choice(_GHATS)} Sand Ghat", f"{_FIRST[party % 16]} {_LAST[party // 16 % 8]} {party}"
    person = f"{lot.choice(_NAMES)} {lot.choice(_SURNAMES)}"
    reach: dict[str, Any] = {"districts": [district], "party_id": party}
    phone = {"phone": [f"9{n % 10**9:09d}"]}
    makers: dict[str, tuple[str, Any]] = {
        "challan": (f"{prefix}-26-{n:06d}", lambda no: Handles((), (no,), (plate,), phone, **reach)),
        "vehicle": (f"{plate}{n // 9999}", lambda no: Handles((person, firm), (no,), **reach)),
        "demand": (f"D26-{n:06d}", lambda no: Handles((), (no,), (f"{prefix}-2026-{n % 500}",), **reach)),
        "receipt": (f"R26-{n:06d}", lambda no: Handles((), (no, f"GRN{n:010d}"), **reach)),
        "device": (f"86{n:013d}", lambda no: Handles(("Vendor",), (no,), (plate,), **reach)),
        "driver": (f"BR{n % 38 + 1:02d}2011{n:07d}", lambda no: Handles((person,), (no,), (), phone, **reach)),
        "entry": (
            f"VIS-2026-{n}",
            lambda no: Handles((person,), (no,), reach=(f"rvisitors\ue004d{district.lower()}",)),
        ),
        "lease": (f"{prefix}-2026-{n}", lambda no: Handles((ghat, firm), (no,), **reach)),
        "ghat": (f"{prefix}-2026-{n}", lambda no: Handles((ghat, "Ganga"), (no,))),
        "lot": (f"{prefix}-2026-{n}", lambda no: Handles((ghat,), (no,))),
        "case": (f"{prefix}-C-2026-{n:04d}", lambda no: Handles((firm,), (no,), (plate,), **reach)),
    }
    number, make = makers[kind]
    return number, make(number)


def _rows() -> Iterator[Any]:
    from immis.rules.districts import NAMES_HI
    from immis.search.declared import SEARCHED
    from immis.search.models import SearchRow
    from immis.search.tokens import body_of

    lot, districts = random.Random(7), sorted(NAMES_HI)
    for kind, share in _SHARES.items():
        for n in range(ROWS * share // 100):
            number, handles = _handles(kind, n, lot, districts)
            yield SearchRow(kind=kind, number=f"{number}"[:60], body=body_of(SEARCHED[kind], handles))


#: Kaushiki in Hindi, letter by letter: words of law stand in YAML, and this is none.
_HINDI = "".join(
    unicodedata.lookup(f"DEVANAGARI {name}")
    for name in ("LETTER KA", "VOWEL SIGN AU", "LETTER SHA", "VOWEL SIGN I", "LETTER KA", "VOWEL SIGN II")
)
#: Twenty kinds of question.
QUESTIONS = (
    "MUN-2026-13", "MUN/2026/13", "mun 13", "PAT-26-000135", "135", "BR08GI1234", "br 08 gi 1234", "1234", "BR08G",
    "Kaushiki", _HINDI, "kaush", "Kaushiki Mahuli", "Ghat", "Kumar", "MUN",
    "860000000000135", "GRN0000000135", "Rampravesh Singh", "nothing is called so",
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Seconds to fill, and the p95 of each question, the slowest reader of it.

    Each row that would be shown is confirmed as a noun does it, by one look-up of its number in the records; the rows
    of the index stand for these.
    """
    from django.db import connection

    from immis.core.access.permissions import Actor
    from immis.rules.search.words import wanted
    from immis.search.declared import SEARCHED
    from immis.search.models import SearchRow
    from immis.search.selectors import hits

    begun = time.perf_counter()
    SearchRow.objects.bulk_create(_rows(), batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    fill_s = round(time.perf_counter() - begun)
    for kind, row in SEARCHED.items():
        SEARCHED[kind] = replace(row, find=lambda no, _by, kind=kind: SearchRow.objects.get(kind=kind, number=no))
    readers = {
        "State": Actor("hq", user_id=1, office_id=1),
        "district": Actor("district", user_id=2, office_id=2, district="Munger"),
        "settlee": Actor("party", user_id=3, party_id=135),
    }
    p95_ms, cpu_ms = {}, {}
    for text in QUESTIONS:
        rows = [
            p95_of(lambda _n, by=by, text=text: hits(by, wanted(text), most=5), rounds=ROUNDS)
            for by in readers.values()
        ]
        p95_ms[text], cpu_ms[text] = (max(each) for each in zip(*rows, strict=True))
    return {
        "database": connection.vendor,
        "fill_s": fill_s,
        "p95_ms": p95_ms,
        "cpu_p95_ms": cpu_ms,  # of this process: SQLite answers within it, whatever else the machine does
    }


def _main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    click.echo(json.dumps(measure()))


if __name__ == "__main__":
    _main()
