"""`ValueList`, a list value whose changes are recorded on the attribute."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, SupportsIndex, overload

from ftrack_orm.entity.frozen_values import freeze, thaw


class ListHolder(Protocol):
    """The owner of a list value: a scalar attribute or a mapping."""

    def set_value(self, key: str, value: list[Any]) -> None:
        """Check and record `value`; if it raises, nothing was changed."""
        ...


class ValueList(list[Any]):
    """A list value of an attribute; each change is checked and recorded.

    It compares, indexes and prints as a list. Copies are plain lists. Nested lists and
    mappings are read-only.
    """

    __slots__ = ("_holder", "_key")

    _holder: ListHolder
    _key: str

    def __init__(self, values: Iterable[Any], holder: ListHolder, key: str) -> None:
        super().__init__(map(freeze, values))
        self._holder = holder
        self._key = key

    def set_content(self, values: Iterable[Any]) -> None:
        """Replace the content without recording a change."""
        list.__setitem__(self, slice(None), map(freeze, values))

    def _edit(self, edit: Callable[[list[Any]], Any]) -> Any:
        values = list(self)
        result = edit(values)
        self._holder.set_value(self._key, values)
        self.set_content(values)
        return result

    def append(self, value: Any) -> None:
        """Add a value at the end."""
        self._edit(lambda values: values.append(value))

    def extend(self, values: Iterable[Any]) -> None:
        """Add all `values` at the end."""
        added = list(values)
        self._edit(lambda present: present.extend(added))

    def insert(self, index: SupportsIndex, value: Any) -> None:
        """Add a value before `index`."""
        self._edit(lambda values: values.insert(index, value))

    def remove(self, value: Any) -> None:
        """Remove the first occurrence of a value."""
        self._edit(lambda values: values.remove(value))

    def pop(self, index: SupportsIndex = -1) -> Any:
        """Remove and return the value at `index`."""
        return self._edit(lambda values: values.pop(index))

    def clear(self) -> None:
        """Remove all values."""
        self._edit(lambda values: values.clear())

    def sort(self, **options: Any) -> None:
        """Sort in place."""
        self._edit(lambda values: values.sort(**options))

    def reverse(self) -> None:
        """Reverse in place."""
        self._edit(lambda values: values.reverse())

    @overload
    def __setitem__(self, index: SupportsIndex, value: Any) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[Any]) -> None: ...
    def __setitem__(self, index: Any, value: Any) -> None:
        self._edit(lambda values: values.__setitem__(index, value))

    def __delitem__(self, index: SupportsIndex | slice) -> None:
        self._edit(lambda values: values.__delitem__(index))

    def __iadd__(self, values: Iterable[Any]) -> ValueList:  # type: ignore[misc] # `list.__iadd__` accepts any iterable
        self.extend(values)
        return self

    def __imul__(self, count: SupportsIndex) -> ValueList:
        self._edit(lambda values: values.__imul__(count))
        return self

    def __copy__(self) -> list[Any]:
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return [thaw(part) for part in self]

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return (list, ([thaw(part) for part in self],))
