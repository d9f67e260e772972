"""Read a folder of TOML files with the configuration of a studio.

Any file of the folder may hold definitions of any kind.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources.abc import Traversable
from typing import Any

from pydantic import ValidationError

from ftrack_orm.errors.studio import StudioFileError
from ftrack_orm.studio.mistakes import mistakes
from ftrack_orm.studio.model import KINDS, Kind, Studio
from ftrack_orm.studio.toml_places import OPTIONS, ParsedFile, Places, hint


def load_studio(folder: Traversable, *, only: Sequence[Kind] = ()) -> Studio:
    """Return the configuration in the TOML files of a folder.

    Args:
        folder: a folder, such as a `pathlib.Path` or a resource of a package.
        only: the kinds to load; the others are not managed.

    Raises:
        StudioFileError: there is no such folder, or a file cannot be used; each
            problem names file, line and setting, and the text to write.
    """
    if not folder.is_dir():
        raise StudioFileError(
            str(folder), ["there is no such folder; `ftrack-orm studio init` makes it"]
        )
    places = Places()
    tables = _tables(folder, places)
    options = tables.pop(OPTIONS)
    if only:
        tables = {kind: items for kind, items in tables.items() if kind in only}
        if isinstance(options, dict):
            options = {**options, "manage": [kind for kind in KINDS if kind in only]}
    try:
        studio = Studio.model_validate({OPTIONS: options, **tables})
    except ValidationError as error:
        problems = [places.problem(item) for item in error.errors(include_url=False)]
        raise StudioFileError(str(folder), [*dict.fromkeys(problems)]) from None
    problems = [
        f"{places.of(kind, index, setting)}: {'.'.join(setting)} {message}"
        for kind in KINDS
        for index, definition in enumerate(studio.definitions(kind))
        for setting, message in mistakes(definition)
    ]
    if problems:
        raise StudioFileError(str(folder), problems)
    return studio


def _tables(folder: Traversable, places: Places) -> dict[str, Any]:
    """Return the options and the tables of each kind in a folder.

    Args:
        folder: the folder.
        places: gets the places of the tables.

    Raises:
        StudioFileError: a file is not valid, or has other tables.
    """
    problems: list[str] = []
    tables: dict[str, Any] = {kind: [] for kind in KINDS}
    for file in toml_files(folder):
        found = parsed(file, problems)
        places.add_file(found)
        for kind, items in found.content.items():
            if kind == OPTIONS:
                if OPTIONS in tables:
                    problems.append(f"{file.name}: a second file has [{OPTIONS}]")
                tables[OPTIONS] = items
                places.add(OPTIONS, file.name, 1)
            elif kind not in tables or not _is_tables(items):
                line = places.line(file.name, kind)
                problems.append(f"{file.name}, line {line}: {_heading(kind)}")
            else:
                tables[kind] += items
                places.add(kind, file.name, len(items))
    if problems:
        raise StudioFileError(str(folder), problems)
    return {OPTIONS: {}, **tables}


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of the files, for completion in editors."""
    return Studio.model_json_schema()


# -- reading -----------------------------------------------------------------------


def toml_files(folder: Traversable) -> list[Traversable]:
    """Return the TOML files of a folder, sorted by their names."""
    files = [
        file
        for file in folder.iterdir()
        if file.name.endswith(".toml") and file.is_file()
    ]
    return sorted(files, key=lambda file: file.name)


def parsed(file: Traversable, problems: list[str]) -> ParsedFile:
    """Return a file; a mistake that makes it invalid is added to `problems`."""
    try:
        # Editors on Windows may begin a file with a byte order mark.
        text = file.read_bytes().decode("utf-8-sig")
        return ParsedFile(file.name, text, tomllib.loads(text))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{file.name}: {error}")
        return ParsedFile(file.name)


def _is_tables(items: Any) -> bool:
    return isinstance(items, list) and all(isinstance(each, dict) for each in items)


def _heading(kind: str) -> str:
    if kind in KINDS:
        return f"write [[{kind}]] above the settings of each object"
    return f"[{kind}] is no kind of objects.{hint(kind, KINDS)}"
