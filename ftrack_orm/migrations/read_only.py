"""A transport that passes reads to another and refuses every write.

A planning function uses it, so that no helper that it calls can change the server.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, NoReturn

from ftrack_orm.errors.planning import WriteWhilePlanningError
from ftrack_orm.types import (
    FileDownload,
    FileReply,
    FileTransport,
    HasConnections,
    HasFiles,
    Reply,
    Transport,
)

READS: Final = frozenset(
    {
        "generate_signed_url",
        "get_widget_url",
        "query",
        "query_schemas",
        "query_server_information",
        "search",
    }
)
"""The actions that change nothing; `get_upload_metadata` starts an upload."""


def read_only(transport: Transport) -> ReadOnlyTransport:
    """Return a transport that reads through `transport` and refuses writes."""
    if isinstance(transport, ReadOnlyTransport):
        return transport
    if isinstance(transport, HasFiles):
        return _WithFiles(transport)
    return ReadOnlyTransport(transport)


class ReadOnlyTransport:
    """Passes reads to another transport; closing it leaves the other one open.

    Attributes:
        refused: the first refused write. A planning function that suppresses the error
            must not give a plan.
        received: the bytes of all replies.
    """

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self.received = 0
        self.refused: WriteWhilePlanningError | None = None

    @property
    def server_url(self) -> str:
        """Return the server's address, without a trailing slash."""
        return self.inner.server_url

    @property
    def api_user(self) -> str:
        """Return the name of the user that requests authenticate as."""
        return str(getattr(self.inner, "api_user", ""))

    def call(
        self,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """Return the reply to a batch that only reads.

        Raises:
            WriteWhilePlanningError: an operation may write; nothing was sent.
        """
        for operation in json.loads(body):
            action = operation.get("action")
            if action not in READS:
                self.refuse(str(action))
        reply = self.inner.call(body, headers=headers, timeout=timeout)
        self.received += len(reply.body)
        return reply

    def refuse(self, action: str) -> NoReturn:
        """Record and raise the refusal of an action.

        Raises:
            WriteWhilePlanningError: always.
        """
        error = WriteWhilePlanningError(action)
        self.refused = self.refused or error
        raise error

    def drop_connections(self) -> None:
        """Close idle connections of the other transport."""
        if isinstance(self.inner, HasConnections):
            self.inner.drop_connections()

    def close(self) -> None:
        """Do nothing: the other transport belongs to another session."""


class _WithFiles(ReadOnlyTransport):
    """A read-only transport whose files can be downloaded only."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self._files = _ReadOnlyFiles(self, inner.files)

    @property
    def files(self) -> FileTransport:
        """Return the transport of files, which refuses uploads."""
        return self._files


class _ReadOnlyFiles:
    """Passes downloads to another transport of files and refuses uploads."""

    def __init__(self, owner: ReadOnlyTransport, inner: FileTransport) -> None:
        self._owner = owner
        self._inner = inner

    def url(self, path: str, parameters: Mapping[str, str]) -> str:
        """Return an address on the server, with the credentials added."""
        return self._inner.url(path, parameters)

    def put(
        self,
        url: str,
        blocks: Iterable[bytes],
        size: int,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> FileReply:
        """Refuse an upload.

        Raises:
            WriteWhilePlanningError: always; nothing was sent.
        """
        self._owner.refuse("upload")

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> AbstractContextManager[FileDownload]:
        """Return the reply to a GET of `url`."""
        return self._inner.get(url, headers=headers, timeout=timeout)

    def close(self) -> None:
        """Do nothing: the other transport belongs to another session."""
