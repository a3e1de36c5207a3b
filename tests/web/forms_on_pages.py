"""The forms that a page shows, filled in as a reader would: what stands there, fitting words where it is empty."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile

PDF = b"%PDF-1.7\n% handed in by a stranger"
#: What is written into an empty field, by its name or else by its type.
BY_NAME = {"account": "123456789", "bank_account": "123456789", "quantity_m3": "5", "amount": "1", "year": "1"}
BY_TYPE = {
    "date": "2026-10-16", "datetime-local": "2026-10-16T12:00", "number": "1", "email": "x@example.org",
    "tel": "9000000001", "checkbox": "on",
}  # fmt: skip


@dataclass
class PageForm:
    """One form: where it is sent, its fields, and the buttons that send it (name, value)."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def payloads(self):
        """What is sent with each button; files anew each time."""
        for name, value in self.buttons or [("", "")]:
            files = {one: SimpleUploadedFile("x.pdf", PDF, "application/pdf") for one in self.files}
            yield {**self.fields, **files, **({name: value} if name else {})}


class _Reader(HTMLParser):
    def __init__(self, address: str):
        super().__init__()
        self.address, self.forms, self.form, self.select, self.area = address, [], None, "", ""

    def handle_starttag(self, tag, pairs):
        attrs = dict(pairs)
        name = attrs.get("name") or ""
        if tag == "form" and (attrs.get("method") or "").lower() == "post":
            self.form = PageForm(urlsplit(urljoin(self.address, attrs.get("action") or self.address)).path)
            self.forms.append(self.form)
        elif self.form is None:
            return
        elif tag == "input" and name:
            self._input(name, attrs)
        elif tag == "button" and name:
            self.form.buttons.append((name, attrs.get("value") or ""))
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and (attrs.get("value") or "") and not self.form.fields.get(self.select):
            self.form.fields[self.select] = attrs["value"]
        elif tag == "textarea":
            self.form.fields[name] = "because"

    def _input(self, name, attrs):
        kind = attrs.get("data-day") or attrs.get("type") or "text"
        if kind == "file":
            self.form.files.append(name)
        elif name != "csrfmiddlewaretoken" and not (kind == "radio" and name in self.form.fields):
            self.form.fields[name] = attrs.get("value") or BY_NAME.get(name) or BY_TYPE.get(kind, "x/1")

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = ""


def forms_on(address: str, page: str) -> list[PageForm]:
    """The forms of a page that change something."""
    reader = _Reader(address)
    reader.feed(page)
    return reader.forms
