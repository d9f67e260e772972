"""Compile nodes of the query language to expression text."""

from __future__ import annotations

from typing import assert_never

from ftrack_orm.query import ast


def compile_query(query: ast.Query) -> str:
    """Return the text of a complete query.

    Only this module quotes and escapes values (protocol 5.1), so a value from a user
    cannot change the meaning of an expression.
    """
    parts = []
    if query.projections:
        names = ", ".join(_projection(projection) for projection in query.projections)
        parts.append(f"select {names} from {query.entity_type}")  # noqa: S608 # not SQL, and values are escaped below
    else:
        parts.append(query.entity_type)
    if query.criteria is not None:
        parts.append(f"where {compile_criteria(query.criteria)}")
    if query.group_by:
        parts.append(f"group by {', '.join(str(path) for path in query.group_by)}")
    if query.order_by:
        parts.append(f"order by {', '.join(_ordering(key) for key in query.order_by)}")
    if query.offset is not None:
        parts.append(f"offset {query.offset}")
    if query.limit is not None:
        parts.append(f"limit {query.limit}")
    return " ".join(parts)


def _projection(projection: ast.Projection) -> str:
    if isinstance(projection, ast.Aggregate):
        return f"{projection.function}({projection.path})"
    return str(projection)


def _ordering(key: ast.Ordering) -> str:
    return f"{key.path} descending" if key.descending else f"{key.path} ascending"


def compile_criteria(criteria: ast.Criteria) -> str:
    """Return the text of a condition; nested ``and`` and ``or`` get parentheses."""
    match criteria:
        case ast.Comparison(path, operator, value):
            return f"{path} {operator} {compile_literal(value)}"
        case ast.Membership(path, candidates, negated):
            word = "not_in" if negated else "in"
            return f"{path} {word} ({_candidates(candidates)})"
        case ast.Quantified(path, quantifier, inner):
            text = "" if inner is None else compile_criteria(inner)
            return f"{path} {quantifier} ({text})"
        case ast.And(operands):
            return " and ".join(_operand(operand) for operand in operands)
        case ast.Or(operands):
            return " or ".join(_operand(operand) for operand in operands)
        case ast.Not(operand):
            return f"not ({compile_criteria(operand)})"
        case _:
            assert_never(criteria)


def _operand(criteria: ast.Criteria) -> str:
    text = compile_criteria(criteria)
    return f"({text})" if isinstance(criteria, ast.And | ast.Or) else text


def _candidates(candidates: tuple[ast.LiteralNode, ...] | ast.Query) -> str:
    if isinstance(candidates, ast.Query):
        return compile_query(candidates)
    if not candidates:
        # The grammar has no empty list. Paths use an empty text for it on a key, which
        # is never empty (protocol 5.3).
        return '""'
    return ", ".join(compile_literal(value) for value in candidates)


def compile_literal(value: ast.LiteralNode) -> str:
    r"""Return the text of a literal; quoted text has ``\\`` and ``\"`` escaped."""
    if not value.quoted:
        return value.text
    escaped = value.text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
