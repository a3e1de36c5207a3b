"""Notices as other offices write them: words of day, signs of degrees, labels of corners, units; never a guess."""

import json
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from immis.adapters.notices import SAMPLES, read_notice
from immis.adapters.notices.cells import figure_in, instant_in, label_in, split_pair
from immis.commands.auctions.notice import command
from immis.rules.land.coordinates import coordinates_in, parse_dms
from immis.rules.notices import check_notice
from immis.rules.policy import book
from immis.rules.writing.offices import words_of
from immis.rules.writing.units import UnitUnknown, heading_unit

TEXT = (SAMPLES / "munger_2026.txt").read_text(encoding="utf8")
CSV = (SAMPLES / "munger_2026_corners.csv").read_text(encoding="utf8")
HEADING = (
    "Area (Hectare)\tMineable Quantity (M ³)\tMinimum Reserve Price (Rupees)\tSecurity Money (25% of MRP) (Rupees)"
)
FORENOON, AFTERNOON = "05.06.2026 को 11:00 पूर्वाह्न", "05.06.2026 को 01:00 अपराह्न"
PARTS = words_of("hours")["parts"]
HINDI_DIGITS = str.maketrans("0123456789", "०१२३४५६७८९")


def checked(text: str, tmp_path, *, name: str = "notice.txt") -> dict:
    """What ``immis notice check`` answers about a file."""
    file = tmp_path / name
    file.write_text(text, encoding="utf8")
    result = CliRunner().invoke(command, ["check", str(file), "--json"])
    assert result.exit_code in (0, 1), result.output
    return json.loads(result.output)


@pytest.mark.parametrize(
    ("words", "clock"),
    [
        ("दोपहर 3:30", (15, 30)), ("शाम 05 बजे", (17, 0)), ("रात्रि 11:59", (23, 59)), ("अपरान्ह 3:30 बजे", (15, 30)),
        ("सुबह 10:30", (10, 30)), ("प्रात: 10:00 बजे", (10, 0)), ("प्रातः १०:०० बजे", (10, 0)), ("सायं 5.30", (17, 30)),
        ("सांय 5.30", (17, 30)), ("पूर्वान्ह 11:00", (11, 0)), ("मध्याह्न 12:00 बजे", (12, 0)), ("12 noon", (12, 0)),
        ("अप० 05:00 बजे", (17, 0)), ("अप0 5:00", (17, 0)), ("3:30 P.M.", (15, 30)), ("3.30 p. m.", (15, 30)),
        ("11AM", (11, 0)), ("शाम के 5 बजे", (17, 0)), ("5 o'clock in the evening", (17, 0)), ("1700 hrs", (17, 0)),
        ("17:00 बजे", (17, 0)), ("12:15 AM", (0, 15)), ("दिन के 2 बजे", (14, 0)), ("दोपहर 12:00", (12, 0)),
        ("दोपहर बाद 3:30", (15, 30)),
    ],
)  # fmt: skip
def test_the_hour_goes_with_its_word(words, clock):
    instant = instant_in(f"दिनांक 05.06.2026 को {words}")
    assert instant is not None and instant.date() == date(2026, 6, 5) and (instant.hour, instant.minute) == clock


@pytest.mark.parametrize(
    "words",
    ["तीसरेपहर 3:30", "3:30", "3:30 बजे", "5 बजे", "फलाना 10:30", "10:30 फलाना", "सुबह 3:30 PM", "रात 12:00",
     "रात 2 बजे", "मध्यरात्रि 12:00", "दोपहर 8:00", "13:00 AM", "24:00", "10:75", "शाम 1:00",
     "आधी रात 7:00", "7 बजे आधी रात", "आधीरात 11:00"],
)  # fmt: skip
def test_an_hour_that_is_not_sure_is_no_hour(words):
    assert instant_in(f"05.06.2026 को {words}") is None


