"""The rows a condition speaks of: a table seen as a type, and what is joined to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from ftrack_orm.emulator.access.access import Access
from ftrack_orm.emulator.query_engine.dense import dense_rows
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


DERIVED: Final = frozenset({"is_latest_version", "is_open", "thumbnail_id"})
"""Attributes that are an expression of SQL where no column holds them."""


class Scope:
    """Rows of one type, with the rows their links lead to joined as they are needed.

    Links are joined from the left and once each: a row without a target stays, its
    target's values being null, and conditions on the same link share the join. Of
    links that conditions require the database may begin at the target.

    Attributes:
        entity_type: what the rows are seen as.
        access: of the user who sees them; rows it hides are not among them.
        source: the table or view under an alias of its own.
    """

    def __init__(self, tables: Tables, entity_type: str, access: Access) -> None:
        self.tables = tables
        self.entity_type = entity_type
        self.access = access
        self.source: sa.FromClause
        if is_dense(entity_type):
            self.source = dense_rows(tables, entity_type)
        else:
            self.source = tables.table(entity_type).alias()
        self._links: dict[tuple[str, str | None], Scope] = {}
        self._joins: list[tuple[sa.FromClause, Condition]] = []
        self._required: set[sa.FromClause] = set()
        self._joined_to: Scope = self

    @property
    def order(self) -> Expression:
        """Return the column rows are ordered by when nothing else orders them."""
        return self.source.c[ORDER]

    @property
    def sorting(self) -> Expression:
        """Return the same as a value that rows are sorted by once they are found.

        By the column itself SQLite may read a table from end to end, to find some of
        its rows in order.
        """
        return self.order + sa.literal_column("0")

    @property
    def type_column(self) -> Expression:
        """Return the column of the concrete type."""
        return self.source.c[self.tables.type_column(self.entity_type)]

    @property
    def key(self) -> tuple[Expression, ...]:
        """Return the columns of the primary key."""
        names = self.tables.schema[self.entity_type].primary_key
        return tuple(self.source.c[name] for name in names)

    def seen(self) -> list[Condition]:
        """Return the conditions that rows are of the type and the user may read them.

        Every set of rows that is read for a client has to meet them.
        """
        visible = self.access.visible(self.tables, self.entity_type, self.source)
        return [*self._of_type(), *visible]

    def _of_type(self) -> list[Condition]:
        """Return the condition that rows are of the type; none when all are."""
        root = self.tables.root(self.entity_type)
        if self.entity_type in (root, LINK_FROM_ROOT) or is_dense(self.entity_type):
            return []
        names = self.tables.subtypes(self.entity_type)
        if len(names) == 1:
            return [self.type_column == names[0]]
        return [self.type_column.in_(names)]

    def rows(self) -> sa.FromClause:
        """Return the source with everything joined to it so far."""
        return self._with_joins(self.source)

    def _with_joins(self, found: sa.FromClause) -> sa.FromClause:
        """Return rows with everything joined to them.

        What is required stands first: SQLite reorders no table across an outer join.
        """
        for joined, on in self._joins:
            if joined in self._required:
                found = sa.join(found, joined, on)
        for joined, on in self._joins:
            if joined not in self._required:
                found = sa.outerjoin(found, joined, on)
        return found

    def attribute(self, name: str) -> tuple[str, Attribute]:
        """Return an attribute and the type that has it."""
        return find_attribute(self.tables.schema, self.entity_type, name)

    # -- values ------------------------------------------------------------------

    def value(
        self, name: str, clock: Clock, downcast: str | None = None
    ) -> tuple[Attribute, Expression]:
        """Return an attribute and the SQL of its value.

        A link's value is its target's key; with a downcast, that of targets of the
        type.

        Raises:
            QueryNameError: there is no such attribute, or nothing is stored of it.
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
        held = self._held(owner, attribute.name)
        target = self.tables.relations.of(owner, attribute.name).target
        if self.access.hides(self.tables, target):
            # What the user may not read is no target for it either.
            return self.link(attribute.name).key[0]
        return held

    def _held(self, owner: str, name: str) -> Expression:
        """Return the SQL of the key that a link holds, its target there or not."""
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
        other = self.tables.table("AssetVersion").alias()
        later = sa.select(sa.literal(1)).where(
            other.c.asset_id == self.source.c.asset_id,
            other.c.version > self.source.c.version,
        )
        return sa.case((later.exists(), 0), else_=1)

    def _is_open(self, clock: Clock) -> Expression:
        now = clock().replace(tzinfo=None, microsecond=0).isoformat()
        start, end = self.source.c.start_date, self.source.c.end_date
        shut = sa.or_(start > now, end < now)
        return sa.case((shut, 0), else_=1)

    def _thumbnail_of_source(self) -> Expression:
        """Return the picture of the version that a review session shows."""
        versions = self.tables.table("AssetVersion").alias()
        source = versions.c.id == self.source.c.thumbnail_source_id
        return sa.select(versions.c.thumbnail_id).where(source).scalar_subquery()

    def _relation(self, name: str) -> tuple[str, Relation]:
        """Return a relation, and the type that has it.

        Raises:
            QueryNameError: there is no such attribute.
            UnsupportedError: several types below this one have it, each to something
                else.
        """
        owner, _ = self.attribute(name)
        schema, relations = self.tables.schema, self.tables.relations
        relation = relations.of(owner, name)
        others = [
            each
            for each in owners_of(schema, self.entity_type, name)
            if schema[each].attributes[name].is_relation
            and relations.of(each, name) != relation
        ]
        if others:
            raise UnsupportedError(
                f"a condition on {name!r} of {self.entity_type}, which leads elsewhere "
                f"for {', '.join([owner, *others])}: ask one of these"
            )
        return owner, relation

    # -- links -------------------------------------------------------------------

    def link(self, name: str, downcast: str | None = None) -> Scope:
        """Return the scope of a link's targets, joined to this one.

        Raises:
            QueryNameError: it is no link, or its storage is not known.
        """
        found = self._links.get((name, downcast))
        if found is None:
            owner, relation = self._relation(name)
            if not isinstance(relation, (ForeignKey, Computed)):
                raise QueryNameError(owner, name, "it is not stored by the emulator")
            check_downcast(self.tables.schema, relation.target, downcast)
            found = Scope(self.tables, downcast or relation.target, self.access)
            on = [*self._leads_to(owner, name, found), *self._having(name)]
            self._joined_to._joins.append((found.source, sa.and_(*on)))
            found._joined_to = self._joined_to
            self._links[name, downcast] = found
        return found

    def _leads_to(self, owner: str, name: str, target: Scope) -> list[Condition]:
        relation = self.tables.relations.of(owner, name)
        if isinstance(relation, ForeignKey) and relation.composite:
            on = [
                key == self.source.c[local]
                for key, local in zip(target.key, relation.composite, strict=True)
            ]
        else:
            on = [target.source.c.id == self._held(owner, name)]
        return [*on, *target.seen()]

    def _having(self, name: str) -> list[Condition]:
        """Return the condition that a row's type has the attribute, if not all have.

        A project keeps its own id as ``project_id`` and has no link ``project``.
        """
        schema = self.tables.schema
        if name in schema[self.entity_type].attributes:
            return []
        subtypes = schema.subtypes(self.entity_type)
        having = [each.name for each in subtypes if name in each.attributes]
        return [self.type_column.in_(having)]

    def require_link(self, name: str, downcast: str | None) -> Scope:
        """Return the scope of a link's targets; rows that have none are left out.

        The link must be of the rows themselves or of required ones.
        """
        found = self.link(name, downcast)
        self._joined_to._required.add(found.source)
        return found

    # -- collections -------------------------------------------------------------

    def spread(self, name: str, downcast: str | None = None) -> Scope:
        """Return the scope of a collection's members, joined to this one.

        An owner stands there once for each of its members, and once without any, so
        this is for values of subqueries and not for rows of results.

        Raises:
            QueryNameError: its storage is not known.
        """
        relation, member = self._member(name, downcast)
        own, far = self.source.c, member.source.c
        between: list[tuple[sa.FromClause, Condition]] = []
        if isinstance(relation, Reverse):
            on = [far[relation.remote] == own.id]
            on += [far[each] == to for each, to in relation.filters.items()]
        elif isinstance(relation, Association):
            rows = association_rows(self.tables, relation)
            between.append((rows, rows.c[relation.near] == own.id))
            on = [far.id == rows.c[relation.far]]
        elif relation.rule == "custom_attributes":
            on = [far.entity_id == own.id]
        else:
            pairs = _tree_pairs(self.tables)
            near, distant = pairs.c.below, pairs.c.above
            if relation.rule == "descendants":
                near, distant = distant, near
            # An asset's ancestors begin with the context it belongs to.
            start = own.id if "parent_id" in own else own.context_id
            between.append((pairs, near == start))
            on = [far.id == distant, distant != own.id]
        between.append((member.source, sa.and_(*on, *member.seen())))
        self._joined_to._joins += between
        member._joined_to = self._joined_to
        return member

    def _member(
        self, name: str, downcast: str | None
    ) -> tuple[Reverse | Association | Computed, Scope]:
        """Return how a collection is stored, and a scope of its possible members."""
        owner, relation = self._relation(name)
        if not isinstance(relation, (Reverse, Association, Computed)):
            raise QueryNameError(owner, name, "it is not stored by the emulator")
        check_downcast(self.tables.schema, relation.target, downcast)
        return relation, Scope(self.tables, downcast or relation.target, self.access)

    def join_members(self, name: str, downcast: str | None) -> Scope | None:
        """Join the members of a collection; a row then comes once for each of them.

        From there the database can begin at either end, which it cannot where it is
        asked whether some member exists. Return the scope of the members, or ``None``
        where they do not name their owner.
        """
        relation, member = self._member(name, downcast)
        if not isinstance(relation, Reverse):
            return None
        member._joined_to = self._joined_to
        on = [
            member.source.c[relation.remote] == self.source.c.id,
            *(member.source.c[each] == to for each, to in relation.filters.items()),
            *member.seen(),
        ]
        self._joined_to._joins.append((member.source, sa.and_(*on)))
        self._joined_to._required.add(member.source)
        return member

    def members(
        self, name: str, downcast: str | None, criteria: Callable[[Scope], Condition]
    ) -> Condition:
        """Return the condition that some member of a collection meets `criteria`.

        Raises:
            QueryNameError: its storage is not known.
        """
        relation, member = self._member(name, downcast)
        held = [criteria(member), *member.seen()]
        if isinstance(relation, Reverse):
            found = sa.select(sa.literal(1)).select_from(member.rows())
            return found.where(
                member.source.c[relation.remote] == self.source.c.id,
                *(member.source.c[each] == to for each, to in relation.filters.items()),
                *held,
            ).exists()
        if isinstance(relation, Association):
            return self._associated(relation, member, held)
        return self._in_tree(relation, member, held)

    def _associated(
        self, relation: Association, member: Scope, held: list[Condition]
    ) -> Condition:
        rows = association_rows(self.tables, relation)
        joined = sa.join(
            rows, member.source, member.source.c.id == rows.c[relation.far]
        )
        return (
            sa.select(sa.literal(1))
            .select_from(member._with_joins(joined))
            .where(rows.c[relation.near] == self.source.c.id, *held)
            .exists()
        )

    def _in_tree(
        self, relation: Computed, member: Scope, held: list[Condition]
    ) -> Condition:
        """Return the condition for members that no row names.

        For trees it starts from the members that fit and walks to the owners: that
        is done once for a whole query, the other way once for each of its rows.
        """
        found = sa.select(sa.literal(1)).select_from(member.rows())
        if relation.rule == "custom_attributes":
            entity = member.source.c.entity_id == self.source.c.id
            return found.where(entity, *held).exists()
        contexts = self.tables.table("Context").alias()
        fitting = member.source.c
        if relation.rule == "ancestors":
            start = sa.select(fitting.id.label("id"))
            below = start.select_from(member.rows()).where(*held).cte(recursive=True)
            step = sa.select(contexts.c.id).where(contexts.c.parent_id == below.c.id)
            tree = below.union(step)
            parent = "parent_id" if "parent_id" in self.source.c else "context_id"
            return self.source.c[parent].in_(sa.select(tree.c.id))
        start = sa.select(fitting.parent_id.label("id"))
        above = start.select_from(member.rows()).where(*held).cte(recursive=True)
        step = sa.select(contexts.c.parent_id).where(
            contexts.c.id == above.c.id, contexts.c.parent_id.is_not(None)
        )
        tree = above.union(step)
        return self.source.c.id.in_(sa.select(tree.c.id).where(tree.c.id.is_not(None)))


def association_rows(tables: Tables, relation: Association) -> sa.FromClause:
    """Return the rows that join owners and members, under an alias of their own."""
    if relation.hidden:
        return tables.associations[relation.through].alias()
    return tables.table(relation.through).alias()


def _tree_pairs(tables: Tables) -> sa.FromClause:
    """Return each context beside itself and each one above it."""
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
