"""Load the rows of a tree of projections, by one statement for each relation."""

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
    DERIVED_ATTRIBUTES,
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
"""The key of an entity within its level: one value, or a tuple of several."""

_TYPE_POSITION = 0


@dataclass(slots=True)
class RelatedRows:
    """The entities to which one relation of a level leads.

    Attributes:
        level: the level with their rows.
        members: by the owner's key, the keys of a collection's members in order, or
            of a link's target.
    """

    level: Level
    members: dict[Key, list[Key]] = field(default_factory=dict)


@dataclass(slots=True)
class Level:
    """The rows of one node.

    Attributes:
        node: the requested attributes.
        key: positions of the key's values in a row.
        rows: rows by key.
        positions: positions in a row, by attribute.
        values: computed values, by attribute and key.
        related: related entities, by downcast and name of the relation.
    """

    node: ProjectionNode
    key: tuple[int, ...] = ()
    rows: dict[Key, Row] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    values: dict[str, dict[Key, Any]] = field(default_factory=dict)
    related: dict[tuple[str | None, str], RelatedRows] = field(default_factory=dict)

    def key_of(self, row: Row) -> Key:
        """Return the key of a row."""
        if len(self.key) == 1:
            return row[self.key[0]]
        return tuple(row[position] for position in self.key)

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows by their keys."""
        key_of = self.key_of
        for row in rows:
            self.rows[key_of(row)] = row


class RowLoader:
    """Load levels within one transaction, without the rows that `access` hides."""

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
        """Return an empty level and the columns that its rows must have."""
        level = Level(node)
        columns: list[Expression] = [scope.type_column]
        level.positions[TYPE] = _TYPE_POSITION

        def add_column(name: str) -> int:
            if name not in level.positions:
                level.positions[name] = len(columns)
                if name in scope.source.c:
                    columns.append(scope.source.c[name])
                else:
                    columns.append(scope.value(name, self._clock)[1])
            return level.positions[name]

        schema = self._tables.schema
        key = schema[node.entity_type].primary_key
        level.key = tuple(add_column(name) for name in key)
        for subtype in self._tables.subtypes(node.entity_type):
            for name in system_projections(schema[subtype]):
                if name in scope.source.c:
                    add_column(name)
        for requested in node.requested.values():
            for name in self._required_columns(requested, scope):
                add_column(name)
        return level, columns

    def complete(self, level: Level) -> None:
        """Load the related entities and the computed values of a level's rows."""
        for (downcast, name), requested in level.node.requested.items():
            if requested.node is not None:
                level.related[downcast, name] = self._load_relation(level, requested)
            elif name not in level.positions and name not in level.values:
                level.values[name] = self._compute(level, requested)

    # -- columns and computed values ---------------------------------------------

    def _required_columns(
        self, requested: RequestedAttribute, scope: Scope
    ) -> list[str]:
        name = requested.attribute.name
        if requested.node is not None:
            relation = self._tables.relations.of(requested.owner, name)
            if isinstance(relation, ForeignKey):
                return [*relation.composite] or [relation.local or ""]
            # An asset's ancestors begin with the context it belongs to.
            is_asset = isinstance(relation, Computed) and requested.owner == "Asset"
            return ["context_id"] if is_asset else []
        if name in scope.source.c or name in DERIVED_ATTRIBUTES:
            return [name]
        attributes = self._tables.schema[requested.owner].attributes
        return self._computer.source_attributes(name, attributes)

    def _compute(self, level: Level, requested: RequestedAttribute) -> dict[Key, Any]:
        name = requested.attribute.name
        rows = {
            key: {column: row[index] for column, index in level.positions.items()}
            for key, row in level.rows.items()
            if name in self._tables.schema[row[_TYPE_POSITION]].attributes
        }
        return self._computer.values(name, rows) if rows else {}

    # -- relations ---------------------------------------------------------------

    def _load_relation(
        self, level: Level, requested: RequestedAttribute
    ) -> RelatedRows:
        assert requested.node is not None  # noqa: S101 - only relations come here
        relation = self._tables.relations.of(requested.owner, requested.attribute.name)
        scope = Scope(self._tables, requested.node.entity_type, self._access)
        related_level, columns = self.prepare(requested.node, scope)
        related = RelatedRows(related_level)
        # Other subtypes of the level may have a relation of this name to another type.
        owner_types = set(self._tables.subtypes(requested.owner))
        owners = [
            key for key, row in level.rows.items() if row[_TYPE_POSITION] in owner_types
        ]
        if owners:
            self._fetch(relation, level, owners, scope, columns, related)
            self.complete(related_level)
        return related

    def _fetch(
        self,
        relation: Relation,
        level: Level,
        owners: list[Key],
        scope: Scope,
        columns: list[Expression],
        related: RelatedRows,
    ) -> None:
        match relation:
            case ForeignKey():
                self._fetch_links(relation, level, owners, scope, columns, related)
            case Reverse():
                owner = scope.source.c[relation.remote]
                statement = sa.select(*columns, owner).where(
                    is_among(owner, owners),
                    *(scope.source.c[k] == v for k, v in relation.filters.items()),
                    *scope.row_conditions(),
                )
                self._collect(statement.order_by(scope.sort_value), related)
            case Association():
                rows = association_rows(self._tables, relation)
                joined = sa.join(
                    rows, scope.source, scope.source.c.id == rows.c[relation.far]
                )
                statement = (
                    sa.select(*columns, rows.c[relation.near])
                    .select_from(joined)
                    .where(
                        is_among(rows.c[relation.near], owners), *scope.row_conditions()
                    )
                    .order_by(rows.c[ORDER])
                )
                self._collect(statement, related)
            case Computed():
                self._fetch_computed(relation, level, owners, scope, columns, related)
            case _:
                raise UnsupportedError(f"selecting {relation.target} here")

    def _collect(self, statement: sa.Select[Any], related: RelatedRows) -> None:
        """Add the rows of members; their last column is the key of the owner."""
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
        related: RelatedRows,
    ) -> None:
        names = relation.composite or (relation.local or "",)
        positions = [level.positions[name] for name in names]
        keys: dict[Key, Key]
        if len(positions) == 1:
            keys = {owner: level.rows[owner][positions[0]] for owner in owners}
            target_ids = [key for key in set(keys.values()) if key is not None]
        else:
            keys = {
                owner: tuple(level.rows[owner][position] for position in positions)
                for owner in owners
            }
            # The first column of a composite key selects a superset of the targets.
            target_ids = [key[0] for key in set(keys.values()) if key[0] is not None]
        if target_ids:
            statement = sa.select(*columns).where(is_among(scope.key[0], target_ids))
            rows = self._connection.execute(statement.where(*scope.row_conditions()))
            targets = set(keys.values())
            key_of = related.level.key_of
            related.level.add(row for row in rows if key_of(row) in targets)
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
        related: RelatedRows,
    ) -> None:
        source = scope.source.c
        if relation.rule == "custom_attributes":
            statement = sa.select(*columns, source.entity_id).where(
                is_among(source.entity_id, owners), *scope.row_conditions()
            )
            self._collect(statement.order_by(scope.sort_value), related)
        elif relation.rule == "latest_version":
            statement = sa.select(*columns, source.asset_id).where(
                is_among(source.asset_id, owners),
                source.id == latest_version(self._tables, source.asset_id),
                *scope.row_conditions(),
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
        related: RelatedRows,
    ) -> None:
        """Add the ancestors of each owner, from the top down."""
        position = level.positions.get("context_id")
        starts = {
            owner: owner if position is None else level.rows[owner][position]
            for owner in owners
        }
        requested = list({key for key in starts.values() if key is not None})
        tree = self._computer.ancestry("Context", requested)
        statement = sa.select(*columns).where(is_among(scope.source.c.id, list(tree)))
        related.level.add(
            self._connection.execute(statement.where(*scope.row_conditions()))
        )
        for owner, start in starts.items():
            chain: list[Key] = []
            current = tree.get(start)
            if position is None and current is not None:
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
        related: RelatedRows,
    ) -> None:
        """Add the descendants of each owner, in order of insertion."""
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
            .where(scope.source.c.id == tree.c.id, *scope.row_conditions())
            .order_by(scope.sort_value)
        )
        self._collect(statement, related)


@dataclass(slots=True)
class AttributeEncoding:
    """The place of an attribute's values, and their decoder.

    Attributes:
        name: the attribute.
        token: identifies the request of the attribute, see `ResponseEncoder.token`.
        position: the position in a row, for stored values.
        decode: converts a stored value to JSON.
        values: computed values by key.
        related: the related entities, for relations.
        is_link: whether the relation leads to one entity.
    """

    name: str
    token: int
    position: int | None = None
    decode: Decode | None = None
    values: dict[Key, Any] | None = None
    related: RelatedRows | None = None
    is_link: bool = False


def attribute_encoding(
    level: Level, requested: RequestedAttribute, token: int
) -> AttributeEncoding:
    """Return the encoding of an attribute of a level's rows."""
    name = requested.attribute.name
    if requested.node is not None:
        return AttributeEncoding(
            name,
            token,
            related=level.related.get((requested.downcast, name)),
            is_link=requested.attribute.kind is AttributeKind.LINK,
        )
    if name in level.values:
        return AttributeEncoding(name, token, values=level.values[name])
    return AttributeEncoding(
        name, token, position=level.positions[name], decode=decoder(requested.attribute)
    )
