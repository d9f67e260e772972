"""Pictures of files: smaller ones for who asks, and one for what has none."""

from __future__ import annotations

import io
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

    from ftrack_orm.emulator.files.store import Kept


def resized(kept: Kept, pixels: int) -> tuple[bytes, str] | None:
    """Return a file as a picture that fits a square, and its type.

    It is never enlarged. ``None`` when the file is no picture.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with closing(kept.open()) as file, Image.open(file) as image:
            image.thumbnail((pixels, pixels))
            return _encoded(image)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        SyntaxError,  # what Pillow raises for broken PNG files
        ValueError,
    ):
        return None


def _encoded(image: Image.Image) -> tuple[bytes, str]:
    is_clear = image.has_transparency_data
    form = "PNG" if is_clear else "JPEG"
    target = io.BytesIO()
    image.convert("RGBA" if is_clear else "RGB").save(target, form)
    return target.getvalue(), f"image/{form.lower()}"


@cache
def default_picture() -> bytes:
    """Return the picture for what has none: a small grey PNG."""
    from PIL import Image

    target = io.BytesIO()
    Image.new("L", (64, 64), 96).save(target, "PNG")
    return target.getvalue()
