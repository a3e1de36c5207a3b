"""What tests cost in seconds of processor, with the processes that they end: ``pytest -p tests.processor -n 0 …``.

Elapsed time says little on a machine that others use; this is what a change to the suite is measured by.
"""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

_MOST_SHOWN = 30
_TESTS: Counter[str] = Counter()


def _spent_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    before = _spent_s()
    answer: Any = yield
    _TESTS[item.nodeid] += _spent_s() - before
    return answer


def pytest_terminal_summary(terminalreporter: Any) -> None:
    files: Counter[str] = Counter()
    for test, spent_s in _TESTS.items():
        files[test.split("::", 1)[0]] += spent_s
    terminalreporter.section(f"{_spent_s():.0f} s of processor")
    for name, spent_s in [*files.most_common(_MOST_SHOWN), *_TESTS.most_common(_MOST_SHOWN)]:
        terminalreporter.write_line(f"{spent_s:8.2f} {name}")
