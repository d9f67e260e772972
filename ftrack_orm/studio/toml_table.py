"""One table of a TOML file, whose settings are changed in place.

Each section is a document of tomlkit. An edit of a whole file by tomlkit moves comments
between arrays of tables, and writes some layouts as invalid TOML.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any, Final

import tomlkit
from tomlkit.items import Array, InlineTable, Item

from ftrack_orm.studio.diff import UNORDERED
from ftrack_orm.studio.toml_sections import Path, Section

_ONE_VALUE: Final = frozenset({"options"})
"""Mappings that are one setting, as the order of their items counts."""


class Table:
    """A table with a header, and the tables in it.

    Attributes:
        values: the settings at the beginning.
    """

    def __init__(self, kind: str, number: int, sections: list[Section]) -> None:
        """Find the sections of a table.

        Args:
            kind: the name in its header.
            number: its position among those of its kind, from 1.
            sections: all sections of the file.
        """
        self._kind, self._number, self._sections = kind, number, sections
        self.values: dict[str, Any] = {}
        for section in self._own():
            parent = self.values
            for name in section.path:
                parent = parent.setdefault(name, {})
            _merge(parent, tomllib.loads(section.body))

    @classmethod
    def append(
        cls, kind: str, sections: list[Section], values: Mapping[str, Any]
    ) -> None:
        """Add a table after the last one of its kind, or at the end of the file."""
        own = [index for index, each in enumerate(sections) if each.kind == kind]
        last = max(own, default=len(sections) - 1)
        number = max((sections[index].number for index in own), default=0) + 1
        header, gap = f"[[{_key(kind)}]]\n", ""
        if any(each.text for each in sections):
            _end_line(sections[last])
            header = f"\n{header}"
            if last < len(sections) - 1:
                # The comments of the next header stay with it.
                gap, sections[last].gap = sections[last].gap, ""
        sections.insert(last + 1, Section(kind, number, (), 0, header, "", gap))
        table = cls(kind, number, sections)
        for name, value in values.items():
            table.set(name, value)

    def set(self, name: str, value: Any) -> None:
        """Change or add a setting; a mapping replaces the one of its name."""
        self._set((name,), value)

    def remove(self, name: str) -> None:
        """Remove a setting that the table has."""
        self._remove((name,))

    def _own(self) -> list[Section]:
        return [
            each
            for each in self._sections
            if (each.kind, each.number) == (self._kind, self._number)
        ]

    def _set(self, path: Path, value: Any) -> None:
        if isinstance(value, dict) and path[-1] not in _ONE_VALUE:
            names = {name.casefold() for name in value}
            for name in list(self._names(path)):
                if name.casefold() not in names:
                    self._remove((*path, name))
            for name, item in value.items():
                self._set((*path, name), item)
            return
        section = self._holder(path)
        if section is not None:
            names_left = path[len(section.path) :]
            if not names_left:
                _change_section(section, value)
                return
            body = tomlkit.parse(section.body)
            if _assign(body, names_left, value):
                section.body = body.as_string()
                return
            if _is_within(body, names_left):
                _end_line(section)
                section.body += f"{_key(*names_left)} = {_text(value)}\n"
                return
        self._add(path, value)

    def _add(self, path: Path, value: Any) -> None:
        """Add a setting whose table has no other place than a header."""
        own = self._own()
        parent = [each for each in own if _is_same(each.path, path[:-1])]
        if parent:
            section = parent[0]
        else:
            _end_line(own[-1])
            header = f"[{_key(self._kind, *path[:-1])}]\n"
            if own[-1].path == ():
                header = f"\n{header}"
            section = Section(
                self._kind, self._number, path[:-1], 0, header, "", own[-1].gap
            )
            own[-1].gap = ""
            self._sections.insert(self._sections.index(own[-1]) + 1, section)
        _end_line(section)
        section.body += f"{_key(path[-1])} = {_text(value)}\n"

    def _remove(self, path: Path) -> None:
        for section in self._own():
            depth = len(section.path)
            if _is_same(section.path[: len(path)], path):
                index = self._sections.index(section)
                # The comments at its end are about the next header.
                self._sections[index - 1].gap += section.gap
                del self._sections[index]
            elif _is_same(section.path, path[:depth]):
                body = tomlkit.parse(section.body)
                if _delete(body, path[depth:]):
                    section.body = body.as_string()

    def _holder(self, path: Path) -> Section | None:
        """Return the section of the longest header that leads to a setting."""
        own = [
            each for each in self._own() if _is_same(each.path, path[: len(each.path)])
        ]
        return max(own, key=lambda each: len(each.path), default=None)

    def _names(self, path: Path) -> Iterator[str]:
        """Yield the names of the settings in a table of this one."""
        found: Any = self.values
        for name in path:
            found = _item(found, name)
            if not isinstance(found, Mapping):
                return
        yield from found


class InlineItem:
    """An inline table of an array that stands before all headers.

    Attributes:
        values: the settings at the beginning.
    """

    def __init__(self, kind: str, index: int, section: Section) -> None:
        """Find an item.

        Args:
            kind: the name of the array.
            index: the position of the item.
            section: the part of the file before all headers.
        """
        self._kind, self._index, self._section = kind, index, section
        self.values: dict[str, Any] = tomllib.loads(section.body)[kind][index]

    def set(self, name: str, value: Any) -> None:
        """Change or add a setting."""
        body: Any = tomlkit.parse(self._section.body)
        item = body[self._kind][self._index]
        if not _assign(item, (name,), value):
            item.append(name, _inline(value))
        self._section.body = body.as_string()

    def remove(self, name: str) -> None:
        """Remove a setting that the item has."""
        body: Any = tomlkit.parse(self._section.body)
        del body[self._kind][self._index][name]
        self._section.body = body.as_string()

    def append(self, values: Mapping[str, Any]) -> None:
        """Add an item to the array."""
        body: Any = tomlkit.parse(self._section.body)
        body[self._kind].append(_inline(values))
        self._section.body = body.as_string()


# -- texts -------------------------------------------------------------------------


def _key(*names: str) -> str:
    return ".".join(tomlkit.key(name).as_string() for name in names)


def _text(value: Any) -> str:
    return _inline(value).as_string()


def _end_line(section: Section) -> None:
    """End the last line of a section, which the end of a file may have ended."""
    if section.gap:
        section.gap = section.gap.removesuffix("\n") + "\n"
    if section.body and not section.body.endswith("\n"):
        section.body += "\n"
    elif section.header and not section.header.endswith("\n"):
        section.header += "\n"


def _inline(value: Any) -> Item:
    if not isinstance(value, Mapping):
        item: Item = tomlkit.item(value)
        return item
    table = tomlkit.inline_table()
    for name, member in value.items():
        table.append(name, _inline(member))
    return table


# -- edits -------------------------------------------------------------------------


def _is_same(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether paths are equal; settings below the first name ignore case."""
    return [each.casefold() for each in one] == [each.casefold() for each in other]


