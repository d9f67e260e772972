"""Find sources of a planning function that differ at its next plan (FM105)."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

_CALLS: Final[Mapping[str, str]] = {
    "datetime.now": "the time",
    "datetime.utcnow": "the time",
    "datetime.today": "the time",
    "date.today": "the date",
    "time.localtime": "the time",
    "time.monotonic": "the time",
    "time.time": "the time",
    "time.time_ns": "the time",
    "uuid.uuid1": "a new id",
    "uuid.uuid4": "a new id",
    "uuid4": "a new id",
    "os.getenv": "the environment",
    "getenv": "the environment",
    "getpass.getuser": "the environment",
}
_MODULES: Final[Mapping[str, str]] = {
    "os.environ": "the environment",
    "random": "a random number",
    "secrets": "a random number",
    "requests": "the network",
    "httpx": "the network",
    "urllib.request": "the network",
    "urllib3": "the network",
    "http.client": "the network",
    "socket": "the network",
}
_EFFECT: Final = "effect"


def unrepeatable_reads(tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    """Yield the function, its source, and the line.

    Only code that `up` calls is looked at, and the code of the module itself. A
    function that `up` passes to `Planner.effect` runs when the plan is applied.
    """
    imported = _imported(tree)
    own = _assigned(tree) - imported.keys()
    functions = {
        node.name: node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    top = [node for node in tree.body if node not in functions.values()]
    parts: list[tuple[str, ast.AST]] = [("the module", node) for node in top]
    parts += [(name, functions[name]) for name in _reached(functions)]
    for name, part in parts:
        for node in ast.walk(part):
            source = _source(node, imported, own)
            if source is not None:
                yield name, source, getattr(node, "lineno", 1)


def _imported(tree: ast.AST) -> dict[str, str]:
    """Return the full names of imported modules and objects, by name in the code."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                names[alias.asname or root] = alias.name if alias.asname else root
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _assigned(tree: ast.AST) -> set[str]:
    """Return the names of the variables and parameters of some code."""
    names = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    names.update(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    return names


def _reached(functions: Mapping[str, ast.AST]) -> list[str]:
    """Return the names of the functions and classes that `up` needs, itself first."""
    reached: dict[str, None] = {}
    queue = ["up"]
    while queue:
        name = queue.pop()
        if name in functions and name not in reached:
            reached[name] = None
            queue.extend(_names(functions[name]))
    return list(reached)


def _names(node: ast.AST) -> Iterator[str]:
    """Yield the names that some code uses, without the functions of effects."""
    if isinstance(node, ast.Name):
        yield node.id
    is_effect = (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == _EFFECT
    )
    skipped = node.args[:1] if isinstance(node, ast.Call) and is_effect else []
    for child in ast.iter_child_nodes(node):
        if child not in skipped:
            yield from _names(child)


def _source(node: ast.AST, imported: Mapping[str, str], own: set[str]) -> str | None:
    if not isinstance(node, ast.Subscript | ast.Call):
        return None
    written = dotted(node.func if isinstance(node, ast.Call) else node.value)
    root, dot, rest = written.partition(".")
    if not root or root in own:
        return None
    name = imported.get(root, root) + dot + rest
    # A method of an imported class or module: `datetime.datetime.now`.
    tail = ".".join(name.split(".")[-2:])
    if tail in _CALLS and isinstance(node, ast.Call):
        return _CALLS[tail]
    for module, source in _MODULES.items():
        # An item of a module itself is that of `os.environ` alone.
        if f"{name}.".startswith(f"{module}.") and "." in name:
            return source
    return None


def dotted(node: ast.AST) -> str:
    """Return a chain of attributes as in the code, ``""`` for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        parent = dotted(node.value)
        return f"{parent}.{node.attr}" if parent else ""
    return ""
