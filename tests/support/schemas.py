"""The recorded schema of a stock server, forms derived from it, and made up types."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.parse import parse_schema
from tests.support.recorded_responses import stock_schema


@cache
def _text() -> str:
    return json.dumps(stock_schema())


def load_served() -> list[dict[str, Any]]:
    """Return a fresh copy of the list that the server served."""
    served: list[dict[str, Any]] = json.loads(_text())
    return served


def load_older_form() -> list[dict[str, Any]]:
    """Return the same types as an older server says them: without `$mixin`."""
    return [
        {key: value for key, value in served.items() if key != "$mixin"}
        for served in load_served()
    ]


def load_form_of_116_types() -> list[dict[str, Any]]:
    """Return a schema of the older recorded form: 116 types (protocol 4.1, D).

    Types have no `$mixin` and no `metadata`, entities have no links as custom
    attributes, and two foreign keys have a `$ref` too.
    """
    types = {
        served["id"]: {
            k: v for k, v in served.items() if k not in ("$mixin", "metadata")
        }
        for served in load_served()
    }
    bases = {"CustomAttributeLink", "CustomAttributeLinkFrom"}
    links = [
        name for name in types if name.endswith(tuple(bases)) and name not in bases
    ]
    for name in links:
        del types[name]
    for served in types.values():
        served["properties"] = {
            name: value
            for name, value in served["properties"].items()
            if value.get("$ref", value.get("items", {}).get("$ref", "Task")) in types
        }
    resource = types["DashboardResource"]["properties"]
    resource["dashboard_id"]["$ref"] = "Dashboard"
    resource["resource_id"]["$ref"] = "Resource"
    return [*types.values()]


@cache
def recorded() -> Schema:
    """Return the recorded schema, parsed."""
    return parse_schema(load_served()).schema


def make_type(name: str = "Thing", **changes: Any) -> dict[str, Any]:
    """Return a type as served, with `changes` to its keys."""
    served: dict[str, Any] = {
        "id": name,
        "type": "object",
        "properties": {"id": {"type": "string", "default": "{uid}"}},
        "primary_key": ["id"],
        "required": ["id"],
        "immutable": ["id"],
        "default_projections": ["id"],
    }
    served.update(changes)
    return served


def make_subtype(name: str, base: str) -> dict[str, Any]:
    """Return a type that names its base by `$mixin`."""
    return {**make_type(name), "$mixin": {"$ref": base}}
