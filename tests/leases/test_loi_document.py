"""The letter of intent: sums in figures and words, time limits with clauses, room for the signature."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pypdf
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import enumerate_sig_fields

from immis.core.papers.documents import Bilingual
from immis.leases.documents import LoiDeadline, LoiPrint, loi_pdf

FACTS = LoiPrint(
    number="LoI/MUN/2026/01",
    dated_on=date(2026, 6, 12),
    party="Ganga Sand Traders",
    address="Jamalpur, Munger 811214",
    ghat=Bilingual("खण्ड-1 अ", "Block-1 A"),
    district=Bilingual("मुंगेर", "Munger"),
    office=Bilingual("जिला खनन कार्यालय, मुंगेर", "District Mining Office, Munger"),
    auction="PR 002318",
    auctioned_on=date(2026, 6, 5),
    area_ha=Decimal("15.3"),
    bid_rupees=8_950_500,
    security_paise=223_762_550,
    first_year_paise=895_050_000,
    deadlines=(
        LoiDeadline(Bilingual("खनन योजना", "Mining plan"), "21(i)", due_on=date(2026, 7, 12)),
        LoiDeadline(
            Bilingual("EC आवेदन", "EC application"), "21(ii)", due=Bilingual("अनुमोदन के 15 दिन", "15 days after approval")
        ),
    ),
    clauses=(Bilingual("ब्याज देय नहीं होगा।", "No interest is paid (clause 20(i))."),),
    signatory=Bilingual("समाहर्ता, मुंगेर", "Collector, Munger"),
    copies=(Bilingual("निदेशक (खान)", "Director of Mines"),),
)


def shown(facts: LoiPrint) -> str:
    reader = pypdf.PdfReader(io.BytesIO(loi_pdf(facts)))
    return "\n".join(page.extract_text() for page in reader.pages)


def test_the_letter_shows_sums_limits_and_clauses() -> None:
    text = " ".join(shown(FACTS).split())
    wanted = (
        "LoI/MUN/2026/01", "12.06.2026", "Ganga Sand Traders", "Block-1 A", "PR 002318", "05.06.2026", "₹ 89,50,500",
        "₹ 22,37,625.50", "Eighty-nine lakh fifty thousand five hundred rupees only",
        "six hundred twenty-five rupees and fifty paise only", "by 12.07.2026", "15 days after approval", "21(ii)",
        "No interest is paid", "Collector, Munger", "Director of Mines", "digital signature",
    )  # fmt: skip
    assert [words for words in wanted if words not in text] == []


def test_a_paper_of_a_training_installation_says_so_across_the_page(monkeypatch) -> None:
    assert "TRAINING" not in shown(FACTS)
    monkeypatch.setenv("IMMIS_TRAINING", "1")
    assert "TRAINING: not a real paper" in shown(FACTS) and "Ganga Sand Traders" in shown(FACTS)


def test_markup_in_a_party_is_printed_as_written() -> None:
    party = 'A #[x] "B" [c] $d$ *e*'
    assert "".join(party.split()) in "".join(shown(replace(FACTS, party=party)).split())


def test_a_deadline_needs_a_day_or_a_term() -> None:
    for odd in (replace(FACTS.deadlines[0], due_on=None), replace(FACTS.deadlines[1], due_on=date(2026, 7, 1))):
        with pytest.raises(ValueError, match="either"):
            loi_pdf(replace(FACTS, deadlines=(odd,)))


def test_the_collector_finds_an_empty_signature_field_inside_the_page() -> None:
    """E-079: a named field that any PDF tool signs, in the drawn box; no leftover of the mark."""
    pdf = loi_pdf(FACTS)
    fields = list(enumerate_sig_fields(PdfFileReader(io.BytesIO(pdf))))
    assert [(name, value) for name, value, _ref in fields] == [("Collector", None)]
    left, bottom, right, top = (float(side) for side in fields[0][2].get_object()["/Rect"])
    assert 0 < left < right < 596 and 0 < bottom < top < 842
    assert right - left == pytest.approx(72 / 25.4 * 72, abs=3) and top - bottom == pytest.approx(18 / 25.4 * 72, abs=3)

    links = [mark for page in pypdf.PdfReader(io.BytesIO(pdf)).pages for mark in page.get("/Annots", [])]
    assert [mark.get_object()["/Subtype"] for mark in links] == ["/Widget"]


def test_a_certificate_signs_the_letter_in_its_field(tmp_path) -> None:
    signer = _own_signer(tmp_path)
    writer = IncrementalPdfFileWriter(io.BytesIO(loi_pdf(FACTS)))
    signed = PdfSigner(PdfSignatureMetadata(field_name="Collector"), signer=signer).sign_pdf(writer)
    name, value, _ref = next(iter(enumerate_sig_fields(PdfFileReader(signed))))
    assert name == "Collector" and value is not None
    kept = PdfFileReader(signed).embedded_signatures[0]
    kept.compute_integrity_info()
    assert kept.evaluate_signature_coverage().name == "ENTIRE_FILE"


def _own_signer(folder) -> SimpleSigner:
    """A certificate of its own for this test."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name.from_rfc4514_string("CN=Collector")
    made = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(made).not_valid_after(made + timedelta(days=3650)).sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return SimpleSigner.load(str(folder / "key.pem"), str(folder / "cert.pem"))
