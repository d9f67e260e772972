"""Downloads that are compared with their component; uploads that meet another one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrack_models import FileComponent
from ftrack_orm import (
    DownloadCancelledError,
    DownloadError,
    Session,
    UploadInProgressError,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.faults import Fault
from tests.support.emulator_records import sql

CONTENT = os.urandom(5000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "plate.0001.exr"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def component_id(other: Session, path: Path) -> str:
    """The id of a component that the sessions under test have not loaded."""
    made: Any = other.create_component(path)[0].data
    return str(made.id)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "target"
    folder.mkdir()
    (folder / "copy.exr").write_bytes(b"before")
    return folder / "copy.exr"


def only(target: Path) -> bytes:
    """Return the target's content; nothing lies beside it."""
    assert list(target.parent.iterdir()) == [target]
    return target.read_bytes()


def set_size(other: Session, component_id: str, size: int | None) -> None:
    """Give a component another size than its file has, in another session."""
    other.update(FileComponent, component_id, {"size": size})


# -- down ------------------------------------------------------------------------------


def test_an_id_costs_one_request_more_and_loads_nothing(
    session: Session, component_id: str, target: Path
) -> None:
    before = session.requests

    session.download_component(component_id, target)

    assert session.requests - before == 1
    assert only(target) == CONTENT
    assert session._core.find("Component", (component_id,)) is None


@pytest.mark.parametrize("as_entity", [True, False])
def test_a_size_that_is_loaded_costs_no_request(
    session: Session, component_id: str, target: Path, as_entity: bool
) -> None:
    component = (
        session.select(FileComponent)
        .where(FileComponent.id == component_id)
        .load(FileComponent.size)
        .one()
    )
    before = session.requests

    session.download_component(component if as_entity else component_id, target)

    assert session.requests == before
    assert only(target) == CONTENT


def test_an_edited_size_is_neither_believed_nor_lost(
    session: Session, component_id: str, target: Path
) -> None:
    component = session.get(FileComponent, component_id)
    assert component is not None
    component.size = 7

    session.download_component(component, target)

    assert only(target) == CONTENT
    assert component.size == 7


@pytest.mark.parametrize("size", [len(CONTENT) - 1, len(CONTENT) + 1])
def test_a_file_of_another_size_is_an_error(
    other: Session, session: Session, component_id: str, target: Path, size: int
) -> None:
    set_size(other, component_id, size)

    with pytest.raises(DownloadError, match=f"5000 bytes arrived, .* has {size}"):
        session.download_component(component_id, target)

    assert only(target) == b"before"


@pytest.mark.parametrize("size", [0, None])
def test_a_component_without_a_size_can_be_downloaded(
    other: Session,
    session: Session,
    component_id: str,
    target: Path,
    size: int | None,
) -> None:
    set_size(other, component_id, size)

    session.download_component(component_id, target)

    assert only(target) == CONTENT


def test_a_loaded_size_that_is_out_of_date_is_asked_for_anew(
    other: Session, session: Session, component_id: str, target: Path
) -> None:
    set_size(other, component_id, 7)
    component = session.get(FileComponent, component_id)
    assert component is not None
    assert component.size == 7
    set_size(other, component_id, len(CONTENT))
    before = session.requests

    session.download_component(component, target)

    assert session.requests - before == 1
    assert only(target) == CONTENT


def test_a_server_that_does_not_give_the_size_is_an_error(
    emulator: Emulator, session: Session, component_id: str, target: Path
) -> None:
    emulator.faults.drop_before()

    with pytest.raises(DownloadError):
        session.download_component(component_id, target)

    assert only(target) == b"before"


@pytest.mark.parametrize("reply", ["[{}]", '[{"data": {"a": 1}}]', '[{"data": [1]}]'])
def test_an_answer_that_holds_no_rows_is_an_error(
    emulator: Emulator, session: Session, component_id: str, target: Path, reply: str
) -> None:
    emulator.faults._add(
        Fault("respond", body=reply.encode(), content_type="application/json"), 1
    )

    with pytest.raises(DownloadError, match="does not fit"):
        session.download_component(component_id, target)

    assert only(target) == b"before"


