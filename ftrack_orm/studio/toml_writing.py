"""Write the configuration of a studio to a folder of TOML files.

Settings that are equal keep their text; all others are changed in place, with comments
and order kept.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from ftrack_orm.errors.studio import StudioFileError
from ftrack_orm.studio.diff import leaves
from ftrack_orm.studio.model import (
    DEFINITIONS,
    NOT_ON_SERVER,
    Definition,
    Key,
    Kind,
    Studio,
    folded,
)
from ftrack_orm.studio.toml_files import parsed, toml_files
from ftrack_orm.studio.toml_places import OPTIONS
from ftrack_orm.studio.toml_sections import Section, sections_of
from ftrack_orm.studio.toml_table import InlineItem, Table


class _File:
    """A file of the folder, as sections.

    Attributes:
        path: the file.
        sections: its sections in their order.
        before: the tables at the beginning, by kind.
    """

    def __init__(self, path: Path, text: str = "") -> None:
        self.path = path
        # Windows ends lines with two characters, in all lines of a file.
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.text = text.replace("\r\n", "\n")
        self.sections = sections_of(self.text)
        self.before: dict[str, Any] = tomllib.loads(self.text)

    @property
    def after(self) -> str:
        """Return the text with the edits."""
        return "".join(each.text for each in self.sections)

    def tables(self, kind: Kind) -> list[Table | InlineItem]:
        """Return the tables of a kind."""
        items = self.before.get(kind)
        if not isinstance(items, list):
            return []
        numbers = {each.number for each in self.sections if each.kind == kind}
        if numbers:
            return [Table(kind, each, self.sections) for each in sorted(numbers)]
        return [
            InlineItem(kind, index, self.sections[0]) for index in range(len(items))
        ]

    def write(self) -> None:
        """Write the file aside and rename it, so that a failure leaves the old one.

        Raises:
            StudioFileError: the disk is full, or the folder cannot be written.
        """
        part = self.path.with_suffix(".toml.part")
        try:
            part.write_bytes(self.after.replace("\n", self.newline).encode())
            part.replace(self.path)
        except OSError as error:
            reason = f"it cannot be written: {error.strerror or error}"
            raise StudioFileError(str(self.path), [reason]) from error
        finally:
            part.unlink(missing_ok=True)


def dump_studio(
    studio: Studio, folder: Path, *, is_complete: bool = False
) -> list[Path]:
    """Write a configuration to the TOML files of a folder; return the changed files.

    Tables that the folder has get the settings of `studio` in place. New ones are added
    to the first file with their kind, or to a new file of that name. Tables that
    `studio` lacks stay. Nothing is written when a file cannot be read.

    Args:
        studio: the configuration, such as the result of `pull_studio`.
        folder: the folder; it is made if it is missing.
        is_complete: whether `studio` has every setting that its objects have. The
            tables of these objects then lose their other settings.

    Raises:
        StudioFileError: a file cannot be parsed or written, or cannot hold the
            configuration.
        ImportError: `tomlkit` is not installed: install ``ftrack-orm[migrate]``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = _files_of(folder)
    if not any(OPTIONS in file.before for file in files):
        files.append(_File(folder / "studio.toml"))
        head = f"[{OPTIONS}]\n", f"format = {studio.studio.format}\n"
        files[-1].sections.append(Section(OPTIONS, 1, (), 1, *head, ""))
    for kind in studio.studio.manage:
        _write_kind(kind, studio.definitions(kind), files, folder, is_complete)
    changed = [file for file in files if file.after != file.text]
    for file in changed:
        _require_equal(file, studio)
    for file in changed:
        file.write()
    return [file.path for file in changed]


def table_of(definition: Definition) -> dict[str, Any]:
    """Return a definition as the files have it: key and settings, no empty mapping."""
    values = {name: getattr(definition, name) for name in definition.identity}
    values |= definition.settings()
    return {
        name: to_jsonable_python(value, exclude_none=True)
        for name, value in values.items()
        if (value is not None and value is not False and value != {})
        # False is a setting, but `on` already implies "not hierarchical".
        or (value is False and name != "hierarchical")
    }


