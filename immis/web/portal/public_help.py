"""Help: how each person does their part, in a few sentences."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from immis.web.shell.kept import kept_for_the_day
from immis.web.shell.views import PUBLIC, page


@page(PUBLIC)
@kept_for_the_day()
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/help.html")
