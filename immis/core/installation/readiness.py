"""What an installation needs beside its program, what of it is not set, and what that means for the department.

Each part declares its own checks in its ``readiness.py``; the page of the administrator and ``immis check`` ask them
all. A check looks at settings and files only and takes no time; what it can try (a connection) stands in ``attempt``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from immis.core.access.outside import asking_outside

State = Literal["set", "weak", "missing"]


@dataclass(frozen=True)
class Finding:
    """How one thing stands: ``set``, ``weak`` (it works, and should not stay so) or ``missing``; ``now`` is what is."""

    state: State
    now: Any = ""


@dataclass(frozen=True)
class Check:
    """One thing that whoever runs the installation sets: its words, how it stands, how it is set, what lacks without.

    ``needed``: without it the department cannot lawfully work; ``mend`` is the setting or command that sets it.
    ``watched``: it changes by time alone, so that ``/readyz`` says it too.
    ``attempt`` really reaches for it and answers nothing, or raises OSError with what is wrong.
    """

    name: str
    title: Any
    means: Any
    mend: str
    look: Callable[[datetime], Finding]
    needed: bool = False
    attempt: Callable[[], None] | None = None
    watched: bool = False


@dataclass(frozen=True)
class Answer:
    """A check and how it stands now; ``tried`` says in words how an attempt went, where there was one."""

    check: Check
    finding: Finding
    tried: str = ""
    failed: bool = False

    @property
    def good(self) -> bool:
        return self.finding.state == "set" and not self.failed

    @property
    def blocks(self) -> bool:
        """Whether the department should not begin like this."""
        return self.check.needed and (self.finding.state == "missing" or self.failed)


CHECKS: dict[str, Check] = {}


def declare(*checks: Check) -> None:
    """Add checks; they are asked in the order of their declaration, those of the core first."""
    for check in checks:
        CHECKS[check.name] = check


def ask_all(*, at: datetime, attempt: bool = False) -> list[Answer]:
    """How everything stands; with ``attempt`` what can be reached for is reached for, a few seconds each."""
    answers = [Answer(check, check.look(at)) for check in CHECKS.values()]
    return [_tried(answer) for answer in answers] if attempt else answers


def warnings(*, at: datetime) -> list[str]:
    """The names of what is not as it should be among the things that change by time alone."""
    return [check.name for check in CHECKS.values() if check.watched and check.look(at).state != "set"]


def _tried(answer: Answer) -> Answer:
    if answer.check.attempt is None or answer.finding.state == "missing":
        return answer
    try:
        with asking_outside():
            answer.check.attempt()
    except OSError as error:
        return replace(answer, tried=f"{type(error).__name__}: {error}"[:200], failed=True)
    return replace(answer, tried="OK")
