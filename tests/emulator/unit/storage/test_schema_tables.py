"""Emulators of the same types share what follows from the schema alone."""

from __future__ import annotations

from contextlib import closing

from ftrack_orm.emulator.storage import schema_tables
from ftrack_orm.emulator.storage.schema_tables import tables_of
from ftrack_orm.emulator.storage.storage import Storage
from ftrack_orm.schema.fingerprint import schema_hash
from ftrack_orm.schema.model import Schema
from tests.support.schemas import recorded


def test_the_same_types_have_the_same_tables() -> None:
    schema = recorded()
    first, second = tables_of(schema), tables_of(Schema(dict(schema.types)))
    assert first.relations is second.relations
    assert first.statements is second.statements
    assert first.tables.metadata is second.tables.metadata


def test_values_that_a_server_derives_are_its_own() -> None:
    schema = recorded()
    tables_of(schema).tables.statements["key"] = 1
    assert tables_of(schema).tables.statements == {}


def test_another_order_or_type_has_other_tables() -> None:
    """The order decides that of the tables in a database file."""
    schema = recorded()
    backwards = Schema(dict(reversed(list(schema.types.items()))))
    fewer = Schema({name: schema[name] for name in list(schema.types)[:50]})
    made = [tables_of(each).tables.metadata for each in (schema, backwards, fewer)]
    assert len({id(each) for each in made}) == 3
    assert list(made[0].tables) != list(made[1].tables)


def test_rows_are_not_shared() -> None:
    with closing(Storage(recorded())) as first, closing(Storage(recorded())) as second:
        with first.transaction() as connection:
            first.insert(connection, "Status", {"id": "a", "name": "one"})
        with second.transaction() as connection:
            assert list(second.find_where(connection, "Status")) == []


def test_few_schemas_are_kept() -> None:
    schema = recorded()
    names = list(schema.types)
    for count in range(40, 60):
        tables_of(Schema({name: schema[name] for name in names[:count]}))
    assert len(schema_tables._made) == 8


def test_what_follows_from_the_tables_is_derived_once() -> None:
    schema = recorded()
    first, second = tables_of(schema).tables, tables_of(schema).tables
    assert first.foreign_keys is second.foreign_keys
    assert first.schema_hash == schema_hash(schema.to_json())
    assert second.schema_hash is first.schema_hash
