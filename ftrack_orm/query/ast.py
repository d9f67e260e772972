"""Nodes of the query language.

The nodes mirror the grammar of protocol 5.1. Names are server names, and a literal is
the unescaped text between the quotes.
"""

from __future__ import annotations

from dataclasses import field
from typing import ClassVar, Literal, TypeAlias

from ftrack_orm.lazy_dataclass import lazy_dataclass

Operator: TypeAlias = Literal["is", "is_not", ">", "<", ">=", "<=", "like", "not_like"]
"""Comparison operators without their synonyms (``=`` is ``is``, ``after`` is ``>``)."""

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
        """Return the path of ``"status.state.short"``; the text has no downcasts."""
        return cls(tuple(Step(name) for name in dotted.split(".")))

    def __str__(self) -> str:
        return ".".join(
            f"{step.name}[{step.downcast}]" if step.downcast else step.name
            for step in self.steps
        )


@lazy_dataclass(frozen=True, slots=True)
class LiteralNode:
    """A value: the unescaped text, and whether it is quoted.

    Unquoted, ``none`` is null and ``true`` a boolean; quoted, the same words are text.
    Numbers and dates may be quoted or not.
    """

    text: str
    quoted: bool = True


NULL = LiteralNode("none", quoted=False)


@lazy_dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate in a projection, such as ``count(id)``."""

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
        """Return the nesting levels of the subquery's condition, 0 without one."""
        if not isinstance(self.candidates, Query) or self.candidates.criteria is None:
            return 0
        return 1 + self.candidates.criteria.depth


@lazy_dataclass(frozen=True, slots=True)
class Quantified:
    """``path any (…)`` or ``path has (…)``; without criteria: not empty."""

    path: PathExpression
    quantifier: Literal["any", "has"]
    criteria: Criteria | None = None
    depth: int = field(init=False, compare=False, repr=False)
    """Nesting levels. Stored, because computing them on each read would recurse."""

    def __post_init__(self) -> None:
        depth = 0 if self.criteria is None else self.criteria.depth
        object.__setattr__(self, "depth", 1 + depth)


@lazy_dataclass(frozen=True, slots=True)
class And:
    """All operands hold; there are at least two, and none is an `And`."""

    operands: tuple[Criteria, ...]
    depth: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        depth = max(operand.depth for operand in self.operands)
        object.__setattr__(self, "depth", 1 + depth)


@lazy_dataclass(frozen=True, slots=True)
class Or:
    """At least one operand holds; there are at least two, and none is an `Or`."""

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
    """A complete expression; without `projections` it selects the type's defaults."""

    entity_type: str
    projections: tuple[Projection, ...] = ()
    criteria: Criteria | None = None
    group_by: tuple[PathExpression, ...] = ()
    order_by: tuple[Ordering, ...] = ()
    offset: int | None = None
    limit: int | None = None