@pytest.mark.parametrize("sign", ["ः", " ः ", "：", "∶", "꞉"])
def test_a_sign_that_looks_like_a_colon_is_one(sign):
    words = f"08.05.2026 को 11{sign}30 बजे पूर्वाह्न"
    assert instant_in(words).strftime("%d.%m.%Y %H:%M") == "08.05.2026 11:30"


@pytest.mark.parametrize("sign", list(";,'_–—=+*~|·") + ["''"])
def test_an_unknown_sign_in_an_hour_never_makes_its_minutes_the_hour(sign):
    for minutes in ("00", "05", "30"):
        assert instant_in(f"08.05.2026 को 11{sign}{minutes} बजे पूर्वाह्न") is None


@pytest.mark.parametrize(
    "words",
    [
        "08 मई 2026", "8 मई, 2026", "०८ मई २०२६", "8th May 2026", "08-May-2026", "8 MAY, 2026", "दिनांकः 08 मई 2026",
        "08.05.2026", "8/5/2026", "31.02.2026 (08.05.2026)",
    ],
)  # fmt: skip
def test_a_month_may_be_a_word(words):
    assert instant_in(f"{words} को 11:00 बजे पूर्वाह्न").strftime("%d.%m.%Y %H:%M") == "08.05.2026 11:00"


@pytest.mark.parametrize("words", ["31 फरवरी 2026", "08 मझ 2026", "मई 2026", "08-05-26", "32 मई 2026"])
def test_what_is_no_day_is_no_day(words):
    assert instant_in(f"{words} को 11:00 बजे पूर्वाह्न") is None


@pytest.mark.parametrize(("name", "word"), [(name, word) for name, part in PARTS.items() for word in part["words"]])
def test_no_word_of_day_is_ever_overlooked(name, word):
    """Whatever word stands beside whatever hour: it is read by that word or not at all."""
    part = PARTS[name]
    wrong = []
    for hour, minute in product(range(24), (0, 30)):
        allowed = {hour} if hour in part.get("as_said", ()) else set()
        allowed |= {hour + 12} if hour in part.get("plus_12", ()) else set()
        allowed |= {0} if hour in part.get("zero", ()) else set()
        if name == "noon" and minute:
            allowed = set()
        clock = f"{hour}:{minute:02d}"
        for shape in ("{w} {t}", "{t} {w}", "{w} {t} बजे", "{t} बजे {w}", "{w} के {t}"):
            for written in (clock, clock.translate(HINDI_DIGITS)):
                text = "05.06.2026 को " + shape.format(w=word, t=written)
                instant = instant_in(text)
                if (instant.hour not in allowed) if instant else allowed:
                    wrong.append((text, instant))
    assert not wrong


def test_an_unknown_word_of_day_is_a_finding_with_the_text_that_stood_there(tmp_path):
    shown = checked(TEXT.replace(AFTERNOON, "05.06.2026 को तीसरेपहर 03:30"), tmp_path)
    assert shown["programme"]["auction_ends_at"] is None
    texts = {(one["code"], one["column"]): one["found"] for one in shown["findings"]}
    assert "तीसरेपहर 03:30" in texts["NTC-18", "auction_ends_at"]
    assert any("तीसरेपहर 03:30" in one["found"] for ghat in shown["ghats"] for one in ghat["findings"])


def test_the_afternoon_of_another_office_is_the_afternoon(tmp_path):
    shown = checked(TEXT.replace(AFTERNOON, "05.06.2026 को दोपहर 3:30"), tmp_path)
    assert shown["programme"]["auction_ends_at"] == "2026-06-05T15:30:00+05:30"
    assert shown["programme"]["auction_starts_at"] == "2026-06-05T11:00:00+05:30"


def test_what_is_not_stated_shows_the_text_in_its_place():
    facts = read_notice(TEXT.encode())
    (finding,) = [one for one in check_notice(facts, policy=book(), on=date(2026, 5, 8)) if one.code == "NTC-18"]
    assert finding.found.startswith("प्रोसेसिंग फीस") and finding.found in finding.message("en")


LAT, LON = 25 + 16 / 60 + 49.54 / 3600, 86 + 36 / 60 + 31.41 / 3600


