"""The QR of a pass in a photo that somebody hands in, read in the child process."""

from typing import Any

from django.utils.translation import gettext

from immis.challans.signed.qr import ImageUnusable
from immis.core.errors import Refusal, Unreadable
from immis.core.papers.reading import read_upload


def read_photo(photo: Any) -> str:
    """The text of the QR in an uploaded photo; empty where none was handed in. Raises Unreadable for any other picture.

    Not to be called inside a transaction.
    """
    if not photo:
        return ""
    try:
        text: str = read_upload("qr", photo.read())
    except (ImageUnusable, Refusal) as unusable:
        raise Unreadable(_no_qr) from unusable
    return text


def _no_qr() -> str:
    return gettext("No QR of an e-challan could be read from this picture: come nearer and take the QR alone.")
