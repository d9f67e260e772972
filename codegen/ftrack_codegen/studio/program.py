"""Follow the values of a parsed program through its variables."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

Holder: TypeAlias = tuple[int, str]
"""A variable: the id of the node of its scope and its name; 0 for an attribute."""

_SCOPES: Final = (
    *(ast.Module, ast.ClassDef, ast.Lambda),
    *(ast.FunctionDef, ast.AsyncFunctionDef),
)
_CONTAINERS: Final = (
    *(ast.List, ast.Tuple, ast.Set, ast.Starred, ast.IfExp, ast.BinOp),
    *(ast.NamedExpr, ast.ListComp, ast.SetComp, ast.GeneratorExp),
)
_COPIES: Final = frozenset(
    {"dict", "frozenset", "iter", "list", "reversed", "set", "sorted", "tuple"}
)
"""Functions whose result has the items of an argument."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A variable that gets a value, or an item of it, as in a loop."""

    holder: Holder
    value: ast.expr
    is_item: bool


class Program:
    """A module with the parents of its nodes and the bindings of its variables.

    Attributes:
        nodes: all nodes.
        imported: the original names of imported names.
        bindings: the values of variables.
        annotations: the annotation of each variable that has one.
    """

    def __init__(self, tree: ast.Module) -> None:
        """Read a module; nothing is run."""
        self.nodes = list(ast.walk(tree))
        self._parents = {
            id(child): node
            for node in self.nodes
            for child in ast.iter_child_nodes(node)
        }
        self.imported = {
            alias.asname or alias.name: alias.name
            for node in self.nodes
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        self.bindings: list[Binding] = []
        self.annotations: dict[Holder, ast.expr] = {}
        for node in self.nodes:
            self._read_bindings(node)
        self._known = {each.holder for each in self.bindings} | set(self.annotations)
        self._attributes: dict[str, list[Holder]] = defaultdict(list)
        classes = {id(node) for node in self.nodes if isinstance(node, ast.ClassDef)}
        for holder in sorted(self._known):
            if holder[0] in (0, id(tree)) or holder[0] in classes:
                self._attributes[holder[1]].append(holder)
        self._by_value: dict[int, list[Holder]] = defaultdict(list)
        for binding in self.bindings:
            self._by_value[id(binding.value)].append(binding.holder)
        self._uses: dict[Holder, list[ast.expr]] = defaultdict(list)
        for node in self.nodes:
            for holder in self.holders(node):
                if isinstance(node, ast.expr):
                    self._uses[holder].append(node)

    def parent(self, node: ast.AST) -> ast.AST | None:
        """Return the node that contains another one."""
        return self._parents.get(id(node))

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield the nodes around a node, the closest first."""
        above = self.parent(node)
        while above is not None:
            yield above
            above = self.parent(above)

    def holders(self, node: ast.AST | None) -> tuple[Holder, ...]:
        """Return the variables that an expression may name."""
        if isinstance(node, ast.Attribute):
            return tuple(self._attributes.get(node.attr, ()))
        if not isinstance(node, ast.Name):
            return ()
        is_inside = True
        for scope in self.ancestors(node):
            if not isinstance(scope, _SCOPES):
                continue
            # The names of a class are not those of its methods.
            is_seen = is_inside or not isinstance(scope, ast.ClassDef)
            if is_seen and (id(scope), node.id) in self._known:
                return ((id(scope), node.id),)
            is_inside = False
        return ()

    def flow(self, node: ast.expr) -> Iterator[ast.expr]:
        """Yield the expressions that have a value, or hold it as an item or key."""
        seen: set[int] = set()
        waiting = [node]
        while waiting:
            current = waiting.pop()
            if id(current) in seen:
                continue
            seen.add(id(current))
            yield current
            container = self._container(current)
            if container is not None:
                waiting.append(container)
            for holder in self._by_value.get(id(current), ()):
                waiting += self._uses[holder]

    def _container(self, node: ast.expr) -> ast.expr | None:
        """Return the expression around a node that has its value or holds it."""
        match self.parent(node):
            case ast.Dict() as mapping:
                return mapping if node in mapping.keys else None
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() as made:
                return made if made.elt is node else None
            case ast.Call(func=ast.Name(id=name)) as call if name in _COPIES:
                return call if node in call.args else None
            case ast.expr() as other if isinstance(other, _CONTAINERS):
                return other
        return None

    # -- bindings --------------------------------------------------------------------

    def _read_bindings(self, node: ast.AST) -> None:
        match node:
            case ast.Assign():
                for target in node.targets:
                    self._bind(target, node.value)
            case ast.AnnAssign():
                self._annotate(node.target, node.annotation)
                if node.value is not None:
                    self._bind(node.target, node.value)
            case ast.AugAssign() | ast.NamedExpr():
                self._bind(node.target, node.value)
            case ast.withitem(optional_vars=ast.expr() as target):
                self._bind(target, node.context_expr)
            case ast.For() | ast.AsyncFor() | ast.comprehension():
                self._bind_items(node.target, node.iter)
            case ast.arguments():
                self._read_parameters(node)

    def _read_parameters(self, node: ast.arguments) -> None:
        positional = [*node.posonlyargs, *node.args]
        defaults = [None] * (len(positional) - len(node.defaults)) + [*node.defaults]
        pairs = [
            *zip(positional, defaults, strict=True),
            *zip(node.kwonlyargs, node.kw_defaults, strict=True),
        ]
        for parameter, default in pairs:
            holder = self._holder(parameter, parameter.arg)
            if parameter.annotation is not None:
                self.annotations[holder] = parameter.annotation
            if default is not None:
                self.bindings.append(Binding(holder, default, is_item=False))

    def _bind(
        self, target: ast.expr, value: ast.expr, *, is_item: bool = False
    ) -> None:
        match target:
            case ast.Name():
                holder = self._holder(target, target.id)
                self.bindings.append(Binding(holder, value, is_item))
            case ast.Attribute():
                self.bindings.append(Binding((0, target.attr), value, is_item))
            case ast.Starred():
                self._bind(target.value, value, is_item=is_item)
            case ast.Tuple() | ast.List():
                self._bind_parts(target.elts, value, is_item=is_item)

    def _bind_parts(
        self, targets: list[ast.expr], value: ast.expr, *, is_item: bool
    ) -> None:
        parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
        if len(parts) == len(targets) and not is_item:
            for target, part in zip(targets, parts, strict=True):
                self._bind(target, part)
        else:
            for target in targets:
                self._bind(target, value, is_item=True)

    def _bind_items(self, target: ast.expr, items: ast.expr) -> None:
        """Bind the target of a loop to the items of its iterable."""
        targets = target.elts if isinstance(target, ast.Tuple) else []
        match items:
            case ast.Call(func=ast.Name(id="zip"), args=args) if targets:
                for each, part in zip(targets, args, strict=False):
                    self._bind_items(each, part)
            case ast.Call(func=ast.Name(id="enumerate"), args=[part, *_]) if targets:
                self._bind_items(targets[-1], part)
            case ast.Call(func=ast.Attribute(attr="items", value=mapping)) if targets:
                self._bind(targets[0], mapping, is_item=True)
            case _:
                self._bind(target, items, is_item=True)

    def _annotate(self, target: ast.expr, annotation: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.annotations[self._holder(target, target.id)] = annotation
        elif isinstance(target, ast.Attribute):
            self.annotations[0, target.attr] = annotation

    def _holder(self, node: ast.AST, name: str) -> Holder:
        scope = next(each for each in self.ancestors(node) if isinstance(each, _SCOPES))
        return id(scope), name
