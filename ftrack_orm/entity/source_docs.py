"""Read the docstrings of attributes from the source of their class.

Python keeps no string that follows an assignment, so a console that asks for the
documentation of `Task.bid` needs the source.
"""

from __future__ import annotations

import ast
import inspect
import sys
from functools import lru_cache
from itertools import pairwise
from textwrap import dedent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo


def docstring_of(attribute: AttributeInfo) -> str:
    """Return the docstring of an attribute, its description, or an empty text."""
    entity_class = attribute.owner.entity_class
    docs = _docstrings(entity_class.__module__, entity_class.__qualname__)
    return docs.get(attribute.name) or attribute.description or ""


def docstring_of_key(attribute: AttributeInfo, key: str) -> str:
    """Return the docstring of a custom attribute that a studio's package declares."""
    declared = getattr(attribute, "mapped_keys", {})
    names = [name for name, declared_key in declared.items() if declared_key == key]
    for mapped_class in getattr(attribute, "mapped_class", object).__mro__:
        docs = _docstrings(mapped_class.__module__, mapped_class.__qualname__)
        for name in names:
            if name in docs:
                return docs[name]
    return docstring_of(attribute)


@lru_cache(maxsize=256)
def _docstrings(module: str, name: str) -> dict[str, str]:
    """Return the docstrings of a class by attribute; empty without a source."""
    entity_class = getattr(sys.modules.get(module), name, None)
    try:
        tree = ast.parse(dedent(inspect.getsource(entity_class)))  # type: ignore[arg-type] # raises TypeError for None
    except (OSError, SyntaxError, TypeError):
        return {}
    [definition] = tree.body
    if not isinstance(definition, ast.ClassDef):
        return {}
    return {
        ast.unparse(node.target): str(following.value.value)
        for node, following in pairwise(definition.body)
        if isinstance(node, ast.AnnAssign)
        and isinstance(following, ast.Expr)
        and isinstance(following.value, ast.Constant)
    }
