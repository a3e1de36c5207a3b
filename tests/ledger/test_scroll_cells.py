"""A scroll that went through a spreadsheet is refused by cell: row, column, what stood there, what may stand there."""

import json

import pytest
from click.testing import CliRunner

from immis.adapters.treasury.scroll import check_scroll
from immis.cli import main

HEAD = "SCROLL,BRT/61,2026-06-08,"
GOOD = 'C,G1,U1,"5,83,280.00",2026-06-08,30012345678'


def checked(tmp_path, *lines: str, end: str = "") -> tuple[int, dict]:
    file = tmp_path / "scroll.csv"
    file.write_text(
        "\n".join([HEAD, *lines, end or f"TOTAL,{len(lines)},583280.00"]) + "\n", encoding="utf8", newline=""
    )
    ran = CliRunner().invoke(main, ["scroll", "check", str(file), "--json"])
    return ran.exit_code, json.loads(ran.output)


def test_a_whole_scroll_is_read_and_nothing_is_stored(tmp_path):
    code, shown = checked(tmp_path, GOOD)
    assert (code, shown["findings"]) == (0, [])
    assert shown["lines"] == [
        {"row": 2, "kind": "C", "grn": "G1", "bank_ref": "U1", "rupees": "583280.00", "day": "2026-06-08",
         "account": "30012345678"}
    ]  # fmt: skip
    western = GOOD.replace("5,83,280.00", "583,280")
    assert checked(tmp_path, western)[1]["lines"][0]["rupees"] == "583280.00"


@pytest.mark.parametrize(
    ("old", "new", "code", "column", "found"),
    [
        ('"5,83,280.00"', '"583,28"', "groups", "rupees", "583,28"),
        ('"5,83,280.00"', '"5,8328,0"', "groups", "rupees", "5,8328,0"),
        ('"5,83,280.00"', "1.72E+06", "exponent", "rupees", "1.72E+06"),
        ('"5,83,280.00"', "583280_00", "no_sum", "rupees", "583280_00"),
        ('"5,83,280.00"', "'583280", "no_sum", "rupees", "'583280"),
        ('"5,83,280.00"', "-583280", "no_sum", "rupees", "-583280"),
        ('"5,83,280.00"', "0", "not_positive", "rupees", "0"),
        ("U1", "5.26157E+11", "rounded", "bank_ref", "5.26157E+11"),
        ("G1", "5.26157e11", "rounded", "grn", "5.26157e11"),
        ("30012345678", "3.0012E+10", "rounded", "account", "3.0012E+10"),
        ("30012345678", "30012345678.0", "rounded", "account", "30012345678.0"),
        ("30012345678", '="30012345678"', "formula", "account", '="30012345678"'),
        ("30012345678", '"=""30012345678"""', "formula", "account", '="30012345678"'),
        ("30012345678", "'30012345678", "apostrophe", "account", "'30012345678"),
        ("30012345678", "\u201930012345678", "apostrophe", "account", "\u201930012345678"),
        ("30012345678", '"30012\n345678"', "line_break", "account", "30012\n345678"),
        ("U1", '"U1\r\n"', "line_break", "bank_ref", "U1\r\n"),
        ("30012345678", "#REF!", "odd_letters", "account", "#REF!"),
        ("U1", "U\u200b1", "odd_letters", "bank_ref", "U\u200b1"),
        ("2026-06-08", "46181", "no_day", "day", "46181"),
        ("2026-06-08", "20260608", "no_day", "day", "20260608"),
        ("C,G1", "D,G1", "kind", "kind", "D"),
    ],
)
def test_a_spoiled_cell_is_named(tmp_path, old, new, code, column, found):
    assert old in GOOD
    exit_code, shown = checked(tmp_path, GOOD.replace(old, new, 1))
    row = {"row": 2, "column": column, "found": found, "severity": "error", "code": code}
    assert exit_code == 1 and shown["lines"] == []
    assert any(row.items() <= one.items() and one["expected"] for one in shown["findings"]), shown


def test_a_sum_with_a_bare_comma_splits_its_row_and_the_total_its_own(tmp_path):
    code, shown = checked(tmp_path, GOOD.replace('"5,83,280.00"', "583,28"), end="TOTAL,1,583,28")
    assert code == 1 and [(one["code"], one["row"]) for one in shown["findings"]] == [
        ("cells", 2), ("no_day", 2), ("cells", 3),
    ]  # fmt: skip
    line = GOOD.replace('"5,83,280.00"', '"583,28"')
    assert [(f.row, f.column) for f in check_scroll(f'{HEAD}\n{line}\nTOTAL,1,"583,28"'.encode()).findings] == [
        (2, "rupees"), (3, "rupees"),
    ]  # fmt: skip


def test_control_totals_and_warnings(tmp_path):
    code, shown = checked(tmp_path, GOOD, end="TOTAL,2,583281")
    assert code == 1 and [(one["code"], one["found"], one["expected"]) for one in shown["findings"]] == [
        ("count_differs", "2", "1"), ("sum_differs", "583281", "583280.00"),
    ]  # fmt: skip
    code, shown = checked(tmp_path, GOOD.replace("2026-06-08", "2026-06-09").replace("U1", "12345678901234500"))
    assert code == 0 and [one["severity"] for one in shown["findings"]] == ["warning", "warning"]
    back = check_scroll(f'{HEAD}\nR,G1,U1,583280,2026-06-08,1\nTOTAL,1,"-5,83,280.00"'.encode())
    assert back.file and back.file.sum_paise == -58328000


def test_what_is_no_scroll_ends_in_words(tmp_path):
    file = tmp_path / "scroll.csv"
    for raw, code in ((b"", 2), (b"\xff\xfe\x00", 2), (b"a,b\n", 1), (HEAD.encode(), 1)):
        file.write_bytes(raw)
        ran = CliRunner().invoke(main, ["scroll", "check", str(file)])
        assert ran.exit_code == code and "error" in ran.output
    missing = CliRunner().invoke(main, ["scroll", "check", str(tmp_path / "none.csv")])
    assert missing.exit_code == 2 and "cannot be read" in missing.output
