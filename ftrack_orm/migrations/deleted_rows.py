"""Read the rows that a plan deletes, and count those that a server deletes with them.

The row of an entity on which no other depends can be created again. A delete that takes
other entities with it cannot be undone; the plan lists their numbers by type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed
from ftrack_orm.schema.ownership import ATTACHED, OWNED, dependents
from ftrack_orm.types import JSON, Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.migrations.wire_values import WireValues

_KEYS_PER_QUERY: Final = 500
_QUERIES_PER_REQUEST: Final = 10


def type_names(type_info: TypeInfo) -> Iterator[str]:
    """Yield the name of a type and those of its bases."""
    base: TypeInfo | None = type_info
    while base is not None:
        yield base.name
        base = base.base


def has_dependents(type_info: TypeInfo) -> bool:
    """Return whether a server deletes other entities with those of a type."""
    return any(name in OWNED for name in type_names(type_info))


def creatable_names(type_info: TypeInfo) -> list[str]:
    """Return the server names of the stored scalars that a create may send."""
    return [
        attribute.server_name
        for attribute in type_info.stored_scalars
        if not attribute.read_only or attribute.server_name in type_info.primary_key
    ]


def row_data(
    type_info: TypeInfo, row: Mapping[str, Any], wire: WireValues
) -> dict[str, JSON]:
    """Return the values that a row is created with, without its key of one value."""
    single = type_info.primary_key if len(type_info.primary_key) == 1 else ()
    return {
        name: wire.from_row(type_info, name, row)
        for name in creatable_names(type_info)
        if name not in single
    }


class CascadeCounter:
    """Counts the entities that a server deletes with others.

    Attributes:
        members: the entities that were counted, each with the one whose delete takes
            it along. An entity that several would take is counted once.
    """

    def __init__(
        self,
        type_info_of: Callable[[str], TypeInfo],
        fetch_rows: Callable[[list[str]], Iterable[Iterable[Mapping[str, Any]]]],
        *,
        is_gone: Callable[[str, Reference], bool] = lambda attribute, row: False,
    ) -> None:
        """Store the arguments; nothing is sent.

        Args:
            type_info_of: returns a type by name.
            fetch_rows: returns the rows of each of some queries, from one request.
            is_gone: whether a row will be deleted, or an attribute of it will have
                another owner, by the time of the deletes.
        """
        self._info = type_info_of
        self._fetch_rows = fetch_rows
        self._is_gone = is_gone
        self.members: dict[Reference, Reference] = {}

    def count(self, references: Sequence[Reference]) -> dict[Reference, dict[str, int]]:
        """Return the numbers of entities deleted with each of `references`, by type.

        Sends one request for each level of the hierarchy below them.
        """
        counts: dict[Reference, dict[str, int]] = {ref: {} for ref in references}
        # Each deleted key, with the reference that it is deleted with.
        level = {
            (self._info(ref.entity_type), ref.key[0]): ref
            for ref in references
            if len(ref.key) == 1
        }
        seen: set[Reference] = set(references)
        while level:
            level = self._next_level(level, counts, seen)
        return counts

    def _next_level(
        self,
        level: Mapping[tuple[TypeInfo, Any], Reference],
        counts: dict[Reference, dict[str, int]],
        seen: set[Reference],
    ) -> dict[tuple[TypeInfo, Any], Reference]:
        below: dict[tuple[TypeInfo, Any], Reference] = {}
        origins = {key: origin for (_, key), origin in level.items()}
        for attribute, row in self._rows(level):
            type_info = self._info(str(row["__entity_type__"]))
            key = tuple(row[name] for name in type_info.primary_key)
            member = Reference(type_info.name, key)
            origin = origins.get(row.get(attribute))
            if origin is None or member in seen or self._is_gone(attribute, member):
                continue
            seen.add(member)
            self.members[member] = origin
            counted = counts[origin]
            counted[type_info.name] = counted.get(type_info.name, 0) + 1
            if len(key) == 1:
                below[type_info, key[0]] = origin
        return below

    def _rows(
        self, level: Mapping[tuple[TypeInfo, Any], Reference]
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the rows that depend on a level, each with the attribute that does."""
        owners: dict[tuple[str, str], dict[Any, None]] = {}
        for type_info, key in level:
            for target, attribute in _dependents(type_info):
                owners.setdefault((target, attribute), {})[key] = None
        queries = [
            (attribute, text)
            for (target, attribute), keys in owners.items()
            for text in self._expressions(target, attribute, list(keys))
        ]
        for start in range(0, len(queries), _QUERIES_PER_REQUEST):
            chunk = queries[start : start + _QUERIES_PER_REQUEST]
            results = self._fetch_rows([text for _, text in chunk])
            for (attribute, _), rows in zip(chunk, results, strict=True):
                for row in rows:
                    yield attribute, row

    def _expressions(
        self, target: str, attribute: str, keys: Sequence[Any]
    ) -> Iterator[str]:
        try:
            type_info = self._info(target)
        except UnknownEntityTypeError:
            return
        if attribute not in type_info.by_server_name:
            return
        names = dict.fromkeys((*type_info.primary_key, attribute))
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            part = [(key,) for key in keys[start : start + _KEYS_PER_QUERY]]
            yield compile_query(
                ast.Query(
                    target,
                    tuple(map(ast.PathExpression.of, names)),
                    criteria=keyed((attribute,), part),
                )
            )


def _dependents(type_info: TypeInfo) -> Iterable[tuple[str, str]]:
    # Rows of mapped attributes, history rows and link rows are rows of their owner:
    # nothing is attached to them.
    if type_info.name in {name for name, _ in ATTACHED} - {"Note", "ListObject"}:
        return ()
    return dependents(type_names(type_info))
