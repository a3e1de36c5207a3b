"""What a post may do to offices of the tree, and the charges that it gives there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, Gate, declare
from immis.core.errors import Unreadable
from immis.core.nouns import Page
from immis.registry import offices
from immis.registry.models import Office, Post, User
from immis.registry.people import charges
from immis.registry.people.acts import NAMES, REASON, REFERENCE, as_it_stands, end_of_day, read_person, to_charge
from immis.rules.districts import NAMES_HI, named_districts
from immis.rules.offices import OfficeRow, is_of_a_district, kinds_under
from immis.rules.posts import chart
from immis.rules.writing.texts import texts


def _kinds(office: Office, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    words = texts("registry/office_kinds")
    return [(kind, words[kind]) for kind in kinds_under(office.kind)]


def _posts(office: Office, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    return [(post.code, post.title) for post in chart().posts.values() if office.kind in post.offices]


def _districts(office: Office, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    known = [office.district] if office.district else sorted(NAMES_HI)
    none = [] if office.district else [("", "—")]
    return [*none, *named_districts(known)]


def _open(*, office: Office, reference: str, by: Actor, at: datetime, **row: Any) -> Office:
    return offices.add_office(row=OfficeRow(parent=office.code, **row), reference=reference, by=by, at=at)


def read_office(code: str) -> Office:
    """The office of a code. Raises Unreadable."""
    office = Office.objects.filter(code__iexact=code.strip()).first()
    if office is None:
        raise Unreadable(lambda: gettext("No office has this code."))
    return office


def _above(office: Office, by: Actor, at: datetime) -> str:
    return office.parent.code if office.parent else ""


def _every_district(office: Office, by: Actor, at: datetime) -> list[tuple[str, Any]]:
    """Every district for an office of one; nothing to choose for others."""
    known = sorted(NAMES_HI) if is_of_a_district(office.kind) else []
    return [("", "—"), *named_districts(known)]


def _check_row(values: Mapping[str, Any], by: Actor, at: datetime) -> Mapping[str, Any]:
    code = str(values.get("code", ""))
    plain = code.replace("-", "").replace("_", "")
    faults = {}
    if code and not (plain.isascii() and plain.isalnum()):
        faults["code"] = gettext("A code has letters, digits, - and _ only.")
    elif code and Office.objects.filter(code=code).exists():
        faults["code"] = gettext("Another office has this code.")
    if "kind" in values and is_of_a_district(values["kind"]) != bool(values.get("district")):
        faults["district"] = gettext("An office of a district names it, and no other office names one.")
    return faults


def _appoint(*, office: Office, username: User, post: str, by: Actor, at: datetime, **terms: Any) -> Post:
    return charges.give_charge(user=username, office=office, role=post, terms=charges.Terms(**terms), by=by, at=at)


def _to_office(office: Office) -> Page:
    return Page("office_office", (office.code,))


_OPEN = (Gate("office.order", offices.open_facts),)
_ENDS = Field("ends_at", "day", _("Last day of an additional charge"), required=False, read=end_of_day)
declare(
    Act(
        "office.appoint",
        _("Give a charge"),
        "PPL-01",
        _appoint,
        (
            Field("username", "text", _("User name of the person"), max_length=60, read=read_person),
            Field("post", "choice", _("Post"), choices=_posts),
            Field("additional", "yes_no", _("Additional charge, beside another one"), required=False),
            _ENDS,
            REFERENCE,
        ),
        fits=(*_OPEN, Gate("office.appoint", offices.kind_facts)),
        done=_("The charge is given; it holds from the next page on."),
        leads_to=to_charge,
        shared_grant="charge.give",
    ),
    Act(
        "office.open",
        _("Create an office under this one"),
        "PPL-11",
        _open,
        (
            Field("code", "text", _("Code"), max_length=40, help=_("For example jamalpur; it stands in addresses.")),
            Field("kind", "choice", _("Kind"), choices=_kinds),
            Field("name_hi", "text", _("Name in Hindi"), max_length=120),
            Field("name_en", "text", _("Name in English"), max_length=120),
            Field("district", "choice", _("District"), required=False, choices=_districts),
            Field("lgd_code", "number", _("LGD number"), required=False, most=999_999_999),
            REFERENCE,
        ),
        fits=_OPEN,
        check=_check_row,
        done=_("The office is created."),
        leads_to=_to_office,
    ),
    Act(
        "office.rename",
        "",
        "PPL-11",
        offices.rename_office,
        (*NAMES, REFERENCE),
        fits=_OPEN,
        done=_("The office has its new name."),
    ),
    Act(
        "office.move",
        "",
        "PPL-11",
        offices.move_office,
        (
            Field(
                "parent",
                "text",
                _("Code of the office above"),
                max_length=40,
                read=read_office,
                initial=_above,
            ),
            Field(
                "district",
                "choice",
                _("District"),
                required=False,
                choices=_every_district,
                initial=as_it_stands("district"),
                help=_("Under an office of a district it is that one's district. Offices under this one move with it."),
            ),
            REFERENCE,
        ),
        fits=(*_OPEN, Gate("office.place", offices.kind_facts)),
        done=_("The office stands there now, with those under it."),
    ),
    Act(
        "office.close",
        "",
        "PPL-03",
        offices.close_office,
        (REASON, REFERENCE),
        fits=(Gate("office.close", offices.close_facts),),
        ends=_("I know that nobody can be appointed here any more."),
        done=_("The office is closed; its records stay."),
    ),
    place="office",
)
