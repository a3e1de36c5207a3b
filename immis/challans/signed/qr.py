"""QR codes of passes: drawn for paper and screen, and read back from a picture."""

import io
from pathlib import Path

import segno
from PIL import Image, UnidentifiedImageError
from segno import consts

from immis.challans.signed.text import carries_pass

MAX_IMAGE_BYTES = 20_000_000
MAX_IMAGE_PIXELS = 50_000_000
_ALPHANUMERIC = frozenset(consts.ALPHANUMERIC_CHARS.decode())


class ImageUnusable(ValueError):
    """A picture cannot be read, or shows no QR: says which."""


def _qr(text: str) -> segno.QRCode:
    """Level M; the upper-case part after ``#`` packs tighter as a segment of its own (three sizes smaller)."""
    head, hash_sign, body = text.partition("#")
    if hash_sign and body and set(body) <= _ALPHANUMERIC:
        content = [(head + hash_sign, consts.MODE_BYTE), (body, consts.MODE_ALPHANUMERIC)]
        return segno.make_qr(content, error="m", boost_error=False)
    return segno.make_qr(text, error="m", boost_error=False)


def qr_svg(text: str, *, title: str = "QR") -> str:
    """A QR as an SVG that takes the size of its place; no inline style, so that a strict CSP lets it through."""
    return _qr(text).svg_inline(border=4, omitsize=True, title=title, svgclass="qr", lineclass=None, light="#fff")


def qr_version(text: str) -> int:
    """The size of a QR as the standard counts it, at level M; from 16 on worn paper reads badly."""
    return int(_qr(text).version)


def qr_png(text: str, *, module_px: int = 6) -> bytes:
    """A QR as a PNG picture with ``module_px`` pixels a module and the quiet zone of the standard."""
    out = io.BytesIO()
    _qr(text).save(out, kind="png", scale=module_px, border=4)
    return out.getvalue()


def read_qr(path: Path | str | bytes) -> str:
    """The text of the QR in a photo or scan (PNG, JPEG, WebP, GIF, BMP, TIFF): a file, or what lies in it.

    Another QR beside the pass (a payment address, a poster) is left aside. Raises ImageUnusable when the file is no
    picture, too large, or shows no QR or several passes.
    """
    import zxingcpp

    name = "the picture" if isinstance(path, bytes) else Path(path).name
    if (len(path) if isinstance(path, bytes) else Path(path).stat().st_size) > MAX_IMAGE_BYTES:
        raise ImageUnusable(f"{name} has more than {MAX_IMAGE_BYTES // 1_000_000} MB")
    try:
        with Image.open(io.BytesIO(path) if isinstance(path, bytes) else path) as image:
            if image.width * image.height > MAX_IMAGE_PIXELS:
                raise ImageUnusable(f"{name} has more than {MAX_IMAGE_PIXELS // 1_000_000} million pixels")
            grey = image.convert("L")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, ImageUnusable):
            raise
        raise ImageUnusable(f"{name} is not a picture that can be read") from error
    texts = {code.text for code in zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormat.QRCode)}
    passes = {text for text in texts if carries_pass(text)} or texts
    if len(passes) != 1:
        shown = "no QR" if not texts else f"several QR codes ({len(passes)})"
        raise ImageUnusable(f"{name} shows {shown}; one pass is expected: take a picture of one alone")
    return passes.pop()
