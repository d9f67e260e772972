"""An upload that is cut by the death of the process never appears as complete."""

from __future__ import annotations

import random
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import requests

from ftrack_orm.emulator import Emulator
from tests.support.emulator_client import create
from tests.support.emulator_process import FORKSERVER, call

KILLS: Final = 10
SIZE: Final = 3_000_000
LONGEST: Final = 0.05
"""Seconds from the first upload acknowledged to the kill, at most."""


def serve(folder: Path, ready: Any) -> None:
    """Serve until killed; say where."""
    emulator = Emulator(database=folder / "studio.db", data=folder / "data").start()
    ready.send(dict(emulator.credentials))
    threading.Event().wait()


class Served:
    """An emulator in a process of its own."""

    def __init__(self, folder: Path) -> None:
        ours, theirs = FORKSERVER.Pipe()
        self._process = FORKSERVER.Process(target=serve, args=(folder, theirs))
        self._process.start()
        assert ours.poll(30), "the emulator did not start"
        self.credentials: dict[str, str] = ours.recv()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def address(self) -> str:
        """Return an address for the bytes of the component ``c``."""
        [asked] = call(
            self.credentials,
            {"action": "get_upload_metadata", "component_id": "c"},
        )
        return str(asked["url"])

    def file(self) -> requests.Response:
        """Return the answer to a request for the file."""
        return requests.get(
            f"{self.credentials['server_url']}/component/get",
            params={
                "id": "c",
                "username": self.credentials["api_user"],
                "apiKey": self.credentials["api_key"],
            },
            timeout=30,
        )


@pytest.fixture
def served(tmp_path: Path) -> Any:
    """An emulator that waits for the file of one component."""
    found = Served(tmp_path)
    component = create("FileComponent", id="c", name="c", file_type=".bin", size=SIZE)
    call(found.credentials, component)
    yield found
    found.kill()


def content(number: int) -> bytes:
    return bytes([number % 256]) * SIZE


def test_half_a_file_is_no_file(served: Served, tmp_path: Path) -> None:
    parts = urlsplit(served.address())
    with socket.create_connection((parts.hostname, parts.port)) as raw:
        head = f"PUT {parts.path} HTTP/1.1\r\nhost: x\r\ncontent-length: {SIZE}\r\n\r\n"
        raw.sendall(head.encode() + content(1)[: SIZE // 2])
        arrived = tmp_path / "data" / "incoming"
        deadline = threading.Event()
        for _ in range(1000):
            if arrived.is_dir() and any(
                each.stat().st_size for each in arrived.iterdir()
            ):
                break
            deadline.wait(0.01)
        else:
            pytest.fail("nothing arrived")
        assert served.file().status_code == 404
        served.kill()

    again = Served(tmp_path)
    try:
        assert again.file().status_code == 404
    finally:
        again.kill()


class Writer(threading.Thread):
    """Sends one file after another to the same address until the server is gone."""

    def __init__(self, url: str, first: int) -> None:
        super().__init__(daemon=True)
        self._url = url
        self.begun = threading.Event()
        self.sent = first
        self.acknowledged = -1

    def run(self) -> None:
        with suppress(requests.RequestException):
            while True:
                answer = requests.put(self._url, content(self.sent), timeout=30)
                assert answer.status_code == 200
                self.acknowledged = self.sent
                self.sent += 1
                self.begun.set()


def test_a_file_is_the_old_or_the_new_one_whenever_it_is_killed(
    served: Served, tmp_path: Path
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    moments = random.Random(seed)
    current, first = served, 0
    for _ in range(KILLS):
        writer = Writer(current.address(), first)
        writer.start()
        assert writer.begun.wait(30)
        threading.Event().wait(moments.uniform(0, LONGEST))
        current.kill()
        writer.join(30)
        first = writer.sent + 1
        current = Served(tmp_path)
        answer = current.file()
        assert answer.status_code == 200
        assert answer.headers["etag"].strip('"')
        # The one on its way when it was killed may have been kept, too.
        assert answer.content in (content(writer.acknowledged), content(writer.sent))
    current.kill()
