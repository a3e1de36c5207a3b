"""Reading the action log, the outbox and decisions."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.events import Payload
from immis.core.grants import require_grant
from immis.core.models import ActionLog, ChainHead, Cursor, DeadLetter, Decision, OutboxEvent
from immis.core.services import LOG_CHAIN, link_hash, log_body

M = TypeVar("M", bound=Model)


def action_log(viewer: Actor, **filters: Any) -> QuerySet[ActionLog]:
    """The action log, newest first, for headquarters."""
    require_grant(viewer, "log.read")
    return ActionLog.objects.filter(**filters).order_by("-seq")


def decisions_between(start: datetime | None, end: datetime | None) -> QuerySet[Decision]:
    """Decisions of some days, oldest first; without a bound, all of them. For who asks all of them again."""
    rows = Decision.objects.order_by("pk")
    return rows.filter(**({"at__gte": start} if start else {}), **({"at__lt": end} if end else {}))


def decisions(viewer: Actor, **filters: Any) -> QuerySet[Decision]:
    """Decisions of rules, newest first, for who may decide them again; each record's own reach is asked beside."""
    require_grant(viewer, "decision.read")
    return Decision.objects.filter(**filters).order_by("-pk")


def decision_numbered(pk: int, viewer: Actor) -> Decision:
    """One decision. Raises NotFound; the caller asks whether the viewer sees its record."""
    row = decisions(viewer, pk=pk).first()
    if row is None:
        raise NotFound(f"decision {pk}")
    return row


def log_begins_at() -> datetime | None:
    """The instant of the first line of the action log: since when the service is on record; None where it is empty."""
    return ActionLog.objects.order_by("seq").values_list("at", flat=True).first()


def acts_of_person(user_id: int, **filters: Any) -> QuerySet[ActionLog]:
    """What one person did, newest first. The caller has checked that the viewer may see it."""
    return ActionLog.objects.filter(user_id=user_id, **filters).order_by("-seq")


def looks(**filters: Any) -> QuerySet[ActionLog]:
    """Looks at personal trails, newest first. The caller has checked that the viewer may see them."""
    return ActionLog.objects.filter(code="trail.read", **filters).order_by("-seq")


def history_of(kind: str, subject_id: str) -> QuerySet[ActionLog]:
    """What was done to one record, oldest first. The caller has checked that the viewer may see the record."""
    return ActionLog.objects.filter(subject_kind=kind, subject_id=subject_id).order_by("seq")


def lines_about(user_id: int, username: str) -> QuerySet[ActionLog]:
    """What a person did and what was done to his log-in. The caller has checked that the viewer may see it."""
    return ActionLog.objects.filter(Q(user_id=user_id) | Q(subject_kind="user", subject_id=username))


def broken_link() -> int | None:
    """The number of the first log line whose hash does not follow from the lines before it; None when all hold.

    Lines may be added meanwhile: the head that was there before the reading must be
    among them, and none may lie beyond the head that is there after it.
    """
    begun, (prev, seq) = _head(), ("0" * 64, 0)
    for row in ActionLog.objects.order_by("seq").iterator(chunk_size=2000):
        if row.seq != seq + 1 or row.prev_hash != prev or link_hash(prev, log_body(row)) != row.hash:
            return row.seq
        prev, seq = row.hash, row.seq
        if begun[0] == seq and begun[1] != prev:
            return seq
    if begun[0] > seq:
        return seq + 1
    last = _head()[0]
    return None if last >= seq else last + 1


def _head() -> tuple[int, str]:
    head = ChainHead.objects.filter(name=LOG_CHAIN).first()
    return (head.seq, head.hash) if head else (0, "0" * 64)


def mark_handled(events: Iterable[OutboxEvent], at: datetime) -> None:
    """Take events off the outbox's open end."""
    OutboxEvent.objects.filter(pk__in=[event.pk for event in events]).update(handled_at=at)


def events_of(kind: type[Payload], **filters: Any) -> QuerySet[OutboxEvent]:
    """The events of a declared kind, oldest first."""
    return OutboxEvent.objects.filter(kind=kind.KIND, **filters).order_by("id")


