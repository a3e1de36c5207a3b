"""A list declared once: its columns serve the page, the file that is taken along, and the print."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet, Sum
from django.forms import Form
from django.forms.utils import flatatt
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from immis.rules.money import PAISE
from immis.web.shell import wording
from immis.web.shell.districts import district_name
from immis.web.shell.exports import file_response, wanted_format
from immis.web.shell.paging import Pages
from immis.web.shell.tags import chip, unbroken
from immis.web.shell.technical import facts_shown

_MONEY = ("paise", "rupees")
_CRORE_PAISE = 10**9
_MINOR = ("hash", "code", "facts")
_NUMBER = re.compile(r"[A-Z0-9]{2,}(-[A-Z0-9]+)+")
_OF_A_HASH = 12  # as many digits as one compares by eye
Value = str | Callable[[Any], Any]


def read(row: Any, value: Value) -> Any:
    """The value of a column in a row: a dotted path of attributes or keys, or a function of the row."""
    if callable(value):
        return value(row)
    for part in value.split("."):
        row = row.get(part) if isinstance(row, dict) else getattr(row, part, None)
    return row


def to(view: str, value: Value) -> Callable[[Any], str]:
    """A link of a column: the page of this name for what the row holds there; none where it holds nothing."""
    return lambda row: reverse(view, args=[key]) if (key := read(row, value)) not in (None, "") else ""


def _unbroken(value: Any) -> Any:
    """Text as a page shows it: a number with hyphens stays on one line, as it is read."""
    return unbroken(value) if _NUMBER.fullmatch(str(value)) else str(value)


def _district(name: str | None) -> str:
    return district_name(name, wording.lang()) if name else ""


@dataclass(frozen=True)
class Kind:
    """How values of a kind are shown on a page and what of them stands in a file."""

    shown: Callable[[Any], Any]
    kept: Callable[[Any], Any] = lambda value: value
    css: str = ""
    unit: str = ""


KINDS = {
    "text": Kind(_unbroken),
    "name": Kind(lambda value: unbroken(wording.name_of(value)), wording.name_of),
    "district": Kind(_district, _district),
    "number": Kind(wording.number, css="num"),
    "paise": Kind(wording.paise, lambda paise: None if paise is None else Decimal(paise) / PAISE, "num", "₹"),
    "rupees": Kind(wording.rupees, css="num"),
    "day": Kind(wording.day, css="day"),
    "at": Kind(wording.clock_time, css="day"),
    "since": Kind(wording.ago_or_in),
    "late": Kind(lambda value: chip(*wording.late_or_left(value))),
    "chip": Kind(lambda value: chip(*value), lambda value: str(value[1])),
    "chips": Kind(
        lambda value: format_html_join(" ", "{}", ((chip(*item),) for item in value)),
        lambda value: ", ".join(str(word) for _state, word in value),
    ),
    "act": Kind(str),
    "html": Kind(lambda value: value),
    "code": Kind(lambda value: format_html("<code>{}</code>", value)),
    "hash": Kind(lambda value: format_html("<code>{}</code>", value[:_OF_A_HASH])),
    "facts": Kind(facts_shown, lambda facts: facts or "", "facts-cell"),
}


@dataclass(frozen=True)
class Column:
    """One column of a list.

    ``value`` is a dotted path of attributes or a function of the row; ``kind`` says
    what it is (``KINDS``). On the page a column may lead somewhere (``link``; with
    ``decide`` it is the row's proposed act) or stand small beneath the one before
    (``under``; ``named`` puts its label before it). ``on`` is ``page`` or ``file`` where it stands in one of them only.
    ``css`` is a class of its cells beside that of its kind. ``total`` says whether the list has the sum of it below;
    money has, unless told otherwise. ``minor``: what leaves on a phone where the row leads to a page of its own.
    """

    label: str
    value: Value
    kind: str = "text"
    link: Callable[[Any], str] | None = None
    under: bool = False
    decide: bool = False
    named: bool = False
    on: str = ""
    unit: str = ""
    css: str = ""
    total: bool | None = None
    minor: bool = False

    @property
    def is_summed(self) -> bool:
        """Whether the sum of this column stands below the list."""
        return self.on != "file" and (self.kind in _MONEY if self.total is None else self.total)

    def of(self, row: Any) -> Any:
        """The value of this column in a row."""
        return read(row, self.value)

    @property
    def field(self) -> str:
        """The field of the record that it shows, as the database names it; empty where a function gathers it."""
        return "" if callable(self.value) else self.value.replace(".", "__")

    @property
    def classes(self) -> str:
        """The classes of its cells on the page."""
        return f"{KINDS[self.kind].css} {self.css}".strip()

    @property
    def header(self) -> str:
        """The head of the column in a file: with its unit."""
        unit = self.unit or KINDS[self.kind].unit
        return f"{self.label} ({unit})" if unit else str(self.label)

    def kept(self, row: Any) -> Any:
        """The value as a file keeps it."""
        value = self.of(row)
        return None if value is None else KINDS[self.kind].kept(value)

    def shown(self, row: Any) -> SafeString:
        """The value as the page shows it; empty where there is none."""
        value = self.of(row)
        text = "" if value is None or value == "" else KINDS[self.kind].shown(value)
        url = self.link(row) if self.link else ""
        if self.named and text:
            text = f"{self.label} {text}"
        if url and text:
            css = mark_safe(' class="btn small quiet"') if self.kind == "act" else ""
            decide = mark_safe(" data-decide") if self.decide else ""
            return format_html('<a{} href="{}"{}>{}</a>', css, url, decide, text)
        return format_html("{}", text)


@dataclass(frozen=True)
class Cell:
    """One cell of a drawn row: the head it stands under, its class and what stands in it."""

    head: str
    css: str
    html: SafeString


@dataclass(frozen=True)
class Table:
    """A list with its title, columns and what an empty one says; ``name`` is the name of its file.

    ``row_attrs`` are the attributes of a row: its class, what scripts know it by.
    """

    name: str
    title: str
    columns: Sequence[Column]
    empty: tuple[str, str] = ("", "")
    row_attrs: Callable[[Any], Mapping[str, str]] = field(default=lambda _row: {})

    @property
    def heads(self) -> list[tuple[str, str]]:
        """Heads of the page's columns with their class."""
        return [(str(group[0].label), group[0].classes) for group in self._groups()]

    def _groups(self) -> list[list[Column]]:
        """The columns of the page, each with those that stand beneath it."""
        groups: list[list[Column]] = []
        for column in self.columns:
            if column.on == "file":
                continue
            if column.under and groups:
                groups[-1].append(column)
            else:
                groups.append([column])
        return groups

    def drawn(self, rows: Iterable[Any]) -> list[tuple[SafeString, list[Cell]]]:
        """Rows for the page: the attributes of the row, and its cells."""
        groups = [(group, role) for group, role in zip(self._groups(), self._roles(), strict=True)]
        return [(flatatt(self.row_attrs(row)), [self._cell(*group, row) for group in groups]) for row in rows]

    def listed(self, rows: Iterable[Any]) -> dict[str, Any]:
        """What ``components/table.html`` draws, for a page that has more than this list."""
        known = list(rows)
        return {"table": self, "rows": self.drawn(known), "sums": self.sums(known)}

    def sums(self, rows: Sequence[Any], *, whole: bool = True) -> list[Cell]:
        """The line below a list: the sums of its money, or of the rows of this page; none where one row says it all."""
        groups = self._groups()
        if len(rows) < 2 or not any(group[0].is_summed for group in groups):
            return []
        words = _("Sum") if whole else _("Sum of this page")
        return [self._sum(group[0], rows, words if place == 0 else "") for place, group in enumerate(groups)]

    def sums_of_all(self, rows: Any) -> list[Cell]:
        """The sums of a list over all its pages, where the records themselves keep what is summed; else none."""
        groups = self._groups()
        fields = {group[0].field for group in groups if group[0].is_summed}
        if not fields or not isinstance(rows, QuerySet) or not all(_is_kept(rows, field) for field in fields):
            return []
        found = rows.order_by().aggregate(**{f"sum_{field}": Sum(field) for field in fields})
        cells = []
        for place, (column, *_under) in enumerate(groups):
            value = found[f"sum_{column.field}"] if column.is_summed else None
            text = _summed(column.kind, value) if value is not None else _("Sum") if place == 0 else ""
            css = " ".join(filter(None, (column.classes, "" if text else "none")))
            cells.append(Cell(str(column.label), css, format_html("{}", text)))
        return cells

    def _sum(self, column: Column, rows: Sequence[Any], words: str) -> Cell:
        values = [value for row in rows if (value := column.of(row)) is not None] if column.is_summed else []
        text = _summed(column.kind, sum(values)) if values else words
        return Cell(
            str(column.label), " ".join(filter(None, (column.classes, "" if text else "none"))), format_html("{}", text)
        )

    def _roles(self) -> list[str]:
        """What each column is on a phone, where a row is a card: its name, its state, a fact, or minor and left out."""
        groups = self._groups()
        chips = [place for place, group in enumerate(groups) if place and group[0].kind in ("chip", "chips")]
        has_page = any(column.link for group in groups for column in group)
        roles = []
        for place, group in enumerate(groups):
            minor = has_page and (group[0].minor or group[0].kind in _MINOR)
            roles.append("name" if place == 0 else "state" if place in chips[:1] else "minor" if minor else "")
        return roles

    def _cell(self, group: list[Column], role: str, row: Any) -> Cell:
        main, *under = (
            wording.guarded(column.shown, row, code=self.name, instead=lambda words: format_html("{}", words))
            for column in group
        )
        small = [text for text in under if text]
        html = main or _none()
        if small:
            line = format_html_join(" · ", "{}", ((text,) for text in small))
            html = format_html('<span>{}<span class="sub">{}</span></span>', html, line)
        elif group[0].kind == "chips" or " " in html and "unbroken" in html:  # on a phone its words stay together
            html = format_html("<span>{}</span>", html)
        css = " ".join(filter(None, (group[0].classes, role, "" if main or small else "none")))
        return Cell(str(group[0].label), css, html)


def _summed(kind: str, value: Any) -> Any:
    """The sum of a column; a long one of money with the crores beneath."""
    shown = KINDS[kind].shown(value)
    paise = value * PAISE if kind == "rupees" else value
    if kind not in _MONEY or abs(paise) < _CRORE_PAISE:
        return shown
    return format_html('<span>{}<span class="sub">{}</span></span>', shown, wording.short_paise(paise))


def _is_kept(rows: Any, path: str) -> bool:
    """Whether a path names what the database keeps or reckons of these rows, so that it can sum it."""
    if not path or path in rows.query.annotations:
        return bool(path)
    model: Any = rows.model
    for part in path.split("__"):
        try:
            field = model._meta.get_field(part)
        except (FieldDoesNotExist, AttributeError):
            return False
        model = field.related_model
    return True


def _none() -> SafeString:
    """What stands where nothing is known, apart from a nil."""
    return format_html('<span aria-hidden="true">—</span><span class="visually-hidden">{}</span>', _("no data"))


def row_form(request: HttpRequest, template: str, **context: Any) -> SafeString:
    """A form that stands in a row, drawn from its template: the value of a column of kind ``html``."""
    return render_to_string(template, context, request=request)


def table_response(request: HttpRequest, *, columns: Sequence[Column], rows: Iterable[Any], name: str) -> HttpResponse:
    """Rows as a download in the format that ``?format=`` asks for (CSV unless ``xlsx``)."""
    kept = [column for column in columns if column.on != "page"]
    lines = [[column.header for column in kept]]
    lines += [[wording.guarded(column.kept, row, code=name, instead=str) for column in kept] for row in rows]
    return file_response(request, lines=lines, name=name)


@dataclass(frozen=True)
class ListPage:
    """How a list is shown: its filter, its template, how many rows a page and a file, what else the template needs."""

    form: Form | None = None
    template: str = "list.html"
    rows_a_page: int = 50
    rows_a_file: int | None = None
    prepare: Callable[[Iterable[Any]], Iterable[Any]] = field(default=lambda rows: rows)
    more: dict[str, Any] = field(default_factory=dict)
    status: int = 200


def list_response(request: HttpRequest, table: Table, rows: Any, shown: ListPage = ListPage()) -> HttpResponse:
    """A list as a page, or as the file that ``?format=`` asks for; ``prepare`` gathers what only shown rows need."""
    if wanted_format(request):
        kept = rows if shown.rows_a_file is None else rows[: shown.rows_a_file]
        return table_response(request, columns=table.columns, rows=shown.prepare(kept), name=table.name)
    page = Pages(rows, shown.rows_a_page).get_page(request.GET.get("page"))
    known = list(shown.prepare(page))
    summed = table.sums_of_all(rows) if page.paginator.num_pages > 1 and not page.paginator.more else []
    context = {
        "table": table,
        "page": page,
        "rows": table.drawn(known),
        "sums": summed or table.sums(known, whole=page.paginator.num_pages == 1),
        "form": shown.form,
        **shown.more,
    }
    return render(request, shown.template, context, status=shown.status)
