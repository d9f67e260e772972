"""Expressions as text, spelled as people and clients spell them (protocol 5.1)."""

from __future__ import annotations

import re
from random import Random
from typing import Final

from ftrack_orm.query import ast

_SPELLINGS: Final = {
    "is": ("is", "=", "IS"),
    "is_not": ("is_not", "!="),
    ">": (">", "after", "greater_than"),
    "<": ("<", "before", "less_than"),
}
_BARE: Final = re.compile(r"[A-Za-z0-9_.:-]+")
_NOT_BARE: Final = {"and", "or", "not", "none", "null", "true", "false", "in", "select"}


class Speller:
    """Writes expressions; every choice that the grammar leaves is made at random."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def query(self, query: ast.Query) -> str:
        """Return a query as text."""
        names = ", ".join(self.path(each) for each in query.projections)  # type: ignore[arg-type] # paths only
        words = ["select", names, "from", query.entity_type]
        parts = [" ".join(words) if names else query.entity_type]
        if query.criteria is not None:
            parts.append(f"{self.word('where')} {self.criteria(query.criteria)}")
        tail = []
        if query.order_by:
            tail.append("order by " + ", ".join(map(self._ordering, query.order_by)))
        if query.offset is not None:
            tail.append(f"offset {query.offset}")
        if query.limit is not None:
            tail.append(f"limit {query.limit}")
        self._random.shuffle(tail)
        return self.space().join([*parts, *tail])

    def criteria(self, node: ast.Criteria) -> str:
        """Return conditions as text, in parentheses where they are of several parts."""
        match node:
            case ast.And(operands) | ast.Or(operands):
                word = self.word("and" if isinstance(node, ast.And) else "or")
                joined = f"{self.space()}{word} ".join(map(self.criteria, operands))
                return f"({joined})"
            case ast.Not(operand):
                return f"{self.word('not')} ({self.criteria(operand)})"
            case ast.Comparison(path, operator, value):
                return (
                    f"{self.path(path)} {self.operator(operator)} {self.literal(value)}"
                )
            case ast.Membership(path, candidates, negated):
                if isinstance(candidates, ast.Query):
                    inside = self.query(candidates)
                else:
                    comma = self._random.choice([",", ", ", " , "])
                    inside = comma.join(map(self.literal, candidates))
                word = "not_in" if negated else "in"
                gap = self._random.choice(["", " "])
                return f"{self.path(path)} {self.word(word)}{gap}({inside})"
            case ast.Quantified(path, quantifier, inner):
                gap = self._random.choice(["", " "])
                text = "" if inner is None else self.criteria(inner)
                return f"{self.path(path)} {quantifier}{gap}({text})"

    def path(self, path: ast.PathExpression) -> str:
        """Return a path as text."""
        return ".".join(step.name for step in path.steps)

    def operator(self, operator: str) -> str:
        """Return an operator in one of its spellings."""
        return self._random.choice(_SPELLINGS.get(operator, (operator,)))

    def literal(self, literal: ast.LiteralNode) -> str:
        """Return a value: quoted in either way, or bare where that means the same."""
        if not literal.quoted:
            return literal.text
        is_bare = (
            _BARE.fullmatch(literal.text) and literal.text.lower() not in _NOT_BARE
        )
        if is_bare and self._random.random() < 0.5:
            return literal.text
        quote = self._random.choice("\"'")
        escaped = literal.text.replace("\\", "\\\\").replace(quote, "\\" + quote)
        return f"{quote}{escaped}{quote}"

    def word(self, word: str) -> str:
        """Return a keyword in one of its cases."""
        return self._random.choice([word, word, word.upper(), word.title()])

    def space(self) -> str:
        """Return what stands between words."""
        return self._random.choice([" ", "  ", "\n", "\t"])

    def _ordering(self, ordering: ast.Ordering) -> str:
        words = (
            ["desc", "descending"] if ordering.descending else ["", "asc", "ascending"]
        )
        return f"{self.path(ordering.path)} {self._random.choice(words)}".rstrip()
