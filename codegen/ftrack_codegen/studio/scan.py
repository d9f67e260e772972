"""Find the lines of programs that a difference breaks.

The sources are parsed and not run. The types of expressions are not known, so a name
is looked for in the places where it can have its meaning: a custom attribute after
``custom_attributes``, the name of a status where texts are compared.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ftrack_codegen.studio.changes import Broken, Difference
from ftrack_codegen.studio.custom_classes import ATTRIBUTE

_COMPARING: Final = frozenset({"in_", "not_in", "like", "find", "find_or_none", "get"})
"""Methods whose arguments are compared with names."""


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
            text = path.read_bytes().decode()
            tree = ast.parse(text)
        except (OSError, ValueError, SyntaxError, RecursionError) as error:
            unreadable.append(Unreadable(path.as_posix(), str(error)))
            continue
        files += 1
        lines.update(_FileScan(path.as_posix(), text, tree).find(broken))
    return Scan(tuple(sorted(lines)), tuple(unreadable), files)


def _sources(folders: Iterable[Path], package: Path) -> list[Path]:
    paths: set[Path] = set()
    for folder in folders:
        found = [folder] if folder.is_file() else folder.rglob("*.py")
        paths.update(found)
    own = package.resolve()
    return sorted(path for path in paths if own not in path.resolve().parents)


class _FileScan:
    """The scan of one file."""

    def __init__(self, path: str, text: str, tree: ast.Module) -> None:
        self._path = path
        self._lines = text.splitlines()
        self._nodes = list(ast.walk(tree))
        self._parents = {
            id(child): node
            for node in self._nodes
            for child in ast.iter_child_nodes(node)
        }
        self._imported = {
            alias.asname or alias.name: alias.name
            for node in self._nodes
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }

    def find(self, broken: Iterable[Broken]) -> Iterator[BrokenLine]:
        """Yield the places that use one of the names."""
        for name in broken:
            uses = {
                "type": self._uses_type,
                "attribute": self._uses_attribute,
                "custom attribute": self._uses_custom_attribute,
                "choice": self._uses_choice,
                "name": self._uses_name,
                "reference": self._uses_reference,
            }[name.form]
            for node in self._nodes:
                if uses(node, name):
                    yield self._line(node, str(name))

    def _line(self, node: ast.AST, reason: str) -> BrokenLine:
        number = getattr(node, "lineno", 1)
        source = self._lines[number - 1].strip() if number <= len(self._lines) else ""
        column = getattr(node, "col_offset", 0) + 1
        return BrokenLine(self._path, number, column, reason, source)

    # -- the places of each form -----------------------------------------------------

    def _uses_type(self, node: ast.AST, broken: Broken) -> bool:
        match node:
            case ast.ImportFrom():
                return any(alias.name in broken.names for alias in node.names)
            case ast.Attribute(value=ast.Name()):
                return node.attr in broken.names
            case ast.Constant(value=str(text)):
                call = self._parents.get(id(node))
                is_first = isinstance(call, ast.Call) and call.args[:1] == [node]
                return text in broken.names and is_first
        return False

    def _uses_attribute(self, node: ast.AST, broken: Broken) -> bool:
        match node:
            case ast.Attribute():
                return node.attr in broken.names and self._may_be(node, broken.owner)
            case ast.keyword(arg=str(name), value=_):
                call = self._parents.get(id(node))
                return name in broken.names and self._calls(call, broken.owner)
            case ast.Constant(value=str(text)):
                parent = self._parents.get(id(node))
                is_key = isinstance(parent, ast.Dict) and node in parent.keys
                return text in broken.names and is_key
        return False

    def _may_be(self, node: ast.Attribute, owner: str) -> bool:
        """Return whether the value of an attribute access may be of a type."""
        value = node.value
        # After `custom_attributes` there are keys only.
        if isinstance(value, ast.Attribute) and value.attr == ATTRIBUTE:
            return False
        if isinstance(value, ast.Name) and value.id in self._imported:
            return self._imported[value.id] == owner
        return not isinstance(value, ast.Name) or value.id not in ("self", "cls")

    def _calls(self, call: ast.AST | None, owner: str) -> bool:
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            return False
        return self._imported.get(call.func.id, call.func.id) == owner

    def _uses_custom_attribute(self, node: ast.AST, broken: Broken) -> bool:
        match node:
            case ast.Attribute():
                return node.attr in broken.names and self._is_custom(node.value)
            case ast.Constant(value=str(text)) if text == broken.names[0]:
                return self._is_custom_key(node)
        return False

    def _is_custom(self, node: ast.AST | None) -> bool:
        """Return whether an expression reads custom attributes."""
        match node:
            case ast.Attribute(attr=name):
                return name == ATTRIBUTE
            case ast.Call(func=ast.Attribute(value=value, attr="as_")):
                return self._is_custom(value)
            case ast.Name(id=name):
                # A variable that holds them: `values = shot.custom_attributes`.
                return any(
                    isinstance(each, ast.Assign)
                    and not isinstance(each.value, ast.Name)
                    and self._is_custom(each.value)
                    and any(
                        isinstance(target, ast.Name) and target.id == name
                        for target in each.targets
                    )
                    for each in self._nodes
                )
        return False

    def _is_custom_key(self, node: ast.Constant) -> bool:
        parent = self._parents.get(id(node))
        if isinstance(parent, ast.Subscript):
            return self._is_custom(parent.value)
        if isinstance(parent, ast.Dict):
            return node in parent.keys and self._is_custom_value(parent)
        if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute):
            is_effective = parent.func.attr == "effective"
            return is_effective or self._is_custom(parent.func.value)
        if isinstance(parent, ast.List | ast.Tuple):
            call = self._parents.get(id(parent))
            function = call.func if isinstance(call, ast.Call) else None
            return isinstance(function, ast.Attribute) and function.attr == "effective"
        return False

    def _is_custom_value(self, node: ast.Dict) -> bool:
        """Return whether a mapping is assigned to custom attributes."""
        parent = self._parents.get(id(node))
        match parent:
            case ast.keyword(arg=name):
                return name == ATTRIBUTE
            case ast.Assign():
                return any(self._is_custom(target) for target in parent.targets)
            case ast.Call(func=ast.Attribute(value=value)):
                return self._is_custom(value)
            case ast.Dict():
                keys = dict(zip(map(id, parent.values), parent.keys, strict=True))
                key = keys.get(id(node))
                return isinstance(key, ast.Constant) and key.value == ATTRIBUTE
        return False

    def _uses_choice(self, node: ast.AST, broken: Broken) -> bool:
        if not isinstance(node, ast.Constant) or node.value != broken.names[0]:
            return False
        statement: ast.AST | None = node
        while statement is not None and not isinstance(statement, ast.stmt):
            statement = self._parents.get(id(statement))
        # The statement names the key too: `values.quality == "low"`.
        key = _broken_key_names(broken.owner)
        return statement is not None and any(
            (isinstance(each, ast.Attribute) and each.attr in key)
            or (isinstance(each, ast.Constant) and each.value in key)
            for each in ast.walk(statement)
        )

    def _uses_name(self, node: ast.AST, broken: Broken) -> bool:
        if not isinstance(node, ast.Constant) or node.value != broken.names[0]:
            return False
        parent = self._parents.get(id(node))
        if isinstance(parent, ast.List | ast.Tuple | ast.Set):
            parent = self._parents.get(id(parent))
        match parent:
            case ast.Compare() | ast.MatchValue():
                return True
            case ast.keyword(arg=name):
                return name in ("name", "short")
            case ast.Subscript(value=value):
                return self._is_reference(value, broken.owner)
            case ast.Call(func=ast.Attribute(attr=name)):
                return name in _COMPARING
        return False

    def _uses_reference(self, node: ast.AST, broken: Broken) -> bool:
        return (
            isinstance(node, ast.Attribute)
            and node.attr in broken.names
            and self._is_reference(node.value, broken.owner)
        )

    def _is_reference(self, node: ast.AST, variable: str) -> bool:
        """Return whether an expression is the reference data `variable`."""
        match node:
            case ast.Name(id=name):
                return self._imported.get(name) == variable
            case ast.Attribute(attr=name):
                return name == variable
        return False


def _broken_key_names(key: str) -> frozenset[str]:
    return frozenset({key, f"{key}_"})
