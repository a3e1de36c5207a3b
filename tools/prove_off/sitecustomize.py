"""Switches rules off in every process whose PYTHONPATH begins here: only ``tools/prove.py`` does that.

The product knows nothing of it. ``IMMIS_PROVE_OFF`` names codes: a rule then finds nothing, a trigger does
nothing, no proposal waits, and a figure is another one (numbers are raised by 7, yes and no turned, words denied).
"""

import os
from dataclasses import replace
from decimal import Decimal


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


def switch_off(codes: frozenset[str]) -> None:
    """Make the rules, triggers and figures of these codes as if the law were not there."""
    from immis.rules import catalogue, policy

    enter, look, waiting = catalogue._enter, policy.PolicyBook._at, policy.PolicyBook.proposals

    def entered(kind, code, on):
        keep = enter(kind, code, on)
        if code not in codes:
            return keep
        nothing = (lambda *_facts, **_more: []) if kind is catalogue.TRIGGERS else (lambda *_facts, **_more: None)

        def kept(function):
            nothing.__doc__, nothing.__qualname__ = function.__doc__, function.__qualname__
            keep(nothing)
            return nothing

        return kept

    def looked(self, code, day, scope):
        found = look(self, code, day, scope)
        return replace(found, value=another(found.value)) if code in codes else found

    def proposed(self, code):
        return () if code in codes else waiting(self, code)

    catalogue._enter, policy.PolicyBook._at, policy.PolicyBook.proposals = entered, looked, proposed


if os.environ.get("IMMIS_PROVE_OFF") and not os.environ.get("IMMIS_PRODUCTION"):
    switch_off(frozenset(os.environ["IMMIS_PROVE_OFF"].split(",")))
