"""What the scale showed, kept until the department has it: a chain in SQLite that outlives power cuts.

A reading gets its counter, the hash of the one before and its signature in the transaction that keeps it, so that no
counter is used twice and none is left out.
"""

import json
import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

from .signed import NOTHING_BEFORE, Key, canonical, hash_of

#: How many readings that were taken up stay for the page of the bridge and for questions.
KEPT = 2000
_TABLES = """
CREATE TABLE IF NOT EXISTS readings (counter INTEGER PRIMARY KEY, body TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS findings (counter INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (counter, body));
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Store:
    """One file; used from several threads of one process, and from a second one without harm."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(str(path), timeout=30, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")  # on the disk before anybody is told
        self._db.executescript(_TABLES)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _rows(self, question: str, *values: Any) -> List[Any]:
        with self._lock:
            return self._db.execute(question, values).fetchall()

    def fact(self, name: str, default: Any = None) -> Any:
        """A fact of this device: its pairing, its port, its learned format, how far the department has it."""
        rows = self._rows("SELECT value FROM facts WHERE name = ?", name)
        return json.loads(rows[0][0]) if rows else default

    def keep(self, **facts: Any) -> None:
        """Keep facts of this device, all or none."""
        with self._writing() as db:
            for name, value in facts.items():
                db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, json.dumps(value)))

    def begin(self, facts: Dict[str, Any], aside: Optional[Path]) -> None:
        """A new chain for a new pairing, in one step; the one before is laid aside as a file."""
        if aside is not None:
            self._rows("VACUUM INTO ?", str(aside))
        with self._writing() as db:
            if aside is not None:
                db.execute("DELETE FROM readings")
                db.execute("DELETE FROM findings")
            for name, value in dict(facts, taken_up_to=0).items():
                db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, json.dumps(value)))

    def take(self, key: Key, values: Dict[str, Any]) -> Dict[str, Any]:
        """Chain, sign and keep one reading; it is on the disk when this returns."""
        with self._writing() as db:
            last = db.execute("SELECT counter, hash FROM readings ORDER BY counter DESC LIMIT 1").fetchone()
            counter, previous = last or (0, NOTHING_BEFORE)
            reading = dict(values, counter=counter + 1, previous=previous)
            reading["signature"] = key.sign(canonical(reading))
            row = (reading["counter"], json.dumps(reading, ensure_ascii=False), hash_of(reading))
            db.execute("INSERT INTO readings VALUES (?, ?, ?)", row)
        return reading

    def unsent(self, most: int = 100) -> List[Dict[str, Any]]:
        """The oldest readings that the department has not taken up, in order."""
        question = "SELECT body FROM readings WHERE counter > ? ORDER BY counter LIMIT ?"
        return [json.loads(row[0]) for row in self._rows(question, self.fact("taken_up_to", 0), most)]

    def queued(self) -> int:
        """How many readings wait."""
        return int(self._rows("SELECT COUNT(*) FROM readings WHERE counter > ?", self.fact("taken_up_to", 0))[0][0])

    def taken(self, up_to: int, findings: List[Dict[str, Any]]) -> None:
        """The department has all readings up to this one; what it found stays with them. Old ones go in the end."""
        with self._writing() as db:
            last = db.execute("SELECT MAX(counter) FROM readings").fetchone()[0] or 0
            up_to = max(0, min(up_to, last))
            db.execute("INSERT OR REPLACE INTO facts VALUES ('taken_up_to', ?)", (json.dumps(up_to),))
            for row in findings:
                text = json.dumps(row, ensure_ascii=False, sort_keys=True)
                db.execute("INSERT OR IGNORE INTO findings VALUES (?, ?)", (row.get("counter", 0), text))
            db.execute("DELETE FROM readings WHERE counter <= ? AND counter < ?", (up_to, last - KEPT))
            db.execute("DELETE FROM findings WHERE counter < ?", (last - KEPT,))

    def latest(self, most: int = 20) -> List[Dict[str, Any]]:
        """The newest readings with their findings, newest first, each with ``sent``."""
        done = self.fact("taken_up_to", 0)
        rows = [
            json.loads(row[0]) for row in self._rows("SELECT body FROM readings ORDER BY counter DESC LIMIT ?", most)
        ]
        if not rows:
            return []
        found = self._rows("SELECT counter, body FROM findings WHERE counter >= ?", rows[-1]["counter"])
        for row in rows:
            row["sent"] = row["counter"] <= done
            row["findings"] = [json.loads(body) for counter, body in found if counter == row["counter"]]
        return rows

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            self._db.close()
