"""A digital signature is checked with a test authority: class, chain, expiry, revocation, and what was signed."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID, ObjectIdentifier
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pyhanko_certvalidator.registry import SimpleCertificateStore

from immis.auctions import services
from immis.auctions.papers.forms import registration_pdf
from immis.core.errors import Refusal
from immis.core.signing.check import check_pdf, trusted_roots
from immis.rules.calendar import india_day
from tests.auctions.season import APPLIED

DAY = timedelta(days=1)
CLASS_3 = "2.16.356.100.2.3"


class Authority:
    """A certifying authority of the test: a root, and certificates under it."""

    def __init__(self, name: str = "Test CCA"):
        self.key, self.serial = ec.generate_private_key(ec.SECP256R1()), 0x3F1A0000
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.root = self._built(self.name, self.key, days=4000, ca=True)

    def _built(self, subject, key, *, days, ca=False, policy=None):
        self.serial += 1
        begins = datetime(2025, 1, 1, tzinfo=UTC)
        usage = dict.fromkeys(("key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
                               "decipher_only"), False)  # fmt: skip
        usage |= {"key_cert_sign": ca, "crl_sign": ca, "digital_signature": not ca, "content_commitment": not ca}
        new = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key.public_key())
        new = new.serial_number(self.serial).not_valid_before(begins).not_valid_after(begins + days * DAY)
        new = new.add_extension(x509.BasicConstraints(ca, None), True).add_extension(x509.KeyUsage(**usage), True)
        if policy:
            place = x509.DistributionPoint(
                [x509.UniformResourceIdentifier("http://ca.invalid/r.crl")], None, None, None
            )
            new = new.add_extension(x509.CRLDistributionPoints([place]), False)
            stated = x509.PolicyInformation(ObjectIdentifier(policy), None)
            new = new.add_extension(x509.CertificatePolicies([stated]), False)
        return new.sign(self.key, hashes.SHA256())

    def holder(self, *, policy=CLASS_3, days=2000):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ram Prasad")])
        return self._built(name, key, days=days, policy=policy), key

    def revoked(self, certificate) -> bytes:
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
        entry = entry.revocation_date(APPLIED - DAY).build()
        listed = x509.CertificateRevocationListBuilder().issuer_name(self.name).add_revoked_certificate(entry)
        listed = listed.last_update(APPLIED - DAY).next_update(APPLIED + 30 * DAY)
        return listed.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.fixture
def authority(settings, tmp_path):
    settings.DSC_ROOTS = tmp_path / "roots"
    settings.DSC_ROOTS.mkdir()
    authority = Authority()
    (settings.DSC_ROOTS / "cca.pem").write_bytes(authority.root.public_bytes(serialization.Encoding.PEM))
    (settings.DSC_ROOTS / "note.crt").write_bytes(b"not a certificate")
    assert len(trusted_roots(settings.DSC_ROOTS)) == 1
    return authority


def _p7s(text: bytes, certificate, key) -> bytes:
    new = pkcs7.PKCS7SignatureBuilder().set_data(text).add_signer(certificate, key, hashes.SHA256())
    flags = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    return new.sign(serialization.Encoding.DER, flags)


@pytest.fixture
def asha(season):
    return season.registered("asha")


def _text(bidder, on=APPLIED):
    return services.challenge_text(bidder.party, india_day(on))


def _verify(season, bidder, signature, at=APPLIED):
    return services.verify_signature(bidder=bidder, signature=signature, by=season.actor("asha"), at=at)


def _problem(season, bidder, signature, at=APPLIED):
    with pytest.raises(Refusal) as refused:
        _verify(season, bidder, signature, at)
    assert [one.code for one in refused.value.findings] == ["AUC-103"]
    return refused.value.findings[0].facts["problem"]["en"]


@pytest.mark.flow
def test_a_signature_over_the_own_text_proves_the_certificate(season, asha, authority):
    certificate, key = authority.holder()
    row = _verify(season, asha, _p7s(_text(asha, APPLIED - DAY), certificate, key))
    assert (row.serial, row.klass, row.holder, row.issuer) == ("3F1A0002", 3, "Ram Prasad", "Test CCA")
    assert row.verified_at == APPLIED and row.valid_until == india_day(certificate.not_valid_after_utc)
    assert asha.certificates.first() == row and asha.certificates.last().serial == "3F1A77", "what was stated stays"


def test_what_is_not_sound_is_refused_with_its_reason(season, asha, authority, settings):
    certificate, key = authority.holder()
    bina = season.registered("bina")
    assert "not made over the text" in _problem(season, asha, _p7s(_text(bina), certificate, key))
    assert "not made over the text" in _problem(season, asha, _p7s(_text(asha, APPLIED - 3 * DAY), certificate, key))
    good = _p7s(_text(asha), certificate, key)
    at = good.rindex(b"\x02") - 4  # inside the signature's own bytes
    assert _problem(season, asha, good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
    for rubbish in (b"", b"rubbish", b"\x30\x03\x02\x01\x01", b"-----BEGIN PKCS7-----\nx\n-----END PKCS7-----"):
        assert "no signature can be read" in _problem(season, asha, rubbish)
    assert "run out" in _problem(season, asha, _p7s(_text(asha), *authority.holder(days=400)))
    assert "neither of class" in _problem(season, asha, _p7s(_text(asha), *authority.holder(policy="2.16.356.100.2.1")))
    assert "does not lead" in _problem(season, asha, _p7s(_text(asha), *Authority("Test CCA").holder()))
    (settings.DSC_ROOTS / "revoked.crl").write_bytes(authority.revoked(certificate))
    assert "revoked" in _problem(season, asha, good)
    assert asha.certificates.count() == 1


@pytest.mark.flow
def test_a_signed_paper_is_checked_when_it_is_handed_in_and_the_committee_sees_it(
    client, season, at, authority, settings
):
    asha = season.applied("asha")
    bid = asha.technical_bids.get()
    signed = _signed_pdf(asha, authority, settings)
    [found] = check_pdf(signed, roots=settings.DSC_ROOTS, at=APPLIED)
    assert found.fits and found.trusted and found.policies == (CLASS_3,)
    assert check_pdf(registration_pdf(asha), roots=settings.DSC_ROOTS, at=APPLIED) == []
    for letter, content in (("ख", signed), ("ग", signed + b"\n% more"), ("क", b"%PDF-1.7 /ByteRange rubbish")):
        services.add_document(
            bid=bid, letter=letter, filename="p.pdf", content=content, by=season.actor("asha"), at=APPLIED
        )
    rows = {row["letter"]: row.get("signatures") for row in asha.technical_bids.get().documents}
    assert rows["ख"] == [{"holder": "Ram Prasad", "issuer": "Test CCA", "serial": "3F1A0002", "problem": {}}]
    assert "changed afterwards" in rows["ग"][0]["problem"]["en"] and "cannot be read" in rows["क"][0]["problem"]["en"]
    assert rows["च"] is None, "a plain paper is none"
    for name, path in (("mdo", f"/office/auctions/{bid.lot.code}/"), ("asha", f"/bidder/lots/{bid.lot.code}/")):
        client.force_login(season.users[name])
        shown = client.get(path).content.decode()
        assert "Ram Prasad · Test CCA · 3F1A0002" in shown and "बाद में बदला गया" in shown


def _signed_pdf(asha, authority, settings) -> bytes:
    """Asha's registration with a signature in it."""
    certificate, key = authority.holder()
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    path = settings.DSC_ROOTS.parent / "own.pem"
    path.write_bytes(pem)
    secret = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    from asn1crypto.keys import PrivateKeyInfo

    signer = SimpleSigner(load_cert_from_pemder(str(path)), PrivateKeyInfo.load(secret), SimpleCertificateStore())
    out = io.BytesIO()
    sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(registration_pdf(asha))), PdfSignatureMetadata("Sig"), signer, output=out
    )
    return out.getvalue()


def test_the_page_offers_it_only_where_roots_are_known(client, season, asha, at, authority, settings):
    at.set(APPLIED)
    client.force_login(season.users["asha"])
    text = client.get("/bidder/signature-text.txt").content
    assert text == _text(asha)
    certificate, key = authority.holder()
    file = io.BytesIO(_p7s(text, certificate, key))
    file.name = "sig.p7s"
    answer = client.post("/bidder/", {"act": "proof", "signature": file}, follow=True)
    assert "3F1A0002" in answer.content.decode() and "हस्ताक्षर से सत्यापित" in answer.content.decode()
    settings.DSC_ROOTS = settings.DSC_ROOTS / "none"
    shown = client.get("/bidder/").content.decode()
    assert "मूल प्रमाण पत्र अभी नहीं है" in shown and 'name="signature"' not in shown
