"""Rows, transactions and snapshots of the emulator's database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from ftrack_orm import EntityKeyError, UnknownAttributeError, UnknownEntityTypeError
from ftrack_orm.emulator.storage.members import add_member, members_of, remove_member
from ftrack_orm.emulator.storage.storage import DuplicateKeyError, Storage, is_among
from ftrack_orm.schema.model import Attribute, AttributeKind, Schema
from ftrack_orm.schema.relations import Association, ForeignKey
from tests.support.schemas import recorded


@pytest.fixture(scope="module")
def schema() -> Schema:
    return recorded()


@pytest.fixture(params=["memory", "file"])
def storage(
    request: pytest.FixtureRequest, schema: Schema, tmp_path: Path
) -> Iterator[Storage]:
    file = tmp_path / "rows.db" if request.param == "file" else None
    opened = Storage(schema, file)
    yield opened
    opened.close()


@pytest.fixture
def memory(schema: Schema) -> Iterator[Storage]:
    opened = Storage(schema)
    yield opened
    opened.close()


def names(storage: Storage, entity_type: str = "Context") -> list[str]:
    with storage.transaction() as connection:
        return [row["name"] for row in storage.find_where(connection, entity_type)]


def add(storage: Storage, entity_type: str, key: str, **values: object) -> None:
    with storage.transaction() as connection:
        storage.insert(connection, entity_type, {"id": key, "name": key, **values})


def association(storage: Storage, entity_type: str, name: str) -> Association:
    found = storage.relations.of(entity_type, name)
    assert isinstance(found, Association)
    return found


def test_a_row_is_found_by_its_type_and_every_base(memory: Storage) -> None:
    add(memory, "Shot", "s1", bid=2.5)
    with memory.transaction() as connection:
        for entity_type in ("Shot", "TypedContext", "Context"):
            found = memory.find(connection, entity_type, ("s1",))
            assert found is not None
            assert (found["__type__"], found["bid"]) == ("Shot", 2.5)
        assert memory.find(connection, "Task", ("s1",)) is None
        assert memory.find(connection, "Context", ("s2",)) is None


def test_a_row_holds_the_attributes_of_its_own_type(memory: Storage) -> None:
    add(memory, "Project", "p", full_name="P")
    with memory.transaction() as connection:
        found = memory.find(connection, "Context", ("p",))
    assert found is not None
    assert found["full_name"] == "P"
    assert "object_type_id" not in found


def test_every_stored_attribute_of_the_schema_has_a_column(
    memory: Storage, schema: Schema
) -> None:
    """All but what 6.3 says is computed and what the dense views show."""
    computed = {
        "link",
        "_link",
        "thumbnail_url",
        "url",
        "time_logged",
        "bid_time_logged_difference",
        "is_latest_version",
    }
    missing = {
        f"{entity_type.name}.{name}"
        for entity_type in schema
        for name, attribute in entity_type.attributes.items()
        if attribute.kind is AttributeKind.SCALAR
        and name not in computed
        and not memory.has_column(entity_type.name, name)
    }
    dense = {each for each in missing if "CustomAttributeValue.key" in each}
    # The picture of a review session is that of its source.
    assert missing - dense == {"ReviewSession.is_open", "ReviewSession.thumbnail_id"}


def test_hidden_columns_are_stored_like_others(memory: Storage) -> None:
    assert memory.relations.of("Status", "state") == ForeignKey(
        "state_id", "State", hidden=True
    )
    add(memory, "Status", "ok", state_id="done")
    with memory.transaction() as connection:
        assert memory.find_where(connection, "Status", state_id="done")
    assert memory.has_column("User", "api_key")
    assert not memory.has_column("Group", "api_key")


def test_composite_keys_are_in_the_order_of_the_schema(memory: Storage) -> None:
    with memory.transaction() as connection:
        memory.insert(
            connection, "Metadata", {"parent_id": "t", "key": "a", "value": "1"}
        )
        memory.insert(
            connection, "Metadata", {"parent_id": "t", "key": "b", "value": "2"}
        )
        assert memory.update(connection, "Metadata", ("t", "b"), {"value": "3"})
        assert memory.delete(connection, "Metadata", ("t", "a"))
        assert not memory.delete(connection, "Metadata", ("t", "a"))
        left = memory.find_where(connection, "Metadata", parent_id="t")
        assert [(row["key"], row["value"]) for row in left] == [("b", "3")]
        with pytest.raises(EntityKeyError):
            memory.find(connection, "Metadata", ("t",))


def test_a_key_is_taken_once(memory: Storage) -> None:
    add(memory, "Task", "t1")
    with pytest.raises(DuplicateKeyError) as caught:
        add(memory, "Shot", "t1")
    assert (caught.value.entity_type, caught.value.key) == ("Shot", ("t1",))
    assert names(memory) == ["t1"]


def test_updates_and_deletes_keep_to_the_type(memory: Storage) -> None:
    add(memory, "Shot", "s1")
    with memory.transaction() as connection:
        assert not memory.update(connection, "Task", ("s1",), {"name": "x"})
        assert not memory.delete(connection, "Task", ("s1",))
        assert memory.update(connection, "Context", ("s1",), {"name": "x"})
        assert memory.update(connection, "Context", ("s1",), {})
        assert memory.delete(connection, "TypedContext", ("s1",))


def test_conditions_are_values_null_or_one_of_several(memory: Storage) -> None:
    for key, parent in (("a", "p"), ("b", None), ("c", "q")):
        add(memory, "Task", key, parent_id=parent)
    with memory.transaction() as connection:

        def found(**equals: object) -> list[str]:
            rows = memory.find_where(connection, "Context", **equals)
            return [row["id"] for row in rows]

        assert found(parent_id="p") == ["a"]
        assert found(parent_id=None) == ["b"]
        assert found(parent_id=["q", "p"]) == ["a", "c"]
        assert found(parent_id=[]) == []
        assert found() == ["a", "b", "c"]
        # An attribute may be called like an argument.
        assert (
            memory.find_where(
                connection, "CustomAttributeConfiguration", entity_type="task"
            )
            == []
        )
        assert memory.delete_where(connection, "Task", parent_id=["p", "q"]) == 2
        assert found() == ["b"]


def test_names_that_are_not_stored_are_refused(memory: Storage) -> None:
    with memory.transaction() as connection:
        with pytest.raises(UnknownAttributeError):
            memory.insert(connection, "Task", {"id": "t", "link": "x"})
        with pytest.raises(UnknownAttributeError):
            memory.update(connection, "Task", ("t",), {"nothing": 1})
        with pytest.raises(UnknownAttributeError):
            memory.find_where(connection, "Task", full_name="x")
        with pytest.raises(UnknownEntityTypeError):
            memory.find(connection, "Nothing", ("t",))


def test_many_rows_are_added_at_once_with_gaps_as_null(memory: Storage) -> None:
    with memory.transaction() as connection:
        rows: list[dict[str, object]] = [
            {"id": "a", "name": "a", "bid": 1.0},
            {"id": "b", "name": "b"},
        ]
        assert memory.insert_many(connection, "Task", rows) == 2
        assert memory.insert_many(connection, "Task", []) == 0
        found = memory.find_where(connection, "Task")
        assert [(row["name"], row["bid"]) for row in found] == [("a", 1.0), ("b", None)]


@pytest.mark.parametrize("ids", [("a", "old"), ("a", "b", "b", "c")])
def test_a_key_taken_among_many_rows_is_named(
    memory: Storage, ids: tuple[str, ...]
) -> None:
    add(memory, "Shot", "old")
    repeated = next(each for each in reversed(ids) if each in ("old", "b"))
    with (
        pytest.raises(DuplicateKeyError, match=repeated),
        memory.transaction() as connection,
    ):
        memory.insert_many(connection, "Shot", [{"id": each} for each in ids])
    assert names(memory, "Shot") == ["old"]


def test_associations_with_a_type_are_its_rows(memory: Storage) -> None:
    items = association(memory, "TypedContextList", "items")
    lists = association(memory, "TypedContext", "lists")
    with memory.transaction() as connection:
        for key in ("t2", "t1", "t2"):
            add_member(memory, connection, items, "todo", key)
        add_member(memory, connection, items, "done", "t1", {"id": "own"})
        assert members_of(memory, connection, items, "todo") == ["t2", "t1"]
        assert members_of(memory, connection, lists, "t1") == ["todo", "done"]
        assert len(memory.find_where(connection, "ListObject")) == 3
        assert memory.find(connection, "ListObject", ("own",))
        assert remove_member(memory, connection, items, "todo", "t2") == 1
        assert remove_member(memory, connection, items, "todo") == 1
        assert members_of(memory, connection, items, "todo") == []


def test_hidden_associations_have_rows_of_no_type(memory: Storage) -> None:
    roles = association(memory, "CustomAttributeConfiguration", "read_security_roles")
    with memory.transaction() as connection:
        add_member(memory, connection, roles, "c", "admin")
        add_member(memory, connection, roles, "c", "admin")
        assert members_of(memory, connection, roles, "c") == ["admin"]
        assert remove_member(memory, connection, roles, "c") == 1


def test_links_between_entities_are_seen_from_both_ends(memory: Storage) -> None:
    link = {"id": "l", "from_id": "t", "to_id": "u", "configuration_id": "c"}
    with memory.transaction() as connection:
        memory.insert(
            connection,
            "UserCustomAttributeLink",
            {**link, "from_entity_type": "Task", "to_entity_type": "User"},
        )
        near = memory.find(connection, "CustomAttributeLink", ("l",))
        far = memory.find(connection, "ContextCustomAttributeLinkFrom", ("l",))
        assert near is not None
        assert near["__type__"] == "UserCustomAttributeLink"
        assert far is not None
        assert far["__type__"] == "ContextCustomAttributeLinkFrom"
        assert memory.find(connection, "UserCustomAttributeLinkFrom", ("l",)) is None


def test_the_prefixed_values_are_the_sparse_ones(memory: Storage) -> None:
    key = ("c", "t")
    with memory.transaction() as connection:
        prefixed = "ContextCustomAttributeValue"
        assert not memory.update(connection, prefixed, key, {"value": "1"})
        memory.insert(
            connection,
            prefixed,
            {"configuration_id": "c", "entity_id": "t", "value": "1"},
        )
        assert memory.update(connection, prefixed, key, {"value": "2"})
        found = memory.find(connection, "CustomAttributeValue", key)
        assert found is not None
        assert (found["__type__"], found["value"]) == ("CustomAttributeValue", "2")


def test_any_exception_undoes_the_whole_transaction(storage: Storage) -> None:
    add(storage, "Task", "kept")

    def fail() -> None:
        with storage.transaction() as connection:
            storage.insert(connection, "Task", {"id": "lost", "name": "lost"})
            storage.delete(connection, "Task", ("kept",))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names(storage) == ["kept"]


def test_threads_take_turns(storage: Storage) -> None:
    add(storage, "Task", "counter", bid=0.0)

    def count() -> None:
        for _ in range(25):
            with storage.transaction() as connection:
                row = storage.find(connection, "Task", ("counter",))
                assert row is not None
                values = {"bid": row["bid"] + 1}
                storage.update(connection, "Task", ("counter",), values)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with storage.transaction() as connection:
        row = storage.find(connection, "Task", ("counter",))
    assert row is not None
    assert row["bid"] == 100


def test_a_database_in_memory_is_a_file_whose_pages_a_commit_cleans(
    memory: Storage,
) -> None:
    """SQLite cleans no page of ":memory:", and visits all of them at each commit."""
    [(_, _, name)] = memory._driver.execute("PRAGMA database_list")
    [(journal,)] = memory._driver.execute("PRAGMA journal_mode")
    assert name
    assert journal == "memory"


def test_databases_in_memory_are_separate(memory: Storage, schema: Schema) -> None:
    with memory.transaction() as connection:
        memory.insert(connection, "State", {"id": "s", "name": "a", "short": "A"})
    other = Storage(schema)
    with other.transaction() as connection:
        assert other.find_where(connection, "State") == []
    other.close()


def test_a_snapshot_restores_what_was_stored(storage: Storage) -> None:
    add(storage, "Task", "a")
    snapshot = storage.snapshot()
    add(storage, "Task", "b")
    storage.restore(snapshot)
    assert names(storage) == ["a"]
    storage.restore(snapshot)
    add(storage, "Task", "c")
    assert names(storage) == ["a", "c"]
    storage.reset()
    assert names(storage) == []


def test_a_snapshot_goes_from_file_to_memory_and_back(
    schema: Schema, tmp_path: Path
) -> None:
    file, memory = Storage(schema, tmp_path / "w.db"), Storage(schema)
    add(file, "Task", "a")
    memory.restore(file.snapshot())
    add(memory, "Task", "b")
    file.restore(memory.snapshot())
    assert names(file) == ["a", "b"]
    file.close()
    memory.close()
    reopened = Storage(schema, tmp_path / "w.db")
    assert names(reopened) == ["a", "b"]
    reopened.close()


def test_restoring_survives_cached_statements_on_virtual_tables(
    memory: Storage,
) -> None:
    """SQLite crashed here when the image replaced the open database itself."""
    snapshot = memory.snapshot()
    for _ in range(3):
        with memory.transaction() as connection:
            assert memory.find_where(connection, "Task", id=["a", "b"]) == []
        memory.restore(snapshot)


def level_schema(schema: Schema) -> Schema:
    depth = Attribute("depth", AttributeKind.SCALAR, "integer")
    shot = schema["Shot"]
    level = replace(shot, name="Level", attributes={**shot.attributes, "depth": depth})
    return Schema({**schema.types, "Level": level})


def test_types_can_be_added_while_it_runs(storage: Storage, schema: Schema) -> None:
    add(storage, "Shot", "s")
    old = storage.snapshot()
    storage.add_types(level_schema(schema))
    add(storage, "Level", "l", depth=3)
    assert names(storage, "TypedContext") == ["s", "l"]
    storage.restore(old)
    add(storage, "Level", "l", depth=4)
    with storage.transaction() as connection:
        row = storage.find(connection, "Context", ("l",))
    assert row is not None
    assert row["depth"] == 4


def test_types_added_in_a_transaction_are_undone_with_it(
    storage: Storage, schema: Schema
) -> None:
    def fail() -> None:
        with storage.transaction() as connection:
            storage.add_types(level_schema(schema))
            storage.insert(connection, "Level", {"id": "l", "name": "l", "depth": 1})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names(storage) == []
    assert storage.schema is schema
    storage.add_types(level_schema(schema))
    add(storage, "Level", "l", depth=2)


def test_any_number_of_values_can_be_looked_up(memory: Storage) -> None:
    table = memory.tables.table("Task")
    many = [f"id-{number}" for number in range(40_000)]
    add(memory, "Task", "id-39999")
    with memory.transaction() as connection:
        statement = sa.select(table.c.id).where(is_among(table.c.id, many))
        assert connection.execute(statement).scalars().all() == ["id-39999"]
