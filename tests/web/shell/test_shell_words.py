"""Figures, dates and findings as the reader sees them; the components that every page draws."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django import forms
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from openpyxl import load_workbook

from immis.core.nouns import NOUNS
from immis.rules.catalogue import Finding
from immis.rules.writing.texts import texts
from immis.web import i18n
from immis.web.shell import components, drawing, wording
from immis.web.shell.tables import Column, table_response


@pytest.fixture(params=["hi", "en"])
def language(request):
    with translation.override(request.param):
        yield request.param


def draw(source: str, **context) -> str:
    return (
        engines["django"].from_string(source).render({"request": RequestFactory().get("/list/?q=a&page=3"), **context})
    )


@pytest.mark.parametrize(
    ("amount_paise", "shown"),
    [
        (223762500, "₹\u00a022,37,625"),
        (223762550, "₹\u00a022,37,625.50"),
        (5, "₹\u00a00.05"),
        (-10050, "-₹\u00a0100.50"),
        (0, "₹\u00a00"),
    ],
)
def test_paise_are_shown_as_rupees_with_paise_only_where_there_are_any(amount_paise, shown):
    assert wording.paise(amount_paise) == shown
    assert draw("{{ v|paise }}", v=amount_paise) == shown


def test_missing_figures_are_a_dash_not_an_error():
    assert draw("{{ nothing|paise }} {{ nothing|rupees }} {{ nothing|ha }} {{ nothing|day }}") == "— — — —"


def test_dates_are_those_of_india():
    late_evening_utc = datetime(2026, 10, 14, 20, 0, tzinfo=UTC)
    assert wording.day(late_evening_utc) == "15.10.2026"
    assert wording.clock_time(late_evening_utc) == "15.10.2026, 01:30"
    assert wording.day("2026-10-15") == "15.10.2026"
    assert wording.clock_time("2026-10-14T20:00:00+00:00") == "15.10.2026, 01:30"


def test_how_long_ago_and_how_long_left(at, language):
    now = datetime(2026, 6, 5, 5, 30, tzinfo=UTC)
    at.set(now)
    words = {
        "hi": ("4 दिन शेष", "2 घंटे पहले", "1 मिनट शेष", "आज"),
        "en": ("4 days left", "2 hours ago", "1 minute left", "today"),
    }[language]
    shown = (now + timedelta(days=4, hours=3), now - timedelta(hours=2), now + timedelta(seconds=90), date(2026, 6, 5))
    assert tuple(wording.ago_or_in(one) for one in shown) == words


def test_facts_are_worded_by_their_names():
    assert wording.worded_fact("amount_paise", 223762500) == "₹\u00a022,37,625"
    assert wording.worded_fact("due_on", "2026-10-15") == "15.10.2026"
    assert wording.worded_fact("area_ha", "60.000") == "60"
    assert wording.worded_fact("ends_at", "2026-06-05T07:30:00+00:00") == "05.06.2026, 13:00"
    assert wording.worded_fact("year", 2026) == "2026"
    assert wording.worded_fact("quantity", Decimal("91800.50")) == "91,800.5"
    assert wording.worded_fact("flag", True) is True


def test_a_finding_speaks_both_languages_and_an_unknown_code_still_says_something(language):
    known = wording.say(Finding("NTC-09", {"row": 20, "column": "area", "found": "15.1"}))
    assert "15.1" in known and ("पंक्ति 20" in known) == (language == "hi")
    assert wording.say(("XX-99", {})) == "XX-99"


def test_a_citation_keeps_its_figures_and_speaks_hindi():
    with translation.override("hi"):
        assert wording.citation("Munger tender 2026, clause 24(ii)") == "मुंगेर निविदा 2026, कंडिका 24(ii)"
    with translation.override("en"):
        assert wording.citation("Munger tender 2026, clause 24(ii)") == "Munger tender 2026, clause 24(ii)"


def test_a_chip_carries_shape_and_word_and_escapes_its_label():
    assert draw('{% chip "overdue" label %}', label="<b>") == (
        '<span class="chip bad"><span aria-hidden="true">■</span> &lt;b&gt;</span>'
    )
    assert draw('{% chip "plain" "x" %}') == '<span class="chip plain">x</span>'


def test_a_clause_links_to_the_law_and_says_what_it_is():
    with translation.override("en"):
        html = draw('{% clause "NTC-09" %}')
    assert 'href="/law/NTC-09/"' in html and "NTC-09 · Area agrees with the corners" in html and "annexure 4" in html
    assert draw('{% clause "" %}') == ""


def test_a_reason_card_says_what_why_since_and_what_lifts_it(at):
    at.set(datetime(2026, 10, 21, 6, 0, tzinfo=UTC))
    card = components.ReasonCard(
        state="bad",
        title="ई-चालान बंद",
        what="द्वितीय किस्त बकाया",
        why_text="नियत तिथि बीत गई",
        why_code="NTC-09",
        since=date(2026, 10, 15),
        lifts="सत्यापन पर स्वतः",
        actions=[components.Action("भुगतान", "/pay/1/", primary=True, method="post", fields={"kind": "x"})],
    )
    with translation.override("hi"):
        html = draw("{% reason_card card %}", card=card, csrf_token="tok")
    for part in ("ई-चालान बंद", "द्वितीय किस्त बकाया", "15.10.2026 (6 दिन पहले)", "सत्यापन पर स्वतः", "/law/NTC-09/"):
        assert part in html
    assert '<form method="post" action="/pay/1/">' in html and 'value="tok"' in html and 'name="kind" value="x"' in html


def test_a_schedule_draws_every_due_date_and_today_in_order():
    rows = [
        components.ScheduleRow("1", date(2026, 7, 15), 100, "verified", "ok"),
        components.ScheduleRow("2", date(2026, 10, 15), 100, "overdue", "late"),
        components.ScheduleRow("3", date(2027, 7, 15), 100, "upcoming", "later"),
        components.ScheduleRow("4", None, 100),
    ]
    line = drawing.time_line(rows, today=date(2027, 1, 14))
    places = [float(mark.x[:-1]) for mark in line.marks]
    assert places == sorted(places) and places[0] == 4 and places[-1] == 96
    assert [mark.state for mark in line.marks] == ["good", "bad", "plain"]
    assert 49 < float(line.today[:-1]) < 52  # the middle of the year drawn
    assert [tick.label for tick in line.ticks] == ["2027"]
    html = draw("{% schedule rows today=day %}", rows=rows, day=date(2027, 1, 14))
    assert html.count("<tr>") == 5 and html.count('class="mark') == 3 and "style=" not in html


def test_nothing_due_draws_no_line():
    assert drawing.time_line([], today=date(2026, 1, 1)) is None
    assert drawing.strip([]) is None


def test_signals_stand_in_lanes_on_one_axis():
    start = datetime(2026, 6, 5, 5, 0, tzinfo=UTC)
    signals = [
        components.Signal(start, "power", "cut", "bad", "/raw/1"),
        components.Signal(start + timedelta(hours=1), "gps", "lost", "warn", until=start + timedelta(hours=2)),
        components.Signal(start + timedelta(hours=4), "power", "back", "good"),
    ]
    strip = drawing.strip(signals)
    assert [lane.label for lane in strip.lanes] == ["power", "gps"]
    assert strip.marks[0].y == strip.marks[2].y != strip.marks[1].y
    assert strip.marks[1].width == "23.00%"
    html = draw("{% evidence_strip signals %}", signals=signals)
    assert 'href="/raw/1"' in html and html.count("<li>") == 3


def test_a_field_ties_label_hint_and_error_together():
    class Form(forms.Form):
        plate = forms.CharField(label="Plate", help_text="like BR08G1234")

    html = draw("{% field form.plate %}", form=Form({"plate": ""}))
    assert 'for="id_plate"' in html and 'aria-describedby="id_plate_hint id_plate_error"' in html
    assert 'aria-invalid="true"' in html and 'id="id_plate_error"' in html


def test_pages_and_exports_keep_the_filters():
    from django.core.paginator import Paginator

    html = draw("{% pager page %}{% export_links %}", page=Paginator(range(30), 10).page(2))
    assert 'href="?q=a&amp;page=3"' in html and 'href="?q=a&amp;page=3&amp;format=csv"' in html


def test_a_qr_is_drawn_inline_without_style():
    html = draw('{% qr "HC1:TEST" %}')
    assert "<svg" in html and "<path" in html and "style=" not in html and 'role="img"' in html


def test_error_state_words_its_findings():
    with translation.override("en"):
        html = draw(
            '{% error_state "Not issued" "a challan" findings "pay" %}', findings=[Finding("NTC-09", {"row": 1})]
        )
    assert "Row 1" in html and "What refused it" in html and 'role="alert"' in html


def test_csv_is_safe_for_spreadsheets_and_keeps_devanagari():
    rows = [{"name": "=HYPERLINK(1)", "n": -5}, {"name": "बालू, रेत", "n": Decimal("1.50")}]
    request = RequestFactory().get("/x?format=csv")
    answer = table_response(request, columns=[Column("नाम", "name"), Column("N", "n")], rows=rows, name="list")
    text = answer.content.decode()
    assert text.startswith("\ufeff") and "'=HYPERLINK(1),-5" in text and '"बालू, रेत",1.50' in text
    assert answer["Content-Disposition"] == 'attachment; filename="list.csv"'


def test_xlsx_holds_numbers_as_numbers_and_formulas_as_text():
    request = RequestFactory().get("/x?format=xlsx")
    columns = [Column("Name", "name"), Column("At", "at"), Column("N", lambda row: row["n"])]
    rows = [{"name": "@SUM(A1)", "at": datetime(2026, 6, 5, 5, 30, tzinfo=UTC), "n": 7}]
    answer = table_response(request, columns=columns, rows=rows, name="list")
    sheet = load_workbook(BytesIO(answer.content)).active
    assert [cell.value for cell in sheet[2]] == ["'@SUM(A1)", "05.06.2026 11:00:00", 7]
    assert sheet.freeze_panes == "A2"


def test_every_kind_of_record_has_words():
    assert set(NOUNS) - set(texts("law/records")) == set()


def test_every_word_of_the_shell_has_its_hindi():
    own = ("web/shell/", "web/portal/", "web/signin/", "web/leases/public_ghats")
    assert [line for line in i18n.problems() if any(part in line for part in own)] == []


def test_the_word_check_finds_what_is_missing(tmp_path, monkeypatch):
    (tmp_path / "ledger" / "locale").mkdir(parents=True)
    words = tmp_path / "ledger" / "locale" / "hi.po"
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    words.write_text(head + 'msgid "Up %(n)s"\nmsgstr "ऊपर %(m)s"\n\n#, fuzzy\nmsgid "Down"\nmsgstr "नीचे"\n')
    monkeypatch.setattr(i18n, "WEB", tmp_path)
    monkeypatch.setattr(
        i18n, "used_messages", lambda: [("Up %(n)s", "immis/web/leases/a.html"), ("Left", "immis/web/leases/b.py:3")]
    )
    assert i18n.problems() == [
        "ledger: other placeholders: 'Up %(n)s'",
        "ledger: 'Up %(n)s' stands elsewhere (python -m immis.web.i18n sort)",
        "ledger: fuzzy: 'Down'",
        "immis/web/leases/b.py:3: no Hindi for 'Left'",
    ]
    assert i18n.compile_all() == 1
    assert (words.parent / "hi" / "LC_MESSAGES" / "django.mo").stat().st_size > 0
    assert i18n.compile_all(only_newer=True) == 0


def test_words_are_sorted_into_the_room_that_uses_them(tmp_path, monkeypatch):
    for room in ("leases", "ledger", "shell"):
        (tmp_path / room / "locale").mkdir(parents=True)
        (tmp_path / room / "__init__.py").touch()
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    (tmp_path / "ledger" / "locale" / "hi.po").write_text(head + 'msgid "Up"\nmsgstr "ऊपर"\n')
    new = tmp_path / "new.po"
    new.write_text(
        head + 'msgid "Down"\nmsgstr "नीचे"\n\nmsgid "%(n)s day"\nmsgid_plural "%(n)s days"\n'
        'msgstr[0] "%(n)s दिन"\nmsgstr[1] "%(n)s दिन"\n'
    )
    used = [("Up", "immis/leases/x.py:1"), ("Down", "immis/web/leases/y.html"), ("Down", "immis/web/ledger/z.py:3")]
    monkeypatch.setattr(i18n, "WEB", tmp_path)
    monkeypatch.setattr(i18n, "used_messages", lambda: [*used, ("%(n)s day", "immis/web/leases/y.html")])
    assert i18n.sort([new]) == 3
    assert [path.parts[-3] for path in i18n.po_files()] == ["leases", "shell"]
    assert {message.id for message in i18n.read(tmp_path / "leases" / "locale" / "hi.po") if message.id} == {
        "Up",
        ("%(n)s day", "%(n)s days"),
    }
    assert i18n.problems() == []


def test_the_word_check_reads_templates_and_code():
    found = {msgid for msgid, _where in i18n.used_messages()}
    assert {"Sand ghats of Bihar", "%(n)d day", "My desk", "What the notice says", "Not done"} <= found
