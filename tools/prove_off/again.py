"""A plugin of pytest for ``tools/prove.py``: each test runs with its rules off as well, on the same processes.

``IMMIS_PROVE_PLAN`` is a JSON file: by test, the lists of codes to switch off, one after another. What came of each is
a line of ``IMMIS_PROVE_ANSWERS``. A test that passed runs again; where its second run with the law on does not pass,
it happens once only, and is no evidence. With ``IMMIS_PROVE_FIRST`` the runs with the law off come before the one with
the law on, and what each of them did is undone: records, clock and mails are put back. What they fail at counts only
where the test passes behind them with the law on, for then they have spoilt nothing.
"""

import inspect
import json
import os
import re
import sqlite3
from functools import wraps
from itertools import count
from pathlib import Path

import pytest

PLAN = json.loads(Path(os.environ["IMMIS_PROVE_PLAN"]).read_text())
ANSWERS, SWITCH = Path(os.environ["IMMIS_PROVE_ANSWERS"]), Path(os.environ["IMMIS_PROVE_OFF_FILE"])
FIRST = bool(os.environ.get("IMMIS_PROVE_FIRST"))
ONCE = "happens once only"
NOW: list[str] = []  # the codes that are off
UNDONE = count(1)  # runs: the treasury remembers the receipts of each, so that their numbers go on
_RECEIPTS = 100  # more than one test pays


def pytest_collection_finish():
    """The stages of a further e-auction are played with the law on, whoever asks for them first."""
    from tests.doors.calling import Call

    for name, stage in list(vars(Call).items()):
        if getattr(stage, "__wrapped__", None) is not None:
            setattr(Call, name, by_law(name, stage))


def by_law(name, stage):
    @wraps(stage)
    def played(self):
        off = list(NOW)
        if name in self.done or not off:
            return stage(self)
        switch([])
        try:
            return stage(self)
        finally:
            switch(off)

    return played


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    lists = PLAN.get(pyfuncitem.nodeid, [])
    whys = [undone(pyfuncitem, codes) for codes in lists] if FIRST else []
    passed = False
    try:
        answer = yield
        passed = True
    finally:
        for codes, why in zip(lists, whys, strict=False):
            note(pyfuncitem, codes, why if passed or not why else ONCE)
    if not FIRST:
        try_all(pyfuncitem, lists)
    return answer


class Before:
    """What an installation held before a test: records, clock, mails, who is signed in, which stages were played."""

    def __init__(self, item):
        self.at, self.call = item.funcargs.get("installation"), item.funcargs.get("call")
        if self.at is None:
            self.at = item._request.getfixturevalue("installation")
        self._records = sqlite3.connect(":memory:")
        live = self._live()
        live.backup(self._records)
        live.close()
        self._clock = (self.at.season.data / "clock.json").read_text()
        self._mails = {mail: mail.stat().st_size for mail in self._mail_files()}
        self._people = dict(self.at.page._people)
        self._stages = {**vars(self.call), "done": dict(self.call.done)} if self.call else {}

    def _mail_files(self):
        return (self.at.season.data / "mail").glob("*.log")

    def _live(self):
        return sqlite3.connect(self.at.season.data / "immis.sqlite3", timeout=30)

    def restore(self):
        live = self._live()
        self._records.backup(live)
        live.execute(
            "UPDATE core_counter SET value = value + ? WHERE series LIKE 'receipt-%'", [_RECEIPTS * next(UNDONE)]
        )
        live.commit()
        live.close()
        part = self.at.season.data / ".clock.prove"
        part.write_text(self._clock)
        os.replace(part, self.at.season.data / "clock.json")
        for mail in self._mail_files():
            os.truncate(mail, self._mails.get(mail, 0))
        self.at.page._people.clear()
        self.at.page._people.update(self._people)
        if self.call:
            vars(self.call).clear()
            vars(self.call).update({**self._stages, "done": dict(self._stages["done"])})


def play_first(item):
    """The first stage that a test asks for is played before its law goes off: newcomers are mailed their IDs once."""
    from tests.doors.calling import Call

    stages = re.findall(r"\bcall\.(\w+)\(\)", inspect.getsource(item.obj))
    for stage in [name for name in stages if hasattr(getattr(Call, name, None), "__wrapped__")][:1]:
        getattr(item.funcargs["call"], stage)()


def undone(item, codes):
    """Why a test does not pass with these codes off; then all is as it was."""
    if "installation" not in item.fixturenames:
        return why_without(item, codes)
    play_first(item)
    before = Before(item)
    why = why_without(item, codes)
    before.restore()
    return why


def try_all(item, lists):
    """Run a test with each list of codes off; the law is on before and behind."""
    for place, codes in enumerate(lists):
        if why_not(item):
            for left in lists[place:]:
                note(item, left, ONCE)
            return
        note(item, codes, why_without(item, codes))


def why_without(item, codes):
    """Why a test does not pass with these codes off; empty where it passes."""
    switch(codes)
    try:
        return why_not(item)
    finally:
        switch([])


def why_not(item):
    """Why a test does not pass now, in a line; empty where it passes."""
    arguments = {name: item.funcargs[name] for name in item._fixtureinfo.argnames}
    try:
        item.obj(**arguments)
    except Exception as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
    return ""


def switch(codes):
    NOW[:] = codes
    part = SWITCH.with_suffix(".part")
    part.write_text(",".join(codes), encoding="ascii")
    os.replace(part, SWITCH)


def note(item, codes, why):
    with ANSWERS.open("a", encoding="utf8") as answers:
        answers.write(json.dumps({"test": item.nodeid, "codes": codes, "why": why}) + "\n")
