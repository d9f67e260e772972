"""`Criterion`, a condition on entities, and its combination with others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NoReturn, Self, TypeAlias

from ftrack_orm.errors.query import CriterionError
from ftrack_orm.errors.root import shortened
from ftrack_orm.query import ast
from ftrack_orm.query.protocols import TypeLike

# mypy treats this name as true, so it does not see `__bool__` and reports a condition
# that is used as a truth value (truthy-bool). If it saw a `__bool__` that never
# returns, it would treat the code after such a use as unreachable and not check it.
MYPY = False

DEEPEST: Final = 100
"""The maximum nesting levels of a condition: parentheses, ``not``, ``any``, ``has``.

The compiler and the server process nested conditions by recursion. A chain of one
operator counts as one level.
"""


Written: TypeAlias = tuple[Any, ...]
"""The call or operator that made a condition, then its path and arguments.

Examples: ``("==", path, "anim")``, ``("any", path, criteria)``, ``("&", criteria)``.
`ftrack_orm.query.written` prints it.
"""


def _narrower(left: TypeLike, right: TypeLike) -> TypeLike:
    if left.is_kind_of(right.name):
        return left
    if right.is_kind_of(left.name):
        return right
    raise CriterionError(
        f"A condition on {left.name} and one on {right.name} cannot be combined: they "
        f"are about different entities. Follow a link instead, as in "
        f"{left.name}.link.attribute."
    )


class _CriterionParts:
    """The slots of a `Criterion`, whose types are internal."""

    __slots__ = ("_written", "node", "root")

    _written: Written | None
    node: ast.Criteria
    root: TypeLike


class Criterion(_CriterionParts):
    """A condition on entities of one type; combine with ``&``, ``|`` and ``~``."""

    __slots__ = ()

    @classmethod
    def _of(
        cls, root: TypeLike, node: ast.Criteria, written: Written | None = None
    ) -> Criterion:
        """Return the condition `node` on entities of the type `root`.

        Args:
            root: the entity type.
            node: the condition.
            written: the expression of the program, for `repr`.

        Raises:
            CriterionError: the condition has more than `DEEPEST` nesting levels.
        """
        if node.depth > DEEPEST:
            raise CriterionError(
                f"The condition on {root.name} is nested more than {DEEPEST} levels "
                "deep, by alternating & and |, ~, any() or has(). Combine equal "
                "operators first, use in_(), or select in several steps."
            )
        criterion = cls.__new__(cls)
        criterion.root = root
        criterion.node = node
        criterion._written = written
        return criterion

    # It does not change, and the entity type that it is about cannot be copied.
    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __and__(self, other: Criterion) -> Criterion:
        root = _narrower(self.root, self._checked(other).root)
        node = conjunction((self.node, other.node))
        return Criterion._of(root, node, _chain("&", self, other))

    def __or__(self, other: Criterion) -> Criterion:
        root = _narrower(self.root, self._checked(other).root)
        operands: list[ast.Criteria] = []
        for node in (self.node, other.node):
            operands.extend(node.operands if isinstance(node, ast.Or) else (node,))
        return Criterion._of(root, ast.Or(tuple(operands)), _chain("|", self, other))

    def __invert__(self) -> Criterion:
        return Criterion._of(self.root, ast.Not(self.node), ("~", self))

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
                "A condition has no truth value. Combine conditions with & and |, "
                "negate them with ~, and test membership with in_()."
            )

    def __repr__(self) -> str:
        from ftrack_orm.query.written import criterion_text

        return criterion_text(self)


def _chain(operator: str, left: Criterion, right: Criterion) -> Written:
    """Return the operands of a chain of one operator, as one level.

    A chain may have thousands of operands, and printing recurses once for each level.
    """
    operands: list[Criterion] = []
    for side in (left, right):
        written = side._written
        is_same = written is not None and written[0] == operator
        operands.extend(written[1] if written is not None and is_same else (side,))
    return operator, tuple(operands)


def conjunction(nodes: Iterable[ast.Criteria]) -> ast.Criteria:
    """Return one node that requires all `nodes`, of which there is at least one."""
    operands: list[ast.Criteria] = []
    for node in nodes:
        operands.extend(node.operands if isinstance(node, ast.And) else (node,))
    return operands[0] if len(operands) == 1 else ast.And(tuple(operands))


def inner_criteria(
    target: TypeLike, criteria: tuple[Criterion, ...]
) -> ast.Criteria | None:
    """Return the condition of an `any` or `has` on entities of the type `target`.

    Raises:
        CriterionError: an argument is not a condition, or is about another type.
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
    """Raise unless `root`, the start of a path, is the type `selected` or a base of it.

    Raises:
        CriterionError: the path starts from another entity type.
    """
    if not selected.is_kind_of(root.name):
        raise CriterionError(
            f"This is about {root.name}, not {selected.name}. Write it on "
            f"{selected.name}, or reach {root.name} through a link."
        )
