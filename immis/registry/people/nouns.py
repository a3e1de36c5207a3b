"""People, charges, authorities and requests about data as nouns, and what the action log says of them."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.core.events import step
from immis.core.grants import may
from immis.core.nouns import Noun, Page, declare_noun, kept_as
from immis.reading import whole_number
from immis.registry.models import Post, User
from immis.registry.people import authorities, charges, data_rights


def _number(text: str) -> int:
    number = whole_number(text)
    if number is None:
        raise NotFound(f"number {text}")
    return number


def _colleague(given: str, viewer: Actor) -> User:
    """An officer names any colleague in a register; who is no officer finds himself alone."""
    user = User.objects.filter(username__iexact=given.strip()).first()
    if user is None or not (viewer.is_officer or viewer.is_system or user.pk == viewer.user_id):
        raise NotFound(f"user {given}")
    return user


def _is_for(by: Actor, charge: Post) -> bool:
    """A charge is in the hands of its holder, and of who may end it."""
    return charge.user_id == by.user_id or may(by, "charge.end", district=charge.district)


def _pk(row: Any) -> str:
    return str(row.pk)


declare_noun(
    replace(
        kept_as("user", User, "username", page=lambda number, facts: Page("office_person", (number,))),
        find=_colleague,
        district=charges.district_of,
        pages={"person": ("office_person",), "new": ("office_person_new",)},
        address="users",
    )
)
declare_noun(
    Noun(
        "charge",
        find=lambda number, by: charges.charge_of(by, _number(number)),
        number=_pk,
        pages={"charge": ("office_charge",)},
        address="charges",
        is_for=_is_for,
    )
)
declare_noun(
    Noun(
        "authority",
        find=lambda number, by: authorities.authority_of(by, _number(number)),
        number=_pk,
        district=lambda row: None,
        pages={"authority": ("settlee_person",), "new": ("settlee_people",)},
        address="authorities",
    )
)
declare_noun(
    Noun(
        "data_request",
        find=lambda number, by: data_rights.request_of(by, number),
        number=lambda row: str(row.number),
        district=lambda row: None,
        pages={"answer": ("data_request",), "mine": ("my_data",)},
        address="data-requests",
    )
)
STEPS = [
    step("post.given", _("Charge given")),
    step("post.ended", _("Charge ended")),
    step("post.extended", _("Additional charge extended")),
    step("charge.handed_over", _("Charge handed over")),
    step("office.opened", _("Office created")),
    step("office.changed", _("Office changed")),
    step("office.placed", _("Office placed in the tree")),
    step("office.moved", _("Office moved in the tree")),
    step("office.closed", _("Office closed")),
    step("user.entered", _("Person entered")),
    step("user.changed", _("Record of a person corrected")),
    step("user.login_disabled", _("Log-in disabled")),
    step("user.login_restored", _("Log-in restored")),
    step("password.given", _("First password given")),
    step("password.changed", _("Password changed")),
    step("login", _("Signed in")),
    step("login.failed", _("Wrong password")),
    step("trail.read", _("Looked at a personal trail")),
    step("authority.given", _("Representative authorised")),
    step("authority.limited", _("Limits of a representative changed")),
    step("authority.ended", _("Authority ended")),
    step("data_request.made", _("Request about own data")),
    step("data_request.answered", _("Request about data answered")),
    step("data.exported", _("Own data taken along")),
    step("sheet.taken_in", _("Sheet taken in")),
]
