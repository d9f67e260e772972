"""Move the components of a project from one location to another.

Files are copied first, each under a temporary name, then one request moves all rows.
A repeated run copies the files that are missing and moves the rest.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from ftrack_orm import FlushPlan
from studio_models import ComponentLocation, Location, Project, StudioSession


def copy_file(source: Path, target: Path) -> None:
    """Copy a file; the target is whole or missing."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    shutil.copyfile(source, part)
    part.rename(target)


def move_components(
    session: StudioSession,
    project: Project,
    source: str,
    target: str,
    root: Path,
    to: Path,
) -> FlushPlan:
    """Move the files below `root` to the folder `to`; return the changes sent.

    Args:
        session: the session.
        project: the project whose components are moved.
        source: the name of the location they leave.
        target: the name of the location they enter.
        root: the folder of the first location.
        to: the folder of the second.
    """
    old, new = (session.find(Location, name=name) for name in (source, target))
    rows = session.select(ComponentLocation).where(
        ComponentLocation.location.is_(old),
        ComponentLocation.component.version.asset.parent.project_id == project.id,
    )
    present = {
        component_id
        for (component_id,) in session.select(ComponentLocation)
        .where(ComponentLocation.location.is_(new))
        .values(ComponentLocation.component_id)
    }
    for row in rows:
        name = (row.resource_identifier or "").lstrip("/")
        if not (root / name).is_file():
            continue
        copy_file(root / name, to / name)
        if row.component_id not in present:
            session.add(row.clone(location=new))
        session.remove(row)
    return session.commit()
