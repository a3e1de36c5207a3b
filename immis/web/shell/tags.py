"""The patterns of the visual language, each one component; every template has these tags and filters.

Filters write figures for the reader; tags draw the patterns from the values of
``immis.web.shell.components``. Every tag has its template under ``components/``.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import segno
from django import template
from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from immis import clock
from immis.core.events import words_of
from immis.core.grants import may
from immis.rules.policy import NotInForce, PolicyError, book
from immis.rules.writing.numbers import number_in_words, rupees_in_words
from immis.web.shell import citations, components, drawing, wording
from immis.web.shell.districts import district_name

register = template.Library()
#: What falls due within it is near.
_SOON = timedelta(days=2)

register.filter("day", wording.day)
register.filter("clock_time", wording.clock_time)
register.filter("ago_or_in", wording.ago_or_in)
register.filter("name", wording.name_of)
register.filter("citation", wording.citation)
register.filter("distance", wording.distance)
register.filter("say", wording.say)
register.filter("role_name", wording.role_name)
register.filter("may", may)
register.filter("event_words", words_of)
register.filter("state", components.chip_state)


@register.filter
def rupees(value: int | Decimal | None) -> str:
    """``{{ lot.reserve_rupees|rupees }}``: whole rupees as ``₹ 22,37,625``; a dash for None."""
    return "—" if value in (None, "") else wording.rupees(int(value))


@register.filter
def paise(value: int | None) -> str:
    """``{{ demand.amount_paise|paise }}``: paise as ``₹ 22,37,625``, with ``.50`` only where there are paise."""
    return "—" if value in (None, "") else wording.paise(int(value))


@register.filter
def short_paise(value: int | None) -> str:
    """``{{ sum|short_paise }}``: paise as ``₹ 4.5 crore`` where there is room for little; exact below a lakh."""
    return "—" if value in (None, "") else wording.short_paise(int(value))


@register.filter
def unbroken(value: Any) -> SafeString:
    """``{{ block|name|unbroken }}``: a name whose words with a hyphen do not break at the end of a line (``3-A``)."""
    words = [format_html('<span class="unbroken">{}</span>', w) if "-" in w else escape(w) for w in str(value).split()]
    return mark_safe(" ".join(words))


@register.filter
def long_rupees(value: int | None) -> str:
    """``{{ lease.bid_rupees|long_rupees }}``: whole rupees, from a crore on with the crores beside."""
    return "—" if value in (None, "") else wording.with_crores(int(value) * 100)


@register.filter
def in_words(value: int | None) -> str:
    """``{{ lot.highest_rupees|in_words }}``: rupees in words of lakh and crore, in the reader's language."""
    return "" if value in (None, "") else rupees_in_words(int(value), wording.lang())


@register.filter
def number(value: int | Decimal | float | None) -> str:
    """``{{ value|number }}``: a number with the commas of lakh and crore; a dash for None."""
    return "—" if value in (None, "") else wording.number(value)


@register.filter
def number_words(value: int) -> str:
    """``{{ cap.blocks|number_words }}``: a small number of the law as a word of the reader's language."""
    return number_in_words(int(value), wording.lang())


@register.filter
def ha(value: Decimal | float | None) -> str:
    """``{{ block.area_ha|ha }}``: an area as ``15.3 hectares``."""
    return "—" if value in (None, "") else wording.with_unit(value, "ha")


@register.filter
def m3(value: Decimal | int | None) -> str:
    """``{{ block.quantity_m3|m3 }}``: a volume as ``91,800 cubic metres``."""
    return "—" if value in (None, "") else wording.with_unit(value, "m3")


@register.filter
def district(value: str | None) -> str:
    """``{{ block.district|district }}``: a district's name in the reader's language."""
    return district_name(value, wording.lang()) if value else ""


@register.filter
def say(finding: Any) -> str:
    """``{{ finding|say }}``: the message of a finding, or of a ``(code, facts)`` pair, in the reader's language."""
    return wording.say(finding)


@register.simple_tag
def chip(state: str, label: str) -> SafeString:
    """``{% chip "bad" label %}``: a state as shape and word: good ✓, warn ◷, bad ■, info ●, plain none."""
    drawn = components.chip_state(state)
    mark = format_html('<span aria-hidden="true">{}</span> ', components.MARKS[drawn]) if drawn != "plain" else ""
    return format_html('<span class="chip {}">{}{}</span>', drawn, mark, label)


def law_url(code: str) -> str:
    """Where the clause of a code is shown."""
    return reverse("law_code", args=[code])


