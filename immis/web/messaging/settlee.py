"""How a settlee wants to be told: SMS yes or no, and the language of it (A-09)."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.messaging import selectors, services
from immis.messaging.acts import LANGUAGES
from immis.rules.messages.wishes import WAYS, MessageKind, mark_of, message_kinds
from immis.rules.policy import book
from immis.web.shell import wording
from immis.web.shell.views import page

_SMS = {"yes": True, "no": False}


class WishForm(forms.Form):
    """What a reader chooses."""

    sms = forms.ChoiceField(
        label=gettext_lazy("SMS"),
        widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("Yes, by SMS too")), ("no", gettext_lazy("No SMS; portal and e-mail only"))],
    )
    lang = forms.ChoiceField(
        label=gettext_lazy("Language of SMS"), widget=forms.RadioSelect, choices=list(LANGUAGES.items())
    )
    off = forms.MultipleChoiceField(required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        kinds = message_kinds(book(), clock.now())
        self.fields["off"].choices = [(mark, mark) for kind in kinds for mark in (mark_of(kind.name, w) for w in WAYS)]


def _kind_rows(off: Collection[str]) -> list[dict[str, Any]]:
    """The kinds of messages, each with its ways: switched off or on, or sent by law with the reason."""
    return [_kind_row(kind, off) for kind in message_kinds(book(), clock.now())]


def _kind_row(kind: MessageKind, off: Collection[str]) -> dict[str, Any]:
    def words(key: str) -> str:
        return wording.name_of(book().words("SMS-07", key))

    free = [
        {"mark": mark, "label": words(way), "off": mark in off}
        for way in WAYS
        if kind.may_be_off(way) and (mark := mark_of(kind.name, way))
    ]
    always = [words(way) for way in WAYS if not kind.may_be_off(way)]
    why = words(f"{kind.name}_why") if always else ""
    return {"label": words(kind.name), "free": free, "always": ", ".join(always), "why": why}


@page("message.choose")
def wish(request: HttpRequest) -> HttpResponse:
    """Choose how to be told; kept with its day."""
    row = selectors.wish_of("party", str(request.actor.party_id))
    sms = "no" if row and row.sms is False else "yes"
    now = {"sms": sms, "lang": (row.lang if row else "") or "hi", "off": row.off if row else []}
    form = WishForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        given = {"sms": _SMS[sent["sms"]], "lang": sent["lang"], "off": sent["off"]}
        services.note_wish(**given, by=request.actor, at=clock.now())
        messages.success(request, _("Your choice is kept."))
        return redirect("message_wish")
    off = request.POST.getlist("off") if request.method == "POST" else now["off"]
    context = {"form": form, "row": row, "kinds": _kind_rows(off)}
    return render(request, "messaging/wish.html", context, status=422 if form.errors else 200)
