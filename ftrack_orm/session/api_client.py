"""One batch of operations to the server and its results back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from weakref import WeakSet

from ftrack_orm.codec import PrimaryKeyOf, encode_batch
from ftrack_orm.errors.root import FtrackError
from ftrack_orm.errors.session import SessionClosedError
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
    Delete,
    QueryServerInformation,
    Update,
    describe,
)
from ftrack_orm.session.reply_check import EntityTypes, check_results
from ftrack_orm.transport.replies import read_reply
from ftrack_orm.transport.retry import Attempts, RetryPolicy
from ftrack_orm.types import Cancel, HasConnections, Reply, Transport

if TYPE_CHECKING:
    from ftrack_orm.session.prefetch import Prefetch

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
"""Actions that leave the server as it is, or that nobody minds being done twice."""

T = TypeVar("T")

Signature: TypeAlias = tuple[tuple[Any, ...], ...]
"""Action, entity type and key of each operation of a batch."""

_ENDING = (
    ConnectionLostError,
    OutcomeUnknownError,
    RequestCancelledError,
    RequestTimeoutError,
    ResponseFormatError,
)
"""Errors after which an answer may still arrive on the connection."""

logger = logging.getLogger("ftrack_orm.session")


class ApiClient:
    """Encodes a batch, sends it and reads its results.

    The first batch that only reads also queries the server's information, and gives
    it to `on_information`. Such a batch is repeated when the exchange fails for now.
    """

    def __init__(
        self,
        transport: Transport,
        primary_key_of: PrimaryKeyOf,
        on_information: Callable[[Mapping[str, Any]], None] | None = None,
        *,
        values: Sequence[str] = ("schema_hash",),
        asks_first: bool = False,
        retry: RetryPolicy | None = None,
        types: EntityTypes | None = None,
    ) -> None:
        """Prepare the way; nothing is sent.

        Args:
            transport: carries the bytes.
            primary_key_of: entity type to the server names of its primary key.
            on_information: told what the server is; nothing is asked without.
            values: what of it to ask for.
            asks_first: query alone before the first batch that writes, so that
                nothing is written when `on_information` refuses.
            retry: how often reads are tried.
            types: the entity types that replies are checked by; without, only the
                form of results is.
        """
        self.transport = transport
        self.requests = 0
        self._primary_key_of = primary_key_of
        self._on_information = on_information
        self._values = tuple(values)
        self._retry = retry or RetryPolicy()
        self._types = types or _NoTypes()
        self._asks_first = asks_first
        self._ahead: WeakSet[Prefetch[Any]] = WeakSet()
        self._last_write: Signature | None = None
        self._closed = False

    def encode(self, operations: Sequence[AnyOperation]) -> bytes:
        """Return the body that `send` would send for `operations`."""
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
        """Return the raw results of `operations`, in the same order.

        Raises:
            SessionClosedError: the session was closed.
            RequestCancelledError: `cancel` was set before there was an answer.
            TransportError: the exchange failed.
            ServerError: the server refused the batch.
        """
        self._require_open()
        if not operations:
            return []
        is_writing = any(map(is_write, operations))
        attempts = None if is_writing else Attempts(self._retry, cancel)
        return self._attempted(operations, attempts, headers, timeout, cancel)

    def _attempted(
        self,
        operations: Sequence[AnyOperation],
        attempts: Attempts | None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        cancel: Cancel | None = None,
    ) -> list[Any]:
        """Return the results; try again as `attempts` allow, if there are any."""
        self._avoid_stale_answer(operations, is_writing=attempts is None)
        while True:
            # Nothing rides on the answer to a write: the next read asks instead.
            is_writing = attempts is None
            asked = list(operations) if is_writing else self._with_question(operations)
            if logger.isEnabledFor(logging.DEBUG):
                logger.debug("sending %s", describe(asked))
            try:
                reply = self._carry(
                    self.encode(asked),
                    headers,
                    timeout,
                    cancel,
                    is_writing=is_writing,
                )
                return self._answers(reply, asked, len(operations))
            except TransportError as error:
                self._drop_connections_after(error)
                if attempts is None or not attempts.may_repeat(error):
                    self._require_wanted(cancel, error)
                    raise
                logger.info("trying again: %s", error)

    def send_ahead(
        self, operations: Sequence[AnyOperation], read: Callable[[list[Any]], T]
    ) -> Prefetch[T]:
        """Start sending reads; the prefetch returns `read` of their results.

        Only the exchange runs beside the calling thread: the response is read, and
        further attempts are made, by the thread that waits for the result.

        Raises:
            SessionClosedError: the session was closed.
        """
        from ftrack_orm.session.prefetch import Prefetch

        self._require_open()
        body = self.encode(operations)
        self.requests += 1
        prefetch = Prefetch(
            lambda: self.transport.call(body, headers=None, timeout=None),
            lambda outcome: read(self._read_ahead(operations, outcome)),
        )
        self._ahead.add(prefetch)
        return prefetch

    def _read_ahead(
        self, operations: Sequence[AnyOperation], outcome: Reply | TransportError
    ) -> list[Any]:
        if isinstance(outcome, TransportError):
            self._drop_connections_after(outcome)
            return self._once_more(operations, outcome)
        try:
            return self._checked(outcome, operations)
        except TransportError as error:
            self._drop_connections_after(error)
            return self._once_more(operations, error)

    def _once_more(
        self, operations: Sequence[AnyOperation], failed: TransportError
    ) -> list[Any]:
        # That one counts: a page fetched ahead is tried as often as any other.
        attempts = Attempts(self._retry)
        if not attempts.may_repeat(failed):
            raise failed
        return self._attempted(operations, attempts)

    def close(self) -> None:
        """Close the transport; requests sent ahead are dropped, not waited for."""
        self._closed = True
        for prefetch in tuple(self._ahead):
            prefetch.drop()
        self.transport.close()

    def _avoid_stale_answer(
        self, operations: Sequence[AnyOperation], *, is_writing: bool
    ) -> None:
        """Open a new connection where an earlier answer would fit these operations.

        The second of two equal deletes gets the same answer as the first. A copy of
        that, which a proxy sends late, could hide that the second was refused.
        """
        signature = _signature(operations) if is_writing else None
        if signature is not None and signature == self._last_write:
            self._drop_connections()
        self._last_write = signature

    def _drop_connections_after(self, error: TransportError) -> None:
        """Close connections on which an answer may still arrive."""
        if isinstance(error, _ENDING):
            self._drop_connections()

    def _drop_connections(self) -> None:
        if isinstance(self.transport, HasConnections):
            self.transport.drop_connections()

    def _require_open(self) -> None:
        if self._closed:
            raise SessionClosedError

    def _require_wanted(self, cancel: Cancel | None, error: TransportError) -> None:
        """Say that the caller cancelled, where that is why nothing more is tried."""
        if isinstance(error, RequestCancelledError) or cancel is None:
            return
        if cancel.is_set():
            raise RequestCancelledError(
                self.transport.server_url, may_be_applied=False
            ) from error

    def _carry(
        self,
        body: bytes,
        headers: Mapping[str, str] | None,
        timeout: float | None,
        cancel: Cancel | None = None,
        is_writing: bool = False,
    ) -> Reply:
        def carry() -> Reply:
            self.requests += 1
            return self.transport.call(body, headers=headers, timeout=timeout)

        try:
            with gc_resumed():
                if cancel is None:
                    return carry()
                # It brings `concurrent.futures`, which only calls with `cancel` need.
                from ftrack_orm.session.cancellation import carry_until_cancelled

                return carry_until_cancelled(
                    carry, cancel, self.transport.server_url, is_writing=is_writing
                )
        except OutcomeUnknownError as error:
            if is_writing:
                raise
            # Transports cannot see that a batch only reads; its outcome is no question.
            lost = ConnectionLostError(
                error.server_url or self.transport.server_url, error.reason
            )
        raise lost

    def _with_question(self, operations: Sequence[AnyOperation]) -> list[AnyOperation]:
        asked = list(operations)
        if self._on_information is not None:
            # Last, so that the results of the caller's operations keep their places.
            asked.append(QueryServerInformation(self._values))
        return asked

    def _answers(
        self, reply: Reply, asked: Sequence[AnyOperation], wanted: int
    ) -> list[Any]:
        results = self._checked(reply, asked)
        if len(asked) > wanted:
            self._hand_over(results.pop())
        return results

    def _checked(self, reply: Reply, asked: Sequence[AnyOperation]) -> list[Any]:
        """Return the results in `reply`, each checked against its operation."""
        with gc_paused():
            results = read_reply(reply, len(asked))
            check_results(asked, results, reply.server_url, self._types)
        return results

    def check_before_write(self) -> None:
        """Query the schema hash in a request of its own, if writes depend on it.

        Raises:
            SchemaDriftError: the server's schema is not the models'; nothing was
                written.
            SessionClosedError: the session was closed.
        """
        self._require_open()
        if self._asks_first and self._on_information is not None:
            asked = self._with_question(())
            self._answers(self._carry(self.encode(asked), None, None), asked, 0)

    def _hand_over(self, information: Any) -> None:
        on_information, self._on_information = self._on_information, None
        if on_information is None or not isinstance(information, dict):
            return
        try:
            on_information(information)
        except FtrackError:
            # Not answered, or not acceptable: the next request asks again.
            self._on_information = on_information
            raise


def _signature(operations: Sequence[AnyOperation]) -> Signature | None:
    """Return action, type and key of each operation, as its result shows them.

    ``None`` when a create is among them: its key tells the answer from any other.
    """
    if all(type(one) is Update or type(one) is Delete for one in operations):
        return tuple(
            [(one.action, one.entity_type, one.entity_key) for one in operations]  # type: ignore[union-attr] # just checked
        )
    signature: list[tuple[Any, ...]] = []
    for operation in operations:
        if isinstance(operation, Mapping):
            action, get = str(operation.get("action")), operation.get
        else:
            action, get = operation.action, partial(getattr, operation)
        if action == "create":
            return None
        signature.append((action, get("entity_type", None), get("entity_key", None)))
    return tuple(signature)


class _NoTypes:
    """The facts of entity types where there are none."""

    def primary_key(self, entity_type: str) -> None:
        return None

    def is_related(self, entity_type: str, other: str) -> bool:
        return True


def is_write(operation: AnyOperation) -> bool:
    """Return whether an operation can change something on the server."""
    if isinstance(operation, Mapping):
        return operation.get("action") not in READING
    return operation.action not in READING
