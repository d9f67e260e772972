from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import Note, Sequence, Shot, Status, Task, User
from ftrack_orm import AttributeValueError, ReadOnlyAttributeError, Session
from ftrack_orm.entity.naming import label_of, place_of
from tests.support.fake_executor import persistent
from tests.support.incomplete import incomplete
from tests.support.transports import UnusedTransport


def test_an_entity_is_labelled_by_the_first_of_its_names() -> None:
    assert label_of(persistent(User, id="u1", username="jane")) == "jane"
    assert label_of(persistent(Task, id="t1", name="anim")) == "anim"
    assert label_of(persistent(Task, id="t1", name=None)) == ""


def test_an_attribute_is_placed_by_name_key_or_type() -> None:
    new = incomplete(Task)
    del vars(new)["id"]

    assert place_of(persistent(Task, id="t1", name="anim"), "bid") == "Task 'anim'.bid"
    assert place_of(persistent(Note, id="n1"), "content") == "Note(n1).content"
    assert place_of(new, "bid") == "Task.bid"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("status", "Approved", "Shot 'sh010'.status cannot be 'Approved' (str)"),
        ("name", None, "Shot 'sh010'.name cannot be None (NoneType)"),
        ("description", 5, "Shot 'sh010'.description cannot be 5 (int)"),
        ("children", 5, "Shot 'sh010'.children cannot be 5 (int)"),
        ("metadata", 5, "Shot 'sh010'.metadata cannot be 5 (int)"),
    ],
)
def test_a_refused_value_names_the_entity_and_its_type(
    name: str, value: Any, message: str
) -> None:
    shot = persistent(Shot, id="s1", name="sh010")

    with pytest.raises(AttributeValueError) as raised:
        setattr(shot, name, value)

    assert str(raised.value).startswith(message)
    assert (raised.value.entity_type, raised.value.attribute) == ("Shot", name)


def test_a_refused_edit_of_a_container_names_the_entity_and_its_type() -> None:
    shot: Any = incomplete(Shot, name="sh010")
    status = Status(name="Approved", is_active=True)

    with pytest.raises(AttributeValueError, match=r"^Shot 'sh010'\.children cannot"):
        shot.children.append(status)
    with pytest.raises(AttributeValueError, match=r"^Shot 'sh010'\.children cannot"):
        shot.children.extend([shot, shot])
    with pytest.raises(AttributeValueError, match=r"^Shot 'sh010'\.metadata\['a'\] "):
        shot.metadata["a"] = 5
    with pytest.raises(AttributeValueError, match=r"^Shot 'sh010'\.custom_attr"):
        shot.custom_attributes["a"] = object()


def test_a_refused_argument_names_the_type_of_the_constructor() -> None:
    with pytest.raises(AttributeValueError, match=r"^Task\.bid cannot be 'x'"):
        incomplete(Task, bid="x")
    with pytest.raises(ReadOnlyAttributeError, match=r"^Shot\.bid cannot be set"):
        incomplete(Shot, bid=5)


def test_a_read_only_attribute_names_the_entity_and_its_type() -> None:
    sequence: Any = persistent(Sequence, id="s1", name="sq010")

    with pytest.raises(
        ReadOnlyAttributeError, match=r"^Sequence 'sq010'\.status cannot be set"
    ) as raised:
        sequence.status = None

    assert raised.value.entity_type == "Sequence"


def test_a_refused_operand_names_the_path() -> None:
    path: Any = Task.project.name

    with pytest.raises(AttributeValueError, match=r"^Task\.project\.name cannot be 5"):
        _ = path == 5


def test_refused_data_names_the_type_of_the_call() -> None:
    session = Session(transport=UnusedTransport())

    with pytest.raises(AttributeValueError, match=r"^Shot\.description cannot be 5"):
        session.create(Shot, {"description": 5})
