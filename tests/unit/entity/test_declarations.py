"""Options that a hand-written class does not state."""

from __future__ import annotations

from typing import Literal

import pytest

from ftrack_orm import (
    Attr,
    AttributeValueError,
    Entity,
    Many,
    Mapped,
    OptionalRef,
    ReadOnly,
    Ref,
    attribute,
)
from ftrack_orm.entity.annotation import Annotation, read_annotation
from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.entity.registry import Registry
from ftrack_orm.schema.attribute_kind import AttributeKind

REGISTRY = Registry("models")


class Shelf(
    Entity,
    entity_type="Shelf",
    registry=REGISTRY,
    required=("id", "size"),
    immutable=("id",),
    metadata={"group_by": True},
):
    id: ReadOnly[str] = attribute(init=False)
    size: Attr[float] = attribute()
    state: Attr[Literal["open", "closed"] | None] = attribute(default=None)
    keeper_id: Attr[str | None] = attribute(default=None, alias_for="keeperid")
    maker_id: Attr[str | None] = attribute(default=None, references="User.user_id")
    keeper: OptionalRef[Shelf] = attribute(default=None)
    shelves: Many[Shelf] = attribute(default=None)
    texts: Mapped[str] = attribute(default=None, ref="Text")


class Board(
    Shelf,
    entity_type="Board",
    required=(..., "keeper_id"),
    computed=("size",),
):
    size: ReadOnly[int] = attribute(init=False)  # pyright: ignore[reportIncompatibleVariableOverride] # stricter than in the base
    keeper_id: Attr[str] = attribute()  # pyright: ignore[reportIncompatibleVariableOverride] # stricter than in the base
    keeper: Ref[Shelf] = attribute()  # pyright: ignore[reportIncompatibleVariableOverride] # stricter than in the base


def attribute_of(entity_class: type[Entity], name: str) -> AttributeInfo:
    return entity_class.__ftrack__.attributes[name]


def test_relations_have_the_kind_of_their_annotation() -> None:
    kinds = {
        name: (info.kind, info.type, info.target)
        for name, info in Shelf.__ftrack__.attributes.items()
        if info.kind is not AttributeKind.SCALAR
    }
    assert kinds == {
        "keeper": (AttributeKind.LINK, None, "Shelf"),
        "shelves": (AttributeKind.COLLECTION, "array", "Shelf"),
        "texts": (AttributeKind.MAPPED, "mapped_array", "Text"),
    }


def test_foreign_keys_have_format_and_description() -> None:
    for name, references in (("keeper_id", "Shelf.id"), ("maker_id", "User.user_id")):
        foreign_key = attribute_of(Shelf, name)
        assert foreign_key.format == "foreign_key"
        assert foreign_key.description == f"Foreign key(s): {references}"
    assert attribute_of(Shelf, "size").format is None


def test_redefined_attributes_keep_the_options_of_the_base() -> None:
    key = attribute_of(Board, "keeper_id")
    assert (key.alias_for, key.format) == ("keeperid", "foreign_key")
    assert (key.nullable, key.owner.name) == (False, "Board")
    size = attribute_of(Board, "size")
    assert (size.type, size.exact, size.read_only) == ("integer", int, True)


def test_subtypes_inherit_what_they_do_not_state() -> None:
    options = Board.__ftrack__.all_options
    assert options.required == ("id", "size", "keeper_id")
    assert (options.immutable, options.computed) == (("id",), ("size",))
    assert options.metadata == {"group_by": True}
    assert options.mixin == {"$ref": "Shelf"}
    assert Shelf.__ftrack__.all_options.mixin is None


def test_enumerated_values_come_from_the_annotation() -> None:
    assert attribute_of(Shelf, "state").enum == ("open", "closed")
    assert attribute_of(Board, "state").enum == ("open", "closed")
    assert Shelf(size=1.0, state="open").state == "open"
    with pytest.raises(AttributeValueError, match="one of 'open', 'closed'"):
        Shelf(size=1.0, state="ajar")  # type: ignore[arg-type] # refused by checkers too


def test_no_annotation_is_parsed_before_a_value_is_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parsed: list[str] = []
    literal_values = Annotation.literal_values

    def count(annotation: Annotation) -> object:
        parsed.append(annotation.text)
        return literal_values(annotation)

    monkeypatch.setattr(Annotation, "literal_values", count)

    class Box(Entity, entity_type="Box", registry=Registry("boxes")):
        id: ReadOnly[str] = attribute(init=False)
        state: Attr[Literal["open"] | None] = attribute(default=None)

    box = Box()
    assert parsed == []
    box.state = "open"
    box.state = "open"
    assert parsed == ["Attr[Literal['open'] | None]"]


def test_an_unknown_fact_is_refused_with_the_known_ones() -> None:
    with pytest.raises(TypeError, match=r"no descripton\. Use alias_for, description"):
        attribute(descripton="A text.")  # type: ignore[call-arg] # the point


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Attr[str]", ("Attr", "str", False)),
        ("_Attr[_str | None]", ("Attr", "str", True)),
        ("orm.ReadOnly[datetime.datetime]", ("ReadOnly", "datetime", False)),
        ("OptionalRef[_Type_]", ("OptionalRef", "Type", True)),
        ("Ref['Status']", ("Ref", "Status", False)),
        ("Attr[Literal['a | b', None]]", ("Attr", "Literal", True)),
        ("Attr", ("Attr", "", False)),
    ],
)
def test_annotations_are_read_in_parts(text: str, parts: tuple[str, str, bool]) -> None:
    annotation = read_annotation(text)
    assert (annotation.head, annotation.inner, annotation.nullable) == parts


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Attr[Literal['a']]", ("a",)),
        ("Attr[_Literal['a', 1, True, None, -2] | None]", ("a", 1, True, None, -2)),
        ("Attr[typing.Literal['Literal[1]', '|']]", ("Literal[1]", "|")),
        ("Attr[str]", ()),
    ],
)
def test_literal_values_are_those_of_the_annotation(
    text: str, values: tuple[object, ...]
) -> None:
    read = read_annotation(text).literal_values()
    assert [(type(value), value) for value in read] == [
        (type(value), value) for value in values
    ]
