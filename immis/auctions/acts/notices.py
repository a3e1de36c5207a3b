"""Acts on a whole notice: mock auction, list of technical results, who obtains the clearances, contacts."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.auctions import gates, nouns, selectors, services
from immis.auctions.models import Notice
from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.nouns import Page
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
