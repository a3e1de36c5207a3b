"""Offences as data: reads ``immis/policy/offences.yaml`` once; what a case is about, against whom, by which clause.

A new offence is an entry of the file; every fault of it is told with its line and what is allowed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from immis.rules.marks import Fault, Faults, Marked, Reading, read_marked
from immis.rules.policy import POLICY_DIR

FILE = POLICY_DIR / "offences.yaml"
#: Whom a case can be against, as the records of a pass name them.
ACCUSED = ("settlee", "owner", "driver", "buyer")
#: What a case rests on: signals of the device, positions, the pass itself, checks on the road, an officer's visit,
#: satellite or drone images with day and coordinates (E-164).
EVIDENCE = ("signals", "positions", "pass", "scans", "inspection", "images")
OTHER = "other"
_STATUS = ("in_force", "unverified")
_PARTS = ("words", "accused", "clause", "status", "evidence", "table", "royalty", "add_ons", "triggers")
_NEEDED = ("words", "accused", "clause", "status", "evidence")
_CODE = re.compile(r"[a-z][a-z_]{1,29}")
_RULE = re.compile(r"[A-Z]{2,4}-\d{2,3}")
#: The fact of a task that names the party which each kind of accused is; drivers and buyers are named by the officer.
PARTY_OF: Mapping[str, str] = {"owner": "owner_id", "settlee": "party_id"}


@dataclass(frozen=True)
class Offence:
    """An offence of which a case is opened; ``table`` is the code of its penalties, empty: ordered with a reason.

    ``by_royalty``: a multiple of the royalty on what was taken comes on top; ``add_ons`` are the codes of further sums.
    """

    code: str
    words: Mapping[str, str]
    accused: tuple[str, ...]
    clause: str
    is_unverified: bool
    evidence: tuple[str, ...]
    table: str = ""
    by_royalty: bool = False
    add_ons: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()


@cache
def offences() -> Mapping[str, Offence]:
    """Every offence by its code, in the order of the file. Raises Faults."""
    return load(FILE)


def offence(code: str) -> Offence:
    """The offence of a code; what is not known any more is an irregularity."""
    return offences().get(code) or offences()[OTHER]


def offence_of(trigger_code: str) -> str:
    """The offence that a task of a trigger leads to."""
    return next((row.code for row in offences().values() if trigger_code in row.triggers), OTHER)


def liable_of(code: str, facts: Mapping[str, object]) -> object:
    """The party against which a case of an offence begins: the first of its accused that the facts name; else None."""
    named = (facts.get(PARTY_OF[who]) for who in offence(code).accused if who in PARTY_OF)
    return next((party for party in named if party), None)


def actor_of(code: str, facts: Mapping[str, object]) -> str:
    """As what the party is accused against which a case of an offence begins; empty where the facts name nobody."""
    named = (who for who in offence(code).accused if who in PARTY_OF and facts.get(PARTY_OF[who]))
    return next(named, "")


def load(path: Path) -> Mapping[str, Offence]:
    """The offences of a file. Raises Faults with all faults at once."""
    faults: list[Fault] = []
    reading, marked = Reading(path.name, faults), read_marked(path)
    rows = marked.value if isinstance(marked.value, dict) else {}
    read = {code: _offence(reading, code, each, marked.keys[code]) for code, each in rows.items()}
    if OTHER not in read:
        reading.fault(marked.line, f"the offence {OTHER!r} is missing", "what has no entry of its own is one")
    _once(reading, rows, read)
    if faults:
        raise Faults(faults)
    return MappingProxyType(read)


def _offence(reading: Reading, code: str, marked: Marked, line: int) -> Offence:
    if not _CODE.fullmatch(code):
        reading.fault(line, f"{code!r} is no code of an offence", "small letters and _, at most 30")
    table = reading.table(marked, _PARTS, needed=_NEEDED)
    return Offence(
        code=code,
        words=reading.words(table.get("words")),
        accused=reading.choices(table.get("accused"), ACCUSED),
        clause=reading.text(table.get("clause")),
        is_unverified=reading.choice(table.get("status"), _STATUS) == "unverified",
        evidence=reading.choices(table.get("evidence"), EVIDENCE),
        table=_rule(reading, table.get("table")),
        by_royalty=reading.flag(table.get("royalty")),
        add_ons=tuple(_rule(reading, each) for each in reading.items(table.get("add_ons"))),
        triggers=tuple(_rule(reading, each) for each in reading.items(table.get("triggers"))),
    )


def _rule(reading: Reading, marked: Marked | None) -> str:
    code = reading.text(marked)
    if marked is not None and not _RULE.fullmatch(code):
        reading.fault(marked.line, f"{code!r} is no code of the rule book", "as PEN-01 or TRG-05")
    return code


def _once(reading: Reading, rows: Mapping[str, Marked], read: Mapping[str, Offence]) -> None:
    """A trigger leads to one offence."""
    seen: dict[str, str] = {}
    for code, row in read.items():
        for trigger in row.triggers:
            if (before := seen.setdefault(trigger, code)) != code:
                reading.fault(rows[code].line, f"{trigger} leads to {code} and to {before}", "one offence a trigger")
