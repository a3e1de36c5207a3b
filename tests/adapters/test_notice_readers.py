"""The notice as published, as CSV and as XLSX: the same facts; what cannot be read is reported with its place."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from immis.adapters.notices import MOST_BYTES, SAMPLES, NoticeUnreadable, read_notice
from immis.adapters.notices.cells import block_code, instant_in, number_in, split_pair
from immis.rules.notices import NoticeFacts, check_notice
from immis.rules.policy import book

INDIA = ZoneInfo("Asia/Kolkata")
TEXT = (SAMPLES / "munger_2026.txt").read_text(encoding="utf8")
CSV = (SAMPLES / "munger_2026_corners.csv").read_text(encoding="utf8")
DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")


def read(text: str, encoding: str = "utf8") -> NoticeFacts:
    return read_notice(text.encode(encoding))


def table(facts: NoticeFacts) -> list[tuple]:
    """What must be the same whatever the file."""
    return [
        (g.serial, g.name, g.code, g.block, [(c.label, c.lat, c.lon) for c in g.corners])
        + (g.area_ha, g.quantity_m3, g.reserve_rupees, g.emd_rupees)
        for g in facts.ghats
    ]


@pytest.fixture(scope="module")
def munger() -> NoticeFacts:
    return read(TEXT)


def test_heading_of_the_notice(munger):
    assert munger.number == "PR 002318"
    assert munger.release == "PR. No.002318 (Mines) 2026-27"
    assert (munger.district, munger.district_hi) == ("Munger", "मुंगेर")
    assert munger.title == "Short Notice Inviting E-Auction for Settlement of Sand Ghats"
    assert munger.issued_by == "समाहर्ता, मुंगेर"
    assert munger.period_years == 5
    assert "state.bihar.gov.in/prdbihar" in munger.links
    assert munger.problems == ()


def test_programme_of_the_notice(munger):
    programme = munger.programme
    assert programme.prebid_at == datetime(2026, 5, 8, 11, 0, tzinfo=INDIA)
    assert programme.documents_from_on == date(2026, 5, 12)
    assert programme.last_date_at == datetime(2026, 5, 29, 17, 0, tzinfo=INDIA)
    assert programme.result_on == date(2026, 6, 3)
    assert programme.auction_starts_at == datetime(2026, 6, 5, 11, 0, tzinfo=INDIA)
    assert programme.auction_ends_at == datetime(2026, 6, 5, 13, 0, tzinfo=INDIA)
    assert programme.prebid_venue == "मुंगेर समाहरणालय सभा कक्ष"
    assert [listed.code for listed in munger.listed] == [ghat.code for ghat in munger.ghats]


def test_fees_that_are_stated_and_the_one_that_is_not(munger):
    fees = munger.fees
    assert (fees.document_rupees, fees.emd_percent, fees.increment_percent) == (5000, 25, 10)
    assert fees.processing_rupees is None


def test_contacts_by_post(munger):
    assert [(c.post, c.phone) for c in munger.contacts] == [
        ("help_desk", "0612-2523006"),
        ("mdo", "9122368591"),
        ("it_manager", "8114593921"),
    ]
    assert munger.contacts[1].text == "खनिज विकास पदाधिकारी, मुंगेर"


def test_corner_broken_over_two_lines(munger):
    corner = munger.ghats[13].corners[1]
    assert (corner.label, corner.text) == ("B", "25°23'0.96\"N 86°31'24.39\"E")


def test_names_as_printed_and_codes_as_matched(munger):
    assert munger.ghats[1].name.endswith("(BLOCK- 1 B)")
    assert [g.code for g in munger.ghats][:3] == ["1-A", "1-B", "1-C"]
    assert (munger.ghats[16].code, munger.ghats[16].block) == ("4", "4")


def csv_with(*, delimiter=",", edit=lambda cell: cell) -> str:
    rows = list(csv.reader(io.StringIO(CSV)))
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([rows[0], *([edit(cell) for cell in row] for row in rows[1:])])
    return out.getvalue()


def test_a_column_of_rivers_is_read_in_either_language_and_none_is_needed(munger):
    rows = list(csv.reader(io.StringIO(CSV)))
    for head in ("River", "नदी का नाम"):
        out = io.StringIO()
        lines = [[*rows[0], head], *([*row, "Sone" if row[0] == "1" and row[2] == "A" else ""] for row in rows[1:])]
        csv.writer(out).writerows(lines)
        facts = read_notice(out.getvalue().encode())
        assert [ghat.river for ghat in facts.ghats] == ["Sone", *[""] * 21] and not facts.problems
    assert {ghat.river for ghat in munger.ghats} == {""}


@pytest.mark.parametrize(
    "data",
    [
        CSV.encode(),
        CSV.encode("utf-8-sig"),
        CSV.encode("utf-16"),
        CSV.encode("cp1252"),
        CSV.replace("\r\n", "\n").encode(),
        csv_with(delimiter=";").encode("utf-8-sig"),
        csv_with(
            delimiter=";",
            edit=lambda cell: cell.replace(".", ",") if cell.count(".") == 1 and "°" not in cell else cell,
        ).encode(),
        csv_with(edit=lambda cell: cell.translate(DEVANAGARI) if "BLOCK" not in cell else cell).encode(),
        csv_with(edit=lambda cell: f"  {cell}\u00a0").encode(),
    ],
    ids=["plain", "bom", "utf-16", "cp1252", "unix", "semicolon", "decimal comma", "devanagari", "spaces"],
)
def test_csv_holds_the_same_table(munger, data):
    facts = read_notice(data)
    assert table(facts) == table(munger)
    assert facts.kind == "table"
    assert [problem.code for problem in facts.problems if problem.severity == "error"] == []


def workbook(rows, *, title_rows=0, second_sheet=False) -> bytes:
    book_ = Workbook()
    sheet = book_.active
    if second_sheet:
        sheet.append(["Cover page"])
        sheet = book_.create_sheet("Annexure 4")
    for _ in range(title_rows):
        sheet.append(["Sand Ghat details for year 2026 (Block wise)"])
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book_.save(out)
    return out.getvalue()


def typed(cell: str) -> object:
    try:
        return float(cell) if "." in cell else int(cell)
    except ValueError:
        return cell or None


def annexure_rows() -> list[list[object]]:
    """Annexure 4 as an office types it: one row for a corner, figures and totals as numbers, cells merged (blank)."""
    lines = TEXT[TEXT.index("S. No\tADDRESS") :].split("\n")
    rows = [[typed(cell) for cell in line.split("\t")] for line in lines if "\t" in line]
    return rows


def test_xlsx_as_the_published_table(munger):
    facts = read_notice(workbook(annexure_rows(), title_rows=2), filename="munger.bin")
    assert table(facts) == table(munger)
    assert facts.totals.area_ha == Decimal("412.8")
    assert facts.totals.emd_rupees == 46440000


def test_xlsx_with_one_row_a_corner_on_a_second_sheet(munger):
    rows = [[typed(cell) for cell in row] for row in csv.reader(io.StringIO(CSV))]
    facts = read_notice(workbook(rows, second_sheet=True))
    assert table(facts) == table(munger)


def problems(text: str) -> list[tuple]:
    return [(p.row, p.column.value, p.found, p.expected) for p in read(text).problems]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("\t15.4\t92400\t", "\t15.4\t92x00\t", (2, "quantity_m3", "92x00", "91800")),
        ("\t15.4\t92400\t", "\t\t92400\t", (2, "area_ha", "—", "15.3")),
        ("\t15.4\t92400\t", "\t-15.4\t92400\t", (2, "area_ha", "-15.4", "15.3")),
        ("25°17'0.44\"N", "25°77'0.44\"N", (1, "latitude", "B: 25°77'0.44\"N", "25°16'49.54\"N")),
        ("86°36'37.36\"E", "86°36'E37", (1, "longitude", "B: 86°36'E37", "86°36'31.41\"E")),
        (
            "\n17\tTIKRAMPUR SAND GHAT (BLOCK-4)\tA",
            "\nl7\tTIKRAMPUR SAND GHAT (BLOCK-4)\tA",
            (17, "serial", "l7", "17"),
        ),
        (
            "PAHARPUR SAND GHAT (BLOCK-7 E)\tA",
            "PAHARPUR SAND GHAT\tA",
            (22, "name", "PAHARPUR SAND GHAT", "(BLOCK-1 A)"),
        ),
        ("\t184800\t13860000\t", "\t184800\t13860,00\t", (17, "reserve_rupees", "13860,00", "6885000")),
        ("\t184800\t13860000\t", "\t184800\t1.386E+07\t", (17, "reserve_rupees", "1.386E+07", "6885000")),
        ("\t412.8\t", "\t4l2.8\t", (None, "area_ha", "4l2.8", "15.3")),
        ("12.05.2026", "32.05.2026", (1, "documents_from_on", None, "12.05.2026")),
    ],
)
def test_what_cannot_be_read_is_told_with_row_column_and_example(old, new, expected):
    assert old in TEXT
    found = problems(TEXT.replace(old, new, 1))
    assert any(
        all(
            want is None and index == 2 or want == got
            for index, (want, got) in enumerate(zip(expected, one, strict=True))
        )
        for one in found
    ), found


def test_a_second_programme_in_a_lower_row_is_reported_not_dropped():
    row = "3\tKALISTHAN FULKIYA SAND GHAT (BLOCK-1 C)\t\t\t\t\t\t"
    assert row in TEXT
    changed = row.removesuffix("\t") + "दिनांक- 06.06.2026 को 11:00 पूर्वाह्न\t"
    assert (3, "auction_starts_at") in [one[:2] for one in problems(TEXT.replace(row, changed))]


BROKEN = [
    ("3\tKALISTHAN FULKIYA SAND GHAT (BLOCK-1 C)\tA", "3\tKALISTHAN FULKIYA\nSAND GHAT (BLOCK-1 C)\tA"),
    ("3\tKALISTHAN FULKIYA SAND GHAT (BLOCK-1 C)\tA", "3\tKALISTHAN  FULKIYA SAND\u00a0GHAT (BLOCK-1 C)\tA"),
    ("25°16'47.35\"N 86°36'49.93\"E\t\t\t\t", "25°16'47.35\"N\t\t\t\t\n\n\t\t\t86°36'49.93\"E\t\t\t\t"),
    ("25°16'47.35\"N 86°36'49.93\"E\t\t\t\t", "25°16'47.35\"N\n86°36'49.93\"E\t\t\t\t"),
    ("\t30.8\t184800\t13860000\t3465000\n", "\t\t\t\t\n\n\t\t\t\t30.8\t184800\t13860000\t3465000\n"),
    ("\t30.8\t184800\t13860000\t3465000\n", "\t30.8\t184800\t\t\n\t\t\t\t\t\t13860000\t3465000\n"),
    (
        "\t16\t96000\t7200000\t1800000\n\t\tB\t25°18'37",
        "\t16\t96000\t\t\n\t\t\t\t\t\t7200000\t1800000\n\t\tB\t25°18'37",
    ),
    ("\t\t\t\t\n", "\n"),
    ("\n", "\r\n"),
    ("25°", "25º"),
    ("13860000", "1,38,60,000"),
    ("13860000", "₹ 13860000/-"),
]


@pytest.mark.parametrize(("old", "new"), BROKEN)
def test_rows_broken_over_lines_and_other_print_lose_nothing(munger, old, new):
    assert old in TEXT
    facts = read(TEXT.replace(old, new))
    assert table(facts) == table(munger)
    assert facts.totals is not None and facts.totals.reserve_rupees == 185760000
    assert [p for p in facts.problems if p.severity == "error"] == []


def test_annexure_alone_is_a_table(munger):
    facts = read(TEXT[TEXT.index("Sand Ghat details") :])
    assert table(facts) == table(munger) and facts.kind == "table"


def test_page_heading_within_the_table_is_told():
    text = TEXT.replace(
        "\n9\tKALIASTHAN BARIYARPUR SAND GHAT (BLOCK-2 C)\tA",
        "\nPage 21\n9\tKALIASTHAN BARIYARPUR SAND GHAT (BLOCK-2 C)\tA",
    )
    (problem,) = read(text).problems
    assert (problem.found, problem.severity) == ("Page 21", "warning")


def test_notice_cut_in_the_table_shows_what_is_missing():
    facts = read(TEXT[: TEXT.index("16\tMAHULI SAND GHAT (BLOCK-3 D)\tA")])
    assert len(facts.ghats) == 15
    found = {(one.code, one.row) for one in check_notice(facts, policy=book(), on=date(2026, 5, 8))}
    assert {("NTC-14", 16), ("NTC-18", None)} <= found


def test_text_cut_within_a_letter_is_still_read(munger):
    data = TEXT.encode()
    facts = read_notice(data[: data.index("पदाधिकारी,\nमुंगेर।".encode()) + 1])
    assert table(facts) == table(munger)
    assert [(p.code, p.severity) for p in facts.problems] == [("NTC-20", "warning")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        (b"\x7fELF" + bytes(range(256)) * 20, "binary"),
        (b"%PDF-1.7 ...", "pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_workbook"),
        (b"PK\x03\x04 not a workbook", "broken_workbook"),
        (workbook([["nothing", "here"]]), "no_table"),
        (workbook(annexure_rows())[:3000], "broken_workbook"),
        ("एक पत्र जिसमें कोई तालिका नहीं है।".encode(), "no_table"),
        (b"a,b,c\n1,2,3\n", "no_table"),
        (b"x" * (MOST_BYTES + 1), "too_big"),
    ],
)
def test_what_is_no_notice_is_refused_with_a_reason_in_both_languages(data, reason):
    with pytest.raises(NoticeUnreadable) as refused:
        read_notice(data)
    assert refused.value.reason == reason
    assert refused.value.message("en") != refused.value.message("hi")


def test_files_that_cannot_be_opened(tmp_path):
    for path, reason in ((tmp_path / "none.txt", "missing"), (tmp_path, "refused")):
        with pytest.raises(NoticeUnreadable) as refused:
            read_notice(path)
        assert refused.value.reason == reason


def test_a_table_of_thousands_of_ghats_is_refused_quickly():
    head, *rows = CSV.splitlines()
    many = [f"{serial},{rows[0].partition(',')[2]}" for serial in range(1, 5000)]
    with pytest.raises(NoticeUnreadable) as refused:
        read("\n".join([head, *many]))
    assert refused.value.reason == "too_long"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("91800", 91800),
        ("1,71,250", 171250),
        ("₹ 5,000 /-", 5000),
        ("१५.३", Decimal("15.3")),
        ("15,3", Decimal("15.3")),
        ("25.2 ha", Decimal("25.2")),
        ("", None),
        ("15.3.1", None),
        ("1e5", None),
        ("-4", None),
        ("NaN", None),
        ("1,71,25,0", None),
        ("1,71,2500", None),
    ],
)
def test_numbers(text, number):
    assert number_in(text) == number


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("05.06.2026 को 01:00 अपराह्न", 13),
        ("05.06.2026 को 11:00 बजे पूर्वाह्न", 11),
        ("05.06.2026 को अपराह्न 12:30 बजे", 12),
        ("05-06-2026 17:00", 17),
        ("05/06/2026, 5:00 PM", 17),
    ],
)
def test_instants(text, hour):
    instant = instant_in(text)
    assert instant is not None and (instant.date(), instant.hour) == (date(2026, 6, 5), hour)


def test_instants_that_are_none():
    assert instant_in("30.02.2026 11:00") is None
    assert instant_in("05.06.2026") is None
    assert instant_in("05.06.2026 25:00") is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("X (BLOCK- 1 B)", "1-B"),
        ("X (BLOCK-1B)", "1-B"),
        ("X (Block 07 - c)", "7-C"),
        ("X (BLOCK-4)", "4"),
        ("X (BLOCK-१ A)", "1-A"),
        ("X SAND GHAT", ""),
    ],
)
def test_codes(name, code):
    assert block_code(name)[0] == code


def test_pairs():
    assert split_pair("25°16'49.54\"N 86°36'31.41\"E") == ("25°16'49.54\"N", "86°36'31.41\"E")
    assert split_pair("25.28, 86.60") == ("25.28", "86.60")
    assert split_pair("86°31'24.39\"E") == ("", "86°31'24.39\"E")
    assert split_pair("25°23'0.96\"N") == ("25°23'0.96\"N", "")


def test_a_first_row_cut_short_and_dates_in_the_second_are_reported():
    start, end = TEXT.index("\tनिविदा दस्तावेज बिक्री शुल्क सिर्फ"), TEXT.index("\n2\tKALISTHAN")
    rest = TEXT[start:end].split("\t")
    row = "2\tKALISTHAN FULKIYA SAND GHAT (BLOCK-1 B)\t\t"
    text = (TEXT[:start] + TEXT[end:]).replace(f"{row}\t\t\t\t", row + rest[1], 1)
    assert (2, "documents_from_on") in [one[:2] for one in problems(text)]


def test_a_name_longer_than_any_name_is_reported():
    text = TEXT.replace("\n\t\tB\t25°17'0.44", "\n\t" + "LONG " * 70 + "\tB\t25°17'0.44", 1)
    assert any(one[:2] == (1, "name") for one in problems(text))
