"""Writing what every part writes: the action log, events, numbers and decisions. Call inside a transaction.

The order of locks, for the whole house: first the rows that the service decides upon (party, then demand, lease,
vehicle, lot …, then what hangs on them), each with ``select_for_update``; then the head of the action log; then
counters. ``next_number`` therefore takes the head before its counter, whether or not a line was logged before it.
Parties are locked with ``no_key=True``: rows that point to them may be added meanwhile. Where two transactions
meet in another order nevertheless, the database breaks one off and ``core.transactions`` runs it again.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from immis.core.access.permissions import Actor
from immis.core.events import Payload, check
from immis.core.facts import plain
from immis.core.models import ActionLog, ChainHead, Counter, Decision, OutboxEvent
from immis.core.written import insert, question, rows_of
from immis.rules.again import finding_rows
from immis.rules.catalogue import Finding

LOG_CHAIN = "action-log"
_MOVE_HEAD = "UPDATE core_chainhead SET seq = %s, hash = %s WHERE name = %s"
_COUNT_ON = "UPDATE core_counter SET value = value + %s WHERE series = %s RETURNING value"
Subject = tuple[str, str]


def canonical(body: Mapping[str, Any]) -> bytes:
    """The bytes that a chain hashes: JSON with sorted keys and no spaces, in UTF-8."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def link_hash(prev_hash: str, body: Mapping[str, Any]) -> str:
    """The hash of one link: SHA-256 over the previous hash and the canonical body."""
    return hashlib.sha256(prev_hash.encode() + canonical(body)).hexdigest()


def log_body(row: ActionLog) -> dict[str, Any]:
    """What of a log row is under its hash."""
    return {
        "seq": row.seq,
        "at": row.at.isoformat(),
        "code": row.code,
        "subject": [row.subject_kind, row.subject_id],
        "user": row.user_id,
        "role": row.role,
        "facts": row.facts,
    }


@question
def _head(name: str) -> QuerySet[ChainHead]:
    return ChainHead.objects.select_for_update().filter(name=name)


def locked_head() -> ChainHead:
    """The last link of the action log, locked until the transaction ends."""
    head = _head.first(name=LOG_CHAIN)
    if head is None:
        ChainHead.objects.get_or_create(name=LOG_CHAIN)
        head = _head.rows(name=LOG_CHAIN)[0]
    return head


def log_action(
    code: str,
    *,
    subject: Subject,
    by: Actor,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
    head: ChainHead | None = None,
) -> ActionLog:
    """Add one line to the action log under the chain's lock; ``head`` is its end where it is locked already."""
    return log_actions(code, [(subject, facts or {})], by=by, at=at, head=head)[0]


@transaction.atomic(savepoint=False)
def log_actions(
    code: str,
    lines: Iterable[tuple[Subject, Mapping[str, Any]]],
    *,
    by: Actor,
    at: datetime,
    head: ChainHead | None = None,
) -> list[ActionLog]:
    """Add a line to the action log for each subject with its facts, one linked to the other."""
    head, rows = head or locked_head(), []
    for subject, facts in lines:
        row = ActionLog(
            seq=head.seq + 1,
            at=at,
            code=code,
            subject_kind=subject[0],
            subject_id=subject[1],
            user_id=by.user_id,
            role=by.role,
            facts=plain(facts),
            prev_hash=head.hash,
        )
        row.hash = link_hash(head.hash, log_body(row))
        head.seq, head.hash = row.seq, row.hash
        rows.append(row)
    if len(rows) == 1:
        insert(rows[0])
    else:
        ActionLog.objects.bulk_create(rows)
    rows_of(_MOVE_HEAD, [head.seq, head.hash, head.name])
    return rows


def emit(payload: Payload, *, subject: Subject, at: datetime, key: str | None = None) -> bool:
    """Write a declared event to the outbox; with a ``key`` a second emission is a no-op. Answers whether it was new.

    Raises NotDeclared for what no ``events.py`` declares, TypeError for a value that is not of its field's type.
    """
    if key is None:
        emit_all([(payload, subject)], at=at)
        return True
    return insert(OutboxEvent(key=key, **_news(payload, subject, at)), unless="key")


def emit_all(news: Iterable[tuple[Payload, Subject]], *, at: datetime) -> None:
    """Write declared events to the outbox, each with its subject; raises what ``emit`` raises."""
    OutboxEvent.objects.bulk_create([OutboxEvent(**_news(payload, subject, at)) for payload, subject in news])


def _news(payload: Payload, subject: Subject, at: datetime) -> dict[str, Any]:
    facts = check(payload, subject)
    return {
        "kind": payload.KIND,
        "subject_kind": subject[0],
        "subject_id": subject[1],
        "facts": facts,
        "at": at,
    }


def next_number(series: str, *, count: int = 1, head: ChainHead | None = None) -> int:
    """The next number of a gapless series, the last of ``count`` of them.

    The series stays locked until the transaction ends, behind the log's ``head``, which may be locked already.
    """
    if head is None and connection.features.has_select_for_update:
        locked_head()
    value = _counted(series, count)
    if value is None:
        Counter.objects.get_or_create(series=series)
        value = _counted(series, count)
    assert value is not None
    return value


def _counted(series: str, count: int) -> int | None:
    """A series moved on, and so locked; None where it has not begun."""
    rows = rows_of(_COUNT_ON, [count, series])
    return rows[0][0] if rows else None


@dataclass(frozen=True)
class Asked:
    """The facts with which the rule of a decision was asked at its instant, and all that it found."""

    facts: Any
    found: Sequence[Finding]

    def basis(self, kept: Mapping[str, Any]) -> dict[str, Any] | None:
        """The facts, where they are not what the decision keeps anyway."""
        if kept is vars(self.facts):
            return None
        basis = dict(plain(self.facts))
        return None if basis == plain(kept) else basis


def record_decision(
    rule_code: str,
    *,
    subject: Subject,
    facts: Mapping[str, Any],
    outcome: str,
    policy_on: date,
    at: datetime,
    asked: "Asked | None" = None,
) -> Decision:
    """Keep what a rule decided, with policy date and facts, for replay.

    ``asked`` is what its rule was asked and found; without it nobody can ask again.
    """
    decision = Decision(
        basis=asked.basis(facts) if asked else None,
        word=finding_rows(asked.found) if asked else None,
        rule_code=rule_code,
        policy_on=policy_on,
        subject_kind=subject[0],
        subject_id=subject[1],
        facts=facts,
        outcome=outcome,
        at=at,
    )
    insert(decision)
    return decision
