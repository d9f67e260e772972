"""Files of components over HTTP, up and down, whole and broken."""

from __future__ import annotations

import io
import os
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from ftrack_models import AssetVersion, FileComponent, Task
from ftrack_orm import (
    AttributeValueError,
    EntityKeyError,
    FileTooLargeError,
    InvalidSettingError,
    ServerPermissionDeniedError,
    Session,
    UnknownAttributeError,
    UploadCancelledError,
    UploadError,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.transfer import chunks
from ftrack_orm.transport.recording import RecordingTransport
from tests.support.component_files import CONTENT, FAST, components, puts, stored
from tests.support.emulator_records import sql

SERVER_LOCATION = "3a372bde-05bc-11e4-8908-20c9d081909b"


# -- up --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["text", "path", "file", "memory"])
@pytest.mark.parametrize("in_parts", [False, True])
def test_a_file_is_uploaded_into_the_servers_location(
    over_http: Session,
    clean: Emulator,
    path: Path,
    kind: str,
    in_parts: bool,
    request: pytest.FixtureRequest,
) -> None:
    if in_parts:
        request.getfixturevalue("small_parts")
    file: Any = {"text": str(path), "path": path}.get(kind)
    if file is None:
        file = path.open("rb") if kind == "file" else io.BytesIO(CONTENT)
    name = "plate.0001.exr" if kind == "memory" else None

    component, location, metadata = over_http.create_component(file, name=name)
    if not isinstance(file, str | Path):
        file.close()

    made = component.data
    assert isinstance(made, FileComponent)
    assert (made.name, made.file_type) == ("plate.0001", ".exr")
    assert made.size == len(CONTENT)
    place: Any = location.data
    assert place.component_id == made.id == metadata.component_id
    assert place.location_id == SERVER_LOCATION
    assert place.resource_identifier == made.id
    assert stored(over_http, made.id) == CONTENT
    expected = list(range(1, 7)) if in_parts else [None]
    assert sorted(puts(clean, made.id), key=str) == expected
    assert over_http.requests == 2


def test_a_stream_that_cannot_go_back_is_uploaded(
    over_http: Session, clean: Emulator
) -> None:
    reading, writing = os.pipe()
    threading.Thread(target=feed, args=(writing,)).start()
    with os.fdopen(reading, "rb") as stream:
        component, _, _ = over_http.create_component(
            cast(BinaryIO, stream), name="pipe.bin"
        )

    assert stored(over_http, str(component.data.reference.key[0])) == CONTENT


def feed(writing: int) -> None:
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(CONTENT)


def test_an_empty_file_is_a_file(
    over_http: Session, clean: Emulator, tmp_path: Path
) -> None:
    path = tmp_path / ".bashrc"
    path.write_bytes(b"")
    seen: list[tuple[int, int]] = []

    component, _, _ = over_http.create_component(
        path, on_progress=lambda *step: seen.append(step)
    )

    made: Any = component.data
    assert (made.name, made.size) == (".bashrc", 0)
    assert stored(over_http, made.id) == b""
    assert seen == [(0, 0)]


def test_more_attributes_may_be_given(
    over_http: Session, clean: Emulator, path: Path
) -> None:
    version = over_http.select(AssetVersion).limit(1).one()

    component, _, _ = over_http.create_component(
        path, name="renamed.mov", data={"version": version}
    )

    made: Any = component.data
    assert (made.name, made.file_type) == ("renamed", ".mov")
    over_http.refresh(made)
    assert made.version is version


@pytest.mark.parametrize(
    ("data", "error"),
    [({"nmae": "x"}, UnknownAttributeError), ({"size": "big"}, AttributeValueError)],
)
def test_wrong_attributes_are_refused_before_anything_is_sent(
    over_http: Session, path: Path, data: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        over_http.create_component(path, data=data)

    assert over_http.requests == 0


@pytest.mark.usefixtures("small_parts")
def test_progress_ends_with_everything(
    over_http: Session, clean: Emulator, path: Path
) -> None:
    clean.file_faults.status(503, times=2)
    seen: list[tuple[int, int]] = []

    over_http.create_component(
        path, on_progress=lambda *step: seen.append(step), retry=FAST
    )

    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert seen[-1] == (len(CONTENT), len(CONTENT))


# -- up, with faults -------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "status", "html"])
@pytest.mark.usefixtures("small_parts")
def test_parts_that_fail_for_now_are_sent_again(
    over_http: Session, clean: Emulator, path: Path, fault: str
) -> None:
    fail = getattr(clean.file_faults, fault)
    fail(500, times=2) if fault == "status" else fail(times=2)

    component, _, _ = over_http.create_component(path, retry=FAST)

    assert stored(over_http, str(component.data.reference.key[0])) == CONTENT


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "503", "403"])
def test_a_failed_upload_leaves_no_component(
    over_http: Session,
    clean: Emulator,
    path: Path,
    fault: str,
    in_parts: bool,
    request: pytest.FixtureRequest,
) -> None:
    if in_parts:
        request.getfixturevalue("small_parts")
    before = components(clean)
    if fault.isdecimal():
        clean.file_faults.status(int(fault), times=50)
    else:
        getattr(clean.file_faults, fault)(times=50)

    with pytest.raises(UploadError) as caught:
        over_http.create_component(path, retry=FAST)

    assert components(clean) == before
    assert caught.value.remains is None


def test_a_refused_component_is_the_servers_error(
    over_http: Session, clean: Emulator, path: Path
) -> None:
    before = components(clean)
    clean.faults.deny_permission()

    with pytest.raises(ServerPermissionDeniedError):
        over_http.create_component(path)

    assert components(clean) == before


