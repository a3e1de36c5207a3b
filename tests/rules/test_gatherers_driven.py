"""Every field of every fact is filled from real records: what no gatherer fills makes its rule a dead letter.

Golden cases build facts by hand, and reading the source (``test_gatherers``) cannot tell a field that is set from one
that is always set to nothing. Here flows of the house are run once, in a process of their own with ``recorder``
beside them, and each class of facts that a rule or a trigger reads is asked which of its fields ever held something.
"""

import dataclasses
import importlib
import json
import os
import subprocess
import sys
import typing
import warnings
from pathlib import Path

import pytest

from immis.rules import catalogue
from tests.rules.recorder import is_filled, name_of
from tests.rules.test_gatherers import fact_classes

ROOT = Path(__file__).parents[2]
#: The flows: tests of the services, chosen so that together they fill as much as can be at small cost.
FLOWS = (ROOT / "tests" / "rules" / "flows.txt").read_text(encoding="utf8").split()
#: Fields that no flow above fills yet; the reading of the source in ``test_gatherers`` guards them meanwhile.
NOT_YET = json.loads((ROOT / "tests" / "rules" / "not_yet_driven.json").read_text(encoding="utf8"))


def trigger_classes():
    """The fact class of each trigger that names one, with the codes that read it."""
    catalogue.load_all()
    found = {}
    for code, one in sorted(catalogue.TRIGGERS.items()):
        cls = typing.get_type_hints(one.function)[one.function.__code__.co_varnames[0]]
        if dataclasses.is_dataclass(cls):
            found.setdefault(cls, []).append(code)
    return found


def all_classes():
    importlib.import_module("immis.rules.notices")
    return sorted({**fact_classes(), **trigger_classes()}, key=name_of)


@pytest.fixture(scope="module")
def noted(tmp_path_factory):
    """What the flows filled: by class and field, which of them did."""
    told = tmp_path_factory.mktemp("facts") / "noted.json"
    known = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST") and name != "DATABASE_URL"
    }
    command = [sys.executable, "-m", "pytest", "-n", "0", "-p", "tests.rules.recorder", *FLOWS]
    done = subprocess.run(
        command, cwd=ROOT, env=known | {"IMMIS_NOTED_FACTS": str(told)}, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, f"the flows themselves fail:\n{done.stdout[-3000:]}{done.stderr[-1000:]}"
    return json.loads(told.read_text(encoding="utf8"))


@pytest.mark.parametrize("cls", all_classes(), ids=name_of)
def test_every_field_held_something_in_some_flow(cls, noted):
    filled = set(noted.get(name_of(cls), {}))
    never = {field.name for field in dataclasses.fields(cls) if field.init} - filled
    known = set(NOT_YET.get(name_of(cls), ()))
    assert not never - known, f"{name_of(cls)}: no gatherer filled {', '.join(sorted(never - known))}"
    if stale := sorted(known - never):
        warnings.warn(f"{name_of(cls)}: {', '.join(stale)} is filled now; take it off the list", stacklevel=1)


def test_what_is_not_driven_yet_still_exists():
    classes = {name_of(cls): {field.name for field in dataclasses.fields(cls)} for cls in all_classes()}
    assert {name for name in NOT_YET if name not in classes} == set()
    assert {f"{name}.{field}" for name, fields in NOT_YET.items() for field in set(fields) - classes[name]} == set()


def test_a_default_is_not_taken_for_something():
    @dataclasses.dataclass
    class Facts:
        needed: str
        active: bool = True
        tags: tuple = ()

    needed, active, tags = dataclasses.fields(Facts)
    assert [is_filled(needed, value) for value in ("", None, "x")] == [False, False, True]
    assert [is_filled(active, value) for value in (True, False)] == [False, True]
    assert [is_filled(tags, value) for value in ((), ("x",))] == [False, True]
