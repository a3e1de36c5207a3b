"""What anybody may see of a register: the fields and states that its declaration makes public, and nothing else."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from immis import clock
from immis.core.errors import NotFound
from immis.registers import loader, selectors
from immis.rules.calendar import india_day
from immis.web.registers.words import shown
from immis.web.shell import wording
from immis.web.shell.tables import Column, Table, list_response
from immis.web.shell.views import PUBLIC, page


@page(PUBLIC)
def entries(request: HttpRequest, name: str) -> HttpResponse:
    """The public view of a register, where it declares one."""
    try:
        register = loader.current(name, india_day(clock.now()))
    except LookupError as error:
        raise NotFound(f"register {name}") from error
    if register.public is None:
        raise NotFound(f"public view of {name}")
    fields = [register.fields[each] for each in register.public.fields]
    columns = [
        Column(_("Number"), "number"),
        Column(_("State"), _state, "chip"),
        *[
            Column(wording.name_of(field.title), lambda row, field=field: shown(field, row.values.get(field.name)))
            for field in fields
        ],
    ]
    empty = (_("No entry here"), _("What the department publishes of this register appears here."))
    table = Table(register.name, wording.name_of(register.title), columns, empty)
    return list_response(request, table, selectors.public_entries(register))


def _state(entry: Any) -> tuple[str, str]:
    state = selectors.version_of(entry).states[entry.state]
    return state.drawn, wording.name_of(state.title)
