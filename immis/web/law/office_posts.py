"""Who may do what: every grant and act with the posts that hold it and how far it reaches, as ``posts.yaml`` says."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis.core.acts import ACTS, Act
from immis.rules.policy import book
from immis.rules.posts import Grant, Post, chart
from immis.web.shell import wording
from immis.web.shell.exports import wanted_format
from immis.web.shell.tables import Column, table_response
from immis.web.shell.views import page

REACHES = {
    "own_party": gettext_lazy("own"),
    "own_office": gettext_lazy("own office"),
    "district": gettext_lazy("district"),
    "division": gettext_lazy("division"),
    "state": gettext_lazy("The whole State"),
}


@dataclass(frozen=True)
class Row:
    """A grant with the acts that need it, and the reach of each post that holds it, by the post's code."""

    grant: Grant
    reaches: dict[str, str]

    @property
    def acts(self) -> list[Act]:
        """What is done by this grant, or proposed by it."""
        return [act for act in ACTS.values() if self.grant.name in (act.grant, act.second and act.second.grant)]

    @property
    def act_words(self) -> str:
        return "; ".join(f"{act.label} ({wording.citation(_cites(act))})" for act in self.acts)


def _cites(act: Act) -> Any:
    return book().entry(act.clause).values[-1].cites


class PostFilter(forms.Form):
    """Which grants to show."""

    q = forms.CharField(label=gettext_lazy("Grant"), required=False, max_length=60)
    acts = forms.BooleanField(label=gettext_lazy("Only acts on records"), required=False)
    post = forms.ChoiceField(label=gettext_lazy("Post"), required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        posts = [(post.code, wording.name_of(post.title)) for post in chart().posts.values()]
        self.fields["post"].choices = [("", gettext_lazy("all")), *posts]

    def chosen(self) -> tuple[str, str, bool]:
        """The words looked for, the code of a post (empty where all are wanted), and whether only acts are."""
        wanted = self.cleaned_data if self.is_valid() else {}
        return str(wanted.get("q") or "").casefold().strip(), str(wanted.get("post") or ""), bool(wanted.get("acts"))


def _rows(text: str, post: str, only_acts: bool) -> list[Row]:
    rows: list[Row] = []
    for grant in chart().grants.values():
        reaches = {each.code: each.grants[grant.name] for each in _posts(post) if grant.name in each.grants}
        row = Row(grant, reaches)
        if text in f"{grant.name} {' '.join(grant.title.values())}".casefold() and (reaches or not post):
            rows += [row] if row.acts or not only_acts else []
    return rows


def _posts(code: str) -> list[Post]:
    return [post for post in chart().posts.values() if code in ("", post.code)]


def _columns(posts: list[Post]) -> list[Column]:
    return [
        Column(_("Grant"), lambda row: row.grant.name),
        Column(_("What it allows"), lambda row: wording.name_of(row.grant.title)),
        Column(_("Acts"), lambda row: row.act_words),
        *[
            Column(wording.name_of(post.title), lambda row, code=post.code: str(REACHES.get(row.reaches.get(code), "")))
            for post in posts
        ],
    ]


@page("post.read")
def posts(request: HttpRequest) -> HttpResponse:
    """The permission page: grant by grant, act by act, which post holds it and how far it reaches; filter, export."""
    form = PostFilter(request.GET)
    text, code, only_acts = form.chosen()
    shown, rows = _posts(code), _rows(text, code, only_acts)
    if wanted_format(request):
        return table_response(request, columns=_columns(shown), rows=rows, name="posts")
    context = {
        "form": form,
        "posts": shown,
        "rows": [(row, [REACHES.get(row.reaches.get(post.code, ""), "") for post in shown]) for row in rows],
    }
    return render(request, "law/posts.html", context)
