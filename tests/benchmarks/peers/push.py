"""Frame values of shots go down to their tasks, in commits of 100 values."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.peers.values import blocks, set_value, stored_values

KEYS = ("fstart", "fend", "handles")


def run(session: Any, project_id: str) -> None:
    """Write the values of each shot to its tasks."""
    tasks = session.query(
        f'select id, parent_id from Task where project_id is "{project_id}"'
    ).all()
    shots = session.query(
        f'select id from Shot where project_id is "{project_id}"'
    ).all()
    shot_ids = [shot["id"] for shot in shots]
    types = {
        each["name"]: each["id"]
        for each in session.query("select name from ObjectType")
    }
    changes = []
    for key in KEYS:
        attributes = {
            each["object_type_id"]: each["id"]
            for each in session.query(
                "select id, object_type_id from CustomAttributeConfiguration "
                f'where key is "{key}"'
            )
        }
        values = stored_values(session, attributes[types["Shot"]], shot_ids)
        for task in tasks:
            if task["parent_id"] in values:
                value = values[task["parent_id"]]
                changes.append((attributes[types["Task"]], task["id"], value))
    for block in blocks(changes, 100):
        for attribute, entity, value in block:
            set_value(session, attribute, entity, value)
        session.commit()
