"""Cases and tasks as nouns: their records, their names, and the pages that show them and draw their acts."""

from collections.abc import Mapping
from typing import Any

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.nouns import Noun, Page, declare_noun, page_of
from immis.enforcement import selectors
from immis.enforcement.models import Case, Task
from immis.reading import whole_number
from immis.search.declared import Handles, Searched, declare_search


def is_for(by: Actor, task: Task) -> bool:
    """Whether a task is this post's own, or was escalated to it from a post that it stands over."""
    return task.role == by.role or bool(task.escalated_at) and task.role in by.post.over


def _case(number: str, by: Actor) -> Case:
    return selectors.case_of(by, number)


def _task(number: str, by: Actor) -> Task:
    task_id = whole_number(number)
    if task_id is None:
        raise NotFound(f"task {number}")
    return selectors.task_of(by, task_id)


declare_noun(
    Noun(
        name="case",
        find=_case,
        number=lambda case: case.number,
        title=lambda number: {"en": number, "hi": number},
        pages={"case": ("office_case",), "own": ("own_case",), "new": ("office_case_new",)},
        address="cases",
        page=lambda number, facts: Page("office_case", (number,)),
    )
)


def _page_of_deadline(number: str, facts: Mapping[str, Any]) -> Page:
    """The page of the record whose day is over; the desk where it has none."""
    noun, of = str(facts.get("noun", "")), str(facts.get("number", ""))
    if noun == "demand":  # its own page, and not that of its settlement
        return Page("office_demand", (of,))
    return page_of(noun, of, facts) or Page("desk")


declare_noun(Noun("complaint", page=lambda number, facts: Page("complaint", (number,)), is_public=True))
declare_noun(Noun(name="deadline", page=_page_of_deadline))
declare_noun(
    Noun(
        name="task",
        find=_task,
        number=lambda task: str(task.pk),
        pages={"task": ("task",)},
        address="tasks",
        page=lambda number, facts: Page("task", (number,)),
        is_for=is_for,
    )
)


def _handles(case: Case) -> Handles:
    party = (case.party.name_en, case.party.name_hi) if case.party else ()
    plate = case.vehicle.registration if case.vehicle else ""
    return Handles(
        party,
        (case.number,),
        (plate, case.challan_number, case.lease_code),
        districts=[case.district],
        party_id=case.party_id,
    )


declare_search(
    Searched(
        "case",
        "ca",
        records=lambda: Case.objects.select_related("vehicle", "party"),
        by="number",
        handles=_handles,
        grant="case.read",
        follows={"party": lambda code: Case.objects.filter(party__code=code).values_list("number", flat=True)},
    )
)
