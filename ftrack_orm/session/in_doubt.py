"""Find the outcome of a batch whose reply was lost, from the server's data.

A batch is applied whole or not at all (protocol 1.7). The row of a create whose key
this client generated proves that the batch was applied: no other client can have
created that row. Without such a create all operations have to agree, because another
client may have deleted the same entity or set the same value.
"""

from __future__ import annotations

import logging
import time
from collections.abc import (
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Set as AbstractSet,
)
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.operations import AnyOperation, Create, Delete, Query, Update
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.session.row_comparison import agrees, compared_paths
from ftrack_orm.types import (
    NOT_LOADED,
    EntityKey,
    OperationOutcome,
    Reference,
)

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.api_client import ApiClient
    from ftrack_orm.session.known_types import KnownTypes

logger = logging.getLogger("ftrack_orm.session")

Outcome: TypeAlias = Literal["applied", "not applied", "unknown"]
"""The outcome of a batch; ``"unknown"`` without enough evidence."""

KEYS_PER_QUERY = 500
"""Keys in one query for evidence; servers fail somewhere in the thousands."""

QUERIES_PER_REQUEST = 10

LATE_SECONDS = 60.0
"""Seconds in which the server may still apply a batch whose reply timed out."""

KeyedWrite: TypeAlias = Create | Update | Delete
"""A write that names its entity, so that its effect can be queried."""


@lazy_dataclass(slots=True)
class Batch:
    """The operations of one request that writes.

    Attributes:
        operations: in the order they are sent.
        generated_keys: indexes of the creates whose key this client generated.
        previous_values: returns the values that updates replace, by index and server
            name; `NOT_LOADED` where they are not loaded. Deletes of entities that are
            in memory have an empty entry. A function, because only a lost reply needs
            the values.
        sent_at: when it was sent last, by the monotonic clock.
        may_be_late: whether the server may still be processing it.
        outcome: applied, not applied or unknown.
    """

    operations: Sequence[AnyOperation]
    generated_keys: frozenset[int] = frozenset()
    previous_values: Callable[[], Mapping[int, Mapping[str, Any]]] = dict
    sent_at: float = field(default_factory=time.monotonic)
    may_be_late: bool = False
    outcome: Outcome = "unknown"

    @property
    def may_still_be_applied(self) -> bool:
        """Return whether the server may apply the batch from now on."""
        elapsed = time.monotonic() - self.sent_at
        return self.may_be_late and elapsed < LATE_SECONDS

    def keyed_writes(self) -> Iterator[tuple[int, KeyedWrite]]:
        """Yield the operations that leave a trace, with their indexes."""
        for index, operation in enumerate(self.operations):
            if isinstance(operation, Create | Update | Delete) and operation.entity_key:
                yield index, operation


@lazy_dataclass(frozen=True, slots=True)
class Evidence:
    """The outcome of a batch, and of each operation, as the server's data shows it."""

    outcome: Outcome
    operations: tuple[OperationOutcome, ...]


class InDoubtResolver:
    """Queries the server's data for the outcome of a batch."""

    def __init__(self, client: ApiClient, types: KnownTypes) -> None:
        self._client = client
        self._types = types

    def read(self, batch: Batch) -> Evidence:
        """Return the evidence for every operation of a batch.

        Raises:
            TransportError, ServerError: the server cannot be queried.
        """
        logger.info("the reply to a batch was lost; querying its outcome")
        rows = self._fetch_rows(batch)
        previous = batch.previous_values()
        outcomes = tuple(
            self._outcome(batch, index, write, rows, previous.get(index))
            for index, write in batch.keyed_writes()
        )
        return Evidence(_decide(batch, outcomes), outcomes)

    def _fetch_rows(self, batch: Batch) -> dict[Reference, Mapping[str, Any]]:
        """Return the server's rows of every operation, by type sent and key."""
        queries = list(self._queries(batch))
        rows: dict[Reference, Mapping[str, Any]] = {}
        for start in range(0, len(queries), QUERIES_PER_REQUEST):
            chunk = queries[start : start + QUERIES_PER_REQUEST]
            results = self._client.send([query for _, query in chunk])
            for (entity_type, _), result in zip(chunk, results, strict=True):
                type_info = self._types.require(entity_type)
                for row in result["data"]:
                    key = tuple(row[name] for name in type_info.primary_key)
                    # Under the type that was sent: a row's concrete type may be a
                    # subtype of it.
                    rows[Reference(entity_type, key)] = row
        return rows

    def _queries(self, batch: Batch) -> Iterator[tuple[str, Query]]:
        """Yield the queries for the rows, each with the type that was sent."""
        keys_by_query: dict[tuple[str, tuple[str, ...]], list[EntityKey]] = {}
        for index, write in batch.keyed_writes():
            type_info = self._types.type_info(write.entity_type)
            if type_info is not None:
                names = _compared_names(type_info, write, index in batch.generated_keys)
                keys = keys_by_query.setdefault((write.entity_type, names), [])
                keys.append(write.entity_key or ())
        for (entity_type, names), keys in keys_by_query.items():
            type_info = self._types.require(entity_type)
            for text in _expressions(type_info, names, keys):
                yield entity_type, Query(text)

    def _outcome(
        self,
        batch: Batch,
        index: int,
        write: KeyedWrite,
        rows: Mapping[Reference, Mapping[str, Any]],
        previous: Mapping[str, Any] | None,
    ) -> OperationOutcome:
        reference = Reference(write.entity_type, write.entity_key or ())
        type_info = self._types.type_info(write.entity_type)
        row = rows.get(reference)
        data = {} if isinstance(write, Delete) else write.entity_data
        verdict: Any = "no evidence"
        if type_info is not None:
            verdict = _verdict(
                type_info, write, row, previous, index in batch.generated_keys
            )
        server_data = None if row is None else _values_of(row, data)
        return OperationOutcome(write.action, reference, data, server_data, verdict)


