"""A paper of a case as PDF: both languages, with the place for the officer's digital signature."""

from pathlib import Path

from immis.challans.signed.qr import qr_svg
from immis.core.papers.documents import DEPARTMENT, GOVERNMENT, compile_typst
from immis.enforcement.models import CasePaper
from immis.enforcement.papers.link import link_of

TEMPLATE = Path(__file__).parent / "case.typ"


def paper_pdf(paper: CasePaper) -> bytes:
    """The A4 PDF of a paper, the same page each time. Raises DocumentError when the fonts are missing."""
    from immis.core.signing.signatures import with_signature_fields  # 25 MB: only where one is written

    linked = paper.facts.get("link_words") is not None
    data = {
        **paper.facts,
        "number": paper.number,
        "government": GOVERNMENT,
        "department": DEPARTMENT,
        "qr_svg": qr_svg(link_of(paper.case)) if linked else None,
    }
    return with_signature_fields(compile_typst(TEMPLATE, data, created_at=paper.made_at))
