"""The facts that a named rule of a declared register gets, and the refusals that every register has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class EntryFacts:
    """An entry as it would stand after an act: values by field, as they are kept."""

    register: str
    act: str
    values: Mapping[str, Any] = field(default_factory=dict)
