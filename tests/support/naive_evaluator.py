"""A naive reading of queries, on rows as dictionaries (protocol 5.2, 5.5).

It shares nothing with the emulator but the tree that an expression is: no SQL, no
joins, every row looked at and every relation followed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import eq, ge, gt, le, lt
from typing import Any, TypeAlias

from ftrack_orm.query import ast

Row: TypeAlias = dict[str, Any]


class Tables:
    """Rows as dictionaries, and what their relations lead to."""

    def __init__(self) -> None:
        self.tasks: list[Row] = []
        self.shots: list[Row] = []
        self.statuses: list[Row] = []
        self.appointments: list[Row] = []
        self.users: list[Row] = []
        self.metadata: list[Row] = []

    def rows(self, entity_type: str) -> list[Row]:
        """Return the rows of a type, in the order of their insertion."""
        return {
            "Appointment": self.appointments,
            "Metadata": self.metadata,
            "Shot": self.shots,
            "Task": self.tasks,
            "User": self.users,
        }[entity_type]

    def related(self, row: Row, name: str) -> list[Row]:
        """Return what a link or collection leads to; a link's target alone."""
        match name:
            case "status":
                return [s for s in self.statuses if s["id"] == row["status_id"]]
            case "parent" | "ancestors":
                return [s for s in self.shots if s["id"] == row["parent_id"]]
            case "metadata":
                return [m for m in self.metadata if m["parent_id"] == row["id"]]
            case "resource":
                return [u for u in self.users if u["id"] == row["resource_id"]]
            case "children":
                return [t for t in self.tasks if t["parent_id"] == row["id"]]
            case "assignments":
                return [
                    a
                    for a in self.appointments
                    if a["context_id"] == row["id"] and a["type"] == "assignment"
                ]
        raise AssertionError(name)


COLLECTIONS = {"ancestors", "assignments", "children", "metadata"}
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "is": eq,
    ">": gt,
    "<": lt,
    ">=": ge,
    "<=": le,
}


def holds(tables: Tables, row: Row, node: ast.Criteria) -> bool:
    """Evaluate criteria by their meaning in protocol 5.2 and 5.5."""
    match node:
        case ast.And(operands):
            return all(holds(tables, row, each) for each in operands)
        case ast.Or(operands):
            return any(holds(tables, row, each) for each in operands)
        case ast.Not(operand):
            return not holds(tables, row, operand)
        case ast.Comparison(path, operator, value):
            return along(tables, row, path, lambda v: compare(v, operator, value, path))
        case ast.Membership(path, candidates, negated):
            if isinstance(candidates, ast.Query):
                found = subquery(tables, candidates)
                return along(
                    tables,
                    row,
                    path,
                    lambda v: negated != (v is not None and v in found),
                )
            return along(
                tables,
                row,
                path,
                lambda v: (
                    negated != any(compare(v, "is", each, path) for each in candidates)
                ),
            )
        case ast.Quantified(path, _, inner):
            *steps, last = (step.name for step in path.steps)
            return through(
                tables,
                row,
                steps,
                lambda owner: (
                    owner is not None
                    and any(
                        inner is None or holds(tables, each, inner)
                        for each in tables.related(owner, last)
                    )
                ),
            )


def along(
    tables: Tables,
    row: Row,
    path: ast.PathExpression,
    leaf: Callable[[Any], bool],
) -> bool:
    *steps, last = (step.name for step in path.steps)
    return through(
        tables,
        row,
        steps,
        lambda owner: leaf(None if owner is None else owner[last]),
    )


def through(
    tables: Tables,
    row: Row | None,
    steps: list[str],
    leaf: Callable[[Row | None], bool],
) -> bool:
    if not steps:
        return leaf(row)
    first, *rest = steps
    found = [] if row is None else tables.related(row, first)
    if first in COLLECTIONS:
        return any(through(tables, each, rest, leaf) for each in found)
    return through(tables, found[0] if found else None, rest, leaf)


def compare(
    value: Any, operator: str, literal: ast.LiteralNode, path: ast.PathExpression
) -> bool:
    if operator == "is_not":
        return not compare(value, "is", literal, path)
    if operator == "not_like":
        return not compare(value, "like", literal, path)
    if not literal.quoted and literal.text == "none":
        return operator == "is" and value is None
    if value is None:
        return False
    right: Any = literal.text
    if isinstance(value, float):
        right = float(right)
    elif path.steps[-1].name not in ("id", "status_id", "start_date"):
        value, right = value.casefold(), right.casefold()
    if operator in ORDERINGS:
        return ORDERINGS[operator](value, right)
    pattern = re.sub(
        r"\\%|%|.",
        lambda m: {"%": ".*", r"\%": "%"}.get(m[0], re.escape(m[0])),
        right,
        flags=re.DOTALL,
    )
    return re.fullmatch(pattern, str(value), re.DOTALL) is not None


def subquery(tables: Tables, query: ast.Query) -> set[Any]:
    """Return the values that a subquery selects."""
    [projection] = query.projections
    assert isinstance(projection, ast.PathExpression)
    *steps, last = (step.name for step in projection.steps)
    return {
        owner[last]
        for row in tables.rows(query.entity_type)
        if query.criteria is None or holds(tables, row, query.criteria)
        for owner in reached(tables, row, steps)
    }


def reached(tables: Tables, row: Row, steps: list[str]) -> list[Row]:
    """Return what a path leads to, each member of each collection on it."""
    found = [row]
    for step in steps:
        found = [each for owner in found for each in tables.related(owner, step)]
    return found


def select(tables: Tables, query: ast.Query) -> list[str]:
    """Return the ids that a query selects, in its order."""
    found = [
        row
        for row in tables.rows(query.entity_type)
        if query.criteria is None or holds(tables, row, query.criteria)
    ]
    for ordering in reversed(query.order_by):
        found.sort(key=_missing_first(ordering), reverse=ordering.descending)
    start = query.offset or 0
    end = None if query.limit is None else start + query.limit
    return [row["id"] for row in found[start:end]]


def _missing_first(ordering: ast.Ordering) -> Callable[[Row], Any]:
    """Return the key to sort by: a missing value is below all others, as in SQL."""
    name = ordering.path.steps[0].name
    return lambda row: (row[name] is not None, row[name] or 0)
