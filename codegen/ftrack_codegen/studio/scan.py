"""Find the lines of programs that a difference breaks.

The sources are parsed and not run. The types of expressions are not known, so a name
is looked for in the places where it can have its meaning (`uses`): a custom attribute
after ``custom_attributes``, the name of a status where texts are compared.
"""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ftrack_codegen.studio.changes import Broken, Difference
from ftrack_codegen.studio.source_text import NOTEBOOK, Source, read_source
from ftrack_codegen.studio.uses import Uses


@dataclass(frozen=True, slots=True, order=True)
class BrokenLine:
    """A place in a program that uses a name which is no longer valid.

    Attributes:
        path: the file.
        line: the line, from 1.
        column: the column, from 1.
        reason: the name that was renamed or removed.
        source: the text of the line.
    """

    path: str
    line: int
    column: int
    reason: str
    source: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that was not scanned."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: not scanned: {self.reason}"


@dataclass(frozen=True, slots=True)
class Scan:
    """The result of a scan, sorted by file and line.

    Attributes:
        lines: the lines that a difference breaks.
        unreadable: the files that could not be scanned.
        files: the number of files that were scanned.
    """

    lines: tuple[BrokenLine, ...]
    unreadable: tuple[Unreadable, ...]
    files: int


def scan_folders(
    folders: Iterable[Path], differences: Iterable[Difference], package: Path
) -> Scan:
    """Return the lines below `folders` that the differences break.

    Args:
        folders: folders, or single files.
        differences: the differences between package and server.
        package: the generated package, which is not scanned.
    """
    broken = [name for difference in differences for name in difference.broken]
    lines: set[BrokenLine] = set()
    unreadable: list[Unreadable] = []
    files = 0
    for path in _sources(folders, package):
        try:
            scan = _FileScan(read_source(path), package.name)
            lines.update(scan.find(broken))
        except (OSError, ValueError, SyntaxError, RecursionError) as error:
            unreadable.append(Unreadable(path.as_posix(), str(error)))
            continue
        files += 1
    return Scan(tuple(sorted(lines)), tuple(unreadable), files)


def _sources(folders: Iterable[Path], package: Path) -> list[Path]:
    paths: set[Path] = set()
    for folder in folders:
        if folder.is_file():
            paths.add(folder)
        else:
            paths.update(_programs(folder))
    own = package.resolve()
    return sorted(path for path in paths if own not in path.resolve().parents)


def _programs(folder: Path) -> Iterator[Path]:
    """Yield the programs and notebooks below a folder.

    Hidden folders, and environments with installed packages, are left out.
    """
    for root, folders, files in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and not Path(root, name, "pyvenv.cfg").exists()
        ]
        yield from (
            Path(root, name) for name in files if name.endswith((".py", NOTEBOOK))
        )


class _FileScan:
    """The scan of one file."""

    def __init__(self, source: Source, package: str) -> None:
        self._source = source
        self._package = package
        flags = ast.PyCF_ONLY_AST
        if source.path.endswith(NOTEBOOK):
            flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        with warnings.catch_warnings():
            # A program's own warnings, such as those of invalid escapes.
            warnings.simplefilter("ignore")
            self._tree = compile(source.text, source.path, "exec", flags)

    def find(self, broken: Iterable[Broken]) -> Iterator[BrokenLine]:
        """Yield the places that use one of the names."""
        text = self._source.text
        # Following the variables of a program takes longer than reading it.
        written = [each for each in broken if _may_be_in(each, text)]
        if written:
            uses = Uses(self._tree, self._package)
            for name in written:
                yield from (self._line(node, str(name)) for node in uses.of(name))

    def _line(self, node: ast.AST, reason: str) -> BrokenLine:
        line = self._source.lines[getattr(node, "lineno", 1) - 1]
        # The parser counts bytes.
        before = line.text.encode()[: getattr(node, "col_offset", 0)]
        column = len(before.decode(errors="replace")) + line.indentation + 1
        return BrokenLine(
            self._source.path, line.number, column, reason, line.text.strip()
        )


def _may_be_in(broken: Broken, text: str) -> bool:
    # A name with other letters may be written with escapes.
    return any(name in text or not name.isidentifier() for name in broken.names)
