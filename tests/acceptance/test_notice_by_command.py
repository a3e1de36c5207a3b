"""The Munger notice as published, read by ``immis notice check``: its figures, and what a slip of the pen costs."""

from pathlib import Path

import pytest

from tests.doors import NOTICE

COLUMNS = ("serial", "name", "corners", "area_ha", "quantity_m3", "reserve_rupees", "emd_rupees")


@pytest.fixture
def read(command, tmp_path: Path):
    """``read((old, new), …)`` checks the notice with words exchanged: exit code, answer, all findings."""

    def check(*changes: tuple[str, str]):
        text = NOTICE.read_text(encoding="utf8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        paper = tmp_path / "notice.txt"
        paper.write_text(text, encoding="utf8")
        done = command("notice", "check", str(paper), "--json")
        answer = done.whole_json
        findings = [*answer["findings"], *(one for ghat in answer["ghats"] for one in ghat["findings"])]
        return done.code, answer, {(one["code"], one["row"], one["column"]): one for one in findings}

    return check


@pytest.mark.row("E-002")
def test_one_programme_covers_22_ghats(command, read):
    code, answer, _findings = read()
    assert (code, len(answer["ghats"]), answer["totals"]["ghats"]) == (0, 22, 22)
    assert [ghat["serial"] for ghat in answer["ghats"]] == list(range(1, 23))
    code, answer, findings = read(("\n13\tMAHULI SAND GHAT (BLOCK-3 A)\t\t\t\t\t\t", ""))
    assert code == 1, "a ghat of the annexure without its line in the programme"
    assert any(found["severity"] == "error" and found["row"] == 13 for found in findings.values())


@pytest.mark.row("E-003", "E-012")
def test_the_pre_bid_meeting_and_the_release_number_are_read_and_missed(command, read):
    _code, answer, _findings = read()
    programme = answer["programme"]
    assert programme["prebid_at"] == "2026-05-08T11:00:00+05:30" and "मुंगेर समाहरणालय" in programme["prebid_venue"]
    assert (answer["number"], answer["release"]) == ("PR 002318", "PR. No.002318 (Mines) 2026-27")
    _code, _answer, findings = read(("PR. No.002318 (Mines) 2026-27", ""), ("08.05.2026 को 11:00", ""))
    assert {column for rule, _row, column in findings if rule == "NTC-18"} >= {"number", "prebid_at"}


@pytest.mark.row("E-007")
def test_start_and_end_of_the_auction_are_read_and_a_wrong_or_missing_hour_is_named(command, read):
    code, answer, _findings = read()
    programme = answer["programme"]
    assert code == 0 and programme["auction_starts_at"] == "2026-06-05T11:00:00+05:30"
    assert programme["auction_ends_at"] == "2026-06-05T13:00:00+05:30"
    code, _answer, findings = read(("05.06.2026 को 01:00 अपराह्न", "05.06.2026 को 10:00 पूर्वाह्न"))
    assert code == 1 and ("NTC-05", None, "auction_ends_at") in findings
    code, _answer, findings = read(("दिनांक- 05.06.2026 को 11:00 पूर्वाह्न", ""))
    assert code == 1 and ("NTC-18", None, "auction_starts_at") in findings


@pytest.mark.row("E-008")
def test_a_programme_out_of_order_is_refused(command, read):
    code, _answer, findings = read(("03.06.2026", "07.06.2026"))  # the list would come after the auction
    wrong = findings.get(("NTC-05", None, "auction_starts_at"), {})
    assert (code, wrong.get("severity"), wrong.get("expected")) == (1, "error", "> 07.06.2026")
    code, _answer, findings = read(("29.05.2026", "11.05.2026"))  # the last date before the download starts
    assert code == 1 and any(rule == "NTC-05" for rule, _row, _column in findings)
    code, _answer, findings = read()
    assert code == 0 and not any(rule == "NTC-05" for rule, _row, _column in findings)


@pytest.mark.row("E-193")
def test_annexure_4_is_read_by_field_and_every_wrong_field_is_named(command, read):
    _code, answer, _findings = read()
    first = answer["ghats"][0]
    assert [first[name] for name in COLUMNS if name != "corners"] == [
        1, "KALISTHAN FULKIYA SAND GHAT (BLOCK-1 A)", 15.3, 91800, 6885000, 1721250,
    ]  # fmt: skip
    assert first["corners"][0] == [25.2804278, 86.608725]  # 25°16'49.54"N 86°36'31.41"E
    code, _answer, findings = read(("91800\t6885000\t1721250", "91800\t6885000\t1721350"))
    assert (code, findings.get(("NTC-04", 1, "emd_rupees"), {}).get("expected")) == (1, "1721250")
    code, _answer, findings = read(("86°36'31.41\"E", "86°76'31.41\"E"))
    assert code == 1 and any(row == 1 and found["severity"] == "error" for (_rule, row, _c), found in findings.items())
