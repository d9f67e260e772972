"""Replaces and removes files of one folder: all of them, or none."""

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

    New files and copies of the old ones are written aside first. The new files are
    then renamed into place; where that fails the old ones come back.

    Raises:
        PackageError: the system refused; the folder is as it was.
    """
    made = _made_folders(folder)
    try:
        replacement = _Replacement(folder, Path(mkdtemp(prefix=_PREFIX, dir=folder)))
        try:
            replacement.run(contents, tuple(removed))
        finally:
            replacement.clear()
    except BaseException as error:
        _remove_folders(made)
        if isinstance(error, OSError):
            raise PackageError(str(folder), _words(error)) from error
        raise


class _Replacement:
    """Files prepared in a folder aside, and those of them that are in place."""

    def __init__(self, folder: Path, aside: Path) -> None:
        self._folder = folder
        self._aside = aside
        self._new = aside / "new"
        self._old = aside / "old"
        self._begun: list[str] = []
        self._is_mixed = False

    def run(self, contents: Mapping[str, bytes], removed: tuple[str, ...]) -> None:
        """Replace and remove every file, or raise and leave them as they were."""
        self._prepare(contents, removed)
        try:
            for name in contents:
                self._begun.append(name)
                os.replace(self._new / name, self._folder / name)
            for name in removed:
                self._begun.append(name)
                os.replace(self._folder / name, self._aside / name)
        except BaseException as error:
            self._undo(error)
            raise

    def clear(self) -> None:
        """Delete the copies, unless they are all that is left of the old files."""
        if not self._is_mixed:
            shutil.rmtree(self._aside, ignore_errors=True)

    def _prepare(self, contents: Mapping[str, bytes], removed: tuple[str, ...]) -> None:
        """Write the new files and copy the old ones, all of them aside."""
        self._new.mkdir()
        self._old.mkdir()
        for name in (*contents, *removed):
            if (self._folder / name).exists():
                shutil.copy2(self._folder / name, self._old / name)
        for name, content in contents.items():
            (self._new / name).write_bytes(content)
            if (self._old / name).exists():
                shutil.copymode(self._old / name, self._new / name)

    def _undo(self, error: BaseException) -> None:
        """Bring the old files back, and take new ones away."""
        self._is_mixed = True
        try:
            for name in reversed(self._begun):
                if (self._old / name).exists():
                    self._bring_back(name)
                elif (self._folder / name).exists():
                    self._take_away(name)
        except BaseException as refusal:
            advice = (
                f"Old and new files are mixed there; copy those in {self._old} back."
            )
            if isinstance(refusal, OSError):
                reason = f"{_words(refusal)}, after {error!r}"
                raise PackageError(str(self._folder), reason, advice) from error
            refusal.add_note(advice)
            raise
        self._is_mixed = False

    def _bring_back(self, name: str) -> None:
        try:
            os.replace(self._old / name, self._folder / name)
        except OSError:
            # A folder that refuses to rename may still let a file be written.
            shutil.copy2(self._old / name, self._folder / name)

    def _take_away(self, name: str) -> None:
        try:
            os.replace(self._folder / name, self._aside / name)
        except OSError:
            (self._folder / name).unlink()


def _made_folders(folder: Path) -> list[Path]:
    """Make `folder` and its missing parents; return the new ones, outermost first.

    Raises:
        PackageError: the system refused; none of them is left.
    """
    made: list[Path] = []
    try:
        for path in reversed((folder, *folder.parents)):
            if not path.exists():
                path.mkdir()
                made.append(path)
    except OSError as error:
        _remove_folders(made)
        raise PackageError(str(folder), _words(error)) from error
    return made


def _remove_folders(made: list[Path]) -> None:
    for path in reversed(made):
        with suppress(OSError):
            path.rmdir()


def _words(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}"
