"""What anybody may see of a register: the fields and states that its declaration makes public, and nothing else."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from immis import clock
from immis.core.errors import NotFound
from immis.registers import loader, selectors
from immis.rules.calendar import india_day
from immis.web.registers.words import shown
from immis.web.shell import wording
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import PUBLIC, page

_A_PAGE = 50


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
    rows = selectors.public_entries(register)
    if wanted_format(request):
        columns = [
            Column(wording.name_of(field.title), lambda row, field=field: shown(field, row.values.get(field.name)))
            for field in fields
        ]
        return table_response(request, columns=[Column("", "number"), *columns], rows=rows, name=register.name)
    listed = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
    context = {
        "register": register,
        "title": wording.name_of(register.title),
        "heads": [wording.name_of(field.title) for field in fields],
        "rows": [
            {
                "number": row.number,
                "cells": [(wording.name_of(field.title), shown(field, row.values.get(field.name))) for field in fields],
                "state": wording.name_of(register.states[row.state].title),
                "drawn": register.states[row.state].drawn,
            }
            for row in listed
            if row.state in register.states
        ],
        "page": listed,
    }
    return render(request, "registers/public.html", context)
