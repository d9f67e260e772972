"""The docstrings of attributes: units, formats, computed and read-only values."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

import ftrack_models
from ftrack_codegen.attribute_docs import ATTRIBUTE_DOCS, attribute_doc
from ftrack_models import registry
from ftrack_orm import Attribute, AttributeKind

MODELS = Path(ftrack_models.__file__).parent


def attribute(name: str, **options: Any) -> Attribute:
    return Attribute(name=name, kind=AttributeKind.SCALAR, type="number", **options)


def generated_doc(module: str, name: str) -> str | None:
    """Return the docstring below an attribute of a generated class."""
    tree = ast.parse((MODELS / f"{module}.py").read_text(encoding="utf-8"))
    [body] = [node.body for node in tree.body if isinstance(node, ast.ClassDef)]
    for node, following in zip(body, [*body[1:], None], strict=True):
        is_it = isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name
        if is_it and isinstance(following, ast.Expr):
            return str(ast.literal_eval(following.value))
    return None


@pytest.mark.parametrize(
    ("module", "name", "expected"),
    [
        ("typed_context", "bid", "The estimated work, in seconds."),
        ("shot", "bid", "The estimated work, in seconds. Read-only."),
        (
            "typed_context",
            "time_logged",
            "The sum of the timelogs on it and on everything below it, in seconds. "
            "Computed by the server.",
        ),
        ("timelog", "duration", "The logged time, in seconds."),
        ("component", "size", "The size of the file, in bytes."),
        ("context", "created_at", "When it was created, in UTC. Set by the server."),
        ("typed_context", "status_id", None),
    ],
)
def test_a_generated_attribute_has_its_docstring(
    module: str, name: str, expected: str | None
) -> None:
    assert generated_doc(module, name) == expected


def test_every_documented_attribute_is_in_the_stock_models() -> None:
    unknown = [
        f"{entity_type}.{name}"
        for entity_type, docs in ATTRIBUTE_DOCS.items()
        for name in docs
        if entity_type not in registry
        or name not in registry.resolve(entity_type).__ftrack__.by_server_name
    ]

    assert unknown == []


def test_the_nearest_type_gives_the_docstring() -> None:
    types = ["Task", "TypedContext", "Context"]

    assert (
        attribute_doc(types, attribute("bid"), is_read_only=False)
        == (ATTRIBUTE_DOCS["TypedContext"]["bid"])
    )


def test_the_description_of_the_schema_is_the_docstring_of_other_attributes() -> None:
    described = attribute("weight", description="Kilograms\n of it")

    assert attribute_doc(["Thing"], described, is_read_only=True) == (
        "Kilograms of it. Read-only."
    )
    assert attribute_doc(["Thing"], attribute("weight"), is_read_only=True) == ""


def test_a_computed_attribute_says_so() -> None:
    computed = attribute("weight", computed=True)

    assert attribute_doc(["Thing"], computed, is_read_only=True) == (
        "Computed by the server."
    )
