"""Acts as pages show and take them: the ones that fit as forms, the others with the reason why they do not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.core.acts import Field, Offer, Shut, acts_of, offers, perform
from immis.core.errors import NotPermitted, Refusal, TooMany
from immis.rules.catalogue import Finding
from immis.web.shell import wording
from immis.web.shell.fields import DayField, InstantField, ShutRadio
from immis.web.shell.uploads import DocumentField

#: Said of what was chosen where it is gone since, as a vehicle that has left the ghat (Django's Hindi is no Hindi).
_NO_CHOICE = gettext_lazy("%(value)s is not among the choices now; choose again.")

#: The field of a form for each kind of field of an act.
_KINDS: dict[str, Callable[[Field, Mapping[str, Any]], forms.Field]] = {
    "text": lambda field, more: forms.CharField(max_length=field.max_length, **more),
    "long_text": lambda field, more: forms.CharField(
        max_length=field.max_length, widget=forms.Textarea({"rows": 3}), **more
    ),
    "number": lambda field, more: forms.IntegerField(min_value=field.least, max_value=field.most, **more),
    "rupees": lambda field, more: forms.IntegerField(min_value=field.least, max_value=field.most, **more),
    "decimal": lambda field, more: forms.DecimalField(
        min_value=field.least, max_value=field.most, max_digits=field.digits, decimal_places=field.places, **more
    ),
    "day": lambda field, more: DayField(**more),
    "instant": lambda field, more: InstantField(**more),
    "yes_no": lambda field, more: forms.BooleanField(**more),
    "file": lambda field, more: forms.FileField(**more),
    "document": lambda field, more: DocumentField(**more),
    "choice": lambda field, more: forms.ChoiceField(error_messages={"invalid_choice": _NO_CHOICE}, **more),
    "choices": lambda field, more: forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, **more),
}
#: How a field is drawn where that is not by its kind.
_LOOKS: dict[str, type[forms.Widget]] = {"radio": ShutRadio, "hidden": forms.HiddenInput}
#: The tick before an act that ends something.
SURE = "sure"
#: A form of so many fields is not written twice: what was typed is kept on the device until it is taken.
_LONG = 6


class ActForm(forms.Form):
    """What an act asks for, of one viewer about one record."""

    def __init__(self, offer: Offer, data: Any = None, files: Any = None, initial: Any = None):
        super().__init__(data, files, auto_id=f"{offer.act.sent}_%s", initial=initial)
        self.offer = offer
        self.asked = [field for field in offer.act.fields if _is_asked(field, offer)]
        for field in self.asked:
            self.fields[field.name] = _field(field, offer, sent=data is not None)
        if offer.act.ends:
            self.fields[SURE] = forms.BooleanField(label=offer.act.ends)

    def clean(self) -> dict[str, Any]:
        for field in self.asked:
            if field.read and field.name in self.cleaned_data:
                try:
                    self.cleaned_data[field.name] = field.read(self.cleaned_data[field.name])
                except ValueError as fault:
                    self.add_error(field.name, _worded(fault)())
        if self.offer.act.check:
            for name, words in self.offer.act.check(self.cleaned_data, self.offer.by, self.offer.at).items():
                self.add_error(name, words)
        return self.cleaned_data

    def perform(self, request: HttpRequest) -> Any:
        """Do the act with what was sent, which must be valid."""
        values = {name: value for name, value in self.cleaned_data.items() if name != SURE}
        back = {"return_url": _page_address(request, self.offer)} if self.offer.act.outside else {}
        return perform(self.offer, values | back)


def _worded(fault: ValueError) -> Callable[[], Any]:
    """What is wrong in the language that is spoken when it is shown: a call answers in both."""
    return lazy(lambda: str(fault), str)


def _page_address(request: HttpRequest, offer: Offer) -> str:
    """The whole address of the page that draws an act on a record."""
    act = offer.act
    path = reverse(act.noun.pages[act.place][0], args=[act.noun.number(offer.record)])
    here = settings.PUBLIC_URL.rstrip("/") if settings.PRODUCTION else f"{request.scheme}://{request.get_host()}"
    return f"{here}{path}"


def _is_asked(field: Field, offer: Offer) -> bool:
    return field.asked is None or bool(field.asked(offer.record, offer.by, offer.at))


def _field(field: Field, offer: Offer, *, sent: bool) -> forms.Field:
    """A field of a form; what it begins with is asked for only where nothing was sent."""
    asked = (offer.record, offer.by, offer.at)
    label = field.named(*asked) if field.named else field.label
    more: dict[str, Any] = {"label": label, "required": field.required, "help_text": field.help}
    if field.kind in ("choice", "choices"):
        pairs = field.choices(*asked) if callable(field.choices) else field.choices
        more["choices"] = [(value, _named(words)) for value, words in pairs]
    if field.initial and not sent:
        more["initial"] = field.initial(*asked)
    if field.look:
        more["widget"] = _LOOKS[field.look]()
    made = _KINDS[field.kind](field, more)
    made.widget.attrs |= field.attrs
    if field.one_of:
        made.needed = True
    if field.mark:
        made.widget.attrs[f"data-{field.mark}"] = ""
    return made


def _named(words: Any) -> Any:
    """A choice in words: a name in both languages, a finding, or one that cannot be made now."""
    if isinstance(words, Shut):
        return words
    return wording.say(words) if isinstance(words, Finding) else wording.name_of(words)


@dataclass(frozen=True)
class ShownAct:
    """An act that fits, as its form is drawn."""

    label: str
    word: str
    clause: str
    form: ActForm
    open: bool
    danger: bool
    key: str
    ends: bool = False
    draft: str = ""  # by this name what is being written is kept on the reader's device


class PageActs:
    """The acts of one page of a record before its reader; a page of acts that open one has none.

    ``default`` is the act of a form that names none; ``home`` is the page to go on with, where it is not this one.
    """

    def __init__(
        self,
        request: HttpRequest,
        noun: str,
        record: Any,
        *,
        place: str,
        at: datetime,
        default: str = "",
        home: str = "",
    ) -> None:
        self.request, self.default, self.home = request, default, home or request.path
        self.known = acts_of(noun, place=place)
        self.asked = {"noun": noun, "record": record, "by": request.actor, "at": at, "place": place}
        self.tried: ActForm | None = None
        self.refused: Sequence[Finding] = ()
        self.only = ""
        self.initial: Mapping[str, Any] = {}
        self.key: tuple[str, str] | None = None
        self.given: tuple[Any, Any] = (request.POST, request.FILES)
        self.action = ""  # where its form is sent, where that is not this page

    @cached_property
    def offers(self) -> list[Offer]:
        """The acts of this page that its reader holds a grant of."""
        return offers(**self.asked)

    def among(self, name: str, number: str, gathered: Mapping[Any, Any]) -> "PageActs":
        """One of several records on a page: its forms send its number as ``name``; its facts were gathered for all."""
        self.key = (name, number)
        self.asked["gathered"] = gathered
        return self

    @property
    def number(self) -> str:
        """The number of the record, where it is one of several on its page."""
        return self.key[1] if self.key else ""

    def alone(self, word: str, initial: Mapping[str, Any] | None = None) -> "PageActs":
        """The page of one act: it is the act of every form sent here, and a refusal stands beside what was typed."""
        self.only, self.initial = word, initial or {}
        self.offers = offers(**self.asked, sent=word)
        return self

    def given_as(self, form_data: Any, files: Any) -> "PageActs":
        """The act's fields where its page asks for them otherwise: a file that was looked at before it is taken in."""
        self.given = (form_data, files)
        return self

    def knows(self, word: str) -> bool:
        """Whether there is such an act on this page, whoever may do it."""
        return any(act.sent == word for act in self.known)

    def take(self) -> HttpResponse | None:
        """Do the act that was sent and answer with this page; None where its form is to be shown again.

        Raises Refusal where the act does not fit, NotPermitted where it is not this reader's; one that there is not
        changes nothing.
        """
        word = self.only or self.request.POST.get("act", self.default)
        offered = self.offers if self.only else offers(**self.asked, sent=word)
        if not offered:
            return self._unknown(word)
        try:
            return self._do(offered[0])
        except Refusal as refusal:
            if not self.only or isinstance(refusal, TooMany):
                raise
            self.refused = refusal.findings
            return None

    def _do(self, offer: Offer) -> HttpResponse | None:
        if not offer.open:
            raise Refusal(offer.findings)
        self.tried = form = ActForm(offer, *self.given)
        if not form.is_valid():
            return None
        result = form.perform(self.request)
        if address := offer.act.outside(result) if offer.act.outside else "":
            return HttpResponseRedirect(address, status=303)
        self._tell(offer, result)
        page = offer.act.leads_to(answered(result)) if offer.act.leads_to else None
        return redirect(page.name, *page.args) if page else redirect(self.home)

    def take_and_leave(self) -> HttpResponse:
        """The same at an address that has no page of its own: what is wrong is told on the page to go on with."""
        answer = self.take()
        if answer is not None or self.tried is None:
            return answer or redirect(self.home)
        for name, problems in self.tried.errors.items():
            words = " ".join(map(str, problems))
            field = self.tried.fields.get(name)
            messages.error(self.request, f"{field.label}: {words}" if field else words)
        return redirect(self.home)

    def _unknown(self, word: str) -> HttpResponse:
        if self.knows(word):
            raise NotPermitted(f"{word} is not for {self.request.actor.role}")
        messages.error(self.request, _("There is no such act for your post."))
        return redirect(self.home)

    def _tell(self, offer: Offer, result: Any) -> None:
        words = _done_words(offer, result)
        if not words:  # the page that it leads to says it all
            return
        messages.success(self.request, words)
        for finding in warnings_of(result):
            messages.warning(self.request, wording.say(finding))

    @property
    def status(self) -> int:
        """409 where the law refused it, 422 where the form is wrong."""
        return 409 if self.refused else 422 if self.tried else 200

    @property
    def fitting(self) -> list[ShownAct]:
        """The acts that fit, each with its form; what was typed wrong stands in it."""
        return [self._shown(offer) for offer in self.offers if offer.open]

    def _shown(self, offer: Offer) -> ShownAct:
        act, tried = offer.act, self.tried is not None and self.tried.offer.act is offer.act
        form = self.tried if tried else ActForm(offer, initial=self.initial)
        if self.key:
            form.auto_id = f"{act.sent}_{self.key[1]}_%s"
        return ShownAct(
            offer.label, act.sent, act.clause, form, tried, bool(act.ends), act.key, bool(act.ends), self._draft(form)
        )

    def _draft(self, form: ActForm) -> str:
        """The name of what is being written in a long form; none where nobody would miss it."""
        act = form.offer.act
        is_long = len(form.asked) >= _LONG or any(field.kind == "long_text" for field in form.asked)
        return f"{self.request.actor.user_id}:{self.request.path}:{act.sent}" if is_long and not act.tries_kept else ""

    @property
    def shut(self) -> list[Offer]:
        """The acts that do not fit now."""
        return [offer for offer in self.offers if not offer.open]


def _done_words(offer: Offer, result: Any) -> str:
    """That an act is done, or proposed, in words; its number is that of what the service answers, if that has one."""
    act = offer.act
    words = act.second.done if act.second and offer.proposes else act.done or _("Recorded: %(act)s")
    if callable(words):
        return str(words(answered(result)))
    facts = {"act": act.label, "number": getattr(answered(result), "number", "")}
    return str(words) % facts if "%(" in str(words) else str(words)


def warnings_of(result: Any) -> list[Finding]:
    """The findings among what a service answers."""
    rows = result[1] if isinstance(result, tuple) else result
    return [row for row in rows if isinstance(row, Finding)] if isinstance(rows, list) else []


def answered(result: Any) -> Any:
    """What a service answers, without the findings beside it."""
    return result[0] if isinstance(result, tuple) else result
