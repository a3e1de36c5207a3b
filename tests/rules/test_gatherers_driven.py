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
from pathlib import Path

import pytest

from immis.rules import catalogue
from tests.rules.recorder import is_filled, name_of
from tests.rules.test_gatherers import calls, fact_classes, words_in

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "immis"
#: The flows: tests of the services, chosen so that together they fill as much as can be at small cost.
FLOWS = (ROOT / "tests" / "rules" / "flows.txt").read_text(encoding="utf8").split()
#: Fields that no flow above fills: by class groups of ``fields``, each with the file of the house that ``set_by`` and
#: with the ``reason``, which outside event would fill them. Both are checked below.
NOT_DRIVEN = json.loads((ROOT / "tests" / "rules" / "not_driven.json").read_text(encoding="utf8"))


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
        command, cwd=ROOT, env=known | {"IMMIS_NOTED_FACTS": str(told)}, capture_output=True, text=True, timeout=1800
    )
    assert done.returncode == 0, f"the flows themselves fail:\n{done.stdout[-3000:]}{done.stderr[-1000:]}"
    return json.loads(told.read_text(encoding="utf8"))


@pytest.mark.parametrize("cls", all_classes(), ids=name_of)
def test_every_field_held_something_in_some_flow(cls, noted):
    filled = set(noted.get(name_of(cls), {}))
    never = {field.name for field in dataclasses.fields(cls) if field.init} - filled
    known = {field for group in NOT_DRIVEN.get(name_of(cls), ()) for field in group["fields"]}
    assert not never - known, f"{name_of(cls)}: no gatherer filled {', '.join(sorted(never - known))}"
    assert not known - never, f"{name_of(cls)}: a flow fills {', '.join(sorted(known - never))}; take it off the list"


def unfounded(listed, classes):
    """What stands on the list without a word why, or of which the named file of the house sets nothing."""
    for name, groups in listed.items():
        for group in groups:
            if len(group.get("reason", "").split()) < 6:
                yield f"{name}: no reason for {', '.join(group['fields'])}"
            if not (path := HOUSE / group.get("set_by", "nowhere")).is_file():
                yield f"{name}: no file of the house sets {', '.join(group['fields'])}"
                continue
            of_class = {field.name for field in dataclasses.fields(classes[name])} if name in classes else set()
            if wrong := sorted(set(group["fields"]) - (set_in(path, classes.get(name)) & of_class)):
                yield f"{name}: {group['set_by']} does not set {', '.join(wrong)}"


def set_in(path, cls):
    """The fields of a class that a file sets: where it makes the facts itself, else all names that it writes down."""
    sites = {field: where for field, where in calls().get(cls, {}).items() if where}
    here = {field for field, where in sites.items() if any(HOUSE / site.split(":")[0] == path for site in where)}
    return here or words_in(path)


def test_what_is_listed_has_a_reason_in_words_and_a_file_that_sets_it():
    assert list(unfounded(NOT_DRIVEN, {name_of(cls): cls for cls in all_classes()})) == []


def test_a_list_without_reasons_is_refused():
    listed = {
        "immis.rules.movement.challans.IssueFacts": [
            {"fields": ["ec_months"], "set_by": "challans/facts.py", "reason": "later"},
            {"fields": ["ec_months"], "set_by": "gone.py", "reason": "the clearance names no months at any ghat"},
            {"fields": ["gone"], "set_by": "challans/facts.py", "reason": "the clearance names no months at any ghat"},
        ]
    }
    assert len(list(unfounded(listed, {name_of(cls): cls for cls in all_classes()}))) == 3


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
