"""Conditions on entities, and how they combine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NoReturn

from ftrack_orm.errors.query import CriterionError
from ftrack_orm.query import ast
from ftrack_orm.query.protocols import TypeLike

# True to mypy, which then sees classes without `__bool__` and reports their truth value
# (truthy-bool). A `__bool__` that never returns would hide the code behind it.
MYPY = False

DEEPEST: Final = 100
"""Levels of one condition: parentheses, ``not``, ``any`` and ``has``.

Compilers and servers walk a condition by recursion. Chains of one operator are flat.
"""


def _narrower(left: TypeLike, right: TypeLike) -> TypeLike:
    if left.is_kind_of(right.name):
        return left
    if right.is_kind_of(left.name):
        return right
    raise CriterionError(
        f"A condition on {left.name} and one on {right.name} cannot be combined: they "
        f"are about different entities. Go through a link, as in "
        f"{left.name}.link.attribute."
    )


class _CriterionParts:
    """The slots of a `Criterion`, whose types are internal."""

    __slots__ = ("node", "root")

    node: ast.Criteria
    root: TypeLike


class Criterion(_CriterionParts):
    """A condition on entities of one type; combine with ``&``, ``|`` and ``~``."""

    __slots__ = ()

    @classmethod
    def _of(cls, root: TypeLike, node: ast.Criteria) -> Criterion:
        """Return the condition `node` on entities of the type `root`.

        Raises:
            CriterionError: it is nested too deep.
        """
        if node.depth > DEEPEST:
            raise CriterionError(
                f"The condition on {root.name} is nested more than {DEEPEST} levels "
                "deep, by alternating & and |, ~, any() or has(). Combine equal "
                "operators first, use in_(), or select in several steps."
            )
        made = cls.__new__(cls)
        made.root = root
        made.node = node
        return made

    def __and__(self, other: Criterion) -> Criterion:
        root = _narrower(self.root, self._checked(other).root)
        return Criterion._of(root, conjunction((self.node, other.node)))

    def __or__(self, other: Criterion) -> Criterion:
        root = _narrower(self.root, self._checked(other).root)
        operands: list[ast.Criteria] = []
        for node in (self.node, other.node):
            operands.extend(node.operands if isinstance(node, ast.Or) else (node,))
        return Criterion._of(root, ast.Or(tuple(operands)))

    def __invert__(self) -> Criterion:
        return Criterion._of(self.root, ast.Not(self.node))

    def _checked(self, other: object) -> Criterion:
        if isinstance(other, Criterion):
            return other
        raise CriterionError(
            f"{other!r} is not a condition. Compare an attribute of an entity class, "
            "as in Task.name == 'anim', and put each comparison in parentheses."
        )

    if not MYPY:

        def __bool__(self) -> NoReturn:
            raise CriterionError(
                "A condition has no truth value of its own. Combine conditions with "
                "& and |, negate them with ~, and test membership with in_()."
            )

    def __repr__(self) -> str:
        return f"Criterion({self.root.name}: {self.node})"


def conjunction(nodes: Iterable[ast.Criteria]) -> ast.Criteria:
    """Return one criterion that demands all `nodes`; at least one is given."""
    operands: list[ast.Criteria] = []
    for node in nodes:
        operands.extend(node.operands if isinstance(node, ast.And) else (node,))
    return operands[0] if len(operands) == 1 else ast.And(tuple(operands))


def inner_criteria(
    target: TypeLike, criteria: tuple[Criterion, ...]
) -> ast.Criteria | None:
    """Return the condition of an `any` or `has` on entities of the type `target`.

    Raises:
        CriterionError: one is no condition, or about another entity type.
    """
    for criterion in criteria:
        if not isinstance(criterion, Criterion):
            raise CriterionError(
                f"{shortened(criterion)} is not a condition. Compare an attribute of "
                f"{target.name}."
            )
        require_about(target, criterion.root)
    if not criteria:
        return None
    return conjunction(criterion.node for criterion in criteria)


def require_about(selected: TypeLike, root: TypeLike) -> None:
    """Raise unless `root`, where a path starts, is the type `selected` or a base of it.

    Raises:
        CriterionError: it is about another entity type.
    """
    if not selected.is_kind_of(root.name):
        raise CriterionError(
            f"This is about {root.name}, not {selected.name}. Write it on "
            f"{selected.name}, or reach {root.name} through a link."
        )


def shortened(value: object) -> str:
    """Return the repr of a value for a message, at most 100 characters."""
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}…"
