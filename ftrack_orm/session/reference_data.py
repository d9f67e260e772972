"""Read the reference data of a server whole and keep it for the session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.entity.tracking import bare_key
from ftrack_orm.errors.server import ServerError
from ftrack_orm.select.select import Select

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.session.core import SessionCore

_GROUPS: Final = (
    ("AssetType", "ObjectType", "Priority", "ProjectSchema", "State", "Status", "Type"),
    (
        "CustomAttributeConfiguration",
        "CustomAttributeGroup",
        "CustomAttributeType",
        "ObjectType",
        "SecurityRole",
    ),
)
"""Types that programs look up together, so that one request reads them together."""

REFERENCE_TYPES: Final = frozenset(
    {
        *(name for group in _GROUPS for name in group),
        "ListCategory",
        "Location",
        "ManagerType",
        "NoteCategory",
        "NoteLabel",
        "TaskTypeSchema",
        "WorkflowSchema",
    }
)
"""The types of a studio's settings: a server has few entities of each (protocol 9)."""


class ReferenceData:
    """The entities of reference types, read whole when a type is first needed."""

    def __init__(self, core: SessionCore) -> None:
        """Store the session's internals; nothing is sent."""
        self._core = core
        # Keys and not entities: one that leaves the session leaves the cache as well.
        self._keys: dict[str, list[Any]] = {}

    def entities_of(self, entity_class: type[Entity]) -> list[Any]:
        """Return every entity of a reference type; one request the first time.

        The request also reads the types that programs look up together with it.
        """
        name = entity_class.__ftrack__.name
        entities = self._in_memory(name)
        if entities is None:
            self._read(name)
            entities = self._in_memory(name) or []
        self._core.models.require(entities, entity_class)
        return entities

    def _in_memory(self, name: str) -> list[Any] | None:
        """Return the entities of a type, ``None`` where one has left the session."""
        keys = self._keys.get(name)
        if keys is None:
            return None
        root = self._core.models.type_info(name).root
        table = self._core.identity_map.tables.get(root, {})
        entities = [table.get(key) for key in keys]
        # By identity: comparing entities would compare their keys.
        return None if any(entity is None for entity in entities) else entities

    def _read(self, name: str) -> None:
        """Read a type, and the types of its group that were not read yet."""
        others = [other for group in _GROUPS if name in group for other in group]
        names = [name, *(other for other in others if other not in self._keys)]
        try:
            self._read_types(dict.fromkeys(names))
        except ServerError:
            # A role that may not read one of the others may still read this type.
            self._read_types([name])

    def _read_types(self, names: Iterable[str]) -> None:
        models = self._core.models
        selects = {
            name: Select._of(self._core, models.class_named(name))
            for name in names
            if name in models.registry
        }
        results = self._core.fetch_rows(
            [select.expression for select in selects.values()]
        )
        for (name, select), rows in zip(selects.items(), results, strict=True):
            entities = self._core.build_entities(
                rows, self._core.new_group(), select._class
            )
            self._keys[name] = [bare_key(entity) for entity in entities]

    def forget(self, entity_types: Iterable[str] | None = None) -> None:
        """Read these types again when they are next needed; all when not given."""
        if entity_types is None:
            self._keys.clear()
            return
        # A type and its subtypes share their entities: a write may name either.
        known = map(self._core.types.type_info, entity_types)
        roots = {type_info.root for type_info in known if type_info is not None}
        for name in tuple(self._keys):
            if self._core.models.type_info(name).root in roots:
                del self._keys[name]
