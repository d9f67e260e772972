"""Return all rows of a storage in a server's form, in a stable order."""

from __future__ import annotations

from typing import Any

from ftrack_orm.emulator.query_engine.response_encoder import decoder
from ftrack_orm.emulator.storage.storage import Connection, Storage
from ftrack_orm.emulator.storage.tables import HIDDEN, TYPE
from ftrack_orm.emulator.wire import TYPE_KEY
from ftrack_orm.schema.model import AttributeKind, EntitySchema
from ftrack_orm.schema.relations import Association, ForeignKey
from ftrack_orm.types import JSONObject

_SECRET = frozenset().union(*HIDDEN.values())


def dump_rows(storage: Storage) -> list[JSONObject]:
    """Return all rows, ordered by type and key.

    A row has its type as ``__entity_type__`` and all stored attributes but API keys;
    datetimes have their wrapper, and links without a foreign key in the schema are
    references.
    """
    with storage.transaction() as connection:
        members = dict(_members_by_owner(storage, connection))
        rows = [
            _entity(storage, row, members)
            for root in storage.tables.families
            for row in storage.find_where(connection, root)
        ]
    return sorted(rows, key=lambda row: _position(storage, row))


def _position(storage: Storage, row: JSONObject) -> tuple[str, tuple[str, ...]]:
    entity_type = row[TYPE_KEY]
    names = storage.schema[entity_type].primary_key
    # Numbers of events by value: padded, because keys of other types are text.
    parts = (row[name] for name in names)
    return entity_type, tuple(
        f"{part:020}" if isinstance(part, int) else str(part) for part in parts
    )


def _entity(
    storage: Storage,
    row: JSONObject,
    members: dict[tuple[str, str], list[JSONObject]],
) -> JSONObject:
    entity_schema = storage.schema[row[TYPE]]
    links = _hidden_links(storage, entity_schema)
    entity: JSONObject = {TYPE_KEY: entity_schema.name}
    for name, value in row.items():
        attribute = entity_schema.attributes.get(name)
        if name in links:
            link, target = links[name]
            entity[link] = None if value is None else {TYPE_KEY: target, "id": value}
        elif attribute is not None and name not in _SECRET:
            decode = decoder(attribute)
            entity[name] = value if value is None or decode is None else decode(value)
    for attribute in entity_schema.attributes.values():
        found = members.get((attribute.name, str(row.get("id"))))
        if found and attribute.kind is not AttributeKind.SCALAR:
            relation = storage.relations.of(entity_schema.name, attribute.name)
            if isinstance(relation, Association) and relation.hidden:
                entity[attribute.name] = found
    return entity


def _hidden_links(
    storage: Storage, entity_schema: EntitySchema
) -> dict[str, tuple[str, str]]:
    """Return the links whose column is no attribute, by the column."""
    links: dict[str, tuple[str, str]] = {}
    for attribute in entity_schema.attributes.values():
        if attribute.kind is AttributeKind.LINK:
            relation = storage.relations.of(entity_schema.name, attribute.name)
            if isinstance(relation, ForeignKey) and relation.hidden and relation.local:
                links[relation.local] = attribute.name, relation.target
    return links


def _members_by_owner(
    storage: Storage, connection: Connection
) -> dict[tuple[str, str], list[JSONObject]]:
    """Return the members of associations without a type, by attribute and owner."""
    members: dict[tuple[str, str], list[JSONObject]] = {}
    for name, table in storage.tables.associations.items():
        root, _, attribute = name.partition(".")
        target = storage.relations.of(root, attribute).target
        rows: list[Any] = [*connection.execute(table.select()).mappings()]
        for row in sorted(rows, key=lambda row: (row["owner_id"], row["member_id"])):
            member = {TYPE_KEY: target, "id": row["member_id"]}
            members.setdefault((attribute, row["owner_id"]), []).append(member)
    return members
