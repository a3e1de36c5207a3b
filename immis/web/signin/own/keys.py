"""Keys for programs of the own account: made, shown once, ended."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.access.permissions import Actor
from immis.core.errors import NotFound, Refusal
from immis.registry.api_keys import NewKey, end_key, keyable_grants, make_key, own_keys
from immis.rules.policy import book
from immis.rules.posts import chart
from immis.web.shell import wording
from immis.web.shell.views import page


class KeyForm(forms.Form):
    """What the key is called, what it may do, for how long."""

    name = forms.CharField(label=gettext_lazy("What the key is for"), max_length=80)
    days = forms.IntegerField(label=gettext_lazy("For how many days"), min_value=1, initial=90)
    grants = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"), widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, *args: Any, who: Actor, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["days"].widget.attrs["max"] = int(book().value("ACC-11", clock.now())["longest_days"])
        titles = [(name, chart().grant(name).title[wording.lang()]) for name in keyable_grants(who, clock.now())]
        self.fields["grants"].choices = titles

    def wanted(self) -> NewKey:
        """The key that was asked for, once the form is valid."""
        sent = self.cleaned_data
        return NewKey(sent["name"], frozenset(sent["grants"]), sent["days"])


@page("api_key.make")
def keys(request: HttpRequest) -> HttpResponse:
    """The own keys with their last use; a new one, whose text is shown this once; an end to one."""
    if request.method == "POST" and "end" in request.POST:
        return _end(request)
    form, made, status = KeyForm(request.POST or None, who=request.actor), "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _row, made = make_key(form.wanted(), by=request.actor, at=clock.now())
                form, status = KeyForm(who=request.actor), 200
            except Refusal as refusal:
                form.add_error(None, " ".join(map(wording.say, refusal.findings)))
    context = {"form": form, "made": made, "rows": _rows(request.actor)}
    return render(request, "signin/api_keys.html", context, status=status)


def _rows(who: Actor) -> list[dict[str, Any]]:
    titles, at = chart().grants, clock.now()
    return [
        {
            "key": key,
            "is_open": key.is_open(at),
            "grants": [titles[name].title[wording.lang()] for name in key.grants if name in titles],
        }
        for key in own_keys(who)
    ]


def _end(request: HttpRequest) -> HttpResponse:
    number = request.POST["end"]
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise NotFound("no such key")
    end_key(int(number), by=request.actor, at=clock.now())
    messages.success(request, _("The key has ended."))
    return redirect("api_keys")
