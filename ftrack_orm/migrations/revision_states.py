"""The states of revisions in the history on the server."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

from ftrack_orm.migrations.history_store import store_queries

if TYPE_CHECKING:
    from ftrack_orm.session.session import Session

PREFIX = "rev/"
"""The beginning of the keys of the rows of revisions."""


def revision_states(session: Session) -> dict[str, str]:
    """Return the states of revisions by id; sends one request.

    ``"applied"``, ``"applying"`` while a run has not ended, or another state of a
    revision that can be planned. A server without a history has none.
    """
    texts = [query.expression for query in store_queries(PREFIX)]
    states: dict[str, str] = {}
    # One store has the history, so the rows of the other are none.
    for row in itertools.chain.from_iterable(session._core.fetch_rows(texts)):
        key = str(row["key"] if "key" in row else row["name"])
        if key.startswith(PREFIX):
            states[key.removeprefix(PREFIX)] = _state(str(row["value"]))
    return states


def _state(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        return ""
    return str(value.get("state", "")) if isinstance(value, dict) else ""
