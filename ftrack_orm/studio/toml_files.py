"""Read a folder of TOML files with the configuration of a studio.

Any file of the folder may hold definitions of any kind.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import Any, Final

from pydantic import ValidationError

from ftrack_orm.errors.studio import StudioFileError
from ftrack_orm.studio.model import KINDS, Kind, Studio

OPTIONS: Final = "studio"
"""The table of the options; at most one file has it."""

Place = tuple[str, int]
"""The name of a file, and the position of a table among those of its kind, from 1."""


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file of a folder.

    Attributes:
        name: the name of the file.
        text: its text.
        content: the tables in it; empty if the text is not valid.
    """

    name: str
    text: str = ""
    content: dict[str, Any] = field(default_factory=dict)


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
    for file in toml_files(folder):
        content = parsed(file, problems).content
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
