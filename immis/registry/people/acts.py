"""What a post may do to people and charges; acts on offices stand in ``office_acts``, requests in ``request_acts``."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.errors import Unreadable
from immis.core.nouns import Page
from immis.registry.models import Post, User
from immis.registry.people import charges, logins
from immis.rules.calendar import end_of


def as_it_stands(name: str) -> Callable[[Any, Actor, datetime], str]:
    """What the record says; nothing of one that is entered for the first time."""
    return lambda row, by, at: getattr(row, name, "")


REFERENCE = Field("reference", "text", _("Order number"), max_length=120)
REASON = Field("reason", "text", _("Reason"), max_length=500)
NAMES = (
    Field("name_hi", "text", _("Name in Hindi"), max_length=120, initial=as_it_stands("name_hi")),
    Field("name_en", "text", _("Name in English"), max_length=120, initial=as_it_stands("name_en")),
)


def read_email(text: str) -> str:
    """An e-mail address as it is kept. Raises Unreadable."""
    try:
        if text:
            validate_email(text)
    except ValidationError:
        raise Unreadable(lambda: gettext("This is no e-mail address.")) from None
    return text


EMAIL = Field(
    "email",
    "text",
    _("E-mail"),
    required=False,
    max_length=200,
    initial=as_it_stands("email"),
    read=read_email,
)


def read_person(username: str) -> User:
    """The person of a user name. Raises Unreadable."""
    user = logins.named(username)
    if user is None:
        raise Unreadable(lambda: gettext("Nobody has this user name; enter the person first."))
    return user


def read_new_name(username: str) -> str:
    """A user name that nobody has. Raises Unreadable."""
    fault = logins.username_fault(username.strip())
    if fault == "form":
        raise Unreadable(lambda: gettext("A user name has letters, digits and @ . + - _ only."))
    if fault:
        raise Unreadable(
            lambda: gettext("Choose another user name: this one is taken, or has less than two or over 60 letters.")
        )
    return username.strip()


def end_of_day(day: date | None) -> datetime | None:
    """The instant at which a day is over."""
    return end_of(day) if day else None


def to_charge(charge: Post) -> Page:
    return Page("office_charge", (str(charge.pk),))


def _to_person(user: User) -> Page:
    return Page("office_person", (user.username,))


declare(
    Act(
        "user.enter",
        "",
        "PPL-01",
        logins.enter_person,
        (Field("username", "text", _("User name"), max_length=60, read=read_new_name), *NAMES, EMAIL),
        done=_("The person is entered. Give a charge in an office, and a first password."),
        leads_to=_to_person,
        opens=True,
    ),
    place="new",
)


def _told(given: logins.FirstPassword) -> str:
    words = {"username": given.username, "password": given.password}
    return gettext("First password of %(username)s, shown only now: %(password)s") % words


declare(
    Act("user.change", "", "PPL-01", logins.change_person, (*NAMES, EMAIL, REASON), done=_("The record is corrected.")),
    Act(
        "user.give_password",
        "",
        "PPL-05",
        logins.give_password,
        (REASON,),
        ends=_("I know that the old password ends, and every session with it."),
        done=_told,
    ),
    Act(
        "user.disable_login",
        "",
        "PPL-04",
        logins.disable_login,
        (REASON, REFERENCE),
        fits=(Gate("user.disable_login", logins.login_facts),),
        ends=_("I know that the person is out at the next page."),
        done=_("The log-in is disabled."),
    ),
    Act(
        "user.restore_login",
        "",
        "PPL-05",
        logins.restore_login,
        (REASON, REFERENCE),
        fits=(Gate("user.restore_login", logins.login_facts),),
        done=_("The log-in is restored."),
    ),
    place="person",
)
declare(
    Act(
        "charge.extend",
        _("Extend the additional charge"),
        "PPL-01",
        charges.extend_charge,
        (Field("ends_at", "day", _("New last day"), read=end_of_day), REFERENCE),
        fits=(Gate("charge.end", charges.extend_facts),),
        done=_("The charge is extended."),
        shared_grant="charge.give",
    ),
    Act(
        "charge.end",
        "",
        "PPL-02",
        charges.end_charge,
        (REASON, REFERENCE),
        fits=(Gate("charge.end", charges.end_facts),),
        ends=_("I know that the holder sees nothing of this office any more."),
        done=_("The charge is over."),
    ),
    place="charge",
)
