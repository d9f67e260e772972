"""Convert primary keys from users to tuples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from ftrack_orm.errors.entity import EntityKeyError
from ftrack_orm.types import EntityKey, KeyValue, Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo

_NO_LISTS: Final = (str, bytes, bytearray, Mapping, Reference)


def key_of(type_info: TypeInfo, keys: Any) -> EntityKey:
    """Return a primary key as a tuple of texts and integers.

    Args:
        type_info: the entity type of the key.
        keys: one value (text, integer or UUID), a list or tuple of values in the
            order of the key, a mapping from the names of the key attributes to
            values, or an entity or reference of the type.

    Raises:
        EntityKeyError: `keys` has another form or a wrong number of values, contains an
            empty text, or is an entity of another type.
    """
    values = _values(type_info, keys)
    key = tuple(_value(type_info, keys, value) for value in values)
    if len(key) != len(type_info.primary_key):
        raise EntityKeyError(type_info.name, type_info.primary_key, keys)
    return key


def keys_of(type_info: TypeInfo, keys: Any) -> list[EntityKey]:
    """Return several primary keys as tuples, see `key_of`.

    Raises:
        EntityKeyError: `keys` is a single key, or one of its items is not a key of the
            type.
    """
    is_entity = hasattr(type(keys), "__ftrack__")
    if is_entity or isinstance(keys, _NO_LISTS) or not isinstance(keys, Iterable):
        raise EntityKeyError(
            type_info.name,
            type_info.primary_key,
            keys,
            "Give a list of keys, or use get() for one.",
        )
    return [key_of(type_info, key) for key in keys]


def _values(type_info: TypeInfo, keys: Any) -> Iterable[Any]:
    if isinstance(keys, Mapping):
        return _named_values(type_info, keys)
    if isinstance(keys, Reference):
        return _reference_values(type_info, keys, keys)
    if isinstance(keys, list | tuple):
        return keys
    if hasattr(type(keys), "__ftrack__"):
        return _reference_values(type_info, keys.reference, keys)
    return (keys,)


def _named_values(type_info: TypeInfo, keys: Mapping[Any, Any]) -> list[Any]:
    for names in (type_info.primary_key, type_info.python_primary_key):
        if set(keys) == set(names):
            return [keys[name] for name in names]
    raise EntityKeyError(type_info.name, type_info.primary_key, dict(keys))


def _reference_values(
    type_info: TypeInfo, reference: Reference, keys: Any
) -> EntityKey:
    reference_type = type_info.type_named(reference.entity_type)
    if not reference_type.is_kind_of(type_info.name):
        raise EntityKeyError(
            type_info.name,
            type_info.primary_key,
            keys,
            f"Give a {type_info.name} or its key.",
        )
    return reference.key


def _value(type_info: TypeInfo, keys: Any, value: Any) -> KeyValue:
    if isinstance(value, UUID):
        return str(value)
    is_text = isinstance(value, str) and value != ""
    if is_text or (isinstance(value, int) and not isinstance(value, bool)):
        return value  # type: ignore[no-any-return] # checked by `is_text`
    raise EntityKeyError(type_info.name, type_info.primary_key, keys)
