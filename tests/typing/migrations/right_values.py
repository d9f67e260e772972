"""Values of each kind, and an index, have exact types."""

from datetime import datetime
from typing import assert_type

from ftrack_models import Shot, Task
from ftrack_orm.migrations import Index, Planner, Values


def up(plan: Planner) -> None:
    tags = plan.values("tags", of=Shot, kind=list[str])
    due = plan.values("due", of=Shot, kind=datetime)
    assert_type(tags, Values[list[str]])
    assert_type(due, Values[datetime])
    for shot, names in tags.effective(plan.select(Shot)):
        assert_type(shot, Shot)
        assert_type(names, list[str])
        tags.set(shot, [*names, "checked"])
    tasks = plan.index(plan.select(Task), Task.parent.name, Task.name)
    assert_type(tasks.get(("sh010", "animation")), Task | None)
    by_bid: Index[float, Task] = plan.index(plan.select(Task), Task.bid)
    for task in by_bid.untouched():
        assert_type(task, Task)
