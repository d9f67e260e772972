"""Rows for a tree of projections: one statement for each relation of the tree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import sqlalchemy as sa

from ftrack_orm.emulator.access.access import Access
from ftrack_orm.emulator.blobs.signed_urls import Sign
from ftrack_orm.emulator.query_engine.computed import ComputedAttributes
from ftrack_orm.emulator.query_engine.projection import (
    ProjectionNode,
    RequestedAttribute,
    system_projections,
)
from ftrack_orm.emulator.query_engine.response_encoder import Decode, decoder
from ftrack_orm.emulator.query_engine.scopes import (
    DERIVED,
    Clock,
    Expression,
    Scope,
    association_rows,
    latest_version,
)
from ftrack_orm.emulator.storage.storage import Connection, is_among
from ftrack_orm.emulator.storage.tables import ORDER, TYPE, Tables
from ftrack_orm.errors.emulator import UnsupportedError
from ftrack_orm.schema.model import AttributeKind
from ftrack_orm.schema.relations import (
    Association,
    Computed,
    ForeignKey,
    Relation,
    Reverse,
)

Row: TypeAlias = Sequence[Any]
Key: TypeAlias = Any
"""An entity among those of a level: its id, or a tuple where keys have several."""

_TYPE_POSITION = 0


@dataclass(slots=True)
class Related:
    """The entities that one relation of a level leads to.

    Attributes:
        level: where they are.
        members: for each owner the keys of a collection's members, in order; for
            links the one target.
    """

    level: Level
    members: dict[Key, list[Key]] = field(default_factory=dict)


@dataclass(slots=True)
class Level:
    """The rows of one node.

    Attributes:
        node: what is asked of them.
        key: positions of the key's values in a row.
        rows: row by key.
        positions: position in a row by attribute.
        values: computed values, attribute to key to value.
        related: what the relations lead to, by downcast and name.
    """

    node: ProjectionNode
    key: tuple[int, ...] = ()
    rows: dict[Key, Row] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    values: dict[str, dict[Key, Any]] = field(default_factory=dict)
    related: dict[tuple[str | None, str], Related] = field(default_factory=dict)

    def key_of(self, row: Row) -> Key:
        """Return the key of a row."""
        if len(self.key) == 1:
            return row[self.key[0]]
        return tuple(row[position] for position in self.key)

    def add(self, rows: Iterable[Row]) -> None:
        """Keep rows by their keys."""
        key_of = self.key_of
        for row in rows:
            self.rows[key_of(row)] = row


class RowLoader:
    """Loads levels within one transaction, without what `access` hides."""

    def __init__(
        self,
        tables: Tables,
        connection: Connection,
        clock: Clock,
        access: Access,
        sign: Sign,
    ) -> None:
        self._tables = tables
        self._connection = connection
        self._clock = clock
        self._access = access
        self._computer = ComputedAttributes(tables, connection, sign)

    def prepare(
        self, node: ProjectionNode, scope: Scope
    ) -> tuple[Level, list[Expression]]:
        """Return an empty level and the columns its rows have to be made of."""
        level = Level(node)
        columns: list[Expression] = [scope.type_column]
        level.positions[TYPE] = _TYPE_POSITION

        def need(name: str) -> int:
            if name not in level.positions:
                level.positions[name] = len(columns)
                _, expression = (
                    (None, scope.source.c[name])
                    if name in scope.source.c
                    else scope.value(name, self._clock)
                )
                columns.append(expression)
            return level.positions[name]

        schema = self._tables.schema
        key = schema[node.entity_type].primary_key
        level.key = tuple(need(name) for name in key)
        for subtype in self._tables.subtypes(node.entity_type):
            for name in system_projections(schema[subtype]):
                if name in scope.source.c:
                    need(name)
        for requested in node.requested.values():
            for name in self._needed(requested, scope):
                need(name)
        return level, columns

    def complete(self, level: Level) -> None:
        """Load what the rows of a level lead to, and what is computed of them."""
        for (downcast, name), requested in level.node.requested.items():
            if requested.node is not None:
                level.related[downcast, name] = self._relate(level, requested)
            elif name not in level.positions and name not in level.values:
                level.values[name] = self._compute(level, requested)

    # -- columns and computed values ---------------------------------------------

    def _needed(self, requested: RequestedAttribute, scope: Scope) -> list[str]:
        name = requested.attribute.name
        if requested.node is not None:
            relation = self._tables.relations.of(requested.owner, name)
            if isinstance(relation, ForeignKey):
                return [*relation.composite] or [relation.local or ""]
            # An asset's ancestors begin with the context it belongs to.
            is_asset = isinstance(relation, Computed) and requested.owner == "Asset"
            return ["context_id"] if is_asset else []
        if name in scope.source.c or name in DERIVED:
            return [name]
        attributes = self._tables.schema[requested.owner].attributes
        return self._computer.needs(name, attributes)

    def _compute(self, level: Level, requested: RequestedAttribute) -> dict[Key, Any]:
        name = requested.attribute.name
        having = {
            key: {each: row[at] for each, at in level.positions.items()}
            for key, row in level.rows.items()
            if name in self._tables.schema[row[_TYPE_POSITION]].attributes
        }
        return self._computer.values(name, having) if having else {}

    # -- relations ---------------------------------------------------------------

    def _relate(self, level: Level, requested: RequestedAttribute) -> Related:
        assert requested.node is not None  # noqa: S101 - only relations come here
        relation = self._tables.relations.of(requested.owner, requested.attribute.name)
        scope = Scope(self._tables, requested.node.entity_type, self._access)
        found, columns = self.prepare(requested.node, scope)
        related = Related(found)
        # Kinds beside the owner may have a relation of the same name to something else.
        kinds = set(self._tables.subtypes(requested.owner))
        owners = [
            key for key, row in level.rows.items() if row[_TYPE_POSITION] in kinds
        ]
        if owners:
            self._fetch(relation, level, owners, scope, columns, related)
            self.complete(found)
        return related

    def _fetch(
        self,
        relation: Relation,
        level: Level,
        owners: list[Key],
        scope: Scope,
        columns: list[Expression],
        related: Related,
    ) -> None:
        match relation:
            case ForeignKey():
                self._fetch_links(relation, level, owners, scope, columns, related)
            case Reverse():
                owner = scope.source.c[relation.remote]
                statement = sa.select(*columns, owner).where(
                    is_among(owner, owners),
                    *(scope.source.c[k] == v for k, v in relation.filters.items()),
                    *scope.seen(),
                )
                self._collect(statement.order_by(scope.sorting), related)
            case Association():
                rows = association_rows(self._tables, relation)
                joined = sa.join(
                    rows, scope.source, scope.source.c.id == rows.c[relation.far]
                )
                statement = (
                    sa.select(*columns, rows.c[relation.near])
                    .select_from(joined)
                    .where(is_among(rows.c[relation.near], owners), *scope.seen())
                    .order_by(rows.c[ORDER])
                )
                self._collect(statement, related)
            case Computed():
                self._fetch_computed(relation, level, owners, scope, columns, related)
            case _:
                raise UnsupportedError(f"selecting {relation.target} here")

    def _collect(self, statement: sa.Select[Any], related: Related) -> None:
        """Keep members by their owner, whose key is the last column."""
        level = related.level
        key_of = level.key_of
        for row in self._connection.execute(statement):
            key = key_of(row)
            level.rows[key] = row
            related.members.setdefault(row[-1], []).append(key)

    def _fetch_links(
        self,
        relation: ForeignKey,
        level: Level,
        owners: list[Key],
        scope: Scope,
        columns: list[Expression],
        related: Related,
    ) -> None:
        names = relation.composite or (relation.local or "",)
        at = [level.positions[name] for name in names]
        if len(at) == 1:
            (only,) = at
            keys = {owner: level.rows[owner][only] for owner in owners}
            requested = [key for key in set(keys.values()) if key is not None]
        else:
            keys = {
                owner: tuple(level.rows[owner][each] for each in at) for owner in owners
            }
            requested = [key[0] for key in set(keys.values()) if key[0] is not None]
        if requested:
            first = scope.key[0]
            statement = sa.select(*columns).where(is_among(first, requested))
            rows = self._connection.execute(statement.where(*scope.seen()))
            related.level.add(rows)
        present = related.level.rows
        related.members = {
            owner: [key] for owner, key in keys.items() if key in present
        }

    def _fetch_computed(
        self,
        relation: Computed,
        level: Level,
        owners: list[Key],
        scope: Scope,
        columns: list[Expression],
        related: Related,
    ) -> None:
        source = scope.source.c
        if relation.rule == "custom_attributes":
            statement = sa.select(*columns, source.entity_id).where(
                is_among(source.entity_id, owners), *scope.seen()
            )
            self._collect(statement.order_by(scope.sorting), related)
        elif relation.rule == "latest_version":
            statement = sa.select(*columns, source.asset_id).where(
                is_among(source.asset_id, owners),
                source.id == latest_version(self._tables, source.asset_id),
                *scope.seen(),
            )
            self._collect(statement, related)
        elif relation.rule == "ancestors":
            self._fetch_ancestors(level, owners, scope, columns, related)
        else:
            self._fetch_descendants(owners, scope, columns, related)

    def _fetch_ancestors(
        self,
        level: Level,
        owners: list[Key],
        scope: Scope,
        columns: list[Expression],
        related: Related,
    ) -> None:
        """Keep those above each owner, from the top down."""
        at = level.positions.get("context_id")
        starts = {
            owner: owner if at is None else level.rows[owner][at] for owner in owners
        }
        requested = list({key for key in starts.values() if key is not None})
        tree = self._computer.ancestry("Context", requested)
        statement = sa.select(*columns).where(is_among(scope.source.c.id, list(tree)))
        related.level.add(self._connection.execute(statement.where(*scope.seen())))
        for owner, start in starts.items():
            chain: list[Key] = []
            current = tree.get(start)
            if at is None and current is not None:
                current = tree.get(current[1])
            while current is not None and current[0] not in chain:
                chain.append(current[0])
                current = tree.get(current[1])
            related.members[owner] = [
                key for key in reversed(chain) if key in related.level.rows
            ]

    def _fetch_descendants(
        self,
        owners: list[Key],
        scope: Scope,
        columns: list[Expression],
        related: Related,
    ) -> None:
        """Keep those below each owner, in order of insertion."""
        contexts = self._tables.table("Context")
        start = sa.select(contexts.c.parent_id.label("origin"), contexts.c.id)
        tree = start.where(is_among(contexts.c.parent_id, owners)).cte(recursive=True)
        below = contexts.alias()
        step = sa.select(tree.c.origin, below.c.id).where(
            below.c.parent_id == tree.c.id
        )
        tree = tree.union(step)
        statement = (
            sa.select(*columns, tree.c.origin)
            .where(scope.source.c.id == tree.c.id, *scope.seen())
            .order_by(scope.sorting)
        )
        self._collect(statement, related)


@dataclass(slots=True)
class EncodedColumns:
    """One attribute of a type's entities in a response.

    Attributes:
        name: the attribute.
        token: stands for what is asked of it.
        position: its value's place in a row, for stored values.
        decode: stored value to JSON.
        values: computed values by key.
        related: what it leads to, for relations.
        is_link: whether it leads to one entity.
    """

    name: str
    token: int
    position: int | None = None
    decode: Decode | None = None
    values: dict[Key, Any] | None = None
    related: Related | None = None
    is_link: bool = False


def encoded_columns(
    level: Level, downcast: str | None, requested: RequestedAttribute, token: int
) -> EncodedColumns:
    """Return how an attribute of a level's rows is shown."""
    name = requested.attribute.name
    if requested.node is not None:
        return EncodedColumns(
            name,
            token,
            related=level.related.get((downcast, name)),
            is_link=requested.attribute.kind is AttributeKind.LINK,
        )
    if name in level.values:
        return EncodedColumns(name, token, values=level.values[name])
    return EncodedColumns(
        name, token, position=level.positions[name], decode=decoder(requested.attribute)
    )
