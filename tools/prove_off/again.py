"""A plugin of pytest for ``tools/prove.py``: a test that passed runs again with its rules off, on the same processes.

``IMMIS_PROVE_PLAN`` is a JSON file: by test, the lists of codes to switch off, one after another. What came of each is
a line of ``IMMIS_PROVE_ANSWERS``. A test whose second run with the law on does not pass happens once only: it is no
evidence here, and needs processes of its own.
"""

import json
import os
from pathlib import Path

import pytest

PLAN = json.loads(Path(os.environ["IMMIS_PROVE_PLAN"]).read_text())
ANSWERS, SWITCH = Path(os.environ["IMMIS_PROVE_ANSWERS"]), Path(os.environ["IMMIS_PROVE_OFF_FILE"])
ONCE = "happens once only"


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    answer = yield
    if lists := PLAN.get(pyfuncitem.nodeid):
        try_all(pyfuncitem, lists)
    return answer


def try_all(item, lists):
    """Run a test with each list of codes off; the law is on before and behind."""
    for place, codes in enumerate(lists):
        if why_not(item):
            for left in lists[place:]:
                note(item, left, ONCE)
            return
        switch(codes)
        why = why_not(item)
        switch([])
        note(item, codes, why)


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
