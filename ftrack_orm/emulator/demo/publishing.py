"""Assets, versions and files of the demo."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ftrack_orm.emulator.demo import names, texts
from ftrack_orm.emulator.demo.calendar import TODAY, day_of, moment, text
from ftrack_orm.emulator.demo.people import user_id
from ftrack_orm.emulator.demo.progress import Progress
from ftrack_orm.emulator.demo.rows import Rows
from ftrack_orm.emulator.demo.schedule import Plan, PlannedContext, PlannedTask
from ftrack_orm.emulator.demo.structure import (
    FIRST_FRAME,
    FPS,
    HANDLES,
    Production,
)
from ftrack_orm.emulator.seed.standard import STATUS_IDS
from ftrack_orm.emulator.stock import studio

_ASSET_TYPE_IDS: Final = {row.short: row.id for row in studio.ASSET_TYPES}
_LOCATION_IDS: Final = {row.name: row.id for row in studio.LOCATIONS}
_UNMANAGED: Final = _LOCATION_IDS["ftrack.unmanaged"]
_REVIEW: Final = _LOCATION_IDS["ftrack.review"]
_PICTURES: Final = ("render",)
_PADDING: Final = 4
_FRAME_SIZE: Final = 12_000_000
_BEGIN, _END = 11, 15.75
"""Hours of a day within which versions are published: before work is submitted."""

_VERSION_STATUS: Final = {
    "In progress": "Pending Review",
    "Pending Review": "Pending Review",
    "Revise": "Revise",
    "Client approved": "Client approved",
}
"""Status of a task's last version by the task's status; "Approved" for others."""


@dataclass(frozen=True, slots=True, eq=False)
class PublishedVersion:
    """A version of an asset.

    Attributes:
        id: id of the version.
        asset: name of the asset.
        number: version number.
        moment: time of publication.
        status: name of its status.
        task: the task that it belongs to.
        context: the shot or asset build.
    """

    id: str
    asset: str
    number: int
    moment: int
    status: str
    task: PlannedTask
    context: PlannedContext


class Publishing:
    """Makes the versions of a production.

    Attributes:
        rows: collects the rows.
        latest: the last version of each task's asset, by task id.
    """

    def __init__(self, rows: Rows, production: Production, plan: Plan) -> None:
        self.rows = rows
        self.latest: dict[str, PublishedVersion] = {}
        self._production = production
        # Only one shot of each sequence has its frames as components: they are many.
        self._sequence_of = {
            shot.id: sequence
            for sequence, shots in plan.sequences.items()
            for shot in shots
        }
        self._with_frames: set[str] = set()

    def make(
        self,
        started: Sequence[tuple[PlannedContext, PlannedTask, Progress]],
        count: int,
    ) -> None:
        """Add `count` versions, distributed evenly over the tasks that have begun."""
        if not started:
            return
        share, remainder = divmod(count, len(started))
        for index, (context, task, progress) in enumerate(started):
            versions = share + (1 if index < remainder else 0)
            if versions:
                self._make_asset(context, task, progress, versions)
            self.rows.flush_if_many()

    def _make_asset(
        self, context: PlannedContext, task: PlannedTask, progress: Progress, count: int
    ) -> None:
        asset_id = self.rows.id("Asset", task.id)
        self.rows.add(
            "Asset",
            id=asset_id,
            name=task.name,
            context_id=context.id,
            project_id=self._production.project_id,
            type_id=_ASSET_TYPE_IDS[task.step.asset_type],
        )
        moments = _spread(task, count)
        for number, at in enumerate(moments, 1):
            is_last = number == count
            status = self._status(progress, is_last)
            version_id = self.rows.id("AssetVersion", task.id, number)
            version = PublishedVersion(
                version_id, task.name, number, at, status, task, context
            )
            self._make_version(version, asset_id)
            self._review(version, progress, is_last)
            if is_last:
                self._make_last_files(version)
                self._link_sources(version)
                self.latest[task.id] = version
            else:
                self._make_file(version, "main", names.FILE_TYPES[task.step.asset_type])

    # -- versions ----------------------------------------------------------------

    def _make_version(self, version: PublishedVersion, asset_id: str) -> None:
        comments = texts.VERSION_COMMENTS[version.task.step.department]
        first = comments[0] if version.number == 1 else ""
        self.rows.add(
            "AssetVersion",
            id=version.id,
            asset_id=asset_id,
            project_id=self._production.project_id,
            version=version.number,
            comment=first or self.rows.random.choice(comments[1:]),
            date=text(version.moment),
            user_id=user_id(version.task.worker),
            task_id=version.task.id,
            is_published=True,
            status_id=STATUS_IDS[version.status],
        )

    def _status(self, progress: Progress, is_last: bool) -> str:
        if is_last:
            return _VERSION_STATUS.get(progress.status, "Approved")
        return "Revise" if self.rows.chance(0.5) else "Pending Review"

    def _review(
        self, version: PublishedVersion, progress: Progress, is_last: bool
    ) -> None:
        """Add the status change of the decision on a version, if there was one."""
        if version.status == "Pending Review":
            return
        at, user = moment(day_of(version.moment), 17), names.SUPERVISOR
        if is_last:
            last = progress.last_change
            # The coordinator completes a task after the supervisor has approved it.
            at = last.moment if progress.status != "Completed" else progress.done_at
            user = last.user if progress.status != "Completed" else user
        self.rows.add(
            "AssetVersionStatusChange",
            id=self.rows.id("StatusChange", version.id),
            parent_id=version.id,
            parent_type="AssetVersion",
            date=text(at),
            status_id=STATUS_IDS[version.status],
            from_status_id=STATUS_IDS["Pending Review"],
            user_id=user_id(user),
        )

    def _link_sources(self, version: PublishedVersion) -> None:
        """Link a version to those it uses: of the previous step, and of rigs."""
        task_ids = (
            [version.task.previous.id] if version.task.previous is not None else []
        )
        if version.task.step.department == names.NEEDS_RIGS:
            task_ids += [rigging.id for rigging in _rigging_tasks(version.context.cast)]
        for task_id in task_ids:
            source = self.latest.get(task_id)
            if source is not None and source.moment < version.moment:
                self.rows.add(
                    "AssetVersionLink",
                    id=self.rows.id("AssetVersionLink", source.id, version.id),
                    from_id=source.id,
                    to_id=version.id,
                )

    # -- files -------------------------------------------------------------------

    def _make_last_files(self, version: PublishedVersion) -> None:
        file_type = names.FILE_TYPES[version.task.step.asset_type]
        sequence = self._sequence_of.get(version.context.id)
        has_frames = (
            version.task.step.asset_type in _PICTURES and version.status == "Approved"
        )
        if has_frames and sequence is not None and sequence not in self._with_frames:
            self._with_frames.add(sequence)
            self._make_sequence(version)
            self._make_file(version, "movie", file_type)
        else:
            self._make_file(version, "main", file_type)

    def _make_file(self, version: PublishedVersion, name: str, file_type: str) -> None:
        component_id = self.rows.id("FileComponent", version.id, name)
        self.rows.add(
            "FileComponent",
            id=component_id,
            name=name,
            file_type=file_type,
            size=self.rows.random.randrange(1, 400) * 1_000_000,
            system_type="file",
            version_id=version.id,
            container_id=None,
        )
        self._place(component_id, _UNMANAGED, f"{self._folder(version)}{file_type}")

    def _make_sequence(self, version: PublishedVersion) -> None:
        """Add the frames of a shot, with handles, as one sequence component."""
        component_id = self.rows.id("SequenceComponent", version.id)
        stem = self._folder(version)
        frames = range(
            FIRST_FRAME - HANDLES, FIRST_FRAME + version.context.frames + HANDLES
        )
        sizes = [_FRAME_SIZE + self.rows.random.randrange(1_000_000) for _ in frames]
        self.rows.add(
            "SequenceComponent",
            id=component_id,
            name="main",
            file_type=".exr",
            size=sum(sizes),
            padding=_PADDING,
            system_type="sequence",
            version_id=version.id,
        )
        self._place(component_id, _UNMANAGED, f"{stem}.%0{_PADDING}d.exr")
        for frame, size in zip(frames, sizes, strict=True):
            frame_text = f"{frame:0{_PADDING}d}"
            member_id = self.rows.id("FileComponent", component_id, frame)
            self.rows.add(
                "FileComponent",
                id=member_id,
                name=frame_text,
                file_type=".exr",
                size=size,
                system_type="file",
                version_id=None,
                container_id=component_id,
            )
            self._place(member_id, _UNMANAGED, f"{stem}.{frame_text}.exr")

    def make_review_media(self, versions: Iterable[PublishedVersion]) -> None:
        """Add the components of encoded media to the versions in review."""
        # A version may be in several lists and sessions.
        for version in dict.fromkeys(versions):
            component_id = self.rows.id("FileComponent", version.id, "review")
            self.rows.add(
                "FileComponent",
                id=component_id,
                name="ftrackreview-mp4",
                file_type=".mp4",
                size=version.context.frames * 40_000 + 1_000_000,
                system_type="file",
                version_id=version.id,
                container_id=None,
            )
            self.rows.add(
                "Metadata",
                parent_id=component_id,
                parent_type="FileComponent",
                key="ftr_meta",
                value=json.dumps(
                    {
                        "frameIn": 0,
                        "frameOut": max(version.context.frames, 1),
                        "frameRate": FPS,
                        "width": 1920,
                        "height": 1080,
                    }
                ),
            )
            self._place(component_id, _REVIEW, component_id)

    def _folder(self, version: PublishedVersion) -> str:
        """Return the common beginning of the paths of a version's files."""
        number, name = f"v{version.number:03d}", version.context.name
        folder = f"/mnt/projects/{self._production.name}/{name}/{version.asset}"
        return f"{folder}/{number}/{name}_{version.asset}_{number}"

    def _place(self, component_id: str, location_id: str, identifier: str) -> None:
        self.rows.add(
            "ComponentLocation",
            id=self.rows.id("ComponentLocation", component_id),
            component_id=component_id,
            location_id=location_id,
            resource_identifier=identifier,
        )


def _rigging_tasks(builds: Iterable[PlannedContext]) -> Iterator[PlannedTask]:
    """Yield the rigging tasks of asset builds."""
    for build in builds:
        yield from (task for task in build.tasks if task.step.asset_type == "rig")


def _spread(task: PlannedTask, count: int) -> list[int]:
    """Return `count` moments, in order, within the days worked so far."""
    days = min(task.end, TODAY) - task.start + 1
    length = round((_END - _BEGIN) * 60)
    moments = []
    for number in range(1, count + 1):
        day, minute = divmod(number * days * length // (count + 1), length)
        moments.append(moment(task.start + day, _BEGIN) + minute)
    return moments
