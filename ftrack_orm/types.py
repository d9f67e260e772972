"""Type aliases, sentinels, and the Protocols between the layers."""

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
"""A decoded JSON object; its values are unchecked."""

VariableValue: TypeAlias = (
    "str | int | float | bool | datetime | Sequence[str] | dict[str, Any] | None"
)
"""The value of a custom attribute, of the type in its configuration (protocol 3.5)."""


class LinkItem(TypedDict):
    """One entity on the path from the project to an entity (protocol 6.3)."""

    id: str
    name: str
    type: str


LinkItems: TypeAlias = list[LinkItem]
"""The value of ``link``: the path from the project to the entity itself."""

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


class CustomLinkDeclaration(NamedTuple):
    """A custom attribute link of a studio's package (protocol 6.7).

    Attributes:
        key: the key of the configuration.
        target: the type of the linked entities.
        link: the link to them on the rows, ``"user"``.
        row_type: the type of the rows, ``"UserCustomAttributeLink"``.
        row_target: the type that the link of the rows is declared with.
    """

    key: str
    target: str
    link: str
    row_type: str
    row_target: str


class OperationOutcome(NamedTuple):
    """The outcome of one operation whose reply was lost, as queried afterwards.

    Attributes:
        action: ``"create"``, ``"update"`` or ``"delete"``.
        reference: the entity of the operation.
        sent: the values that were sent, by server name.
        server: the values on the server now, ``None`` if there is no such entity.
        verdict: ``"applied"``, ``"not applied"``, ``"changed"`` if the server has
            neither the sent nor the earlier values, or ``"no evidence"``.
    """

    action: str
    reference: Reference
    sent: Mapping[str, Any]
    server: Mapping[str, Any] | None
    verdict: Literal["applied", "not applied", "changed", "no evidence"]

    def __str__(self) -> str:
        state = "no such entity" if self.server is None else str(dict(self.server))
        return f"{self.action} {self.reference}: {self.verdict}; the server has {state}"


class Sentinel(Enum):
    """Markers for the absence of a value."""

    NOT_LOADED = "NOT_LOADED"
    UNSET = "UNSET"

    def __repr__(self) -> str:
        return self.value

    def __bool__(self) -> Literal[False]:
        return False


NOT_LOADED: Final = Sentinel.NOT_LOADED
"""The value of the attribute is on the server and not loaded."""

UNSET: Final = Sentinel.UNSET
"""There is no value; ``None`` is a value."""


class Reply(NamedTuple):
    """The undecoded reply of a server; transports return it, `read_reply` decodes it.

    `retry_after` is the wait in seconds that the server requested, or ``None``.
    """

    server_url: str
    status: int
    content_type: str
    body: bytes
    retry_after: float | None = None


@runtime_checkable
class Transport(Protocol):
    """Sends one encoded batch of operations to a server and returns its reply.

    A transport handles addresses, credentials and timeouts. It does not decode the
    reply; `ftrack_orm.transport.replies.read_reply` does.
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
            headers: added to the transport's headers for this call.
            timeout: seconds to wait, or ``None`` for the transport's timeout.

        Raises:
            ConnectionFailedError: nothing was sent, nothing was applied.
            RequestTimeoutError: sent, no reply within the timeout.
            ConnectionLostError: sent, the connection was lost before the reply.
            TruncatedResponseError: the reply broke off.
            TransportError: any other failure of the exchange.
        """
        ...

    def close(self) -> None:
        """Release connections; calling it twice is harmless."""
        ...


@runtime_checkable
class HasConnections(Protocol):
    """A transport whose connections stay open between calls."""

    def drop_connections(self) -> None:
        """Close idle connections, so that the next call opens a new one.

        A session calls this after a reply was lost or did not fit its request. Data
        that still arrives on the old connection must not be read as a later reply.
        """
        ...


class TextPrinter(Protocol):
    """The printer of an interactive shell, as `_repr_pretty_` receives it."""

    def text(self, text: str) -> None:
        """Print text."""
        ...


class Cancel(Protocol):
    """The cancellation of a call by its caller.

    A `threading.Event` is one: setting it in any thread ends the call.
    """

    def is_set(self) -> bool:
        """Return whether the caller has cancelled."""
        ...


OnProgress: TypeAlias = Callable[[int, int], object]
"""A callback for the progress of a transfer: transferred and total bytes.

The first number never decreases. The callback runs in the thread that started the
transfer. An exception that it raises ends the transfer like a cancellation and reaches
the caller.
"""


class FileReply(NamedTuple):
    """A storage's reply to an upload: HTTP status and headers, names in lower case."""

    status: int
    headers: Mapping[str, str]


class FileDownload(Protocol):
    """A storage's reply to a download, whose body is not read yet."""

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers, names in lower case."""
        ...

    def blocks(self, size: int) -> Iterator[bytes]:
        """Yield the body in blocks of at most `size` bytes, as they arrive.

        Raises:
            TransportError: the body broke off, or no byte arrived within the timeout.
        """
        ...


@runtime_checkable
class FileTransport(Protocol):
    """Sends and receives files block by block, to and from the server's storages.

    Several threads may use it at once. Only the ftrack server receives credentials, in
    the form of protocol 7.2. An address that the server returned is used unchanged and
    appears in no error.
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
        """Send `size` bytes to `url` and return the reply, of any status.

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
        """Return the reply to a GET of `url`, of any status; exit closes it.

        Redirects are followed, without credentials.

        Raises:
            TransportError: the exchange failed.
        """
        ...

    def close(self) -> None:
        """Release connections; calling it twice is harmless."""
        ...


@runtime_checkable
class HasFiles(Protocol):
    """A transport that has a transport of files."""

    @property
    def files(self) -> FileTransport:
        """Return the transport of files, the same object in every call."""
        ...


class HasReference(Protocol):
    """An object with a reference, such as an entity: a value of links and criteria."""

    @property
    def reference(self) -> Reference:
        """Return the type and the primary key."""
        ...


Keys: TypeAlias = (
    KeyValue
    | UUID
    | Sequence[KeyValue | UUID]
    | Mapping[str, KeyValue | UUID]
    | HasReference
)
"""A primary key as an argument: a value, several values in order, a mapping of the
key's names to values, or an entity."""
