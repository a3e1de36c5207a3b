"""A list that is declared once: what stands on its page, in its file, and in a form that one of its rows carries."""

from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.db.models import Value
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import translation
from openpyxl import load_workbook

from immis import clock
from immis.core.models import Throttle
from immis.search.models import SearchRow
from immis.web.shell import paging
from immis.web.shell.tables import Column, ListPage, Table, list_response
from immis.web.shell.technical import facts_shown

ROWS = [SimpleNamespace(number=n, sum_paise=n * 100, hash="ab12" * 16, late=n == 2) for n in (1, 2, 3)]


def table() -> Table:
    columns = [
        Column("Number", "number", css="hot"),
        Column("Sum", "sum_paise", "paise", under=True, on="page"),
        Column("Sum", "sum_paise", "paise", on="file"),
        Column("Facts", lambda row: {"n": row.number}, "facts"),
        Column("Hash", "hash", "hash"),
    ]
    return Table("sums", "Sums", columns, row_attrs=lambda row: {"class": "late", "data-n": "2"} if row.late else {})


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def asked(**query: str) -> HttpRequest:
    return RequestFactory().get("/sums/", query)


def test_facts_of_the_log_are_worded_and_all_are_kept_beneath():
    facts = {"amount_paise": 223762500, "label": {"en": "Year 1", "hi": "x"}, "post": "district", "grn": "BR1",
             "before": {"capacity_m3": "14.000"}, "after": {"capacity_m3": "16.000"}}  # fmt: skip
    shown, _comma, kept = facts_shown(facts).partition("<details")
    assert "<dt>for</dt><dd>Year 1</dd>" in shown and "<dt>amount</dt><dd>₹\u00a022,37,625</dd>" in shown
    assert "<dd>mineral development officer</dd>" in shown and "<dd>14 → 16</dd>" in shown
    assert "grn: BR1" in kept and "grn" not in shown and "<code>n: 2</code>" in facts_shown({"n": 2})


def test_a_row_has_its_attributes_and_a_cell_its_class_beside_that_of_its_kind():
    listed = table().listed(ROWS)
    assert [attrs for attrs, _cells in listed["rows"]] == ["", ' class="late" data-n="2"', ""]
    number, facts, hashed = listed["rows"][1][1]
    assert number.css == "hot name" and "2" in number.html and "₹\u00a02" in number.html
    assert facts.css == "facts-cell" and "n: 2" in facts.html
    assert hashed.html == "<code>ab12ab12ab12</code>"
    assert listed["table"].heads == [("Number", "hot"), ("Facts", "facts-cell"), ("Hash", "")]


def test_a_file_keeps_whole_values_and_no_more_rows_than_it_may():
    answer = list_response(asked(format="csv"), table(), ROWS, ListPage(rows_a_file=2))
    head, *lines = answer.content.decode("utf-8-sig").splitlines()
    assert head == "Number,Sum (₹),Facts,Hash" and len(lines) == 2
    assert lines[1].startswith("2,2,") and lines[1].endswith("ab12" * 16)


