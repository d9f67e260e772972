"""`Index`, entities in memory by the values of one or two attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.state import EntityState
from ftrack_orm.entity.tracking import is_new
from ftrack_orm.errors.planning import PlanningError
from ftrack_orm.errors.query import MultipleResultsError
from ftrack_orm.schema.attribute_kind import AttributeKind

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.query.path import Path

K = TypeVar("K")
E = TypeVar("E", bound="Entity")


_REMOVED: Final = (EntityState.TRANSIENT, EntityState.DELETED)
"""The states of a new entity and of another one after `Planner.remove`."""


class Index(Generic[K, E]):
    """Entities by key. They stay in memory and can be edited until the plan is made.

    Make one with `Planner.index`.
    """

    def __init__(
        self,
        entities: Iterable[E],
        paths: Sequence[Path[Any]],
        add: Callable[[E], E],
        watch: Callable[[Entity], None],
    ) -> None:
        """Store the entities.

        Args:
            entities: the entities.
            paths: the attributes of the key.
            add: adds a new entity to the plan.
            watch: called with each entity that `get` or `ensure` returns.
        """
        self._names = [_names_of(path) for path in paths]
        self._add = add
        self._watch = watch
        self._entities: dict[Any, E] = {}
        self._several: dict[Any, list[str]] = {}
        self._touched: set[int] = set()
        for entity in entities:
            key = self._key_of(entity)
            first = self._entities.setdefault(key, entity)
            if first is not entity:
                references = self._several.setdefault(key, [str(first.reference)])
                references.append(str(entity.reference))

    def get(self, key: K) -> E | None:
        """Return the entity of a key, ``None`` when there is none or it was removed.

        Raises:
            MultipleResultsError: several have the key.
        """
        if key in self._several:
            raise MultipleResultsError(f"the index key {key!r}", self._several[key])
        entity = self._entities.get(key)
        if entity is not None and _is_removed(entity):
            del self._entities[key]
            return None
        if entity is not None:
            self._touched.add(id(entity))
            self._watch(entity)
        return entity

    def ensure(self, entity: E) -> E:
        """Return the entity that has the key of a new one; add the new one otherwise.

        An existing entity gets the other values of the new one, those that differ.

        Raises:
            MultipleResultsError: several have the key.
        """
        key = self._key_of(entity)
        existing = self.get(key)
        if existing is not None:
            _set_values(existing, entity)
            return existing
        self._entities[key] = entity
        self._touched.add(id(entity))
        return self._add(entity)

    def untouched(self) -> Iterator[E]:
        """Yield the entities that neither `get` nor `ensure` has returned, in order."""
        for entity in tuple(self._entities.values()):
            if id(entity) not in self._touched:
                yield entity

    def __contains__(self, key: K) -> bool:
        entity = self._entities.get(key)
        return entity is not None and not _is_removed(entity)

    def __len__(self) -> int:
        return len(self._entities)

    def _key_of(self, entity: E) -> Any:
        values = tuple(_value_at(entity, names) for names in self._names)
        return values[0] if len(values) == 1 else values


def _names_of(path: Path[Any]) -> tuple[str, ...]:
    names = tuple(step.name for step in path._steps)
    kind = getattr(path._attribute, "kind", None)
    if kind is not AttributeKind.SCALAR:
        raise PlanningError(
            f"{path!r} is no key of an index. Pass a scalar attribute, as in Task.name "
            "or Task.status.name."
        )
    return names


def _value_at(entity: Any, names: Sequence[str]) -> Any:
    value = entity
    for name in names:
        if value is None:
            return None
        attribute = type(value).__ftrack__.by_server_name[name]
        value = getattr(value, attribute.name)
    return value


def _set_values(existing: Entity, new: Entity) -> None:
    """Set the values of a new entity that an existing one lacks."""
    type_info = type(new).__ftrack__
    for name, value in tuple(vars(new).items()):
        attribute = type_info.attributes.get(name)
        if attribute is None or name in type_info.python_primary_key:
            continue
        if isinstance(value, MappedValues):
            if value.edits:
                getattr(existing, name).update(dict(value.edits))
        elif (
            attribute.kind is AttributeKind.SCALAR
            and not attribute.read_only
            and _differs(existing, name, value)
        ):
            setattr(existing, name, value)


def _is_removed(entity: Entity) -> bool:
    return entity.__ftrack_state__.state in _REMOVED


def _differs(existing: Entity, name: str, value: Any) -> bool:
    # A new entity has only the values that were set.
    if is_new(existing) and name not in vars(existing):
        return True
    return bool(getattr(existing, name) != value)
