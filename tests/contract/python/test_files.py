"""Files, their pictures and their addresses (protocol 2.8, 2.11, 7)."""

from __future__ import annotations

import contextlib
import gc
import io
import json
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import ftrack_api.exception
import pytest
from PIL import Image

from ftrack_orm.emulator import Emulator

# Protocol 7.1.
REVIEW = "cd41be70-8809-11e3-b98a-20c9d081909b"
SERVER = "3a372bde-05bc-11e4-8908-20c9d081909b"


def location(session: Any, key: str) -> Any:
    return session.get("Location", key)


def test_an_upload_arrives_and_comes_back(
    emulator: Emulator, session: Any, picture: Path
) -> None:
    server = location(session, SERVER)
    component = session.create_component(str(picture), location=server)
    session.commit()
    [sent] = emulator.file_requests
    assert (sent.method, sent.status, sent.component_id) == (
        "PUT",
        200,
        component["id"],
    )
    identifier = server.get_resource_identifier(component)
    assert identifier == component["id"]
    with contextlib.closing(server.accessor.open(identifier, "rb")) as file:
        assert file.read() == picture.read_bytes()


def test_the_address_of_a_file_leads_to_it(session: Any, picture: Path) -> None:
    server = location(session, SERVER)
    component = session.create_component(str(picture), location=server)
    session.commit()
    with urlopen(server.get_url(component)) as answer:  # noqa: S310 - our own server
        assert answer.read() == picture.read_bytes()


@pytest.mark.parametrize(("size", "wanted"), [(120, (120, 60)), (None, (300, 150))])
def test_a_thumbnail_is_made_smaller(
    session: Any, picture: Path, size: int | None, wanted: tuple[int, int]
) -> None:
    server = location(session, SERVER)
    component = session.create_component(str(picture), location=server)
    session.commit()
    url = server.get_thumbnail_url(component, size=size)
    with urlopen(url) as answer:  # noqa: S310 - our own server
        assert Image.open(io.BytesIO(answer.read())).size == wanted


@pytest.mark.parametrize("kind", ["project", "task", "version", "jane"])
def test_entities_are_given_thumbnails(
    request: pytest.FixtureRequest,
    session: Any,
    fresh: Any,
    picture: Path,
    kind: str,
) -> None:
    entity = request.getfixturevalue(kind)
    thumbnail = entity.create_thumbnail(str(picture))
    session.commit()
    seen = fresh.get(entity.entity_type, entity["id"])
    assert seen["thumbnail_id"] == thumbnail["id"]
    assert thumbnail["id"] in seen["thumbnail_url"]["url"]
    assert "apiKey" not in seen["thumbnail_url"]["url"]
    # As it is, in a browser; with another size, too.
    url = seen["thumbnail_url"]["url"]
    for shown, wanted in ((url, (300, 150)), (f"{url}&size=80", (80, 40))):
        with urlopen(shown) as answer:  # noqa: S310 - our own server
            assert Image.open(io.BytesIO(answer.read())).size == wanted


def test_without_a_thumbnail_there_is_no_address(session: Any, task: Any) -> None:
    assert task["thumbnail_url"] is None


def test_the_place_of_a_file_has_its_address(
    session: Any, fresh: Any, picture: Path
) -> None:
    component = session.create_component(
        str(picture), location=location(session, SERVER)
    )
    session.commit()
    [place] = fresh.get("Component", component["id"])["component_locations"]
    assert "apiKey" not in place["url"]["value"]
    with urlopen(place["url"]["value"]) as answer:  # noqa: S310 - our own server
        assert answer.read() == picture.read_bytes()


def test_a_sequence_goes_up_frame_by_frame(
    emulator: Emulator, session: Any, fresh: Any, frames: str
) -> None:
    component = session.create_component(frames, location=location(session, SERVER))
    session.commit()
    # Protocol 7.3: members and container are in the location, each on its own.
    places = fresh.query(f"ComponentLocation where location_id is {SERVER}").all()
    wanted = {component["id"], *(each["id"] for each in component["members"])}
    assert {each["component_id"] for each in places} == wanted
    assert {each["resource_identifier"] for each in places} == wanted
    sent = {each.component_id for each in emulator.file_requests}
    assert sent == wanted - {component["id"]}


