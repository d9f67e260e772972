"""Plain pydantic fields that a user's subclass adds."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ftrack_orm.entity.attribute import AttributeInfo
from ftrack_orm.errors import UnknownAttributeError


def _fields_of(entity_class: type[Any]) -> dict[str, FieldInfo]:
    known = entity_class.__ftrack__.attributes
    return {
        name: field
        for name, field in entity_class.model_fields.items()
        # pydantic inherits what a type lacks of its base; nobody added that.
        if name not in known and not isinstance(field.annotation, AttributeInfo)
    }


def fill(entity: Any, given: dict[str, Any]) -> None:
    """Set the subclass's own fields from `given`, or from their defaults.

    Raises:
        UnknownAttributeError: a name that is neither an attribute nor a field.
    """
    fields = _fields_of(type(entity))
    for name in given:
        if name not in fields:
            info = type(entity).__ftrack__
            raise UnknownAttributeError(info.name, name, (*info.attributes, *fields))
    for name, field in fields.items():
        if name in given:
            entity.__dict__[name] = _checked(field, given[name])
        elif not field.is_required():
            entity.__dict__[name] = field.get_default(call_default_factory=True)


def defaults_of(entity_class: type[Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the defaults of the subclass's fields that `given` does not name."""
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in _fields_of(entity_class).items()
        if name not in given and not field.is_required()
    }


def set_value(entity: Any, name: str, value: Any) -> None:
    """Set a name that is no attribute of the schema.

    Raises:
        UnknownAttributeError: the class knows no such name.
    """
    fields = _fields_of(type(entity))
    if name in fields:
        entity.__dict__[name] = _checked(fields[name], value)
    elif name.startswith("_") or isinstance(
        getattr(type(entity), name, None), property
    ):
        BaseModel.__setattr__(entity, name, value)
    else:
        info = type(entity).__ftrack__
        raise UnknownAttributeError(info.name, name, (*info.attributes, *fields))


def _checked(field: FieldInfo, value: Any) -> Any:
    from pydantic import TypeAdapter  # brings pydantic's whole schema generation

    return TypeAdapter(field.rebuild_annotation()).validate_python(value)
