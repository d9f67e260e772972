"""The entity classes of the variables of some code, as far as it shows them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

_OF_FIRST: Final = frozenset({"add", "copy", "each", "effective", "index", "stored"})
"""Methods that return entities of their first argument."""

_OF_OWNER: Final = frozenset(
    {
        "all",
        "ensure",
        "first",
        "get",
        "limit",
        "load",
        "offset",
        "one",
        "one_or_none",
        "order_by",
        "untouched",
        "where",
    }
)
"""Methods that return entities of the object that has them."""

_OF_CLASS: Final = frozenset({"find", "select"})
_COPIES: Final = frozenset({"list", "reversed", "sorted", "tuple"})


def variable_types(tree: ast.AST) -> dict[str, str]:
    """Return the names of entity classes by variable.

    Variables with values of two classes, or of an unknown one, are left out.
    """
    types: dict[str, str] = {}
    unknown: set[str] = set()
    # Twice, as a loop may precede the function that makes its entities.
    for _ in range(2):
        for name, value in _assignments(tree):
            found = _type_of(value, types)
            if found is None or types.setdefault(name, found) != found:
                unknown.add(name)
    return {name: found for name, found in types.items() if name not in unknown}


def _assignments(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.comprehension):
            target = node.target
            # `Values.stored` yields pairs that begin with the owner.
            if isinstance(target, ast.Tuple) and _method(node.iter) in _OF_FIRST:
                target = target.elts[0]
            yield from _names(target, node.iter)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _names(target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value:
            yield from _names(node.target, node.value)


def _names(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value


def _method(node: ast.expr) -> str:
    is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return node.func.attr if is_method else ""  # type: ignore[attr-defined] # checked


def _type_of(node: ast.expr, types: Mapping[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return types.get(node.id)
    if not isinstance(node, ast.Call):
        return None
    function, first = node.func, node.args[0] if node.args else None
    if isinstance(function, ast.Attribute):
        if function.attr in _OF_OWNER:
            return _type_of(function.value, types)
        if function.attr in _OF_CLASS and isinstance(first, ast.Name):
            return first.id
        is_of_first = function.attr in _OF_FIRST
        return _type_of(first, types) if is_of_first and first is not None else None
    if isinstance(function, ast.Name):
        if function.id[:1].isupper():
            return function.id
        if function.id in _COPIES and first is not None:
            return _type_of(first, types)
    return None