@pytest.mark.parametrize("degree", ["°", "º", "˚", "⁰", "o", "O", "d", " deg ", "∘", " डिग्री "])
@pytest.mark.parametrize("minute", ["'", "’", "′", "´", "`", "m", " min "])
@pytest.mark.parametrize("second", ['"', "”", "″", "''", "’’", " sec ", ""])
def test_signs_of_every_kind(degree, minute, second):
    text = f"25{degree}16{minute}49.54{second}"
    for whole in (f"{text}N", f"{text} N", f"N{text}", f"N {text}", f"{text} North", f"उ0 {text}", f"{text} उत्तर"):
        assert parse_dms(whole) == pytest.approx(LAT, abs=1e-9), whole


@pytest.mark.parametrize(
    "cell",
    ["N25°16'49.54\" E86°36'31.41\"", "N 25°16'49.54\", E 86°36'31.41\"", "N25o16'49.54\"E86o36'31.41\"",
     "E86⁰36'31.41\" N25⁰16'49.54\"", "86°36'31.41\"E 25°16'49.54\"N", "25d16m49.54sN 86d36m31.41sE",
     "Lat: 25°16'49.54\" Long: 86°36'31.41\"", "Lat 25-16-49.54 N, Long 86-36-31.41 E", "25 16 49.54 86 36 31.41",
     "पू० 86°36'31.41\" उ० 25°16'49.54\""],
)  # fmt: skip
def test_two_co_ordinates_of_one_cell(cell):
    lat, lon = split_pair(cell)
    assert (parse_dms(lat), parse_dms(lon)) == (pytest.approx(LAT, abs=1e-9), pytest.approx(LON, abs=1e-9))


@given(st.text(alphabet="0123456789.,°'\"NSEWnsewodm -+⁰उ०", max_size=24))
def test_any_co_ordinate_is_on_the_globe_or_refused(text):
    try:
        found = coordinates_in(text)
    except ValueError:
        return
    assert all(-180 <= one.degrees <= 180 and 0 <= one.start < one.end <= len(text) for one in found)


@pytest.mark.parametrize(
    ("text", "label"),
    [("A", "A"), ("a", "A"), ("BP-1", "BP-1"), ("BP 01", "BP-1"), ("BP1", "BP1"), ("P1", "P1"), ("P-12", "P-12"),
     ("Corner A", "A"), ("Corner-B.", "B"), ("Pillar No. 3", "3"), ("बिंदु १", "1"), ("Point 7", "7"), ("(C)", "C"),
     ("स्तंभ सं0 4", "4"), ("12", "12"), ("", ""), ("the big tree", ""), ("A/B/C", "")],
)  # fmt: skip
def test_labels_of_corners(text, label):
    assert label_in(text) == label


@pytest.mark.parametrize(
    ("text", "area"),
    [("15 Ha.", "15"), ("15 Hect.", "15"), ("15.3 हे0", "15.3"), ("१५.३ हे०", "15.3"), ("15.3 हेक्टेयर", "15.3"),
     ("15.3 hectares", "15.3"), ("37.8 acres", "15.2971"), ("37.8 एकड़", "15.2971"), ("153000 sq. m", "15.3"),
     ("15 bigha", None), ("15 बीघा", None), ("15 xyz", None), ("-15", None), ("15 Ha 3", None)],
)  # fmt: skip
def test_areas_with_their_units(text, area):
    assert figure_in(text, "area_ha") == (None if area is None else Decimal(area))


