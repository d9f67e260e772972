"""Pictures of files: smaller ones for who asks, and one for what has none."""

from __future__ import annotations

import io
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from PIL import Image

    from ftrack_orm.emulator.blobs.store import Blob


class Picture(NamedTuple):
    """A picture that was made: its bytes, their type, and its size in pixels."""

    content: bytes
    media_type: str
    width: int
    height: int


def resized(kept: Blob, pixels: int, *, is_opaque: bool = False) -> Picture | None:
    """Return a file as a picture that fits a square; ``None`` when it is no picture.

    It is never enlarged. A PNG stays one, as tests of the official Python client show;
    what else something shows through becomes one, all other pictures are JPEGs.

    Args:
        kept: the file.
        pixels: the side of the square.
        is_opaque: a JPEG in any case.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with closing(kept.open()) as file, Image.open(file) as image:
            is_png = image.format == "PNG" or image.has_transparency_data
            image.thumbnail((pixels, pixels))
            return _encoded(image, "PNG" if is_png and not is_opaque else "JPEG")
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        SyntaxError,  # what Pillow raises for broken PNG files
        ValueError,
    ):
        return None


def _encoded(image: Image.Image, form: Literal["PNG", "JPEG"]) -> Picture:
    target = io.BytesIO()
    image.convert("RGBA" if form == "PNG" else "RGB").save(target, form)
    return Picture(target.getvalue(), f"image/{form.lower()}", *image.size)


@cache
def default_picture() -> bytes:
    """Return the picture for what has none: a small grey PNG."""
    from PIL import Image

    target = io.BytesIO()
    Image.new("L", (64, 64), 96).save(target, "PNG")
    return target.getvalue()