def unhandled_events() -> QuerySet[OutboxEvent]:
    """The open end of the outbox: events that nobody has handled, oldest first."""
    return OutboxEvent.objects.filter(handled_at__isnull=True).order_by("id")


def parties_of_events(pks: Sequence[int]) -> set[int]:
    """The parties that events name."""
    rows = OutboxEvent.objects.filter(pk__in=pks, facts__party_id__isnull=False)
    return {pk for pk in rows.values_list("facts__party_id", flat=True) if isinstance(pk, int)}


def events_after(position: int, *, subjects: Collection[str]) -> QuerySet[OutboxEvent]:
    """The events after a number that are about subjects of some kinds."""
    return OutboxEvent.objects.filter(pk__gt=position, subject_kind__in=subjects)


def newest_event() -> int:
    """The number of the latest event; 0 while there is none."""
    return OutboxEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0


def news_count() -> int:
    """How many events the outbox holds, handled ones included."""
    return OutboxEvent.objects.count()


def cursor_position(name: str) -> int:
    """How far a reader has come; its row is locked until the transaction ends."""
    row = Cursor.objects.select_for_update().filter(name=name).first()
    if row is None:
        Cursor.objects.get_or_create(name=name)
        row = Cursor.objects.select_for_update().get(name=name)
    return row.position


def known_position(name: str) -> int:
    """How far a reader had come when asked; takes no lock, and is 0 for one that never began."""
    return Cursor.objects.filter(name=name).values_list("position", flat=True).first() or 0


def position_from(name: str, begin: int) -> int:
    """How far a reader has come; one that never began begins here."""
    return Cursor.objects.get_or_create(name=name, defaults={"position": begin})[0].position


def move_cursor(name: str, position: int) -> None:
    Cursor.objects.filter(name=name).update(position=position)


#: A look writes down how far it came at most so often, and the next begins so much before: commits may come late.
_LOOK_OVERLAP = timedelta(hours=1)
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


def looked_since(name: str) -> datetime:
    """From when a job must look for what happened since its last look, however long ago that was."""
    return max(datetime.fromtimestamp(known_position(name), UTC) - _LOOK_OVERLAP, _BEGIN)


def note_look(name: str, at: datetime, *, since: datetime) -> None:
    """A job has looked at everything until this instant, ``since`` its last look. Call when its finds are written."""
    if at - since > 2 * _LOOK_OVERLAP:
        Cursor.objects.get_or_create(name=name)
        Cursor.objects.filter(name=name, position__lt=int(at.timestamp())).update(position=int(at.timestamp()))


def rows_if_any(rows: QuerySet[M]) -> list[M]:
    """Rows with all that belongs to them; a job mostly finds none, and asking that alone costs a tenth."""
    return list(rows) if rows.exists() else []


def dead_letters(viewer: Actor) -> QuerySet[DeadLetter]:
    """Rows of news that could not be taken in, the newest first, for headquarters."""
    require_grant(viewer, "event.read")
    return DeadLetter.objects.all()


def log_head() -> int:
    """The number of the last line of the action log."""
    return _head()[0]


def log_after(seq: int, *, most: int) -> list[tuple[int, str, str, dict[str, Any]]]:
    """The next lines of the action log: number, kind and number of the subject, facts; none is ever added before."""
    rows = ActionLog.objects.filter(seq__gt=seq).order_by("seq")
    return list(rows.values_list("seq", "subject_kind", "subject_id", "facts")[:most])


def news_head() -> int:
    """The number of the last event."""
    return OutboxEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0


def news_after(position: int, *, most: int) -> list[tuple[int, str, str, dict[str, Any]]]:
    """The next events by their numbers: number, kind and number of the subject, facts; one may still come before."""
    rows = OutboxEvent.objects.filter(id__gt=position).order_by("id")
    return list(rows.values_list("id", "subject_kind", "subject_id", "facts")[:most])


def position_of(name: str) -> int:
    """How far a reader has come, for who only looks whether there is more."""
    return Cursor.objects.filter(name=name).values_list("position", flat=True).first() or 0
