"""Fill entities from constructor arguments, validated data and updates of copies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity import relations, subclass_fields, validated_data
from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.entity.state import EntityState, InstanceState
from ftrack_orm.entity.type_info import FORMER_NAME
from ftrack_orm.errors.entity import ReadOnlyAttributeError, UnknownAttributeError
from ftrack_orm.errors.root import FtrackError
from ftrack_orm.schema.attribute_kind import AttributeKind

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity

Prepare = Callable[["Entity", AttributeInfo, Any], relations.Write]
"""Checks a value for an attribute of an entity and returns the write of it."""


def fill(
    entity: Entity,
    data: Mapping[str, Any],
    *,
    prepare: Prepare | None = None,
    context: Any = None,
) -> None:
    """Set the arguments of a constructor, and the key that the client creates.

    All values are checked before the first is set, so a constructor that raises has
    changed no other entity.

    Args:
        entity: the entity.
        data: values by Python or server name.
        prepare: checks a value and returns the write of it; by default the check of
            a constructor argument.
        context: the validation context of pydantic.

    Raises:
        AttributeValueError: a value is not valid for its attribute.
        ReadOnlyAttributeError: only the server sets an attribute.
        UnknownAttributeError: a name is neither an attribute nor a field.
        ValidationError: a value is not valid for a field that a subclass adds.
    """
    type_info = type(entity).__ftrack__
    extension = type_info.extension
    attribute_values: dict[str, Any] = {}
    other_values: dict[str, Any] = {}
    writes: list[relations.Write] = []
    for name, value in data.items():
        attribute = type_info.attributes.get(name) or type_info.by_server_name.get(name)
        if attribute is None and name == FORMER_NAME:
            attribute = type_info.attributes.get("entity_type")
        if attribute is None:
            other_values[name] = value
            continue
        if extension is not None:
            value = extension.validate_value(entity, attribute, value)
        attribute_values[attribute.name] = value
        writes.append((prepare or _prepare_argument)(entity, attribute, value))
    if extension is not None:
        extension.fill(entity, other_values, attribute_values, context)
    else:
        for name in other_values:
            raise UnknownAttributeError(type_info.name, name, type_info.attributes)
    key_names = type_info.python_primary_key
    if key_names and key_names[0] not in attribute_values:
        # The key comes before the writes: new members of a collection store it.
        make_key(entity)
    for write in writes:
        write()


def _prepare_argument(
    entity: Entity, attribute: AttributeInfo, value: Any
) -> relations.Write:
    # The caller may choose the key: the official clients send keys that they create.
    is_key = attribute.server_name in type(entity).__ftrack__.primary_key
    if attribute.read_only and not is_key:
        raise ReadOnlyAttributeError(
            type(entity).__ftrack__.name,
            attribute.name,
            "the server sets it, a constructor cannot",
        )
    return relations.prepare(entity, attribute, value)


def fill_validated(entity: Entity, data: Any, *, context: Any) -> None:
    """Fill an entity from validated data, such as the dump of another entity."""
    entity_class = type(entity)
    if not isinstance(data, Mapping):
        raise ValueError(
            f"expected a {entity_class.__name__} or a mapping"
        )  # pydantic turns a ValueError into a ValidationError
    computed = entity_class.__pydantic_computed_fields__
    # A dump has these entries, too; no constructor accepts them.
    plain = {
        name: value
        for name, value in data.items()
        if name != "__entity_type__" and name not in computed
    }
    in_setting_order = validated_data.in_setting_order(entity_class.__ftrack__, plain)
    fill(entity, in_setting_order, prepare=validated_data.prepare, context=context)


def update_copy(copied: Entity, update: Mapping[str, Any]) -> None:
    """Set the updates of `model_copy`.

    Raises:
        AttributeValueError: a value is not valid for its attribute.
        UnknownAttributeError: a name is neither an attribute nor a field.
        ValidationError: a value is not valid for a field that a subclass adds.
    """
    type_info = type(copied).__ftrack__
    extension = type_info.extension
    for name, value in update.items():
        attribute = type_info.attributes.get(name) or type_info.by_server_name.get(name)
        if attribute is not None:
            if extension is not None:
                value = extension.validate_value(copied, attribute, value)
            relations.assign(copied, attribute, value)
        elif extension is not None and name in extension.fields:
            extension.set_value(copied, name, value)
        else:
            raise UnknownAttributeError(type_info.name, name, type_info.attributes)


def make_key(entity: Entity) -> None:
    """Set the key of a new entity to a UUID where the schema has the default ``{uid}``.

    A key that is set already and a key of several attributes stay as they are.
    """
    type_info = type(entity).__ftrack__
    if (
        len(type_info.primary_key) == 1
        and type_info.python_primary_key[0] not in entity.__dict__
    ):
        key = type_info.attributes[type_info.python_primary_key[0]]
        if key.default == "{uid}":
            import uuid  # lazy, because most programs create no entities

            vars(entity)[key.name] = str(uuid.uuid4())
            entity.__ftrack_state__.has_made_key = True


def construct(entity_class: type[Any], values: Mapping[str, Any]) -> Any:
    """Return a new entity with unchecked scalars; values of relations are checked."""
    from ftrack_orm.entity.entity import adopt

    entity = adopt(entity_class, {}, InstanceState(EntityState.TRANSIENT))
    type_info = entity_class.__ftrack__
    relation_values: list[tuple[AttributeInfo, Any]] = []
    for name, value in values.items():
        attribute = type_info.attributes.get(name) or type_info.by_server_name.get(name)
        if attribute is not None and attribute.kind is not AttributeKind.SCALAR:
            relation_values.append((attribute, value))
        else:
            vars(entity)[name if attribute is None else attribute.name] = value
    subclass_fields.mark_set(entity, values)
    # Members of a collection store the key, so it is set before the relations.
    make_key(entity)
    for attribute, value in relation_values:
        relations.assign(entity, attribute, value)
    if type_info.extension is not None:
        type_info.extension.set_defaults(entity)
        type_info.extension.finish(entity)
    return entity


def from_data(entity_class: type[Any], value: Any, context: Any = None) -> Any:
    """Return an instance of the class unchanged, and a mapping as a new entity.

    Raises:
        ValueError: the data is not valid; pydantic turns it into a `ValidationError`.
    """
    if isinstance(value, entity_class):
        return value
    from ftrack_orm.entity.entity import adopt

    extension = entity_class.__ftrack__.extension
    entity = adopt(entity_class, {}, InstanceState(EntityState.TRANSIENT))
    build = partial(fill_validated, entity, context=context)
    try:
        if extension is None:
            build(value)
            return entity
        return extension.construct(entity, value, build, context)
    except FtrackError as error:
        raise ValueError(str(error)) from error
