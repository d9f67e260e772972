"""The states of revisions in the history on the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ftrack_orm.migrations.history_id import HISTORY_ID
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.literals import encode_literal

if TYPE_CHECKING:
    from ftrack_orm.session.session import Session

PREFIX = "rev/"
"""The beginning of the keys of the rows of revisions."""


def revision_states(session: Session) -> dict[str, str]:
    """Return the states of revisions by id; sends one request.

    ``"applied"``, ``"applying"`` while a run has not ended, or another state of a
    revision that can be planned. A server without a history has none.
    """
    criteria = ast.And(
        (
            ast.Comparison(
                ast.PathExpression.of("parent_id"), "is", encode_literal(HISTORY_ID)
            ),
            ast.Comparison(
                ast.PathExpression.of("key"), "like", ast.LiteralNode(f"{PREFIX}%")
            ),
        )
    )
    names = tuple(map(ast.PathExpression.of, ("key", "value")))
    text = compile_query(ast.Query("Metadata", names, criteria=criteria))
    states: dict[str, str] = {}
    for row in session._core.fetch_rows([text])[0]:
        key = str(row["key"])
        if key.startswith(PREFIX):
            states[key.removeprefix(PREFIX)] = _state(str(row["value"]))
    return states


def _state(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        return ""
    return str(value.get("state", "")) if isinstance(value, dict) else ""
