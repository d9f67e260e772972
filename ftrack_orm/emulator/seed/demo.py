"""The demo seed: the production "bunny", made up from a number.

The same number and sizes give the same rows with the same ids. Rows are made type by
type and inserted together, so ten thousand tasks take seconds.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from ftrack_orm.emulator.seed import demo_names as names
from ftrack_orm.emulator.seed import studio, workflow
from ftrack_orm.emulator.seed.custom_attributes import CONFIGURATIONS
from ftrack_orm.emulator.seed.planting import EPOCH, Planter, seeded_id
from ftrack_orm.emulator.seed.standard import (
    OBJECT_TYPE_IDS,
    PROJECT_SCHEMA_IDS,
    STATUS_IDS,
    TYPE_IDS,
    plant_standard,
)
from ftrack_orm.emulator.storage import Storage
from ftrack_orm.types import JSONObject

_PRIORITY_IDS: Final = {row.name: row.id for row in workflow.PRIORITIES}
_ASSET_TYPE_IDS: Final = {row.short: row.id for row in studio.ASSET_TYPES}
_SHOT_ATTRIBUTES: Final = {
    row.key: row.id for row in CONFIGURATIONS if row.object_type == "Shot"
}
_UNMANAGED: Final = studio.LOCATIONS[1].id
_HOUR: Final = 3600
_WORKDAY: Final = 8 * _HOUR


@dataclass(frozen=True, slots=True)
class DemoSize:
    """How much there is of what.

    Attributes:
        shots: in all sequences together.
        tasks_per_shot: tasks of each shot.
        versions_per_shot: published versions of each shot's one asset.
        shots_per_sequence: at most.
    """

    shots: int = 20
    tasks_per_shot: int = 4
    versions_per_shot: int = 3
    shots_per_sequence: int = 10


def plant_demo(planter: Planter, number: int, size: DemoSize) -> None:
    """Add the standard seed and the production of that number on top of it."""
    plant_standard(planter)
    _Production(planter, number, size).plant()


def build_demo(
    storage: Storage,
    number: int = 1,
    *,
    shots: int = 20,
    tasks_per_shot: int = 4,
    versions_per_shot: int = 3,
) -> None:
    """Add a production to a storage that has the standard seed.

    Args:
        storage: where to.
        number: chooses names, dates and proportions.
        shots: how many.
        tasks_per_shot: how many each; asset builds have theirs besides.
        versions_per_shot: how many published versions each.
    """
    size = DemoSize(shots, tasks_per_shot, versions_per_shot)
    with storage.transaction() as connection:
        _Production(Planter(storage, connection), number, size).plant()


class _Production:
    """Makes the rows, in the order in which a production comes to have them."""

    def __init__(self, planter: Planter, number: int, size: DemoSize) -> None:
        self._planter = planter
        self._number = number
        self._size = size
        # Repeatable, not secret.
        self._random = random.Random(number)  # noqa: S311
        self._start = datetime.fromisoformat(EPOCH)
        self._project_id = self._id("Project")
        self._rows: dict[str, list[JSONObject]] = {}

    def plant(self) -> None:
        """Make everything, then insert it."""
        self._make_people()
        self._make_project()
        self._make_asset_builds()
        self._make_sequences()
        self._make_dailies()
        for entity_type, rows in self._rows.items():
            self._planter.add(entity_type, rows)

    # -- making rows -------------------------------------------------------------

    def _id(self, *parts: object) -> str:
        return seeded_id(self._number, *parts)

    def _add(self, entity_type: str, **values: object) -> JSONObject:
        self._rows.setdefault(entity_type, []).append(values)
        return values

    def _chosen(self, weighted: Sequence[tuple[str, int]]) -> str:
        choices, weights = zip(*weighted, strict=True)
        return str(self._random.choices(choices, weights)[0])

    def _at(self, days: float, hours: float = 0) -> str:
        moment = self._start + timedelta(days=days, hours=hours)
        return moment.replace(microsecond=0).isoformat()

    def _person(self) -> str:
        return self._user_id(self._random.choice(names.PEOPLE)[0])

    def _user_id(self, username: str) -> str:
        # People outlive productions: two of them share the same eight.
        return seeded_id("User", username)

    # -- people and project ------------------------------------------------------

    def _make_people(self) -> None:
        if self._planter.find_where("User", username=names.PEOPLE[0][0]):
            return
        for group in sorted({person[3] for person in names.PEOPLE}):
            self._add(
                "Group",
                id=seeded_id("Group", group),
                name=group,
                resource_type="group",
                local=True,
            )
        for username, first_name, last_name, group in names.PEOPLE:
            self._add(
                "User",
                id=self._user_id(username),
                username=username,
                first_name=first_name,
                last_name=last_name,
                email=f"{username}@example.com",
                resource_type="user",
                is_active=True,
                user_type_id=studio.DEFAULT_USER_TYPE,
                api_key=f"emulator-{username}-key",
            )
            self._add(
                "Membership",
                id=seeded_id("Membership", username),
                group_id=seeded_id("Group", group),
                user_id=self._user_id(username),
            )
            is_producer = username == names.PRODUCER
            role = studio.PROJECT_MANAGER_ROLE if is_producer else studio.USER_ROLE
            self._add(
                "UserSecurityRole",
                id=seeded_id("UserSecurityRole", username),
                user_id=self._user_id(username),
                security_role_id=role,
                is_all_projects=True,
                is_all_open_projects=True,
            )

    def _make_project(self) -> None:
        suffix = "" if self._number == 1 else str(self._number)
        self._add(
            "Project",
            id=self._project_id,
            name=f"bunny{suffix}",
            full_name=f"Big Bunny {suffix}".strip(),
            context_type="show",
            status="active",
            color="#5da35e",
            is_global=False,
            is_private=False,
            project_schema_id=PROJECT_SCHEMA_IDS["VFX"],
            project_id=self._project_id,
            start_date=self._at(0),
            end_date=self._at(180),
            created_at=EPOCH,
            created_by_id=studio.ADMIN_ID,
        )
        self._add(
            "Manager",
            id=self._id("Manager"),
            context_id=self._project_id,
            type_id=studio.MANAGER_TYPES[0].id,
            user_id=self._user_id("hana"),
        )
        self._add(
            "Metadata",
            parent_id=self._project_id,
            parent_type="Project",
            key="delivery",
            value="DCP 2K flat",
        )

    def _context(
        self, entity_type: str, context_id: str, parent_id: str, name: str, sort: int
    ) -> JSONObject:
        """Add a typed context with what all of them have."""
        kind = "Asset Build" if entity_type == "AssetBuild" else entity_type
        return self._add(
            entity_type,
            id=context_id,
            name=name,
            description="",
            parent_id=parent_id,
            project_id=self._project_id,
            context_type="task",
            object_type_id=OBJECT_TYPE_IDS[kind],
            priority_id=_PRIORITY_IDS["None"],
            bid=0,
            sort=sort,
            created_at=EPOCH,
            created_by_id=studio.ADMIN_ID,
        )

    # -- asset builds, sequences, shots ------------------------------------------

    def _make_asset_builds(self) -> None:
        folder_id = self._id("Folder", "assets")
        self._context("Folder", folder_id, self._project_id, "assets", 0)
        for sort, (name, kind) in enumerate(names.ASSET_BUILDS):
            build_id = self._id("AssetBuild", name)
            build = self._context("AssetBuild", build_id, folder_id, name, sort)
            build["type_id"] = TYPE_IDS[kind]
            build["status_id"] = STATUS_IDS[self._chosen(names.SHOT_STATUSES)]
            begin = self._random.uniform(0, 20)
            for number, task in enumerate(names.BUILD_TASKS):
                self._make_task(build_id, name, number, task, begin + number * 4)

    def _make_sequences(self) -> None:
        for index in range(self._size.shots):
            number, place = divmod(index, self._size.shots_per_sequence)
            sequence = f"sq{(number + 1) * 10:03d}"
            sequence_id = self._id("Sequence", sequence)
            if place == 0:
                self._context(
                    "Sequence", sequence_id, self._project_id, sequence, number
                )
            self._make_shot(sequence, sequence_id, place, index)

    def _make_shot(
        self, sequence: str, sequence_id: str, place: int, index: int
    ) -> None:
        name = f"{sequence}_sh{(place + 1) * 10:03d}"
        shot_id = self._id("Shot", name)
        shot = self._context("Shot", shot_id, sequence_id, name, place)
        shot["status_id"] = STATUS_IDS[self._chosen(names.SHOT_STATUSES)]
        shot["type_id"] = None
        length = self._random.randint(24, 180)
        for key, value in (("fstart", 1001), ("fend", 1000 + length), ("handles", 8)):
            self._add(
                "CustomAttributeValue",
                configuration_id=_SHOT_ATTRIBUTES[key],
                entity_id=shot_id,
                value=json.dumps(value),
            )
        # Work on later shots begins later, at most half a year after the first.
        begin = 10 + 150 * index / max(self._size.shots, 1)
        task_ids = [
            self._make_task(
                shot_id,
                name,
                number,
                names.SHOT_TASKS[number % len(names.SHOT_TASKS)],
                begin + number * 3,
            )
            for number in range(self._size.tasks_per_shot)
        ]
        self._link(task_ids)
        self._make_versions(shot_id, name, task_ids, begin)

    def _link(self, task_ids: Sequence[str]) -> None:
        """Let each task of a shot wait for the one before."""
        for before, after in pairwise(task_ids):
            self._add(
                "TypedContextLink",
                id=self._id("TypedContextLink", before),
                from_id=before,
                to_id=after,
                type="end_to_start",
                lag=0,
            )

    # -- tasks -------------------------------------------------------------------

    def _make_task(
        self,
        parent_id: str,
        parent: str,
        number: int,
        kind: tuple[str, str, int],
        begin: float,
    ) -> str:
        name, type_name, days = kind
        # A shot with more tasks than there are kinds has some of them twice.
        round_ = number // len(names.SHOT_TASKS)
        name = f"{name}{round_ + 1}" if round_ else name
        task_id = self._id("Task", parent, name)
        status = self._chosen(names.TASK_STATUSES)
        begin = float(int(begin + self._random.uniform(0, 3)))
        task = self._context("Task", task_id, parent_id, name, number)
        task["type_id"] = TYPE_IDS[type_name]
        task["status_id"] = STATUS_IDS[status]
        task["priority_id"] = _PRIORITY_IDS[self._chosen(names.PRIORITIES)]
        task["bid"] = days * _WORKDAY
        task["start_date"] = self._at(begin)
        task["end_date"] = self._at(begin + days, 9)
        user_id = self._person()
        if self._random.random() < 0.8:
            self._add(
                "Appointment",
                id=self._id("Appointment", task_id),
                type="assignment",
                context_id=task_id,
                resource_id=user_id,
            )
        if status not in ("Not started", "Ready to start"):
            self._make_timelogs(task_id, user_id, begin, days)
        if self._random.random() < 0.2:
            self._make_note(task_id, user_id, begin + 1)
        return task_id

    def _make_timelogs(
        self, task_id: str, user_id: str, begin: float, days: int
    ) -> None:
        for day in range(self._random.randint(1, days)):
            work = self._random.choice(names.WORK)
            self._add(
                "Timelog",
                id=self._id("Timelog", task_id, day),
                user_id=user_id,
                context_id=task_id,
                start=self._at(begin + day),
                duration=self._random.randint(2, 16) * _HOUR / 2,
                name=work,
                comment="",
            )

    def _make_note(self, task_id: str, user_id: str, day: float) -> None:
        note_id = self._id("Note", task_id)
        author_id = self._person()
        self._add(
            "Note",
            id=note_id,
            parent_id=task_id,
            parent_type="Task",
            project_id=self._project_id,
            content=self._random.choice(names.REMARKS),
            date=self._at(day, 2),
            thread_activity=self._at(day, 2),
            user_id=author_id,
            is_todo=False,
        )
        for recipient_id in dict.fromkeys((author_id, user_id)):
            self._add("Recipient", note_id=note_id, resource_id=recipient_id)

    # -- versions ----------------------------------------------------------------

    def _make_versions(
        self, shot_id: str, shot: str, task_ids: Sequence[str], begin: float
    ) -> None:
        if not self._size.versions_per_shot:
            return
        asset_id = self._id("Asset", shot)
        self._add(
            "Asset",
            id=asset_id,
            name=shot,
            context_id=shot_id,
            project_id=self._project_id,
            type_id=_ASSET_TYPE_IDS["render"],
        )
        for version in range(1, self._size.versions_per_shot + 1):
            version_id = self._id("AssetVersion", shot, version)
            self._add(
                "AssetVersion",
                id=version_id,
                asset_id=asset_id,
                project_id=self._project_id,
                version=version,
                comment=self._random.choice(names.VERSION_COMMENTS),
                date=self._at(begin + 2 * version, 6),
                user_id=self._person(),
                task_id=self._random.choice(task_ids) if task_ids else None,
                is_published=True,
                status_id=STATUS_IDS[self._chosen(names.VERSION_STATUSES)],
            )
            self._make_component(version_id, shot, version)

    def _make_component(self, version_id: str, shot: str, version: int) -> None:
        component_id = self._id("FileComponent", version_id)
        self._add(
            "FileComponent",
            id=component_id,
            name="main",
            file_type=".mov",
            size=self._random.randint(1, 400) * 1_000_000,
            system_type="file",
            version_id=version_id,
        )
        self._add(
            "ComponentLocation",
            id=self._id("ComponentLocation", version_id),
            component_id=component_id,
            location_id=_UNMANAGED,
            resource_identifier=f"renders/{shot}/v{version:03d}/{shot}.mov",
        )

    def _make_dailies(self) -> None:
        """Add a list with the last version of the first shots, for review."""
        list_id = self._id("AssetVersionList")
        self._add(
            "AssetVersionList",
            id=list_id,
            name="dailies",
            is_open=True,
            category_id=studio.LIST_CATEGORIES[1].id,
            project_id=self._project_id,
            user_id=self._user_id("hana"),
            date=EPOCH,
            system_type="assetversion",
        )
        versions = self._rows.get("AssetVersion", ())
        last = [
            row for row in versions if row["version"] == self._size.versions_per_shot
        ]
        for row in last[:8]:
            self._add(
                "ListObject",
                id=self._id("ListObject", row["id"]),
                list_id=list_id,
                entity_id=row["id"],
            )