@pytest.mark.parametrize(
    ("heading", "kind", "unit"),
    [
        ("Area (Hectare)", "area_ha", "1"), ("Area (in Hect.)", "area_ha", "1"), ("रकबा (हे0 में)", "area_ha", "1"),
        ("Area (Acre)", "area_ha", "0.40468564224"), ("Area in acres", "area_ha", "0.40468564224"),
        ("रकबा (एकड़ में)", "area_ha", "0.40468564224"), ("Area", "area_ha", "1"), ("area_ha", "area_ha", "1"),
        ("Area (sq. m)", "area_ha", "0.0001"), ("Area (डिसमिल)", "area_ha", "0.0040468564224"),
        ("Mineable Quantity (M ³)", "quantity_m3", "1"), ("Quantity (cum)", "quantity_m3", "1"),
        ("Quantity (Cft)", "quantity_m3", "0.028316846592"), ("मात्रा (घन फीट)", "quantity_m3", "0.028316846592"),
        ("Quantity (in lakh cum)", "quantity_m3", "100000"), ("quantity_m3", "quantity_m3", "1"),
        ("Minimum Reserve Price (Rupees)", "money", "1"), ("Security Money (25% of MRP) (Rupees)", "money", "1"),
        ("Reserve price (Rs. in Lakh)", "money", "100000"), ("सुरक्षित जमा राशि (लाख रु0 में)", "money", "100000"),
        ("Reserve price in crore", "money", "10000000"), ("EMD (₹)", "money", "1"), ("emd_rupees", "money", "1"),
    ],
)  # fmt: skip
def test_units_of_headings(heading, kind, unit):
    assert heading_unit(heading, kind) == Decimal(unit)


@pytest.mark.parametrize(
    ("heading", "kind"),
    [("Area (Bigha)", "area_ha"), ("Area in Katha", "area_ha"), ("रकबा (बीघा में)", "area_ha"), ("Area (xyz)", "area_ha"),
     ("Area (Acre/Hectare)", "area_ha"), ("Quantity (MT)", "quantity_m3"), ("मात्रा (टन में)", "quantity_m3"),
     ("Quantity (brass)", "quantity_m3"), ("Reserve Price (USD)", "money"), ("Reserve Price (in million)", "money")],
)  # fmt: skip
def test_an_unknown_unit_in_a_heading_is_refused(heading, kind):
    with pytest.raises(UnitUnknown):
        heading_unit(heading, kind)


def test_the_heading_counts_for_every_figure_of_its_column(tmp_path):
    assert HEADING in TEXT
    shown = checked(TEXT.replace(HEADING, HEADING.replace("(Hectare)", "(Acre)").replace("(M ³)", "(cft)")), tmp_path)
    first = shown["ghats"][0]
    assert first["area_ha"] == pytest.approx(15.3 * 0.40468564224, abs=1e-4)
    assert first["quantity_m3"] == pytest.approx(91800 * 0.028316846592, abs=1e-3)
    lakh = CSV.replace("reserve_rupees", "Reserve price (Rs. in lakh)").replace("6885000", "68.85")
    assert checked(lakh, tmp_path, name="a.csv")["ghats"][0]["reserve_rupees"] == 6885000


def test_an_unknown_unit_in_a_heading_is_one_finding_and_no_figure(tmp_path):
    shown = checked(TEXT.replace("Area (Hectare)", "Area (Bigha)"), tmp_path)
    assert all(ghat["area_ha"] is None for ghat in shown["ghats"])
    units = [one for one in shown["findings"] if one["code"] == "NTC-15"]
    assert [(one["column"], one["found"], one["severity"]) for one in units] == [("area_ha", "Area (Bigha)", "error")]


def test_pillars_by_number_run_on(tmp_path):
    """A table with BP-1, BP-2… and letters before the numbers reads as the published one."""
    letters = {letter: f"BP-{n}" for n, letter in enumerate("ABCDEFGHIJKLMNOP", 1)}
    lines = CSV.splitlines()
    head, rows = lines[0], [line.split(",") for line in lines[1:]]
    for row in rows:
        row[2] = letters.get(row[2], row[2])
    shown = checked("\n".join([head, *(",".join(row) for row in rows)]), tmp_path, name="b.csv")
    assert shown["ghats"][0]["area_ha"] == 15.3
    codes = {one["code"] for ghat in shown["ghats"] for one in ghat["findings"]}
    assert "NTC-16" not in codes and "NTC-15" not in codes
