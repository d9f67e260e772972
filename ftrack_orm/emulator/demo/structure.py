"""The contexts of a demo production: project, folders, shots, tasks, milestones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ftrack_orm.emulator.demo import names
from ftrack_orm.emulator.demo.calendar import TODAY, moment, text
from ftrack_orm.emulator.demo.people import user_id
from ftrack_orm.emulator.demo.progress import (
    Change,
    Progress,
    progress_of,
    progress_of_all,
)
from ftrack_orm.emulator.demo.rows import Rows
from ftrack_orm.emulator.demo.schedule import Plan, PlannedContext, PlannedTask
from ftrack_orm.emulator.seed.custom_attributes import CONFIGURATIONS
from ftrack_orm.emulator.seed.standard import (
    OBJECT_TYPE_IDS,
    PROJECT_SCHEMA_IDS,
    STATUS_IDS,
    TYPE_IDS,
)
from ftrack_orm.emulator.stock import studio, workflow
from ftrack_orm.types import JSONObject

FIRST_FRAME: Final = 1001
HANDLES: Final = 8
FPS: Final = 24

_PRIORITY_IDS: Final = {row.name: row.id for row in workflow.PRIORITIES}
_ATTRIBUTES: Final = {
    (row.object_type or row.entity_type, row.key): row.id for row in CONFIGURATIONS
}
_WORKDAY: Final = 8 * 3600

_MILESTONES: Final = (
    ("assets_locked", "Modeling", "All asset builds are approved."),
    ("trailer", "Editing", "The first sequence is finished, for the distributor."),
    ("animation_locked", "Animation", "No more changes to animation."),
    ("delivery", "Deliverable", "All shots, as the distributor wants them."),
)


@dataclass(frozen=True, slots=True)
class Production:
    """Names and settings of a production.

    Attributes:
        name: name of the project.
        full_name: full name of the project.
        project_id: id of the project.
        status: ``active``, or ``hidden`` for a finished production.
        is_private: only users with a role on the project can read it.
        color: color of the project.
        delivery: format of the delivery.
    """

    name: str
    full_name: str
    project_id: str
    status: str = "active"
    is_private: bool = False
    color: str = "#5da35e"
    delivery: str = "DCP 2K flat"


class Structure:
    """Makes the contexts of a production.

    Attributes:
        rows: collects the rows.
        production: names and settings.
        progress: progress by task id.
    """

    def __init__(self, rows: Rows, production: Production, plan: Plan) -> None:
        self.rows = rows
        self.production = production
        self.progress: dict[str, Progress] = {}
        self._plan = plan
        # Created in the past, also if the production starts in the future.
        self._created = text(moment(min(plan.first_day, TODAY - 3), 9))

    def make(self) -> None:
        """Add the project and everything in its tree."""
        self._make_project()
        self._make_builds()
        for sort, (name, shots) in enumerate(self._plan.sequences.items()):
            sequence_id = self.rows.id("Sequence", name)
            self._context(
                "Sequence", sequence_id, self.production.project_id, name, sort
            )
            self._attribute("Sequence", "fps", sequence_id, FPS)
            for position, shot in enumerate(shots):
                self._make_shot(shot, sequence_id, position)
            self.rows.flush_if_many()
        self._make_milestones()

    # -- project and milestones --------------------------------------------------

    def _make_project(self) -> None:
        production = self.production
        self.rows.add(
            "Project",
            id=production.project_id,
            name=production.name,
            full_name=production.full_name,
            context_type="show",
            status=production.status,
            color=production.color,
            is_global=False,
            is_private=production.is_private,
            project_schema_id=PROJECT_SCHEMA_IDS["VFX"],
            project_id=production.project_id,
            start_date=text(moment(self._plan.first_day, 9)),
            end_date=text(moment(self._plan.last_day + 5, 18)),
            created_at=self._created,
            created_by_id=studio.ADMIN_ID,
        )
        for username, index in ((names.COORDINATOR, 0), (names.SUPERVISOR, 2)):
            self.rows.add(
                "Manager",
                id=self.rows.id("Manager", username),
                context_id=production.project_id,
                type_id=studio.MANAGER_TYPES[index].id,
                user_id=user_id(username),
            )
        self.rows.add(
            "Metadata",
            parent_id=production.project_id,
            parent_type="Project",
            key="delivery",
            value=production.delivery,
        )
        self._attribute("show", "fps", production.project_id, FPS)

    def _make_milestones(self) -> None:
        count = len(self._plan.sequences)
        for number, (name, type_name, description) in enumerate(_MILESTONES):
            tasks = self._tasks_before(name)
            day = max((task.end for task in tasks), default=self._plan.first_day)
            milestone_id = self.rows.id("Milestone", name)
            row = self._context(
                "Milestone",
                milestone_id,
                self.production.project_id,
                name,
                count + number,
            )
            row["description"] = description
            row["type_id"] = TYPE_IDS[type_name]
            row["end_date"] = text(moment(day, 18))
            is_reached = all(self.progress[task.id].is_done for task in tasks)
            change = Change(moment(day, 17.9), "Completed", names.COORDINATOR)
            self._add_history(row, [change] if tasks and is_reached else [])

    def _tasks_before(self, milestone: str) -> list[PlannedTask]:
        """Return the tasks that must be done for a milestone."""
        plan = self._plan
        contexts: dict[str, list[PlannedContext]] = {
            "assets_locked": plan.builds,
            "trailer": next(iter(plan.sequences.values()), []),
            "animation_locked": plan.shots,
            "delivery": [*plan.builds, *plan.shots],
        }
        return [
            task
            for context in contexts[milestone]
            for task in context.tasks
            if milestone != "animation_locked" or task.step.department == "Animation"
        ]

    # -- asset builds and shots --------------------------------------------------

    def _make_builds(self) -> None:
        if not self._plan.builds:
            return
        folder_id = self.rows.id("Folder", "assets")
        self._context("Folder", folder_id, self.production.project_id, "assets", 0)
        for sort, build in enumerate(self._plan.builds):
            row = self._context("AssetBuild", build.id, folder_id, build.name, sort)
            row["type_id"] = TYPE_IDS[build.type]
            self._make_tasks(build, row)

    def _make_shot(self, shot: PlannedContext, sequence_id: str, position: int) -> None:
        row = self._context("Shot", shot.id, sequence_id, shot.name, position)
        for key, value in (
            ("fstart", FIRST_FRAME),
            ("fend", FIRST_FRAME + shot.frames - 1),
            ("handles", HANDLES),
            ("fps", FPS),
        ):
            self._attribute("Shot", key, shot.id, value)
        self._make_tasks(shot, row)
        for build in shot.cast:
            self._link(build.id, shot.id)

    def _make_tasks(self, context: PlannedContext, row: JSONObject) -> None:
        progress: Progress | None = None
        progress_of_tasks: list[Progress] = []
        for sort, task in enumerate(context.tasks):
            progress = progress_of(self.rows, task, progress)
            self.progress[task.id] = progress
            progress_of_tasks.append(progress)
            self._make_task(task, progress, context.id, sort)
        for earlier, later in pairwise(context.tasks):
            self._link(earlier.id, later.id)
        self._add_history(row, progress_of_all(progress_of_tasks).changes)

    def _make_task(
        self, task: PlannedTask, progress: Progress, parent_id: str, sort: int
    ) -> None:
        row = self._context("Task", task.id, parent_id, task.name, sort)
        row["type_id"] = TYPE_IDS[task.step.type]
        row["priority_id"] = _PRIORITY_IDS[self.rows.choose(names.PRIORITIES)]
        row["bid"] = task.days * _WORKDAY
        row["start_date"] = text(moment(task.start, 9))
        row["end_date"] = text(moment(task.end, 18))
        self._add_history(row, progress.changes)
        # Some tasks in the future have no assignment yet.
        if task.start > TODAY + 5 and self.rows.chance(0.4):
            return
        self.rows.add(
            "Appointment",
            id=self.rows.id("Appointment", task.id),
            type="assignment",
            context_id=task.id,
            resource_id=user_id(task.worker),
        )

    # -- rows of all contexts ----------------------------------------------------

    def _context(
        self, entity_type: str, context_id: str, parent_id: str, name: str, sort: int
    ) -> JSONObject:
        """Add a typed context with the attributes of all types; return its row."""
        object_type = "Asset Build" if entity_type == "AssetBuild" else entity_type
        return self.rows.add(
            entity_type,
            id=context_id,
            name=name,
            description="",
            parent_id=parent_id,
            project_id=self.production.project_id,
            context_type="task",
            object_type_id=OBJECT_TYPE_IDS[object_type],
            priority_id=workflow.NO_PRIORITY,
            bid=0,
            sort=sort,
            created_at=self._created,
            created_by_id=user_id(names.COORDINATOR),
        )

    def _add_history(self, row: JSONObject, changes: Iterable[Change]) -> None:
        """Add a context's status changes and set its status."""
        # The row can still be changed: it is inserted at the next flush.
        before = STATUS_IDS["Not started"]
        for number, change in enumerate(changes):
            after = STATUS_IDS[change.status]
            self.rows.add(
                "TypedContextStatusChange",
                id=self.rows.id("StatusChange", row["id"], number),
                parent_id=row["id"],
                parent_type="TypedContext",
                date=text(change.moment),
                status_id=after,
                from_status_id=before,
                user_id=user_id(change.user),
            )
            before = after
        row["status_id"] = before

    def _link(self, from_id: str, to_id: str) -> None:
        """Add a dependency: the second context waits for the end of the first."""
        self.rows.add(
            "TypedContextLink",
            id=self.rows.id("TypedContextLink", from_id, to_id),
            from_id=from_id,
            to_id=to_id,
            type="end_to_start",
            lag=0,
        )

    def _attribute(self, owner: str, key: str, entity_id: str, value: int) -> None:
        self.rows.add(
            "CustomAttributeValue",
            configuration_id=_ATTRIBUTES[owner, key],
            entity_id=entity_id,
            value=json.dumps(value),
        )


def started_tasks(
    plan: Plan, progress: Mapping[str, Progress]
) -> list[tuple[PlannedContext, PlannedTask, Progress]]:
    """Return the tasks that have begun, each with its context and its progress."""
    return [
        (context, task, progress[task.id])
        for context in (*plan.builds, *plan.shots)
        for task in context.tasks
        if progress[task.id].has_begun
    ]
