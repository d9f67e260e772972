"""``ftrack-orm emulator``, run as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.emulator_client import VFX, create
from tests.support.emulator_command import PYTHON_PATH, ROOT, RUN, running

MOMENT = "2024-05-06T07:08:09"


def failing(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command, which must end by itself."""
    return subprocess.run(
        [sys.executable, "-c", RUN, "emulator", *arguments],
        cwd=ROOT,
        env=os.environ | PYTHON_PATH,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def post(printed: dict[str, str], operations: Any) -> bytes:
    return httpx.post(
        f"{printed['FTRACK_SERVER']}/api",
        content=json.dumps(operations),
        headers={
            "ftrack-user": printed["FTRACK_API_USER"],
            "ftrack-api-key": printed["FTRACK_API_KEY"],
        },
        timeout=10,
    ).content


def names(printed: dict[str, str], expression: str) -> set[str]:
    answer = post(printed, [{"action": "query", "expression": expression}])
    return {row["name"] for row in json.loads(answer)[0]["data"]}


@pytest.mark.parametrize(
    ("seed", "projects"),
    [("standard", set()), ("demo", {"bunny", "otter", "squirrel"})],
)
def test_it_serves_its_seed_and_prints_how_to_reach_it(
    seed: str, projects: set[str]
) -> None:
    with running("--seed", seed) as printed:
        assert names(printed, "select name from Project") == projects


def test_a_database_file_is_kept(tmp_path: Path) -> None:
    database = tmp_path / "studio.db"
    for _ in range(2):
        with running("--database", str(database)) as printed:
            assert "Approved" in names(printed, "select name from Status")
    assert database.stat().st_size > 0


@pytest.mark.parametrize(
    ("options", "note"),
    [
        (["--seed", "demo:7"], "has data already: --seed is not used"),
        (["--seed", "demo", "--size", "large"], "--seed and --size are not used"),
        ([], ""),
    ],
)
def test_a_seed_that_a_database_does_not_need_is_noted(
    tmp_path: Path, options: list[str], note: str
) -> None:
    database = tmp_path / "studio.db"
    with running("--database", str(database)):
        pass
    with socket.create_server(("127.0.0.1", 0)) as used:
        port = str(used.getsockname()[1])
        done = failing("--database", str(database), "--port", port, *options)

    assert note in done.stderr
    assert ("not used" in done.stderr) == bool(note)


PROJECT = create("Project", name="made", full_name="Made", project_schema_id=VFX)


def test_a_signal_to_end_stops_it_whoever_is_still_connected() -> None:
    with running(stop=signal.SIGTERM) as printed:
        host, _, port = printed["FTRACK_SERVER"].removeprefix("http://").partition(":")
        idle = socket.create_connection((host, int(port)))
        idle.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 404"
        # A request that never ends: half of its body is all that comes.
        waiting = socket.create_connection((host, int(port)))
        waiting.sendall(b"POST /api HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n[")
    with idle, waiting:
        pass  # the server is gone and both were open until then


def test_the_log_has_a_line_for_each_request_and_no_key(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running("--verbose", log=log) as printed:
        key = printed["FTRACK_API_KEY"]
        post(printed, [PROJECT, {"action": "query", "expression": "Project"}])
        post(printed, [{"action": "query", "expression": f'Task where x is "{key}"'}])
        httpx.get(f"{printed['FTRACK_SERVER']}/component/get?id=c&apiKey={key}")
    first, second, third = log.read_text().splitlines()

    assert f"{printed['FTRACK_API_USER']} 200 " in first
    assert first.endswith(" ms: create Project; query Project")
    assert 'query Task where x is "***" -> ParseError: ' in second
    assert third.endswith("file 403: GET get c")
    assert key not in log.read_text()


def test_without_it_nothing_is_logged(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running(log=log) as printed:
        post(printed, [{"action": "query", "expression": "Project"}])
    assert log.read_text() == ""


def test_other_machines_are_warned_of(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running("--host", "0.0.0.0", log=log):  # noqa: S104 - what is warned of
        pass
    assert "Warning: 0.0.0.0 can be reached from other machines" in log.read_text()
    assert "keys" in log.read_text()


def test_files_are_kept_beside_the_database(tmp_path: Path) -> None:
    database = tmp_path / "studio.db"
    component = create("FileComponent", id="c", name="c", file_type=".txt", size=5)
    asked = {"action": "get_upload_metadata", "component_id": "c"}
    with running("--database", str(database)) as printed:
        url = json.loads(post(printed, [component, asked]))[1]["url"]
        assert httpx.put(url, content=b"bytes").status_code == 200
    with running("--database", str(database)) as printed:
        query = {
            "id": "c",
            "username": printed["FTRACK_API_USER"],
            "apiKey": printed["FTRACK_API_KEY"],
        }
        kept = httpx.get(f"{printed['FTRACK_SERVER']}/component/get", params=query)
    assert kept.content == b"bytes"
    assert (tmp_path / "studio.db.files").is_dir()


def test_it_goes_on_from_what_it_saved(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    with running("--save", str(saved)) as printed:
        post(printed, [PROJECT])
    with running("--restore", str(saved)) as printed:
        assert names(printed, "select name from Project") == {"made"}


def test_a_fixed_run_gives_the_same_bytes_twice(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    answers = []
    for _ in range(2):
        with running("--fixed", MOMENT, "--save", str(saved)) as printed:
            answers.append(post(printed, [PROJECT]))
    assert b"00000000-0000-4000-8000-" in answers[0]
    assert answers[0] == answers[1]
    other = {**PROJECT, "entity_data": {**PROJECT["entity_data"], "name": "other"}}
    with running("--fixed", MOMENT, "--restore", str(saved)) as printed:
        assert b'"exception"' not in post(printed, [other])


def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = failing("--port", str(port))
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: Port {port} of 127.0.0.1 is in use")


def foreign_file(folder: Path) -> Path:
    path = folder / "letter.txt"
    path.write_text("Dear all, " * 1000)
    return path


def foreign_database(folder: Path) -> Path:
    path = folder / "browser.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE pages (address TEXT)")
    connection.close()
    return path


def missing_folder(folder: Path) -> Path:
    return folder / "nowhere" / "studio.db"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (foreign_file, "is not the database of an emulator"),
        (foreign_database, "is not the database of an emulator"),
        (missing_folder, "unable to open database file"),
    ],
)
def test_a_file_that_cannot_be_its_database_is_said_and_left_alone(
    tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    path = make(tmp_path)
    before = path.read_bytes() if path.exists() else None
    done = failing("--database", str(path))
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert said in done.stderr
    assert (path.read_bytes() if path.exists() else None) == before


def test_options_that_would_spoil_a_database_are_refused(tmp_path: Path) -> None:
    database = tmp_path / "studio.db"
    with running("--database", str(database)):
        pass
    done = failing("--database", str(database), "--fixed", MOMENT)
    assert done.returncode == 2
    assert "need a new database" in done.stderr


def test_a_moment_that_is_none_is_said() -> None:
    done = failing("--fixed", "tomorrow")
    assert done.returncode == 2
    assert "--fixed" in done.stderr
