"""`MappedValues`, the value of metadata and custom attributes.

A mapping stores the rows of the server and the edits of the session separately. A
refresh and a commit change the rows, a rollback drops the edits; callers that hold the
mapping see the result in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

from typing_extensions import TypeIs

from ftrack_orm.entity.custom_rows import CustomRows, bare_id, rank
from ftrack_orm.entity.mapped_reads import MappedReads
from ftrack_orm.entity.tracking import is_new
from ftrack_orm.entity.value_list import ValueList
from ftrack_orm.errors.entity import NotLoadedError
from ftrack_orm.types import Reference, Sentinel

if TYPE_CHECKING:
    from _typeshed import SupportsKeysAndGetItem

    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.effective_value import EffectiveValue
    from ftrack_orm.entity.entity import Entity

V = TypeVar("V")

METADATA: Final = "Metadata"
"""The type of rows with free keys; all other types are custom attributes."""

REMOVED: Final = Sentinel.UNSET
"""The edit of a key whose row is deleted."""

MAPPED_CLASSES: Final[set[type[Any]]] = set()
"""`MappedValues` and its subclasses, for loops over the values of many entities."""


class _MappedParts:
    """The slots of `MappedValues`, whose types are internal."""

    __slots__ = ("_attribute", "_custom", "_edits", "_lists", "_owner", "_rows")

    _attribute: AttributeInfo
    _custom: CustomRows | None
    _edits: dict[str, Any] | None
    _lists: dict[str, ValueList] | None
    _owner: Entity
    _rows: dict[str, Any]


class MappedValues(_MappedParts, MappedReads[V]):
    """The key and value rows of one entity as a mapping; changes are recorded.

    Changes of list values are recorded too. Every configured custom attribute has a
    value, so deleting one restores its default. If two configurations have the same
    key, the key names the more specific one: a project's configuration before a global
    one, a plain one before a hierarchical one. The other row is addressed by its
    configuration: the entity, a `Reference` to it, or its id.

    Attributes:
        row_keys: the id of the configuration of each custom attribute by row name;
            empty for metadata.
        is_loaded: whether all rows are loaded; if not, reading the mapping loads them.
    """

    __slots__ = ("is_loaded", "row_keys")

    is_loaded: bool
    row_keys: dict[str, str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        MAPPED_CLASSES.add(cls)

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
        """Return the mapping of an owner, holding `rows`; its class is the attribute's.

        Args:
            owner: the entity whose rows they are.
            attribute: its mapped attribute.
            rows: the values by row name.
            row_keys: the ids of their configurations.
            shadowed: the keys of rows that have the id of their configuration as name.
            is_loaded: whether all rows are loaded.
        """
        mapping = _new(MappedValues)
        mapping._owner = owner
        mapping._attribute = attribute
        mapping._rows = rows
        mapping._edits = mapping._lists = None
        mapping._custom = CustomRows(shadowed) if shadowed else None
        mapping.row_keys = row_keys or {}
        mapping.is_loaded = is_loaded
        # The last, because a class of custom attributes checks each name that is set.
        if attribute.mapped_class is not MappedValues:
            mapping.__class__ = attribute.mapped_class
        return mapping  # type: ignore[no-any-return] # the caller chooses V

    # -- reading -------------------------------------------------------------------

    @property
    def is_readable(self) -> bool:
        """Return true: a mapping loads its rows itself, after it was returned."""
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
        """Return a copy of the loaded values, edits included; nothing is loaded."""
        hidden = self._custom.shadowed if self._custom is not None else ()
        names = {**self._rows, **(self._edits or {})}
        values = {name: self._value(name) for name in names if name not in hidden}
        return {name: value for name, value in values.items() if value is not REMOVED}

    if not TYPE_CHECKING:  # `MappedReads` declares its types

        def __getitem__(self, key: str | Entity | Reference) -> Any:
            name = self.row_name(key)
            value = self._value(name)
            if value is REMOVED and name not in (self._edits or ()):
                self._load()
                name = self.row_name(key)
                value = self._value(name)
            if value is REMOVED:
                raise self._unknown_key(key)
            return self._tracked(name, value)

    def _value(self, name: str) -> Any:
        """Return the value of a row in memory, `REMOVED` if there is none."""
        edits = self._edits
        if edits is None or name not in edits:
            return self._rows.get(name, REMOVED)
        value = edits[name]
        if value is REMOVED and self._custom is not None:
            return self._custom.defaults.get(name, REMOVED)
        return value

    def is_set(self, key: str | Entity | Reference) -> bool:
        """Return whether `key` has a stored value and not only a default.

        Edits count as stored values. The stored values are loaded once, for the whole
        load group.

        Raises:
            UnknownKeyError: the custom attribute is not configured for the entity.
            NotLoadedError: the stored values are not loaded, and the entity is in no
                session.
        """
        if not self.is_custom:
            return key in self
        name = self.row_name(key)
        if is_new(self._owner):
            return name in self.edits
        if key not in self:
            raise self._unknown_key(key)
        name = self.row_name(key)
        if name in self.edits:
            return self.edits[name] is not REMOVED
        return self.row_keys.get(name) in self.loaded_stored()

    def effective(self, key: str) -> EffectiveValue:
        """Return a custom attribute's value and the entity that stores it.

        See `Entity.effective`.

        Raises:
            DetachedEntityError: the entity is in no session.
            UnknownKeyError: the key is not configured for the entity.
        """
        return self._owner.effective(key)

    def loaded_stored(self) -> set[str]:
        """Return the ids of the configurations that have a stored value.

        Raises:
            NotLoadedError: they are not loaded, and the entity is in no session.
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
        """Return the custom attribute state, created on first use."""
        if self._custom is None:
            self._custom = CustomRows()
        return self._custom

    def row_name(self, key: Any) -> str:
        """Return the name of the row that `key` addresses.

        The name is the key, or the id of the configuration if a more specific
        configuration has the same key.
        """
        if self._custom is not None and not self._custom.is_ranked:
            rank(self._owner, self._custom, self._rows, self.row_keys)
        if (type(key) is str and key in self._rows) or not self.is_custom:
            return key  # type: ignore[no-any-return] # an edit checks the key
        configuration_id = bare_id(key)
        for name, row_key in self.row_keys.items():
            if row_key == configuration_id:
                return name
        return configuration_id  # type: ignore[no-any-return] # an edit checks the key

    def _tracked(self, key: str, value: Any) -> Any:
        if type(value) is list:
            lists = self._lists
            if lists is None:
                lists = self._lists = {}
            values = lists.get(key)
            if values is None:
                values = lists[key] = ValueList(value, self, key)
            return values
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

    def __dir__(self) -> list[str]:
        from ftrack_orm.entity.listing import mapping_names

        return mapping_names(self._attribute)

    def _ipython_key_completions_(self) -> list[str]:
        from ftrack_orm.entity.listing import keys_in_memory

        return keys_in_memory(self, self._owner, self._attribute)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MappedValues):
            return self.values_by_key == other.values_by_key
        return self.values_by_key == other

    __hash__ = None  # type: ignore[assignment] # a mutable mapping

    # -- editing -------------------------------------------------------------------

    def __setitem__(self, key: str | Entity | Reference, value: V) -> None:
        self._owner.__edit_rows__(self._attribute, self, {key: value})

    def __delitem__(self, key: str | Entity | Reference) -> None:
        if key not in self:
            raise self._unknown_key(key)
        self._owner.__edit_rows__(self._attribute, self, {key: REMOVED})

    def pop(self, key: Any, default: Any = REMOVED) -> Any:
        """Remove a key and return its value, a list as a plain copy.

        Raises:
            UnknownKeyError: there is no such key and no `default`.
        """
        if key not in self:
            if default is REMOVED:
                raise self._unknown_key(key)
            return default
        value: Any = self[key]
        # A `ValueList` follows the value of its key, which is deleted below.
        result = list(value) if isinstance(value, ValueList) else value
        del self[key]
        return result

    def popitem(self) -> tuple[str, V]:
        """Remove and return a key and its value; skips defaults of custom attributes.

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
        """Replace all values; other custom attributes get their defaults."""
        edits = self.replacement_edits(values)
        self._owner.__edit_rows__(self._attribute, self, edits)

    def replacement_edits(self, values: Mapping[Any, Any]) -> dict[str, Any]:
        """Return the edits that replace all values by `values`."""
        names = [*self, *(self._custom.shadowed if self._custom is not None else ())]
        edits = {self.row_name(key): value for key, value in values.items()}
        return {**{name: REMOVED for name in names if name not in edits}, **edits}

    def clear(self) -> None:
        """Remove all keys; custom attributes get their defaults."""
        self.replace({})

    def set_value(self, key: str, value: list[Any]) -> None:
        """Record the changed content of a `ValueList`."""
        self._owner.__edit_rows__(self._attribute, self, {key: value})

    def edit(self, edits: Mapping[str, Any]) -> None:
        """Record checked values; a value equal to the loaded row is no edit."""
        recorded = self._edits
        if recorded is None:
            recorded = self._edits = {}
        for key, value in edits.items():
            is_row_loaded = self.is_loaded or key in self._rows
            same = is_row_loaded and _is_same(value, self._rows.get(key, REMOVED))
            if same or (value is REMOVED and self._has_default(key)):
                recorded.pop(key, None)
            else:
                recorded[key] = value
        if not recorded:
            self._edits = None
        self._update_lists()

    def _has_default(self, key: str) -> bool:
        """Return whether the loaded row of a key already has the default."""
        custom = self._custom
        if custom is None:
            return False
        if custom.stored is not None:
            return self.row_keys.get(key) not in custom.stored
        # Another session may have deleted the value, and a refresh loaded the default.
        has_both = key in self._rows and key in custom.defaults
        return has_both and _is_same(self._rows[key], custom.defaults[key])

    def reset(self, edits: Mapping[str, Any]) -> None:
        """Replace all edits of the session by `edits`."""
        self._edits = dict(edits) or None
        self._update_lists()

    # -- called by the session -----------------------------------------------------

    @property
    def edits(self) -> Mapping[str, Any]:
        """Return the edits of the session by row name; `REMOVED` deletes a row."""
        return self._edits or {}

    @property
    def rows(self) -> Mapping[str, Any]:
        """Return the loaded values of the server by row name."""
        return self._rows

    def store(
        self,
        rows: dict[str, Any],
        row_keys: dict[str, str] | None = None,
        shadowed: Mapping[str, str] | None = None,
    ) -> None:
        """Replace all rows by loaded ones; the edits of the session stay.

        Args:
            rows: the values by row name.
            row_keys: the ids of their configurations.
            shadowed: the keys of rows that have the id of their configuration as name.
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
        """Set one loaded row, or delete it if `value` is `REMOVED`."""
        self._set_row(key, value)
        self._update_lists()
        if self._edits and key in self._edits:
            self.edit({key: self._edits[key]})

    def _set_row(self, key: str, value: Any) -> None:
        stored = None if self._custom is None else self._custom.stored
        if value is not REMOVED:
            self._rows[key] = value
            if stored is not None and key in self.row_keys:
                stored.add(self.row_keys[key])
            return
        self._rows.pop(key, None)
        if self.is_custom:
            # The row now has the default, which only the server can return.
            self.is_loaded = False
            if stored is not None:
                stored.discard(self.row_keys.get(key, ""))

    def unload(self) -> None:
        """Drop the loaded rows; they load again when they are read."""
        self._rows = {}
        if self._custom is not None:
            self._custom = CustomRows(defaults=self._custom.defaults)
        self.is_loaded = False

    def accept(self, applied: Mapping[str, Any]) -> None:
        """Store edits that the server has applied as rows; later edits stay."""
        edits = dict(self._edits or {})
        for key, value in applied.items():
            current = edits.pop(key, self._rows.get(key, REMOVED))
            self._set_row(key, value)
            if not _is_same(current, value):
                # The key was edited again while the request was under way.
                edits[key] = current
        self._edits = edits or None
        self._update_lists()

    def restore(self) -> None:
        """Drop the edits of the session."""
        self._edits = None
        self._update_lists()

    def _update_lists(self) -> None:
        """Update the `ValueList` objects that callers hold."""
        lists = self._lists
        for key, values in lists.items() if lists else ():
            value = self._value(key)
            if isinstance(value, list):
                values.set_content(value)
            elif self.is_loaded:
                values.set_content(())

    def _load(self) -> None:
        """Load the rows of all entities in the load group that have none loaded.

        Raises:
            NotLoadedError: the session does not load automatically, or the server no
                longer has the entity.
        """
        if not self.is_loaded and not is_new(self._owner):
            self._owner.__load_rows__(self._attribute)

    def __reduce__(self) -> Any:
        return (dict, (self.values_by_key,))


_new: Any = object.__new__

MAPPED_CLASSES.add(MappedValues)


def is_mapped(value: object) -> TypeIs[MappedValues[Any]]:
    """Return whether a value is a mapping of rows.

    This is faster than `isinstance`, which asks the abstract base class.
    """
    return type(value) in MAPPED_CLASSES


def _is_same(value: Any, row: Any) -> bool:
    return value is row or bool(type(value) is type(row) and value == row)
