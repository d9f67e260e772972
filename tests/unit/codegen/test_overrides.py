from __future__ import annotations

import pytest

from ftrack_codegen.declarations import Annotation
from ftrack_codegen.overrides import override_remark
from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.parse import parse_schema


def make_schema() -> Schema:
    types = [
        {"id": "Base", "primary_key": ["id"], "properties": {}},
        {
            "id": "Sub",
            "primary_key": ["id"],
            "properties": {},
            "$mixin": {"$ref": "Base"},
        },
    ]
    return parse_schema(types).schema


TEXT = Annotation("Attr", "str")
TEXT_OR_NONE = Annotation("Attr", "str", nullable=True)


@pytest.mark.parametrize(
    ("one", "inherited"),
    [
        (Annotation("ReadOnly", "str"), TEXT),
        (TEXT, TEXT_OR_NONE),
        (Annotation("Attr", "int"), Annotation("Attr", "float")),
        (Annotation("Attr", "Literal", ("a",)), TEXT),
        (
            Annotation("Attr", "Literal", ("a",)),
            Annotation("Attr", "Literal", ("a", "b")),
        ),
        (TEXT_OR_NONE, Annotation("Attr", "VariableValue")),
        (Annotation("Ref", "Base"), Annotation("OptionalRef", "Base")),
        (Annotation("Ref", "Sub"), Annotation("Ref", "Base")),
        (Annotation("Ref", "Sub"), Annotation("Ref", None)),
    ],
    ids=str,
)
def test_pyright_alone_is_told_of_a_stricter_definition(
    one: Annotation, inherited: Annotation
) -> None:
    remark = override_remark(make_schema(), one, [inherited])
    assert remark.startswith("# pyright: ignore[reportIncompatibleVariableOverride]")


@pytest.mark.parametrize(
    ("one", "inherited"),
    [
        (TEXT_OR_NONE, TEXT),
        (Annotation("Attr", "float"), Annotation("Attr", "int")),
        (Annotation("Attr", "VariableValue"), TEXT_OR_NONE),
        (TEXT, Annotation("Attr", "Literal", ("a",))),
        (Annotation("Attr", "Literal", (1,)), TEXT),
        (Annotation("Attr", "Literal", (1,)), Annotation("Attr", "Literal", (True,))),
        (Annotation("OptionalRef", "Base"), Annotation("Ref", "Base")),
        (Annotation("Ref", "Base"), Annotation("Ref", "Sub")),
        (Annotation("Many", "Sub"), Annotation("Many", "Base")),
        (Annotation("Ref", "Base"), TEXT),
    ],
    ids=str,
)
def test_both_checkers_are_told_of_any_other_definition(
    one: Annotation, inherited: Annotation
) -> None:
    remark = override_remark(make_schema(), one, [inherited])
    assert remark.startswith("# type: ignore[assignment]")


@pytest.mark.parametrize("inherited", [[], [TEXT], [TEXT, TEXT]])
def test_nothing_is_said_where_nothing_is_overridden(
    inherited: list[Annotation],
) -> None:
    assert override_remark(make_schema(), TEXT, inherited) == ""


def test_every_class_that_is_overridden_counts() -> None:
    remark = override_remark(make_schema(), TEXT_OR_NONE, [TEXT_OR_NONE, TEXT])
    assert remark.startswith("# type: ignore[assignment]")
