"""What type checkers must be told where a class redefines what it inherits.

A server lets a type be stricter than its base (``Shot.bid`` cannot be set), or
otherwise different. mypy compares the values that two definitions give, pyright the
definitions themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ftrack_codegen.declarations import Annotation
from ftrack_orm.schema.model import Schema

_NARROWER: Final = frozenset(
    {("int", "float"), ("bool", "int"), ("bool", "float")}
    | {
        (name, "VariableValue")
        for name in ("str", "int", "float", "bool", "datetime", "Literal", "JSONObject")
    }
)
"""Pairs of value types of which the first is a kind of the second."""


def override_remark(
    schema: Schema, annotation: Annotation, inherited: Sequence[Annotation]
) -> str:
    """Return the comment that a redefinition needs, an empty text for none.

    Args:
        schema: knows which entity type is a kind of which.
        annotation: of the attribute in the class.
        inherited: of the same attribute in the classes it inherits from, nearest
            first: its base alone where that declares it, else every one that does.
    """
    # By text, because to Python 1 and True are the same, and to a checker they are not.
    other = [one for one in inherited if repr(one) != repr(annotation)]
    if not other:
        return ""
    if not all(_gives_less(schema, annotation, one) for one in other):
        return "# type: ignore[assignment] # the server says otherwise of the base"
    return (
        "# pyright: ignore[reportIncompatibleVariableOverride] "
        "# stricter than in the base"
    )


def _gives_less(schema: Schema, one: Annotation, other: Annotation) -> bool:
    """Return whether every value of `one` is a value of `other`."""
    if _family(one) != _family(other):
        return False
    if _is_nullable(one) and not _is_nullable(other):
        return False
    match _family(one):
        case "scalar":
            return _is_narrower_value(one, other)
        case "link":
            return _is_kind_of(schema, one.inner, other.inner)
        case _:
            return one.inner == other.inner


def _family(annotation: Annotation) -> str:
    match annotation.head:
        case "Attr" | "ReadOnly":
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
