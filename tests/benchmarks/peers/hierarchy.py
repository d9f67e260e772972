"""An editorial list becomes shots with tasks: a query and a commit for each entity."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

STEPS = ("layout", "animation", "fx", "lighting", "compositing", "rotoscoping")


def run(session: Any, project: str, cuts: Path) -> None:
    """Create what the list has and the project lacks, and set the frames."""
    show = session.query(f'Project where name is "{project}"').one()
    types = {each["name"]: each for each in session.query("Type")}
    with cuts.open(encoding="utf-8") as lines:
        for cut in csv.DictReader(lines):
            sequence = _ensure(session, "Sequence", cut["seq"], show)
            shot = _ensure(session, "Shot", cut["shot"], sequence)
            shot["custom_attributes"]["fstart"] = float(cut["in"])
            shot["custom_attributes"]["fend"] = float(cut["out"])
            shot["custom_attributes"]["handles"] = 8.0
            session.commit()
            for step in STEPS:
                kind = types.get(step.title())
                more = {} if kind is None else {"type": kind}
                _ensure(session, "Task", step, shot, **more)


def _ensure(session: Any, entity_type: str, name: str, parent: Any, **more: Any) -> Any:
    found = session.query(
        f'{entity_type} where name is "{name}" and parent_id is "{parent["id"]}"'
    ).first()
    if found is None:
        found = session.create(entity_type, {"name": name, "parent": parent, **more})
        session.commit()
    return found
