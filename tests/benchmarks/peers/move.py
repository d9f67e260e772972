"""Values move to an attribute of another type: deletes are committed, then writes."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.peers.values import (
    blocks,
    delete_value,
    set_value,
    stored_values,
)


def run(session: Any, old_key: str, new_key: str) -> None:
    """Move the values of all shots, 500 operations a commit."""
    old, new = (
        session.query(f'CustomAttributeConfiguration where key is "{key}"').one()["id"]
        for key in (old_key, new_key)
    )
    shots = session.query("select id from Shot").all()
    values = stored_values(session, old, [shot["id"] for shot in shots])
    for block in blocks(list(values), 500):
        for entity in block:
            delete_value(session, old, entity)
        session.commit()
    for block in blocks(list(values.items()), 500):
        for entity, value in block:
            set_value(session, new, entity, f"{value:06.1f}")
        session.commit()
