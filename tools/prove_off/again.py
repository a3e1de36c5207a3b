"""A plugin of pytest for ``tools/prove.py``: each test runs with its rules off as well, on the same processes.

``IMMIS_PROVE_PLAN`` is a JSON file: by test, the lists of codes to switch off, one after another. What came of each is
a line of ``IMMIS_PROVE_ANSWERS``. A test that passed runs again; where its second run with the law on does not pass,
it happens once only, and is no evidence. With ``IMMIS_PROVE_FIRST`` the runs with the law off come before the one with
the law on: what they fail at counts only where that one passes behind them, for then they have spoilt nothing.
"""

import json
import os
from pathlib import Path

import pytest

PLAN = json.loads(Path(os.environ["IMMIS_PROVE_PLAN"]).read_text())
ANSWERS, SWITCH = Path(os.environ["IMMIS_PROVE_ANSWERS"]), Path(os.environ["IMMIS_PROVE_OFF_FILE"])
FIRST = bool(os.environ.get("IMMIS_PROVE_FIRST"))
ONCE = "happens once only"


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    lists = PLAN.get(pyfuncitem.nodeid, [])
    whys = [why_without(pyfuncitem, codes) for codes in lists] if FIRST else []
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
    part = SWITCH.with_suffix(".part")
    part.write_text(",".join(codes), encoding="ascii")
    os.replace(part, SWITCH)


def note(item, codes, why):
    with ANSWERS.open("a", encoding="utf8") as answers:
        answers.write(json.dumps({"test": item.nodeid, "codes": codes, "why": why}) + "\n")
