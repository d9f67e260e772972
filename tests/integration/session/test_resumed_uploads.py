"""Uploads that another process or session finishes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ftrack_models import FileComponent
from ftrack_orm import (
    Session,
)
from ftrack_orm.emulator import Emulator
from tests.support.component_files import CHUNK, CONTENT, components, puts, stored

_UPLOADING = """
import json, sys, time
from ftrack_orm import Session
from ftrack_orm.transfer import chunks
credentials, path, chunk = json.loads(sys.argv[1]), sys.argv[2], int(sys.argv[3])
chunks.CHUNKS = ((1 << 30, chunk),)
session = Session(**credentials, check_schema="ignore")
def on_progress(done, total):
    print(done, flush=True)
    time.sleep(0.01)
session.create_component(path, resume=True, parallel=1, on_progress=on_progress)
"""


def test_an_upload_that_was_killed_goes_on_without_finished_parts(
    over_http: Session,
    clean: Emulator,
    path: Path,
    small_parts: None,
) -> None:
    content = os.urandom(60 * CHUNK)
    path.write_bytes(content)
    journal = path.with_name(path.name + ".ftrack-upload")
    before = components(clean)
    # Every answer late, so that the kill comes in the middle.
    clean.file_faults.delay(0.02, times=60)
    arguments = [json.dumps(clean.credentials), str(path), str(CHUNK)]
    command = [sys.executable, "-c", _UPLOADING, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        while remembered(journal) < 10 and process.poll() is None:
            time.sleep(0.005)
        process.kill()
    finished = numbers(journal)
    clean.file_faults.clear()
    assert 10 <= len(finished) < 60

    component, _, _ = over_http.create_component(path, resume=True)

    component_id = str(component.data.reference.key[0])
    sent = puts(clean, component_id)
    assert [sent.count(number) for number in finished] == [1] * len(finished)
    assert set(sent) == set(range(1, 61))
    assert stored(over_http, component_id) == content
    assert components(clean) == before + 1
    assert not journal.exists()


def remembered(journal: Path) -> int:
    return len(numbers(journal))


def numbers(journal: Path) -> list[int]:
    """Return the parts in a journal, read without our reader."""
    if not journal.exists():
        return []
    lines = journal.read_bytes().split(b"\n")[2:-1]
    return [int(json.loads(line)["part"]) for line in lines]


@pytest.mark.usefixtures("small_parts")
def test_a_failed_upload_is_resumed_by_another_session(
    over_http: Session, clean: Emulator, path: Path
) -> None:
    def fail(done: int, total: int) -> None:
        if done >= 3 * CHUNK:
            raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        over_http.create_component(path, resume=True, parallel=1, on_progress=fail)

    with Session(**clean.credentials, check_schema="ignore") as other:
        component, location, _ = other.create_component(path, resume=True)
        component_id = str(component.data.reference.key[0])
        assert stored(other, component_id) == CONTENT
        assert isinstance(component.data, FileComponent)
        assert component.data.name == "plate.0001"
        assert location.data.entity_type == "ComponentLocation"
