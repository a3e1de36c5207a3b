"""A rehearsal of transit passes: records of its own, a treasury and portals of its own, papers that say TEST.

The steps are played by a child process whose environment names nothing of the real installation: a fresh folder, a
fresh SQLite file, the kind *training*, simulators on ports of their own. What went how is kept for the page of
readiness.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from immis import clock
from immis.adapters.origins.simulator import OriginSimulator
from immis.adapters.treasury.simulator import TreasurySimulator
from immis.adapters.vahan.simulator import TransportSimulator
from immis.private import make_private

KEY = "rehearsal"
_LONGEST_S = 180


class CannotRehearse(Exception):
    """The rehearsal could not be played at all: says why."""


def run(keep: Path | None = None) -> dict[str, Any]:
    """Play the rehearsal, keep how it went and its papers; answers both. Raises CannotRehearse."""
    papers = keep or clock.data_dir() / "istp" / "papers"
    if keep is not None and keep.is_dir() and any(keep.iterdir()):
        raise CannotRehearse(f"{keep} is not empty: name an empty folder, or one that is still to be made")
    make_private(papers)
    with tempfile.TemporaryDirectory(prefix="immis-istp-") as place, _outside() as outside:
        folder = Path(place)
        payload = _played(folder, {**os.environ, **_own(folder), **outside})
        made = folder / "data" / "papers"
        for paper in sorted(made.glob("*")) if made.is_dir() else ():
            shutil.copy(paper, papers / paper.name)
    payload["papers"] = str(papers)
    file = make_private(clock.data_dir() / "istp") / "rehearsal.json"
    part = file.with_suffix(".part")
    part.write_text(json.dumps(payload, ensure_ascii=False, indent=1) + "\n", encoding="utf8")
    part.replace(file)
    return payload


def _own(folder: Path) -> dict[str, str]:
    """The settings of the records to rehearse on; nothing of the real ones is left."""
    keys = make_private(folder / "origins")
    private = Ed25519PrivateKey.generate()
    pem = private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (keys / "UP.pem").write_bytes(pem)
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "up-private.pem").write_bytes(secret)
    return {
        "IMMIS_DATA": str(make_private(folder / "data")),
        "DATABASE_URL": "",
        "IMMIS_TRAINING": "1",
        "IMMIS_PRODUCTION": "",
        "IMMIS_CLOCK": "",
        "IMMIS_DEMO": "",
        "IMMIS_SECRET_KEY": "rehearsal-" + os.urandom(16).hex(),
        "IMMIS_NATS_URL": "",
        "IMMIS_PUBLIC_URL": "https://test.invalid",
        "IMMIS_ISTP_KEYS": str(keys),
        "IMMIS_REHEARSAL": str(folder),
        "DJANGO_SETTINGS_MODULE": "immis.settings",
    }


@contextmanager
def _outside() -> Iterator[dict[str, str]]:
    """Treasury, portal of another State and VAHAN of the rehearsal, as settings."""
    servers = (
        TreasurySimulator("127.0.0.1", 0, key=KEY),
        OriginSimulator("127.0.0.1", 0, key=KEY),
        TransportSimulator("127.0.0.1", 0, key=KEY),
    )
    threads = [threading.Thread(target=row.serve_forever, kwargs={"poll_interval": 0.05}) for row in servers]
    for thread in threads:
        thread.start()
    treasury, portal, vahan = servers
    try:
        yield {
            "IMMIS_TREASURY_VENDOR": "grn",
            "IMMIS_TREASURY_URL": treasury.url,
            "IMMIS_TREASURY_KEY": KEY,
            "IMMIS_ISTP_PORTALS": f"JH={portal.url}",
            "IMMIS_ISTP_PORTAL_KEY": KEY,
            "IMMIS_VAHAN_URL": vahan.url,
            "IMMIS_VAHAN_KEY": KEY,
        }
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
        for thread in threads:
            thread.join()


def _played(folder: Path, env: dict[str, str]) -> dict[str, Any]:
    argv = [sys.executable, "-m", "immis.cli", "istp", "play"]
    try:
        answer = subprocess.run(argv, env=env, cwd=folder, capture_output=True, text=True, timeout=_LONGEST_S)
        payload: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired as fault:
        raise CannotRehearse(f"the rehearsal did not end within {_LONGEST_S} seconds") from fault
    except (ValueError, IndexError) as fault:
        said = answer.stderr.strip().splitlines()
        raise CannotRehearse(f"the rehearsal ended early: {said[-1] if said else answer.returncode}") from fault
    return payload
