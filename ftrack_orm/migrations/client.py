"""Send the requests of a run, without the session's recovery of lost replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.migrations.history import History
from ftrack_orm.migrations.history_store import (
    METADATA,
    HistoryStore,
    choose_store,
    store_queries,
)
from ftrack_orm.operations import AnyOperation, Query, QuerySchemas
from ftrack_orm.schema.parse import parse_schema

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.schema.model import Schema
    from ftrack_orm.session.session import Session

# Without it an entity that a write of the batch returned appears in the result of a
# later query as a bare reference (protocol 3.6).
_OPTIONS: Final = {"ftrack-api-options": "denormalize=1"}


class RunClient:
    """Sends batches of a session's connection and returns raw results.

    A session finds out by the rows whether a batch with a lost reply was applied. A run
    has its fence for that, so it uses the connection below.
    """

    def __init__(
        self,
        session: Session,
        *,
        push_token: str | None = None,
        timeout: float | None = None,
    ) -> None:
        """Store the arguments; nothing is sent.

        Args:
            session: the connection to use.
            push_token: repeated in the events that the requests cause.
            timeout: seconds to wait for a reply, instead of the session's.
        """
        self.session = session
        self.push_token = push_token
        self._core = session._core
        self._timeout = timeout
        self._store: HistoryStore | None = None

    @property
    def server_url(self) -> str:
        """Return the address of the server."""
        return self.session.server_url

    @property
    def requests(self) -> int:
        """Return the number of requests that the session has sent."""
        return self.session.requests

    @property
    def _headers(self) -> dict[str, str]:
        if self.push_token is None:
            return dict(_OPTIONS)
        return {**_OPTIONS, "ftrack-pushtoken": self.push_token}

    def send(self, operations: Sequence[AnyOperation]) -> list[Any]:
        """Send `operations` once; return the raw result of each.

        Raises:
            ServerError: the server refused the batch; nothing was applied.
            TransportError: the exchange failed; a batch that writes may be applied.
        """
        return self._core.client.send(
            operations, headers=self._headers, timeout=self._timeout
        )

    def rows(self, expression: str) -> list[dict[str, Any]]:
        """Return all rows of a query, page by page."""
        return self.complete(expression, self.send([Query(expression)])[0])

    def complete(
        self, expression: str, result: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Return the rows in `result`, the first page of a query, and in the others."""
        rows = list(result["data"])
        offset = next_offset(result)
        while offset is not None:
            page = self.send([Query(f"{expression} offset {offset}")])[0]
            rows += page["data"]
            offset = next_offset(page)
        return rows

    @property
    def store(self) -> HistoryStore:
        """Return the store of the history; sends one request if none was read."""
        if self._store is None:
            self.read_history()
        return self._store or METADATA

    def read_history(self, prefix: str = "") -> History:
        """Return the rows of the history whose keys begin with `prefix`.

        Raises:
            HistoryRowError: a value is no JSON object.
        """
        if self._store is not None:
            query = self._store.rows_query(prefix)
            return self._store.parse(self.rows(query.expression))
        history, _ = self.read_with_history(())
        return history.below(prefix)

    def read_with_history(
        self, operations: Sequence[AnyOperation]
    ) -> tuple[History, list[Any]]:
        """Return the history, and raw results of other reads of the same request.

        Raises:
            HistoryRowError: a value is no JSON object.
            ServerError: the server refused a query.
        """
        queries = store_queries()
        results = self.send([*queries, *operations])
        count = len(queries)
        return self.take_history(queries, results[:count]), results[count:]

    def take_history(
        self, queries: Sequence[Query], results: Sequence[Mapping[str, Any]]
    ) -> History:
        """Return the history in the first pages of `store_queries`; keep its store."""
        rows = [
            self.complete(query.expression, result)
            for query, result in zip(queries, results, strict=True)
        ]
        self._store, history = choose_store(rows)
        return history

    def primary_key(self, entity_type: str) -> Sequence[str]:
        """Return the server names of a type's primary key, in order."""
        return self._core.models.primary_key(entity_type)

    def type_info(self, entity_type: str) -> TypeInfo:
        """Return a type of the session's models.

        Raises:
            UnknownEntityTypeError: the models lack it.
        """
        return self._core.models.type_info(entity_type)

    @property
    def schema(self) -> Schema:
        """Return the schema of the session's models."""
        return self.session.registry.schema()

    def fetch_schema(self) -> Schema:
        """Return the schema that the server has now."""
        return parse_schema(self.send([QuerySchemas()])[0]).schema


def next_offset(result: Mapping[str, Any]) -> int | None:
    """Return the position of the next page of a query's result, if there is one."""
    metadata = result.get("metadata") or {}
    offset: int | None = (metadata.get("next") or {}).get("offset")
    return offset
