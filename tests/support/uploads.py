"""Uploads of a file of six parts, and the errors that they meet."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from ftrack_orm import (
    ConnectionFailedError,
    ConnectionLostError,
    OutcomeUnknownError,
    RequestTimeoutError,
    ServerError,
    UploadError,
)
from ftrack_orm.transfer.source import open_source
from ftrack_orm.transfer.upload import UploadResult, upload
from ftrack_orm.types import FileReply
from tests.support.fake_file_server import FAST, SERVER, Server, Storage

CHUNK = 1000
CONTENT = bytes(range(256)) * 20  # 5120 bytes, six parts
SERVER_LOCATION = "3a372bde-05bc-11e4-8908-20c9d081909b"
LOST = ConnectionLostError("https://store.example", "the connection was closed")
UNKNOWN = OutcomeUnknownError(SERVER, "the connection was closed")
UNREACHABLE = ConnectionFailedError("https://store.example", "refused")
LATE = RequestTimeoutError("https://store.example", 1)
REFUSED = ServerError("PermissionError", "You may not")


def send(
    server: Server,
    storage: Storage,
    content: bytes = CONTENT,
    name: str = "plate.exr",
    data: dict[str, Any] | None = None,
    **options: Any,
) -> UploadResult:
    with open_source(io.BytesIO(content), name) as source:
        return upload(
            server,
            storage,
            source,
            data or {},
            server_url=SERVER,
            **{"retry": FAST, **options},
        )


def journal_of(path: Path) -> Path:
    return path.with_name(path.name + ".ftrack-upload")


def resume(
    server: Server,
    storage: Storage,
    path: Path,
    data: dict[str, Any] | None = None,
    **options: Any,
) -> UploadResult:
    given = {"retry": FAST, "resume": True, "server_url": SERVER, **options}
    with open_source(path) as source:
        return upload(server, storage, source, data or {}, **given)


def interrupted(server: Server, storage: Storage, path: Path) -> UploadError:
    """Upload until the fourth part is refused; three are finished then."""
    storage.answers = {"4": [FileReply(400, {})]}
    with pytest.raises(UploadError) as caught:
        resume(server, storage, path, parallel=1)
    storage.puts.clear()
    server.calls.clear()
    return caught.value
