from __future__ import annotations

from typing import Any

import pytest

from ftrack_orm.schema.attribute_kind import EMPTY, AttributeKind
from ftrack_orm.schema.implied import (
    Names,
    foreign_key_link,
    implied_options,
    merge_names,
)
from ftrack_orm.schema.model import Attribute

NOTHING: dict[str, Any] = {
    "type": "string",
    "format": None,
    "ref": None,
    "alias_for": None,
    "description": None,
    "key_value_attributes": None,
    "restricted_projection": None,
    "transform": None,
    "extra": EMPTY,
}


@pytest.mark.parametrize(
    ("stated", "merged"),
    [
        (("own", ...), ("own", "id", "name", "sort")),
        ((..., "own"), ("id", "name", "sort", "own")),
        (("sort", ..., "own"), ("sort", "id", "name", "own")),
        (("sort", ...), ("sort", "id", "name")),
        ((..., "id"), ("name", "sort", "id")),
        ((...,), ("id", "name", "sort")),
        (("name",), ("name",)),
        ((), ()),
    ],
)
def test_an_ellipsis_stands_for_the_other_names_of_the_base(
    stated: Names, merged: tuple[str, ...]
) -> None:
    assert merge_names(stated, ("id", "name", "sort")) == merged


@pytest.mark.parametrize(
    ("head", "inner", "options"),
    [
        ("Attr", "str", {}),
        ("ReadOnly", "bool", {"type": "boolean"}),
        ("Attr", "int", {"type": "integer"}),
        ("Attr", "float", {"type": "number"}),
        ("Attr", "JSONObject", {"type": "object"}),
        ("Attr", "datetime", {"format": "date-time"}),
        ("Attr", "Literal", {}),
        ("Attr", "VariableValue", {}),
        ("Ref", "Status", {"type": None, "ref": "Status"}),
        ("OptionalRef", "Entity", {"type": None}),
        ("Many", "Note", {"type": "array", "ref": "Note"}),
        (
            "Mapped",
            "str",
            {
                "type": "mapped_array",
                "key_value_attributes": {"key": "key", "value": "value"},
            },
        ),
    ],
)
def test_an_annotation_implies_type_format_and_target(
    head: str, inner: str, options: dict[str, Any]
) -> None:
    assert implied_options(head, inner) == {**NOTHING, **options}


def test_a_redefined_attribute_has_the_options_of_the_base() -> None:
    base = Attribute(
        "status_id",
        AttributeKind.SCALAR,
        type="string",
        format="foreign_key",
        description="Foreign key(s): Status.id",
        alias_for="statusid",
        extra={"x": 1},
    )
    options = implied_options("Attr", "str", base)
    assert options == {
        **NOTHING,
        "format": "foreign_key",
        "description": "Foreign key(s): Status.id",
        "alias_for": "statusid",
        "extra": {"x": 1},
    }


def test_an_annotation_wins_over_the_type_of_the_base() -> None:
    base = Attribute("size", AttributeKind.SCALAR, type="number", alias_for="bytes")
    options = implied_options("Attr", "int", base)
    assert (options["type"], options["alias_for"]) == ("integer", "bytes")
    link = Attribute("parent", AttributeKind.LINK, target="Base")
    assert implied_options("Ref", "Middle", link)["ref"] == "Middle"
    assert implied_options("Ref", "Entity", link)["ref"] == "Base"


def test_a_reference_is_a_foreign_key_with_the_description_of_servers() -> None:
    options = implied_options("Attr", "str", references="User.user_id")
    assert options["format"] == "foreign_key"
    assert options["description"] == "Foreign key(s): User.user_id"


def test_a_foreign_key_belongs_to_the_link_of_the_same_name() -> None:
    assert foreign_key_link("status_id") == "status"
    assert foreign_key_link("id") is None
    assert foreign_key_link("object_type_id_to") is None
