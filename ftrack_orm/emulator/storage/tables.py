"""The tables in which the emulator keeps the entities of a schema.

Types with a common root share one table; ``__type__`` says which each row is. There
is a column for every value the server stores, so not for what it computes nor for
what other rows tell.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from ftrack_orm.emulator.storage.own_tables import add_own_tables
from ftrack_orm.schema.model import Attribute, AttributeKind, EntitySchema, Schema
from ftrack_orm.schema.relations import Association, ForeignKey, Relations

TYPE = "__type__"
"""Column: the concrete type of a row."""

ORDER = "__order__"
"""Column: grows with every row inserted, the default order of results."""

FROM_TYPE = "__from_type__"
"""Column of custom attribute links: the type of the row seen from its far end."""

OWNERS: Final = (
    "Context",
    "Asset",
    "AssetVersion",
    "List",
    "ListObject",
    "User",
)
"""Types whose entities have custom attributes; each has a prefixed value type."""

SPARSE_VALUES = "CustomAttributeValue"
LINK_ROOT = "CustomAttributeLink"
LINK_FROM_ROOT = "CustomAttributeLinkFrom"

# What the server works out when asked, whichever type has it (protocol 6.3).
_VIRTUAL = frozenset(
    {
        "_link",
        "link",
        "thumbnail_url",
        "url",
        "time_logged",
        "bid_time_logged_difference",
        "is_latest_version",
    }
)

# Stored and in no schema: keys are made by reset_remote (protocol 2.10), and told once.
_HIDDEN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"User": ("api_key",), "ApiKey": ("secret",)}
)

_SQL_TYPES: Mapping[str | None, type[sa.types.TypeEngine[Any]]] = MappingProxyType(
    {
        "number": sa.Float,
        "integer": sa.Integer,
        "boolean": sa.Integer,
    }
)


def is_dense(entity_type: str) -> bool:
    """Return whether a type shows one value for each configuration that applies.

    `ContextCustomAttributeValue` and its five like are views of the sparse
    `CustomAttributeValue` (protocol 3.5) and have no table.
    """
    return entity_type.endswith(SPARSE_VALUES) and entity_type != SPARSE_VALUES


def is_virtual(entity_type: str, attribute: Attribute) -> bool:
    """Return whether no column holds the attribute's plain value."""
    if attribute.name in _VIRTUAL or is_dense(entity_type):
        return True
    # Of a review session whether it is open, and the picture, which is a version's.
    is_derived = attribute.type == "boolean" or attribute.name == "thumbnail_id"
    return attribute.computed and is_derived


