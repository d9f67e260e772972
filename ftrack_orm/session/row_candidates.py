"""The entities in memory that may be those of the rows of `find_or_add`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.relation_storage import ReverseStorage
from ftrack_orm.entity.state import EntityState
from ftrack_orm.entity.tracking import is_new, link_key
from ftrack_orm.errors.query import MultipleResultsError
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.session.identified_rows import IdentifiedRow, Identity
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo


LoadedMembers: TypeAlias = dict[tuple[int, str], list[Any] | None]
"""Members by the `id` of their owner and the name of their link to it; ``None`` where
no loaded collection has all of them."""


class Candidates:
    """Entities by their identifying values in memory, edits included."""

    def __init__(
        self, names: Sequence[AttributeInfo], entities: Iterable[Entity]
    ) -> None:
        self._names = names
        self._exact: dict[Identity, list[Any]] = {}
        self._folded: dict[Identity, list[Any]] = {}
        self.extend(entities)

    def extend(self, entities: Iterable[Entity]) -> None:
        """Add entities; one that was added before is not added again."""
        for entity in entities:
            if entity.__ftrack_state__.state is EntityState.DELETED:
                continue
            identity = tuple(_memory_value(entity, name) for name in self._names)
            exact = self._exact.setdefault(identity, [])
            if not any(entity is other for other in exact):
                exact.append(entity)
                self._folded.setdefault(_folded(identity), []).append(entity)

    def match(self, type_info: TypeInfo, row: IdentifiedRow) -> Any:
        """Return the entity of a row, ``None`` if there is none.

        Servers compare text without regard to case (protocol 10, row 7). Among
        several matches, the one with the same case is returned.

        Raises:
            MultipleResultsError: several match equally well.
        """
        matches = self._exact.get(row.identity) or self._folded.get(
            _folded(row.identity), []
        )
        if len(matches) > 1:
            pairs = zip(self._names, row.identity, strict=True)
            text = ", ".join(f"{name.name}={value!r}" for name, value in pairs)
            raise MultipleResultsError(
                f"{type_info.name} with {text}",
                [str(match.reference) for match in matches],
                remedy="Add an attribute to by=, or correct the server's data.",
            )
        return matches[0] if matches else None


def _folded(identity: Identity) -> Identity:
    return tuple(
        value.casefold() if isinstance(value, str) else value for value in identity
    )


def _memory_value(entity: Entity, attribute: AttributeInfo) -> Any:
    if attribute.kind is AttributeKind.LINK:
        return link_key(entity, attribute)
    value = vars(entity).get(attribute.name, NOT_LOADED)
    return tuple(value) if isinstance(value, list) else value


def known_members(
    type_info: TypeInfo,
    names: Sequence[AttributeInfo],
    row: IdentifiedRow,
    collections: LoadedMembers,
) -> list[Any] | None:
    """Return the entities that a row may match, ``None`` if only a query can decide."""
    for attribute, target in zip(names, row.targets, strict=True):
        if target is None:
            continue
        if is_new(target):
            return []  # the server has nothing below it; the session's come extra
        place = id(target), attribute.name
        if place not in collections:
            collections[place] = _loaded_members(type_info, attribute, target)
        known = collections[place]
        if known is not None:
            return known
    return None


def _loaded_members(
    type_info: TypeInfo, link: AttributeInfo, target: Any
) -> list[Any] | None:
    """Return the entities whose link leads to a target, if a loaded list has all."""
    holders = link.link_storage.holders
    for value in vars(target).values():
        if type(value) is not TrackedList or not value.is_loaded:
            continue
        storage = value._storage
        if not isinstance(storage, ReverseStorage) or storage.filters:
            continue
        if (storage.remote,) == holders and type_info.is_kind_of(storage.target):
            return [
                member
                for member in value
                if type(member).__ftrack__.is_kind_of(type_info.name)
            ]
    return None
