"""The official Python client carries files to and from the emulator (protocol 7.3)."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from PIL import Image

from ftrack_orm.emulator import Emulator

with warnings.catch_warnings():
    # The client's copy of pyparsing imports a deprecated module.
    warnings.simplefilter("ignore", DeprecationWarning)
    import ftrack_api
    import ftrack_api.exception
    import ftrack_api.symbol


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "plate.png"
    Image.new("RGB", (600, 300), (10, 90, 30)).save(path)
    return path


@pytest.fixture
def component(session: Any, picture: Path) -> Any:
    location = server_location(session)
    created = session.create_component(
        str(picture), data={"name": "plate"}, location=location
    )
    session.commit()
    return created


def server_location(session: Any) -> Any:
    return session.get("Location", ftrack_api.symbol.SERVER_LOCATION_ID)


def content(location: Any, identifier: str) -> bytes:
    with contextlib.closing(location.accessor.open(identifier, "rb")) as file:
        found: bytes = file.read()
        return found


def test_a_component_goes_up_with_its_checksum(
    emulator: Emulator, component: Any, picture: Path
) -> None:
    [asked] = [
        operation
        for operation in emulator.call_log.operations
        if operation["action"] == "get_upload_metadata"
    ]
    assert asked["file_name"] == "plate.png"
    assert asked["file_size"] == picture.stat().st_size
    assert asked["checksum"]
    [sent] = emulator.file_requests
    assert (sent.method, sent.status) == ("PUT", 200)
    assert sent.component_id == component["id"]


def test_what_went_up_comes_down_the_same(
    session: Any, component: Any, picture: Path
) -> None:
    location = server_location(session)
    identifier = location.get_resource_identifier(component)

    assert content(location, identifier) == picture.read_bytes()


def test_urls_of_file_and_thumbnail_answer(
    session: Any, component: Any, picture: Path
) -> None:
    location = server_location(session)

    with urlopen(location.get_url(component)) as answer:  # noqa: S310 # our own server
        assert answer.read() == picture.read_bytes()
    url = location.get_thumbnail_url(component, size=120)
    with urlopen(url) as answer:  # noqa: S310 # our own server
        assert Image.open(io.BytesIO(answer.read())).size == (120, 60)


def test_what_is_removed_from_the_location_is_gone(
    session: Any, component: Any
) -> None:
    location = server_location(session)
    identifier = location.get_resource_identifier(component)

    location.remove_component(component)

    with pytest.raises(ftrack_api.exception.AccessorOperationFailedError):
        content(location, identifier)
    query = f'ComponentLocation where component_id is "{component["id"]}"'
    assert session.query(query).all() == []
