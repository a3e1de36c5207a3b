"""Acts on a whole notice: mock auction, list of technical results, who obtains the clearances, contacts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from immis import clock
from immis.adapters.notices import NoticeUnreadable
from immis.auctions import gates, nouns, selectors, services
from immis.auctions.models import Notice
from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.errors import Unreadable
from immis.core.nouns import Page
from immis.reading import whole_number
from immis.rules.notices.facts import NoticeFacts
from immis.rules.policy import book

__all__ = ["nouns"]

_HOUR = timedelta(hours=1)


def _starts(notice: Notice, by: Actor, at: datetime) -> datetime:
    """The pre-bid training of the notice where it lies ahead, else the next full hour."""
    planned = selectors.programme_rows_by_step(notice).get("prebid_at")
    return planned if isinstance(planned, datetime) and planned > at else _next_hour(at)


def _next_hour(at: datetime) -> datetime:
    return (at + _HOUR).replace(minute=0, second=0, microsecond=0)


def _usual_minutes(notice: Notice, by: Actor, at: datetime) -> int:
    return int(book().value("AUC-95", max(at, _next_hour(at)))["usual_minutes"])


def _hold_mock(*, notice: Notice, starts_at: datetime, minutes: int, by: Actor, at: datetime) -> Any:
    ends_at = starts_at + timedelta(minutes=minutes)
    return services.hold_mock_auction(notice=notice, starts_at=starts_at, ends_at=ends_at, by=by, at=at)


def _contacts(notice: Notice, by: Actor, at: datetime) -> str:
    return "\n".join(f"{contact['text']}; {contact['phone']}" for contact in notice.contacts)


def _lines(text: str) -> list[tuple[str, str]]:
    """What is written, as pairs; without a semicolon the number is missing."""
    written = [line for line in text.splitlines() if line.strip()]
    parts = [line.rpartition(";") if ";" in line else (line, "", "") for line in written]
    return [(post.strip(), phone.strip()) for post, _bar, phone in parts]


def _read_same(text: str) -> dict[int, str]:
    """What the officer says of the rows in doubt: row number = code of a ghat, or new."""
    rows = [line.partition("=") for line in text.splitlines() if line.strip()]
    numbers = [whole_number(number.strip()) for number, _is, _code in rows]
    if None in numbers:
        raise Unreadable(lambda: gettext("Write one row a line: its number = code of the ghat, or new."))
    return {number: code.strip() for number, (_row, _is, code) in zip(numbers, rows, strict=True) if number is not None}


@dataclass(frozen=True)
class _Given:
    """A notice as a file that was read and checked."""

    content: bytes
    filename: str
    facts: NoticeFacts
    findings: Sequence[Any]


def _read_file(file: Any) -> _Given:
    content, name = file.read(), file.name or ""
    try:
        return _Given(content, name, *services.read_notice(content, name, at=clock.now()))
    except NoticeUnreadable as error:
        unreadable = error
    raise Unreadable(lambda: unreadable.message("en" if (get_language() or "hi").startswith("en") else "hi"))


def _import(*, file: _Given, same: Mapping[int, str], by: Actor, at: datetime) -> Notice:
    return services.import_notice(
        facts=file.facts,
        findings=file.findings,
        source=file.content,
        filename=file.filename,
        by=by,
        at=at,
        same_blocks=same,
    )


declare(
    Act(
        "notice.import",
        _("Take in this notice"),
        "AUC-18",
        _import,
        (
            Field("file", "file", _("Notice as text, CSV or XLSX"), read=_read_file),
            Field(
                "same",
                "long_text",
                _("Which ghat each row in doubt is"),
                required=False,
                help=_("Write one row a line: its number = code of the ghat, or new."),
                max_length=4000,
                read=_read_same,
            ),
        ),
        done=_("The notice is taken in; its auctions are on the list."),
        leads_to=lambda notice: Page("office_notice", (str(notice.pk),)),
        opens=True,
    ),
    place="import",
)
declare(
    Act(
        "notice.set_contacts",
        _("Change the contacts"),
        "AUC-105",
        services.set_contacts,
        (
            Field(
                "contacts",
                "long_text",
                _("Post; telephone number"),
                help=_("One contact a line. Posts, not persons."),
                max_length=1500,
                initial=_contacts,
                read=_lines,
            ),
        ),
        word="contacts",
        done=_("The contacts are kept."),
    ),
    Act(
        "notice.publish_results",
        _("Publish the list"),
        "AUC-89",
        services.publish_result_list,
        fits=(Gate("notice.list", gates.listed_of), Gate("auction.result_list", gates.list_of)),
        word="list",
        done=_("The list is published."),
        leads_to=lambda listed: Page("technical_result", (str(listed.notice_id),)),
    ),
    Act(
        "notice.name_obtainer",
        _("Name who obtains them"),
        "LSE-54",
        services.name_obtainer,
        (
            Field(
                "who",
                "choice",
                _("Who obtains plan and EC"),
                choices=(("settlee", _("Settlee")), ("department", _("Department"))),
            ),
            Field("reference", "text", _("Order number"), max_length=120),
        ),
        fits=(Gate("notice.set_obtainer", gates.obtainer_of),),
        word="obtainer",
        done=_("The term of the notice is kept."),
    ),
    Act(
        "notice.hold_mock",
        _("Open a mock auction"),
        "AUC-95",
        _hold_mock,
        (
            Field("starts_at", "instant", _("Starts"), initial=_starts),
            Field("minutes", "number", _("Minutes"), least=1, most=1440, initial=_usual_minutes),
        ),
        word="mock",
        shared_grant="mock.hold",
        done=_("The mock auction is on the public list."),
        leads_to=lambda lots: Page("mock_auctions"),
    ),
    place="notice",
)
