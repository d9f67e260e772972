"""The reads of `MappedValues`: any value by key, or a value of a type that is known."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, overload

from ftrack_orm.entity.naming import place_of
from ftrack_orm.errors.entity import (
    AttributeKindError,
    UnknownAttributeError,
    UnknownKeyError,
)

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.types import Reference, VariableValue

K = TypeVar("K")
V = TypeVar("V")


class MappedReads(MutableMapping[str, V]):
    """The reads of a mapping of rows."""

    __slots__ = ()

    if TYPE_CHECKING:
        _attribute: AttributeInfo
        _owner: Entity

        @property
        def values_by_key(self) -> dict[str, Any]:
            """Return a copy of the loaded values."""
            ...

        # Only the server's configuration has the type of a custom attribute, so a
        # checker must accept any use of the value. `read` checks it when it runs.
        @overload
        def __getitem__(
            self: MutableMapping[str, VariableValue], key: str | Entity | Reference
        ) -> Any: ...
        @overload
        def __getitem__(self, key: str | Entity | Reference) -> V: ...
        def __getitem__(self, key: Any) -> Any: ...

        @overload
        def get(
            self: MutableMapping[str, VariableValue], key: str, default: Any = None, /
        ) -> Any: ...
        @overload
        def get(self, key: str, default: None = None, /) -> V | None: ...
        @overload
        def get(self, key: str, default: V, /) -> V: ...
        @overload
        def get(self, key: str, default: K, /) -> V | K: ...
        def get(self, key: Any, default: Any = None, /) -> Any:
            """Return the value of a key, `default` if there is no such key."""
            ...

    def read(self, key: str | Entity | Reference, kind: type[K]) -> K:
        """Return the value of a key, which must be of a type.

        A number is converted between `int` and `float` where that loses nothing.

        Args:
            key: the key, or the configuration of a custom attribute.
            kind: the type: `str`, `int`, `float`, `bool`, `datetime` or `list`.

        Raises:
            AttributeKindError: the value is of another type, or ``None``.
            UnknownKeyError: there is no such key.
            NotLoadedError: the rows are not loaded, and cannot be now.
        """
        value: Any = self[key]
        if type(value) in (int, float) and kind in (int, float):
            number: Any = kind(value)  # type: ignore[call-arg] # of a number
            if number == value:
                return number  # type: ignore[no-any-return] # it is of `kind`
        elif isinstance(value, kind) and isinstance(value, bool) <= (kind is bool):
            return value
        place = place_of(self._owner, f"{self._attribute.name}[{key!r}]")
        raise AttributeKindError(place, value, kind)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            if name.startswith("_"):
                raise AttributeError(name)
            place = place_of(self._owner, self._attribute.name)
            message = (
                f"{place} has no attribute {name!r}. Read the key with "
                f"{self._attribute.name}[{name!r}]; keys are attributes with your "
                "studio's models only."
            )
            raise UnknownAttributeError(place, name, message=message)

    def _unknown_key(self, key: object) -> UnknownKeyError:
        """Return the error for a key that the mapping lacks."""
        place = f"{type(self._owner).__ftrack__.name}.{self._attribute.name}"
        return UnknownKeyError(place, key, self.values_by_key)
