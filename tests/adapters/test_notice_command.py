"""``immis notice check``: its JSON as the contract names it, its words, its exit codes."""

import json
from importlib.resources import files

import pytest
from click.testing import CliRunner

from immis.adapters.notices import SAMPLES
from immis.commands.auctions.notice import command

MUNGER = str(SAMPLES / "munger_2026.txt")
TEXT = (SAMPLES / "munger_2026.txt").read_text(encoding="utf8")


def run(*words: str, stdin: bytes | None = None):
    result = CliRunner().invoke(command, ["check", *words], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def test_json_as_the_contract_names_it():
    result = run(MUNGER, "--json", "--lang", "en")
    assert result.exit_code == 0
    shown = json.loads(result.stdout)
    assert len(shown["ghats"]) == 22
    ghat = shown["ghats"][19]
    keys = {"serial", "name", "area_ha", "computed_area_ha", "quantity_m3", "reserve_rupees", "emd_rupees", "corners"}
    assert keys | {"findings"} <= set(ghat)
    figures = (ghat["serial"], ghat["area_ha"], ghat["computed_area_ha"], ghat["quantity_m3"], ghat["reserve_rupees"])
    assert figures == (20, 15.1, 14.61, 90600, 6795000)
    assert ghat["corners"][0] == pytest.approx([25.309314, 86.324858], abs=1e-6)
    (finding,) = ghat["findings"]
    assert (finding["code"], finding["severity"]) == ("NTC-09", "warning")
    assert "14.61" in finding["message"]
    with_area_findings = [g["serial"] for g in shown["ghats"] if any(f["code"] == "NTC-09" for f in g["findings"])]
    assert with_area_findings == [20]


@pytest.mark.flow
def test_json_totals_programme_and_slugs():
    shown = json.loads(run(MUNGER, "--json").stdout)
    printed = {"area_ha": 412.8, "quantity_m3": 2476800, "reserve_rupees": 185760000, "emd_rupees": 46440000}
    assert shown["totals"]["printed"] == printed
    assert {name: shown["totals"][name] for name in printed} == printed
    assert (shown["totals"]["ghats"], shown["totals"]["corners"]) == (22, 91)
    assert shown["programme"]["auction_starts_at"] == "2026-06-05T11:00:00+05:30"
    assert shown["programme"]["documents_from_on"] == "2026-05-12"
    assert shown["ghats"][0]["slug"] == "MUN-2026-01"
    assert shown["number"] == "PR 002318"
    assert [one["code"] for one in shown["findings"]] == ["NTC-18"]


def test_words_for_people_in_hindi_first_and_english():
    hindi, english = run(MUNGER), run(MUNGER, "--lang", "en")
    assert hindi.exit_code == english.exit_code == 0
    for words in ("क्षेत्रफल (हेक्टेयर)", "18,57,60,000", "411.81", "पंक्ति 20", "Row 20"):
        assert words in hindi.stdout
    assert hindi.stdout.index("पंक्ति 20") < hindi.stdout.index("Row 20")
    assert english.stdout.index("Row 20") < english.stdout.index("पंक्ति 20")
    assert "Programme" not in hindi.stdout


@pytest.mark.flow
def test_errors_exit_1_and_name_row_column_and_expected(tmp_path):
    file = tmp_path / "notice.txt"
    file.write_text(TEXT.replace("\t6930000\t1732500", "\t6930000\t1732550"), encoding="utf8")
    result = run(str(file), "--json", "--lang", "en")
    assert result.exit_code == 1
    shown = json.loads(result.stdout)
    (finding,) = [one for one in shown["ghats"][1]["findings"] if one["severity"] == "error"]
    assert (finding["code"], finding["row"], finding["column"]) == ("NTC-04", 2, "emd_rupees")
    assert (finding["found"], finding["expected"]) == ("1732550", "1732500")
    assert "Row 2" in finding["messages"]["en"] and "पंक्ति 2" in finding["messages"]["hi"]
    (total,) = [one for one in shown["findings"] if one["code"] == "NTC-01"]
    assert (total["found"], total["expected"]) == ("46440000", "46440050")


def test_csv_is_checked_without_errors():
    result = run(str(SAMPLES / "munger_2026_corners.csv"), "--json")
    shown = json.loads(result.stdout)
    assert result.exit_code == 0
    assert shown["counts"]["errors"] == 0
    assert [one["column"] for one in shown["findings"]] == ["programme"]


def test_standard_input():
    assert run("-", "--json", stdin=TEXT.encode()).exit_code == 0


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02" * 500, b"PK\x03\x04junk", "केवल एक वाक्य।".encode()])
def test_unreadable_exits_2_in_both_languages(tmp_path, data):
    file = tmp_path / "notice"
    file.write_bytes(data)
    result = run(str(file), "--json")
    assert result.exit_code == 2
    messages = json.loads(result.stdout)["error"]["messages"]
    assert messages["hi"] in result.stderr and messages["en"] in result.stderr


def test_missing_file_and_missing_argument_exit_2(tmp_path):
    assert run(str(tmp_path / "none.txt")).exit_code == 2
    assert run().exit_code == 2


def test_help_has_an_example():
    for words in (["check", "--help"], ["import", "--help"]):
        result = CliRunner().invoke(command, words)
        assert result.exit_code == 0 and "Example: immis notice" in result.stdout


def test_import_stores_nothing_when_there_are_errors(tmp_path, monkeypatch):
    import immis

    def must_not_run():
        raise AssertionError("the database was opened for a notice with errors")

    monkeypatch.setattr(immis, "setup_django", must_not_run)
    file = tmp_path / "notice.txt"
    file.write_text(TEXT.replace("\t6930000\t1732500", "\t6930000\t1732550"), encoding="utf8")
    result = CliRunner().invoke(command, ["import", str(file), "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["stored"] is False


@pytest.mark.django_db
def test_import_stores_the_notice():
    result = CliRunner().invoke(command, ["import", MUNGER, "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["stored"] is True


@pytest.mark.django_db
def test_import_of_the_table_alone_is_refused_for_it_has_no_programme():
    result = CliRunner().invoke(command, ["import", str(SAMPLES / "munger_2026_corners.csv"), "--json"])
    assert result.exit_code == 2, result.output
    messages = json.loads(result.stdout)["error"]["messages"]
    assert messages["hi"] != messages["en"]


@pytest.mark.flow
def test_a_notice_that_names_the_river_of_each_ghat_is_whole():
    """The second district's notice of the demonstration: two ghats on the Kiul (clause 3(ii))."""
    notice = files("immis.commands.demo").joinpath("jamui_2026.txt")
    result = run(str(notice), "--json", "--lang", "en")
    shown = json.loads(result.stdout)
    assert (result.exit_code, [ghat["slug"] for ghat in shown["ghats"]]) == (0, ["JAM-2026-01", "JAM-2026-02"])
    assert shown["totals"]["area_ha"] == 205
