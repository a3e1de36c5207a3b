"""A pytest plugin that notes which field of which fact class code of the house filled, and by which test.

It stands beside every run and notes during the ``FLOWS`` alone. What is noted is the facts that code inside ``immis``
made or gave to a rule or a trigger; what a test makes by hand and gives to a rule itself does not count. After each
flow the triggers of the events that it left are run, as the worker would. Its notes are a file of their own in a
folder that all processes of the run share, or in the one that ``IMMIS_NOTED_FACTS`` names.
"""

import dataclasses
import hashlib
import json
import os
import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest

import immis
from immis.rules import catalogue
from immis.rules.notices import check

ROOT = Path(__file__).parents[2]
HOUSE = str(Path(immis.__file__).parent)
RULES = str(Path(HOUSE) / "rules")
#: Of the running flow: by class the fields that held something; ``*`` says that the class was made at all.
NOTED = defaultdict(set)
_EMPTY = (None, "", 0, False, (), [], {}, frozenset())
_running = ""


def _flows_in(file):
    """The names of the tests of a file that are marked ``flow``."""
    text, cls, marked = file.read_text(encoding="utf8"), "", False
    for line in text.splitlines() if MARK in text else ():
        if line.startswith(("class ", "def ", "@")):
            cls = re.match(r"class (\w+)|", line)[1] or ""
        marked = marked or line.strip() == MARK
        if marked and (test := re.match(r"( *)def (\w+)", line)):
            inside = f"{cls}::" if test[1] else ""
            yield f"{file.relative_to(ROOT).as_posix()}::{inside}{test[2]}"
            marked = False


def _flows():
    return (flow for file in (ROOT / "tests").rglob("test_*.py") for flow in _flows_in(file))


MARK = "@pytest.mark.flow"
#: The flows: tests of the services that carry this mark, chosen so that together they fill as much as can be at small
#: cost. They are read from the files, for a run may take some of them only.
FLOWS = frozenset(_flows())


def name_of(cls):
    return f"{cls.__module__}.{cls.__name__}"


def empty_value(field):
    """What a field holds while no gatherer has set it."""
    if field.default is not dataclasses.MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else None


def is_filled(field, value):
    """Whether a field holds more than its default, or, without one, more than nothing."""
    required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    return value not in _EMPTY if required else value != empty_value(field)


def folder_of(config):
    """Where the notes of this run lie; workers of one run share it."""
    if given := os.environ.get("IMMIS_NOTED_FACTS"):
        return Path(given)
    base = config._tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "noted"


def is_noting():
    """Whether the running test is a flow."""
    return bool(_running)


def flow_of(nodeid):
    """The flow that a test is, without its case; else nothing."""
    name = nodeid.partition("[")[0]
    return name if name in FLOWS else ""


def file_of(config, nodeid):
    return folder_of(config) / f"{hashlib.sha256(nodeid.encode()).hexdigest()}.json"


def note(value):
    """Note the filled fields of a fact, and of the facts inside it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        noted = NOTED[name_of(type(value))]
        noted.add("*")
        for field in dataclasses.fields(value):
            if field.init:
                held = getattr(value, field.name)
                if is_filled(field, held):
                    noted.add(field.name)
                note(held)
    elif isinstance(value, dict):
        note(list(value.values()))
    elif isinstance(value, tuple | list | set | frozenset):
        for part in value:
            note(part)


def _by_the_house():
    """Whether the first caller outside the rules (and this file) is code of the house."""
    frame = sys._getframe(2)
    while frame and frame.f_code.co_filename.startswith((RULES, __file__)):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(HOUSE)


def _noting(call):
    def noted(one, facts, *, policy, at):
        if _running and _by_the_house():
            note(facts)
        return call(one, facts, policy=policy, at=at)

    return noted


def _noting_subjects(subjects):
    def noted(facts):
        by_house = _running and _by_the_house()
        for occasion, subject in subjects(facts):
            if by_house:
                note(subject)
            yield occasion, subject

    return noted


# before any module of the house takes these functions by name
catalogue.apply, catalogue.react = _noting(catalogue.apply), _noting(catalogue.react)
check._subjects = _noting_subjects(check._subjects)


def _noting_what_is_made(init):
    def noted(self, *args, **kwargs):
        init(self, *args, **kwargs)
        if _running and _by_the_house():
            note(self)

    return noted


def pytest_collection_finish(session):
    if not any(flow_of(item.nodeid) for item in session.items):
        return
    from tests.rules.test_gatherers import fact_classes

    for cls in fact_classes():
        cls.__init__ = _noting_what_is_made(cls.__init__)


def pytest_runtest_setup(item):
    global _running
    NOTED.clear()
    _running = flow_of(item.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    answer = yield
    if _running and (item.get_closest_marker("django_db") or "db" in item.fixturenames):
        _run_waiting_triggers()
    return answer


def _run_waiting_triggers():
    from immis.core.models import OutboxEvent
    from immis.enforcement.jobs import run_triggers

    if newest := OutboxEvent.objects.order_by("-at").first():
        run_triggers(at=newest.at)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if _running and call.when == "call":
        file = file_of(item.config, item.nodeid)
        file.parent.mkdir(exist_ok=True)
        notes = {name: sorted(fields) for name, fields in NOTED.items()} if report.passed else None
        part = file.with_suffix(".part")
        part.write_text(json.dumps({"flow": _running, "notes": notes}), encoding="utf8")
        part.replace(file)
    return report
