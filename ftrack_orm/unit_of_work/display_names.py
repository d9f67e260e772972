"""Find names of entities for people in memory; nothing is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from ftrack_orm.entity.state import NO_TABLES, Tables
from ftrack_orm.entity.tracking import bare_key
from ftrack_orm.errors.root import FtrackError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.schema.attribute_kind import EMPTY, AttributeKind
from ftrack_orm.tables import printable
from ftrack_orm.types import NOT_LOADED, Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo

_NAMES: Final = ("name", "username", "label", "key")
"""Attributes that can name an entity; the first with a value is used."""

_PARENTS: Final = ("parent", "asset", "version", "container")
"""Links to the entity above; the first whose target is in memory is used."""

_LEVELS: Final = 30
"""The most names in a path."""


def _no_types(entity_type: str) -> TypeInfo | None:
    del entity_type
    return None


@lazy_dataclass(frozen=True, slots=True)
class Memory:
    """The entities that names come from.

    Attributes:
        tables: the tables of the session's identity map.
        removed: entities that the commit deletes, after which they are not in the
            tables.
        type_info: entity type name to its type.
    """

    tables: Tables = field(default_factory=lambda: NO_TABLES)
    removed: Sequence[Entity] = ()
    type_info: Callable[[str], TypeInfo | None] = _no_types


@lazy_dataclass(frozen=True, slots=True)
class _Record:
    """The values of one entity on the server, as far as they are in memory.

    Attributes:
        key: its bare key.
        type_info: its type, ``None`` where the models lack it.
        values: the current values, by Python name.
        committed: the committed values of the attributes that the plan changes, by
            server name.
    """

    key: Any
    type_info: TypeInfo | None
    values: Mapping[str, Any]
    committed: Mapping[str, Any]

    def get(self, name: str) -> Any:
        """Return a value by Python name, `NOT_LOADED` where it is not in memory."""
        attribute = (
            None if self.type_info is None else self.type_info.attributes.get(name)
        )
        server_name = name if attribute is None else attribute.server_name
        value = self.committed.get(server_name, NOT_LOADED)
        return self.values.get(name, NOT_LOADED) if value is NOT_LOADED else value


class Names:
    """Names of the entities that a plan changes or refers to.

    Names are those before the changes: a renamed entity has its old name.
    """

    def __init__(self, changes: Iterable[Change], memory: Memory) -> None:
        self._memory = memory
        self._changes: dict[Any, Change] = {}
        for change in changes:
            # The key is empty where the server generates it.
            if change.reference.key:
                # The first change: a create comes before the update that closes a
                # circle, and has the name.
                self._changes.setdefault(_bare(change.reference), change)
        self._removed = {bare_key(entity): entity for entity in memory.removed}
        self._paths: dict[Any, str | None] = {}
        self._types: dict[str, TypeInfo | None] = {}

    def type_info(self, entity_type: str) -> TypeInfo | None:
        """Return an entity type, ``None`` where the models do not have it."""
        if entity_type not in self._types:
            try:
                self._types[entity_type] = self._memory.type_info(entity_type)
            except FtrackError:
                self._types[entity_type] = None
        return self._types[entity_type]

    def title(self, reference: Reference) -> str:
        """Return the path of an entity; without one, the start of its id.

        For an entity without a name the required links follow in parentheses.
        """
        if not reference.key:
            return "(new)"
        key = _bare(reference)
        path = self._path(key, reference.entity_type)
        if path is not None:
            return path
        record = self._record(key, reference.entity_type)
        parent_key = None if record is None else self._parent_key(record)
        parent = None if parent_key is None else self._path(parent_key)
        short_key = ", ".join(self._part(part) for part in reference.key)
        title = f"{parent}/{short_key}" if parent else short_key
        # The links of a create are among its values already.
        is_new = isinstance(self._changes.get(key), CreateChange)
        links = () if record is None or is_new else self._links(record)
        links_text = ", ".join(links)
        return f"{title} ({links_text})" if links_text else title

    def target(self, key: Any, entity_type: str | None = None) -> str:
        """Return the name of the entity that a link leads to."""
        path = self._path(key, entity_type)
        if path is not None:
            return path
        parts = key if isinstance(key, tuple) else (key,)
        return ", ".join(self._part(part) for part in parts)

    def has(self, key: Any) -> bool:
        """Return whether an entity with this key is in memory or in the plan."""
        return self._record(key) is not None

    def entity_type(self, key: Any) -> str | None:
        """Return the entity type of a key, ``None`` where it is not in memory."""
        record = self._record(key)
        if record is not None and record.type_info is not None:
            return record.type_info.name
        change = self._changes.get(key)
        return None if change is None else change.reference.entity_type

    def value(self, key: Any, name: str) -> Any:
        """Return a value of an entity, `NOT_LOADED` where it is not in memory."""
        record = self._record(key)
        return NOT_LOADED if record is None else record.get(name)

    # -- records -------------------------------------------------------------------

    def _record(self, key: Any, entity_type: str | None = None) -> _Record | None:
        entity = self._entity(key, entity_type)
        change = self._changes.get(key)
        committed: Mapping[str, Any] = EMPTY
        if isinstance(change, UpdateChange):
            committed = change.before
        elif isinstance(change, CreateChange):
            committed = change.values
        if entity is not None:
            values: Mapping[str, Any] = vars(entity)
            if isinstance(change, DeleteChange):
                # Its edits are not sent, so the server has the values before them.
                values = {**values, **(entity.__ftrack_state__.committed or EMPTY)}
            return _Record(key, type(entity).__ftrack__, values, committed)
        if change is None:
            return None
        type_info = self.type_info(change.reference.entity_type)
        label = {"name": change.label} if change.label else {}
        return _Record(key, type_info, label, committed)

    def _entity(self, key: Any, entity_type: str | None) -> Entity | None:
        tables = self._memory.tables
        if entity_type is not None:
            type_info = self.type_info(entity_type)
            if type_info is not None:
                entity = tables.get(type_info.root, {}).get(key)
                return entity if entity is not None else self._removed.get(key)
        for table in tables.values():
            entity = table.get(key)
            if entity is not None:
                return entity
        return self._removed.get(key)

    # -- paths ---------------------------------------------------------------------

    def _path(self, key: Any, entity_type: str | None = None) -> str | None:
        """Return the names of an entity and those above it, joined by ``/``."""
        if key in self._paths:
            return self._paths[key]
        names: list[str] = []
        # New entities may be the parents of each other, which would never end.
        visited: set[Any] = set()
        current, current_type = key, entity_type
        while current is not None and current not in visited and len(names) < _LEVELS:
            if current in self._paths:
                names.append(self._paths[current] or "")
                break
            visited.add(current)
            record = self._record(current, current_type)
            name = None if record is None else _name(record)
            if record is None or name is None:
                break
            names.append(name)
            current, current_type = self._parent_key(record), None
        path = "/".join(filter(None, reversed(names))) or None
        self._paths[key] = path
        return path

    def _parent_key(self, record: _Record) -> Any:
        """Return the key of the entity above one, if it is in memory."""
        attributes = EMPTY if record.type_info is None else record.type_info.attributes
        for name in _PARENTS:
            link = attributes.get(name)
            holder = f"{name}_id"
            if link is not None and link.kind is AttributeKind.LINK:
                holder = link.link_storage.holders[0] if link.foreign_key else ""
            key = record.get(holder)
            if isinstance(key, str) and self._record(key) is not None:
                return key
        return None

    def _links(self, record: _Record) -> Iterator[str]:
        """Yield the links that an entity without a name requires."""
        if record.type_info is None:
            return
        required = record.type_info.all_options.required
        for holder, [link, *_] in record.type_info.links_by_foreign_key.items():
            attribute = record.type_info.attributes.get(holder)
            if attribute is None or attribute.server_name not in required:
                continue
            path = self._path(record.get(holder))
            if path is not None:
                yield f"{link.name} {path}"

    def _part(self, part: Any) -> str:
        """Return a value of a key: the path of its entity, or the start of the id."""
        return self._path(part) or short(part)


def _bare(reference: Reference) -> Any:
    return reference.key[0] if len(reference.key) == 1 else reference.key


def _name(record: _Record) -> str | None:
    for name in _NAMES:
        value = record.get(name)
        if isinstance(value, str) and value:
            return printable(value)
    version = record.get("version")
    return f"v{version:03}" if type(version) is int else None


def short(part: Any) -> str:
    """Return the start of an id; other values are returned as printable text."""
    text = str(part)
    try:
        UUID(text)
    except ValueError:
        return printable(text)
    return f"{text[:8]}…"
