"""What registers tell: acts on their entries, rungs that a clock reached."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from immis import clock
from immis.core.errors import NotFound
from immis.core.events import Names, Payload, event, step
from immis.core.nouns import Noun, Page, declare_noun, kept_as
from immis.registers import loader, nouns
from immis.registers.models import Entry
from immis.rules.calendar import india_day

step("register.imported", _("Entries were taken in from a file"))
step("register.ranked", _("A ranking was made"))


def _title(name: str) -> Names:
    """What a register is called today. Raises NotFound."""
    try:
        return {**loader.current(name, india_day(clock.now())).title}
    except LookupError as error:
        raise NotFound(f"register {name}") from error


declare_noun(Noun("register", title=_title, page=lambda name, facts: Page("register_figures", (name,))))
__all__ = ["nouns"]  # how entries are found is declared there
declare_noun(kept_as("entry", Entry, "number", page=lambda number, facts: Page("entry", (number,)), is_public=True))


@event("register.acted", _("An entry of a register moved on"), about="entry")
class EntryActed(Payload):
    """An act was carried out on an entry; ``title`` is the register's."""

    register: str
    act: str
    from_: str
    to: str
    revision: int
    district: str
    title: Names
    message: str


@event("register.redated", _("A due day moved with the calendar of holidays"), about="entry")
class EntryRedated(Payload):
    """The holidays changed, and with them the day when an open entry is due."""

    register: str
    title: Names
    was_at: datetime | None
    due_at: datetime
    district: str


@event("register.rung", _("A time limit of a register is over"), about="entry")
class RungReached(Payload):
    """A clock of an entry reached a rung, which a post hears of."""

    register: str
    title: Names
    clock: Names
    cites: str
    post: str
    district: str
    due_at: datetime | None
    entry: str
