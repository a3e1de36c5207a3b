"""Changing tasks and cases."""

from immis.enforcement.services.cases import (
    close_case,
    drop_case,
    note_paid,
    note_unpaid,
    open_case,
    open_case_from_task,
    order_penalty,
    record_reply,
    send_notice,
)
from immis.enforcement.services.tasks import (
    NewTask,
    close_case_tasks,
    close_tasks,
    decide_task,
    escalate,
    open_task,
    remind,
    urge,
)

__all__ = [
    "NewTask",
    "close_case",
    "close_case_tasks",
    "close_tasks",
    "decide_task",
    "drop_case",
    "escalate",
    "note_paid",
    "note_unpaid",
    "open_case",
    "open_case_from_task",
    "open_task",
    "order_penalty",
    "record_reply",
    "remind",
    "send_notice",
    "urge",
]
