"""The mapping of metadata and custom attributes.

It keeps the rows as the server has them, and the edits of the session beside them:
a merge, a rollback and a commit change the one or the other, in place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ftrack_orm.entity.tracking import is_new
from ftrack_orm.entity.value_list import ValueList
from ftrack_orm.types import Sentinel

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute import AttributeInfo
    from ftrack_orm.entity.base import Entity

V = TypeVar("V")

METADATA: Final = "Metadata"
"""The type of rows that any client may add; the keys of the others are configured."""

REMOVED: Final = Sentinel.UNSET
"""The edit of a key whose row is to go."""


class MappedValues(MutableMapping[str, V]):
    """Key and value rows of one entity as a mapping; changes are recorded.

    Values that are lists record their changes too.

    Attributes:
        row_keys: for custom attributes, the id of the configuration of each key;
            empty for metadata, whose rows are named by the key itself.
        is_loaded: whether the rows are the server's; reading loads them otherwise.
    """

    __slots__ = (
        "_attribute",
        "_edits",
        "_lists",
        "_owner",
        "_rows",
        "is_loaded",
        "row_keys",
    )

    def __init__(
        self,
        owner: Entity,
        attribute: AttributeInfo,
        rows: dict[str, Any],
        row_keys: dict[str, str] | None = None,
        *,
        is_loaded: bool = True,
    ) -> None:
        self._owner = owner
        self._attribute = attribute
        self._rows = rows
        self._edits: dict[str, Any] | None = None
        self._lists: dict[str, ValueList] | None = None
        self.row_keys = row_keys or {}
        self.is_loaded = is_loaded

    # -- reading -------------------------------------------------------------------

    @property
    def is_readable(self) -> bool:
        """Return whether the mapping can be handed out: it loads by itself."""
        return True

    @property
    def target(self) -> str:
        """Return the entity type of the rows."""
        return str(self._attribute.target)

    @property
    def values_by_key(self) -> dict[str, Any]:
        """Return a copy of the values in memory, edits included; nothing is loaded."""
        values = {**self._rows, **(self._edits or {})}
        return {key: value for key, value in values.items() if value is not REMOVED}

    def __getitem__(self, key: str) -> V:
        edits = self._edits
        if edits is not None and key in edits:
            value = edits[key]
        else:
            if key not in self._rows:
                self._load()
            value = self._rows[key]
        if value is REMOVED:
            raise KeyError(key)
        return self._handed_out(key, value)  # type: ignore[no-any-return] # V is the caller's

    def _handed_out(self, key: str, value: Any) -> Any:
        if type(value) is list:
            lists = self._lists
            if lists is None:
                lists = self._lists = {}
            shown = lists.get(key)
            if shown is None:
                shown = lists[key] = ValueList(value, self, key)
            return shown
        return MappingProxyType(value) if type(value) is dict else value

    def __iter__(self) -> Iterator[str]:
        self._load()
        if self._edits is None:
            return iter(self._rows)
        return iter(self.values_by_key)

    def __len__(self) -> int:
        self._load()
        return len(self._rows if self._edits is None else self.values_by_key)

    def __repr__(self) -> str:
        return repr(self.values_by_key)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MappedValues):
            return self.values_by_key == other.values_by_key
        return self.values_by_key == other

    __hash__ = None  # type: ignore[assignment] # a mapping that changes

    # -- editing -------------------------------------------------------------------

    def __setitem__(self, key: str, value: V) -> None:
        self.update({key: value})

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self._owner.__edit_rows__(self._attribute, self, {key: REMOVED})

    def update(self, *others: Any, **values: Any) -> None:
        """Set several keys; all are checked before any is set."""
        self._owner.__edit_rows__(self._attribute, self, dict(*others, **values))

    def replace(self, values: Mapping[str, V]) -> None:
        """Make `values` the whole content."""
        removed = {key: REMOVED for key in self if key not in values}
        edits = {**removed, **values}
        self._owner.__edit_rows__(self._attribute, self, edits)

    def clear(self) -> None:
        """Remove every key."""
        self.replace({})

    def set_value(self, key: str, value: list[Any]) -> None:
        """Record a list that was changed through `ValueList`."""
        shown = (self._lists or {}).get(key)
        self._owner.__edit_rows__(self._attribute, self, {key: value})
        if shown is not None:
            # The list in the caller's hands stays the one for this key.
            self._lists = {**(self._lists or {}), key: shown}

    def edit(self, edits: Mapping[str, Any]) -> None:
        """Record checked values; one that the server has already is no edit."""
        mine = self._edits
        if mine is None:
            mine = self._edits = {}
        for key, value in edits.items():
            is_known = self.is_loaded or key in self._rows
            if is_known and _is_same(value, self._rows.get(key, REMOVED)):
                mine.pop(key, None)
            else:
                mine[key] = value
            if self._lists is not None:
                self._lists.pop(key, None)
        if not mine:
            self._edits = None

    def reset(self, edits: Mapping[str, Any]) -> None:
        """Make `edits` the session's edits."""
        self._edits = dict(edits) or None
        self._renew_lists()

    # -- the session's view --------------------------------------------------------

    @property
    def edits(self) -> Mapping[str, Any]:
        """Return the session's edits by key; `REMOVED` for rows that go."""
        return self._edits or {}

    @property
    def rows(self) -> Mapping[str, Any]:
        """Return the values that the server has, as far as they are loaded."""
        return self._rows

    def store(
        self, rows: dict[str, Any], row_keys: dict[str, str] | None = None
    ) -> None:
        """Take all rows as the server has them; the session's edits stay."""
        self._rows = rows
        self.row_keys = row_keys or {}
        self.is_loaded = True
        self._renew_lists()
        if self._edits:
            self.edit(dict(self._edits))

    def store_row(self, key: str, value: Any) -> None:
        """Take one row as the server has it, `REMOVED` when it has none."""
        if value is REMOVED:
            self._rows.pop(key, None)
        else:
            self._rows[key] = value
        self._renew_lists()
        if self._edits and key in self._edits:
            self.edit({key: self._edits[key]})

    def unload(self) -> None:
        """Forget the server's rows; they load when they are read."""
        self._rows = {}
        self._lists = None
        self.is_loaded = False

    def accept(self, sent: Mapping[str, Any]) -> None:
        """Take edits that the server has applied as its rows; later edits stay."""
        edits = dict(self._edits or {})
        for key, value in sent.items():
            shown = edits.pop(key, self._rows.get(key, REMOVED))
            if value is REMOVED:
                self._rows.pop(key, None)
            else:
                self._rows[key] = value
            if not _is_same(shown, value):
                # Set to something else, or back, since it was sent.
                edits[key] = shown
        self._edits = edits or None

    def restore(self) -> None:
        """Drop the session's edits."""
        self._edits = None
        self._renew_lists()

    def _renew_lists(self) -> None:
        """Show the values of now in the lists that callers hold."""
        for key, shown in tuple((self._lists or {}).items()):
            value = (self._edits or {}).get(key, self._rows.get(key))
            if isinstance(value, list):
                shown.show(value)
            elif self._lists is not None:
                del self._lists[key]

    def _load(self) -> None:
        """Load the rows, for all entities of the load group that lack them.

        Raises:
            NotLoadedError: the session loads nothing by itself, or the server no
                longer has the entity.
        """
        if not self.is_loaded and not is_new(self._owner):
            self._owner.__load_rows__(self._attribute)

    def __reduce__(self) -> Any:
        return (dict, (self.values_by_key,))


def _is_same(value: Any, row: Any) -> bool:
    return value is row or bool(type(value) is type(row) and value == row)
