"""Define the tables of a schema.

Types with a common root share one table; its column ``__type__`` holds the type of a
row. A table has a column for every stored attribute, and none for attributes that the
server computes or derives from other rows.
"""

from __future__ import annotations

import copy
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa

from ftrack_orm.emulator.storage.foreign_keys import ForeignKeys
from ftrack_orm.emulator.storage.own_tables import add_emulator_tables
from ftrack_orm.emulator.storage.sql_names import sql_names
from ftrack_orm.schema.fingerprint import schema_hash
from ftrack_orm.schema.model import Attribute, AttributeKind, EntitySchema, Schema
from ftrack_orm.schema.relations import Association, ForeignKey, Relations

TYPE = "__type__"
"""Column: the concrete type of a row."""

ORDER = "__order__"
"""Column: a number that grows with every inserted row, the default order of results."""

FROM_TYPE = "__from_type__"
"""Column of custom attribute links: the type of the row as read from its far end."""

OWNERS: Final = (
    "Context",
    "Asset",
    "AssetVersion",
    "List",
    "ListObject",
    "User",
)
"""Types whose entities have custom attributes: the prefixes of the dense types."""

SPARSE_VALUES = "CustomAttributeValue"
LINK_ROOT = "CustomAttributeLink"
LINK_FROM_ROOT = "CustomAttributeLinkFrom"

# Attributes that the server computes for every type (protocol 6.3).
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

# Stored attributes that no schema has: `reset_remote` creates API keys and returns
# them once (protocol 2.10).
HIDDEN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"User": ("api_key",), "ApiKey": ("secret",)}
)

# A parent may have thousands of children, and each new name is compared with theirs.
_NAMED_CHILDREN: Mapping[str, str] = MappingProxyType(
    {"Asset": "context_id", "Context": "parent_id"}
)

# Keys of `Tables.shared`.
_HASH: Final = "schema hash"
_FOREIGN_KEYS: Final = "foreign keys"

_SQL_TYPES: Mapping[str | None, type[sa.types.TypeEngine[Any]]] = MappingProxyType(
    {
        "number": sa.Float,
        "integer": sa.Integer,
        "boolean": sa.Integer,
    }
)


def is_dense(entity_type: str) -> bool:
    """Return whether a type has one value for each configuration that applies.

    The six types such as `ContextCustomAttributeValue` are views of the sparse
    `CustomAttributeValue` (protocol 3.5) and have no table.
    """
    return entity_type.endswith(SPARSE_VALUES) and entity_type != SPARSE_VALUES


def is_virtual(entity_type: str, attribute: Attribute) -> bool:
    """Return whether no column holds the attribute's plain value."""
    if attribute.name in _VIRTUAL or is_dense(entity_type):
        return True
    # `ReviewSession.is_open`, and its `thumbnail_id`, which is that of a version.
    is_derived = attribute.type == "boolean" or attribute.name == "thumbnail_id"
    return attribute.computed and is_derived


