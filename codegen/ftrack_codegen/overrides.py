"""Comments for type checkers where a class redefines an inherited attribute.

A server lets a type be stricter than its base (``Shot.bid`` cannot be set), or
different in another way. mypy compares the value types of the two definitions, pyright
the definitions themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ftrack_codegen.declarations import Annotation
from ftrack_orm.schema.model import Schema

SHADOWED: Final = frozenset({"entity_type"})
"""Properties of `Entity`, of text, that an attribute of the schema may replace."""

_NARROWER: Final = frozenset(
    {("int", "float"), ("bool", "int"), ("bool", "float")}
    | {
        (name, "VariableValue")
        for name in ("str", "int", "float", "bool", "datetime", "Literal", "JSONObject")
    }
)
"""Pairs of value types; each value of the first is one of the second."""


def override_remark(
    schema: Schema, annotation: Annotation, inherited: Sequence[Annotation]
) -> str:
    """Return the comment that a redefinition needs, or an empty text.

    Args:
        schema: the types and their bases.
        annotation: the annotation in the class.
        inherited: the annotations in the classes it inherits from, nearest first:
            of the base alone where that declares the attribute, else of all.
    """
    # Text is compared because 1 == True in Python, and not for a type checker.
    different = [other for other in inherited if repr(other) != repr(annotation)]
    if not different:
        return ""
    if not all(_is_narrower(schema, annotation, other) for other in different):
        return "# type: ignore[assignment] # differs from the base on the server"
    return (
        "# pyright: ignore[reportIncompatibleVariableOverride] "
        "# stricter than in the base"
    )


def shadow_remark(schema: Schema, annotation: Annotation) -> str:
    """Return the comment for an attribute that replaces a property of `Entity`."""
    if _is_narrower(schema, annotation, Annotation("ReadOnly", "str")):
        return (
            "# pyright: ignore[reportIncompatibleMethodOverride] # replaces a property"
        )
    return "# type: ignore[assignment] # replaces a property"


def _is_narrower(schema: Schema, one: Annotation, other: Annotation) -> bool:
    """Return whether every value of `one` is a value of `other`."""
    if _family(one) != _family(other):
        return False
    if _is_nullable(one) and not _is_nullable(other):
        return False
    match _family(one):
        case "scalar":
            return _is_narrower_value(one, other)
        case "Custom":
            # The class of a subtype inherits from that of the base.
            return True
        case "link":
            return _is_kind_of(schema, one.inner, other.inner)
        case _:
            return one.inner == other.inner


def _family(annotation: Annotation) -> str:
    match annotation.head:
        case "Attr" | "ReadOnly" | "Named":
            return "scalar"
        case "Ref" | "OptionalRef":
            return "link"
        case head:
            return head


def _is_nullable(annotation: Annotation) -> bool:
    return (
        annotation.nullable
        or annotation.head == "OptionalRef"
        or annotation.inner == "VariableValue"
        or None in annotation.values
    )


def _is_narrower_value(one: Annotation, other: Annotation) -> bool:
    if one.inner == other.inner == "Literal":
        allowed = {(type(value), value) for value in other.values}
        return {(type(value), value) for value in one.values} <= allowed | {
            (type(None), None)
        }
    if one.inner == "Literal":
        kinds = {type(value).__name__ for value in one.values if value is not None}
        return all(
            kind == other.inner or (kind, other.inner) in _NARROWER for kind in kinds
        )
    return one.inner == other.inner or (one.inner, other.inner) in _NARROWER


def _is_kind_of(schema: Schema, one: str | None, other: str | None) -> bool:
    if other is None or one == other:
        return True
    return one is not None and other in {base.name for base in schema.bases(one)}
