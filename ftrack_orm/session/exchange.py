"""One batch of operations to the server and its results back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ftrack_orm.codec import KeyNames, encode_batch
from ftrack_orm.errors import SessionClosedError
from ftrack_orm.operations import AnyOperation, QueryServerInformation, describe
from ftrack_orm.transport.replies import read_reply
from ftrack_orm.types import Reply, Transport

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
    ) -> None:
        self.transport = transport
        self.requests = 0
        self._key_names = key_names
        self._on_schema_hash = on_schema_hash
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
            on_schema_hash, self._on_schema_hash = self._on_schema_hash, None
            if on_schema_hash is not None and isinstance(information, dict):
                on_schema_hash(str(information.get("schema_hash", "")))
        return results
