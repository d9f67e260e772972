"""The type of the schema that stands behind each object type (protocol 4.4).

A server has one schema per object type, so creating one adds a type to what it
serves, and to the hash of it. The types are worked out from the rows, so that they
come and go with them: in a transaction that is undone, in a snapshot, in a database
file that is opened again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from ftrack_orm.schema.model import Attribute, EntitySchema, Schema

OBJECT_TYPE: Final = "ObjectType"
BASE: Final = "TypedContext"
CLASSIFIER: Final = "object_typeid"

# Which attributes nobody may change when an object type lacks a flag. Read from the
# recorded schema (appendix A).
_FIXED_WITHOUT: Final[Mapping[str, tuple[str, ...]]] = {
    "is_prioritizable": ("priority_id", "priority"),
    "is_typeable": ("type_id", "type"),
    "is_statusable": ("status_id", "status"),
    "is_schedulable": ("bid", "start_date", "end_date", "split_parts"),
}
# Milestones, the only recorded type that can be scheduled and has no time reported on
# it, end but do not start.
_FIXED_WITHOUT_TIME: Final = ("start_date", "split_parts")
_NO_PRIORITY: Final = "9661b320-3a0c-11e2-81c1-0800200c9a66"


def type_name(name: str) -> str:
    """Return what the type of an object type is called: its name without spaces."""
    return name.replace(" ", "")


def known_object_types(schema: Schema) -> dict[str, str]:
    """Return the types that stand for object types, by the object type's id."""
    return {
        entity_type.classifiers[CLASSIFIER]: name
        for name, entity_type in schema.types.items()
        if CLASSIFIER in entity_type.classifiers
    }


def with_object_types(given: Schema, rows: Iterable[Mapping[str, Any]]) -> Schema:
    """Return `given` with a type for each object type, called as that is now.

    It is `given` itself when nothing differs, or when it has no typed contexts.

    Args:
        given: the schema that the server was set up with.
        rows: object types, in order of their creation.
    """
    if BASE not in given:
        return given
    known = known_object_types(given)
    types = dict(given.types)
    for row in rows:
        if not row["name"]:
            continue
        name, former = type_name(row["name"]), known.get(row["id"])
        if former is None:
            types[name] = object_type_schema(given[BASE], row)
        elif former != name:
            types = {
                name if each == former else each: entity_type
                for each, entity_type in types.items()
            }
            types[name] = replace(types[name], name=name)
    return given if types == given.types else Schema(types)


def is_referred_to(schema: Schema, name: str) -> bool:
    """Return whether an attribute of some type leads to the type of that name."""
    return any(
        attribute.target == name
        for entity_type in schema
        for attribute in entity_type.attributes.values()
    )


def object_type_schema(base: EntitySchema, row: Mapping[str, Any]) -> EntitySchema:
    """Return the type of one object type, as a server says it.

    Args:
        base: ``TypedContext``.
        row: the object type, with its flags.
    """
    fixed = [
        name
        for flag, names in _FIXED_WITHOUT.items()
        if not row.get(flag)
        for name in names
    ]
    if not row.get("is_time_reportable"):
        fixed += _FIXED_WITHOUT_TIME
    immutable = _immutable(base, fixed)
    own = {
        "object_type_id": row["id"],
        "priority_id": None if "priority_id" in fixed else _NO_PRIORITY,
    }
    attributes: dict[str, Attribute] = {
        name: replace(base.attributes[name], default=default)
        for name, default in own.items()
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
    """Return the flags of an object type that its type tells."""
    return {
        flag: names[0] not in entity_type.immutable
        for flag, names in _FIXED_WITHOUT.items()
    }


def _immutable(base: EntitySchema, fixed: Iterable[str]) -> tuple[str, ...]:
    names = ["object_type_id", "object_type", *fixed, *base.immutable]
    return tuple(name for name in dict.fromkeys(names) if name in base.attributes)
