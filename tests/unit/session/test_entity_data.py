"""The data of immediate operations, by server name and in sendable values."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from ftrack_models import AssetVersion, Metadata, Note, Shot, Status, Task
from ftrack_orm import Entity, Response
from ftrack_orm.errors.entity import (
    AttributeValueError,
    EntityKeyError,
    UnknownAttributeError,
)
from ftrack_orm.errors.session import DetachedEntityError
from ftrack_orm.operations import Create
from ftrack_orm.session.entity_data import create, fill_key, id_of, sendable_data
from ftrack_orm.types import Reference
from tests.support.fake_executor import persistent


class Core:
    """The core of a session that records the creates it is called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[Create], frozenset[int]]] = []

    def call(
        self, operations: list[Create], generated_keys: frozenset[int]
    ) -> list[Response[Any]]:
        self.calls.append((operations, generated_keys))
        return [Response("create", None)]


def test_entities_and_wire_references_become_references() -> None:
    status = persistent(Status, id="s1")

    data = sendable_data(
        Task.__ftrack__,
        {
            "__entity_type__": "Task",
            "name": "dust",
            "status": status,
            "parent": {"__entity_type__": "Shot", "id": "x1"},
            "type": None,
            "notes": [persistent(Note, id="n1"), Reference("Note", ("n2",))],
        },
    )

    assert data == {
        "name": "dust",
        "status": Reference("Status", ("s1",)),
        "parent": Reference("Shot", ("x1",)),
        "type": None,
        "notes": [Reference("Note", ("n1",)), Reference("Note", ("n2",))],
    }


def test_python_names_become_server_names_and_server_names_stay() -> None:
    link = AssetVersion.__ftrack__.type_named("TypedContextLink")
    [python_name] = [
        attribute.name
        for attribute in link.attributes.values()
        if attribute.server_name == "from"
    ]
    shot = persistent(Shot, id="x1")

    for name in (python_name, "from"):
        assert sendable_data(link, {name: shot}) == {"from": Reference("Shot", ("x1",))}
    assert python_name != "from"


@pytest.mark.parametrize(
    ("entity_class", "data", "error"),
    [
        (Task, {"nmae": "dust"}, UnknownAttributeError),
        (Task, {"bid": "many"}, AttributeValueError),
        (Task, {"status": persistent(Note, id="n1")}, AttributeValueError),
        (Task, {"metadata": {"source": "edit"}}, AttributeValueError),
        (Task, persistent(Note, id="n1"), AttributeValueError),
        (Metadata, {"key": 1}, AttributeValueError),
    ],
)
def test_data_that_the_type_cannot_hold_is_refused(
    entity_class: type[Entity], data: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        sendable_data(entity_class.__ftrack__, data)


def test_the_error_has_the_whole_value_of_a_collection() -> None:
    for value in ("n1", {"id": "n1"}):
        with pytest.raises(AttributeValueError) as raised:
            sendable_data(Task.__ftrack__, {"notes": value})
        assert raised.value.value == value


def test_a_link_to_an_entity_without_a_key_is_refused() -> None:
    with pytest.raises(DetachedEntityError):
        sendable_data(Task.__ftrack__, {"status": persistent(Status)})


def test_only_a_key_of_one_generated_value_is_made_here() -> None:
    values: dict[str, Any] = {"name": "dust"}
    key = fill_key(Task.__ftrack__, values)
    assert key == (values["id"],)
    assert str(uuid.UUID(values["id"])) == values["id"]

    chosen = {"id": "t1"}
    assert fill_key(Task.__ftrack__, chosen) == ("t1",)
    assert chosen == {"id": "t1"}

    # Protocol 3.8: in the order of the schema, whatever the order of the data.
    assert fill_key(Metadata.__ftrack__, {"key": "source", "parent_id": "t1"}) == (
        "t1",
        "source",
    )
    assert fill_key(Metadata.__ftrack__, {"key": "source"}) is None


@pytest.mark.parametrize(
    ("entity_class", "values", "proves"),
    [
        (Task, {"name": "dust"}, True),
        # The server may have an entity with a key that the caller chose.
        (Task, {"name": "dust", "id": "t1"}, False),
        (Metadata, {"key": "source", "parent_id": "t1"}, False),
        (Metadata, {"key": "source"}, False),
    ],
)
def test_only_a_key_made_here_proves_the_create(
    entity_class: type[Entity], values: dict[str, Any], proves: bool
) -> None:
    core: Any = Core()

    create(core, entity_class.__ftrack__, values)

    [([operation], generated_keys)] = core.calls
    assert operation.entity_type == entity_class.__ftrack__.name
    assert generated_keys == (frozenset({0}) if proves else frozenset())


def test_an_id_is_that_of_an_entity_of_the_type_or_a_text() -> None:
    assert id_of("t1", "Task") == "t1"
    assert id_of(persistent(Task, id="t1"), "Task") == "t1"
    assert id_of(persistent(Task, id="t1"), "Context") == "t1"
    wrong: tuple[Any, ...] = ("", None, 1, persistent(Note, id="n1"))
    for entity in wrong:
        with pytest.raises(EntityKeyError):
            id_of(entity, "Task")
