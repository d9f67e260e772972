"""Batches whose outcome is unknown, and the evidence of what became of them.

A batch is applied whole or not at all (protocol 1.7). A key that this client made for
it proves that it was applied: no other client can have made that row. Without such a
key every operation has to agree, because another client may have deleted the same
entity or set the same value.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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
"""What is known of a batch."""

KEYS_PER_QUERY = 500
"""Keys in one query for evidence; servers fail somewhere in the thousands."""

QUERIES_PER_REQUEST = 10

LATE_SECONDS = 60.0
"""Seconds in which a batch without an answer in time may still be applied."""

Entry: TypeAlias = Create | Update | Delete


@lazy_dataclass(slots=True)
class Batch:
    """The operations of one request that writes.

    Attributes:
        operations: in the order they are sent.
        made_keys: indexes of the creates whose key this client has made.
        before_of: returns the values that updates replace, by index and server name;
            `NOT_LOADED` where they are not known. Deletes of entities that the
            session knows have an empty entry. Only a lost answer needs them.
        sent_at: when it was sent last, by the monotonic clock.
        may_be_late: whether the server may still be at work on it.
        outcome: what is known of it.
    """

    operations: Sequence[AnyOperation]
    made_keys: frozenset[int] = frozenset()
    before_of: Callable[[], Mapping[int, Mapping[str, Any]]] = dict
    sent_at: float = field(default_factory=time.monotonic)
    may_be_late: bool = False
    outcome: Outcome = "unknown"

    @property
    def is_late_still(self) -> bool:
        """Return whether the server may apply it from now on."""
        waited = time.monotonic() - self.sent_at
        return self.may_be_late and waited < LATE_SECONDS

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """Yield the operations that leave a trace, with their indexes."""
        for index, operation in enumerate(self.operations):
            if isinstance(operation, Create | Update | Delete) and operation.entity_key:
                yield index, operation


@lazy_dataclass(frozen=True, slots=True)
class Evidence:
    """The outcome that the server's data shows, and what it has of each operation."""

    outcome: Outcome
    operations: tuple[OperationOutcome, ...]


class InDoubtResolver:
    """Queries a server for what became of a batch."""

    def __init__(self, client: ApiClient, types: KnownTypes) -> None:
        self._client = client
        self._types = types

    def read(self, batch: Batch) -> Evidence:
        """Return the evidence of every operation of a batch.

        Raises:
            TransportError, ServerError: the server cannot be queried.
        """
        logger.info("the answer to a batch was lost; querying its outcome")
        rows = self._rows(batch)
        before = batch.before_of()
        outcomes = tuple(
            self._outcome(batch, index, entry, rows, before.get(index))
            for index, entry in batch.entries()
        )
        return Evidence(_decide(batch, outcomes), outcomes)

    def _rows(self, batch: Batch) -> dict[Reference, Mapping[str, Any]]:
        """Return the server's rows of every operation, by type sent and key."""
        wanted: dict[tuple[str, tuple[str, ...]], list[EntityKey]] = {}
        for index, entry in batch.entries():
            type_info = self._types.type_info(entry.entity_type)
            if type_info is not None:
                names = _compared_names(type_info, entry, index in batch.made_keys)
                keys = wanted.setdefault((entry.entity_type, names), [])
                keys.append(entry.entity_key or ())
        queries: list[tuple[str, Query]] = []
        for (entity_type, names), keys in wanted.items():
            type_info = self._types.require(entity_type)
            queries += [
                (entity_type, Query(text))
                for text in _expressions(type_info, names, keys)
            ]
        rows: dict[Reference, Mapping[str, Any]] = {}
        for start in range(0, len(queries), QUERIES_PER_REQUEST):
            together = queries[start : start + QUERIES_PER_REQUEST]
            results = self._client.send([query for _, query in together])
            for (entity_type, _), result in zip(together, results, strict=True):
                type_info = self._types.require(entity_type)
                for row in result["data"]:
                    key = tuple(row[name] for name in type_info.primary_key)
                    rows[Reference(entity_type, key)] = row
        return rows

    def _outcome(
        self,
        batch: Batch,
        index: int,
        entry: Entry,
        rows: Mapping[Reference, Mapping[str, Any]],
        before: Mapping[str, Any] | None,
    ) -> OperationOutcome:
        reference = Reference(entry.entity_type, entry.entity_key or ())
        type_info = self._types.type_info(entry.entity_type)
        row = rows.get(reference)
        sent = {} if isinstance(entry, Delete) else entry.entity_data
        verdict: Any = "no evidence"
        if type_info is not None:
            verdict = _verdict(type_info, entry, row, before, index in batch.made_keys)
        server = None if row is None else _named(row, sent)
        return OperationOutcome(entry.action, reference, sent, server, verdict)


def _named(row: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in sent if name in row}


def _compared_names(
    type_info: TypeInfo, entry: Entry, has_made_key: bool
) -> tuple[str, ...]:
    if has_made_key or isinstance(entry, Delete):
        return ()
    return tuple(
        sorted(
            name
            for name in entry.entity_data
            if name in type_info.by_server_name and _can_compare(type_info, name)
        )
    )


def _can_compare(type_info: TypeInfo, name: str) -> bool:
    attribute = type_info.by_server_name[name]
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
    entry: Entry,
    row: Mapping[str, Any] | None,
    before: Mapping[str, Any] | None,
    has_made_key: bool,
) -> str:
    if isinstance(entry, Delete):
        if row is not None:
            return "not applied"
        # An entity that this session has never seen may never have been there.
        return "changed" if before is None else "applied"
    before = before or {}
    if has_made_key:
        return "not applied" if row is None else "applied"
    if row is None:
        return "not applied" if isinstance(entry, Create) else "changed"
    names = _compared_names(type_info, entry, has_made_key=False)
    if isinstance(entry, Create):
        holds = all(_holds(type_info, name, row, entry.entity_data) for name in names)
        return "applied" if holds else "changed"
    different = [
        name
        for name in names
        if before.get(name, NOT_LOADED) is NOT_LOADED
        or _key(before[name]) != _key(entry.entity_data[name])
    ]
    if not different:
        return "no evidence"
    if all(_holds(type_info, name, row, entry.entity_data) for name in different):
        return "applied"
    knows = all(before.get(name, NOT_LOADED) is not NOT_LOADED for name in different)
    if knows and all(_holds(type_info, name, row, before) for name in different):
        return "not applied"
    return "changed"


def _key(value: Any) -> Any:
    """Return a reference as its key: its type may be a base of the concrete one."""
    return value.key if isinstance(value, Reference) else value


def _holds(
    type_info: TypeInfo, name: str, row: Mapping[str, Any], values: Mapping[str, Any]
) -> bool:
    return agrees(type_info, type_info.by_server_name[name], row, values[name])


def _decide(batch: Batch, outcomes: Sequence[OperationOutcome]) -> Outcome:
    verdicts = dict(zip((index for index, _ in batch.entries()), outcomes, strict=True))
    proofs = {verdicts[index].verdict for index in batch.made_keys if index in verdicts}
    if "applied" in proofs:
        return "applied"
    others = {
        outcome.verdict
        for index, outcome in verdicts.items()
        if index not in batch.made_keys
    } - {"no evidence"}
    if proofs:
        # Rows with keys made here are not there: not applied, or deleted since, which
        # everything else would show. A value that another client has written since
        # must not be overwritten by sending again.
        is_unsure = others == {"applied"} or "changed" in others
        return "unknown" if is_unsure else "not applied"
    if others == {"applied"}:
        return "applied"
    return "not applied" if others <= {"not applied"} else "unknown"
