"""What a post may do with minutes and directions: take in, confirm, report, raise, settle, close, send back."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from immis.adapters.minutes import MinutesUnreadable
from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.errors import Unreadable
from immis.core.nouns import Page
from immis.directions import drafts, facts, nouns
from immis.directions.models import Direction, Meeting
from immis.directions.services import following, minutes
from immis.directions.services.confirming import Answer, Confirmed, confirm
from immis.rules.posts import chart
from immis.rules.writing.texts import texts

__all__ = ["nouns"]

_MOST_ANSWERS = 200_000


def _words_field(label: Any, *, required: bool = True) -> Field:
    return Field("text", "long_text", label, required=required, max_length=4000)


# -- minutes


def read_paper(file: Any) -> minutes.Paper:
    """Minutes that were handed in, read apart. Raises Unreadable for what is none."""
    try:
        return minutes.read_paper(file.read(), file.name)
    except MinutesUnreadable as fault:
        problem = fault
        raise Unreadable(lambda: problem.message((get_language() or "hi")[:2])) from fault


def _take_in(*, paper: minutes.Paper, by: Actor, at: datetime) -> Meeting:
    return minutes.keep_draft(paper=paper, by=by, at=at)


def read_answers(text: str) -> dict[int, Answer]:
    """Answers by place, as the page or a program sends them (JSON). Raises Unreadable."""
    try:
        rows = json.loads(text) if text.strip() else {}
        return {int(place): _answer(row) for place, row in rows.items()}
    except (ValueError, TypeError, AttributeError, KeyError) as fault:
        raise Unreadable(lambda: gettext("The answers to the points cannot be read.")) from fault


def _answer(row: Mapping[str, Any]) -> Answer:
    owners = tuple(str(key) for key in row.get("owners", ()))
    known = {*drafts.choices_by_key()}
    if set(owners) - known:
        raise ValueError(f"nobody is called {sorted(set(owners) - known)[0]}")
    on = row.get("due_on")
    return Answer(
        bool(row.get("keep", True)), owners, date.fromisoformat(on) if on else None, str(row.get("repeats", ""))
    )


def _confirm(*, meeting: Meeting, answers: Any, by: Actor, at: datetime, **given: Any) -> Meeting:
    return confirm(meeting=meeting, given=Confirmed(answers=answers or {}, **given), by=by, at=at)


def _chairs(record: Any, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    rows = [(post.code, dict(post.title)) for post in chart().posts.values() if post.is_office]
    return [("", _("Choose")), *rows]


def _to_meeting(row: Meeting) -> Page:
    return Page("office_meeting", (row.number,))


_PAPER = Field(
    "paper", "file", _("Minutes, or a letter with a direction, as text (.txt)"), read=read_paper,
    attrs={"accept": ".txt,text/plain"},
)  # fmt: skip
_MEMO = Field(
    "memo_no", "text", _("Memo number"), required=False, max_length=120, initial=lambda row, by, at: row.memo_no
)
_ISSUED = Field(
    "issued_on", "day", _("Issued on"), required=False, initial=lambda row, by, at: row.issued_on,
    help=_("The day on which the minutes were issued; terms may count from it."),
)  # fmt: skip

declare(
    Act(
        "meeting.take_in",
        _("Take in minutes"),
        "DIR-03",
        _take_in,
        (_PAPER,),
        shared_grant="meeting.keep",
        done=_("Read. Nothing counts before the points below are confirmed."),
        leads_to=_to_meeting,
        opens=True,
    ),
    place="import",
)
declare(
    Act(
        "meeting.confirm",
        _("Confirm the minutes"),
        "DIR-03",
        _confirm,
        (
            Field(
                "series", "text", _("Series of meetings"), max_length=200, initial=lambda row, by, at: row.subject[:200]
            ),
            Field(
                "chair_post",
                "choice",
                _("Who chaired, and closes the directions"),
                choices=_chairs,
                initial=drafts.chair_of,
            ),
            _MEMO,
            _ISSUED,
            Field(
                "attendance",
                "long_text",
                _("Attendance"),
                required=False,
                max_length=4000,
                initial=lambda row, by, at: row.attendance,
            ),
            Field(
                "answers",
                "text",
                _("Answers"),
                required=False,
                max_length=_MOST_ANSWERS,
                read=read_answers,
                look="hidden",
            ),
        ),
        fits=(Gate("meeting.confirm", facts.draft_facts),),
        shared_grant="meeting.keep",
        done=_("The directions stand, and are on the desks of their owners."),
        leads_to=_to_meeting,
    ),
    place="review",
)
declare(
    Act(
        "meeting.discard",
        _("Put the draft aside"),
        "DIR-03",
        minutes.discard,
        fits=(Gate("meeting.confirm", facts.draft_facts),),
        ends=_("I know that nothing of this draft will count."),
        shared_grant="meeting.keep",
        leads_to=lambda row: Page("office_meetings"),
    ),
    Act(
        "meeting.issue",
        _("Enter number and day of issue"),
        "DIR-01",
        following.issue,
        (
            Field("memo_no", "text", _("Memo number"), max_length=120),
            Field("issued_on", "day", _("Issued on")),
        ),
        fits=(Gate("meeting.issue", facts.stands_facts),),
        shared_grant="meeting.keep",
    ),
    Act(
        "meeting.acknowledge",
        _("I have read the minutes"),
        "DIR-10",
        following.acknowledge,
        fits=(Gate("meeting.read", facts.copy_facts),),
        shared_grant="direction.read",
    ),
    place="meeting",
)

# -- directions


def _report(*, direction: Direction, how: str, by: Actor, at: datetime, **given: Any) -> Direction:
    return following.report(direction=direction, done=how == "done", by=by, at=at, **given)


_HOW = [("progress", _("under way")), ("done", _("carried out"))]


def _difficulties(record: Any, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    return [("", _("Choose")), *((key, dict(words)) for key, words in texts("directions/difficulties").items())]


declare(
    Act(
        "direction.report",
        _("Report on it"),
        "DIR-04",
        _report,
        (
            Field("how", "choice", _("How far it is"), choices=_HOW),
            _words_field(_("What was carried out")),
            Field("document", "document", _("Evidence (PDF, JPG or PNG)"), required=False),
        ),
        fits=(Gate("direction.answer", facts.answer_facts),),
        done=_("The report is on record."),
    ),
    Act(
        "direction.raise",
        _("Raise a difficulty"),
        "DIR-08",
        following.raise_difficulty,
        (
            Field("kind", "choice", _("Kind of difficulty"), choices=_difficulties),
            _words_field(_("What stands in the way")),
        ),
        fits=(Gate("direction.answer", facts.answer_facts), Gate("direction.raise", facts.raise_facts)),
        shared_grant="direction.report",
        done=_("Headquarters has the difficulty on its desk."),
    ),
    Act(
        "direction.settle",
        "",
        "DIR-09",
        following.settle_difficulty,
        (_words_field(_("How it is settled")),),
        fits=(Gate("direction.settle", facts.settle_facts),),
    ),
    Act(
        "direction.close",
        _("Close the direction"),
        "DIR-05",
        following.close,
        (_words_field(_("Why it is done")),),
        fits=(Gate("direction.close", facts.close_facts),),
        shared_grant="direction.read",
        done=_("The direction is closed."),
    ),
    Act(
        "direction.return",
        _("Send it back to its owners"),
        "DIR-05",
        following.send_back,
        (_words_field(_("What is missing")),),
        fits=(Gate("direction.close", facts.close_facts),),
        shared_grant="direction.read",
        done=_("It is on the desk of its owners again."),
    ),
    Act(
        "direction.remark",
        _("Write a remark"),
        "DIR-03",
        following.remark,
        (_words_field(_("Remark")),),
        shared_grant="meeting.keep",
    ),
    place="direction",
)
