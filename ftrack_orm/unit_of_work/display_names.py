"""Names of entities for people, from the entities in memory; nothing is loaded."""

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
from ftrack_orm.types import NOT_LOADED, Reference
from ftrack_orm.unit_of_work.changes import Change, CreateChange, UpdateChange

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo

WIDTH: Final = 80
"""Characters of a text or a name that are shown."""

_NAMES: Final = ("name", "username", "label", "key")
_PARENTS: Final = ("parent", "asset", "version", "container")
_LEVELS: Final = 30


def _no_types(entity_type: str) -> TypeInfo | None:
    del entity_type
    return None


@lazy_dataclass(frozen=True, slots=True)
class Memory:
    """The entities that names come from.

    Attributes:
        tables: the session's entities, as the identity map has them.
        removed: entities that a commit deletes: they leave the tables with it.
        type_info: entity type name to its type.
    """

    tables: Tables = field(default_factory=lambda: NO_TABLES)
    removed: Sequence[Entity] = ()
    type_info: Callable[[str], TypeInfo | None] = _no_types


@lazy_dataclass(frozen=True, slots=True)
class _Record:
    """The values of one entity as the server has them, as far as they are known."""

    key: Any
    type_info: TypeInfo | None
    values: Mapping[str, Any]
    committed: Mapping[str, Any]

    def get(self, name: str) -> Any:
        """Return a value by Python name, `NOT_LOADED` where it is not known."""
        attribute = (
            None if self.type_info is None else self.type_info.attributes.get(name)
        )
        server_name = name if attribute is None else attribute.server_name
        value = self.committed.get(server_name, NOT_LOADED)
        return self.values.get(name, NOT_LOADED) if value is NOT_LOADED else value


class Names:
    """Names of the entities that the changes of a plan are about, or refer to.

    They are those before the changes: a renamed entity is known by its old name.
    """

    def __init__(self, changes: Iterable[Change], memory: Memory) -> None:
        self._memory = memory
        self._changes: dict[Any, Change] = {}
        for change in changes:
            if change.reference.key:  # servers make some keys
                # A create comes before the update that closes a circle.
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
        """Return the path of an entity, else its name, else the start of its id.

        The links of an entity without a name are added in parentheses.
        """
        if not reference.key:
            return "(new)"
        key = _bare(reference)
        path = self._path(key, reference.entity_type)
        if path is not None:
            return path
        record = self._record(key, reference.entity_type)
        above = None if record is None else self._parent(record)
        parent = None if above is None else self._path(above)
        short = ", ".join(self._part(part) for part in reference.key)
        title = f"{parent}/{short}" if parent else short
        is_new = isinstance(self._changes.get(key), CreateChange)
        links = () if record is None or is_new else self._links(record)
        described = ", ".join(links)
        return f"{title} ({described})" if described else title

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

    def kind(self, key: Any) -> str | None:
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
            return _Record(key, type(entity).__ftrack__, vars(entity), committed)
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
        visited: set[Any] = set()
        above, kind = key, entity_type
        while above is not None and above not in visited and len(names) < _LEVELS:
            if above in self._paths:
                names.append(self._paths[above] or "")
                break
            visited.add(above)
            record = self._record(above, kind)
            name = None if record is None else _name(record)
            if record is None or name is None:
                break
            names.append(name)
            above, kind = self._parent(record), None
        path = "/".join(filter(None, reversed(names))) or None
        self._paths[key] = path
        return path

    def _parent(self, record: _Record) -> Any:
        """Return the key of the entity that one is part of, if it is in memory."""
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
        required = record.type_info.options.required
        for holder, [link, *_] in record.type_info.links_by_foreign_key.items():
            attribute = record.type_info.attributes.get(holder)
            if attribute is None or attribute.server_name not in required:
                continue
            path = self._path(record.get(holder))
            if path is not None:
                yield f"{link.name} {path}"

    def _part(self, part: Any) -> str:
        """Return one value of a key: the name of its entity, or its start."""
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
    """Return the start of an id; other values of keys as they are."""
    text = str(part)
    try:
        UUID(text)
    except ValueError:
        return printable(text)
    return f"{text[:8]}…"


def printable(text: str) -> str:
    """Return text on one line, of bounded length, that controls no terminal."""
    cut = text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
    if cut.isprintable():
        return cut
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in cut)
