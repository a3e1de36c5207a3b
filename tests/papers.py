"""What a reader's window and a screen reader are told of a PDF."""

import io
import re

from pypdf import PdfReader
from pypdf.generic import DictionaryObject


def name_of(pdf: bytes) -> str:
    """The title of a paper of this system, which must be in Hindi as its language says, and shown by the window."""
    reader = PdfReader(io.BytesIO(pdf))
    root: DictionaryObject = reader.root_object
    title = str((reader.metadata or {}).get("/Title", ""))
    assert root.get("/Lang") == "hi", root.get("/Lang")
    assert re.search(r"[\u0900-\u097f]", title) and " · " in title, title
    assert root["/ViewerPreferences"]["/DisplayDocTitle"], "the window would show the name of the file"
    return title
