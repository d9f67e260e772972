"""The nodes of the query language, which the client compiles and a server parses.

The nodes mirror the grammar of protocol 5.1 and nothing else: a name here is the
server's, a literal is the text between its quotes.
"""

from __future__ import annotations

from dataclasses import field
from typing import ClassVar, Literal, TypeAlias

from ftrack_orm.lazy_dataclass import lazy_dataclass

Operator: TypeAlias = Literal["is", "is_not", ">", "<", ">=", "<=", "like", "not_like"]
"""Comparison operators in one spelling each (``=`` is ``is``, ``after`` is ``>``)."""

AggregateFunction: TypeAlias = Literal["count", "sum", "avg", "min", "max"]


@lazy_dataclass(frozen=True, slots=True)
class Step:
    """One step of a path; `downcast` is the type in brackets, ``parent[Shot]``."""

    name: str
    downcast: str | None = None


@lazy_dataclass(frozen=True, slots=True)
class PathExpression:
    """A dotted path from the queried type, at least one step."""

    steps: tuple[Step, ...]

    @classmethod
    def of(cls, dotted: str) -> PathExpression:
        """Return the path of ``"status.state.short"``; no downcasts."""
        return cls(tuple(Step(name) for name in dotted.split(".")))

    def __str__(self) -> str:
        return ".".join(
            f"{step.name}[{step.downcast}]" if step.downcast else step.name
            for step in self.steps
        )


@lazy_dataclass(frozen=True, slots=True)
class LiteralNode:
    """A value: `text` after unescaping, and whether it stood in quotes.

    Bare ``none`` is null and bare ``true`` a boolean; the same words in quotes are
    text. Numbers and dates may be either.
    """

    text: str
    quoted: bool = True


NULL = LiteralNode("none", quoted=False)


@lazy_dataclass(frozen=True, slots=True)
class Aggregate:
    """``count(id)`` and its kind, in a projection."""

    function: AggregateFunction
    path: PathExpression


Projection: TypeAlias = PathExpression | Aggregate


@lazy_dataclass(frozen=True, slots=True)
class Comparison:
    """``path operator value``."""

    path: PathExpression
    operator: Operator
    value: LiteralNode
    depth: ClassVar[int] = 0


@lazy_dataclass(frozen=True, slots=True)
class Membership:
    """``path in (…)`` or ``path not_in (…)``, over values or a subquery."""

    path: PathExpression
    candidates: tuple[LiteralNode, ...] | Query
    negated: bool = False

    @property
    def depth(self) -> int:
        """Return the levels of the subquery's condition."""
        if not isinstance(self.candidates, Query) or self.candidates.criteria is None:
            return 0
        return 1 + self.candidates.criteria.depth


@lazy_dataclass(frozen=True, slots=True)
class Quantified:
    """``path any (…)`` or ``path has (…)``; no criteria means not empty."""

    path: PathExpression
    quantifier: Literal["any", "has"]
    criteria: Criteria | None = None
    depth: int = field(init=False, compare=False, repr=False)
    """Levels of conditions in it; stored, for reading it must not recurse."""

    def __post_init__(self) -> None:
        depth = 0 if self.criteria is None else self.criteria.depth
        object.__setattr__(self, "depth", 1 + depth)


@lazy_dataclass(frozen=True, slots=True)
class And:
    """Every operand holds; at least two, none of them itself an `And`."""

    operands: tuple[Criteria, ...]
    depth: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        depth = max(operand.depth for operand in self.operands)
        object.__setattr__(self, "depth", 1 + depth)


@lazy_dataclass(frozen=True, slots=True)
class Or:
    """Some operand holds; at least two, none of them itself an `Or`."""

    operands: tuple[Criteria, ...]
    depth: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        depth = max(operand.depth for operand in self.operands)
        object.__setattr__(self, "depth", 1 + depth)


@lazy_dataclass(frozen=True, slots=True)
class Not:
    """The operand does not hold."""

    operand: Criteria
    depth: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", 1 + self.operand.depth)


Criteria: TypeAlias = Comparison | Membership | Quantified | And | Or | Not


@lazy_dataclass(frozen=True, slots=True)
class Ordering:
    """One key of ``order by``."""

    path: PathExpression
    descending: bool = False


@lazy_dataclass(frozen=True, slots=True)
class Query:
    """A whole expression. Empty `projections` means the type's defaults."""

    entity_type: str
    projections: tuple[Projection, ...] = ()
    criteria: Criteria | None = None
    group_by: tuple[PathExpression, ...] = ()
    order_by: tuple[Ordering, ...] = ()
    offset: int | None = None
    limit: int | None = None
