"""Generate a package and write its changes into a folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ftrack_codegen.render import HEADER, named_command, render_package
from ftrack_codegen.replacement import replace_files
from ftrack_codegen.resolve import resolve_package
from ftrack_codegen.studio.model import Studio
from ftrack_codegen.studio.snapshot import STUDIO_FILE, STUDIO_MARK
from ftrack_orm.errors.package import ForeignFilesError, PackageError
from ftrack_orm.schema.model import Schema

COMMAND: Final = "ftrack-orm generate"
"""The command in the header of a package that names no other."""


@dataclass(frozen=True, slots=True)
class FileChanges:
    """The differences between a folder and the generated files; names sorted.

    Attributes:
        added: files that the folder lacks.
        changed: files whose bytes differ.
        removed: files of an earlier run that no type needs any longer.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def generate_package(
    schema: Schema,
    name: str,
    *,
    studio: Studio | None = None,
    command: str = COMMAND,
) -> dict[str, str]:
    """Return the text of every file of the package `name` by file name.

    The order of the types in `schema` does not change a byte.

    Args:
        schema: the types to write models for.
        name: the import name.
        studio: the configuration of the studio, ``None`` for a stock package.
        command: the command that rebuilds the package, for the header of each file.
    """
    package = resolve_package(schema, name, studio)
    return render_package(schema, package, command)


def rebuild_command(folder: Path) -> str:
    """Return the command in the header of the package in `folder`."""
    try:
        text = (folder / "__init__.py").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return COMMAND
    return named_command(text) or COMMAND


def compare_package(files: Mapping[str, str], folder: Path) -> FileChanges:
    """Return the changes that `write_package` would make.

    Raises:
        PackageError: a file cannot be read.
    """
    added: list[str] = []
    changed: list[str] = []
    try:
        for name, text in files.items():
            content = _content(folder / name)
            # A folder or a broken link of that name is in the way, not missing.
            if content is None and not os.path.lexists(folder / name):
                added.append(name)
            elif content != text.encode():
                changed.append(name)
        stale = _stale(files, folder)
    except OSError as error:
        reason = f"{error.filename} cannot be read ({error.strerror})"
        raise PackageError(str(folder), reason) from error
    return FileChanges(tuple(sorted(added)), tuple(sorted(changed)), tuple(stale))


def write_package(files: Mapping[str, str], folder: Path) -> FileChanges:
    """Write `files` into `folder` and return the changes.

    Files with the right bytes are not touched. Generated files that are no longer
    needed are removed. Files without the generator's header are never overwritten
    or removed.

    Raises:
        ForeignFilesError: a file to write exists without the header; nothing was
            written.
        PackageError: a file operation failed; the folder is as it was.
    """
    changes = compare_package(files, folder)
    foreign = [name for name in changes.changed if not _is_generated(folder / name)]
    if foreign:
        raise ForeignFilesError(str(folder), foreign)
    if changes:
        contents = {
            name: files[name].encode() for name in (*changes.added, *changes.changed)
        }
        replace_files(folder, contents, changes.removed)
    return changes


def _stale(files: Mapping[str, str], folder: Path) -> list[str]:
    return sorted(
        path.name
        for path in (*folder.glob("*.py"), *folder.glob(STUDIO_FILE))
        if path.name not in files and _is_generated(path)
    )


def _is_generated(path: Path) -> bool:
    mark = STUDIO_MARK if path.name == STUDIO_FILE else HEADER
    return (_content(path) or b"").startswith(mark.encode())


def _content(path: Path) -> bytes | None:
    """Return the bytes of a file, or ``None`` if it is no regular file."""
    return path.read_bytes() if path.is_file() else None
