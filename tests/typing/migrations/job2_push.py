"""Frame values of shots go down to their tasks. A tool: run as often as wanted."""

from ftrack_models import Shot, Task
from ftrack_orm.migrations import Planner

KEYS = ("fstart", "fend", "handles", "fps")


def up(plan: Planner, *, project: str) -> None:
    tasks = (
        plan.select(Task)
        .where(Task.project.name == project)
        .load(Task.custom_attributes, Task.parent.custom_attributes)
    )
    for task in plan.each(tasks):
        if not isinstance(task.parent, Shot):
            plan.skip(task, "is below no shot")
            continue
        source = task.parent.custom_attributes
        for key in KEYS:
            if key in source and key in task.custom_attributes:
                task.custom_attributes[key] = source[key]
