"""The mapping behind metadata and custom attributes."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute import AttributeInfo
    from ftrack_orm.entity.base import Entity

V = TypeVar("V")


class MappedValues(MutableMapping[str, V]):
    """Key and value rows of one entity as a mapping; changes are recorded.

    Attributes:
        values_by_key: the values now.
        row_keys: for custom attributes, the id of the configuration behind each key;
            empty for metadata, whose rows are named by the key itself.
    """

    __slots__ = ("_attribute", "_owner", "row_keys", "values_by_key")

    def __init__(
        self,
        owner: Entity,
        attribute: AttributeInfo,
        values: dict[str, V],
        row_keys: dict[str, str] | None = None,
    ) -> None:
        self._owner = owner
        self._attribute = attribute
        self.values_by_key = values
        self.row_keys = row_keys or {}

    def __getitem__(self, key: str) -> V:
        return self.values_by_key[key]

    def __setitem__(self, key: str, value: V) -> None:
        changed = dict(self.values_by_key)
        changed[key] = value
        self._owner.__replace_rows__(self._attribute, self, changed)

    def __delitem__(self, key: str) -> None:
        changed = dict(self.values_by_key)
        del changed[key]
        self._owner.__replace_rows__(self._attribute, self, changed)

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_key)

    def __len__(self) -> int:
        return len(self.values_by_key)

    def __repr__(self) -> str:
        return repr(self.values_by_key)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MappedValues):
            return bool(self.values_by_key == other.values_by_key)
        return bool(self.values_by_key == other)

    __hash__ = None  # type: ignore[assignment] # a mapping that changes

    def replace(self, values: dict[str, V]) -> None:
        """Make `values` the whole content."""
        self._owner.__replace_rows__(self._attribute, self, dict(values))

    def __reduce__(self) -> Any:
        return (dict, (dict(self.values_by_key),))
