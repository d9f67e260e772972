"""Paths to scalar attributes: reading one on an entity class returns its path.

``Task.status.state.short == "DONE"`` is a `Criterion`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from ftrack_orm.errors.query import CriterionError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.query import ast
from ftrack_orm.query.criterion import (
    MYPY,
    Criterion,
    shortened,
)
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.query.protocols import AttributeLike, Subquery, TypeLike

if TYPE_CHECKING:
    from datetime import datetime

E = TypeVar("E")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@lazy_dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of ``order_by``."""

    path: Path[Any]
    descending: bool = False


class PathBase:
    """Where a path starts and the steps it takes."""

    __slots__ = ("_attribute", "_root", "_steps")

    def __init__(
        self, root: TypeLike, steps: tuple[ast.Step, ...], attribute: AttributeLike
    ) -> None:
        self._root = root
        self._steps = steps
        self._attribute = attribute

    @property
    def _expression(self) -> ast.PathExpression:
        """Return the path as a node of the query language."""
        return ast.PathExpression(self._steps)

    def __repr__(self) -> str:
        return f"{self._root.name}.{self._expression}"


class Path(PathBase, Generic[T_co]):
    """A scalar attribute of an entity class, as a query sees it."""

    __slots__ = ()

    def _compare(self, operator: ast.Operator, value: Any) -> Criterion:
        literal = encode_literal(self._checked(value))
        return Criterion._of(
            self._root, ast.Comparison(self._expression, operator, literal)
        )

    def _checked(self, value: Any) -> Any:
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            # No literal carries an infinite number, whatever the attribute takes.
            return value
        return self._attribute.validate(value)

    # `object` as the parameter's type would hide a wrong value from a checker.
    def __eq__(self, other: T_co | None) -> Criterion:  # type: ignore[override] # see above
        return self._compare("is", other)

    def __ne__(self, other: T_co | None) -> Criterion:  # type: ignore[override] # see above
        return self._compare("is_not", other)

    def __lt__(self, other: T_co) -> Criterion:  # type: ignore[misc] # covariant
        return self._order("<", other)

    def __le__(self, other: T_co) -> Criterion:  # type: ignore[misc] # covariant
        return self._order("<=", other)

    def __gt__(self, other: T_co) -> Criterion:  # type: ignore[misc] # covariant
        return self._order(">", other)

    def __ge__(self, other: T_co) -> Criterion:  # type: ignore[misc] # covariant
        return self._order(">=", other)

    def _order(self, operator: ast.Operator, value: Any) -> Criterion:
        if value is None:
            raise CriterionError(
                f"{self!r} {operator} None: nothing is before or after no value. "
                "Compare with == or !=."
            )
        return self._compare(operator, value)

    def __hash__(self) -> int:
        return hash((self._root.name, self._steps))

    def like(self: Path[str | datetime | None], pattern: str) -> Criterion:
        r"""Match text: ``%`` is any run, ``\%`` a percent sign, ``\\`` a backslash."""
        return self._match("like", pattern)

    def not_like(self: Path[str | datetime | None], pattern: str) -> Criterion:
        """Match where `like` does not."""
        return self._match("not_like", pattern)

    def _match(self, operator: ast.Operator, pattern: str) -> Criterion:
        literal = pattern_literal(self, pattern)
        return Criterion._of(
            self._root, ast.Comparison(self._expression, operator, literal)
        )

    def in_(self, candidates: Iterable[T_co] | Subquery) -> Criterion:
        """Match any of the values, or any key that another select finds.

        A select given here must project one attribute: ``select(User).only(User.id)``.
        Without `only` its primary key is taken, where this attribute holds keys.

        Raises:
            CriterionError: neither a list nor a select, or a value that the language
                cannot express.
            QueryError: the select does not project one attribute.
            AttributeValueError: a value that the attribute cannot have.
        """
        return self._member(candidates, negated=False)

    def not_in(self, candidates: Iterable[T_co] | Subquery) -> Criterion:
        """Match where `in_` does not."""
        return self._member(candidates, negated=True)

    def _member(self, candidates: Any, *, negated: bool) -> Criterion:
        found = self._candidates(candidates)
        # The language has no empty list, and the attribute itself may hold the empty
        # text that stands for one: a key never does.
        path = (
            self._expression
            if found
            else ast.PathExpression.of(self._root.primary_key[0])
        )
        return Criterion._of(self._root, ast.Membership(path, found, negated))

    def _candidates(self, candidates: Any) -> tuple[ast.LiteralNode, ...] | ast.Query:
        if hasattr(candidates, "_as_subquery"):
            subquery: Subquery = candidates
            return subquery._as_subquery(default_to_key=self._holds_key)
        if isinstance(candidates, str):
            raise CriterionError(
                f"in_({shortened(candidates)}) would test single characters. Give a "
                "list."
            )
        is_list = isinstance(candidates, Iterable)
        if not is_list or isinstance(candidates, bytes):
            raise CriterionError(
                f"{self!r} is in a list of values or a select, not in "
                f"{shortened(candidates)}. Give a list, also for one value."
            )
        # Repeated values would only lengthen the expression.
        return tuple(
            dict.fromkeys(encode_literal(self._checked(item)) for item in candidates)
        )

    @property
    def _holds_key(self) -> bool:
        name = self._attribute.server_name
        return name == "id" or name.endswith("_id") or name in self._root.primary_key

    def desc(self) -> OrderKey:
        """Order by this attribute, largest first."""
        return OrderKey(self, descending=True)

    def asc(self) -> OrderKey:
        """Order by this attribute, smallest first."""
        return OrderKey(self)

    if not MYPY:

        def __bool__(self) -> NoReturn:
            raise CriterionError(
                f"{self!r} has no truth value. Compare it, as in {self!r} != None."
            )


def pattern_literal(path: Path[Any], pattern: object) -> ast.LiteralNode:
    """Return the node of a pattern of `like`.

    Raises:
        CriterionError: it is not text.
    """
    if not isinstance(pattern, str):
        raise CriterionError(
            f"{path!r} is like text, not {shortened(pattern)}. Give text, with % for "
            "any run of characters."
        )
    return ast.LiteralNode(pattern)
