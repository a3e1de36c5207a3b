"""The document of an order as an office hands it in: PDF, JPG or PNG of a set size, kept under its hash."""

from pathlib import Path
from typing import Any

from django import forms
from django.http import FileResponse, Http404
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from immis import clock
from immis.core.errors import Refusal
from immis.core.papers.files import path_of, type_of
from immis.core.papers.reading import refuse_huge_picture
from immis.rules.policy import book
from immis.web.shell import wording

_TYPES = {"PDF": "application/pdf", "JPG": "image/jpeg", "PNG": "image/png"}
_ACCEPTED = ".pdf,.jpg,.jpeg,.png"
_HEAD = 16


def _taken_now(more: Any) -> str:
    """Kinds and size that are taken, behind what else is said of a document."""
    terms = book().value("HLD-14", clock.now())
    limit = _("%(kinds)s, at most %(mb)d MB") % {"kinds": ", ".join(terms["types"]), "mb": terms["most_mb"]}
    return f"{more} {limit}".strip()


def _most_mb_now() -> str:
    return str(book().value("HLD-14", clock.now())["most_mb"])


_taken, _most_mb = lazy(_taken_now, str), lazy(_most_mb_now, str)


class DocumentField(forms.FileField):
    """A document by the terms of HLD-14; ``keep_document`` stores it and answers its SHA-256."""

    def __init__(self, **kwargs: Any):
        super().__init__(**{"label": gettext_lazy("Document of the order"), **kwargs})
        self.help_text = _taken(self.help_text)
        self.widget.attrs |= {"accept": _ACCEPTED, "data-most-mb": _most_mb()}

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file is None:
            return None
        terms = book().value("HLD-14", clock.now())
        if file.size > int(terms["most_mb"]) * 1024 * 1024:
            raise forms.ValidationError(_("The file is larger than %(mb)d MB.") % {"mb": terms["most_mb"]})
        head = file.read(_HEAD)
        file.seek(0)
        if type_of(head) not in terms["types"]:
            raise forms.ValidationError(_("Only PDF, JPG or PNG is taken."))
        try:
            refuse_huge_picture(file.read())
        except Refusal as refusal:
            raise forms.ValidationError([wording.say(finding) for finding in refusal.findings]) from refusal
        file.seek(0)
        return file


def paper_response(sha256: str, name: str) -> FileResponse:
    """A kept document for an officer who may see its record. Raises Http404 when there is none."""
    path: Path | None = path_of(sha256) if sha256 else None
    if path is None or not path.is_file():
        raise Http404("no document")
    with path.open("rb") as file:
        kind = type_of(file.read(_HEAD))
    answer = FileResponse(path.open("rb"), content_type=_TYPES.get(kind, "application/octet-stream"))
    answer["Content-Disposition"] = f'inline; filename="{name}.{kind.lower() or "bin"}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
