"""Read and write a folder of TOML files with the configuration of a studio.

Any file of the folder may hold definitions of any kind. Writing keeps comments, the
order of the tables and the files that they are in.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from ftrack_orm.errors.studio import StudioFileError
from ftrack_orm.studio.model import (
    DEFINITIONS,
    KINDS,
    Definition,
    Key,
    Kind,
    Studio,
    folded,
)

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import AoT, Table

OPTIONS: Final = "studio"
"""The table of the options; at most one file has it."""

Place = tuple[str, int]
"""The name of a file, and the position of a table among those of its kind, from 1."""


def load_studio(folder: Traversable, *, only: Sequence[Kind] = ()) -> Studio:
    """Return the configuration in the TOML files of a folder.

    Args:
        folder: a folder, such as a `pathlib.Path` or a resource of a package.
        only: the kinds to load; the others are not managed.

    Raises:
        StudioFileError: there is no such folder, or a file cannot be used; each
            problem names file, table and setting.
    """
    if not folder.is_dir():
        raise StudioFileError(
            str(folder), ["there is no such folder; `ftrack-orm studio init` makes it"]
        )
    problems: list[str] = []
    tables: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    places: dict[str, list[Place]] = {kind: [] for kind in KINDS}
    options: dict[str, Any] = {}
    for file in _toml_files(folder):
        content = _parsed(file, problems)
        if OPTIONS in content:
            if options:
                problems.append(f"{file.name}: a second file has [{OPTIONS}]")
            options = content.pop(OPTIONS)
        for kind, items in content.items():
            if kind not in tables or not isinstance(items, list):
                expected = ", ".join(f"[[{each}]]" for each in KINDS)
                problems.append(f"{file.name}: [{kind}] is none of {expected}")
                continue
            tables[kind] += items
            places[kind] += [(file.name, number) for number in range(1, len(items) + 1)]
    if problems:
        raise StudioFileError(str(folder), problems)
    if only:
        options = {**options, "manage": [kind for kind in KINDS if kind in only]}
        tables = {kind: items for kind, items in tables.items() if kind in only}
    try:
        return Studio.model_validate({OPTIONS: options, **tables})
    except ValidationError as error:
        raise StudioFileError(str(folder), list(_problems(error, places))) from None


def dump_studio(studio: Studio, folder: Path) -> list[Path]:
    """Write a configuration to the TOML files of a folder; return the changed files.

    Tables that the folder has get the settings of `studio` in place, with comments and
    order kept. New ones are added to the first file with their kind, or to a new file
    of that name. Tables that `studio` lacks stay. Nothing is written when a file
    cannot be read.

    Args:
        studio: the configuration, such as the result of `pull_studio`.
        folder: the folder; it is made if it is missing.

    Raises:
        StudioFileError: a file cannot be parsed.
        ImportError: `tomlkit` is not installed: install ``ftrack-orm[migrate]``.
    """
    import tomlkit

    folder.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    documents: dict[Path, TOMLDocument] = {}
    for path in sorted(folder.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        if _parsed(path, problems) or not problems:
            documents[path] = tomlkit.parse(text)
    if problems:
        raise StudioFileError(str(folder), problems)
    before = {path: document.as_string() for path, document in documents.items()}
    if not any(OPTIONS in document for document in documents.values()):
        document = documents.setdefault(folder / "studio.toml", tomlkit.document())
        options = tomlkit.table()
        options.add("format", studio.studio.format)
        document.add(OPTIONS, options)
    for kind in studio.studio.manage:
        _write_kind(kind, studio.definitions(kind), documents, folder)
    changed = []
    for path, document in documents.items():
        text = document.as_string()
        if text != before.get(path):
            _replace(path, text)
            changed.append(path)
    return changed


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


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of the files, for completion in editors."""
    return Studio.model_json_schema()


# -- reading -----------------------------------------------------------------------


def _toml_files(folder: Traversable) -> list[Traversable]:
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    return sorted(files, key=lambda file: file.name)


def _parsed(file: Traversable, problems: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{file.name}: {error}")
        return {}


def _problems(
    error: ValidationError, places: Mapping[str, Sequence[Place]]
) -> Iterator[str]:
    for item in error.errors(include_url=False):
        loc = item["loc"]
        setting = ".".join(str(part) for part in loc[2:])
        message = item["msg"].removeprefix("Value error, ")
        if len(loc) > 1 and loc[0] in places and isinstance(loc[1], int):
            name, number = places[str(loc[0])][loc[1]]
            table = f"{name}: [[{loc[0]}]] number {number}"
            yield f"{table}: {setting}: {message}" if setting else f"{table}: {message}"
        elif loc:
            yield f"[{OPTIONS}]: {'.'.join(map(str, loc[1:]))}: {message}"
        else:
            yield message


# -- writing -----------------------------------------------------------------------


def _write_kind(
    kind: Kind,
    definitions: Sequence[Definition],
    documents: dict[Path, TOMLDocument],
    folder: Path,
) -> None:
    import tomlkit

    tables: dict[Key, Table] = {}
    home: AoT | None = None
    for document in documents.values():
        array: Any = document.get(kind)
        if array is None:
            continue
        home = array if home is None else home
        for table in array:
            key = _key_of(kind, table)
            if key is not None:
                tables[key] = table
    for definition in definitions:
        table = tables.get(folded(definition.natural_key))
        if table is not None:
            _update(table, table_of(definition))
            continue
        if home is None:
            path = folder / f"{kind}.toml"
            document = documents.setdefault(path, tomlkit.document())
            home = tomlkit.aot()
            document.add(kind, home)
        new = tomlkit.table()
        _update(new, table_of(definition))
        home.append(new)


def _key_of(kind: Kind, table: Table) -> Key | None:
    """Return the folded key of a table; ``None`` if it is not valid."""
    try:
        return folded(DEFINITIONS[kind].model_validate(table.unwrap()).natural_key)
    except ValidationError:
        return None


def _update(table: Table, values: Mapping[str, Any]) -> None:
    """Set the values that differ, and keep the others as they are written."""
    import tomlkit

    for name, value in values.items():
        current: Any = table.get(name)
        unwrapped = current.unwrap() if hasattr(current, "unwrap") else current
        if isinstance(value, dict) and isinstance(current, Mapping):
            _update(current, value)  # type: ignore[arg-type] # a table in a table
            for gone in [key for key in current if key not in value]:
                del current[gone]  # type: ignore[attr-defined] # a table
        elif isinstance(value, dict) and any(
            isinstance(item, dict) for item in value.values()
        ):
            child = tomlkit.table(is_super_table=True)
            _update(child, value)
            table.add(name, child)
        elif isinstance(value, dict) and name not in table and name != "options":
            child = tomlkit.table()
            _update(child, value)
            table.add(name, child)
        elif isinstance(value, dict):
            inline = tomlkit.inline_table()
            inline.update(value)
            table[name] = inline
        elif unwrapped != value or type(unwrapped) is not type(value):
            table[name] = value


def _replace(path: Path, text: str) -> None:
    """Write a file aside and rename it, so that a failure leaves the old one."""
    part = path.with_suffix(".toml.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
