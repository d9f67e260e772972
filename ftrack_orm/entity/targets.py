"""Check the targets of links and the members of collections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.state import EntityState
from ftrack_orm.errors.entity import (
    AttributeValueError,
    EntityKeyError,
    UnknownEntityTypeError,
)
from ftrack_orm.errors.session import DetachedEntityError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo


@lazy_dataclass(frozen=True, slots=True)
class Target:
    """A checked target of a link or collection.

    Attributes:
        type_info: the entity type.
        reference: type and key, ``None`` if the key is not complete.
        entity: the entity, ``None`` if the value was a reference.
    """

    type_info: TypeInfo
    reference: Reference | None
    entity: Entity | None


def target_of(attribute: AttributeInfo, value: Any) -> Target:
    """Return the target for a value of a link, or for a member of a collection.

    Args:
        attribute: the link or collection.
        value: an entity, a `Reference`, or a reference in its wire form.

    Raises:
        AttributeValueError: the value has the wrong type.
        EntityKeyError: the key of a reference is not complete.
    """
    type_info = getattr(type(value), "__ftrack__", None)
    if type_info is not None:
        _require_type(attribute, type_info, value)
        key = _key_of(value)
        reference = None if key is None else Reference(type_info.name, key)
        return Target(type_info, reference, value)
    type_info, reference = _checked_reference(attribute, value)
    _require_type(attribute, type_info, value)
    return Target(type_info, reference, None)


def _checked_reference(
    attribute: AttributeInfo, value: Any
) -> tuple[TypeInfo, Reference]:
    """Return the type and the reference for a reference in either form."""
    if isinstance(value, Mapping) and "__entity_type__" in value:
        name = str(value["__entity_type__"])
        type_info = _type_named(attribute, name, value)
        key = tuple(value[part] for part in type_info.primary_key if part in value)
        return type_info, Reference(name, type_info.key_of(key))
    if isinstance(value, Reference):
        type_info = _type_named(attribute, value.entity_type, value)
        return type_info, Reference(value.entity_type, type_info.key_of(value.key))
    raise _invalid_target(attribute, value)


def _key_of(entity: Any) -> Any:
    from ftrack_orm.entity.tracking import key_of

    return key_of(entity)


def _type_named(attribute: AttributeInfo, name: str, value: Any) -> TypeInfo:
    try:
        return attribute.owner.type_named(name)
    except UnknownEntityTypeError:
        raise _invalid_target(attribute, value) from None


def _require_type(attribute: AttributeInfo, type_info: TypeInfo, value: Any) -> None:
    if not type_info.is_kind_of(attribute.target_type):
        raise _invalid_target(attribute, value)


def _invalid_target(attribute: AttributeInfo, value: Any) -> AttributeValueError:
    if attribute.kind is AttributeKind.LINK:
        expected = f"a {attribute.target_type}"
        expected += " or None" if attribute.nullable else ""
    else:
        expected = f"a list of {attribute.target_type}"
    return AttributeValueError(attribute.owner.name, attribute.name, value, expected)


def require_session(entity: Entity, attribute: AttributeInfo, target: Target) -> None:
    """Raise unless `entity` may refer to the target.

    Raises:
        DetachedEntityError: the target belongs to another session.
        EntityKeyError: the target is detached and its key is not complete.
    """
    other = target.entity
    if other is None:
        return
    owner, other_owner = entity.__ftrack_state__.owner, other.__ftrack_state__.owner
    if owner is not None and other_owner is not None and owner is not other_owner:
        action = f"set {type(entity).__ftrack__.name}.{attribute.name}"
        raise DetachedEntityError(repr(other), action)
    is_detached = other.__ftrack_state__.state is EntityState.DETACHED
    if is_detached and target.reference is None:
        type_info = target.type_info
        raise EntityKeyError(type_info.name, type_info.primary_key, None)
