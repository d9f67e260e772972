"""Explain a refused batch that uses reference data which the server no longer has.

A generated package holds the keys of statuses, types and other rows. The server refuses
a removed one with an integrity error, which names a key and not the package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.errors.root import FtrackError
from ftrack_orm.errors.server import ServerError, StaleReferenceError
from ftrack_orm.operations import AnyOperation, Create, Query, Update
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed
from ftrack_orm.types import Reference

if TYPE_CHECKING:
    from ftrack_orm.session.api_client import ApiClient


class StaleReferences:
    """Finds the reference data of a batch that the server no longer has."""

    def __init__(
        self, client: ApiClient, keys: Callable[[], Mapping[str, tuple[str, str]]]
    ) -> None:
        """Store the arguments; nothing is sent.

        Args:
            client: the connection to the server.
            keys: returns the types and names of the package's reference data by key.
        """
        self._client = client
        self._keys = keys

    def explain(
        self, operations: Sequence[AnyOperation], error: ServerError
    ) -> ServerError:
        """Return a `StaleReferenceError`, or `error` if the batch uses valid keys.

        The server is asked only for reference data that the batch uses.
        """
        known = self._keys()
        used = {key for key in _values(operations) if key in known} if known else set()
        if not used:
            return error
        try:
            missing = used - self._existing(used, known)
        # The refusal is the failure to report, not that of its explanation.
        except FtrackError:
            return error
        if not missing:
            return error
        rows = sorted((*known[key], key) for key in missing)
        return StaleReferenceError(error, rows)

    def _existing(
        self, keys: set[str], known: Mapping[str, tuple[str, str]]
    ) -> set[str]:
        """Return the keys that the server has, with one request."""
        by_type: dict[str, list[str]] = {}
        for key in sorted(keys):
            by_type.setdefault(known[key][0], []).append(key)
        expressions = [
            compile_query(
                ast.Query(
                    entity_type,
                    (ast.PathExpression.of("id"),),
                    criteria=keyed(("id",), [(key,) for key in wanted]),
                )
            )
            for entity_type, wanted in by_type.items()
        ]
        results = self._client.send([Query(text) for text in expressions])
        return {row["id"] for result in results for row in result["data"]}


def _values(operations: Sequence[AnyOperation]) -> Iterator[str]:
    """Yield the texts in the data of creates and updates, keys of links included."""
    for operation in operations:
        if isinstance(operation, Create | Update):
            for value in operation.entity_data.values():
                yield from _texts(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Reference):
        yield from (part for part in value.key if isinstance(part, str))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