def _values_of(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: row[name] for name in names if name in row}


def _compared_names(
    type_info: TypeInfo, write: KeyedWrite, has_generated_key: bool
) -> tuple[str, ...]:
    # The mere presence of the row decides these two cases.
    if has_generated_key or isinstance(write, Delete):
        return ()
    return tuple(
        sorted(
            name
            for name in write.entity_data
            if name in type_info.by_server_name and _can_compare(type_info, name)
        )
    )


def _can_compare(type_info: TypeInfo, name: str) -> bool:
    attribute = type_info.by_server_name[name]
    # Rows of a mapped attribute are separate entities, and the server refuses
    # projections of a restricted one.
    is_mapped = attribute.kind is AttributeKind.MAPPED
    return not (is_mapped or attribute.restricted_projection)


def _expressions(
    type_info: TypeInfo, names: Sequence[str], keys: Sequence[EntityKey]
) -> Iterator[str]:
    paths = dict.fromkeys(map(ast.PathExpression.of, type_info.primary_key))
    for name in names:
        paths.update(dict.fromkeys(compared_paths(type_info, name)))
    unique = tuple(dict.fromkeys(keys))
    for start in range(0, len(unique), KEYS_PER_QUERY):
        criteria = keyed(type_info.primary_key, unique[start : start + KEYS_PER_QUERY])
        yield compile_query(ast.Query(type_info.name, tuple(paths), criteria=criteria))


def _verdict(
    type_info: TypeInfo,
    write: KeyedWrite,
    row: Mapping[str, Any] | None,
    previous: Mapping[str, Any] | None,
    has_generated_key: bool,
) -> str:
    """Return whether the server's row shows that one operation was applied.

    Returns:
        ``"applied"`` or ``"not applied"``; ``"changed"`` when the row fits neither,
        because another client may have written it; ``"no evidence"`` when both would
        leave the same row.
    """
    if isinstance(write, Delete):
        return _delete_verdict(row, previous)
    previous = previous or {}
    if has_generated_key:
        return "not applied" if row is None else "applied"
    if row is None:
        return "not applied" if isinstance(write, Create) else "changed"
    names = _compared_names(type_info, write, has_generated_key=False)
    if isinstance(write, Create):
        is_equal = _agree(type_info, names, row, write.entity_data)
        return "applied" if is_equal else "changed"
    return _update_verdict(type_info, names, write, row, previous)


def _delete_verdict(
    row: Mapping[str, Any] | None, previous: Mapping[str, Any] | None
) -> str:
    if row is not None:
        return "not applied"
    # An entity that was never in memory may never have existed.
    return "changed" if previous is None else "applied"


def _update_verdict(
    type_info: TypeInfo,
    names: Sequence[str],
    write: Update,
    row: Mapping[str, Any],
    previous: Mapping[str, Any],
) -> str:
    # A value that the update did not change proves neither outcome.
    different = [
        name
        for name in names
        if previous.get(name, NOT_LOADED) is NOT_LOADED
        or _key(previous[name]) != _key(write.entity_data[name])
    ]
    if not different:
        return "no evidence"
    if _agree(type_info, different, row, write.entity_data):
        return "applied"
    is_loaded = all(
        previous.get(name, NOT_LOADED) is not NOT_LOADED for name in different
    )
    if is_loaded and _agree(type_info, different, row, previous):
        return "not applied"
    return "changed"


def _key(value: Any) -> Any:
    """Return a reference as its key: its type may be a base of the concrete one."""
    return value.key if isinstance(value, Reference) else value


def _agree(
    type_info: TypeInfo,
    names: Iterable[str],
    row: Mapping[str, Any],
    values: Mapping[str, Any],
) -> bool:
    """Return whether the row has all values of these names."""
    return all(
        agrees(type_info, type_info.by_server_name[name], row, values[name])
        for name in names
    )


def _decide(batch: Batch, outcomes: Sequence[OperationOutcome]) -> Outcome:
    """Return the outcome of a batch from the verdicts on its operations."""
    by_index = dict(
        zip((index for index, _ in batch.keyed_writes()), outcomes, strict=True)
    )
    proofs = {
        by_index[index].verdict for index in batch.generated_keys if index in by_index
    }
    # One such row is enough, as batches are applied whole: no other client can have
    # created it.
    if "applied" in proofs:
        return "applied"
    others = {
        outcome.verdict
        for index, outcome in by_index.items()
        if index not in batch.generated_keys
    } - {"no evidence"}
    return _outcome_without_proof(others, has_missing_rows=bool(proofs))


def _outcome_without_proof(
    others: AbstractSet[str], *, has_missing_rows: bool
) -> Outcome:
    """Return the outcome of a batch from the operations without a generated key."""
    if has_missing_rows:
        # The rows with generated keys are missing: the batch was not applied, or
        # another client has deleted the rows since, and then the other operations
        # show it as applied. A value that another client has written since must not
        # be overwritten by sending the batch again.
        is_unsure = others == {"applied"} or "changed" in others
        return "unknown" if is_unsure else "not applied"
    # Another client can have caused any single verdict: it may delete the same entity
    # or set the same value. Only agreement of all operations counts.
    if others == {"applied"}:
        return "applied"
    return "not applied" if others <= {"not applied"} else "unknown"
