"""Move pydantic's validators around another core schema."""

from __future__ import annotations

from typing import Any

from pydantic_core import core_schema

_CHAIN = ("default", "function-before", "function-after", "function-wrap")
"""The schema types of a field's default and validators, which wrap its schema."""


def with_innermost_schema(schema: Any, leaf: Any) -> Any:
    """Return the validators of a field with `leaf` as the innermost schema."""
    if schema["type"] not in _CHAIN:
        return leaf
    return {**schema, "schema": with_innermost_schema(schema["schema"], leaf)}


def validators_around(schema: Any, leaf: Any) -> Any:
    """Return the model validators with `leaf` in place of the model's fields."""
    if schema["type"] == "model-fields":
        return leaf
    if schema["type"] == "model":
        return validators_around(schema["schema"], leaf)
    return {**_bare(schema), "schema": validators_around(schema["schema"], leaf)}


def after_validators(schema: Any) -> Any:
    """Return the model validators with mode ``after``."""
    if schema["type"] in ("model", "model-fields"):
        return core_schema.any_schema()
    inner = after_validators(schema["schema"])
    if schema["type"] != "function-after":
        return inner
    return {**_bare(schema), "schema": inner}


def _bare(schema: Any) -> dict[str, Any]:
    unused = ("ref", "serialization", "metadata")
    return {key: value for key, value in schema.items() if key not in unused}
