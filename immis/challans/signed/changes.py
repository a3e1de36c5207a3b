"""What changed of the cancelled list since it was published before: so that a phone fetches that alone.

One signed object with the steps of the last day, oldest first; each says which list it starts from (its instant), which
passes came in and which left. A reader whose list is one of those takes the steps from there on; any other fetches the
whole list. It is signed as the list is, and is never larger than the list itself: then its oldest steps are left out.
No Django, no files, no clock here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import dropwhile
from typing import Any

from immis.challans.signed.lists import (
    REVOKED_KEYS,
    SIGNED_BY,
    VERSION,
    CancelledList,
    KeyList,
    ListUnusable,
    check_signature,
    instant_text,
    list_object,
    listed_key,
    read_instant,
    revoked_keys,
)

KIND = "immis.pass-cancelled-changes"
#: Steps are kept so long, and at least so many ids may stand in them however short the list is.
KEPT, LEAST_IDS = timedelta(hours=24), 50


@dataclass(frozen=True)
class Step:
    """From the list of one instant to the next: which passes came in and which left."""

    since: str
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many ids it names."""
        return len(self.added) + len(self.removed)

    def row(self) -> dict[str, Any]:
        return {"since": self.since, "added": list(self.added), "removed": list(self.removed)}


def step_between(before: Mapping[str, Any], now: Mapping[str, Any]) -> Step:
    """What leads from one published list to the next."""
    old, new = set(before["pass_ids"]), set(now["pass_ids"])
    return Step(before["issued_at"], tuple(sorted(new - old)), tuple(sorted(old - new)))


def steps_of(data: Mapping[str, Any]) -> list[Step]:
    """The steps of published changes. Raises ListUnusable for odd ones."""
    try:
        return [Step(row["since"], tuple(row["added"]), tuple(row["removed"])) for row in data["steps"]]
    except (LookupError, TypeError) as error:
        raise ListUnusable(f"the changes of the cancelled list are incomplete or odd: {error}") from error


def changes_body(steps: Iterable[Step], now: Mapping[str, Any]) -> dict[str, Any]:
    """The unsigned changes that lead to a published list: the steps of the last day, no larger than the list."""
    issued_at = read_instant(now["issued_at"])
    fresh = list(dropwhile(lambda step: read_instant(step.since) < issued_at - KEPT, steps))
    most, named = max(LEAST_IDS, len(now["pass_ids"])), 0
    taken: list[Step] = []
    for step in reversed(fresh):
        named += step.size
        if named > most:
            break
        taken.insert(0, step)
    whole = {name: now[name] for name in (SIGNED_BY, REVOKED_KEYS) if name in now}  # few: named anew in each
    return {
        "kind": KIND,
        "version": VERSION,
        "issued_at": instant_text(issued_at),
        "count": len(now["pass_ids"]),
        "steps": [step.row() for step in taken],
        **whole,
    }


def brought_up(
    known: CancelledList, data: bytes | str | Mapping[str, Any], *, root: bytes, keys: KeyList | None = None
) -> CancelledList | None:
    """A list with its changes since; None where they do not start from it, and the whole list is to be fetched.

    Raises ListUnusable when they are no signed changes, were changed themselves, or do not add up.
    """
    data = list_object(data, KIND)
    check_signature(data, root if SIGNED_BY not in data else listed_key(data, keys))
    issued_at, steps = read_instant(data["issued_at"]), steps_of(data)
    if issued_at <= known.issued_at:
        return known
    start = instant_text(known.issued_at)
    left = list(dropwhile(lambda step: step.since != start, steps))
    if not left:
        return None
    ids = {pass_id.hex() for pass_id in known.pass_ids}
    for step in left:
        ids = (ids - set(step.removed)) | set(step.added)
    if len(ids) != data["count"]:
        raise ListUnusable(f"the changes lead to {len(ids)} cancelled passes; {data['count']} are listed")
    return CancelledList(issued_at, frozenset(bytes.fromhex(text) for text in ids), revoked_keys(data))
