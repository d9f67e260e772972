"""Custom attributes are created where they are missing: a query and a commit each."""

from __future__ import annotations

import json
from typing import Any


def run(session: Any, wanted: list[dict[str, str]]) -> None:
    """Create the attributes of shots that the server lacks."""
    shot = session.query('ObjectType where name is "Shot"').one()
    types = {each["name"]: each for each in session.query("CustomAttributeType")}
    for each in wanted:
        found = session.query(
            f'CustomAttributeConfiguration where key is "{each["key"]}" '
            f'and object_type_id is "{shot["id"]}"'
        ).first()
        if found is not None:
            continue
        session.create(
            "CustomAttributeConfiguration",
            {
                "key": each["key"],
                "label": each["label"],
                "type": types[each["type"]],
                "entity_type": "task",
                "object_type_id": shot["id"],
                "config": json.dumps({"markdown": False}),
                "default": "",
            },
        )
        session.commit()
