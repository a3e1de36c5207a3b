"""Switches rules off in every process whose PYTHONPATH begins here: only ``tools/prove.py`` does that.

The product knows nothing of it. ``IMMIS_PROVE_OFF`` names codes, and ``IMMIS_PROVE_OFF_FILE`` a file of codes that may
change while the processes run: a rule then finds nothing, a trigger does nothing, no proposal waits, and a figure is
another one (numbers are raised by 7, yes and no turned, words denied, no grant named); a statement that no rule makes
is not printed. A register that is off (``registers/office/training``) is declared nowhere.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import wraps


class Off:
    """The codes that are off now."""

    def __init__(self, fixed: str, file: str):
        self._fixed, self._file = frozenset(filter(None, fixed.split(","))), file
        self._read_ns, self._codes = -1, self._fixed

    def __contains__(self, code: str) -> bool:
        if self._file:
            self._look()
        return code in self._codes

    def _look(self) -> None:
        try:
            changed_ns = os.stat(self._file).st_mtime_ns
        except OSError:
            return
        if changed_ns != self._read_ns:
            with open(self._file, encoding="ascii") as codes:
                self._codes = self._fixed | frozenset(filter(None, codes.read().split(",")))
            self._read_ns = changed_ns


def another(value: object) -> object:
    """A value of the same shape that is not the one of the law."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Decimal):
        return value + 7
    if isinstance(value, str):
        return f"no {value}"
    if isinstance(value, dict):
        return {name: another(part) for name, part in value.items()}
    if isinstance(value, list):
        return [another(part) for part in value]
    return value


def nobody(value: object) -> object:
    """A value that names grants or posts, naming none of them."""
    return {name: nobody(part) for name, part in value.items()} if isinstance(value, dict) else type(value)()


def obey(off: Off) -> None:
    """Make the rules, triggers, figures and registers that are off as if the law were not there."""
    from immis.registers import loader
    from immis.rules import catalogue, policy

    enter, book = catalogue._enter, policy.PolicyBook
    look, speak, waiting = book.at, book.say, book.proposals

    def entered(kind: object, code: str, on: str) -> Callable:
        keep, triggers = enter(kind, code, on), kind is catalogue.TRIGGERS

        def kept(function: Callable) -> Callable:
            @wraps(function)
            def ruled(*facts: object, **more: object) -> object:
                if code in off:
                    return [] if triggers else None
                return function(*facts, **more)

            return keep(ruled)

        return kept

    def looked(self, code, on, **scope):
        value = look(self, code, on, **scope)
        if code not in off:
            return value
        names = self.entry(code).names  # of grants or posts: another name would be a fault of the declaration
        return replace(value, value=nobody(value.value) if names else another(value.value))

    def spoken(self, code, facts, lang):
        stated = code not in catalogue.RULES and code not in catalogue.TRIGGERS  # a statement, which no rule makes
        return "—" if stated and code in off else speak(self, code, facts, lang)

    def proposed(self, code):
        return () if code in off else waiting(self, code)

    declared = loader.registers

    def kept_registers():
        return {name: rows for name, rows in declared().items() if f"registers/{rows[-1].subject}/{name}" not in off}

    loader.registers = kept_registers
    catalogue._enter, book.at, book.say, book.proposals = entered, looked, spoken, proposed


if not os.environ.get("IMMIS_PRODUCTION") and os.environ.keys() & {"IMMIS_PROVE_OFF", "IMMIS_PROVE_OFF_FILE"}:
    obey(Off(os.environ.get("IMMIS_PROVE_OFF", ""), os.environ.get("IMMIS_PROVE_OFF_FILE", "")))
