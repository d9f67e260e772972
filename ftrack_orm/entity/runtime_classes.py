"""Create entity classes at run time for types without a generated class."""

from __future__ import annotations

from typing import Any

from ftrack_orm.entity.declarations import attribute
from ftrack_orm.entity.entity import Entity
from ftrack_orm.entity.metaclass import EntityMeta
from ftrack_orm.entity.registry import Registry
from ftrack_orm.schema.constraints import (
    is_nullable,
    is_read_only,
    is_required_argument,
)
from ftrack_orm.schema.model import Attribute, AttributeKind, EntitySchema, Schema
from ftrack_orm.schema.names import class_name, python_name
from ftrack_orm.schema.relations import Relations

_HEADS = {
    AttributeKind.SCALAR: "Attr",
    AttributeKind.COLLECTION: "Many",
    AttributeKind.MAPPED: "Mapped",
}


def make_entity_class(
    schema: Schema, entity_type: EntitySchema, registry: Registry
) -> type[Entity]:
    """Return a class for `entity_type`, registered in `registry`.

    It inherits from the class of its base type if the models have one, so its entities
    are valid targets of links to the base.
    """
    base: type[Any] = Entity
    if entity_type.base is not None and entity_type.base in registry:
        base = registry.resolve(entity_type.base)
    metaclass: Any = EntityMeta  # untyped, as mypy rejects class keywords in a call
    entity_class: type[Entity] = metaclass(
        class_name(entity_type.name),
        (base,),
        _namespace(schema, entity_type, registry),
        entity_type=entity_type.name,
        registry=registry,
        **_class_options(entity_type),
    )
    return entity_class


def _namespace(
    schema: Schema, entity_type: EntitySchema, registry: Registry
) -> dict[str, Any]:
    """Return the body of the class: a declaration and annotation per attribute."""
    namespace: dict[str, Any] = {
        "__module__": registry.package,
        "__qualname__": class_name(entity_type.name),
        "__doc__": f"The `{entity_type.name}` entity type of the server's schema.",
        "__annotations__": {},
    }
    relations = Relations(schema)
    for declared in entity_type.attributes.values():
        name = python_name(declared.name)
        is_required = is_required_argument(schema, entity_type, declared, relations)
        namespace[name] = _declaration(declared, is_required)
        namespace["__annotations__"][name] = _annotation(
            schema, entity_type, declared, relations
        )
    return namespace


def _class_options(entity_type: EntitySchema) -> dict[str, Any]:
    """Return the keywords of the class statement."""
    return {
        "key": entity_type.primary_key,
        "type": entity_type.type,
        "required": entity_type.required,
        "immutable": entity_type.immutable,
        "default_projections": entity_type.default_projections,
        "computed": entity_type.computed,
        "system_projections": entity_type.system_projections,
        "alias_for": entity_type.alias_for,
        "mixin": entity_type.mixin,
        "metadata": entity_type.metadata,
        "extra": entity_type.extra,
        "absent": tuple(sorted(entity_type.absent)),
    }


def _declaration(declared: Attribute, is_required: bool) -> Any:
    return attribute(
        default=... if is_required and not declared.has_default else declared.default,
        type=declared.type,
        format=declared.format,
        ref=declared.target,
        alias_for=declared.alias_for,
        description=declared.description,
        key_value_attributes=declared.key_value_attributes,
        restricted_projection=declared.restricted_projection,
        transform=declared.transform,
        enum=declared.enum,
        extra=declared.extra,
    )


def _annotation(
    schema: Schema,
    entity_type: EntitySchema,
    declared: Attribute,
    relations: Relations,
) -> str:
    nullable = is_nullable(schema, entity_type, declared, relations)
    if declared.kind is AttributeKind.LINK:
        return f"{'OptionalRef' if nullable else 'Ref'}[Entity]"
    head = _HEADS[declared.kind]
    if declared.kind is AttributeKind.SCALAR and is_read_only(
        schema, entity_type, declared
    ):
        head = "ReadOnly"
    return f"{head}[object | None]" if nullable else f"{head}[object]"
