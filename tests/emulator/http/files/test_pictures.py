"""Thumbnails over HTTP: protocol 7.2."""

from __future__ import annotations

import io

import pytest
import requests
from PIL import Image

from ftrack_orm.emulator import Emulator
from tests.support.emulator_client import VFX
from tests.support.file_requests import ask, call, metadata, put, uploaded


def picture(form: str, mode: str, size: tuple[int, int]) -> bytes:
    target = io.BytesIO()
    colour = 0 if mode in ("L", "P") else (200, 30, 30, 9)[: len(mode)]
    Image.new(mode, size, colour).save(target, form)
    return target.getvalue()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [({}, (300, 150)), ({"size": "100"}, (100, 50)), ({"size": "4000"}, (800, 400))],
)
def test_a_thumbnail_fits_and_is_never_enlarged(
    emulator: Emulator, asked: dict[str, str], expected: tuple[int, int]
) -> None:
    uploaded(emulator, picture("JPEG", "RGB", (800, 400)))

    answer = ask(emulator, "thumbnail", **asked)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).size == expected


@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "RGB"), ("WEBP", "RGBA")]
)
def test_a_png_stays_one_and_what_is_clear_becomes_one(
    emulator: Emulator, form: str, mode: str
) -> None:
    uploaded(emulator, picture(form, mode, (50, 80)))

    answer = ask(emulator, "thumbnail", size="40")

    assert answer.headers["content-type"] == "image/png"
    found = Image.open(io.BytesIO(answer.content))
    assert (found.format, found.mode, found.size) == ("PNG", "RGBA", (25, 40))


def test_what_is_no_picture_has_no_thumbnail(emulator: Emulator) -> None:
    uploaded(emulator)

    assert ask(emulator, "thumbnail").status_code == 404
    assert ask(emulator, "thumbnail", id="nothing").status_code == 404
    assert ask(emulator, "thumbnail", size="big").status_code == 400
    assert ask(emulator, "thumbnail", size="0").status_code == 400


def test_a_broken_picture_has_no_thumbnail(emulator: Emulator) -> None:
    whole = picture("PNG", "RGB", (800, 400))
    for broken in (whole[: len(whole) // 2], whole[:20] + b"\xff" * 40):
        uploaded(emulator, broken)
        assert ask(emulator, "thumbnail").status_code == 404


def test_there_is_a_picture_for_what_has_none(emulator: Emulator) -> None:
    answer = requests.get(f"{emulator.server_url}/img/thumbnail2.png", timeout=10)

    assert Image.open(io.BytesIO(answer.content)).format == "PNG"


def test_a_movie_is_shown_by_the_thumbnail_of_its_version(emulator: Emulator) -> None:
    def create(entity_type: str, **data: object) -> dict[str, object]:
        return {"action": "create", "entity_type": entity_type, "entity_data": data}

    call(
        emulator,
        create("Project", id="p", name="p", full_name="p", project_schema_id=VFX),
        create("Asset", id="a", name="a", context_id="p"),
        create("AssetVersion", id="v", asset_id="a"),
        create("FileComponent", id="c1", name="m", file_type=".mov", version_id="v"),
    )
    uploaded(emulator, b"a movie")
    assert ask(emulator, "thumbnail").status_code == 404
    content = picture("PNG", "RGB", (800, 400))
    url = metadata(emulator, component_id="c2", file_size=len(content))["url"]
    put(url, content)
    update = {
        "action": "update",
        "entity_type": "AssetVersion",
        "entity_key": ["v"],
        "entity_data": {"thumbnail_id": "c2"},
    }
    call(emulator, create("FileComponent", id="c2", name="t", file_type=".png"), update)

    shown = ask(emulator, "thumbnail", size="100")

    assert Image.open(io.BytesIO(shown.content)).size == (100, 50)
