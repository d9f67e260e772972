"""Reference data that a studio's package lists: statuses, types, priorities.

The rows are part of the package, so using one sends no request.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, TypeVar

from ftrack_orm.entity.copies import restore
from ftrack_orm.errors.entity import UnknownReferenceError
from ftrack_orm.types import Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.registry import Registry

E = TypeVar("E", bound="Entity")
N = TypeVar("N", bound=str)


class Row(Generic[E]):
    """One row of reference data; reading it returns a detached entity."""

    __slots__ = ("key", "name", "values")

    def __init__(self, key: str, name: str, values: dict[str, Any]) -> None:
        self.key = key
        self.name = name
        self.values = values

    if TYPE_CHECKING:

        def __get__(self, instance: ReferenceData[Any, Any], owner: type[Any]) -> E: ...

    else:

        def __get__(self, instance: Any, owner: type[Any]) -> Any:
            return self if instance is None else instance._entity(self)


def row(key: str, *, name: str, **values: Any) -> Any:
    """Declare a row in a class of `ReferenceData`.

    Args:
        key: the primary key.
        name: the name on the server.
        **values: further attributes; a link is the key of its target.
    """
    return Row(key, name, values)


class ReferenceData(Generic[E, N]):
    """The rows of one entity type, read as attributes or by name.

    Each read returns a new detached entity with the values in the package. Assigned to
    a link it sets the key; a key that the server no longer has is an error at commit.

    Keywords of a class statement: ``entity_type``, ``registry``.
    """

    _registry: ClassVar[Registry]
    _entity_type: ClassVar[str]
    _rows: ClassVar[dict[str, Row[Any]]]

    def __init_subclass__(
        cls, *, entity_type: str, registry: Registry, **options: Any
    ) -> None:
        super().__init_subclass__(**options)
        cls._entity_type = entity_type
        cls._registry = registry
        rows = [value for value in vars(cls).values() if isinstance(value, Row)]
        rows += vars(cls).get("others", ())
        cls._rows = {declared.name: declared for declared in rows}
        registry.reference_keys.update(
            {declared.key: (entity_type, declared.name) for declared in rows}
        )

    def __getitem__(self, name: N) -> E:
        declared = self._rows.get(name)
        if declared is None:
            raise UnknownReferenceError(self._entity_type, name, self._rows)
        return self._entity(declared)

    def get(self, name: str) -> E | None:
        """Return the row of a name, ``None`` if the package lists none."""
        declared = self._rows.get(name)
        return None if declared is None else self._entity(declared)

    def __iter__(self) -> Iterator[E]:
        return map(self._entity, self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._rows))})"

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._rows)

    def __dir__(self) -> list[str]:
        from ftrack_orm.listed_names import listed_names

        return listed_names(self._attributes(), ("get",))

    def _attributes(self) -> list[str]:
        """Return the Python names of the rows that have one."""
        return [n for n, value in vars(type(self)).items() if isinstance(value, Row)]

    def _entity(self, declared: Row[Any]) -> E:
        entity_class = self._registry.resolve(self._entity_type)
        type_info = entity_class.__ftrack__
        values: dict[str, Any] = {"id": declared.key, "name": declared.name}
        for name, value in declared.values.items():
            attribute = type_info.attributes[name]
            is_link = attribute.target is not None
            values[name] = (
                Reference(str(attribute.target), (value,)) if is_link else value
            )
        entity: E = restore(entity_class, values, new=False)
        return entity

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            if name.startswith("__"):
                raise AttributeError(name)
            raise UnknownReferenceError(self._entity_type, name, self._attributes())
