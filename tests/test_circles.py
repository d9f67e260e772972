"""No folder imports another that imports it, directly or on the way round.

Imports under ``TYPE_CHECKING`` count: a reader follows them too. A module that lies
directly in `ftrack_orm` or in its emulator counts as a folder.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
OPEN: Final = ("ftrack_orm", "ftrack_orm.emulator")
"""Packages whose modules each count alone; their own names import lazily."""


def modules(root: Path) -> dict[str, Path]:
    """Return the file of each module of `ftrack_orm` below a folder."""
    named = {}
    for path in sorted((root / "ftrack_orm").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return named


def folder_of(module: str, files: Mapping[str, Path]) -> str:
    is_package = files[module].stem == "__init__"
    folder = module if is_package else module.rpartition(".")[0]
    return module if folder in OPEN else folder


def imported(path: Path, files: Mapping[str, Path]) -> Iterator[str]:
    """Yield the modules that a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module in files:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in files else str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in files)


def circle(root: Path) -> list[str]:
    """Return the folders of one circle, an empty list where there is none."""
    files = modules(root)
    graph: dict[str, set[str]] = {}
    for module, path in files.items():
        folder = folder_of(module, files)
        targets = {folder_of(name, files) for name in imported(path, files)}
        graph.setdefault(folder, set()).update(targets - {folder})
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        folders: list[str] = error.args[1]
        return folders
    return []


def test_no_folders_import_each_other() -> None:
    assert circle(ROOT) == []


@pytest.mark.parametrize(
    "statement",
    [
        "from ftrack_orm.b.two import x",
        "from ftrack_orm.b import two",
        "import ftrack_orm.b.two",
        "if TYPE_CHECKING:\n    from ftrack_orm.b.two import x",
        "def f():\n    from ftrack_orm.b.two import x",
    ],
)
def test_a_circle_is_found(tmp_path: Path, statement: str) -> None:
    for name, text in (
        ("a/__init__", ""),
        ("a/one", statement),
        ("b/__init__", ""),
        ("b/two", "from ftrack_orm.c.three import x"),
        ("c/__init__", ""),
        ("c/three", "from ftrack_orm.a.one import x"),
        ("__init__", ""),
    ):
        path = tmp_path / "ftrack_orm" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    assert set(circle(tmp_path)) == {f"ftrack_orm.{name}" for name in "abc"}
