"""Whether a batch whose answer was lost has been applied."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from ftrack_orm.errors import (
    ConnectionLostError,
    OutcomeUnknownError,
    ServerError,
    TransportError,
)
from ftrack_orm.operations import AnyOperation, Create, Delete, Query
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.session.lazy_loader import keyed
from ftrack_orm.types import EntityKey

if TYPE_CHECKING:
    from ftrack_orm.session.exchange import Exchange

Rows = Callable[[list[str]], list[list[dict[str, Any]]]]
"""Expressions to their rows, asked in one request."""

KeyNames = Callable[[str], tuple[str, ...]]
"""Entity types to the names of their keys."""

logger = logging.getLogger("ftrack_orm.session")


class Settlement:
    """Asks a server what became of a batch."""

    def __init__(self, exchange: Exchange, key_names: KeyNames) -> None:
        self._exchange = exchange
        self._key_names = key_names

    def was_applied(
        self, operations: Sequence[AnyOperation], error: Exception | None = None
    ) -> bool | None:
        """Return whether the server has applied a batch, ``None`` if no one can tell.

        Args:
            operations: the batch.
            error: why its answer was lost.

        Raises:
            OutcomeUnknownError: the server cannot be asked.
        """
        logger.info("the answer to a batch was lost; asking what became of it")
        try:
            return was_applied(operations, self._key_names, self.rows_of)
        except (ServerError, TransportError) as unanswered:
            raise_unknown(error or unanswered)

    def rows_of(self, expressions: Sequence[str]) -> list[list[dict[str, Any]]]:
        """Return the rows of each expression, asked in one request."""
        results = self._exchange.send([Query(text) for text in expressions])
        return [result["data"] for result in results]


def raise_unknown(error: Exception) -> NoReturn:
    """Say that nobody knows what became of a batch.

    Raises:
        OutcomeUnknownError: always; `error` is its cause.
    """
    if isinstance(error, OutcomeUnknownError):
        raise error
    server_url = getattr(error, "server_url", None) or "the server"
    reason = error.reason if isinstance(error, ConnectionLostError) else str(error)
    raise OutcomeUnknownError(server_url, reason) from error


def was_applied(
    operations: Sequence[AnyOperation], key_names: KeyNames, rows_of: Rows
) -> bool | None:
    """Ask the server whether it has applied a batch; ``None`` when nothing can tell.

    A batch is applied whole or not at all (protocol 1.7), so one of its operations
    tells for all: a key made by this client is there, or what was deleted is gone. A
    row whose key others could make as well counts when it holds what was sent. Of a
    batch of updates alone nothing is asked: sending it again leads to the same place.
    """
    created = [step for step in operations if isinstance(step, Create)]
    own = next((step for step in created if len(step.entity_key or ()) == 1), None)
    if own is not None:
        return bool(_rows(own, (), key_names, rows_of))
    deleted = [step for step in operations if isinstance(step, Delete)]
    if deleted:
        return not _rows(deleted[0], (), key_names, rows_of)
    shared = next((step for step in created if step.entity_key), None)
    return None if shared is None else _holds(shared, key_names, rows_of)


def _holds(step: Create, key_names: KeyNames, rows_of: Rows) -> bool:
    texts = {
        name: value
        for name, value in step.entity_data.items()
        if isinstance(value, str)
    }
    rows = _rows(step, tuple(texts), key_names, rows_of)
    return any(all(row.get(name) == texts[name] for name in texts) for row in rows)


def _rows(
    step: Create | Delete,
    values: Sequence[str],
    key_names: KeyNames,
    rows_of: Rows,
) -> list[dict[str, Any]]:
    names = key_names(step.entity_type)
    key: EntityKey = step.entity_key or ()
    query = ast.Query(
        step.entity_type,
        tuple(ast.PathExpression.of(name) for name in dict.fromkeys((*names, *values))),
        criteria=keyed(names, [key]),
        limit=1,
    )
    return rows_of([compile_query(query)])[0]
