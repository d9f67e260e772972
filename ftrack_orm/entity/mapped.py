"""The mapping of metadata and custom attributes.

It keeps the rows as the server has them, and the edits of the session beside them:
a merge, a rollback and a commit change the one or the other, in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

from ftrack_orm.entity.custom_rows import CustomRows, bare_id, rank
from ftrack_orm.entity.tracking import is_new
from ftrack_orm.entity.value_list import ValueList
from ftrack_orm.errors.entity import NotLoadedError
from ftrack_orm.types import Reference, Sentinel

if TYPE_CHECKING:
    from _typeshed import SupportsKeysAndGetItem

    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity

V = TypeVar("V")

METADATA: Final = "Metadata"
"""The type of rows that any client may add; the keys of the others are configured."""

REMOVED: Final = Sentinel.UNSET
"""The edit of a key whose row is to go."""


class _MappedParts:
    """The slots of `MappedValues`, whose types are internal."""

    __slots__ = ("_attribute", "_custom", "_edits", "_lists", "_owner", "_rows")

    _attribute: AttributeInfo
    _custom: CustomRows | None
    _edits: dict[str, Any] | None
    _lists: dict[str, ValueList] | None
    _owner: Entity
    _rows: dict[str, Any]


class MappedValues(_MappedParts, MutableMapping[str, V]):
    """Key and value rows of one entity as a mapping; changes are recorded.

    Values that are lists record their changes too. Every configured custom attribute
    has a value, so deleting one restores its default. Where two configurations share
    a key, the key names the closest: a project's own before a global one, a plain one
    before a hierarchical one. The other is named by its configuration: the entity, a
    `Reference` to it, or its id.

    Attributes:
        row_keys: for custom attributes, the id of the configuration of each key;
            empty for metadata, whose rows are named by the key itself.
        is_loaded: whether the rows are the server's; reading loads them otherwise.
    """

    __slots__ = ("is_loaded", "row_keys")

    is_loaded: bool
    row_keys: dict[str, str]

    @classmethod
    def _of(
        cls,
        owner: Entity,
        attribute: AttributeInfo,
        rows: dict[str, Any],
        row_keys: dict[str, str] | None = None,
        shadowed: Mapping[str, str] | None = None,
        *,
        is_loaded: bool = True,
    ) -> MappedValues[V]:
        """Return the mapping of an owner, holding `rows`.

        Args:
            owner: the entity whose rows they are.
            attribute: its mapped attribute.
            rows: the values by name.
            row_keys: the ids of their configurations.
            shadowed: the keys of rows that are named by their configuration.
            is_loaded: whether the rows are the server's.
        """
        made = cls.__new__(cls)
        made._owner = owner
        made._attribute = attribute
        made._rows = rows
        made._edits = made._lists = None
        made._custom = CustomRows(shadowed) if shadowed else None
        made.row_keys = row_keys or {}
        made.is_loaded = is_loaded
        return made

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
    def is_custom(self) -> bool:
        """Return whether the values are custom attributes, which have defaults."""
        return self._attribute.target != METADATA

    @property
    def values_by_key(self) -> dict[str, Any]:
        """Return a copy of the values in memory, edits included; nothing is loaded."""
        hidden = self._custom.shadowed if self._custom is not None else ()
        names = {**self._rows, **(self._edits or {})}
        values = {name: self._value(name) for name in names if name not in hidden}
        return {name: value for name, value in values.items() if value is not REMOVED}

    def __getitem__(self, key: str | Entity | Reference) -> V:
        name = self.row_name(key)
        value = self._value(name)
        if value is REMOVED and name not in (self._edits or ()):
            self._load()
            name = self.row_name(key)
            value = self._value(name)
        if value is REMOVED:
            raise KeyError(key)
        return self._tracked(name, value)  # type: ignore[no-any-return] # V is the caller's

    def _value(self, name: str) -> Any:
        """Return the value in memory of a row, `REMOVED` where there is none."""
        edits = self._edits
        if edits is None or name not in edits:
            return self._rows.get(name, REMOVED)
        value = edits[name]
        if value is REMOVED and self._custom is not None:
            return self._custom.defaults.get(name, REMOVED)
        return value

    def is_set(self, key: str | Entity | Reference) -> bool:
        """Return whether a value is stored for `key`, as against a default.

        Edits count. Stored values are read once, for the whole load group.

        Raises:
            KeyError: a custom attribute that is not configured for the entity.
            NotLoadedError: the entity is in no session, and they were not read.
        """
        if not self.is_custom:
            return key in self
        name = self.row_name(key)
        if is_new(self._owner):
            return name in self.edits
        if key not in self:
            raise KeyError(key)
        name = self.row_name(key)
        if name in self.edits:
            return self.edits[name] is not REMOVED
        return self.row_keys.get(name) in self.loaded_stored()

    def loaded_stored(self) -> set[str]:
        """Return the ids of the configurations that a value is stored for.

        Raises:
            NotLoadedError: the entity is in no session, and they were not read.
        """
        custom = self._custom_rows
        owner = self._owner.__ftrack_state__.owner
        if custom.stored is None and owner is not None:
            owner.load_stored(self._owner, self._attribute)
        if custom.stored is None:
            raise NotLoadedError(
                repr(self._owner),
                f"{self._attribute.name}.is_set",
                "Get the entity in a session, which can read the stored values.",
            )
        return custom.stored

    @property
    def _custom_rows(self) -> CustomRows:
        """Return the record of custom attributes beyond their values."""
        if self._custom is None:
            self._custom = CustomRows()
        return self._custom

    def row_name(self, key: Any) -> str:
        """Return the name of the row that `key` means.

        A row is named by its key, or by the id of its configuration where a closer
        configuration has the key.
        """
        if self._custom is not None and not self._custom.is_ranked:
            rank(self._owner, self._custom, self._rows, self.row_keys)
        if (type(key) is str and key in self._rows) or not self.is_custom:
            return key  # type: ignore[no-any-return] # checked where it is set
        named = bare_id(key)
        for name, configuration in self.row_keys.items():
            if configuration == named:
                return name
        return named  # type: ignore[no-any-return] # checked where it is set

    def _tracked(self, key: str, value: Any) -> Any:
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
        if self._edits is None and self._custom is None:
            return iter(self._rows)
        return iter(self.values_by_key)

    def __len__(self) -> int:
        self._load()
        is_plain = self._edits is None and self._custom is None
        return len(self._rows if is_plain else self.values_by_key)

    def __repr__(self) -> str:
        return repr(self.values_by_key)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MappedValues):
            return self.values_by_key == other.values_by_key
        return self.values_by_key == other

    __hash__ = None  # type: ignore[assignment] # a mapping that changes

    # -- editing -------------------------------------------------------------------

    def __setitem__(self, key: str | Entity | Reference, value: V) -> None:
        self._owner.__edit_rows__(self._attribute, self, {key: value})

    def __delitem__(self, key: str | Entity | Reference) -> None:
        if key not in self:
            raise KeyError(key)
        self._owner.__edit_rows__(self._attribute, self, {key: REMOVED})

    def pop(self, key: Any, default: Any = REMOVED) -> Any:
        """Remove a key and return its value, a list as a plain copy.

        Raises:
            KeyError: there is no such key, and no `default`.
        """
        if key not in self:
            if default is REMOVED:
                raise KeyError(key)
            return default
        value: Any = self[key]
        # The list in the caller's hands goes on to show the value of the key.
        taken = list(value) if isinstance(value, ValueList) else value
        del self[key]
        return taken

    def popitem(self) -> tuple[str, V]:
        """Remove and return a key and its value; of custom attributes a stored one.

        Raises:
            KeyError: no value is stored.
        """
        for key in self:
            if self.is_set(key):
                return key, self.pop(key)
        raise KeyError("no value is stored")

    @overload
    def update(self, other: SupportsKeysAndGetItem[Any, V], /, **values: V) -> None: ...
    @overload
    def update(self, other: Iterable[tuple[Any, V]], /, **values: V) -> None: ...
    @overload
    def update(self, /, **values: V) -> None: ...
    def update(self, other: Any = (), /, **values: Any) -> None:
        """Set several keys; all are checked before any is set."""
        edits = {**dict(other), **values}
        self._owner.__edit_rows__(self._attribute, self, edits)

    def replace(self, values: Mapping[str, V]) -> None:
        """Make `values` the whole content; other custom attributes get defaults."""
        edits = self.replacement_edits(values)
        self._owner.__edit_rows__(self._attribute, self, edits)

    def replacement_edits(self, values: Mapping[Any, Any]) -> dict[str, Any]:
        """Return the edits that make `values` the whole content."""
        names = [*self, *(self._custom.shadowed if self._custom is not None else ())]
        named = {self.row_name(key): value for key, value in values.items()}
        return {**{name: REMOVED for name in names if name not in named}, **named}

    def clear(self) -> None:
        """Remove every key; every custom attribute gets its default."""
        self.replace({})

    def set_value(self, key: str, value: list[Any]) -> None:
        """Record a list that was changed through `ValueList`."""
        self._owner.__edit_rows__(self._attribute, self, {key: value})

    def edit(self, edits: Mapping[str, Any]) -> None:
        """Record checked values; one that the server has already is no edit."""
        mine = self._edits
        if mine is None:
            mine = self._edits = {}
        for key, value in edits.items():
            is_known = self.is_loaded or key in self._rows
            same = is_known and _is_same(value, self._rows.get(key, REMOVED))
            if same or (value is REMOVED and self._has_default(key)):
                mine.pop(key, None)
            else:
                mine[key] = value
        if not mine:
            self._edits = None
        self._update_lists()

    def _has_default(self, key: str) -> bool:
        """Return whether the server is known to show the default of a deleted key."""
        custom = self._custom
        if custom is None:
            return False
        if custom.stored is not None:
            return self.row_keys.get(key) not in custom.stored
        # Read again since: another session may have deleted it.
        is_known = key in self._rows and key in custom.defaults
        return is_known and _is_same(self._rows[key], custom.defaults[key])

    def reset(self, edits: Mapping[str, Any]) -> None:
        """Make `edits` the session's edits."""
        self._edits = dict(edits) or None
        self._update_lists()

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
        self,
        rows: dict[str, Any],
        row_keys: dict[str, str] | None = None,
        shadowed: Mapping[str, str] | None = None,
    ) -> None:
        """Take all rows as the server has them; the session's edits stay.

        Args:
            rows: the values by name.
            row_keys: the ids of their configurations.
            shadowed: the keys of rows that are named by their configuration.
        """
        self._rows = rows
        self.row_keys = row_keys or {}
        self.is_loaded = True
        defaults = {} if self._custom is None else self._custom.defaults
        self._custom = CustomRows(shadowed, defaults) if shadowed or defaults else None
        if self._edits:
            if self._custom is not None and not self._custom.is_ranked:
                rank(self._owner, self._custom, self._rows, self.row_keys)
            self.edit(dict(self._edits))
        else:
            self._update_lists()

    def store_row(self, key: str, value: Any) -> None:
        """Take one row as the server has it, `REMOVED` when it has none."""
        self._take(key, value)
        self._update_lists()
        if self._edits and key in self._edits:
            self.edit({key: self._edits[key]})

    def _take(self, key: str, value: Any) -> None:
        stored = None if self._custom is None else self._custom.stored
        if value is not REMOVED:
            self._rows[key] = value
            if stored is not None and key in self.row_keys:
                stored.add(self.row_keys[key])
            return
        self._rows.pop(key, None)
        if self.is_custom:
            # The server decides on the default, which loads when it is read.
            self.is_loaded = False
            if stored is not None:
                stored.discard(self.row_keys.get(key, ""))

    def unload(self) -> None:
        """Forget the server's rows; they load when they are read."""
        self._rows = {}
        if self._custom is not None:
            self._custom = CustomRows(defaults=self._custom.defaults)
        self.is_loaded = False

    def accept(self, sent: Mapping[str, Any]) -> None:
        """Take edits that the server has applied as its rows; later edits stay."""
        edits = dict(self._edits or {})
        for key, value in sent.items():
            shown = edits.pop(key, self._rows.get(key, REMOVED))
            self._take(key, value)
            if not _is_same(shown, value):
                # Set to something else, or back, since it was sent.
                edits[key] = shown
        self._edits = edits or None
        self._update_lists()

    def restore(self) -> None:
        """Drop the session's edits."""
        self._edits = None
        self._update_lists()

    def _update_lists(self) -> None:
        """Show the values of now in the lists that callers hold."""
        lists = self._lists
        for key, shown in lists.items() if lists else ():
            value = self._value(key)
            if isinstance(value, list):
                shown.show(value)
            elif self.is_loaded:
                shown.show(())

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
