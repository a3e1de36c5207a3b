"""Changing tasks and cases."""

from immis.enforcement.services.appeals import Stay, decide_appeal, file_appeal, stay_order
from immis.enforcement.services.cases import open_case, open_case_from_task, send_notice
from immis.enforcement.services.found import Found, Measurement, measure_case, open_found_case
from immis.enforcement.services.hearings import Held, fix_hearing, hold_hearing, put_off_hearing
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
    "Found",
    "Held",
    "Measurement",
    "NewTask",
    "Proof",
    "Stay",
    "answer_by_link",
    "answer_case",
    "close_case",
    "close_case_tasks",
    "close_tasks",
    "decide_appeal",
    "decide_task",
    "drop_case",
    "escalate",
    "file_appeal",
    "fix_hearing",
    "hold_hearing",
    "measure_case",
    "note_paid",
    "note_unpaid",
    "open_case",
    "open_case_from_task",
    "open_found_case",
    "open_task",
    "order_penalty",
    "put_off_hearing",
    "record_reply",
    "record_service",
    "remind",
    "send_notice",
    "stay_order",
    "urge",
]