@dataclass(frozen=True, slots=True)
class Family:
    """The types that share a table.

    Attributes:
        root: the type all others inherit from; names the table.
        table: the table.
        columns: for each type of the family, its stored attributes in served order,
            hidden ones last.
    """

    root: str
    table: sa.Table
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Tables:
    """Every table of a schema, by entity type or by hidden association."""

    def __init__(self, schema: Schema, relations: Relations) -> None:
        self.schema = schema
        self.relations = relations
        self.metadata = sa.MetaData()
        self.families: dict[str, Family] = {}
        self.associations: dict[str, sa.Table] = {}
        # Statements built for these tables, by whoever builds them.
        self.statements: dict[Hashable, Any] = {}
        self._roots: dict[str, str] = {}
        self._subtypes: dict[str, tuple[str, ...]] = {}
        for root, members in self._grouped().items():
            self.families[root] = self._make_family(root, members)
        for name in sorted(self._hidden_associations()):
            self.associations[name] = self._make_association(name)
        add_own_tables(self.metadata)

    def family(self, entity_type: str) -> Family:
        """Return the family in whose table a type's rows stand.

        Raises:
            UnknownEntityTypeError: there is no such type.
        """
        return self.families[self.root(entity_type)]

    def root(self, entity_type: str) -> str:
        """Return the root of the type's family: the name of its table."""
        found = self._roots.get(entity_type)
        if found is None:
            found = self._roots[entity_type] = self._find_root(entity_type)
        return found

    def table(self, entity_type: str) -> sa.Table:
        """Return the table that holds the rows of a type."""
        return self.family(entity_type).table

    def columns(self, entity_type: str) -> tuple[str, ...]:
        """Return the stored attributes of a type, hidden ones last."""
        columns = self.family(entity_type).columns
        return columns.get(entity_type) or columns[self.root(entity_type)]

    def subtypes(self, entity_type: str) -> tuple[str, ...]:
        """Return the names of a type and every type below it."""
        found = self._subtypes.get(entity_type)
        if found is None:
            found = tuple(each.name for each in self.schema.subtypes(entity_type))
            self._subtypes[entity_type] = found
        return found

    def type_column(self, entity_type: str) -> str:
        """Return the column that holds the concrete type, seen as this type."""
        bases = self.schema.bases(entity_type)
        return FROM_TYPE if bases[-1].name == LINK_FROM_ROOT else TYPE

    def _find_root(self, entity_type: str) -> str:
        # The lookup first: it names the nearest types when there is none.
        self.schema[entity_type]
        if is_dense(entity_type):
            return SPARSE_VALUES
        root = self.schema.bases(entity_type)[-1].name
        return LINK_ROOT if root == LINK_FROM_ROOT else root

    def _grouped(self) -> dict[str, list[EntitySchema]]:
        groups: dict[str, list[EntitySchema]] = {}
        for entity_type in self.schema:
            groups.setdefault(self.root(entity_type.name), []).append(entity_type)
        return groups

    def _make_family(self, root: str, members: list[EntitySchema]) -> Family:
        columns: dict[str, sa.Column[Any]] = {}
        stored: dict[str, tuple[str, ...]] = {}
        for entity_type in members:
            if is_dense(entity_type.name):
                continue
            found = dict(self._stored(entity_type))
            stored[entity_type.name] = tuple(found)
            for name, column in found.items():
                columns.setdefault(name, column)
        key = self.schema[root].primary_key
        if root == LINK_ROOT:
            columns[FROM_TYPE] = sa.Column(FROM_TYPE, sa.Text)
        table = sa.Table(
            root,
            self.metadata,
            sa.Column(ORDER, sa.Integer, primary_key=True),
            sa.Column(TYPE, sa.Text, nullable=False),
            *columns.values(),
            # The number of a deleted row is not given again: former defaults of
            # custom attributes hold for the rows up to one.
            sqlite_autoincrement=True,
        )
        sa.Index(f"{root}:primary", *(table.c[name] for name in key), unique=True)
        for name in self._indexed(root, columns, key):
            # Text is compared without regard to case, keys are not.
            column = table.c[name]
            by_text = column if name.endswith("_id") else column.collate("NOCASE")
            sa.Index(f"{root}:{name}", by_text)
        if "username" in columns:
            # Every request says who sends it, in exactly these letters.
            sa.Index(f"{root}:username:exact", table.c.username)
        if len(members) > 1:
            sa.Index(f"{root}:{TYPE}", table.c[TYPE])
        return Family(root, table, stored)

    def _stored(
        self, entity_type: EntitySchema
    ) -> Iterator[tuple[str, sa.Column[Any]]]:
        for attribute in entity_type.attributes.values():
            if attribute.kind is AttributeKind.SCALAR:
                if not is_virtual(entity_type.name, attribute):
                    kind = _SQL_TYPES.get(attribute.type, sa.Text)
                    yield attribute.name, sa.Column(attribute.name, kind)
            elif attribute.kind is AttributeKind.LINK:
                link = self.relations.of(entity_type.name, attribute.name)
                if isinstance(link, ForeignKey) and link.hidden and link.local:
                    yield link.local, sa.Column(link.local, sa.Text)
        for base in self.schema.bases(entity_type.name):
            for name in _HIDDEN.get(base.name, ()):
                yield name, sa.Column(name, sa.Text)

    def _indexed(
        self,
        root: str,
        columns: Mapping[str, sa.Column[Any]],
        key: tuple[str, ...],
    ) -> list[str]:
        """Return the columns to look up by: keys of other entities, and names."""
        names = [
            name
            for name in columns
            if name.endswith("_id") or name in ("name", "key", "username")
        ]
        return [name for name in names if name != key[0] and root != SPARSE_VALUES] + [
            name for name in key[1:] if root == SPARSE_VALUES
        ]

    def _hidden_associations(self) -> set[str]:
        return {
            relation.through
            for _, _, relation in self.relations.every()
            if isinstance(relation, Association) and relation.hidden
        }

    def _make_association(self, name: str) -> sa.Table:
        table = sa.Table(
            name,
            self.metadata,
            sa.Column(ORDER, sa.Integer, primary_key=True),
            sa.Column("owner_id", sa.Text, nullable=False),
            sa.Column("member_id", sa.Text, nullable=False),
        )
        sa.Index(f"{name}:primary", table.c.owner_id, table.c.member_id, unique=True)
        sa.Index(f"{name}:member", table.c.member_id)
        return table
