"""Every field of every fact is filled from real records: what no gatherer fills makes its rule a dead letter.

Golden cases build facts by hand, and reading the source (``test_gatherers``) cannot tell a field that is set from one
that is always set to nothing. Here ``recorder`` stands beside flows of the house, and each class of facts that a rule
or a trigger reads is asked which of its fields ever held something. In a run with several workers this file comes
last, when the flows are over; what such a run leaves out is run in a process of its own.
"""

import dataclasses
import importlib
import json
import os
import subprocess
import sys
import time
import typing
from collections import defaultdict
from pathlib import Path

import pytest

from immis.rules import catalogue
from tests.rules.recorder import FLOWS, file_of, flow_of, folder_of, is_filled, name_of
from tests.rules.test_gatherers import calls, fact_classes, words_in

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "immis"
LONGEST_WAIT_S = 300
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
def noted(request):
    """What the flows filled, by class; flows that are not of this run are run in a process of their own."""
    folder = folder_of(request.config)
    if "PYTEST_XDIST_WORKER" in os.environ and not os.environ.get("DATABASE_URL"):
        coming = [file_of(request.config, item.nodeid) for item in request.session.items if flow_of(item.nodeid)]
        give_up = time.monotonic() + LONGEST_WAIT_S
        while time.monotonic() < give_up and not all(file.exists() for file in coming):
            time.sleep(0.2)
    if missing := FLOWS - set(_notes_in(folder)):
        _run_apart(sorted(missing), folder)
    noted = _notes_in(folder)
    assert not FLOWS - set(noted), "a flow is marked that is no test"
    filled = defaultdict(set)
    for flow, notes in noted.items():
        for each in notes:
            assert each is not None, f"a flow itself fails: {flow}"
            for name, fields in each.items():
                filled[name].update(fields)
    return filled


def _notes_in(folder):
    """The notes of each flow, of one with several cases several."""
    noted = defaultdict(list)
    for file in folder.glob("*.json"):
        told = json.loads(file.read_text(encoding="utf8"))
        noted[told["flow"]].append(told["notes"])
    return noted


def _run_apart(flows, folder):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    kept = {name: value for name, value in kept.items() if name not in ("DATABASE_URL", "IMMIS_TEST_RECORDS_ALONE")}
    command = [sys.executable, "-m", "pytest", "-n", "0", *flows]
    folder.mkdir(exist_ok=True)
    env = kept | {"IMMIS_NOTED_FACTS": str(folder)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, f"the flows themselves fail:\n{done.stdout[-3000:]}{done.stderr[-1000:]}"


@pytest.mark.parametrize("cls", all_classes(), ids=name_of)
def test_every_field_held_something_in_some_flow(cls, noted):
    filled = noted.get(name_of(cls), set())
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
        "immis.rules.movement.issue_facts.IssueFacts": [
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
