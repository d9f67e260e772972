"""The entity types of a session's models: their keys, bases and subtypes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.errors.session import ModelsNotFoundError

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo

_VALUE = "CustomAttributeValue"
"""End of the names of seven types that are one table (protocol 3.5)."""


class KnownTypes:
    """Keys and bases of entity types; a `session.reply_check.EntityTypes`."""

    def __init__(self, resolve: Callable[[str], type[Entity]]) -> None:
        """Store the resolver; no class is imported.

        Args:
            resolve: entity type to class; raises `UnknownEntityTypeError`.
        """
        self._resolve = resolve
        self._by_name: dict[str, TypeInfo] = {}
        self._related: set[tuple[str, str]] = set()

    def primary_key(self, entity_type: str) -> tuple[str, ...] | None:
        """Return the server names of a type's key, ``None`` for an unknown type."""
        type_info = self.type_info(entity_type)
        return None if type_info is None else type_info.primary_key

    def is_related(self, entity_type: str, other: str) -> bool:
        """Return whether a type is the other, its base or its subtype.

        True when either is unknown: a server may have subtypes that the models lack.
        """
        pair = (entity_type, other)
        if entity_type == other or pair in self._related:
            return True
        first, second = self.type_info(entity_type), self.type_info(other)
        if first is None or second is None:
            return True
        if not (
            _is_below(first, second)
            or _is_below(second, first)
            # The result of writing a value may name another of its types than the
            # operation (protocol 2.4).
            or (entity_type.endswith(_VALUE) and other.endswith(_VALUE))
        ):
            return False
        self._related.add(pair)
        return True

    def type_info(self, entity_type: str) -> TypeInfo | None:
        """Return a type, ``None`` when the models do not have it."""
        type_info = self._by_name.get(entity_type)
        if type_info is None:
            try:
                type_info = self._resolve(entity_type).__ftrack__
            except (ModelsNotFoundError, UnknownEntityTypeError):
                return None
            # Only hits are stored: a missing type may get a class at run time.
            self._by_name[entity_type] = type_info
        return type_info

    def require(self, entity_type: str) -> TypeInfo:
        """Return a type of the models.

        Raises:
            UnknownEntityTypeError: the models do not have it.
        """
        type_info = self.type_info(entity_type)
        return self._resolve(entity_type).__ftrack__ if type_info is None else type_info


def _is_below(type_info: TypeInfo, other: TypeInfo) -> bool:
    base: TypeInfo | None = type_info
    while base is not None and base.name != other.name:
        base = base.base
    return base is not None