@register.simple_tag
def clause(code: str, on: date | datetime | None = None) -> SafeString:
    """``{% clause "AUC-03" %}`` or ``{% clause code on=day %}``: the cited clause as a link to its page."""
    if not code:
        return mark_safe("")
    try:
        entry = book().entry(code)
        value = book().at(code, on or clock.now())
        title, cites = entry.title[wording.lang()], value.cites
    except NotInForce:
        title, cites = entry.title[wording.lang()], entry.values[-1].cites
    except PolicyError:
        title = cites = code
    text = wording.citation(cites)
    line = f"{code} · {title} · {text}"
    return format_html(
        '<a class="clause" href="{}" title="{}">{}</a>', law_url(code), line, citations.shown(text, cites)
    )


@register.inclusion_tag("components/reason_card.html", takes_context=True)
def reason_card(context: Any, card: components.ReasonCard, level: int = 2) -> dict[str, Any]:
    """``{% reason_card card %}``: a ``ReasonCard``: state, what, why with its clause, since, what lifts it, acts."""
    since = card.since
    at = wording.as_instant(since)
    return _with_request(
        context,
        card=card,
        state=components.chip_state(card.state),
        since=f"{wording.clock_time(at)} ({wording.ago_or_in(at)})" if at else since,
        level=level,
    )


@register.inclusion_tag("components/actions.html", takes_context=True)
def actions(context: Any, acts: Sequence[components.Action]) -> dict[str, Any]:
    """``{% actions acts %}``: a row of next acts; POST acts are forms of their own with the CSRF token."""
    return _with_request(context, actions=acts)


_STEP_MARKS = {"done": "✓", "now": "●", "late": "■", "todo": ""}


@register.inclusion_tag("components/path.html")
def path(steps: Sequence[components.Step], label: str = "") -> dict[str, Any]:
    """``{% path steps %}``: gates with their dates and clocks (``Step``); turns vertical on a phone."""
    return {
        "steps": [{"step": step, "mark": _STEP_MARKS.get(step.state, "")} for step in steps],
        "label": label,
        "wide": min(max(len(steps), 2), 8),
    }


@register.inclusion_tag("components/schedule.html")
def schedule(rows: Sequence[components.ScheduleRow], today: date | datetime | None = None) -> dict[str, Any]:
    """``{% schedule rows today=day %}``: due amounts (``ScheduleRow``) as a drawn time line with today, and a table.

    Today is the day of the installation's clock unless given.
    """
    day = today or clock.now()
    day = day.astimezone(clock.INDIA).date() if isinstance(day, datetime) else day
    return {"rows": rows, "line": drawing.time_line(rows, today=day)}


@register.inclusion_tag("components/map_and_list.html", takes_context=True)
def map_and_list(
    context: Any, geojson_url: str, list_id: str, height: str = "m", live_seconds: int = 0, label: str = ""
) -> dict[str, Any]:
    """``{% map_and_list url "ghats" %}``: a map beside the list with that id; the list is its accessible form.

    The GeoJSON's features carry ``id, kind (ghat | place | vehicle | trail), name,
    state, url, heading``; list items carry ``data-feature="<id>"``. Height is ``s | m | l``;
    ``live_seconds`` reads the GeoJSON again so often. Wrap both in
    ``<div class="map-and-list">`` to set them side by side.
    """
    from immis.web.shell.request.context import map_settings

    return {
        "geojson_url": geojson_url,
        "list_id": list_id,
        "height": height if height in {"s", "m", "l"} else "m",
        "live_seconds": live_seconds,
        "label": label,
        **map_settings(),
    }


@register.inclusion_tag("components/map_figure.html")
def map_figure(height: str = "m", label: str = "") -> dict[str, Any]:
    """``{% map_figure "l" label %}``: the same map without a list of its own; the page's script draws on it."""
    from immis.web.shell.request.context import map_settings

    return {"height": height if height in {"s", "m", "l"} else "m", "label": label, **map_settings()}


@register.inclusion_tag("components/evidence_strip.html")
def evidence_strip(
    signals: Sequence[components.Signal], start: datetime | None = None, end: datetime | None = None
) -> dict[str, Any]:
    """``{% evidence_strip signals %}``: ``Signal`` marks on one time axis, each opening its raw record."""
    return {"strip": drawing.strip(signals, start=start, end=end), "signals": sorted(signals, key=lambda s: s.at)}


