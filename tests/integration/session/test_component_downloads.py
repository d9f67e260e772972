"""Files of components, downloaded."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from ftrack_models import FileComponent
from ftrack_orm import (
    NO_RETRIES,
    ComponentFileError,
    DownloadCancelledError,
    DownloadError,
    Session,
)
from ftrack_orm.emulator import Emulator
from tests.support.component_files import CONTENT, FAST


@pytest.mark.parametrize("as_entity", [True, False])
def test_a_file_is_downloaded(
    over_http: Session, uploaded: FileComponent, tmp_path: Path, as_entity: bool
) -> None:
    target = tmp_path / "copy.exr"
    seen: list[tuple[int, int]] = []

    found = over_http.download_component(
        uploaded if as_entity else uploaded.id,
        str(target),
        on_progress=lambda *step: seen.append(step),
    )

    assert found == target
    assert target.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_a_broken_download_goes_on_where_it_broke(
    over_http: Session, clean: Emulator, uploaded: FileComponent, tmp_path: Path
) -> None:
    clean.file_faults.truncate(100_000)
    before = len(clean.file_requests)

    over_http.download_component(uploaded, tmp_path / "copy.exr", retry=FAST)

    assert (tmp_path / "copy.exr").read_bytes() == CONTENT
    ranges = [request.range for request in clean.file_requests[before:]]
    assert ranges[0] is None
    assert ranges[1] is not None
    start = int(ranges[1].removeprefix("bytes=").rstrip("-"))
    assert 0 < start <= 100_000


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "html"])
def test_downloads_that_fail_for_now_are_tried_again(
    over_http: Session,
    clean: Emulator,
    uploaded: FileComponent,
    tmp_path: Path,
    fault: str,
) -> None:
    getattr(clean.file_faults, fault)(times=2)

    over_http.download_component(uploaded, tmp_path / "copy.exr", retry=FAST)

    assert (tmp_path / "copy.exr").read_bytes() == CONTENT


def test_a_download_that_fails_leaves_the_target_as_it_was(
    over_http: Session, clean: Emulator, uploaded: FileComponent, tmp_path: Path
) -> None:
    folder = tmp_path / "target"
    folder.mkdir()
    target = folder / "copy.exr"
    target.write_bytes(b"before")
    clean.file_faults.truncate(1000, times=9)

    with pytest.raises(DownloadError):
        over_http.download_component(uploaded, target, retry=NO_RETRIES)

    assert target.read_bytes() == b"before"
    assert list(folder.iterdir()) == [target]


def test_a_component_that_is_not_there_is_told(
    over_http: Session, tmp_path: Path
) -> None:
    with pytest.raises(ComponentFileError):
        over_http.download_component("nothing", tmp_path / "copy.exr")

    assert list(tmp_path.iterdir()) == []


def test_cancelling_a_download_stops_within_a_second(
    over_http: Session, clean: Emulator, uploaded: FileComponent, tmp_path: Path
) -> None:
    clean.file_faults.delay(3.0)
    cancel = threading.Event()
    moments: list[float] = []

    def stop() -> None:
        moments.append(time.monotonic())
        cancel.set()

    threading.Timer(0.2, stop).start()
    with pytest.raises(DownloadCancelledError):
        over_http.download_component(uploaded, tmp_path / "copy.exr", cancel=cancel)

    assert time.monotonic() - moments[0] < 1
    assert not (tmp_path / "copy.exr").exists()
