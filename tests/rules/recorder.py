"""A pytest plugin that notes which field of which fact class code of the house filled, and by which test.

What is noted is the facts that code inside ``immis`` made or gave to a rule or a trigger; what a test makes by hand
and gives to a rule itself does not count. After each test the triggers of the events that it left are run, as the
worker would. The notes are written to the file named in ``IMMIS_NOTED_FACTS``.
"""

import dataclasses
import json
import os
import sys
from collections import defaultdict
from pathlib import Path

import pytest

import immis
from immis.rules import catalogue
from immis.rules.notices import check

NOTES = os.environ.get("IMMIS_NOTED_FACTS", "")
HOUSE = str(Path(immis.__file__).parent)
RULES = str(Path(HOUSE) / "rules")
#: By class and field: the tests in which it held something; ``*`` names the tests in which the class was made at all.
NOTED = defaultdict(lambda: defaultdict(set))
_EMPTY = (None, "", 0, False, (), [], {}, frozenset())
_running = ""


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


def note(value, by):
    """Note the filled fields of a fact, and of the facts inside it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        noted = NOTED[name_of(type(value))]
        noted["*"].add(by)
        for field in dataclasses.fields(value):
            if field.init:
                held = getattr(value, field.name)
                if is_filled(field, held):
                    noted[field.name].add(by)
                note(held, by)
    elif isinstance(value, dict):
        note(list(value.values()), by)
    elif isinstance(value, tuple | list | set | frozenset):
        for part in value:
            note(part, by)


def _by_the_house():
    """Whether the first caller outside the rules (and this file) is code of the house."""
    frame = sys._getframe(2)
    while frame and frame.f_code.co_filename.startswith((RULES, __file__)):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(HOUSE)


def _noting(call):
    def noted(one, facts, *, policy, at):
        if _by_the_house():
            note(facts, _running)
        return call(one, facts, policy=policy, at=at)

    return noted


def _noting_subjects(subjects):
    def noted(facts):
        by_house = _by_the_house()
        for occasion, subject in subjects(facts):
            if by_house:
                note(subject, _running)
            yield occasion, subject

    return noted


if NOTES:  # as a plugin: before any module of the house takes these functions by name
    catalogue.apply, catalogue.react = _noting(catalogue.apply), _noting(catalogue.react)
    check._subjects = _noting_subjects(check._subjects)


def _noting_what_is_made(init):
    def noted(self, *args, **kwargs):
        init(self, *args, **kwargs)
        if _by_the_house():
            note(self, _running)

    return noted


def pytest_configure(config):
    from tests.rules.test_gatherers import fact_classes

    for cls in fact_classes():
        cls.__init__ = _noting_what_is_made(cls.__init__)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    answer = yield
    if item.get_closest_marker("django_db") or "db" in item.fixturenames:
        _run_waiting_triggers()
    return answer


def _run_waiting_triggers():
    from immis.core.models import OutboxEvent
    from immis.enforcement.jobs import run_triggers

    if newest := OutboxEvent.objects.order_by("-at").first():
        run_triggers(at=newest.at)


def pytest_runtest_setup(item):
    global _running
    _running = item.nodeid


def pytest_unconfigure(config):
    told = {name: {field: sorted(by) for field, by in noted.items()} for name, noted in NOTED.items()}
    Path(NOTES).write_text(json.dumps(told), encoding="utf8")