def _spelling(table: Mapping[str, Any], name: str) -> str | None:
    found = (each for each in table if each.casefold() == name.casefold())
    return next(found, None)


def _item(table: Mapping[str, Any], name: str) -> Any:
    spelling = _spelling(table, name)
    return None if spelling is None else table[spelling]


def _assign(table: MutableMapping[str, Any], path: Path, value: Any) -> bool:
    """Change a setting, or add it to an inline table; return whether it was done."""
    name = _spelling(table, path[0])
    if name is None:
        if not isinstance(table, InlineTable):
            return False
        for part in reversed(path[1:]):
            value = {part: value}
        table.append(path[0], _inline(value))
        return True
    if len(path) > 1:
        inner = table[name]
        return isinstance(inner, MutableMapping) and _assign(inner, path[1:], value)
    current = table[name]
    if current == value and type(current.unwrap()) is type(value):
        return True
    if isinstance(current, Array) and isinstance(value, list):
        kept = [item for item in current.unwrap() if item in value]
        if name in UNORDERED:
            value = kept + [item for item in value if item not in kept]
        _change_list(current, kept, value)
    else:
        table[name] = _inline(value)
    return True


def _change_section(section: Section, values: Mapping[str, Any]) -> None:
    """Change the settings of a section, and their order if it differs."""
    body = tomlkit.parse(section.body)
    for name in [*body]:
        if name not in values:
            del body[name]
    for name, value in values.items():
        if name not in body or body[name] != value:
            body[name] = value
    if [*body] == [*values]:
        section.body = body.as_string()
    else:
        section.body = "".join(
            f"{_key(name)} = {_text(value)}\n" for name, value in values.items()
        )


def _change_list(array: Array, kept: Sequence[Any], value: Sequence[Any]) -> None:
    """Change the items of a list; comments beside the others stay if order allows."""
    if kept == list(value[: len(kept)]):
        for index in reversed(range(len(array))):
            if array[index] not in value:
                del array[index]
        for item in value[len(kept) :]:
            array.append(item)
        return
    del array[:]
    array.extend(value)


def _delete(table: MutableMapping[str, Any], path: Path) -> bool:
    name = _spelling(table, path[0])
    if name is None:
        return False
    if len(path) == 1:
        del table[name]
        return True
    inner = table[name]
    return isinstance(inner, MutableMapping) and _delete(inner, path[1:])


def _is_within(table: Mapping[str, Any], path: Path) -> bool:
    """Return whether dotted keys make the table of a setting; no header may."""
    return len(path) > 1 and _spelling(table, path[0]) is not None


def _merge(values: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(values.get(name), dict):
            _merge(values[name], value)
        else:
            values[name] = value
