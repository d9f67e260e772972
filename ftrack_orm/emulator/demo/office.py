"""Task templates, allocations and calendar events of the demo."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ftrack_orm.emulator.demo import names
from ftrack_orm.emulator.demo.calendar import TODAY, moment, text
from ftrack_orm.emulator.demo.people import group_id, user_id
from ftrack_orm.emulator.demo.rows import Rows
from ftrack_orm.emulator.seed.planter import seeded_id
from ftrack_orm.emulator.seed.standard import PROJECT_SCHEMA_IDS, TYPE_IDS

_TEMPLATES: Final = (
    ("Character", ("Modeling", "Texture", "Rigging", "Lookdev")),
    ("Prop or environment", ("Modeling", "Texture", "Lookdev")),
    ("Animated shot", ("Layout", "Animation", "Lighting", "Compositing")),
    ("Live action shot", ("Tracking", "Rotoscoping", "FX", "Compositing")),
)


def make_task_templates(rows: Rows) -> None:
    """Add the task templates for shots and asset builds of VFX projects."""
    for name, types in _TEMPLATES:
        template_id = seeded_id("TaskTemplate", name)
        rows.add(
            "TaskTemplate",
            id=template_id,
            name=name,
            project_schema_id=PROJECT_SCHEMA_IDS["VFX"],
        )
        for type_name in types:
            rows.add(
                "TaskTemplateItem",
                id=seeded_id("TaskTemplateItem", name, type_name),
                template_id=template_id,
                task_type_id=TYPE_IDS[type_name],
            )


def make_allocations(rows: Rows, project_id: str, departments: Collection[str]) -> None:
    """Allocate departments to a project."""
    for department in sorted(departments):
        rows.add(
            "Appointment",
            id=rows.id("Appointment", project_id, department),
            type="allocation",
            context_id=project_id,
            resource_id=group_id(department),
        )


def make_calendar(rows: Rows, project_id: str) -> None:
    """Add meetings and leave, some of them in the future."""
    production = TYPE_IDS["Production"]
    for name, begin, end, is_leave, people in (
        ("Kick-off", moment(0, 10), moment(0, 12), False, ()),
        (
            "Client visit",
            moment(TODAY - 7, 14),
            moment(TODAY - 7, 16),
            False,
            (names.SUPERVISOR,),
        ),
        ("Easter", moment(TODAY + 2, 0), moment(TODAY + 3, 23), True, ()),
        (
            "Vacation",
            moment(TODAY + 20, 0),
            moment(TODAY + 24, 23),
            True,
            (names.COORDINATOR,),
        ),
    ):
        event_id = rows.id("CalendarEvent", name)
        creation = {
            "created_by_id": user_id(names.COORDINATOR),
            "created_at": text(moment(0, 9)),
        }
        rows.add(
            "CalendarEvent",
            id=event_id,
            name=name,
            start=text(begin),
            end=text(end),
            # Leave belongs to no project: people are absent from all of them.
            project_id=None if is_leave else project_id,
            type_id=None if is_leave else production,
            leave=is_leave,
            everyone=not people,
            forecast=False,
            **creation,
        )
        for username in people:
            rows.add(
                "CalendarEventResource",
                id=rows.id("CalendarEventResource", name, username),
                calendar_event_id=event_id,
                resource_id=user_id(username),
                **creation,
            )