@register.inclusion_tag("components/desk_row.html", takes_context=True)
def desk_row(context: Any, task: components.DeskItem, first: bool = True) -> dict[str, Any]:
    """``{% desk_row item forloop.first %}``: a ``DeskItem`` as a row of ``<table class="desk">``.

    One key opens, one key decides; the act of the first row alone is the main one.
    """
    left = task.due_at - clock.now() if task.due_at else None
    late, soon = left is not None and left < timedelta(), left is not None and timedelta() <= left < _SOON
    state = "bad" if late else "warn" if soon else components.chip_state(task.state) if not task.due_at else ""
    number = f"together-{task.number or 'x'}"
    quiet = "" if first else " quiet"
    return _with_request(context, task=task, state=state, late=late, soon=soon, form_id=number, quiet=quiet)


@register.inclusion_tag("components/verdict.html", takes_context=True)
def verdict(context: Any, verdict: components.Verdict) -> dict[str, Any]:
    """``{% verdict v %}``: a ``Verdict`` on a pass: full-screen green, amber or red with sign, plate, answers."""
    return _with_request(context, v=verdict, state=components.chip_state(verdict.state))


@register.inclusion_tag("components/statement.html")
def statement(lines: Sequence[components.StatementLine], caption: str = "") -> dict[str, Any]:
    """``{% statement lines %}``: an account (``StatementLine``) with running balance; prints on A4."""
    return {"lines": lines, "caption": caption}


@register.inclusion_tag("components/empty_state.html")
def empty_state(title: str, hint: str = "") -> dict[str, Any]:
    """``{% empty_state title hint %}``: says what will appear here and how."""
    return {"title": title, "hint": hint}


@register.inclusion_tag("components/error_state.html")
def error_state(title: str, tried: str = "", refused: Any = "", allowed: str = "") -> dict[str, Any]:
    """``{% error_state title tried refused allowed %}``: what was tried, what refused it, what is allowed now.

    ``refused`` is a text or a list of findings; findings are worded with their clause.
    """
    findings = list(refused) if isinstance(refused, list | tuple) else []
    return {
        "title": title,
        "tried": tried,
        "refused": "" if findings else refused,
        "findings": findings,
        "allowed": allowed,
    }


@register.inclusion_tag("components/acts.html", takes_context=True)
def page_acts(context: Any, acts: Any, title: str, unfolded: int = 0, alone: bool = False) -> dict[str, Any]:
    """``{% page_acts acts title %}``: a page's ``PageActs``: a form for each act that fits, the reason for others.

    ``unfolded``: the forms of so many acts stand open; ``alone``: the page is about this one act.
    """
    return _with_request(context, acts=acts, title=title, unfolded=unfolded, alone=alone)


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Any, page: Any) -> dict[str, Any]:
    """``{% pager page %}``: the pages of a Django ``Page``, keeping the filters of the address."""
    return {"page": page, "query": _query(context, without="page")}


@register.inclusion_tag("components/export_links.html", takes_context=True)
def export_links(context: Any) -> dict[str, Any]:
    """``{% export_links %}``: this list as CSV and XLSX, keeping the filters of the address."""
    return {"query": _query(context, without="format")}


@register.inclusion_tag("components/print_line.html", takes_context=True)
def print_line(context: Any, title: str, page: Any, heads: Sequence[Any]) -> dict[str, Any]:
    """``{% print_line title page heads %}``: above the heads on each printed sheet: which office, of what, how many,
    when; the number of the sheet stands below."""
    office = context.get("office_name") or _("Mines and Geology Department")
    return {
        "title": title,
        "page": page,
        "columns": len(heads),
        "at": wording.clock_time(clock.now()),
        "office": office,
    }


@register.simple_tag
def qr(text: str, scale: int = 4, label: str = "QR") -> SafeString:
    """``{% qr text %}``: a QR code as inline SVG, black on white with its quiet zone."""
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(scale=scale, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=False)
    return format_html('<span role="img" aria-label="{}">{}</span>', label, mark_safe(svg))


@register.filter
def month_name(month: int) -> Any:
    """``{{ 7|month_name }}``: a month of the year by its name."""
    return MONTHS.get(month, month)


@register.filter
def in_minutes(value: timedelta) -> int:
    """``{{ span|in_minutes }}``: a length of time in whole minutes."""
    return int(value.total_seconds() // 60)


def _with_request(context: Any, **values: Any) -> dict[str, Any]:
    """Values of an inclusion tag with what its forms need: the CSRF token of this page."""
    return {**values, "csrf_token": context.get("csrf_token"), "request": context.get("request")}


def _query(context: Any, *, without: str) -> str:
    request = context.get("request")
    if request is None:
        return ""
    kept = request.GET.copy()
    kept.pop(without, None)
    return f"{kept.urlencode()}&" if kept else ""
