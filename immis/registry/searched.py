"""How ghats, drivers, places, fences, offices and people are found by typing."""

from collections.abc import Callable
from typing import Any

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound
from immis.registry import things
from immis.registry.models import Block, Driver, Fence, Office, Place, User
from immis.registry.offices import seen_office
from immis.registry.people.logins import person_of
from immis.registry.selectors import plate
from immis.registry.sheets.files import column_of
from immis.search.declared import Follows, Handles, Searched, declare_search, follow


def _place(code: str, viewer: Actor) -> Place:
    row = things.places_listed(viewer, code=code).first()
    if row is None:
        raise NotFound(f"place {code}")
    return row


def _of_sheet(kind: str, column: str, number: Callable[[str], str] = str.strip) -> Follows:
    """What a sheet entered: it has one line in the log, whatever its length."""
    return lambda pk: map(number, column_of(pk, kind, column))


def _ghat(block: Block) -> Handles:
    return Handles((block.name_en, block.name_hi, block.block_no, block.river), (block.code,))


def _driver(driver: Driver) -> Handles:
    return Handles(
        (driver.name,),
        (driver.licence_no,),
        secrets={"phone": [driver.phone]},
        districts=[driver.district] if driver.district else (),
        party_id=driver.party_id,
    )


def _named(row: Any) -> Handles:
    """An office, place or fence: its names, its code, its district."""
    return Handles((row.name_en, row.name_hi, row.code), districts=[row.district] if row.district else ())


def _person(user: User) -> Handles:
    districts = {post.office.district for post in user.posts.all()} - {""}
    names = (user.name_en, user.name_hi, user.username)
    return Handles(names, secrets={"phone": [user.phone]}, districts=sorted(districts))


declare_search(
    Searched(
        "ghat",
        "gh",
        records=lambda: Block.objects.all(),
        by="code",
        handles=_ghat,
        follows={"block": lambda code: [code]},
    )
)
declare_search(
    Searched(
        "driver",
        "dr",
        records=lambda: Driver.objects.all(),
        by="licence_no",
        handles=_driver,
        grant="driver.list",
        secrets_for="driver.list",
    )
)
declare_search(Searched("place", "pl", lambda: Place.objects.all(), "code", _named, grant="place.list", find=_place))
declare_search(Searched("fence", "fe", lambda: Fence.objects.all(), "code", _named, grant="fence.read"))
declare_search(
    Searched(
        "office",
        "of",
        lambda: Office.objects.all(),
        "code",
        _named,
        grant="office.read",
        find=lambda code, viewer: seen_office(viewer, code),
    )
)
declare_search(
    Searched(
        "user",
        "us",
        records=lambda: User.objects.prefetch_related("posts__office"),
        by="username",
        handles=_person,
        grant="user.read",
        find=lambda username, viewer: person_of(viewer, username, at=clock.now()),
        secrets_for="user.read",
    )
)
follow("office", "sheet", _of_sheet("offices", "code"))
follow("place", "sheet", _of_sheet("places", "code"))
follow("vehicle", "sheet", _of_sheet("vehicles", "registration", plate))
follow("driver", "sheet", _of_sheet("drivers", "licence_no", plate))
follow("user", "sheet", _of_sheet("charges", "username"))
