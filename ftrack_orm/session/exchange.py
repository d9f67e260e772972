"""One batch of operations to the server and its results back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ftrack_orm.codec import KeyNames, encode_batch
from ftrack_orm.errors import FtrackError, SessionClosedError
from ftrack_orm.operations import AnyOperation, QueryServerInformation, describe
from ftrack_orm.transport.replies import read_reply
from ftrack_orm.types import Reply, Transport

READING = frozenset({"query", "search", "query_schemas", "query_server_information"})
"""Actions that leave the server as it is."""

logger = logging.getLogger("ftrack_orm.session")


class Exchange:
    """The way of every call: encode, carry, read.

    The first call also asks for the server's schema hash, in the same batch, and
    gives it to `on_schema_hash`.
    """

    def __init__(
        self,
        transport: Transport,
        key_names: KeyNames,
        on_schema_hash: Callable[[str], None] | None = None,
        *,
        asks_first: bool = False,
    ) -> None:
        """Prepare the way; nothing is sent.

        Args:
            transport: carries the bytes.
            key_names: entity type to the names of its key.
            on_schema_hash: told the server's schema hash; nothing is asked without.
            asks_first: ask for the hash alone before the first batch that writes,
                so that nothing is written when `on_schema_hash` refuses.
        """
        self.transport = transport
        self.requests = 0
        self._key_names = key_names
        self._on_schema_hash = on_schema_hash
        self._asks_first = asks_first
        self._pool: ThreadPoolExecutor | None = None
        self._closed = False

    def encode(self, operations: Sequence[AnyOperation]) -> bytes:
        """Return the body that `send` would send for `operations`."""
        return encode_batch(operations, self._key_names)

    def send(
        self,
        operations: Sequence[AnyOperation],
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> list[Any]:
        """Return the raw results of `operations`, in the same order.

        Raises:
            SessionClosedError: the session was closed.
            TransportError: the exchange failed.
            ServerError: the server refused the batch.
        """
        self._require_open()
        if not operations:
            return []
        if self._asks_first and any(map(_is_write, operations)):
            self._ask_schema_hash()
        asked = self._with_question(operations)
        logger.debug("sending %s", describe(asked))
        reply = self._carry(self.encode(asked), headers, timeout)
        return self._answers(reply, operations, len(asked))

    def send_ahead(
        self, operations: Sequence[AnyOperation]
    ) -> Future[Callable[[], list[Any]]]:
        """Start sending; the future's function reads the results when called.

        Only the exchange itself runs beside the calling thread: what comes back is
        read by the thread that asks for it.
        """
        self._require_open()
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="ftrack_orm")
        body = self.encode(operations)

        def carry() -> Callable[[], list[Any]]:
            reply = self._carry(body, None, None)
            return lambda: read_reply(reply, len(operations))

        return self._pool.submit(carry)

    def close(self) -> None:
        """Close the transport; what was sent ahead and not read is dropped."""
        self._closed = True
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self.transport.close()

    def _require_open(self) -> None:
        if self._closed:
            raise SessionClosedError

    def _carry(
        self, body: bytes, headers: Mapping[str, str] | None, timeout: float | None
    ) -> Reply:
        self.requests += 1
        return self.transport.call(body, headers=headers, timeout=timeout)

    def _with_question(self, operations: Sequence[AnyOperation]) -> list[AnyOperation]:
        asked = list(operations)
        if self._on_schema_hash is not None:
            # Last, so that the results of the caller's operations keep their places.
            asked.append(QueryServerInformation(("schema_hash",)))
        return asked

    def _answers(
        self, reply: Reply, operations: Sequence[AnyOperation], asked: int
    ) -> list[Any]:
        results = read_reply(reply, asked)
        if asked > len(operations):
            information = results.pop()
            self._hand_over(information)
        return results

    def _ask_schema_hash(self) -> None:
        if self._on_schema_hash is not None:
            asked = self._with_question(())
            self._answers(self._carry(self.encode(asked), None, None), (), len(asked))

    def _hand_over(self, information: Any) -> None:
        on_schema_hash, self._on_schema_hash = self._on_schema_hash, None
        if on_schema_hash is None or not isinstance(information, dict):
            return
        try:
            on_schema_hash(str(information.get("schema_hash", "")))
        except FtrackError:
            # Not answered, or not acceptable: the next request asks again.
            self._on_schema_hash = on_schema_hash
            raise


def _is_write(operation: AnyOperation) -> bool:
    if isinstance(operation, Mapping):
        return operation.get("action") not in READING
    return operation.action not in READING
