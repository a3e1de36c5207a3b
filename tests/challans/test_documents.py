"""The printed e-challan: all it must show, in both languages, and nothing that a name could slip in."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from immis.challans.documents import TEMPLATE, ChallanPrint, challan_data, challan_pdf
from immis.challans.signed import keys
from immis.challans.signed.facts import PassFacts
from immis.challans.signed.qr import read_qr
from immis.challans.signed.signing import sign_pass
from immis.core.papers import documents as papers
from immis.core.papers.documents import Bilingual, DocumentError, compile_typst

ISSUED = datetime(2026, 6, 5, 5, 30, tzinfo=UTC)
FACTS = ChallanPrint(
    number="MUN-2026-000123",
    vehicle="BR08G1234",
    office=Bilingual("जिला खनन कार्यालय, मुंगेर", "District Mining Office, Munger"),
    mineral=Bilingual("बालू", "Sand"),
    quantity_m3=Decimal("8.500"),
    weight_kg=13_600,
    source=Bilingual("खण्ड-1 अ", "Block-1 A"),
    source_lat=25.375125,
    source_lon=86.470033,
    lease_number="MUN/L/2026/01",
    settlee="Ganga Sand Traders",
    destination="Jamalpur",
    distance_km=Decimal("42.70"),
    issued_at=ISSUED,
    valid_until=ISSUED + timedelta(hours=6, minutes=30),
    issued_by="Ram Kumar",
    qr_text="https://khanan.example.in/verify#ABCDEFGH234567",
    verify_url="https://khanan.example.in/verify",
    driver="Suresh Yadav",
    notes=(Bilingual("मूल प्रति चालक के पास रहेगी (खंड 42(ii))।", "The driver carries the original (clause 42(ii))."),),
)


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def text_of(pdf: bytes) -> str:
    return "\n".join(pages(pdf))


def test_the_paper_shows_every_particular() -> None:
    text = text_of(challan_pdf(FACTS))
    wanted = (
        "MUN-2026-000123", "BR08G1234", "District Mining Office, Munger", "Department of Mines and Geology", "Sand",
        "8.5 m³", "13,600 kg", "Block-1 A", "25.375125, 86.470033", "MUN/L/2026/01", "Ganga Sand Traders", "Jamalpur",
        "42.7 km", "05.06.2026 11:00", "05.06.2026 17:30", "6 h 30 min", "Ram Kumar", "Suresh Yadav",
        "clause 42(ii)", "https://khanan.example.in/verify",
    )  # fmt: skip
    assert [words for words in wanted if words not in text] == []
    assert "IMEI" not in text


def test_the_paper_is_one_a4_page_with_number_and_archival_form() -> None:
    reader = pypdf.PdfReader(io.BytesIO(challan_pdf(FACTS)))
    assert len(reader.pages) == 1
    box = reader.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)
    assert reader.metadata is not None and FACTS.number in reader.metadata.title
    assert b"pdfaid" in reader.trailer["/Root"]["/Metadata"].get_data()


def test_devanagari_is_set_in_its_own_font_and_shaped() -> None:
    reader = pypdf.PdfReader(io.BytesIO(challan_pdf(FACTS)))
    fonts = {str(font.get_object()["/BaseFont"]) for font in reader.pages[0]["/Resources"]["/Font"].values()}
    assert any("NotoSansDevanagari" in name for name in fonts) and any("NotoSans-" in name for name in fonts)
    content = reader.pages[0].get_contents().get_data()
    assert "खान एवं भूतत्व विभाग".encode("utf-16-be").hex().encode() not in content  # glyphs, not letters one by one


def test_words_missing_from_the_paper_leave_no_empty_row() -> None:
    text = text_of(challan_pdf(replace(FACTS, driver="", weight_kg=None)))
    assert "Driver" not in text.replace("The driver", "") and "Net weight" in text and "—" in text


def test_the_same_facts_give_the_same_bytes() -> None:
    assert challan_pdf(FACTS) == challan_pdf(FACTS)


def test_the_number_stands_on_each_page() -> None:
    many = tuple(Bilingual(f"शर्त {i}", f"Condition {i}") for i in range(60))
    shown = pages(challan_pdf(replace(FACTS, notes=many)))
    assert len(shown) > 1
    assert all(FACTS.number in page for page in shown)
    assert all(f"{i + 1} / {len(shown)}" in page for i, page in enumerate(shown))
    assert "Condition 59" in shown[-1]


def test_an_invalid_challan_is_stamped() -> None:
    assert "INVALID" in text_of(challan_pdf(replace(FACTS, stamp=Bilingual("अमान्य", "INVALID"))))
    assert "INVALID" not in text_of(challan_pdf(FACTS))


def test_a_vehicle_number_of_any_length_stays_on_one_line() -> None:
    long = "BR01GA1234/NL01AB9999"
    lines = text_of(challan_pdf(replace(FACTS, vehicle=long))).splitlines()
    assert long in [line.strip() for line in lines]


@pytest.mark.parametrize(
    "name",
    [
        '#[evil] #text(fill: red)[x] "quoted" [bracket] $x$ `raw` *bold* _it_ <label> @ref //c /* c */ \\ = head',
        '"}, "vehicle": "XX',
        '#read("/settings.py")',
        "#import sys; #panic()",
    ],
)
def test_markup_in_a_name_is_printed_as_written(name: str) -> None:
    text = text_of(challan_pdf(replace(FACTS, settlee=name, destination=name)))
    squeezed = "".join(text.split())
    assert squeezed.count("".join(name.split())) == 2
    assert "BR08G1234" in text


def test_a_name_in_a_script_without_font_still_makes_a_paper() -> None:
    reader = pypdf.PdfReader(io.BytesIO(challan_pdf(replace(FACTS, settlee="گنگا 恒河"))))
    assert FACTS.vehicle in reader.pages[0].extract_text()


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60))
def test_any_name_makes_a_paper(name: str) -> None:
    clean = name.encode("utf8", "ignore").decode()
    assert FACTS.number in text_of(challan_pdf(replace(FACTS, settlee=clean, issued_by=clean)))


def test_the_qr_on_the_paper_reads_back_as_the_signed_pass(tmp_path: Path) -> None:
    facts = PassFacts(
        number=FACTS.number, pass_id=b"\x01" * 8, vehicle=FACTS.vehicle, mineral="बालू", quantity_m3=Decimal("8.5"),
        weight_kg=13_600, source_name="Block-1 A", source_lat=25.3, source_lon=86.4, lease_number="MUN/L/2026/01",
        destination="जमालपुर", distance_km=Decimal("42.7"), issued_at=ISSUED,
        valid_until=FACTS.valid_until, settlee="गंगा सैंड ट्रेडर्स",
    )  # fmt: skip
    text = sign_pass(facts, key=keys.load_signer(tmp_path, at=ISSUED), base_url="https://khanan.example.in")
    data = challan_data(replace(FACTS, qr_text=text))
    picture = tmp_path / "printed.png"
    picture.write_bytes(papers._compile(TEMPLATE, data, format="png", ppi=150))  # as an office printer draws it
    assert read_qr(picture) == text


def test_a_template_that_does_not_fit_its_data_is_named() -> None:
    with pytest.raises(DocumentError, match=r"challan\.typ"):
        compile_typst(TEMPLATE, {"number": "1"})


def test_values_that_json_does_not_know_are_refused() -> None:
    with pytest.raises(TypeError, match="datetime"):
        compile_typst(TEMPLATE, {"number": ISSUED})


def test_missing_fonts_are_said_plainly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(papers, "VENDOR_FONTS", tmp_path)
    monkeypatch.setattr(papers, "NODE_FONTS", tmp_path)
    papers._compiler.cache_clear()
    try:
        with pytest.raises(DocumentError, match="make setup"):
            challan_pdf(FACTS)
    finally:
        papers._compiler.cache_clear()


def test_papers_use_only_the_fonts_that_ship() -> None:
    found = papers.font_files()
    assert {path.name for path in found} == {
        f"{stem}_{weight}.ttf" for stem in ("NotoSans", "NotoSansDevanagari") for weight in papers.WEIGHTS
    }
    assert isinstance(papers._compiler(), typst.Compiler)
