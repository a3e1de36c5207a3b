"""A problem is reported from any page, by anybody; its page says what became of it."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import NotFound
from immis.enforcement.services import complaints
from immis.registers import loader
from immis.registers.clocks import last_day
from immis.registers.selectors import Entry, acts_of, version_of
from immis.registry.selectors import working_districts
from immis.rules.calendar import india_day
from immis.rules.policy import book
from immis.web.complaints.about import AboutPage, about_page
from immis.web.registers.words import state_chip
from immis.web.shell import wording
from immis.web.shell.districts import district_name
from immis.web.shell.views import PUBLIC, client_network, page
from immis.web.signin import robot


class ComplaintForm(forms.Form):
    """What is wrong; who is not signed in also says where, how he is reached, and the answer to a small sum."""

    kind = forms.ChoiceField(label=gettext_lazy("What it is about"))
    words = forms.CharField(
        label=gettext_lazy("What happened"),
        max_length=2000,
        help_text=gettext_lazy("What you did, what you saw, what you expected. Nothing secret: an office reads it."),
        widget=forms.Textarea({"rows": 5}),
    )
    district = forms.ChoiceField(label=gettext_lazy("District"), required=False)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, required=False)
    phone = forms.RegexField(r"^[+0-9 -]{10,15}$", label=gettext_lazy("Mobile number"), required=False)
    sum = forms.IntegerField(min_value=0, max_value=99)
    sum_token = forms.CharField(widget=forms.HiddenInput, max_length=200)
    page = forms.CharField(widget=forms.HiddenInput, max_length=500, required=False)
    rule = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)
    code = forms.CharField(widget=forms.HiddenInput, max_length=20)

    def __init__(self, *args: Any, request: HttpRequest, about: AboutPage, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.place, self.about = robot.place_of(request, "complaint"), about
        kinds = loader.current(complaints.COMPLAINTS, india_day(clock.now())).fields["kind"].choices or {}
        self.fields["kind"].choices = [(name, wording.name_of(words)) for name, words in kinds.items()]
        here = [(name, district_name(name, wording.lang())) for name in working_districts()]
        self.fields["district"].choices = [("", _("none, or the whole State")), *here]
        self.initial |= {"code": complaints.new_code(), "district": about.district}
        if request.actor.user_id is not None:
            self._for_known(request.actor.is_officer)
        else:
            asked = robot.question(self.data.get("sum_token", "") if self.is_bound else "", place=self.place)
            self.fields["sum"].label = asked.label
            self.initial["sum_token"] = asked.token

    def _for_known(self, is_officer: bool) -> None:
        """Who is signed in is known, and asked for no sum; what officers report goes to headquarters anyway."""
        hidden = ["sum", "sum_token", "name", "phone"]
        for name in [*hidden, "district"] if is_officer or self.about.district else hidden:
            del self.fields[name]

    def clean_code(self) -> str:
        """A code of ours: nobody chooses one that is easy to find."""
        code = str(self.cleaned_data["code"])
        if not complaints.is_code(code):
            raise forms.ValidationError(_("Load the page again."))
        return code

    def clean(self) -> dict[str, Any]:
        """The answer to the small sum, against machines."""
        sent = super().clean() or {}
        if "sum" in self.fields and not robot.answers(
            sent.get("sum_token", ""), sent.get("sum"), place=self.place, spend=not self.errors
        ):
            self.add_error("sum", wording.say(("AUC-83", {})))
            robot.ask_anew(self, place=self.place)
        return sent

    @property
    def given(self) -> dict[str, str]:
        """The fields of the register, with what the page itself tells."""
        sent = {name: self.cleaned_data.get(name) for name in ("kind", "words", "name", "phone")}
        return {name: value for name, value in sent.items() if value} | self.about.values


@page(PUBLIC)
def new(request: HttpRequest) -> HttpResponse:
    """Report a problem: from which page is known, who is signed in is known, and the form is taken once."""
    sent = request.POST if request.method == "POST" else request.GET
    about = about_page(request.actor, sent.get("page", ""), sent.get("rule", ""))
    initial = {
        "page": about.path,
        "rule": about.rule,
        "kind": "stuck" if about.rule else "page" if about.path else "other",
    }
    form = ComplaintForm(request.POST or None, request=request, about=about, initial=initial)
    if request.method == "POST" and form.is_valid():
        row = complaints.make_complaint(
            form.given,
            district=form.cleaned_data.get("district") or about.district,
            code=form.cleaned_data["code"],
            network=client_network(request),
            by=request.actor,
            at=clock.now(),
        )
        return redirect("complaint_by_code", row.number, form.cleaned_data["code"])
    context = {"form": form, "about": about, "days": book().value("CMP-02", clock.now())}
    return render(request, "complaints/new.html", context, status=422 if form.is_bound else 200)


class FindForm(forms.Form):
    """The number of a complaint and the code that was shown with it."""

    number = forms.CharField(
        label=gettext_lazy("Number of the complaint"),
        max_length=40,
        help_text=gettext_lazy("For example CPL-2026-000012"),
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off"}),
    )
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        help_text=gettext_lazy("Ten letters and digits; it was shown when you wrote."),
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )


@page(PUBLIC)
def index(request: HttpRequest) -> HttpResponse:
    """Find a complaint by number and code, or begin one."""
    return _find(request, FindForm(request.POST or None))


def _find(request: HttpRequest, form: FindForm) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"].strip().upper()
        code = "".join(form.cleaned_data["code"].split()).upper()
        try:
            complaints.complaint_with(number, code, network=client_network(request), at=clock.now())
        except NotFound:
            form.add_error(None, _("Number and code do not belong together. Look at both again."))
        else:
            return redirect("complaint_by_code", number, code)
    return render(request, "complaints/index.html", {"form": form}, status=422 if form.errors else 200)


@page(PUBLIC)
def by_code(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """A complaint for who has its code."""
    row = complaints.complaint_with(number, code, network=client_network(request), at=clock.now())
    return _shown(request, row, code)


@page(PUBLIC)
def one(request: HttpRequest, number: str) -> HttpResponse:
    """The own complaint of who is signed in; anybody else is asked for the code."""
    row = complaints.own_complaint(number, by=request.actor)
    if row is None:
        return _find(request, FindForm(request.POST or None, initial={"number": number}))
    return _shown(request, row, "")


def _shown(request: HttpRequest, row: Entry, code: str) -> HttpResponse:
    """What became of a complaint: its state, by when it is answered, and the answer."""
    fields = version_of(row).fields
    steps = [act.at for act in acts_of(row) if act.act == "answer"]
    context = {
        "row": row,
        "code": code,
        "chip": state_chip(row),
        "kind": wording.name_of((fields["kind"].choices or {})[row.values["kind"]]),
        "office": district_name(row.district, wording.lang()) if row.district else "",
        "due_on": last_day(row.due_at) if row.due_at else None,
        "answered_at": steps[-1] if steps else None,
        "reply": row.values.get("reply", ""),
    }
    response = render(request, "complaints/complaint.html", context)
    response["Cache-Control"] = "no-store"
    return response
