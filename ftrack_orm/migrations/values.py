"""`Values`, the custom attributes of one key, read and written by their rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar, get_origin

from ftrack_orm.codec import decode_scalar
from ftrack_orm.entity.custom_attributes import check_value
from ftrack_orm.entity.mapped import REMOVED
from ftrack_orm.entity.tracking import is_new
from ftrack_orm.errors.planning import PlanningError, ValueKindError
from ftrack_orm.migrations.before_values import VALUE_ROW
from ftrack_orm.types import EntityKey, Reference
from ftrack_orm.unit_of_work.changes import Change, DeleteChange, UpdateChange

if TYPE_CHECKING:
    from ftrack_orm.entity.custom_rows import Configuration
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.select.select import Select
    from ftrack_orm.session.core import SessionCore

E = TypeVar("E", bound="Entity")
V = TypeVar("V")

_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "text": (str,),
    "url": (str,),
    "expression": (str,),
    "number": (float, int),
    "boolean": (bool,),
    "date": (datetime,),
    "enumerator": (list,),
    "dynamic enumerator": (list,),
}
"""Type of a configuration to the kinds of its values."""


def server_types(kind: str) -> tuple[str, ...]:
    """Return the server's names of the types whose values are of a kind.

    Args:
        kind: the name of a Python class, such as ``"float"``.
    """
    return tuple(
        name
        for name, kinds in _KINDS.items()
        if kind in {each.__name__ for each in kinds}
    )


class ValueStore(Protocol):
    """Streams owners with their stored values, and records edits of rows."""

    core: SessionCore

    def stored(
        self, owners: Select[E], configurations: Sequence[str]
    ) -> Iterator[tuple[E, dict[EntityKey, Any]]]:
        """Yield the owners with a stored value, and all known stored values."""
        ...

    def effective(self, owners: Select[E]) -> Iterator[E]:
        """Yield the owners, their custom attributes loaded."""
        ...

    def edit_row(self, owner: Entity, change: Change) -> None:
        """Record the change of a row of `owner`.

        Raises:
            LateEditError: the owner was harvested.
        """
        ...


class Values(Generic[V]):
    """The values of the custom attributes that share a key. See `Planner.values`.

    Each entity has the closest of the configurations of the key: one of its project
    before a global one, a plain one before a hierarchical one.
    """

    def __init__(
        self, store: ValueStore, key: str, owner_class: type[Entity], kind: type[V]
    ) -> None:
        """Find the configurations of the key.

        Raises:
            ValueKindError: there is none, or one holds values of another kind.
        """
        self._store = store
        self._key = key
        self._class = owner_class
        # Without the parameters of `list[str]`, which no value can be compared with.
        self._kind: type[V] = get_origin(kind) or kind
        type_info = owner_class.__ftrack__
        every = store.core.configurations.of_type(type_info)
        self.configurations = [config for config in every if config.key == key]
        if not self.configurations:
            keys = sorted({config.key for config in every})
            raise ValueKindError(key, type_info.name, "", self._kind.__name__, keys)
        for config in self.configurations:
            if self._kind not in _KINDS.get(config.type_name, (self._kind,)):
                raise ValueKindError(
                    key, type_info.name, config.type_name, self._kind.__name__
                )

    def stored(self, owners: Select[E]) -> Iterator[tuple[E, V]]:
        """Yield the owners with a stored value, and the value; defaults are none."""
        ids = [config.id for config in self.configurations]
        for owner, stored in self._store.stored(owners, ids):
            configuration = self._configuration(owner)
            value = stored.get((configuration.id, owner.reference.key[0]), REMOVED)
            if value is not REMOVED and value is not None:
                yield owner, self._converted(decode_scalar(value))

    def effective(self, owners: Select[E]) -> Iterator[tuple[E, V]]:
        """Yield every owner that can have the attribute, with its value or default."""
        for owner in self._store.effective(owners):
            rows: Any = getattr(owner, "custom_attributes", {})
            if self._key in rows and rows[self._key] is not None:
                yield owner, self._converted(rows[self._key])

    def set(self, owner: Entity, value: V) -> None:
        """Set the value of an owner.

        The owner's `custom_attributes` still shows the former value.

        Raises:
            AttributeValueError: the configuration cannot hold the value.
            LateEditError: the owner was harvested.
        """
        if is_new(owner):
            self._rows(owner)[self._key] = value
            return
        attribute = type(owner).__ftrack__.attributes["custom_attributes"]
        configuration = self._configuration(owner)
        stored = check_value(
            owner, attribute, self._key, value, configuration.type_name
        )
        row = (configuration.id, owner.reference.key[0])
        change = UpdateChange(
            Reference(str(attribute.target), row), self._key, {"value": stored}
        )
        self._store.edit_row(owner, change)

    def clear(self, owner: Entity) -> None:
        """Delete the stored value of an owner, so that it has the default again.

        Raises:
            LateEditError: the owner was harvested.
        """
        if is_new(owner):
            self._rows(owner).pop(self._key, None)
            return
        row = (self._configuration(owner).id, owner.reference.key[0])
        self._store.edit_row(owner, DeleteChange(Reference(VALUE_ROW, row), self._key))

    def _rows(self, owner: Entity) -> Any:
        return getattr(owner, "custom_attributes")  # noqa: B009 - not of every class

    def _configuration(self, owner: Entity) -> Configuration:
        configuration = self._store.core.configurations.by_key(owner).get(self._key)
        if configuration is None:
            raise PlanningError(
                f"{owner!r} has no custom attribute {self._key!r}. Select the entities "
                "that have it."
            )
        return configuration

    def _converted(self, value: Any) -> V:
        if isinstance(value, list):
            value = list(value)
        if self._kind in (int, float) and not isinstance(value, bool):
            converted: Any = self._kind(value)  # type: ignore[call-arg] # a number
            if converted != value:
                raise PlanningError(
                    f"The value {value!r} of {self._key!r} is no {self._kind.__name__}."
                    " Pass kind=float to plan.values()."
                )
            return converted  # type: ignore[no-any-return] # of the kind
        if not isinstance(value, self._kind):
            raise PlanningError(
                f"The value {value!r} of {self._key!r} is no {self._kind.__name__}. "
                "Pass another kind to plan.values()."
            )
        return value  # pyright: ignore[reportReturnType] # checked above
