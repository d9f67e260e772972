"""What the artists of the demo publish: assets, versions and their files."""

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
from ftrack_orm.emulator.demo.schedule import Piece, Plan, Planned
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
"""Hours of a day within which versions are published: before they are shown."""

_VERSION_STATUS: Final = {
    "In progress": "Pending Review",
    "Pending Review": "Pending Review",
    "Revise": "Revise",
    "Client approved": "Client approved",
}
"""Status of the last version of a task, by that of the task; approved otherwise."""


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """A version of an asset.

    Attributes:
        id: of the version.
        asset: name of the asset.
        number: of the version.
        moment: when it was published.
        status: name of its status.
        task: for which it was made.
        piece: the shot or asset build.
    """

    id: str
    asset: str
    number: int
    moment: int
    status: str
    task: Planned
    piece: Piece


class Publishing:
    """Makes the versions of a production.

    Attributes:
        latest: the last version of every asset.
    """

    def __init__(self, rows: Rows, production: Production, plan: Plan) -> None:
        self.rows = rows
        self.latest: dict[str, Published] = {}
        self._production = production
        # Every sequence has the pictures of its first finished shot on disk.
        self._first_of = {
            shot.id: sequence
            for sequence, shots in plan.sequences.items()
            for shot in shots
        }
        self._delivered: set[str] = set()

    def make(
        self, begun: Sequence[tuple[Piece, Planned, Progress]], count: int
    ) -> None:
        """Add `count` versions, spread evenly over the tasks that have begun."""
        if not begun:
            return
        each, more = divmod(count, len(begun))
        for index, (piece, task, progress) in enumerate(begun):
            many = each + (1 if index < more else 0)
            if many:
                self._make_asset(piece, task, progress, many)
            self.rows.flush_if_many()

    def _make_asset(
        self, piece: Piece, task: Planned, progress: Progress, count: int
    ) -> None:
        asset_id = self.rows.id("Asset", task.id)
        self.rows.add(
            "Asset",
            id=asset_id,
            name=task.name,
            context_id=piece.id,
            project_id=self._production.project_id,
            type_id=_ASSET_TYPE_IDS[task.kind.asset_type],
        )
        moments = _spread(task, count)
        for number, at in enumerate(moments, 1):
            is_last = number == count
            status = self._status(progress, is_last)
            version_id = self.rows.id("AssetVersion", task.id, number)
            made = Published(version_id, task.name, number, at, status, task, piece)
            self._make_version(made, asset_id)
            self._review(made, progress, is_last)
            if is_last:
                self._make_last_files(made)
                self._use(made)
                self.latest[task.id] = made
            else:
                self._make_file(made, "main", names.FILE_TYPES[task.kind.asset_type])

    # -- versions ----------------------------------------------------------------

    def _make_version(self, made: Published, asset_id: str) -> None:
        comments = texts.VERSION_COMMENTS[made.task.kind.department]
        first = comments[0] if made.number == 1 else ""
        self.rows.add(
            "AssetVersion",
            id=made.id,
            asset_id=asset_id,
            project_id=self._production.project_id,
            version=made.number,
            comment=first or self.rows.random.choice(comments[1:]),
            date=text(made.moment),
            user_id=user_id(made.task.worker),
            task_id=made.task.id,
            is_published=True,
            status_id=STATUS_IDS[made.status],
        )

    def _status(self, progress: Progress, is_last: bool) -> str:
        if is_last:
            return _VERSION_STATUS.get(progress.status, "Approved")
        return "Revise" if self.rows.chance(0.5) else "Pending Review"

    def _review(self, made: Published, progress: Progress, is_last: bool) -> None:
        """Remember who decided on a version: all are published to be looked at."""
        if made.status == "Pending Review":
            return
        at, user = moment(day_of(made.moment), 17), names.SUPERVISOR
        if is_last:
            decided = progress.decided
            at = decided.moment if progress.status != "Completed" else progress.done_at
            user = decided.user if progress.status != "Completed" else user
        self.rows.add(
            "AssetVersionStatusChange",
            id=self.rows.id("StatusChange", made.id),
            parent_id=made.id,
            parent_type="AssetVersion",
            date=text(at),
            status_id=STATUS_IDS[made.status],
            from_status_id=STATUS_IDS["Pending Review"],
            user_id=user_id(user),
        )

    def _use(self, made: Published) -> None:
        """Link a version to those it is made from: of the step before, and rigs."""
        used = [made.task.before.id] if made.task.before is not None else []
        if made.task.kind.department == names.NEEDS_RIGS:
            used += [rigging.id for rigging in _rigged(made.piece.cast)]
        for task_id in used:
            source = self.latest.get(task_id)
            if source is not None and source.moment < made.moment:
                self.rows.add(
                    "AssetVersionLink",
                    id=self.rows.id("AssetVersionLink", source.id, made.id),
                    from_id=source.id,
                    to_id=made.id,
                )

    # -- files -------------------------------------------------------------------

    def _make_last_files(self, made: Published) -> None:
        file_type = names.FILE_TYPES[made.task.kind.asset_type]
        sequence = self._first_of.get(made.piece.id)
        is_picture = (
            made.task.kind.asset_type in _PICTURES and made.status == "Approved"
        )
        if is_picture and sequence is not None and sequence not in self._delivered:
            self._delivered.add(sequence)
            self._make_sequence(made)
            self._make_file(made, "movie", file_type)
        else:
            self._make_file(made, "main", file_type)

    def _make_file(self, made: Published, name: str, file_type: str) -> None:
        component_id = self.rows.id("FileComponent", made.id, name)
        self.rows.add(
            "FileComponent",
            id=component_id,
            name=name,
            file_type=file_type,
            size=self.rows.random.randrange(1, 400) * 1_000_000,
            system_type="file",
            version_id=made.id,
            container_id=None,
        )
        self._place(component_id, _UNMANAGED, f"{self._folder(made)}{file_type}")

    def _make_sequence(self, made: Published) -> None:
        """Add the numbered pictures of a shot, handles included, as one component."""
        component_id = self.rows.id("SequenceComponent", made.id)
        stem = self._folder(made)
        frames = range(FIRST_FRAME - HANDLES, FIRST_FRAME + made.piece.frames + HANDLES)
        sizes = [_FRAME_SIZE + self.rows.random.randrange(1_000_000) for _ in frames]
        self.rows.add(
            "SequenceComponent",
            id=component_id,
            name="main",
            file_type=".exr",
            size=sum(sizes),
            padding=_PADDING,
            system_type="sequence",
            version_id=made.id,
        )
        self._place(component_id, _UNMANAGED, f"{stem}.%0{_PADDING}d.exr")
        for frame, size in zip(frames, sizes, strict=True):
            shown = f"{frame:0{_PADDING}d}"
            member_id = self.rows.id("FileComponent", component_id, frame)
            self.rows.add(
                "FileComponent",
                id=member_id,
                name=shown,
                file_type=".exr",
                size=size,
                system_type="file",
                version_id=None,
                container_id=component_id,
            )
            self._place(member_id, _UNMANAGED, f"{stem}.{shown}.exr")

    def make_review_media(self, made: Iterable[Published]) -> None:
        """Add what an encoding leaves behind to versions that are looked at."""
        for each in dict.fromkeys(made):
            component_id = self.rows.id("FileComponent", each.id, "review")
            self.rows.add(
                "FileComponent",
                id=component_id,
                name="ftrackreview-mp4",
                file_type=".mp4",
                size=each.piece.frames * 40_000 + 1_000_000,
                system_type="file",
                version_id=each.id,
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
                        "frameOut": max(each.piece.frames, 1),
                        "frameRate": FPS,
                        "width": 1920,
                        "height": 1080,
                    }
                ),
            )
            self._place(component_id, _REVIEW, component_id)

    def _folder(self, made: Published) -> str:
        """Return the path of a version's files, without what tells them apart."""
        stem = f"{made.piece.name}_{made.asset}_v{made.number:03d}"
        project, shot = self._production.name, made.piece.name
        return f"/mnt/projects/{project}/{shot}/{made.asset}/v{made.number:03d}/{stem}"

    def _place(self, component_id: str, location_id: str, identifier: str) -> None:
        self.rows.add(
            "ComponentLocation",
            id=self.rows.id("ComponentLocation", component_id),
            component_id=component_id,
            location_id=location_id,
            resource_identifier=identifier,
        )


def _rigged(builds: Iterable[Piece]) -> Iterator[Planned]:
    """Return the rigging tasks of asset builds."""
    for build in builds:
        yield from (task for task in build.tasks if task.kind.asset_type == "rig")


def _spread(task: Planned, count: int) -> list[int]:
    """Return `count` moments within the days worked so far, in their order."""
    days = min(task.end, TODAY) - task.start + 1
    length = round((_END - _BEGIN) * 60)
    found = []
    for number in range(1, count + 1):
        day, minute = divmod(number * days * length // (count + 1), length)
        found.append(moment(task.start + day, _BEGIN) + minute)
    return found