def test_money_has_its_sum_what_is_not_known_is_no_nil_and_a_phone_gets_name_state_and_facts():
    columns = [
        Column("Ghat", "name", link=lambda row: "/x/"),
        Column("State", lambda row: ("good", "paid"), "chip"),
        Column("Sum", "paise", "paise"),
        Column("Rate", "paise", "paise", total=False),
        Column("Hash", "hash", "hash"),
        Column("", "due_on", "late", under=True),
    ]
    today = clock.now().astimezone(clock.INDIA).date()
    rows = [
        SimpleNamespace(name="A", paise=10000, hash="ab12" * 16, due_on=today - timedelta(days=12)),
        SimpleNamespace(name="B", paise=None, hash="", due_on=None),
        SimpleNamespace(name="C", paise=0, hash="ab12" * 16, due_on=today + timedelta(days=3)),
    ]
    listed = Table("dues", "Dues", columns).listed(rows)
    assert [cell.css for cell in listed["rows"][0][1]] == ["name", "state", "num", "num", "minor"]
    late, unknown, nil = (cells for _attrs, cells in listed["rows"])
    assert "12 days late" in late[4].html and "chip bad" in late[4].html and "chip warn" in nil[4].html
    assert "no data" in unknown[2].html and unknown[2].css == "num none" and nil[2].html == "₹\u00a00"
    assert [str(cell.html) for cell in listed["sums"]] == ["Sum", "", "₹\u00a0100", "", ""]
    shown = ListPage(rows_a_page=2)
    page = list_response(asked(), Table("dues", "Dues", columns), rows, shown).content.decode()
    assert "Sum of this page" in page and "<tfoot>" in page and 'class="print-line"' in page and "3 entries" in page


@pytest.mark.django_db
def test_the_sum_below_a_page_is_that_of_the_whole_list_where_the_records_keep_it():
    Throttle.objects.bulk_create([Throttle(key=str(n), tries=n * 100, until=clock.now()) for n in range(1, 6)])
    rows = Throttle.objects.order_by("key")

    def sums(*values):
        columns = [Column("Key", "key"), *(Column(str(n), value, "paise") for n, value in enumerate(values))]
        page = list_response(asked(page="2"), Table("t", "T", columns), rows, ListPage(rows_a_page=2)).content.decode()
        return page.partition("<tfoot>")[2]

    assert "₹\u00a015" in sums("tries") and "Sum of this page" not in sums("tries")
    assert "Sum of this page" in sums(lambda row: row.tries) and "₹\u00a07" in sums(lambda row: row.tries)
    assert "Sum of this page" in sums("tries", lambda row: row.tries)


def test_a_number_stays_on_one_line_and_a_long_list_is_folded():
    rows = [SimpleNamespace(number=f"MUN-26-{n:06d}", said="a well-known place") for n in range(13)]
    table_ = Table("t", "T", [Column("Number", "number"), Column("Said", "said")])
    page = list_response(asked(), table_, rows).content.decode()
    assert '<span class="unbroken">MUN-26-000001</span>' in page and "a well-known place" in page
    assert "Show all 13 rows" in page
    assert "Show all" not in list_response(asked(), table_, rows[:12]).content.decode()


def test_a_sheet_is_printed_with_its_heads_date_and_page():
    book = load_workbook(BytesIO(list_response(asked(format="xlsx"), table(), ROWS).content))
    foot = book.active.oddFooter
    assert (foot.right.text, book.active.print_title_rows) == ("&P / &N", "$1:$1") and "sums" in foot.left.text


@pytest.mark.django_db
def test_a_list_of_any_length_has_so_many_pages_and_says_that_there_are_older_rows(monkeypatch):
    monkeypatch.setattr(paging, "MOST_ROWS", 6)
    for n in range(6):
        SearchRow.objects.create(kind="case", number=str(n), body="")
    rows = SearchRow.objects.order_by("-pk")
    pages = paging.Pages(rows, 2)
    assert (pages.count, pages.num_pages, pages.more) == (6, 3, False)
    SearchRow.objects.create(kind="case", number="6", body="")
    pages = paging.Pages(rows, 2)
    assert (pages.count, pages.num_pages, pages.more) == (6, 3, True)
    assert [row.number for row in pages.page(1)] == ["6", "5"] and [row.number for row in pages.page(3)] == ["2", "1"]
    drawn = list_response(
        asked(page="3"),
        table(),
        rows.annotate(sum_paise=Value(1), hash=Value("ab"), late=Value(False)),
        ListPage(rows_a_page=2),
    )
    assert (
        "Page 3 of 3" in drawn.content.decode() and "older ones by the filters or as a file" in drawn.content.decode()
    )
    assert paging.Pages(ROWS, 2).num_pages == 2
