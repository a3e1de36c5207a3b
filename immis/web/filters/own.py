"""Keeping a filter of a list, and the page of all that a person keeps."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.grants import may
from immis.search.kept_filters import forget_filter, keep_filter, kept_filters
from immis.web.shell.nav import list_of
from immis.web.shell.tables import Column, ListPage, Table, list_response, row_form
from immis.web.shell.views import page


class KeepForm(forms.Form):
    """Which list, what is asked of it, and its name."""

    path = forms.RegexField(r"^/[\w/-]*$", max_length=200)
    query = forms.CharField(max_length=1000)
    name = forms.CharField(max_length=60)

    def clean_path(self) -> str:
        """A page of this house that this kind of address has."""
        path = str(self.cleaned_data["path"])
        try:
            resolve(path)
        except Resolver404 as error:
            raise forms.ValidationError("no page") from error
        return path

    def clean_query(self) -> str:
        """What is asked, as this house writes it."""
        return urlencode(parse_qsl(str(self.cleaned_data["query"])))


def opens_for(viewer: Actor, path: str) -> bool:
    """Whether this reader may (still) open the list of a filter."""
    try:
        grant = getattr(resolve(path).func, "page_grant", None)
    except Resolver404:
        return False
    return grant is None or may(viewer, grant)


@page("password.change")
def index(request: HttpRequest) -> HttpResponse:
    """The filters that the reader keeps, each with its list; a form sent here keeps one more."""
    if request.method == "POST":
        return _keep(request)
    rows = [row for row in kept_filters(request.actor) if opens_for(request.actor, row.path)]
    columns = [
        Column(_("Filter"), "name", link=lambda row: f"{row.path}?{row.query}"),
        Column(_("List"), lambda row: str(list_of(request.actor, row.path) or row.path)),
        Column(_("Kept at"), "kept_at", "at"),
        Column("", lambda row: row_form(request, "filters/_forget.html", row=row), "html", on="page"),
    ]
    empty = (_("No filter is kept"), _("Filter a list, then choose “Keep this filter” above it."))
    return list_response(request, Table("kept-filters", _("My filters"), columns, empty), rows, ListPage())


def _keep(request: HttpRequest) -> HttpResponse:
    form = KeepForm(request.POST)
    if not form.is_valid():
        raise BadRequest("no filter of a list")
    given: dict[str, Any] = form.cleaned_data
    row = keep_filter(**given, by=request.actor, at=clock.now())
    messages.success(request, _("The filter “%(name)s” is kept.") % {"name": row.name})
    return redirect(f"{row.path}?{row.query}")


@require_POST
@page("password.change")
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a kept filter."""
    forget_filter(pk=pk, by=request.actor)
    messages.success(request, _("The filter is removed."))
    return redirect("kept_filters")
