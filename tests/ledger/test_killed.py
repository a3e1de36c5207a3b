"""``kill -9`` in the middle of posting: what was said to be booked stands, nothing stands by halves."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from immis.core.access.permissions import SYSTEM
from immis.ledger import selectors, services
from immis.ledger.models import JournalEntry, Receipt
from immis.registry.services import NewParty, add_party, add_user
from tests.settlement import india

AT = india("2026-06-08")
ROOT = Path(__file__).parents[2]
KILLS, PAYMENTS = 3, 90


def _prepare() -> list[str]:
    """Thirty demands with three payments each, of seven tenths of the demand."""
    user = add_user(username="payer", name_en="P", name_hi="प")
    fields = {"name_en": "P", "name_hi": "प", "pan": "ABCPE1234F", "email": "p@example.org"}
    party = add_party(party=NewParty(code="p", kind="individual", **fields), users=[user])
    numbers = []
    for n in range(PAYMENTS):
        if n % 3 == 0:
            demand = services.raise_demand(
                demand=services.NewDemand(
                    party=party,
                    subject=("lot", f"LOT-{n}"),
                    kind="emd",
                    label={"en": "Earnest money", "hi": "अग्रधन राशि"},
                    amount_paise=100_000,
                    district="Munger",
                ),
                by=SYSTEM,
                at=AT,
            )
        numbers.append(f"K-{n}")
        more = {"grn": f"G{n}", "amount_paise": 100_000, "state": "failed", "created_at": AT}
        Receipt.objects.create(number=f"K-{n}", demand=demand, **more)
    return numbers


def _address(name: str) -> str:
    """How another process reaches the test's own database."""
    if connection.vendor == "sqlite":
        return ""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def _poster(numbers: list[str], name: str, folder: Path) -> subprocess.Popen:
    env = {**os.environ, "DATABASE_URL": _address(name), "IMMIS_DATA": str(folder), "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, str(Path(__file__).with_name("killed_poster.py")), ",".join(numbers)]
    return subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True, cwd=ROOT)


@pytest.mark.processes
def test_a_killed_process_leaves_no_half_entry(own_database, tmp_path):
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        (tmp_path / "immis.sqlite3").symlink_to(name)
    numbers, chance, said = _prepare(), random.Random(5), set()
    for _kill in range(KILLS):
        left = [number for number in numbers if number not in said]
        poster = _poster(left, str(name), tmp_path)
        for _n in range(chance.randint(3, 20)):
            said.add(poster.stdout.readline().strip())
        os.kill(poster.pid, signal.SIGKILL)
        said |= {line.strip() for line in poster.stdout}
        poster.wait()
        assert selectors.problems() == []
        posted = set(JournalEntry.objects.filter(receipt__isnull=False).values_list("receipt__number", flat=True))
        assert said <= posted and len(posted) <= len(said) + 1
    poster = _poster([number for number in numbers if number not in said], str(name), tmp_path)
    assert poster.wait() == 0
    assert JournalEntry.objects.filter(kind="receipt.verified").count() == PAYMENTS
    assert JournalEntry.objects.filter(kind="receipt.reversed").count() == PAYMENTS // 3
    assert selectors.problems() == []
