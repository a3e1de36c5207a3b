"""The audit document of a closed lot: its chain of events, from which anybody can find the winner again."""

import json
from pathlib import Path

from immis.auctions.models import Lot, LotEvent
from immis.clock import data_dir
from immis.core.errors import NotFound

FORMAT = "immis-auction-audit/1"


def audit_path(code: str) -> Path:
    """Where the audit document of a lot is published."""
    return data_dir() / "public" / "auctions" / f"{code}.json"


def audit_document(lot: Lot) -> bytes:
    """The chain of a closed lot as JSON, in the one spelling that the verifier accepts. Raises NotFound while it runs.

    Bidders stand under the alias that each of them knows as theirs; the closing
    event carries the rules, the result and the winner; ``signed`` is the signature over the head.
    """
    events = list(LotEvent.objects.filter(lot=lot).order_by("seq"))
    if not events or events[-1].kind != "closed":
        raise NotFound(f"audit document of {lot.code}")
    document = {
        "format": FORMAT,
        "lot": lot.code,
        "events": [{**event.body, "prev_hash": event.prev_hash, "hash": event.hash} for event in events],
        "head": events[-1].hash,
        **({"signed": lot.signed_head} if lot.signed_head else {}),
    }
    return (json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