def test_a_download_that_is_cancelled_beforehand_asks_nothing(
    session: Session, component_id: str, target: Path
) -> None:
    class Cancelled:
        def is_set(self) -> bool:
            return True

    before = session.requests
    with pytest.raises(DownloadCancelledError):
        session.download_component(component_id, target, cancel=Cancelled())

    assert session.requests == before
    assert only(target) == b"before"


# -- names -----------------------------------------------------------------------------

NAMES = [
    "n" * 251 + ".mov",
    "n" * 215 + ".mov",
    "é" * 125 + ".mov",
    "版" * 83 + ".mov",
    "🎬" * 62 + ".mov",
    "n" * 255,
    "." + "n" * 254,
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_of_any_length_goes_up_and_comes_down(
    over_http: Session, emulator: Emulator, tmp_path: Path, name: str
) -> None:
    up, down = tmp_path / "up", tmp_path / "down"
    up.mkdir()
    down.mkdir()
    (up / name).write_bytes(CONTENT)

    component = over_http.create_component(up / name, resume=True)[0].data
    over_http.download_component(component, down / name)

    assert (down / name).read_bytes() == CONTENT
    assert [path.name for path in (*up.iterdir(), *down.iterdir())] == [name] * 2
    made: Any = component
    assert f"{made.name}{made.file_type}" == name


def test_long_names_that_begin_alike_have_a_journal_each(
    session: Session, other: Session, tmp_path: Path
) -> None:
    first, second = (tmp_path / ("版" * 83 + end) for end in ("a.mov", "b.mov"))
    first.write_bytes(CONTENT)
    second.write_bytes(CONTENT)

    def during(done: int, total: int) -> None:
        if not done:
            other.create_component(second, resume=True)

    session.create_component(first, resume=True, on_progress=during)

    assert list(tmp_path.glob("*.ftrack-upload")) == []


# -- two uploads of one file -----------------------------------------------------------


def test_a_second_session_is_refused_and_sends_nothing(
    session: Session, other: Session, path: Path
) -> None:
    refusals: list[UploadInProgressError] = []
    before = other.requests

    def during(done: int, total: int) -> None:
        with pytest.raises(UploadInProgressError) as caught:
            other.create_component(path, resume=True)
        refusals.append(caught.value)

    made: Any = session.create_component(path, resume=True, on_progress=during)[0].data

    assert refusals[0].journal == f"{path}.ftrack-upload"
    assert other.requests == before
    assert other.get(FileComponent, made.id) is not None


_UPLOADING = """
import json, sys
from ftrack_orm import Session
credentials, path = json.loads(sys.argv[1]), sys.argv[2]
session = Session(**credentials, check_schema="ignore")
def on_progress(done, total):
    if done and done == total:
        print("sent", flush=True)
        sys.stdin.readline()
component = session.create_component(path, resume=True, on_progress=on_progress)[0]
print(component.data.id, flush=True)
"""


@pytest.fixture
def uploading(emulator: Emulator, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has sent the file, and waits before it completes."""
    arguments = [json.dumps(emulator.start().credentials), str(path)]
    with subprocess.Popen(
        [sys.executable, "-c", _UPLOADING, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "sent\n"
        yield process
        process.kill()


def test_a_second_process_is_refused_until_the_first_has_ended(
    uploading: subprocess.Popen[str], over_http: Session, path: Path
) -> None:
    with pytest.raises(UploadInProgressError):
        over_http.create_component(path, resume=True)

    output, _ = uploading.communicate("\n", timeout=20)
    first_id = output.strip()
    second: Any = over_http.create_component(path, resume=True)[0].data

    assert second.id != first_id
    assert over_http.get(FileComponent, first_id) is not None


def test_a_process_that_was_killed_is_followed_by_the_next(
    uploading: subprocess.Popen[str], emulator: Emulator, over_http: Session, path: Path
) -> None:
    uploading.kill()
    uploading.wait(20)

    found: Any = over_http.create_component(path, resume=True)[0].data

    rows = sql(emulator, "select id from Component where name = 'plate.0001'")
    assert [row[0] for row in rows] == [found.id]
