"""Add a type to the schema for each object type (protocol 4.4).

A server has one type per object type: creating an object type adds a type to the
schema and changes the schema's hash. The types are computed from the stored rows, so
they follow a rollback, a restored snapshot and a reopened database file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from ftrack_orm.schema.model import Attribute, EntitySchema, Schema

OBJECT_TYPE: Final = "ObjectType"
BASE: Final = "TypedContext"
CLASSIFIER: Final = "object_typeid"

# Attributes that are immutable when an object type lacks a flag, as in the recorded
# schema (protocol, appendix A).
_IMMUTABLE_WITHOUT_FLAG: Final[Mapping[str, tuple[str, ...]]] = {
    "is_prioritizable": ("priority_id", "priority"),
    "is_typeable": ("type_id", "type"),
    "is_statusable": ("status_id", "status"),
    "is_schedulable": ("bid", "start_date", "end_date", "split_parts"),
}
# From the recorded schema of milestones, the only type with `is_schedulable` and
# without `is_time_reportable`: it has an end date but no start date.
_IMMUTABLE_WITHOUT_TIME: Final = ("start_date", "split_parts")
_NO_PRIORITY: Final = "9661b320-3a0c-11e2-81c1-0800200c9a66"


def type_name(name: str) -> str:
    """Return the name of an object type's type: its name without spaces."""
    return name.replace(" ", "")


def types_by_object_type(schema: Schema) -> dict[str, str]:
    """Return the names of the types of object types, by the object type's id."""
    return {
        entity_schema.classifiers[CLASSIFIER]: name
        for name, entity_schema in schema.types.items()
        if CLASSIFIER in entity_schema.classifiers
    }


def with_object_types(base_schema: Schema, rows: Iterable[Mapping[str, Any]]) -> Schema:
    """Return a schema with a type for each object type, under its current name.

    Returns `base_schema` itself when it needs no change or has no typed contexts.

    Args:
        base_schema: the schema without the types of new object types.
        rows: object types, in order of their creation.
    """
    if BASE not in base_schema:
        return base_schema
    type_names = types_by_object_type(base_schema)
    types = dict(base_schema.types)
    for row in rows:
        if not row["name"]:
            continue
        current, former = type_name(row["name"]), type_names.get(row["id"])
        if former is None and current in base_schema:
            types[current] = _with_object_type(base_schema[current], row["id"])
        elif former is None:
            types[current] = object_type_schema(base_schema[BASE], row)
        elif former != current:
            # A renamed type stays at its place in the order of the schema.
            types = {
                current if name == former else name: entity_schema
                for name, entity_schema in types.items()
            }
            types[current] = replace(types[current], name=current)
    return base_schema if types == base_schema.types else Schema(types)


def _with_object_type(served: EntitySchema, object_type_id: str) -> EntitySchema:
    """Return a served type as that of an object type that was created with another id.

    Clients make the ids of new object types, also of one that the schema has.
    """
    attributes = dict(served.attributes)
    attributes["object_type_id"] = replace(
        attributes["object_type_id"], default=object_type_id
    )
    classifiers = {**served.classifiers, CLASSIFIER: object_type_id}
    alias = served.alias_for if isinstance(served.alias_for, Mapping) else {}
    return replace(
        served,
        alias_for={**alias, "classifiers": classifiers},
        attributes=attributes,
    )


def is_referred_to(schema: Schema, name: str) -> bool:
    """Return whether a relation of any type has the named type as its target."""
    return any(
        attribute.target == name
        for entity_schema in schema
        for attribute in entity_schema.attributes.values()
    )


def object_type_schema(base: EntitySchema, row: Mapping[str, Any]) -> EntitySchema:
    """Return the schema of one object type's type, as a server sends it.

    Args:
        base: the schema of ``TypedContext``.
        row: the object type, with its flags.
    """
    immutable_names = [
        name
        for flag, names in _IMMUTABLE_WITHOUT_FLAG.items()
        if not row.get(flag)
        for name in names
    ]
    if not row.get("is_time_reportable"):
        immutable_names += _IMMUTABLE_WITHOUT_TIME
    immutable = _immutable(base, immutable_names)
    defaults = {
        "object_type_id": row["id"],
        "priority_id": None if "priority_id" in immutable_names else _NO_PRIORITY,
    }
    attributes: dict[str, Attribute] = {
        name: replace(base.attributes[name], default=default)
        for name, default in defaults.items()
        if name in base.attributes
    }
    attributes |= {
        name: attribute
        for name, attribute in base.attributes.items()
        if name not in attributes
    }
    return replace(
        base,
        name=type_name(row["name"]),
        base=BASE,
        mixin=None if base.mixin is None else {"$ref": BASE},
        alias_for={"id": base.table, "classifiers": {CLASSIFIER: row["id"]}},
        immutable=immutable,
        attributes={
            name: replace(attribute, immutable=name in immutable)
            for name, attribute in attributes.items()
        },
    )


def flags_of(entity_type: EntitySchema) -> dict[str, bool]:
    """Return the flags of an object type that follow from its type's schema."""
    return {
        flag: names[0] not in entity_type.immutable
        for flag, names in _IMMUTABLE_WITHOUT_FLAG.items()
    }


def _immutable(base: EntitySchema, fixed: Iterable[str]) -> tuple[str, ...]:
    names = ["object_type_id", "object_type", *fixed, *base.immutable]
    return tuple(name for name in dict.fromkeys(names) if name in base.attributes)
