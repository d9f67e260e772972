"""Describe the changes of a plan: names in place of ids, values before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.schema.attribute_kind import EMPTY, AttributeKind
from ftrack_orm.tables import WIDTH, html_table, printable
from ftrack_orm.types import NOT_LOADED, Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)
from ftrack_orm.unit_of_work.display_names import Memory, Names, short

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo

Sign: TypeAlias = Literal["+", "~", "-"]

_MEMBERS_SHOWN: Final = 20
"""The most edited members of a collection that are shown."""

_CONTEXT: Final = 20
"""Characters shown before the first difference of two long texts."""


@lazy_dataclass(frozen=True, slots=True)
class DescribedValue:
    """One value of a change.

    Attributes:
        name: the attribute, or the key of a mapping: ``metadata[source]``.
        after: the new value; edits of members as ``+sh020, -sh030``.
        before: the value it replaces; ``None`` for a create and for edits of members.
    """

    name: str
    after: str
    before: str | None = None

    def __str__(self) -> str:
        if not self.after:
            return self.name
        replaced = "" if self.before is None else f"{self.before} -> "
        return f"{self.name}: {replaced}{self.after}"


@lazy_dataclass(frozen=True, slots=True)
class DescribedChange:
    """One change: ``+`` for a create, ``~`` for an update, ``-`` for a delete."""

    sign: Literal["+", "~", "-"]
    title: str
    values: tuple[DescribedValue, ...] = ()

    def lines(self) -> list[str]:
        """Return a line, and one for each value where there are several."""
        if len(self.values) <= 1:
            return self.flat_lines()
        return [f"{self.sign} {self.title}", *(f"    {value}" for value in self.values)]

    def flat_lines(self) -> list[str]:
        """Return a line for each value, each with the title of its entity."""
        title = f"{self.sign} {self.title}"
        return [f"{title}  {value}" for value in self.values] or [title]


class Description:
    """The described changes of a plan.

    Made at first use from the entities in memory at that time, and then stored.
    """

    __slots__ = ("_changes", "_entries", "_memory")

    def __init__(self, changes: Sequence[Change], memory: Memory) -> None:
        self._changes = changes
        self._memory = memory
        self._entries: tuple[DescribedChange, ...] | None = None

    @property
    def entries(self) -> tuple[DescribedChange, ...]:
        """Return one entry for each change, in the same order."""
        if self._entries is None:
            self._entries = describe(self._changes, self._memory)
            # Frees the deleted entities that the memory refers to.
            self._memory = Memory()
        return self._entries

    def fix(self) -> None:
        """Describe the changes now, so that later edits do not change names."""
        _ = self.entries

    def __reduce__(self) -> tuple[Any, ...]:
        # Without the memory, which refers to every entity of the session.
        return _restore, (self._changes, self.entries)


def _restore(
    changes: Sequence[Change], entries: tuple[DescribedChange, ...]
) -> Description:
    description = Description(changes, Memory())
    description._entries = entries
    return description


def describe(changes: Sequence[Change], memory: Memory) -> tuple[DescribedChange, ...]:
    """Return the described changes, in the same order; nothing is loaded."""
    names = Names(changes, memory)
    return tuple(_describe_change(change, names) for change in changes)


def summary(changes: Iterable[Change]) -> str:
    """Return the number of changes by action and entity type, in one line."""
    counts: dict[str, dict[str, int]] = {"create": {}, "update": {}, "delete": {}}
    for change in changes:
        types = counts[_action(change)]
        entity_type = change.reference.entity_type
        types[entity_type] = types.get(entity_type, 0) + 1
    parts = [
        f"{_count_text(sum(types.values()), action)} "
        f"({', '.join(f'{count:,} {name}' for name, count in types.items())})"
        for action, types in counts.items()
        if types
    ]
    return ", ".join(parts) or "Nothing to commit."


def html(entries: Sequence[DescribedChange], heading: str) -> str:
    """Return a table for notebooks; names and values are escaped."""
    rows = [cells for entry in entries for cells in _cells(entry)]
    return html_table(heading, ("", "Entity", "Attribute", "Before", "After"), rows)


def _cells(entry: DescribedChange) -> Iterator[tuple[str, ...]]:
    for value in entry.values or (DescribedValue("", ""),):
        yield entry.sign, entry.title, value.name, value.before or "", value.after


def exact_line(change: Change) -> str:
    """Return a change with its whole key and all values, whatever their length."""
    before = dict(change.before) if isinstance(change, UpdateChange) else {}
    values = {} if isinstance(change, DeleteChange) else dict(change.values)
    return f"{_action(change)} {change.reference} {before} -> {values}"


def _count_text(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _action(change: Change) -> str:
    match change:
        case CreateChange():
            return "create"
        case UpdateChange():
            return "update"
        case DeleteChange():
            return "delete"


# -- changes -----------------------------------------------------------------------


def _describe_change(change: Change, names: Names) -> DescribedChange:
    sign: dict[str, Sign] = {"create": "+", "update": "~", "delete": "-"}
    row = _row_of(change.reference)
    if row is not None:
        return _describe_row(change, sign[_action(change)], row, names)
    title = f"{change.reference.entity_type} {names.title(change.reference)}"
    return DescribedChange(sign[_action(change)], title, tuple(_values(change, names)))


def _values(change: Change, names: Names) -> Iterator[DescribedValue]:
    if isinstance(change, DeleteChange):
        return
    before = change.before if isinstance(change, UpdateChange) else None
    type_info = names.type_info(change.reference.entity_type)
    key = ("id",) if type_info is None else type_info.primary_key
    for server_name, value in change.values.items():
        # The title contains the key already.
        if (server_name,) == key:
            continue
        attribute = (
            None if type_info is None else type_info.by_server_name.get(server_name)
        )
        old = None if before is None else before.get(server_name, NOT_LOADED)
        is_new = before is None
        yield _value(names, server_name, attribute, old, value, is_new=is_new)


def _value(
    names: Names,
    server_name: str,
    attribute: AttributeInfo | None,
    before: Any,
    after: Any,
    *,
    is_new: bool,
) -> DescribedValue:
    name = server_name if attribute is None else attribute.name
    if attribute is not None and attribute.kind is AttributeKind.SCALAR:
        keys = tuple(_texts(before, after))
        link = _link_of(attribute, names, keys)
        if link is not None:
            return _link_value(names, *link, before, after, is_new)
    if is_new:
        before = (
            () if isinstance(after, tuple) and _is_membership(after) else NOT_LOADED
        )
    if _is_membership(before, after):
        return DescribedValue(name, _membership(names, before, after))
    cut_before, cut_after = _cut(before, after)
    old = None if is_new else _format(cut_before, names)
    return DescribedValue(name, _format(cut_after, names), old)


def _link_of(
    attribute: AttributeInfo, names: Names, keys: Sequence[str]
) -> tuple[str, str | None] | None:
    """Return the name and target type of the link that a foreign key stores.

    Args:
        attribute: the attribute; the result is ``None`` for one that is no foreign key.
        names: the entities whose names are known.
        keys: the values of the attribute.
    """
    for link in attribute.owner.links_by_foreign_key.get(attribute.name, ()):
        if len(link.link_storage.holders) == 1:
            return link.name, link.link_storage.target
    if attribute.name.endswith("_id") and any(map(names.has, keys)):
        # The target type is in another attribute, as for the parent of a note.
        return attribute.name.removesuffix("_id"), None
    return None


def _link_value(
    names: Names, name: str, target: str | None, before: Any, after: Any, is_new: bool
) -> DescribedValue:
    def title(key: Any) -> str:
        if isinstance(key, str):
            return names.target(key, target)
        return _format(key, names)

    return DescribedValue(name, title(after), None if is_new else title(before))


def _texts(*values: Any) -> Iterator[str]:
    return (value for value in values if isinstance(value, str))


# -- rows of metadata and custom attributes ----------------------------------------


def _row_of(reference: Reference) -> tuple[Any, Any] | None:
    """Return the owner's key and the key of a row, ``None`` for other entities."""
    if len(reference.key) != 2:
        return None
    first, second = reference.key
    if reference.entity_type == "Metadata":
        return first, second
    if reference.entity_type.endswith("CustomAttributeValue"):
        return second, first
    return None


