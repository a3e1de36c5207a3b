"""One stored decision asked again: of a rule, or of a trigger on an event."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from immis.core.access.permissions import Actor
from immis.core.facts import plain
from immis.core.grants import require_grant
from immis.core.selectors import Decision
from immis.core.services import log_action
from immis.enforcement.models import Outcome
from immis.rules import again
from immis.rules.policy import book
from immis.rules.registers.modes import OFF

SAME, DIFFERS, NOT_KEPT = "same", "differs", "not_kept"
#: Decisions of before their word was kept: whether the rule found anything, by the outcome.
_FOUND = {"issued": False, "refused": True, "deemed": True, "warning": True, "allowed": True}


@dataclass(frozen=True)
class Again:
    """A decision asked again: what was kept and what the law says of it, each as its bytes, and how they compare.

    ``alone``: only whether the rule found anything was kept, not what. ``why`` says what could not be rebuilt.
    """

    kind: str
    number: int
    code: str
    subject: tuple[str, str]
    at: datetime
    result: str
    kept: str = ""
    now: str = ""
    why: str = ""
    alone: bool = False


def ask_again(row: Decision, *, by: Actor, at: datetime) -> Again:
    """A decision decided again for an appeal; who asked, and what came of it, stays in the action log."""
    require_grant(by, "decision.read")
    answer = decided_again(row)
    subject = (row.subject_kind, row.subject_id)
    facts = {"decision": row.pk, "rule": row.rule_code, "result": answer.result}
    log_action("decision.asked_again", subject=subject, by=by, at=at, facts=facts)
    return answer


def decided_again(row: Decision) -> Again:
    """A decision of a rule, from the facts that the rule was asked with."""
    known = ("rule", row.pk, row.rule_code, (row.subject_kind, row.subject_id), row.at)
    result, why = _asked(again.said, row.rule_code, row.facts if row.basis is None else row.basis, row.at)
    if result is None:
        return Again(*known, NOT_KEPT, why=why)
    now = _bytes(again.finding_rows(result))
    if row.word is not None:
        return _compared(known, _bytes(row.word), now)
    if row.outcome not in _FOUND:
        return Again(*known, NOT_KEPT, now=now, why="word")
    same = bool(result) == _FOUND[row.outcome]
    return Again(*known, SAME if same else DIFFERS, kept=row.outcome, now=now, alone=True)


def followed_again(row: Outcome) -> Again:
    """What a trigger made of an event, from the facts that were gathered then; nothing of today's records is asked."""
    event = row.event
    known = ("trigger", row.pk, row.trigger_code, (event.subject_kind, event.subject_id), event.at)
    if row.mode == OFF:  # it was not asked then
        return Again(*known, NOT_KEPT, why="off")
    followed, why = _asked(again.followed, row.trigger_code, row.facts, event.at)
    if followed is None:
        return Again(*known, NOT_KEPT, why=why)
    now = _bytes(again.consequence_rows(followed))
    if row.word is not None:
        return _compared(known, _bytes(row.word), now)
    kinds = [type(consequence).__name__ for consequence in followed]
    same = kinds == [kept["kind"] for kept in row.consequences]
    kept = ", ".join(kept["kind"] for kept in row.consequences)
    return Again(*known, SAME if same else DIFFERS, kept=kept, now=now, alone=True)


def _asked(
    ask: Callable[..., Any], code: str, facts: Mapping[str, Any], at: datetime
) -> tuple[Sequence[Any] | None, str]:
    """What the law says; None with what was not kept: the facts, or a rule of this code."""
    try:
        return ask(code, facts, policy=book(), at=at), ""
    except again.NotRebuilt:
        return None, "facts"
    except KeyError:
        return None, "rule"


def _compared(known: tuple[Any, ...], kept: str, now: str) -> Again:
    return Again(*known, SAME if kept == now else DIFFERS, kept=kept, now=now)


def _bytes(rows: Any) -> str:
    return json.dumps(plain(rows), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
