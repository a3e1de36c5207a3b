"""Changing tasks and cases."""

from immis.enforcement.services.cases import open_case, open_case_from_task, send_notice
from immis.enforcement.services.orders import close_case, drop_case, note_paid, note_unpaid, order_penalty
from immis.enforcement.services.replies import Proof, answer_by_link, answer_case, record_reply, record_service
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
    "Proof",
    "answer_by_link",
    "answer_case",
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
    "record_service",
    "remind",
    "send_notice",
    "urge",
]
