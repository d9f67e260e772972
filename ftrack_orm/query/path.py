"""`Path`, the query path of a scalar attribute.

Reading an attribute on an entity class returns its path; comparing the path returns a
`Criterion`: ``Task.status.state.short == "DONE"``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, Self, TypeVar, overload

from ftrack_orm.errors.entity import AttributeValueError
from ftrack_orm.errors.other_words import OtherWords
from ftrack_orm.errors.query import CriterionError
from ftrack_orm.errors.root import shortened
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.query import ast
from ftrack_orm.query.criterion import (
    MYPY,
    Criterion,
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

    def __repr__(self) -> str:
        return f"{self.path!r}.{'desc' if self.descending else 'asc'}()"


class _Documentation:
    """The docstring of a path: that of its attribute, on the class that of the class.

    Consoles show it for ``Task.bid?``.
    """

    def __init__(self, of_class: str | None) -> None:
        self._of_class = of_class

    def __get__(self, path: PathBase | None, owner: type[Any]) -> str | None:
        if path is None:
            return self._of_class
        return path._documentation or self._of_class


def document_paths(*path_classes: type[PathBase]) -> None:
    """Give the paths of these classes the docstrings of their attributes."""
    for path_class in path_classes:
        type.__setattr__(path_class, "__doc__", _Documentation(path_class.__doc__))


class PathBase:
    """A path: the type it starts from, its steps and its last attribute.

    The path that it was read from is kept for `repr`: steps contain names of the
    server, and not every cast.
    """

    __slots__ = ("_attribute", "_parent", "_root", "_steps")

    def __init__(
        self,
        root: TypeLike,
        steps: tuple[ast.Step, ...],
        attribute: AttributeLike,
        parent: PathBase | None = None,
    ) -> None:
        self._root = root
        self._steps = steps
        self._attribute = attribute
        self._parent = parent

    @property
    def _expression(self) -> ast.PathExpression:
        """Return the path as a node of the query language."""
        return ast.PathExpression(self._steps)

    @property
    def _view(self) -> TypeLike:
        """Return the type whose attributes follow; the root for all but links."""
        return self._root

    @property
    def _documentation(self) -> str:
        """Return the docstring of the last attribute."""
        return self._attribute.documentation

    # A path does not change; a copy would read slots that are not set yet.
    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __dir__(self) -> list[str]:
        from ftrack_orm.listed_names import listed_names

        # Inherited methods included, unlike the slots, which are internal.
        names = (name for base in type(self).__mro__ for name in vars(base))
        return listed_names(name for name in names if not name.startswith("_"))

    def __repr__(self) -> str:
        from ftrack_orm.query.written import path_text

        return path_text(self)


_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("contains", "icontains"), 'like("%text%")'),
    **dict.fromkeys(("startswith", "istartswith"), 'like("text%")'),
    **dict.fromkeys(("endswith", "iendswith"), 'like("%text")'),
    **dict.fromkeys(("ilike", "match", "regexp_match"), "like(), which ignores case"),
    **dict.fromkeys(("lower", "upper", "casefold"), "==, which ignores case"),
    **dict.fromkeys(("is_", "isnull", "is_null"), "== None"),
    **dict.fromkeys(("is_not", "isnot"), "!= None"),
    "between": ">= and <=, combined with &",
}
"""The words of this language for methods that paths of other libraries have."""


class Path(PathBase, OtherWords, Generic[T_co]):
    """The query path of a scalar attribute."""

    __slots__ = ()

    _OTHER_WORDS = _WORDS

    def _title(self) -> str:
        return repr(self)

    if not TYPE_CHECKING:

        def __contains__(self, value: object) -> NoReturn:
            raise CriterionError(
                f'Python evaluates `in` itself. Use {self!r}.like("%text%") for a '
                "part of a text."
            )

    def _compare(self, operator: ast.Operator, value: Any) -> Criterion:
        literal = encode_literal(self._checked(value))
        return Criterion._of(
            self._root,
            ast.Comparison(self._expression, operator, literal),
            (operator, self, value),
        )

    def _checked(self, value: Any) -> Any:
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            # `encode_literal` has a message about queries for an infinite number.
            return value
        try:
            return self._attribute.validate(value)
        except AttributeValueError as error:
            error.locate(self._root.name, repr(self))
            raise

    # With `object` as the parameter type, checkers would accept values of any type.
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
                f"{self!r} {operator} None: None has no order. Compare with == or !=."
            )
        return self._compare(operator, value)

    def __hash__(self) -> int:
        return hash((self._root.name, self._steps))

    def like(self: Path[str | datetime | None], pattern: str) -> Criterion:
        r"""Match text: ``%`` is any text, ``\%`` a percent sign, ``\\`` a backslash."""
        return self._match("like", pattern)

    def not_like(self: Path[str | datetime | None], pattern: str) -> Criterion:
        """Match entities that `like` does not match."""
        return self._match("not_like", pattern)

    def _match(self, operator: ast.Operator, pattern: str) -> Criterion:
        literal = pattern_literal(self, pattern)
        return Criterion._of(
            self._root,
            ast.Comparison(self._expression, operator, literal),
            (operator, self, pattern),
        )

    # Overloads, because pyright does not infer the items of a generator expression from
    # a union.
    @overload
    def in_(self, candidates: Subquery) -> Criterion: ...
    @overload
    def in_(self, candidates: Iterable[T_co]) -> Criterion: ...
    def in_(self, candidates: Any) -> Criterion:
        """Match any of the values, or any value that another select returns.

        The other select must project one attribute: ``select(User).only(User.id)``.
        Without `only` it projects its primary key, if this attribute holds keys.

        Raises:
            CriterionError: `candidates` is neither a list nor a select, or the language
                has no literal for a value.
            QueryError: the select does not project one attribute.
            AttributeValueError: a value is not valid for the attribute.
        """
        return self._member(candidates, negated=False)

    @overload
    def not_in(self, candidates: Subquery) -> Criterion: ...
    @overload
    def not_in(self, candidates: Iterable[T_co]) -> Criterion: ...
    def not_in(self, candidates: Any) -> Criterion:
        """Match entities that `in_` does not match."""
        return self._member(candidates, negated=True)

    def _member(self, candidates: Any, *, negated: bool) -> Criterion:
        candidates, literals = self._candidates(candidates)
        # The language has no empty list, so the compiler writes an empty text. The
        # attribute may have that value, but a primary key never has.
        path = (
            self._expression
            if literals
            else ast.PathExpression.of(self._root.primary_key[0])
        )
        return Criterion._of(
            self._root,
            ast.Membership(path, literals, negated),
            ("not_in" if negated else "in", self, candidates),
        )

    def _candidates(
        self, candidates: Any
    ) -> tuple[Any, tuple[ast.LiteralNode, ...] | ast.Query]:
        """Return the candidates as a tuple or query, and their literals."""
        if hasattr(candidates, "_as_subquery"):
            subquery: Subquery = candidates
            query = subquery._as_subquery(default_to_key=self._holds_key)
            return query, query
        if isinstance(candidates, str):
            raise CriterionError(
                f"in_({shortened(candidates)}) would test single characters. Pass a "
                "list."
            )
        is_list = isinstance(candidates, Iterable)
        if not is_list or isinstance(candidates, bytes):
            raise CriterionError(
                f"{self!r} is in a list of values or a select, not in "
                f"{shortened(candidates)}. Pass a list, also for one value."
            )
        # Servers fail on long lists (protocol 5.5), so duplicates are dropped.
        values = tuple(candidates)
        return values, tuple(
            dict.fromkeys(encode_literal(self._checked(item)) for item in values)
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

    @property
    def or_none(self) -> Path[T_co | None]:
        """Return the path with ``None`` where a link on it is null.

        `Select.values` requires it for a path through a link that may be null:
        ``Shot.type.name.or_none``.
        """
        return NullablePath(self._root, self._steps, self._attribute, self._parent)

    if not MYPY:

        def __bool__(self) -> NoReturn:
            raise CriterionError(
                f"{self!r} has no truth value. Compare it, as in {self!r} != None."
            )


class NullablePath(Path[T_co]):
    """A path whose value is ``None`` where a link on it is null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{super().__repr__()}.or_none"


def pattern_literal(path: Path[Any], pattern: object) -> ast.LiteralNode:
    """Return the literal of a pattern for `like`.

    Raises:
        CriterionError: the pattern is not text.
    """
    if not isinstance(pattern, str):
        raise CriterionError(
            f"like() of {path!r} needs text, not {shortened(pattern)}. Pass text, "
            "with % for any characters."
        )
    return ast.LiteralNode(pattern)


document_paths(Path)
