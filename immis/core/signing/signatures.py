"""Room for a digital signature in a paper: an empty signature field where the template drew its box.

A template marks the box as a link to ``immis:signature/<name>``; the link is taken out of the PDF and a signature
field of that name takes its place, so that any PDF tool signs there with the officer's certificate.
"""

import io

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

_MARK = "immis:signature/"


def with_signature_fields(pdf: bytes) -> bytes:
    """The PDF with an empty signature field in place of each marked box; unchanged where it marks none."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    pages = int(writer.root["/Pages"]["/Count"])
    boxes = [box for index in range(pages) for box in _take_marks(writer, index)]
    if not boxes:
        return pdf
    for spec in boxes:
        append_signature_field(writer, spec)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _take_marks(writer: IncrementalPdfFileWriter, index: int) -> list[SigFieldSpec]:
    """Take the marking links off one page; answers the fields that stand there instead."""
    page_ref, _resources = writer.find_page_for_modification(index)
    page = page_ref.get_object()
    marks, kept = [], generic.ArrayObject()
    for link in page.get("/Annots", ()):
        name = _marked(link.get_object())
        if name:
            box = tuple(int(float(side)) for side in link.get_object()["/Rect"])
            marks.append(SigFieldSpec(sig_field_name=name, on_page=index, box=box))
        else:
            kept.append(link)
    if marks:
        page["/Annots"] = kept
        writer.mark_update(page_ref)
    return marks


def _marked(annotation: generic.DictionaryObject) -> str:
    action = annotation.get("/A")
    target = str(action.get("/URI", "")) if action is not None else ""
    return target.removeprefix(_MARK) if target.startswith(_MARK) else ""
