"""Where the desk and the cases stand among the ways through the house."""

from django.utils.translation import gettext_lazy as _

from immis.web.shell.ways import Way

LISTS = (
    Way(
        "desk",
        _("My desk"),
        "officer.desk",
        10,
        record=("task", "task_decide", "task_open_case", "task_remind", "tasks_together"),
        nouns=("task",),
        count="immis.enforcement.selectors:own_task_count",
    ),
    Way(
        "office_cases",
        _("Cases"),
        "officer.enforcement",
        10,
        record=("office_case", "case_act", "office_case_new"),
        nouns=("case",),
        count="immis.enforcement.selectors:open_case_count",
    ),
    Way("triggers", _("Triggers"), "officer.enforcement", 90),
    Way("own_cases", _("Cases against me"), "party.vehicles", 30, record=("own_case", "case_link")),
)