def _files_of(folder: Path) -> list[_File]:
    problems: list[str] = []
    files = []
    for path in toml_files(folder):
        text = parsed(path, problems).text
        if not problems:
            files.append(_File(folder / path.name, text))
    if problems:
        raise StudioFileError(str(folder), problems)
    return files


def _write_kind(
    kind: Kind,
    definitions: Sequence[Definition],
    files: list[_File],
    folder: Path,
    is_complete: bool,
) -> None:
    tables: dict[Key, Table | InlineItem] = {}
    home: _File | None = None
    for file in files:
        for table in file.tables(kind):
            home = home or file
            definition = _definition(kind, table.values)
            if definition is not None:
                tables[folded(definition.natural_key)] = table
    for definition in definitions:
        values = table_of(definition)
        found = tables.get(folded(definition.natural_key))
        if found is not None:
            _update(found, definition, values, is_complete)
            continue
        if home is None:
            path = folder / f"{kind}.toml"
            home = next((file for file in files if file.path == path), None)
            if home is None:
                files.append(home := _File(path))
        _add(kind, values, home)


def _add(kind: Kind, values: Mapping[str, Any], file: _File) -> None:
    tables = file.tables(kind)
    if tables and isinstance(tables[0], InlineItem):
        tables[0].append(values)
        return
    Table.append(kind, file.sections, values)


def _update(
    table: Table | InlineItem,
    definition: Definition,
    values: Mapping[str, Any],
    is_complete: bool,
) -> None:
    before = table.values
    former = _definition(definition.kind, before)
    for name, value in values.items():
        if former is None or not _is_equal(former, definition, name):
            table.set(name, value)
    if is_complete:
        for name in before:
            if name not in values and name not in (
                *definition.identity,
                *NOT_ON_SERVER,
            ):
                table.remove(name)


def _is_equal(former: Definition, definition: Definition, name: str) -> bool:
    """Return whether a comparison finds no difference in a setting."""
    if name in definition.identity or name == "shared_with":
        return bool(getattr(former, name) == getattr(definition, name))
    one, other = (
        leaves(each.model_copy(update=dict.fromkeys(each.settings().keys() - {name})))
        for each in (former, definition)
    )
    return one == other


def _definition(kind: Kind, values: Mapping[str, Any]) -> Definition | None:
    """Return the definition of a table; ``None`` if it is not valid."""
    try:
        return DEFINITIONS[kind].model_validate(values)
    except ValidationError:
        return None


def _require_equal(file: _File, studio: Studio) -> None:
    """Compare the edited text with the configuration before it is written.

    Raises:
        StudioFileError: the text is not that of the configuration.
    """
    try:
        after = tomllib.loads(file.after)
    except tomllib.TOMLDecodeError:
        after = {}
    for kind in {*file.before, *after}:
        if kind not in studio.studio.manage:
            is_equal = kind == OPTIONS or after.get(kind) == file.before.get(kind)
        else:
            wanted = {
                folded(each.natural_key): _definition(kind, table_of(each))
                for each in studio.definitions(kind)
            }
            is_equal = _keys(kind, file.before) <= _keys(kind, after) and all(
                each is None or _has(each, wanted.get(folded(each.natural_key)))
                for each in _definitions(kind, after)
            )
        if not is_equal:
            raise StudioFileError(
                str(file.path),
                [f"its objects cannot be changed in place; write [[{kind}]] tables"],
            )


def _has(written: Definition, wanted: Definition | None) -> bool:
    return wanted is None or leaves(wanted).items() <= leaves(written).items()


def _definitions(kind: Kind, tables: Mapping[str, Any]) -> Iterable[Definition | None]:
    return [_definition(kind, each) for each in tables.get(kind, ())]


def _keys(kind: Kind, tables: Mapping[str, Any]) -> set[Key]:
    return {folded(d.natural_key) for d in _definitions(kind, tables) if d is not None}
