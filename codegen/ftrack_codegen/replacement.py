"""Replace and remove files of one folder: all of them, or none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from ftrack_orm.errors.package import PackageError

_PREFIX: Final = ".ftrack-orm-"


def replace_files(
    folder: Path, contents: Mapping[str, bytes], removed: Iterable[str]
) -> None:
    """Write `contents` into `folder` and delete `removed`; both by file name.

    New files, and copies of the old ones, are first written to a temporary folder.
    The new files are then renamed into place; if that fails, the old ones are
    restored.

    Raises:
        PackageError: a file operation failed; the folder is as it was.
    """
    created = _create_folders(folder)
    try:
        replacement = _Replacement(folder, Path(mkdtemp(prefix=_PREFIX, dir=folder)))
        try:
            replacement.run(contents, tuple(removed))
        finally:
            replacement.clear()
    except BaseException as error:
        _remove_folders(created)
        if isinstance(error, OSError):
            raise PackageError(str(folder), _reason(error)) from error
        raise


class _Replacement:
    """One replacement: its temporary folder and the files replaced so far."""

    def __init__(self, folder: Path, temporary: Path) -> None:
        self._folder = folder
        self._temporary = temporary
        self._new = temporary / "new"
        self._old = temporary / "old"
        self._started: list[str] = []
        self._is_mixed = False

    def run(self, contents: Mapping[str, bytes], removed: tuple[str, ...]) -> None:
        """Replace and remove every file, or raise and leave them as they were."""
        self._prepare(contents, removed)
        try:
            for name in contents:
                self._started.append(name)
                os.replace(self._new / name, self._folder / name)
            for name in removed:
                self._started.append(name)
                os.replace(self._folder / name, self._temporary / name)
        # An interrupt must not leave a mixed package either.
        except BaseException as error:
            self._undo(error)
            raise

    def clear(self) -> None:
        """Delete the temporary folder, unless it has the only copies of old files."""
        if not self._is_mixed:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _prepare(self, contents: Mapping[str, bytes], removed: tuple[str, ...]) -> None:
        """Write the new files and copy the old ones, both to the temporary folder."""
        self._new.mkdir()
        self._old.mkdir()
        for name in (*contents, *removed):
            if (self._folder / name).exists():
                shutil.copy2(self._folder / name, self._old / name)
        for name, content in contents.items():
            (self._new / name).write_bytes(content)
            # A replaced file keeps its permissions.
            if (self._old / name).exists():
                shutil.copymode(self._old / name, self._new / name)

    def _undo(self, error: BaseException) -> None:
        """Restore the old files and remove the new ones."""
        self._is_mixed = True
        try:
            for name in reversed(self._started):
                if (self._old / name).exists():
                    self._restore(name)
                elif (self._folder / name).exists():
                    self._remove(name)
        except BaseException as failure:
            advice = (
                f"Old and new files are mixed there; copy those in {self._old} back."
            )
            if isinstance(failure, OSError):
                reason = f"{_reason(failure)}, after {error!r}"
                raise PackageError(str(self._folder), reason, advice) from error
            failure.add_note(advice)
            raise
        self._is_mixed = False

    def _restore(self, name: str) -> None:
        try:
            os.replace(self._old / name, self._folder / name)
        except OSError:
            # Some file systems refuse to rename onto a file that can be written.
            shutil.copy2(self._old / name, self._folder / name)

    def _remove(self, name: str) -> None:
        try:
            os.replace(self._folder / name, self._temporary / name)
        except OSError:
            (self._folder / name).unlink()


def _create_folders(folder: Path) -> list[Path]:
    """Create `folder` and its missing parents; return the new ones, outermost first.

    Raises:
        PackageError: a folder cannot be created; the others were removed again.
    """
    created: list[Path] = []
    try:
        for path in reversed((folder, *folder.parents)):
            if not path.exists():
                path.mkdir()
                created.append(path)
    except OSError as error:
        _remove_folders(created)
        raise PackageError(str(folder), _reason(error)) from error
    return created


def _remove_folders(folders: list[Path]) -> None:
    for path in reversed(folders):
        with suppress(OSError):
            path.rmdir()


def _reason(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}"
