"""Read the reference data of a server whole and keep it for the session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.select.select import Select
from ftrack_orm.types import EntityKey

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.session.core import SessionCore

REFERENCE_TYPES: Final = frozenset(
    {
        "AssetType",
        "CustomAttributeGroup",
        "CustomAttributeType",
        "ListCategory",
        "ManagerType",
        "NoteCategory",
        "NoteLabel",
        "ObjectType",
        "Priority",
        "ProjectSchema",
        "SecurityRole",
        "State",
        "Status",
        "TaskTypeSchema",
        "Type",
        "WorkflowSchema",
    }
)
"""The types of a studio's settings: a server has tens of entities of each
(protocol 9)."""


class ReferenceData:
    """The entities of reference types, read whole when a type is first needed."""

    def __init__(self, core: SessionCore) -> None:
        """Store the session's internals; nothing is sent."""
        self._core = core
        # Keys and not entities: one that leaves the session leaves the cache as well.
        self._keys: dict[str, list[EntityKey]] = {}

    def entities_of(self, entity_class: type[Entity]) -> list[Any]:
        """Return every entity of a reference type; one request the first time."""
        name = entity_class.__ftrack__.name
        keys = self._keys.get(name)
        if keys is not None:
            entities = [self._core.find(name, key) for key in keys]
            if None not in entities:
                self._core.models.require(entities, entity_class)
                return entities
        read: list[Any] = Select._of(self._core, entity_class).all()
        self._keys[name] = [entity.reference.key for entity in read]
        return read

    def forget(self, entity_types: Iterable[str] | None = None) -> None:
        """Read these types again when they are next needed; all when not given."""
        if entity_types is None:
            self._keys.clear()
            return
        for name in entity_types:
            self._keys.pop(name, None)
