"""Find the places of a program where a name of the studio has its meaning."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Final

from ftrack_codegen.studio.changes import Broken
from ftrack_codegen.studio.custom_classes import ATTRIBUTE
from ftrack_codegen.studio.identifiers import pascal_case
from ftrack_codegen.studio.program import Holder, Program

_COMPARING: Final = frozenset({"in_", "not_in", "like", "find", "find_or_none", "get"})
"""Methods whose arguments are compared with names."""

_TAKING_TYPES: Final = frozenset(
    {
        *("model", "create", "update", "delete", "ensure", "search"),
        *("get_schema", "get_primary_key_attributes"),
    }
)
"""Methods whose first argument may be the name of an entity type."""

_TAKING_VALUES: Final = frozenset({"clone", "find", "find_or_none"})
"""Methods with values of attributes as keywords."""

_BY_NAME: Final = frozenset({"getattr", "setattr", "hasattr", "delattr"})


class Uses:
    """The uses of names in one program."""

    def __init__(self, tree: ast.Module, package: str) -> None:
        """Read a module.

        Args:
            tree: the module.
            package: the name of the generated package.
        """
        self._program = Program(tree)
        self._package = package
        self._modules = set(self._package_names())
        self._custom = {
            holder
            for holder, annotation in self._program.annotations.items()
            if _is_annotated(annotation, "CustomAttributes")
        }
        self._results: set[Holder] = set()
        self._rows: set[Holder] = set()
        self._grow(self._custom, self._is_custom)
        self._grow(self._results, self._is_results)
        self._rows |= {
            each.holder
            for each in self._program.bindings
            if each.is_item and self._is_results(each.value)
        }
        self._grow(self._rows, self._is_row)

    def of(self, broken: Broken) -> Iterator[ast.AST]:
        """Yield the nodes that use a name."""
        uses = {
            "type": self._uses_type,
            "attribute": self._uses_attribute,
            "custom attribute": self._uses_custom_attribute,
            "choice": self._uses_choice,
            "name": self._uses_name,
            "reference": self._uses_reference,
        }[broken.form]
        return (node for node in self._program.nodes if uses(node, broken))

    # -- types and attributes --------------------------------------------------------

    def _package_names(self) -> Iterator[str]:
        """Yield the names of the package and of its modules in the program."""
        for node in self._program.nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    if self._package in alias.name.split("."):
                        yield alias.asname or alias.name.split(".")[-1]

    def _uses_type(self, node: ast.AST, broken: Broken) -> bool:
        match node:
            case ast.ImportFrom(module=module):
                is_own = self._package in (module or "").split(".")
                return is_own and any(each.name in broken.names for each in node.names)
            case ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name)):
                return node.attr in broken.names and name in self._modules
            case ast.Constant(value=str(text)):
                return self._is_type_name(node, text, broken)
        return False

    def _is_type_name(self, node: ast.Constant, text: str, broken: Broken) -> bool:
        call = self._program.parent(node)
        is_first = isinstance(call, ast.Call) and call.args[:1] == [node]
        if text in broken.names:
            return is_first and self._method(call) in _TAKING_TYPES
        start = (
            rf"^\s*(select\b.*\bfrom\s+)?({'|'.join(map(re.escape, broken.names))})\b"
        )
        return bool(re.search(start, text, re.DOTALL)) and self._is_query(node)

    def _uses_attribute(self, node: ast.AST, broken: Broken) -> bool:
        match node:
            case ast.Attribute():
                return node.attr in broken.names and self._may_be(node, broken.owner)
            case ast.keyword(arg=str(name)):
                call = self._program.parent(node)
                return name in broken.names and self._sets(call, broken.owner)
            case ast.Constant(value=str(text)) if text in broken.names:
                parent = self._program.parent(node)
                is_key = isinstance(parent, ast.Dict) and node in parent.keys
                return is_key or self._is_read_by_name(node)
            case ast.Constant(value=str(text)):
                words = re.sub(r"\"[^\"]*\"|'[^']*'", "", text)
                is_word = any(
                    re.search(rf"\b{re.escape(n)}\b", words) for n in broken.names
                )
                return is_word and self._is_query(node)
        return False

    def _may_be(self, node: ast.Attribute, owner: str) -> bool:
        """Return whether the value of an attribute access may be of a type."""
        value = node.value
        # After `custom_attributes` there are keys only.
        if self._is_custom(value):
            return False
        imported = self._program.imported
        if isinstance(value, ast.Name) and value.id in imported:
            return imported[value.id] == owner
        return not isinstance(value, ast.Name) or value.id not in ("self", "cls")

    def _sets(self, call: ast.AST | None, owner: str) -> bool:
        """Return whether the keywords of a call are attributes of a type."""
        if not isinstance(call, ast.Call):
            return False
        method = self._method(call)
        if method == "clone":
            return True
        named = call.args[:1] if method in _TAKING_VALUES else [call.func]
        return any(self._class_name(each) == owner for each in named)

    def _class_name(self, node: ast.AST) -> str:
        match node:
            case ast.Name(id=name):
                return self._program.imported.get(name, name)
            case ast.Attribute(attr=name):
                return name
        return ""

    def _is_read_by_name(self, node: ast.Constant) -> bool:
        match self._program.parent(node):
            case ast.Call(func=ast.Name(id=name), args=[_, key, *_]):
                return name in _BY_NAME and key is node
        return False

    # -- custom attributes -----------------------------------------------------------

    def _uses_custom_attribute(self, node: ast.AST, broken: Broken) -> bool:
        key = broken.names[0]
        match node:
            case ast.Attribute():
                return node.attr in broken.names and self._is_custom(node.value)
            case ast.keyword(arg=str(name)) if name == key:
                call = self._program.parent(node)
                match call:
                    case ast.Call(func=ast.Attribute(value=value)):
                        return self._is_custom(value)
            case ast.Constant(value=str(text)) if text == key:
                return any(map(self._is_key, self._program.flow(node)))
            case ast.Constant(value=str(text)):
                return _is_quoted(key, text) and self._is_query(node)
        return False

    def _grow(
        self, holders: set[Holder], is_of_kind: Callable[[ast.AST | None], bool]
    ) -> None:
        """Add the variables that are bound to an expression of a kind.

        Args:
            holders: the variables, which `is_of_kind` knows.
            is_of_kind: whether an expression is of the kind.
        """
        count = -1
        while count < len(holders):
            count = len(holders)
            for each in self._program.bindings:
                if is_of_kind(_item(each.value) if each.is_item else each.value):
                    holders.add(each.holder)

    def _is_custom(self, node: ast.AST | None) -> bool:
        """Return whether an expression reads custom attributes."""
        match node:
            case ast.Attribute(attr=name) if name == ATTRIBUTE:
                return True
            case ast.Call(func=ast.Attribute(value=value, attr="as_")):
                return self._is_custom(value)
            case ast.NamedExpr(value=value):
                return self._is_custom(value)
        return any(holder in self._custom for holder in self._program.holders(node))

    def _is_results(self, node: ast.AST | None) -> bool:
        """Return whether an expression has the results of `Session.effective`."""
        match node:
            case ast.Call(func=ast.Attribute(attr="effective")):
                return len(node.args) + len(node.keywords) == 2
        return any(each in self._results for each in self._program.holders(node))

    def _is_row(self, node: ast.AST | None) -> bool:
        """Return whether an expression is one of those results."""
        if isinstance(node, ast.Subscript) and self._is_results(node.value):
            return True
        return any(holder in self._rows for holder in self._program.holders(node))

    def _is_keyed(self, node: ast.AST | None) -> bool:
        """Return whether an expression is a mapping from keys of custom attributes."""
        return self._is_custom(node) or self._is_row(node)

    def _is_key(self, node: ast.expr) -> bool:
        """Return whether an expression is where keys of custom attributes are."""
        match self._program.parent(node):
            case ast.Subscript(value=value, slice=key):
                return key is node and self._is_keyed(value)
            case ast.Compare(left=left, comparators=[value]):
                return left is node and self._is_keyed(value)
            case ast.Call() as call:
                return node is not call.func and self._takes_keys(call)
            case ast.keyword(arg=name) as keyword:
                return self._is_keyword_of_keys(name, keyword)
            case ast.Assign(targets=targets):
                return isinstance(node, ast.Dict) and any(map(self._is_custom, targets))
            case ast.Dict() as mapping:
                return node in mapping.values and self._is_under_custom(node, mapping)
            case ast.AnnAssign(annotation=annotation) | ast.arg(annotation=annotation):
                return _is_annotated(annotation, "CustomKey")
            case ast.MatchMapping() as pattern:
                return any(
                    isinstance(each, ast.Match) and self._is_keyed(each.subject)
                    for each in self._program.ancestors(pattern)
                )
        return False

    def _takes_keys(self, call: ast.Call) -> bool:
        match call.func:
            case (
                ast.Attribute(attr="effective" | "CustomKey") | ast.Name(id="CustomKey")
            ):
                return True
            case ast.Attribute(value=value):
                return self._is_keyed(value)
            case ast.Name(id=name) if name in _BY_NAME:
                return self._is_custom(call.args[0])
        return False

    def _is_keyword_of_keys(self, name: str | None, keyword: ast.keyword) -> bool:
        call = self._program.parent(keyword)
        is_effective = name in ("key", "keys") and self._method(call) == "effective"
        return name == ATTRIBUTE or is_effective

    def _is_under_custom(self, node: ast.expr, mapping: ast.Dict) -> bool:
        key = mapping.keys[mapping.values.index(node)]
        return isinstance(key, ast.Constant) and key.value == ATTRIBUTE

    # -- names and choices -----------------------------------------------------------

    def _uses_choice(self, node: ast.AST, broken: Broken) -> bool:
        if not isinstance(node, ast.Constant) or node.value != broken.names[0]:
            return False
        key = broken.owner
        return any(
            self._names_key(statement, key)
            for place in self._program.flow(node)
            for statement in self._program.ancestors(place)
            if isinstance(statement, ast.stmt | ast.arg | ast.match_case)
        )

    def _names_key(self, statement: ast.AST, key: str) -> bool:
        """Return whether a statement, without those inside it, names a key."""
        spellings = {key, f"{key}_"}
        for each in _own_nodes(statement):
            match each:
                case ast.Attribute(attr=name) | ast.Name(id=name):
                    if name in spellings or name.endswith(pascal_case(key)):
                        return True
                case ast.Constant(value=value):
                    if value in spellings:
                        return True
        return False

    def _uses_name(self, node: ast.AST, broken: Broken) -> bool:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            return False
        name = broken.names[0]
        if node.value == name:
            flow = self._program.flow(node)
            return any(self._is_name(each, broken.owner) for each in flow)
        return _is_quoted(name, node.value) and self._is_query(node)

    def _is_name(self, node: ast.expr, variable: str) -> bool:
        """Return whether an expression is where names are compared or looked up."""
        match self._program.parent(node):
            case ast.Compare() | ast.MatchValue():
                return True
            case ast.Dict(keys=keys):
                return node in keys
            case ast.keyword(arg=name):
                return name in ("name", "short")
            case ast.Subscript(value=value, slice=index):
                return index is node and self._is_reference(value, variable)
            case ast.Call(func=ast.Attribute(attr=name)) as call:
                return node is not call.func and name in _COMPARING
            case ast.AnnAssign(annotation=annotation) | ast.arg(annotation=annotation):
                return _is_annotated(annotation, "Name")
        return False

    def _uses_reference(self, node: ast.AST, broken: Broken) -> bool:
        match node:
            case ast.Attribute(attr=name, value=value):
                return name in broken.names and self._is_reference(value, broken.owner)
            case ast.Constant(value=str(name)) if self._is_read_by_name(node):
                match self._program.parent(node):
                    case ast.Call(args=[value, *_]):
                        is_row = self._is_reference(value, broken.owner)
                        return name in broken.names and is_row
        return False

    def _is_reference(self, node: ast.AST, variable: str) -> bool:
        """Return whether an expression is the reference data `variable`."""
        match node:
            case ast.Name(id=name):
                return self._program.imported.get(name) == variable
            case ast.Attribute(attr=name):
                return name == variable
        return False

    # -- places of any kind ----------------------------------------------------------

    def _method(self, node: ast.AST | None) -> str:
        """Return the name of the method that a node calls, ``""`` if it calls none."""
        match node:
            case ast.Call(func=ast.Attribute(attr=name)):
                return name
        return ""

    def _is_query(self, node: ast.Constant) -> bool:
        """Return whether a text is part of an expression that is queried."""
        for each in self._program.flow(node):
            place: ast.AST | None = each
            while isinstance(
                place, ast.Constant | ast.JoinedStr | ast.BinOp | ast.Name
            ):
                parent = self._program.parent(place)
                if self._method(parent) == "query":
                    return True
                place = parent
        return False


def _is_annotated(annotation: ast.AST | None, ending: str) -> bool:
    """Return whether an annotation has a name with an ending."""
    if annotation is None:
        return False
    for each in ast.walk(annotation):
        match each:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                if name.endswith(ending) and name != ending:
                    return True
            case ast.Constant(value=str(text)):
                if re.search(rf"\w{ending}\b", text):
                    return True
    return False


def _item(node: ast.AST) -> ast.AST | None:
    """Return an expression for the items of an iterable, ``None`` if none is known."""
    match node:
        case (
            ast.ListComp(elt=item) | ast.SetComp(elt=item) | ast.GeneratorExp(elt=item)
        ):
            return item
        case ast.List(elts=[item, *_]) | ast.Tuple(elts=[item, *_]):
            return item
    return None


def _own_nodes(statement: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a statement without those of the statements inside it."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [
            child
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, ast.stmt)
        ]


def _is_quoted(name: str, text: str) -> bool:
    return re.search(rf"([\"']){re.escape(name)}\1", text) is not None
