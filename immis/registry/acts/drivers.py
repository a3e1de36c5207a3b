"""What is done with the register of drivers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from immis.core.access.permissions import Actor
from immis.core.acts import Act, Field, declare
from immis.core.nouns import Page
from immis.registry.acts.vehicles import district_of, districts_of
from immis.registry.models import Driver
from immis.registry.services.drivers import NewDriver, enter_driver
from immis.registry.services.looked import fill_from_sarathi


def _of_driver(name: str, default: Any = "") -> Callable[[Driver | None, Actor, datetime], Any]:
    return lambda driver, by, at: getattr(driver, name) if driver else default


def _enter(*, by: Actor, at: datetime, **typed: Any) -> Driver:
    return enter_driver(driver=NewDriver(**typed), by=by, at=at)


def _change(*, driver: Driver, reason: str, by: Actor, at: datetime, **typed: Any) -> Driver:
    changed = NewDriver(licence_no=driver.licence_no, **typed)
    return enter_driver(driver=changed, by=by, at=at, reason=reason)


def _to_driver(driver: Driver) -> Page:
    return Page("driver", (driver.licence_no,))


_RECORD = (
    Field("name", "text", _("Name"), max_length=120, initial=_of_driver("name")),
    Field("phone", "text", _("Phone"), required=False, max_length=15, initial=_of_driver("phone")),
    Field("classes", "text", _("Classes of the licence"), required=False, max_length=80, initial=_of_driver("classes")),
    Field("transport_until", "day", _("Valid for transport vehicles until"), required=False,
          initial=_of_driver("transport_until", None)),
    Field("district", "choice", _("District whose office keeps it"), choices=districts_of, initial=district_of),
)  # fmt: skip
declare(
    Act(
        "driver.enter",
        _("Enter a driver"),
        "REG-28",
        _enter,
        (Field("licence_no", "text", _("Licence number"), max_length=24), *_RECORD),
        leads_to=_to_driver,
        opens=True,
    ),
    place="new",
)
declare(
    Act(
        "driver.look",
        _("Fill from SARATHI"),
        "REG-37",
        fill_from_sarathi,
        (Field("born_on", "day", _("Born on (as the licence says)")),),
        shared_grant="driver.enter",
        done=_("Classes and end of the licence stand as SARATHI has them."),
    ),
    place="driver",
)
declare(
    Act(
        "driver.change",
        _("Change the record"),
        "REG-30",
        _change,
        (
            *_RECORD,
            Field("active", "yes_no", _("Drives for the party"), required=False, initial=_of_driver("active", True)),
            Field("reason", "text", _("Reason"), max_length=300),
        ),
        shared_grant="driver.enter",
    ),
    place="driver",
)
