"""Generating a package and keeping it current in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ftrack_codegen.rendering import HEADER, named_command, render_package
from ftrack_codegen.resolve import resolve_package
from ftrack_orm.schema.model import Schema

COMMAND: Final = "ftrack-orm generate"
"""What rebuilds a package, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class FileChanges:
    """How a folder differs from what it should hold; names sorted.

    Attributes:
        added: files that were missing.
        changed: files whose bytes differ.
        removed: files of an earlier run that no type needs any more.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def generate_package(
    schema: Schema, name: str, *, command: str = COMMAND
) -> dict[str, str]:
    """Return the text of every file of the package `name` by file name.

    The same schema gives the same bytes, whatever the order of its types.

    Args:
        schema: what to write models of.
        name: the import name.
        command: what rebuilds the package, named in the header of each file.
    """
    return render_package(schema, resolve_package(schema, name), command)


def rebuild_command(folder: Path) -> str:
    """Return the command that the package in `folder` says it is rebuilt by."""
    try:
        text = (folder / "__init__.py").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return COMMAND
    return named_command(text) or COMMAND


def compare_package(files: Mapping[str, str], folder: Path) -> FileChanges:
    """Return what `write_package` would do."""
    added: list[str] = []
    changed: list[str] = []
    for name, text in files.items():
        path = folder / name
        if not path.is_file():
            added.append(name)
        elif path.read_bytes() != text.encode():
            changed.append(name)
    return FileChanges(
        tuple(sorted(added)), tuple(sorted(changed)), tuple(_stale(files, folder))
    )


def write_package(files: Mapping[str, str], folder: Path) -> FileChanges:
    """Make `folder` hold `files`, and return what was done.

    Files that are right are not touched, those of an earlier run that are no longer
    needed are removed, and nobody else's are.
    """
    changes = compare_package(files, folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*changes.added, *changes.changed):
        (folder / name).write_bytes(files[name].encode())
    for name in changes.removed:
        (folder / name).unlink()
    return changes


def _stale(files: Mapping[str, str], folder: Path) -> list[str]:
    mark = HEADER.encode()
    return sorted(
        path.name
        for path in folder.glob("*.py")
        if path.name not in files and path.read_bytes().startswith(mark)
    )
