"""Pictures as they are handed in: how large they would be when they are opened."""

import io
import warnings

from PIL import Image, UnidentifiedImageError

MOST_PIXELS = 50_000_000


class PictureTooLarge(ValueError):
    """The picture has more pixels than anybody can need to read a paper."""


def picture_type(content: bytes) -> str:
    """The format of a picture by its head (PNG, JPEG …); empty where it cannot be told. Nothing is unpacked.

    Raises PictureTooLarge.
    """
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(content)) as image:
            pixels, kind = image.width * image.height, str(image.format or "")
    except Image.DecompressionBombError as error:
        raise PictureTooLarge("the picture is a bomb") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return ""
    if pixels > MOST_PIXELS:
        raise PictureTooLarge(f"{pixels} pixels")
    return kind
