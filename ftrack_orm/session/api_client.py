"""Send a batch of operations to the server and return its results."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from weakref import WeakSet

from ftrack_orm.codec import PrimaryKeyOf, encode_batch
from ftrack_orm.errors.root import FtrackError
from ftrack_orm.errors.session import InspectionError, SessionClosedError
from ftrack_orm.errors.transport import (
    ConnectionLostError,
    OutcomeUnknownError,
    RequestCancelledError,
    RequestTimeoutError,
    ResponseFormatError,
    TransportError,
)
from ftrack_orm.gc_pause import gc_paused, gc_resumed
from ftrack_orm.operations import (
    AnyOperation,
    QueryServerInformation,
    describe,
)
from ftrack_orm.transport.replies import read_reply
from ftrack_orm.transport.retry import Attempts, RetryPolicy
from ftrack_orm.types import Cancel, HasConnections, Reply, Transport

if TYPE_CHECKING:
    from ftrack_orm.session.prefetch import Prefetch
    from ftrack_orm.session.reply_check import EntityTypes

READING = frozenset(
    {
        "generate_signed_url",
        "get_upload_metadata",
        "get_widget_url",
        "query",
        "query_schemas",
        "query_server_information",
        "search",
    }
)
"""Actions that change nothing on the server, or that may safely run twice."""

T = TypeVar("T")

Signature: TypeAlias = tuple[int, tuple[str, Any, Any], tuple[str, Any, Any]]
"""A value that is equal for batches which one reply can match."""

_LATE_REPLY_ERRORS = (
    ConnectionLostError,
    OutcomeUnknownError,
    RequestCancelledError,
    RequestTimeoutError,
    ResponseFormatError,
)
"""Errors after which a reply may still arrive on the connection."""

logger = logging.getLogger("ftrack_orm.session")


class ApiClient:
    """Encodes a batch, sends it and decodes its results.

    The first batch that only reads also queries the server's information, and passes
    it to `on_information`. Batches that only read are retried after a temporary
    failure.
    """

    def __init__(
        self,
        transport: Transport,
        primary_key_of: PrimaryKeyOf,
        on_information: Callable[[Mapping[str, Any]], None] | None = None,
        *,
        information_values: Sequence[str] = ("schema_hash",),
        queries_before_write: bool = False,
        retry: RetryPolicy | None = None,
        types: EntityTypes | None = None,
    ) -> None:
        """Store the settings; nothing is sent.

        Args:
            transport: sends request bodies and returns replies.
            primary_key_of: entity type to the server names of its primary key.
            on_information: called with the server's information; ``None`` queries
                none.
            information_values: the keys of the information to query.
            queries_before_write: query the information alone before the first batch
                that writes, so that nothing is written when `on_information` raises.
            retry: how often reads are tried.
            types: the entity types that results are checked against; ``None`` checks
                only the form of results.
        """
        self.transport = transport
        self.requests = 0
        self._primary_key_of = primary_key_of
        self._on_information = on_information
        self._information_values = tuple(information_values)
        self._retry = retry or RetryPolicy()
        self._types = types or _UnknownTypes()
        self._queries_before_write = queries_before_write
        self._prefetches: WeakSet[Prefetch[Any]] = WeakSet()
        self._last_write: Signature | None = None
        self._closed = False

    def encode(self, operations: Sequence[AnyOperation]) -> bytes:
        """Return the request body that `send` sends for `operations`."""
        with gc_paused():
            return encode_batch(operations, self._primary_key_of)

    def send(
        self,
        operations: Sequence[AnyOperation],
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        cancel: Cancel | None = None,
    ) -> list[Any]:
        """Send `operations`; return their raw results, in the same order.

        Raises:
            SessionClosedError: the session was closed.
            InspectionError: a completer or debugger caused the call.
            RequestCancelledError: `cancel` was set before the reply arrived.
            TransportError: the exchange failed.
            ServerError: the server refused the batch.
        """
        self._require_open()
        if not operations:
            return []
        is_writing = any(map(is_write, operations))
        attempts = None if is_writing else Attempts(self._retry, cancel)
        return self._send_with_retries(operations, attempts, headers, timeout, cancel)

    def _send_with_retries(
        self,
        operations: Sequence[AnyOperation],
        attempts: Attempts | None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        cancel: Cancel | None = None,
    ) -> list[Any]:
        """Return the results, sending again as often as `attempts` allow.

        Args:
            operations: the batch.
            attempts: counts the attempts of a batch that reads; ``None`` for one that
                writes, which is sent once.
            headers: added to the request.
            timeout: seconds to wait for the reply.
            cancel: stops waiting when it is set.
        """
        self._avoid_stale_reply(operations, is_writing=attempts is None)
        while True:
            # A write includes no information query: `on_information` may raise, and
            # the caller would take an applied write for a failed one. The next read
            # includes it.
            is_writing = attempts is None
            batch = (
                list(operations)
                if is_writing
                else self._with_information_query(operations)
            )
            if logger.isEnabledFor(logging.DEBUG):
                logger.debug("sending %s", describe(batch))
            try:
                reply = self._exchange(
                    self.encode(batch),
                    headers,
                    timeout,
                    cancel,
                    is_writing=is_writing,
                )
                return self._decode_results(reply, batch, len(operations))
            except TransportError as error:
                self._drop_connections_after(error)
                if attempts is None or not attempts.may_repeat(error):
                    self._raise_if_cancelled(cancel, error)
                    raise
                logger.info("trying again: %s", error)

    def send_ahead(
        self, operations: Sequence[AnyOperation], read: Callable[[list[Any]], T]
    ) -> Prefetch[T]:
        """Start sending reads; the prefetch returns `read` of their results.

        Only the exchange runs in a background thread. The thread that waits for the
        result decodes the reply and makes further attempts.

        Raises:
            SessionClosedError: the session was closed.
            InspectionError: a completer or debugger caused the call.
        """
        from ftrack_orm.session.prefetch import Prefetch

        self._require_open()
        body = self.encode(operations)
        self.requests += 1
        prefetch = Prefetch(
            lambda: self.transport.call(body, headers=None, timeout=None),
            lambda reply: read(self._decode_prefetched(operations, reply)),
        )
        self._prefetches.add(prefetch)
        return prefetch

    def _decode_prefetched(
        self, operations: Sequence[AnyOperation], reply: Reply | TransportError
    ) -> list[Any]:
        if isinstance(reply, TransportError):
            self._drop_connections_after(reply)
            return self._retry_prefetched(operations, reply)
        try:
            return self._decode_and_check(reply, operations)
        except TransportError as error:
            self._drop_connections_after(error)
            return self._retry_prefetched(operations, error)

    def _retry_prefetched(
        self, operations: Sequence[AnyOperation], error: TransportError
    ) -> list[Any]:
        # The background request counts as the first attempt, so that a prefetched
        # page is tried as often as any other.
        attempts = Attempts(self._retry)
        if not attempts.may_repeat(error):
            raise error
        return self._send_with_retries(operations, attempts)

    def close(self) -> None:
        """Close the transport; drop prefetches without waiting for their replies."""
        self._closed = True
        for prefetch in tuple(self._prefetches):
            prefetch.drop()
        self.transport.close()

    def _avoid_stale_reply(
        self, operations: Sequence[AnyOperation], *, is_writing: bool
    ) -> None:
        """Open a new connection where an earlier reply would match these operations.

        The second of two equal deletes has the same reply as the first. If a proxy
        sends a late copy of the first reply, it could hide that the server refused
        the second delete.
        """
        signature = _signature(operations) if is_writing else None
        if signature is not None and signature == self._last_write:
            self._drop_connections()
        self._last_write = signature

    def _drop_connections_after(self, error: TransportError) -> None:
        """Close connections on which a reply may still arrive."""
        if isinstance(error, _LATE_REPLY_ERRORS):
            self._drop_connections()

    def _drop_connections(self) -> None:
        if isinstance(self.transport, HasConnections):
            self.transport.drop_connections()

    def require_open(self) -> None:
        """Raise if the session was closed: its entities are detached.

        Raises:
            SessionClosedError: it was.
        """
        if self._closed:
            raise SessionClosedError

    def _require_open(self) -> None:
        self.require_open()
        # Imported by the first request and not with the session.
        from ftrack_orm.inspection import inspector

        inspecting = inspector()
        if inspecting is not None:
            raise InspectionError(inspecting)

    def _raise_if_cancelled(self, cancel: Cancel | None, error: TransportError) -> None:
        """Raise `RequestCancelledError` where `cancel` ended the attempts."""
        if isinstance(error, RequestCancelledError) or cancel is None:
            return
        if cancel.is_set():
            raise RequestCancelledError(
                self.transport.server_url, may_be_applied=False
            ) from error

    def _exchange(
        self,
        body: bytes,
        headers: Mapping[str, str] | None,
        timeout: float | None,
        cancel: Cancel | None = None,
        is_writing: bool = False,
    ) -> Reply:
        def call() -> Reply:
            self.requests += 1
            return self.transport.call(body, headers=headers, timeout=timeout)

        try:
            with gc_resumed():
                if cancel is None:
                    return call()
                return self._call_until_cancelled(call, cancel, is_writing)
        except OutcomeUnknownError as error:
            if is_writing:
                raise
            # A transport sees bytes only and reports an unknown outcome for reads,
            # too. A read has no outcome, so it may be retried.
            lost = ConnectionLostError(
                error.server_url or self.transport.server_url, error.reason
            )
        raise lost

    def _call_until_cancelled(
        self, call: Callable[[], Reply], cancel: Cancel, is_writing: bool
    ) -> Reply:
        # The module imports `concurrent.futures`, which only calls with `cancel` need.
        from ftrack_orm.session.cancellation import call_until_cancelled

        return call_until_cancelled(
            call, cancel, self.transport.server_url, is_writing=is_writing
        )

    def _with_information_query(
        self, operations: Sequence[AnyOperation]
    ) -> list[AnyOperation]:
        batch = list(operations)
        if self._on_information is not None:
            # Last, so that the results of the caller's operations keep their places.
            batch.append(QueryServerInformation(self._information_values))
        return batch

    def _decode_results(
        self, reply: Reply, batch: Sequence[AnyOperation], count: int
    ) -> list[Any]:
        """Return the first `count` results; store the server information after them."""
        results = self._decode_and_check(reply, batch)
        if len(batch) > count:
            self._store_information(results.pop())
        return results

    def _decode_and_check(
        self, reply: Reply, batch: Sequence[AnyOperation]
    ) -> list[Any]:
        """Return the results in `reply`, each checked against its operation."""
        # The first reply needs it, not the import of the session.
        from ftrack_orm.session.reply_check import check_results

        with gc_paused():
            results = read_reply(reply, len(batch))
            check_results(batch, results, reply.server_url, self._types)
        return results

    def check_before_write(self) -> None:
        """Query the schema hash in a separate request, if writes depend on it.

        Raises:
            SchemaDriftError: the server's schema differs from the models'; nothing
                was written.
            SessionClosedError: the session was closed.
            InspectionError: a completer or debugger caused the call.
        """
        self._require_open()
        if self._queries_before_write and self._on_information is not None:
            batch = self._with_information_query(())
            self._decode_results(
                self._exchange(self.encode(batch), None, None), batch, 0
            )

    def _store_information(self, information: Any) -> None:
        on_information, self._on_information = self._on_information, None
        if on_information is None or not isinstance(information, dict):
            return
        try:
            on_information(information)
        except FtrackError:
            # The query of the whole schema failed, or the schema differs: the next
            # request queries the information again.
            self._on_information = on_information
            raise


def _signature(operations: Sequence[AnyOperation]) -> Signature | None:
    """Return a value that is equal for batches which one reply can match.

    It consists of the number of operations and of the action, type and key of the
    first and the last. Batches that differ only between them have an equal value too,
    which costs no more than a new connection. ``None`` when one of the two is a
    create: no earlier reply has the new key.
    """
    first, last = _reference(operations[0]), _reference(operations[-1])
    if "create" in (first[0], last[0]):
        return None
    return len(operations), first, last


def _reference(operation: AnyOperation) -> tuple[str, Any, Any]:
    """Return action, type and key of an operation, as its result repeats them."""
    if isinstance(operation, Mapping):
        action, get = str(operation.get("action")), operation.get
    else:
        action, get = operation.action, partial(getattr, operation)
    return action, get("entity_type", None), get("entity_key", None)


class _UnknownTypes:
    """An `EntityTypes` without any type."""

    def primary_key(self, entity_type: str) -> None:
        return None

    def is_related(self, entity_type: str, other: str) -> bool:
        return True


def is_write(operation: AnyOperation) -> bool:
    """Return whether an operation can change something on the server."""
    if isinstance(operation, Mapping):
        return operation.get("action") not in READING
    return operation.action not in READING
