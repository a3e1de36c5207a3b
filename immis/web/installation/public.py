"""The first start: the department is made on a page, by whoever reads the one-time code in the log of the service."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from immis import clock
from immis.core.access.throttling import give_back, take
from immis.core.installation.first_start import forget_code, is_code, is_waiting
from immis.core.installation.kind import installation
from immis.registry.services.first_run import NameTaken, SetUpAlready, set_up_department
from immis.rules.first_run import USERNAME, Administrator, Department
from immis.rules.offices import states
from immis.web.shell import wording
from immis.web.shell.districts import NAMES_HI, district_name
from immis.web.shell.views import PUBLIC, client_network, page

_TRIES, _LOCK = 10, timedelta(minutes=15)


class FirstStartForm(forms.Form):
    """The answers of the first run, and the code that shows who may give them."""

    code = forms.CharField(
        label=gettext_lazy("One-time code"),
        max_length=40,
        help_text=gettext_lazy("It stands in the log of the service, in the lines that begin with setup."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    state = forms.ChoiceField(label=gettext_lazy("State of the department"))
    districts = forms.MultipleChoiceField(
        label=gettext_lazy("Districts that begin"),
        widget=forms.CheckboxSelectMultiple({"class": "columns"}),
        help_text=gettext_lazy("Each gets its office, with its number in the Local Government Directory."),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of a reader who has not chosen"),
        choices=[("hi", gettext_lazy("Hindi")), ("en", gettext_lazy("English"))],
    )
    name_hi = forms.CharField(label=gettext_lazy("Your name in Hindi"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("Your name in English"), max_length=120)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=200)
    username = forms.RegexField(
        rf"^{USERNAME.pattern}$",
        label=gettext_lazy("User name"),
        help_text=gettext_lazy("3 to 60 letters, digits or . _ - + @"),
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"), max_length=200, strip=False, help_text=gettext_lazy("At least ten characters."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        label=gettext_lazy("Password once more"), max_length=200, strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        hindi = wording.lang() == "hi"
        self.fields["state"].choices = [(name, row["hi"] if hindi else name) for name, row in states().items()]
        self.fields["districts"].choices = [(name, district_name(name, wording.lang())) for name in NAMES_HI]

    def clean(self) -> dict[str, Any]:
        """A password that the settings find strong enough, typed twice alike."""
        sent = super().clean() or {}
        if sent.get("password") and sent.get("again") != sent["password"]:
            self.add_error("again", _("The two passwords differ."))
        try:
            validate_password(sent.get("password") or "")
        except forms.ValidationError as error:
            self.add_error("password", error)
        return sent

    def department(self) -> Department:
        """What is to be made, once the form is valid."""
        sent = self.cleaned_data
        person = Administrator(**{name: sent[name] for name in Administrator.__dataclass_fields__})
        plan = {name: sent[name] for name in ("state", "language")}
        return Department(districts=tuple(sent["districts"]), administrator=person, **plan)


@sensitive_post_parameters("code", "password", "again")
@page(PUBLIC)
def first_start(request: HttpRequest) -> HttpResponse:
    """The page of the first start; there is none any more when the department is made."""
    if not is_waiting():
        raise Http404("no first start waits here")
    if installation() is not None:
        forget_code()  # it was made by command, or on another machine
        return redirect("login")
    form, status = FirstStartForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        limits = {f"first-start:{client_network(request)}": _TRIES}
        if not take(limits, within=_LOCK, at=clock.now()):
            minutes = _LOCK // timedelta(minutes=1)
            form.add_error(None, _("Too many wrong tries. Try again in %(n)s minutes.") % {"n": minutes})
            status = 429
        elif not is_code(request.POST.get("code", "")[:40]):
            form.add_error("code", _("This is not the code in the log of the service."))
        else:
            give_back(limits)
            if form.is_valid() and _made(form):
                messages.success(request, _("The department is made. Log in as its administrator."))
                return redirect("login")
    return render(request, "installation/first_start.html", {"form": form}, status=status)


def _made(form: FirstStartForm) -> bool:
    """Make the department; what stands in the way is said at the form."""
    try:
        set_up_department(department=form.department(), password=form.cleaned_data["password"], at=clock.now())
    except NameTaken:
        form.add_error("username", _("Somebody logs in by this name already."))
    except SetUpAlready:
        form.add_error(None, _("The department was made meanwhile."))
    except forms.ValidationError as error:
        form.add_error("password", error)
    else:
        return True
    return False
