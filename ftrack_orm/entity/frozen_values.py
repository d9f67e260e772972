"""Read-only lists and mappings inside the values of attributes.

An attribute records changes of its outermost list only. A change of a nested list or
mapping would not be recorded and never reach the server, so it raises.
"""

from __future__ import annotations

from typing import Any, Never, SupportsIndex


def _refuse(self: Any, *arguments: Any, **options: Any) -> Never:
    container = "list" if isinstance(self, list) else "mapping"
    raise TypeError(
        f"A {container} within a value cannot be changed in place: copy the whole "
        "value, change the copy and assign it to the attribute."
    )


class FrozenList(list[Any]):
    """A read-only list; its copies are plain lists."""

    __slots__ = ()

    append = extend = insert = remove = pop = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse

    def __copy__(self) -> list[Any]:
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return [thaw(part) for part in self]

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return (list, (thaw(self),))


class FrozenDict(dict[str, Any]):
    """A read-only mapping; its copies are plain dictionaries."""

    __slots__ = ()

    update = setdefault = pop = popitem = clear = _refuse
    __setitem__ = __delitem__ = __ior__ = _refuse

    def __copy__(self) -> dict[str, Any]:
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return {key: thaw(part) for key, part in self.items()}

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return (dict, (thaw(self),))


def freeze(value: Any) -> Any:
    """Return a read-only copy of a list or mapping, parts included; else `value`."""
    if isinstance(value, list):
        return FrozenList(freeze(part) for part in value)
    if isinstance(value, dict):
        return FrozenDict({key: freeze(part) for key, part in value.items()})
    return value


def thaw(value: Any) -> Any:
    """Return a plain copy of a list or mapping, parts included; else `value`."""
    if isinstance(value, list):
        return [thaw(part) for part in value]
    if isinstance(value, dict):
        return {key: thaw(part) for key, part in value.items()}
    return value
