"""The addresses that a session gives for files lead to them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import requests
from PIL import Image

from ftrack_models import FileComponent
from ftrack_orm import Entity, Session


@pytest.fixture
def picture(over_http: Session, tmp_path: Path) -> Entity:
    path = tmp_path / "plate.png"
    Image.new("RGB", (600, 300), (10, 90, 30)).save(path)
    return over_http.create_component(path)[0].data


def test_the_address_of_a_component_gives_its_file(
    over_http: Session, picture: Entity, tmp_path: Path
) -> None:
    url = over_http.get_component_url(picture)

    assert url is not None
    content = requests.get(url, timeout=10).content
    assert content == (tmp_path / "plate.png").read_bytes()


@pytest.mark.parametrize(
    ("size", "expected"), [(300, (300, 150)), (40, (40, 20)), (9999, (600, 300))]
)
def test_the_address_of_a_thumbnail_gives_a_picture_of_that_size(
    over_http: Session, picture: Entity, size: int, expected: tuple[int, int]
) -> None:
    assert isinstance(picture, FileComponent)
    url = over_http.thumbnail_url(picture.id, size)

    content = requests.get(url, timeout=10).content

    assert Image.open(io.BytesIO(content)).size == expected


def test_a_thumbnail_has_300_pixels_when_nobody_says_how_many(
    over_http: Session, picture: Entity
) -> None:
    content = requests.get(over_http.thumbnail_url(picture), timeout=10).content

    assert Image.open(io.BytesIO(content)).size == (300, 150)


def test_there_is_a_picture_for_what_has_none(over_http: Session) -> None:
    answer = requests.get(over_http.thumbnail_url(None), timeout=10)

    assert answer.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size[0] > 0
