"""`CustomLinkPath`, the query path of a custom attribute that links entities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

from ftrack_orm.errors.entity import UnknownAttributeError
from ftrack_orm.errors.query import CriterionError
from ftrack_orm.query import ast
from ftrack_orm.query.criterion import MYPY, Criterion, inner_criteria
from ftrack_orm.query.path import PathBase
from ftrack_orm.types import CustomLinkDeclaration

E = TypeVar("E")

LINKS = "custom_attribute_links"
"""The attribute through which the server filters by linked entities."""


class _CustomLinkParts(PathBase):
    """The slots of a `CustomLinkPath`, whose types are internal."""

    __slots__ = ("_link",)

    _link: CustomLinkDeclaration


class CustomLinkPath(_CustomLinkParts, Generic[E]):
    """The query path of a custom attribute link, ``Shot.custom_attributes.lead``."""

    __slots__ = ()

    @classmethod
    def _of(cls, mapped: PathBase, link: CustomLinkDeclaration) -> CustomLinkPath[E]:
        path = cls(mapped._root, mapped._steps, mapped._attribute, mapped)
        path._link = link
        return path

    def __repr__(self) -> str:
        return f"{self._parent!r}.{self._link.key}"

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            if name.startswith("_"):
                raise AttributeError(name)
            message = None
            if name in self._root.type_named(self._link.target).attributes:
                message = (
                    f"{self!r} links several entities and has no attribute {name!r}. "
                    f"Use {self!r}.any({self._link.target}.{name} == ...)."
                )
            raise UnknownAttributeError(repr(self), name, ("any",), message=message)

    if not MYPY:

        def __bool__(self) -> NoReturn:
            raise CriterionError(f"{self!r} has no truth value. Use {self!r}.any().")

    def any(self, *criteria: Criterion) -> Criterion:
        """Match entities of which one linked entity satisfies all `criteria`.

        Without criteria, match entities with at least one linked entity.
        """
        link = self._link
        key = ast.PathExpression((ast.Step("configuration"), ast.Step("key")))
        node: ast.Criteria = ast.Comparison(key, "is", ast.LiteralNode(link.key))
        if criteria:
            inner = inner_criteria(self._root.type_named(link.target), criteria)
            downcast = link.target if link.target != link.row_target else None
            path = ast.PathExpression((ast.Step(link.link, downcast),))
            node = ast.And((node, ast.Quantified(path, "has", inner)))
        rows = ast.PathExpression((*self._steps[:-1], ast.Step(LINKS)))
        return Criterion._of(
            self._root, ast.Quantified(rows, "any", node), ("any", self, criteria)
        )
