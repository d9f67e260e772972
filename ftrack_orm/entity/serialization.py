"""Core schemas of attributes: scalars by type, relations as flat references."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import SerializationInfo
from pydantic_core import CoreSchema, core_schema

from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.validators import holds_link_items
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import JSONObject, Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo


def reference_to_json(reference: Reference, names: tuple[str, ...]) -> JSONObject:
    """Return the wire form of a reference, its type and key (protocol 3.3)."""
    return {
        "__entity_type__": reference.entity_type,
        **dict(zip(names, reference.key, strict=True)),
    }


def dump_link(value: Any) -> JSONObject | None:
    """Return a linked entity as a reference, so that the dump of a cycle ends."""
    if value is None:
        return None
    type_info = type(value).__ftrack__
    values = value.__dict__
    return {
        "__entity_type__": type_info.name,
        **{
            name: values[python]
            for name, python in zip(
                type_info.primary_key, type_info.python_primary_key, strict=True
            )
            if python in values
        },
    }


def dump_collection(value: Any) -> list[JSONObject | None]:
    """Return a collection as a list of references."""
    return [dump_link(member) for member in value or ()]


def dump_mapped(value: Any) -> dict[str, Any]:
    """Return key and value rows as a plain mapping."""
    if isinstance(value, MappedValues):
        return dict(value.values_by_key)
    return dict(value) if isinstance(value, Mapping) else {}


def shadow_values(entity: Any) -> dict[str, Any]:
    """Return the loaded values of an entity for pydantic to dump."""
    from ftrack_orm.entity.copies import loaded_values

    return loaded_values(entity)


def tagged(value: Any) -> Any:
    """Return a datetime in its wire form (protocol 3.1), any other value unchanged.

    An attribute of any type needs the tag: plain text would be validated as text.
    """
    if isinstance(value, datetime):
        return {"__type__": "datetime", "value": value.astimezone(UTC).isoformat()}
    return value


def untagged(value: Any) -> Any:
    """Return the value that `tagged` has encoded.

    Raises:
        ValueError: the value has the tag of a datetime, but its text is not one.
    """
    if isinstance(value, dict) and value.get("__type__") == "datetime":
        return datetime.fromisoformat(str(value.get("value")))
    return value


def _dump_rows(value: Any, info: SerializationInfo) -> dict[str, Any]:
    rows = dump_mapped(value)
    if info.mode == "json":
        return {key: tagged(part) for key, part in rows.items()}
    return rows


_REFERENCE = core_schema.dict_schema(core_schema.str_schema())


def _relation(kind: AttributeKind) -> CoreSchema:
    match kind:
        case AttributeKind.LINK:
            dump, return_schema = dump_link, core_schema.nullable_schema(_REFERENCE)
        case AttributeKind.COLLECTION:
            return core_schema.any_schema(
                serialization=core_schema.plain_serializer_function_ser_schema(
                    dump_collection, return_schema=core_schema.list_schema(_REFERENCE)
                )
            )
        case _:
            return core_schema.any_schema(
                serialization=core_schema.plain_serializer_function_ser_schema(
                    _dump_rows,
                    info_arg=True,
                    return_schema=core_schema.dict_schema(core_schema.str_schema()),
                )
            )
    return core_schema.any_schema(
        serialization=core_schema.plain_serializer_function_ser_schema(
            dump, return_schema=return_schema
        )
    )


def _scalar(attribute: AttributeInfo) -> CoreSchema:
    if attribute.enum:
        return core_schema.literal_schema(list(attribute.enum))
    if holds_link_items(attribute.server_name, attribute.type):
        return core_schema.list_schema(core_schema.dict_schema())
    if attribute.type == "string" and attribute.format == "date-time":
        return core_schema.datetime_schema()
    match attribute.type:
        case "string":
            return core_schema.str_schema()
        case "integer":
            return core_schema.int_schema()
        case "number":
            return core_schema.union_schema(
                [core_schema.int_schema(strict=True), core_schema.float_schema()]
            )
        case "boolean":
            return core_schema.bool_schema()
        case "object":
            return core_schema.dict_schema(core_schema.str_schema())
        case _:
            return core_schema.any_schema(
                serialization=core_schema.plain_serializer_function_ser_schema(
                    tagged, when_used="json"
                )
            )


def core_schema_of(attribute: AttributeInfo) -> CoreSchema:
    """Return the core schema of an attribute; it refers to no other entity class."""
    if attribute.kind is not AttributeKind.SCALAR:
        return _relation(attribute.kind)
    return core_schema.nullable_schema(_scalar(attribute))
