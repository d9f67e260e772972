"""The mapping behind metadata and custom attributes."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any, TypeVar

from ftrack_orm.entity.state import EntityState

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute import AttributeInfo
    from ftrack_orm.entity.base import Entity

V = TypeVar("V")

METADATA = "Metadata"
"""Type of the rows that anybody may add; those of the others are configured."""


class MappedValues(MutableMapping[str, V]):
    """Key and value rows of one entity as a mapping; changes are recorded.

    Attributes:
        values_by_key: the values now.
        row_keys: for custom attributes, the id of the configuration behind each key;
            empty for metadata, whose rows are named by the key itself.
        is_partial: whether there are more rows than these: custom attributes that
            were set on a new entity are known, its others load when they are read.
    """

    __slots__ = ("_attribute", "_owner", "is_partial", "row_keys", "values_by_key")

    def __init__(
        self,
        owner: Entity,
        attribute: AttributeInfo,
        values: dict[str, V],
        row_keys: dict[str, str] | None = None,
        *,
        is_partial: bool = False,
    ) -> None:
        self._owner = owner
        self._attribute = attribute
        self.values_by_key = values
        self.row_keys = row_keys or {}
        self.is_partial = is_partial

    def __getitem__(self, key: str) -> V:
        if key not in self.values_by_key:
            self._load_rest()
        return self.values_by_key[key]

    def __setitem__(self, key: str, value: V) -> None:
        if key not in self.values_by_key:
            self._load_rest()
        changed = dict(self.values_by_key)
        changed[key] = value
        self._owner.__replace_rows__(self._attribute, self, changed)

    def __delitem__(self, key: str) -> None:
        self._load_rest()
        changed = dict(self.values_by_key)
        del changed[key]
        self._owner.__replace_rows__(self._attribute, self, changed)

    def __iter__(self) -> Iterator[str]:
        self._load_rest()
        return iter(self.values_by_key)

    def __len__(self) -> int:
        self._load_rest()
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
        self._load_rest()
        self._owner.__replace_rows__(self._attribute, self, dict(values))

    def complete(self, loaded: MappedValues[V]) -> None:
        """Take all rows as the server has them; local edits stay."""
        name = self._attribute.name
        committed = self._owner.__ftrack_state__.committed or {}
        before = committed.get(name)
        edits: dict[str, V] = {}
        if isinstance(before, dict):
            edits = {
                key: value
                for key, value in self.values_by_key.items()
                if key not in before or before[key] != value
            }
            committed[name] = dict(loaded.values_by_key)
        self.values_by_key = {**loaded.values_by_key, **edits}
        self.row_keys = loaded.row_keys
        self.is_partial = False

    def _load_rest(self) -> None:
        """Load the rows that are missing, for all entities that lack some.

        Raises:
            NotLoadedError: the session loads nothing by itself, or the server no
                longer has the entity.
        """
        state = self._owner.__ftrack_state__.state
        if self.is_partial and state is EntityState.PERSISTENT:
            self._owner.__load_rows__(self._attribute)

    def __reduce__(self) -> Any:
        return (dict, (dict(self.values_by_key),))