def _describe_row(
    change: Change, sign: Sign, row: tuple[Any, Any], names: Names
) -> DescribedChange:
    owner, key = row
    values: Mapping[str, Any] = EMPTY
    if not isinstance(change, DeleteChange):
        values = change.values
    entity_type = names.entity_type(owner) or values.get("parent_type")
    mapping = "metadata"
    if change.reference.entity_type != "Metadata":
        mapping = "custom_attributes"
        configuration_key = names.value(key, "key")
        key = change.label or configuration_key or short(key)
    title = f"{entity_type or change.reference.entity_type} "
    title += names.title(Reference(entity_type or "", (owner,)))
    name = f"{mapping}[{printable(str(key))}]"
    if "value" not in values:
        return DescribedChange(sign, title, (DescribedValue(name, ""),))
    replaced = change.before if isinstance(change, UpdateChange) else None
    is_new = replaced is None
    before = None if replaced is None else replaced.get("value", NOT_LOADED)
    value = _value(names, name, None, before, values["value"], is_new=is_new)
    return DescribedChange(sign, title, (value,))


# -- values ------------------------------------------------------------------------


def _format(value: Any, names: Names) -> str:
    match value:
        case None:
            return "-"
        case Reference():
            return names.target(
                value.key[0] if len(value.key) == 1 else value.key, value.entity_type
            )
        case datetime():
            return value.isoformat(" ", "seconds")
        case str():
            return repr(value if len(value) <= WIDTH else f"{value[: WIDTH - 1]}…")
        case tuple():
            return printable(f"[{', '.join(_format(part, names) for part in value)}]")
        case Mapping():
            return printable(repr(dict(value)))
        case _ if value is NOT_LOADED:
            return "(not loaded)"
        case _:
            return printable(repr(value))


def _cut(before: Any, after: Any) -> tuple[Any, Any]:
    """Return two values; long texts are cut to start shortly before they differ."""
    if not (isinstance(before, str) and isinstance(after, str)):
        return before, after
    same = 0
    for before_character, after_character in zip(before, after, strict=False):
        if before_character != after_character:
            break
        same += 1
    start = same - _CONTEXT
    if max(len(before), len(after)) <= WIDTH or start <= _CONTEXT:
        return before, after
    return f"…{before[start:]}", f"…{after[start:]}"


def _is_membership(*values: Any) -> bool:
    return all(
        isinstance(value, tuple)
        and not isinstance(value, Reference)
        and all(isinstance(member, Reference) for member in value)
        for value in values
    )


def _membership(names: Names, before: Any, after: Any) -> str:
    """Return the members that are added and removed."""
    added = [member for member in after if member not in set(before)]
    removed = [member for member in before if member not in set(after)]
    edits = [f"+{_format(member, names)}" for member in added]
    edits += [f"-{_format(member, names)}" for member in removed]
    if len(edits) > _MEMBERS_SHOWN:
        rest = len(edits) - _MEMBERS_SHOWN
        edits = [*edits[:_MEMBERS_SHOWN], f"… and {rest:,} more"]
    return ", ".join(edits) or "-"