@pytest.mark.parametrize("step", ["registering", "placing"])
def test_a_lost_answer_is_settled_and_nothing_is_made_twice(
    over_http: Session, clean: Emulator, path: Path, step: str
) -> None:
    before = components(clean)

    def on_progress(done: int, total: int) -> None:
        if step == "placing" and done == total:
            clean.faults.drop_after()

    if step == "registering":
        clean.faults.drop_after()
    component, _, _ = over_http.create_component(path, on_progress=on_progress)

    component_id = str(component.data.reference.key[0])
    assert components(clean) == before + 1
    places = "select count(*) from ComponentLocation where component_id = :id"
    assert sql(clean, places, id=component_id) == [(1,)]
    assert stored(over_http, component_id) == CONTENT


@pytest.mark.usefixtures("small_parts")
def test_a_clean_up_that_fails_is_told(
    over_http: Session, clean: Emulator, path: Path
) -> None:
    before = components(clean)
    clean.file_faults.delay(0.2)
    clean.file_faults.status(403, times=9)

    def on_progress(done: int, total: int) -> None:
        if done:
            # The component is there now; the next request would delete it.
            clean.faults.clear()
            clean.faults.deny_permission(times=2)

    with pytest.raises(UploadError) as caught:
        over_http.create_component(path, on_progress=on_progress, parallel=1)

    assert components(clean) == before + 1
    assert caught.value.remains is not None
    assert str(caught.value.component_id) in str(caught.value)


def test_a_file_that_is_too_large_is_refused(
    over_http: Session, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNKS", ((100, 10),))

    with pytest.raises(FileTooLargeError):
        over_http.create_component(path)

    assert over_http.requests == 0


def test_cancelling_stops_within_a_second_though_nothing_answers_any_more(
    over_http: Session, clean: Emulator, path: Path
) -> None:
    clean.faults.delay(0)  # the component is created
    clean.faults.delay(3.0, times=5)
    clean.file_faults.delay(3.0, times=20)
    cancel = threading.Event()
    moments: list[float] = []

    def stop() -> None:
        moments.append(time.monotonic())
        cancel.set()

    threading.Timer(0.3, stop).start()
    with pytest.raises(UploadCancelledError) as raised:
        over_http.create_component(path, cancel=cancel)

    assert time.monotonic() - moments[0] < 1
    assert raised.value.remains is not None
    assert str(raised.value.component_id) in [
        step["entity_key"][0]
        for step in clean.call_log.operations
        if step["action"] == "delete"
    ]


@pytest.mark.usefixtures("small_parts")
def test_cancelling_stops_within_a_second_and_leaves_nothing(
    over_http: Session, clean: Emulator, path: Path
) -> None:
    before = components(clean)
    clean.file_faults.delay(3.0, times=20)
    cancel = threading.Event()
    moments: list[float] = []

    def stop() -> None:
        moments.append(time.monotonic())
        cancel.set()

    threading.Timer(0.3, stop).start()
    with pytest.raises(UploadCancelledError):
        over_http.create_component(path, cancel=cancel)

    assert time.monotonic() - moments[0] < 1
    assert components(clean) == before


def test_cancelling_while_the_server_hangs_stops_within_a_second(
    over_http: Session, clean: Emulator, path: Path
) -> None:
    clean.faults.delay(3.0)
    cancel = threading.Event()
    moments: list[float] = []

    def stop() -> None:
        moments.append(time.monotonic())
        cancel.set()

    threading.Timer(0.3, stop).start()
    with pytest.raises(UploadCancelledError):
        over_http.create_component(path, cancel=cancel)

    assert time.monotonic() - moments[0] < 1


# -- addresses -------------------------------------------------------------------------


def test_addresses_are_those_of_the_protocol(
    over_http: Session, uploaded: FileComponent
) -> None:
    server = over_http.server_url
    who = "username=admin&apiKey=emulator-admin-key"
    key = uploaded.id

    assert over_http.get_component_url(uploaded) == (
        f"{server}/component/get?id={key}&{who}"
    )
    assert over_http.thumbnail_url(key) == (
        f"{server}/component/thumbnail?id={key}&size=300&{who}"
    )
    assert over_http.thumbnail_url(uploaded, 64) == (
        f"{server}/component/thumbnail?id={key}&size=64&{who}"
    )


@pytest.mark.parametrize("nothing", [None, ""])
def test_without_an_id_there_is_no_file_and_a_default_picture(
    over_http: Session, nothing: str | None
) -> None:
    assert over_http.get_component_url(nothing) is None
    assert over_http.thumbnail_url(nothing) == (
        f"{over_http.server_url}/img/thumbnail2.png"
    )
    assert over_http.requests == 0


def test_what_is_no_component_is_refused(over_http: Session, tmp_path: Path) -> None:
    task = over_http.select(Task).limit(1).one()

    for act in (over_http.get_component_url, over_http.thumbnail_url):
        with pytest.raises(EntityKeyError):
            act(task)
    with pytest.raises(EntityKeyError):
        over_http.download_component(task, tmp_path / "copy.exr")
    with pytest.raises(EntityKeyError):
        over_http.download_component("", tmp_path / "copy.exr")


def test_a_transport_that_carries_no_files_is_named(
    emulator: Emulator, path: Path
) -> None:
    transport = RecordingTransport(emulator.transport())
    with Session(transport=transport, check_schema="ignore") as session:
        with pytest.raises(InvalidSettingError, match="RecordingTransport"):
            session.create_component(path)
        with pytest.raises(InvalidSettingError, match="RecordingTransport"):
            session.get_component_url("c1")


def test_files_go_in_process_too(session: Session, path: Path, tmp_path: Path) -> None:
    component = session.create_component(path)[0].data

    session.download_component(component, tmp_path / "copy.exr")

    assert (tmp_path / "copy.exr").read_bytes() == CONTENT
