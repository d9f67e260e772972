"""Components go to another location: file and row, a commit for each component."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any


def run(
    session: Any, project_id: str, source: str, target: str, root: Path, to: Path
) -> None:
    """Copy the files of a project, and create the rows of the target."""
    there = session.query(f'Location where name is "{target}"').one()
    components = session.query(
        "select id from Component where component_locations.location.name is "
        f'"{source}" and version.asset.parent.project_id is "{project_id}"'
    ).all()
    for component in components:
        rows = {
            row["location"]["name"]: row for row in component["component_locations"]
        }
        if target in rows:
            continue
        name = rows[source]["resource_identifier"]
        if not (root / name).exists():
            continue
        shutil.copyfile(root / name, to / name)
        session.create(
            "ComponentLocation",
            {"component": component, "location": there, "resource_identifier": name},
        )
        session.commit()
