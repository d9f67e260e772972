"""Represent the rows of a condition: a table read as one type, and its joins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from ftrack_orm.emulator.access.access import Access
from ftrack_orm.emulator.query_engine.aliases import Aliases
from ftrack_orm.emulator.query_engine.names import (
    QueryNameError,
    check_downcast,
    find_attribute,
    owners_of,
)
from ftrack_orm.emulator.storage.tables import (
    LINK_FROM_ROOT,
    ORDER,
    Tables,
    is_dense,
    is_virtual,
)
from ftrack_orm.errors.emulator import UnsupportedError
from ftrack_orm.schema.model import Attribute, AttributeKind
from ftrack_orm.schema.relations import (
    Association,
    Computed,
    ForeignKey,
    Relation,
    Reverse,
)

Condition: TypeAlias = sa.ColumnElement[bool]
Expression: TypeAlias = sa.ColumnElement[Any]
Clock: TypeAlias = Callable[[], datetime]


DERIVED_ATTRIBUTES: Final = frozenset({"is_latest_version", "is_open", "thumbnail_id"})
"""Attributes that are computed as a SQL expression where no column stores them."""


class Scope:
    """The rows of one type, with the targets of their links joined on demand.

    Each link is joined once, by an outer join: rows without a target stay, with null
    for the target's values, and conditions on the same link share the join. A link
    that `require_link` names is joined by an inner join, so that the database may
    start at the target.

    Attributes:
        tables: the tables of the storage.
        entity_type: the type that the rows are read as.
        access: the user's access; rows that it hides are left out.
        source: the table or view, under an alias that no other scope of the statement
            uses.
        is_root: whether the rows are those of a query, not behind a relation.
    """

    def __init__(
        self,
        tables: Tables,
        entity_type: str,
        access: Access,
        *,
        aliases: Aliases | None = None,
        is_root: bool = False,
    ) -> None:
        """Read a type's rows, by default in a statement without other scopes."""
        self.tables = tables
        self.entity_type = entity_type
        self.access = access
        self.is_root = is_root
        self._aliases = aliases or Aliases(tables)
        self.source = self._aliases.take(entity_type)
        self._links: dict[tuple[str, str | None], Scope] = {}
        self._joins: list[tuple[sa.FromClause, Condition]] = []
        self._required: set[sa.FromClause] = set()
        # Joins of joined scopes are collected in the scope of the statement's rows.
        self._join_root: Scope = self

    @property
    def order(self) -> Expression:
        """Return the column of the default order, the order of insertion."""
        return self.source.c[ORDER]

    @property
    def sort_value(self) -> Expression:
        """Return the default order as an expression that uses no index."""
        # Ordered by the bare column, SQLite may scan the whole table in that order
        # instead of looking up the few rows by an index and sorting them.
        return self.order + sa.literal_column("0")

    @property
    def type_column(self) -> Expression:
        """Return the column that holds the concrete type."""
        return self.source.c[self.tables.type_column(self.entity_type)]

    @property
    def key(self) -> tuple[Expression, ...]:
        """Return the columns of the primary key."""
        names = self.tables.schema[self.entity_type].primary_key
        return tuple(self.source.c[name] for name in names)

    def row_conditions(self) -> list[Condition]:
        """Return the conditions on the type of the rows and on the user's access.

        Every statement that reads rows for a client includes them.
        """
        visible = self.access.visible(self.tables, self.entity_type, self.source)
        return [*self._of_type(), *visible]

    def _of_type(self) -> list[Condition]:
        """Return the condition on the type; none when the table has no other type."""
        root = self.tables.root(self.entity_type)
        if self.entity_type in (root, LINK_FROM_ROOT) or is_dense(self.entity_type):
            return []
        names = self.tables.subtypes(self.entity_type)
        if len(names) == 1:
            return [self.type_column == names[0]]
        return [self.type_column.in_(names)]

    def rows(self) -> sa.FromClause:
        """Return the source with its joins so far."""
        return self._with_joins(self.source)

    def _with_joins(self, rows: sa.FromClause) -> sa.FromClause:
        """Return `rows` with the joins of this scope."""
        # Inner joins go first: SQLite moves no table across an outer join.
        for source, on in self._joins:
            if source in self._required:
                rows = sa.join(rows, source, on)
        for source, on in self._joins:
            if source not in self._required:
                rows = sa.outerjoin(rows, source, on)
        return rows

    def attribute(self, name: str) -> tuple[str, Attribute]:
        """Return the type that declares an attribute, and the attribute.

        Raises:
            QueryNameError: there is no such attribute.
        """
        return find_attribute(
            self.tables.schema, self.entity_type, name, is_root=self.is_root
        )

    # -- values ------------------------------------------------------------------

    def value(
        self, name: str, clock: Clock, downcast: str | None = None
    ) -> tuple[Attribute, Expression]:
        """Return an attribute and the SQL of its value.

        The value of a link is the key of its target; with a downcast it is null for
        targets of other types.

        Raises:
            QueryNameError: there is no such attribute, or it has no SQL.
        """
        owner, attribute = self.attribute(name)
        if downcast is not None and attribute.kind is AttributeKind.LINK:
            return attribute, self.link(name, downcast).key[0]
        if attribute.is_relation:
            return attribute, self._link_value(owner, attribute)
        if downcast is not None:
            raise QueryNameError(owner, name, "it is no relation")
        if name in self.source.c:
            return attribute, self.source.c[name]
        if name == "is_latest_version":
            return attribute, self._is_latest_version()
        if name == "is_open" and is_virtual(owner, attribute):
            return attribute, self._is_open(clock)
        if name == "thumbnail_id":
            return attribute, self._thumbnail_of_source()
        raise QueryNameError(
            owner, name, "it is computed and cannot be filtered or sorted by"
        )

    def _link_value(self, owner: str, attribute: Attribute) -> Expression:
        value = self._link_key(owner, attribute.name)
        target = self.tables.relations.of(owner, attribute.name).target
        if self.access.hides(self.tables, target):
            # The link of a target that the user may not read has the value null.
            return self.link(attribute.name).key[0]
        return value

    def _link_key(self, owner: str, name: str) -> Expression:
        """Return the SQL of a link's stored key, even if no target has it."""
        relation = self.tables.relations.of(owner, name)
        if isinstance(relation, ForeignKey) and relation.local is not None:
            return self.source.c[relation.local]
        if isinstance(relation, Computed) and relation.rule == "latest_version":
            return latest_version(self.tables, self.source.c.id)
        raise QueryNameError(
            owner,
            name,
            "a relation has no value, name an attribute of it or use any ()",
        )

    def _is_latest_version(self) -> Expression:
        versions = self.tables.table("AssetVersion").alias()
        later = sa.select(sa.literal(1)).where(
            versions.c.asset_id == self.source.c.asset_id,
            versions.c.version > self.source.c.version,
        )
        return sa.case((later.exists(), 0), else_=1)

    def _is_open(self, clock: Clock) -> Expression:
        # Stored datetimes have second precision and no offset; they compare as text.
        now = clock().replace(tzinfo=None, microsecond=0).isoformat()
        start, end = self.source.c.start_date, self.source.c.end_date
        is_closed = sa.or_(start > now, end < now)
        return sa.case((is_closed, 0), else_=1)

    def _thumbnail_of_source(self) -> Expression:
        """Return the SQL of the picture of a review session's source version."""
        versions = self.tables.table("AssetVersion").alias()
        source = versions.c.id == self.source.c.thumbnail_source_id
        return sa.select(versions.c.thumbnail_id).where(source).scalar_subquery()

    def _relation(self, name: str) -> tuple[str, Relation]:
        """Return the type that declares a relation, and the relation.

        Raises:
            QueryNameError: there is no such attribute.
            UnsupportedError: subtypes declare it with different targets.
        """
        owner, _ = self.attribute(name)
        schema, relations = self.tables.schema, self.tables.relations
        relation = relations.of(owner, name)
        other_owners = [
            entity_type
            for entity_type in owners_of(schema, self.entity_type, name)
            if schema[entity_type].attributes[name].is_relation
            and relations.of(entity_type, name) != relation
        ]
        if other_owners:
            raise UnsupportedError(
                f"a condition on {name!r} of {self.entity_type}, which has a different "
                f"target for each of {', '.join([owner, *other_owners])}: query one of "
                "these types"
            )
        return owner, relation

    # -- links -------------------------------------------------------------------

    def link(self, name: str, downcast: str | None = None) -> Scope:
        """Return the scope of a link's targets, joined to this one.

        Raises:
            QueryNameError: it is no link, or the emulator does not store it.
        """
        target = self._links.get((name, downcast))
        if target is None:
            owner, relation = self._relation(name)
            if not isinstance(relation, (ForeignKey, Computed)):
                raise QueryNameError(owner, name, "it is not stored by the emulator")
            check_downcast(self.tables.schema, relation.target, downcast)
            target = self._other_scope(downcast or relation.target)
            on = [
                *self._join_conditions(owner, name, target),
                *self._type_conditions(name),
            ]
            self._join_root._joins.append((target.source, sa.and_(*on)))
            target._join_root = self._join_root
            self._links[name, downcast] = target
        return target

    def _join_conditions(self, owner: str, name: str, target: Scope) -> list[Condition]:
        relation = self.tables.relations.of(owner, name)
        if isinstance(relation, ForeignKey) and relation.composite:
            on = [
                key == self.source.c[local]
                for key, local in zip(target.key, relation.composite, strict=True)
            ]
        else:
            on = [target.source.c.id == self._link_key(owner, name)]
        return [*on, *target.row_conditions()]

    def _type_conditions(self, name: str) -> list[Condition]:
        """Return the condition that a row's type has the attribute, unless all have."""
        # The column alone does not decide it: a project stores its id as `project_id`
        # and has no link `project`.
        schema = self.tables.schema
        if name in schema[self.entity_type].attributes:
            return []
        subtypes = schema.subtypes(self.entity_type)
        declaring = [subtype.name for subtype in subtypes if name in subtype.attributes]
        return [self.type_column.in_(declaring)]

    def require_link(self, name: str, downcast: str | None) -> Scope:
        """Return the scope of a link's targets, and leave out rows without one.

        This scope must be the scope of the rows, or itself a required link.
        """
        target = self.link(name, downcast)
        self._join_root._required.add(target.source)
        return target

    # -- collections -------------------------------------------------------------

    def outer_join_members(self, name: str, downcast: str | None = None) -> Scope:
        """Return the scope of a collection's members, joined to this one.

        The join repeats an owner for each of its members and has one row for an owner
        without any, so it serves the values of subqueries, not the rows of results.

        Raises:
            QueryNameError: the emulator does not store the collection.
        """
        relation, member = self._member(name, downcast)
        columns, member_columns = self.source.c, member.source.c
        joins: list[tuple[sa.FromClause, Condition]] = []
        if isinstance(relation, Reverse):
            on = [member_columns[relation.remote] == columns.id]
            on += [
                member_columns[column] == value
                for column, value in relation.filters.items()
            ]
        elif isinstance(relation, Association):
            rows = association_rows(self.tables, relation)
            joins.append((rows, rows.c[relation.near] == columns.id))
            on = [member_columns.id == rows.c[relation.far]]
        elif relation.rule == "custom_attributes":
            on = [member_columns.entity_id == columns.id]
        else:
            pairs = _tree_pairs(self.tables)
            start_column, end_column = pairs.c.below, pairs.c.above
            if relation.rule == "descendants":
                start_column, end_column = end_column, start_column
            # An asset's ancestors begin with the context it belongs to.
            start = columns.id if "parent_id" in columns else columns.context_id
            joins.append((pairs, start_column == start))
            on = [member_columns.id == end_column, end_column != columns.id]
        joins.append((member.source, sa.and_(*on, *member.row_conditions())))
        self._join_root._joins += joins
        member._join_root = self._join_root
        return member

    def _member(
        self, name: str, downcast: str | None
    ) -> tuple[Reverse | Association | Computed, Scope]:
        """Return the relation of a collection, and a scope of all possible members."""
        owner, relation = self._relation(name)
        if not isinstance(relation, (Reverse, Association, Computed)):
            raise QueryNameError(owner, name, "it is not stored by the emulator")
        check_downcast(self.tables.schema, relation.target, downcast)
        return relation, self._other_scope(downcast or relation.target)

    def _other_scope(self, entity_type: str) -> Scope:
        """Return a scope of other rows for the same statement."""
        return Scope(self.tables, entity_type, self.access, aliases=self._aliases)

    def join_members(self, name: str, downcast: str | None) -> Scope | None:
        """Return the scope of a collection's members, joined by an inner join.

        The join repeats a row for each of its members. Returns ``None``, and joins
        nothing, where members do not store the key of their owner.
        """
        # A join lets the database start at the members; EXISTS runs once per row.
        relation, member = self._member(name, downcast)
        if not isinstance(relation, Reverse):
            return None
        member._join_root = self._join_root
        columns = member.source.c
        on = [
            columns[relation.remote] == self.source.c.id,
            *(columns[column] == value for column, value in relation.filters.items()),
            *member.row_conditions(),
        ]
        self._join_root._joins.append((member.source, sa.and_(*on)))
        self._join_root._required.add(member.source)
        return member

    def member_exists(
        self, name: str, downcast: str | None, criteria: Callable[[Scope], Condition]
    ) -> Condition:
        """Return the condition that some member of a collection meets `criteria`.

        Raises:
            QueryNameError: the emulator does not store the collection.
        """
        relation, member = self._member(name, downcast)
        conditions = [criteria(member), *member.row_conditions()]
        if isinstance(relation, Reverse):
            rows = sa.select(sa.literal(1)).select_from(member.rows())
            columns = member.source.c
            filters = relation.filters.items()
            return rows.where(
                columns[relation.remote] == self.source.c.id,
                *(columns[column] == value for column, value in filters),
                *conditions,
            ).exists()
        if isinstance(relation, Association):
            return self._associated_exists(relation, member, conditions)
        return self._computed_exists(relation, member, conditions)

    def _associated_exists(
        self, relation: Association, member: Scope, conditions: list[Condition]
    ) -> Condition:
        rows = association_rows(self.tables, relation)
        joined = sa.join(
            rows, member.source, member.source.c.id == rows.c[relation.far]
        )
        return (
            sa.select(sa.literal(1))
            .select_from(member._with_joins(joined))
            .where(rows.c[relation.near] == self.source.c.id, *conditions)
            .exists()
        )

    def _computed_exists(
        self, relation: Computed, member: Scope, conditions: list[Condition]
    ) -> Condition:
        """Return the condition for a collection that no row stores."""
        # Walk from the matching members to their owners: SQLite runs this recursion
        # once per query, and a recursion from each owner once per row.
        rows = sa.select(sa.literal(1)).select_from(member.rows())
        if relation.rule == "custom_attributes":
            entity = member.source.c.entity_id == self.source.c.id
            return rows.where(entity, *conditions).exists()
        contexts = self.tables.table("Context").alias()
        member_columns = member.source.c
        if relation.rule == "ancestors":
            start = sa.select(member_columns.id.label("id"))
            below = (
                start.select_from(member.rows()).where(*conditions).cte(recursive=True)
            )
            step = sa.select(contexts.c.id).where(contexts.c.parent_id == below.c.id)
            tree = below.union(step)
            parent = "parent_id" if "parent_id" in self.source.c else "context_id"
            return self.source.c[parent].in_(sa.select(tree.c.id))
        start = sa.select(member_columns.parent_id.label("id"))
        above = start.select_from(member.rows()).where(*conditions).cte(recursive=True)
        step = sa.select(contexts.c.parent_id).where(
            contexts.c.id == above.c.id, contexts.c.parent_id.is_not(None)
        )
        tree = above.union(step)
        return self.source.c.id.in_(sa.select(tree.c.id).where(tree.c.id.is_not(None)))


def association_rows(tables: Tables, relation: Association) -> sa.FromClause:
    """Return the association's table under a new alias."""
    if relation.hidden:
        return tables.associations[relation.through].alias()
    return tables.table(relation.through).alias()


def _tree_pairs(tables: Tables) -> sa.FromClause:
    """Return pairs of ids: each context with itself and with each of its ancestors."""
    contexts = tables.table("Context")
    start = sa.select(contexts.c.id.label("below"), contexts.c.id.label("above"))
    pairs = start.cte(recursive=True)
    step = contexts.alias()
    higher = sa.select(pairs.c.below, step.c.parent_id).where(
        step.c.id == pairs.c.above, step.c.parent_id.is_not(None)
    )
    return pairs.union(higher)


def latest_version(tables: Tables, asset_id: Expression) -> Expression:
    """Return the SQL of the id of an asset's highest version."""
    versions = tables.table("AssetVersion").alias()
    return (
        sa.select(versions.c.id)
        .where(versions.c.asset_id == asset_id)
        .order_by(versions.c.version.desc(), versions.c[ORDER].desc())
        .limit(1)
        .scalar_subquery()
    )
