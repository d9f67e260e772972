"""Print paths and conditions as the Python expressions that made them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.errors.root import shortened
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_criteria, compile_query
from ftrack_orm.query.mapped_paths import MappedItemPath
from ftrack_orm.query.relation_paths import CollectionPath, LinkPath

if TYPE_CHECKING:
    from ftrack_orm.query.criterion import Criterion
    from ftrack_orm.query.path import PathBase
    from ftrack_orm.query.protocols import TypeLike

_VALUES_SHOWN: Final = 20
"""The most values of an `in_` that are shown."""

_COMPARISONS: Final = {
    "is": "==",
    "is_not": "!=",
    ">": ">",
    "<": "<",
    ">=": ">=",
    "<=": "<=",
}

_METHODS: Final = {
    "like": "like",
    "not_like": "not_like",
    "in": "in_",
    "not_in": "not_in",
    "is()": "is_",
    "is_not()": "is_not",
    "any": "any",
    "has": "has",
}


def path_text(path: PathBase) -> str:
    """Return a path as it is read: ``Task.assignments.each.resource.as_(User)``."""
    parent = path._parent
    if parent is not None:
        start = path_text(parent)
    else:
        # A path that was not read from another one has the names of the server.
        above = [str(ast.PathExpression((step,))) for step in path._steps[:-1]]
        start = ".".join([_class_name(path._root), *above])
    if isinstance(path, MappedItemPath):
        declared = getattr(path._attribute, "mapped_keys", {})
        names = [name for name, key in declared.items() if key == path.key]
        return f"{start}.{names[0]}" if names else f"{start}[{value_text(path.key)}]"
    is_member = isinstance(path, LinkPath) and isinstance(parent, CollectionPath)
    text = f"{start}.{'each' if is_member else path._attribute.name}"
    if isinstance(path, LinkPath) and path._cast is not None:
        text += f".as_({_class_name(path._cast)})"
    return text


def _class_name(type_info: TypeLike) -> str:
    # The name on the wire may differ, and a program may have subclassed the model.
    entity_class = getattr(type_info, "entity_class", None)
    name: str = getattr(entity_class, "__name__", type_info.name)
    return name


def criterion_text(criterion: Criterion) -> str:
    """Return a condition as it is written: ``Task.project.name == "bunny"``.

    A condition that no expression made is shown as query text.
    """
    written = criterion._written
    if written is None:
        return f"Criterion({criterion.root.name}: {compile_criteria(criterion.node)})"
    word, *operands = written
    if word == "~":
        return f"~{_operand_text(operands[0])}"
    if word in ("&", "|"):
        return f" {word} ".join(map(_operand_text, operands[0]))
    path, argument = operands
    if word in _COMPARISONS:
        return f"{path!r} {_COMPARISONS[word]} {value_text(argument)}"
    return f"{path!r}.{_METHODS[word]}({_argument_text(word, argument)})"


def _operand_text(criterion: Criterion) -> str:
    text = repr(criterion)
    written = criterion._written
    needs_none = written is None or written[0] == "~" or written[0] in _METHODS
    return text if needs_none else f"({text})"


def _argument_text(word: str, argument: Any) -> str:
    if word in ("any", "has"):
        return ", ".join(map(repr, argument))
    if word in ("in", "not_in"):
        return _candidates_text(argument)
    return value_text(argument)


def _candidates_text(candidates: ast.Query | Sequence[Any]) -> str:
    if isinstance(candidates, ast.Query):
        return f"Select({compile_query(candidates)})"
    texts = [value_text(value) for value in candidates[:_VALUES_SHOWN]]
    omitted = len(candidates) - len(texts)
    if omitted:
        texts.append(f"… {omitted:,} more")
    return f"[{', '.join(texts)}]"


def value_text(value: object) -> str:
    """Return the source of a value, with double quotes around text."""
    text = shortened(value)
    if not (type(value) is str and text[:1] == "'" == text[-1:]):
        return text
    inner = text[1:-1].replace("\\'", "'").replace('"', '\\"')
    return f'"{inner}"'
