"""A draft of minutes before its officer: what the reader is not sure of is asked, then all is confirmed at once."""

import json
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.directions import drafts, selectors
from immis.directions.services.confirming import BEFORE, NONE
from immis.rules.posts import chart
from immis.web.shell import wording
from immis.web.shell.acts import PageActs
from immis.web.shell.fields import DayField
from immis.web.shell.views import page

#: So many points that are asked back stand open; of a longer paper each is opened by itself.
_UNFOLDED = 16
#: So many earlier directions are offered; by the API any of them can be named.
_CHOICES = 200
_WHOLE = ("series", "chair_post", "memo_no", "issued_on", "attendance")


class ReviewForm(forms.Form):
    """What is asked of minutes as a whole, and of each of their points."""

    series = forms.CharField(label=gettext_lazy("Series of meetings"), max_length=200)
    chair_post = forms.ChoiceField(label=gettext_lazy("Who chaired, and closes the directions"))
    memo_no = forms.CharField(label=gettext_lazy("Memo number"), required=False, max_length=120)
    issued_on = DayField(label=gettext_lazy("Issued on"), required=False)
    attendance = forms.CharField(
        label=gettext_lazy("Attendance"), required=False, max_length=4000, widget=forms.Textarea({"rows": 2})
    )
    rest = forms.ChoiceField(
        label=gettext_lazy("Who answers for all points that name nobody"),
        required=False,
        help_text=gettext_lazy("Only for those below for which nothing else is chosen."),
    )

    def __init__(self, *args: Any, points: list[drafts.DraftPoint], earlier: list[Any], at: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.points = points
        self.people = [(key, wording.name_of(row.names)) for key, row in drafts.choices(at).items()]
        posts = [(post.code, wording.name_of(post.title)) for post in chart().posts.values() if post.is_office]
        self.fields["chair_post"].choices = [("", _("Choose")), *posts]
        self.fields["rest"].choices = [("", _("Choose")), *self.people]
        if not any("owner" in point.asks for point in points):
            del self.fields["rest"]
        repeats = [("", _("Choose")), (BEFORE, _("one of before this system")), (NONE, _("none is meant"))]
        self.repeats = [*repeats, *((row.number, f"{row.number} ({row.mark}): {row.text[:60]}") for row in earlier)]
        for point in points:
            self._ask(point)

    def _ask(self, point: drafts.DraftPoint) -> None:
        """The fields of one point: those that the reader is not sure of, and whether it is a direction."""
        place, named = point.place, point.named
        keep = forms.BooleanField(label=_("It is a direction"), required=False, initial=not point.is_doubtful)
        self.fields[f"keep_{place}"] = keep
        offered = [*named.owners, *named.also, *([named.proposed] if named.proposed else [])]
        names = dict(self.people)
        if offered:
            choices = [(key, names[key]) for key in offered if key in names]
            self.fields[f"owners_{place}"] = forms.MultipleChoiceField(
                label=_("Who answers"), required=False, choices=choices, initial=list(named.owners),
                widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip
        other = [("", _("nobody else")), *(row for row in self.people if row[0] not in offered)]
        self.fields[f"other_{place}"] = forms.ChoiceField(label=_("Somebody else"), required=False, choices=other)
        if "earlier" in point.asks:
            label = _("It says that this was directed before: where?")
            asked = forms.ChoiceField(label=label, required=False, choices=self.repeats)
            asked.needed = True  # of a point that is kept
            self.fields[f"repeats_{place}"] = asked
        if point.due.on is None:
            self.fields[f"due_{place}"] = DayField(label=_("Due on"), required=False)

    def fields_of(self, point: drafts.DraftPoint) -> list[Any]:
        """The fields of one point, bound, in their order."""
        names = [f"{name}_{point.place}" for name in ("keep", "owners", "other", "repeats", "due")]
        return [self[name] for name in names if name in self.fields]

    def whole(self) -> list[Any]:
        """The fields of the minutes as a whole."""
        return [self[name] for name in (*_WHOLE, "rest") if name in self.fields]

    def said(self) -> dict[str, Any]:
        """The act's fields as the officer filled them in."""
        sent = self.cleaned_data
        whole = {name: sent[name] or "" for name in _WHOLE}
        whole["issued_on"] = sent["issued_on"].isoformat() if sent["issued_on"] else ""
        answers = {str(point.place): self._answer(point) for point in self.points}
        return {**whole, "answers": json.dumps(answers)}

    def _answer(self, point: drafts.DraftPoint) -> dict[str, Any]:
        sent, place = self.cleaned_data, point.place
        owners = [*sent.get(f"owners_{place}", ()), *filter(None, [sent[f"other_{place}"]])]
        due = sent.get(f"due_{place}")
        return {
            "keep": sent[f"keep_{place}"],
            "owners": owners or list(filter(None, [sent.get("rest")])),
            "repeats": sent.get(f"repeats_{place}", ""),
            "due_on": due.isoformat() if due else "",
        }


def _asks(point: drafts.DraftPoint) -> list[str]:
    """What the reader is not sure of, in words."""
    known = {
        "owner": _("Nobody is named, or nobody whom this house knows."),
        "also": _("Its text names somebody else too."),
        "earlier": _("An earlier direction is meant."),
        "kind": _("Is this a direction?"),
    }
    return [known[name] for name in point.asks]


@page("meeting.keep")
def office_meeting_review(request: HttpRequest, number: str) -> HttpResponse:
    """The points of a draft with what is asked back, and one button that confirms all."""
    row, at = selectors.meeting_of(number, request.actor), clock.now()
    if row.state != row.DRAFT:
        return redirect("office_meeting", row.number)
    points = drafts.points_of_draft(row, at)
    first = {name: getattr(row, name) for name in ("memo_no", "issued_on", "attendance")}
    first |= {"series": row.subject[:200], "chair_post": drafts.chair_of(row, request.actor, at)}
    earlier = list(selectors.earlier_directions(row)[:_CHOICES])
    form = ReviewForm(request.POST or None, points=points, earlier=earlier, at=at, initial=first)
    acts, status = PageActs(request, "meeting", row, place="review", at=at).alone("confirm"), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            acts = acts.given_as(form.said(), {})
            if answer := acts.take():
                return answer
            status = acts.status
    asked = [(point, form.fields_of(point), _asks(point)) for point in points if point.asks]
    clear = [(point, form.fields_of(point), []) for point in points if not point.asks]
    context = {
        "meeting": row,
        "form": form,
        "whole": form.whole(),
        "parts": [(_("Asked back"), asked, True), (_("Clear in the paper"), clear, False)],
        "unfolded": form.is_bound or len(asked) <= _UNFOLDED,
        "refused": acts.refused,
    }
    return render(request, "directions/review.html", context, status=status)
