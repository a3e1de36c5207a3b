"""A case as its accused sees it: by his log-in, and by the secret link of his SMS without one (A-15)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import Refusal
from immis.enforcement import selectors, services
from immis.enforcement.papers.link import case_of_token
from immis.rules.calendar import india_day
from immis.rules.movement.offences import offence
from immis.web.enforcement import case_words, words
from immis.web.enforcement.papers import guarded
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.uploads import DocumentField
from immis.web.shell.views import PUBLIC, page


class AnswerForm(forms.Form):
    """What the accused says to the notice, with up to two documents."""

    reply = forms.CharField(label=gettext_lazy("Your reply"), max_length=4000, widget=forms.Textarea({"rows": 6}))
    document = DocumentField(label=gettext_lazy("Document"), required=False)
    document_2 = DocumentField(label=gettext_lazy("Second document"), required=False)

    @property
    def documents(self) -> list[Any]:
        return [file for name in ("document", "document_2") if (file := self.cleaned_data.get(name))]


def _shown(case: Any, papers: list[tuple[str, str]], route: str = "") -> dict[str, Any]:
    """A case as its accused reads it; ``papers`` are (number, address), ``route`` hands out documents."""
    waits = case.state == "noticed" and case.replied_at is None
    return {
        "case": case,
        "chip": words.case_chip(case),
        "offence": words.offence(case.offence),
        "law": offence(case.offence),
        "reply_until": case_words.reply_until(case),
        "is_late": waits and case.reply_due_at is not None and clock.now() >= case.reply_due_at,
        "waits": waits,
        "papers": [{"number": number, "words": case_words.paper(number), "url": url} for number, url in papers],
        "replies": case_words.reply_rows(case, route),
        "hearings": case_words.hearing_rows(case),
        "appeals": case_words.appeal_rows(case, route, today=india_day(clock.now())),
        "crumb_name": case.number,
    }


@page("case.answer")
def own_case(request: HttpRequest, number: str) -> HttpResponse:
    """A case against the reader: notice, evidence in words, his reply with documents, order (A-15)."""
    case = selectors.case_of(request.actor, number)
    acts = PageActs(request, "case", case, place="own", at=clock.now())
    if request.method == "POST" and (answer := acts.take()):
        return answer
    papers = [(paper.number, reverse("own_case_paper", args=[number, paper.number])) for paper in case.papers.all()]
    return render(
        request,
        "enforcement/own_case.html",
        {**_shown(case, papers, "own_case_file"), "acts": acts},
        status=acts.status,
    )


@page(PUBLIC)
def linked_case(request: HttpRequest, token: str) -> HttpResponse:
    """The same by the secret link, with a form to answer the notice (A-15)."""
    case = case_of_token(token)
    form = AnswerForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        if form.is_valid() and _answer(request, case, form):
            return guarded(redirect("case_link", token=token))
        status = 422
    papers = [(paper.number, reverse("case_link_paper", args=[token, paper.number])) for paper in case.papers.all()]
    return guarded(
        render(request, "enforcement/linked_case.html", {**_shown(case, papers), "form": form}, status=status)
    )


def _answer(request: HttpRequest, case: Any, form: AnswerForm) -> bool:
    """Hand the reply in; what the law says against it stands on the page."""
    try:
        services.answer_by_link(case, reply=form.cleaned_data["reply"], documents=form.documents, at=clock.now())
    except Refusal as refusal:
        for finding in refusal.findings:
            form.add_error(None, wording.say(finding))
        return False
    messages.success(request, _("Your reply has reached the office."))
    return True