@dataclass(frozen=True, slots=True)
class Family:
    """The types that share a table.

    Attributes:
        root: the type from which all others inherit, the name of the table.
        table: the table.
        columns: the stored attributes of each type in schema order, hidden ones last.
    """

    root: str
    table: sa.Table
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Tables:
    """All tables of a schema.

    Attributes:
        schema: the schema.
        relations: the relations of the schema.
        metadata: the tables as SQLAlchemy metadata.
        families: families of types by their root.
        associations: tables of hidden associations by name.
        statements: statements and other values that callers derive from these tables
            once, by any key.
    """

    def __init__(self, schema: Schema, relations: Relations) -> None:
        self.schema = schema
        self.relations = relations
        self.metadata = sa.MetaData()
        self.families: dict[str, Family] = {}
        self.associations: dict[str, sa.Table] = {}
        self.statements: dict[Hashable, Any] = {}
        self._bases: dict[str, tuple[str, ...]] = {}
        self._roots: dict[str, str] = {}
        self._subtypes: dict[str, tuple[str, ...]] = {}
        schemas_by_root = self._schemas_by_root()
        hidden = sorted(self._hidden_associations())
        table_names = sql_names([*schemas_by_root, *hidden])
        for root, members in schemas_by_root.items():
            self.families[root] = self._make_family(root, members, table_names[root])
        for name in hidden:
            self.associations[name] = self._make_association(table_names[name])
        add_emulator_tables(self.metadata)

    def with_own_statements(self) -> Tables:
        """Return the same tables without the values that were derived from them."""
        tables = copy.copy(self)
        tables.statements = {}
        return tables

    @property
    def shared(self) -> dict[Any, Any]:
        """Values that follow from these tables alone, by any key.

        All emulators with the same schema have the same ones.
        """
        return self.metadata.info

    @property
    def schema_hash(self) -> str:
        """Return the hash of the schema, computed once."""
        if _HASH not in self.shared:
            self.shared[_HASH] = schema_hash(self.schema.to_json())
        found: str = self.shared[_HASH]
        return found

    @property
    def foreign_keys(self) -> ForeignKeys:
        """Return the attributes of the schema that hold keys."""
        if _FOREIGN_KEYS not in self.shared:
            self.shared[_FOREIGN_KEYS] = ForeignKeys(self.schema, self.relations)
        found: ForeignKeys = self.shared[_FOREIGN_KEYS]
        return found

    def family(self, entity_type: str) -> Family:
        """Return the family of a type.

        Raises:
            UnknownEntityTypeError: the schema has no such type.
        """
        return self.families[self.root(entity_type)]

    def root(self, entity_type: str) -> str:
        """Return the root of a type's family, which is the name of its table."""
        root = self._roots.get(entity_type)
        if root is None:
            root = self._roots[entity_type] = self._find_root(entity_type)
        return root

    def table(self, entity_type: str) -> sa.Table:
        """Return the table that holds the rows of a type."""
        return self.family(entity_type).table

    def columns(self, entity_type: str) -> tuple[str, ...]:
        """Return the stored attributes of a type, hidden ones last."""
        columns = self.family(entity_type).columns
        return columns.get(entity_type) or columns[self.root(entity_type)]

    def subtypes(self, entity_type: str) -> tuple[str, ...]:
        """Return the names of a type and its subtypes."""
        names = self._subtypes.get(entity_type)
        if names is None:
            subtypes = self.schema.subtypes(entity_type)
            names = tuple(subtype.name for subtype in subtypes)
            self._subtypes[entity_type] = names
        return names

    def bases(self, entity_type: str) -> tuple[str, ...]:
        """Return the names of a type and the types it inherits from, nearest first."""
        names = self._bases.get(entity_type)
        if names is None:
            names = tuple(base.name for base in self.schema.bases(entity_type))
            self._bases[entity_type] = names
        return names

    def is_subtype(self, entity_type: str, base: str) -> bool:
        """Return whether a type is `base` or inherits from it."""
        return base in self.bases(entity_type)

    def type_column(self, entity_type: str) -> str:
        """Return the column that holds the concrete type, for rows read as a type."""
        bases = self.schema.bases(entity_type)
        return FROM_TYPE if bases[-1].name == LINK_FROM_ROOT else TYPE

    def _find_root(self, entity_type: str) -> str:
        # This raises for an unknown type, with the nearest names in the message.
        self.schema[entity_type]
        if is_dense(entity_type):
            return SPARSE_VALUES
        root = self.schema.bases(entity_type)[-1].name
        return LINK_ROOT if root == LINK_FROM_ROOT else root

    def _schemas_by_root(self) -> dict[str, list[EntitySchema]]:
        groups: dict[str, list[EntitySchema]] = {}
        for entity_schema in self.schema:
            groups.setdefault(self.root(entity_schema.name), []).append(entity_schema)
        return groups

    def _make_family(
        self, root: str, entity_schemas: list[EntitySchema], table_name: str
    ) -> Family:
        types: dict[str, type[sa.types.TypeEngine[Any]]] = {}
        columns_by_type: dict[str, tuple[str, ...]] = {}
        for entity_schema in entity_schemas:
            if is_dense(entity_schema.name):
                continue
            type_columns = dict(self._columns_of(entity_schema))
            columns_by_type[entity_schema.name] = tuple(type_columns)
            for name, sql_type in type_columns.items():
                types.setdefault(name, sql_type)
        key = self.schema[root].primary_key
        if root == LINK_ROOT:
            types[FROM_TYPE] = sa.Text
        names = sql_names([ORDER, TYPE, *types])
        table = sa.Table(
            table_name,
            self.metadata,
            sa.Column(ORDER, sa.Integer, primary_key=True),
            sa.Column(TYPE, sa.Text, nullable=False),
            *(
                sa.Column(names[name], sql_type, key=name)
                for name, sql_type in types.items()
            ),
            # SQLite must not reuse the number of a deleted row: former defaults of
            # custom attributes apply to all rows up to a number.
            sqlite_autoincrement=True,
        )
        sa.Index(f"{table_name}:primary", *(table.c[name] for name in key), unique=True)
        for name in self._indexed_names(root, types, key):
            # Queries compare text without regard to case, but keys exactly.
            column = table.c[name]
            by_text = column if name.endswith("_id") else column.collate("NOCASE")
            is_parent = _NAMED_CHILDREN.get(root) == name and "name" in types
            more = (table.c.name,) if is_parent else ()
            sa.Index(f"{table_name}:{column.name}", by_text, *more)
        if "username" in types:
            # Authentication finds the user of every request by the exact name.
            sa.Index(f"{table_name}:username:exact", table.c.username)
        if len(entity_schemas) > 1:
            sa.Index(f"{table_name}:{TYPE}", table.c[TYPE])
        return Family(root, table, columns_by_type)

    def _columns_of(
        self, entity_schema: EntitySchema
    ) -> Iterator[tuple[str, type[sa.types.TypeEngine[Any]]]]:
        """Yield the name and the type of each column of a type."""
        for attribute in entity_schema.attributes.values():
            if attribute.kind is AttributeKind.SCALAR:
                if not is_virtual(entity_schema.name, attribute):
                    yield attribute.name, _SQL_TYPES.get(attribute.type, sa.Text)
            elif attribute.kind is AttributeKind.LINK:
                link = self.relations.of(entity_schema.name, attribute.name)
                if isinstance(link, ForeignKey) and link.hidden and link.local:
                    yield link.local, sa.Text
        for base in self.schema.bases(entity_schema.name):
            for name in HIDDEN.get(base.name, ()):
                yield name, sa.Text

    def _indexed_names(
        self,
        root: str,
        columns: Iterable[str],
        key: tuple[str, ...],
    ) -> list[str]:
        """Return the columns that need an index: foreign keys and names."""
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