def test_a_picture_is_encoded_for_review(
    session: Any, fresh: Any, version: Any, picture: Path
) -> None:
    job = session.encode_media(str(picture), version_id=version["id"])
    data = json.loads(job["data"])
    [output] = data["output"]
    assert output["format"] == "image/jpeg"
    made = fresh.get("FileComponent", output["component_id"])
    assert made["name"] == "ftrackreview-image"
    assert made["version"]["id"] == version["id"]
    meta = json.loads(made["metadata"]["ftr_meta"])
    assert meta == {"format": "image", "width": 600, "height": 300}
    [place] = made["component_locations"]
    assert place["location_id"] == REVIEW
    with urlopen(place["url"]["value"]) as answer:  # noqa: S310 - our own server
        assert Image.open(io.BytesIO(answer.read())).size == (600, 300)
    # The client says of a path that its component is not kept.
    assert data["keep_original"] is False
    source_id = data["source_component_id"]
    assert fresh.query(f"Component where id is {source_id}").all() == []


def test_a_movie_is_shown_by_the_thumbnail_of_its_version(
    session: Any, version: Any, picture: Path, folder: Path
) -> None:
    movie = folder / "movie.mov"
    movie.write_bytes(b"frames")
    server = location(session, SERVER)
    component = version.create_component(
        str(movie), data={"name": "movie"}, location=server
    )
    version.create_thumbnail(str(picture))
    session.commit()
    with urlopen(server.get_thumbnail_url(component, size=60)) as answer:  # noqa: S310 - our own server
        assert Image.open(io.BytesIO(answer.read())).size == (60, 30)


def test_what_is_removed_from_the_server_is_gone(session: Any, picture: Path) -> None:
    server = location(session, SERVER)
    component = session.create_component(str(picture), location=server)
    session.commit()
    identifier = server.get_resource_identifier(component)
    server.remove_component(component)
    with (
        pytest.raises(ftrack_api.exception.AccessorOperationFailedError),
        contextlib.closing(server.accessor.open(identifier, "rb")) as file,
    ):
        file.read()
    with pytest.raises(ftrack_api.exception.ComponentNotInLocationError):
        server.get_resource_identifier(component)


# The client leaves its files open when an upload fails.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_an_upload_that_the_server_refuses_registers_nothing(
    emulator: Emulator, session: Any, picture: Path
) -> None:
    server = location(session, SERVER)
    emulator.file_faults.status(500)
    with pytest.raises(ftrack_api.exception.LocationError):
        session.create_component(str(picture), location=server)
    gc.collect()
    rows = session.call([{"action": "query", "expression": "ComponentLocation"}])
    assert rows[0]["data"] == []


def test_upload_metadata_has_the_headers_to_send(session: Any) -> None:
    found = session.get_upload_metadata(
        component_id="c1",
        file_name="data.json",
        file_size=13,
        checksum="rL0Y20zC+Fzt72VPzMSk2A==",
    )
    assert found["component_id"] == "c1"
    assert found["url"].startswith("http")
    assert found["headers"]["Content-MD5"] == "rL0Y20zC+Fzt72VPzMSk2A=="
    assert found["headers"]["Content-Length"] == "13"
    assert found["headers"]["Content-Type"] == "application/json"
    disposition = 'attachment; filename="data.json"'
    assert found["headers"]["Content-Disposition"] == disposition


@pytest.mark.parametrize("name", ["ftrackreview-mp4", "ftrackreview-image"])
def test_review_media_go_where_reviews_look_for_them(
    session: Any, fresh: Any, version: Any, picture: Path, name: str
) -> None:
    made = version.create_component(str(picture), data={"name": name}, location="auto")
    made["metadata"]["ftr_meta"] = json.dumps({"format": "image", "width": 600})
    session.commit()
    seen = fresh.get("FileComponent", made["id"])
    [place] = seen["component_locations"]
    assert place["location_id"] == REVIEW
    assert json.loads(seen["metadata"]["ftr_meta"])["width"] == 600
