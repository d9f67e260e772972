"""Aliases, sentinels and the Protocols at the seams between layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import Enum
from typing import (
    Any,
    Final,
    Literal,
    NamedTuple,
    Protocol,
    TypeAlias,
    TypedDict,
    runtime_checkable,
)
from uuid import UUID

JSON: TypeAlias = "str | int | float | bool | list[JSON] | dict[str, JSON] | None"
"""A decoded JSON value."""

JSONObject: TypeAlias = dict[str, Any]
"""A decoded JSON object; ``Any`` because JSON enters here."""

VariableValue: TypeAlias = (
    "str | int | float | bool | datetime | list[str] | dict[str, Any] | None"
)
"""The value of a custom attribute; its configuration says which (protocol 3.5)."""


class LinkItem(TypedDict):
    """One step of the way from the project to an entity (protocol 6.3)."""

    id: str
    name: str
    type: str


LinkItems: TypeAlias = list[LinkItem]
"""The value of ``link``: the way from the project to the entity itself."""

KeyValue: TypeAlias = str | int
"""One value of a primary key. Only ``Event.id`` is an integer (protocol 3.8)."""

EntityKey: TypeAlias = tuple[KeyValue, ...]
"""The values of a primary key, in the schema's ``primary_key`` order."""


class Reference(NamedTuple):
    """A pointer to an entity: concrete type name and primary key values."""

    entity_type: str
    key: EntityKey

    def __str__(self) -> str:
        return f"{self.entity_type}({', '.join(str(value) for value in self.key)})"


class OperationOutcome(NamedTuple):
    """What the server has of one operation whose answer was lost.

    Attributes:
        action: ``"create"``, ``"update"`` or ``"delete"``.
        reference: the entity the operation is about.
        sent: the values that were sent, by server name.
        server: the values that the server has now, ``None`` where it has no such
            entity.
        verdict: ``"applied"``, ``"not applied"``, ``"changed"`` when the server holds
            neither the values sent nor those before, or ``"no evidence"``.
    """

    action: str
    reference: Reference
    sent: Mapping[str, Any]
    server: Mapping[str, Any] | None
    verdict: Literal["applied", "not applied", "changed", "no evidence"]

    def __str__(self) -> str:
        state = "is not there" if self.server is None else f"has {dict(self.server)}"
        return f"{self.action} {self.reference}: {self.verdict}; the server {state}"


class Sentinel(Enum):
    """Values that stand for the absence of a value."""

    NOT_LOADED = "NOT_LOADED"
    UNSET = "UNSET"

    def __repr__(self) -> str:
        return self.value

    def __bool__(self) -> Literal[False]:
        return False


NOT_LOADED: Final = Sentinel.NOT_LOADED
"""An attribute whose value the server has and the entity has not."""

UNSET: Final = Sentinel.UNSET
"""No value was given; unlike ``None``, which is a value."""


class Reply(NamedTuple):
    """What came back from a server, unread: the seam between wire and protocol.

    `retry_after` is the wait in seconds that the server asked for, if it did.
    """

    server_url: str
    status: int
    content_type: str
    body: bytes
    retry_after: float | None = None


@runtime_checkable
class Transport(Protocol):
    """Carries one encoded batch of operations to a server and its reply back.

    A transport knows addresses, credentials and time, not what a reply means:
    `ftrack_orm.transport.replies.read_reply` does.
    """

    @property
    def server_url(self) -> str:
        """Return the server's address, without a trailing slash."""
        ...

    def call(
        self,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """Return the reply to `body`, a JSON array of operations.

        Args:
            body: the encoded batch.
            headers: added to the transport's own for this call.
            timeout: seconds to wait; the transport's own when not given.

        Raises:
            ConnectionFailedError: nothing was sent, nothing was applied.
            RequestTimeoutError: sent, no answer in time.
            ConnectionLostError: sent, and the connection was lost before an answer.
            TruncatedResponseError: the answer broke off.
            TransportError: any other failure of the exchange.
        """
        ...

    def close(self) -> None:
        """Release connections; calling it twice is harmless."""
        ...


@runtime_checkable
class HasConnections(Protocol):
    """A transport that keeps connections open between calls."""

    def drop_connections(self) -> None:
        """Close idle connections, so that the next call opens a new one.

        A session asks for it when an answer was lost or did not fit its request: what
        still arrives on the old connection must not be taken for a later answer.
        """
        ...


class Cancel(Protocol):
    """Tells that the caller no longer wants what it asked for.

    A `threading.Event` is one: set it from anywhere, and the call stops.
    """

    def is_set(self) -> bool:
        """Return whether the caller has cancelled."""
        ...


OnProgress: TypeAlias = Callable[[int, int], object]
"""Told how far a transfer is: bytes done and bytes in all, never falling.

It is called in the thread that asked for the transfer. What it raises ends the
transfer like a cancellation and reaches the caller.
"""


class FileReply(NamedTuple):
    """A storage's answer to an upload: HTTP status and headers, lower-case names."""

    status: int
    headers: Mapping[str, str]


class FileDownload(Protocol):
    """A storage's answer to a download, whose body is still to be read."""

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers, names in lower case."""
        ...

    def blocks(self, size: int) -> Iterator[bytes]:
        """Yield the body in blocks of at most `size` bytes, as they come.

        Raises:
            TransportError: the body broke off, or nothing came in time.
        """
        ...


@runtime_checkable
class FileTransport(Protocol):
    """Carries files to and from where a server keeps them, block by block.

    Several threads may use it at once. Credentials go to the ftrack server only,
    as protocol 7.2 has them; an address that the server handed out is used as it is
    and appears in no error.
    """

    def url(self, path: str, parameters: Mapping[str, str]) -> str:
        """Return an address on the server, with ``username`` and ``apiKey`` added."""
        ...

    def put(
        self,
        url: str,
        blocks: Iterable[bytes],
        size: int,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> FileReply:
        """Send `size` bytes to `url` and return the answer, whatever its status.

        Raises:
            TransportError: the exchange failed; the storage may have the bytes.
        """
        ...

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> AbstractContextManager[FileDownload]:
        """Return the answer to a GET of `url`, whatever its status; closed on exit.

        Redirects are followed, and take no credentials along.

        Raises:
            TransportError: the exchange failed.
        """
        ...

    def close(self) -> None:
        """Release connections; calling it twice is harmless."""
        ...


@runtime_checkable
class HasFiles(Protocol):
    """A transport that can carry files too."""

    @property
    def files(self) -> FileTransport:
        """Return what carries files; the same object each time."""
        ...


class HasReference(Protocol):
    """What a link or a criterion needs to know of an entity."""

    @property
    def reference(self) -> Reference:
        """Return type and key."""
        ...


Keys: TypeAlias = (
    KeyValue
    | UUID
    | Sequence[KeyValue | UUID]
    | Mapping[str, KeyValue | UUID]
    | HasReference
)
"""A primary key as users give it: one value, several in order, a mapping of the key's
names to values, or an entity."""
