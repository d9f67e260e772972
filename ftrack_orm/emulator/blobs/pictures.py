"""Thumbnails of picture files, and the default picture."""

from __future__ import annotations

import io
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from PIL import Image

    from ftrack_orm.emulator.blobs.store import Blob


class Picture(NamedTuple):
    """An encoded picture: its bytes, media type, and size in pixels."""

    content: bytes
    media_type: str
    width: int
    height: int


def resize(blob: Blob, pixels: int, *, is_opaque: bool = False) -> Picture | None:
    """Return a picture scaled to fit a square; ``None`` if the file is no picture.

    It is never enlarged. The result is a PNG if the file is a PNG, as tests of the
    official Python client show, or if it has transparency; else it is a JPEG.

    Args:
        blob: the file.
        pixels: side of the square, in pixels.
        is_opaque: return a JPEG in any case.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with closing(blob.open()) as file, Image.open(file) as image:
            is_png = image.format == "PNG" or image.has_transparency_data
            image.thumbnail((pixels, pixels))
            return _encoded(image, "PNG" if is_png and not is_opaque else "JPEG")
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        SyntaxError,  # Pillow raises it for broken PNG files.
        ValueError,
    ):
        return None


def _encoded(image: Image.Image, form: Literal["PNG", "JPEG"]) -> Picture:
    target = io.BytesIO()
    image.convert("RGBA" if form == "PNG" else "RGB").save(target, form)
    return Picture(target.getvalue(), f"image/{form.lower()}", *image.size)


@cache
def default_picture() -> bytes:
    """Return the picture of entities without a thumbnail: a small grey PNG."""
    from PIL import Image

    target = io.BytesIO()
    Image.new("L", (64, 64), 96).save(target, "PNG")
    return target.getvalue()
