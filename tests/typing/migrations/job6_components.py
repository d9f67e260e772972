"""Components of a project are copied to another location; files first, rows after."""

import shutil
from pathlib import Path

from ftrack_models import ComponentLocation, Location
from ftrack_orm.migrations import Planner


def copy(source: str, target: str) -> None:
    """Safe to repeat: written next to the target, renamed when whole."""
    if not Path(target).exists():
        shutil.copyfile(source, f"{target}.part")
        Path(f"{target}.part").rename(target)


def up(
    plan: Planner, *, project: str, source: str, target: str, root: str, to: str
) -> None:
    here, there = (
        plan.find(Location, Location.name == name) for name in (source, target)
    )
    done = plan.index(
        plan.select(ComponentLocation).where(ComponentLocation.location_id == there.id),
        ComponentLocation.component_id,
    )
    rows = plan.select(ComponentLocation).where(
        ComponentLocation.location_id == here.id,
        ComponentLocation.component.version.asset.parent.project_id == project,
    )
    for row in plan.each(rows.load(ComponentLocation.component)):
        file = Path(root, row.resource_identifier or "")
        if row.component_id in done:
            continue
        if not file.exists():
            plan.skip(row, "is missing at the source")
            continue
        with plan.unit():  # effects run before the unit's operations
            plan.effect(copy, str(file), str(Path(to, row.resource_identifier or "")))
            plan.add(
                ComponentLocation(
                    component=row.component,
                    location=there,
                    resource_identifier=row.resource_identifier,
                )
            )
