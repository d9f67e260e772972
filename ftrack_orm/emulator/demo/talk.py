"""Notes and time logs of the demo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ftrack_orm.emulator.demo import names, texts
from ftrack_orm.emulator.demo.calendar import NOW, TODAY, day_of, moment, text
from ftrack_orm.emulator.demo.people import user_id
from ftrack_orm.emulator.demo.progress import Progress
from ftrack_orm.emulator.demo.publishing import PublishedVersion
from ftrack_orm.emulator.demo.rows import Rows
from ftrack_orm.emulator.demo.schedule import PlannedContext, PlannedTask
from ftrack_orm.emulator.demo.structure import FIRST_FRAME
from ftrack_orm.emulator.stock import studio
from ftrack_orm.types import JSONObject

_LABEL_IDS: Final = {row.name: row.id for row in studio.NOTE_LABELS}
_HOURS: Final = (6, 7, 7.5, 8, 8, 8, 8.5)


class Talk:
    """Makes notes, replies and time logs."""

    def __init__(self, rows: Rows, project_id: str) -> None:
        self._rows = rows
        self._project_id = project_id

    def make(
        self,
        started: Sequence[tuple[PlannedContext, PlannedTask, Progress]],
        latest: Mapping[str, PublishedVersion],
    ) -> None:
        """Add the notes and time logs of the tasks that have begun.

        Args:
            started: the tasks with context and progress.
            latest: the last version of each task, by task id.
        """
        for context, task, progress in started:
            self._make_timelogs(task)
            version = latest.get(task.id)
            if progress.status == "Revise" and version is not None:
                self._add_version_note(version, progress)
            elif self._rows.chance(0.3):
                self._add_task_note(context, task, progress)
            self._rows.flush_if_many()

    # -- time --------------------------------------------------------------------

    def _make_timelogs(self, task: PlannedTask) -> None:
        """Add a time log for every day worked so far."""
        work = texts.WORK[task.step.department]
        for day in range(task.start, min(task.end, TODAY) + 1):
            self._rows.add(
                "Timelog",
                id=self._rows.id("Timelog", task.id, day),
                user_id=user_id(task.worker),
                context_id=task.id,
                start=text(moment(day, 9)),
                duration=self._rows.random.choice(_HOURS) * 3600,
                name=self._rows.random.choice(work),
                comment="",
            )

    # -- notes -------------------------------------------------------------------

    def _add_task_note(
        self, context: PlannedContext, task: PlannedTask, progress: Progress
    ) -> None:
        """Add a note on a task, completed if it is a to-do of a finished task."""
        day = min(task.start + task.days // 2, TODAY)
        at = moment(day, 16) + self._rows.random.randrange(60)
        is_todo = self._rows.chance(0.3)
        if progress.status == "Client approved":
            label, content = "Client feedback", self._client_remark()
            at = progress.last_change.moment
        else:
            label = "To do" if is_todo else "Internal"
            content = self._remark(context, task)
        note = self._note(
            task.id, "Task", content, at, names.SUPERVISOR, (task.worker,)
        )
        self._label(note, label)
        if label == "To do":
            note["is_todo"] = True
            if progress.is_done:
                note["completed_by_id"] = user_id(task.worker)
                note["completed_at"] = text(max(at, progress.done_at))
        if self._rows.chance(0.5):
            self._reply(note, at, task.worker)

    def _add_version_note(self, version: PublishedVersion, progress: Progress) -> None:
        """Add a note on a version with the reason for the revision of its task."""
        frame = self._frame(version.context)
        content = self._remark(version.context, version.task, frame)
        at = progress.last_change.moment
        note = self._note(
            version.id,
            "AssetVersion",
            content,
            at,
            names.SUPERVISOR,
            (version.task.worker, names.COORDINATOR),
        )
        # Frame numbers of notes count the frames of the media, from 0.
        note["frame_number"] = frame - FIRST_FRAME if version.context.frames else None
        self._label(note, "Internal")
        self._reply(note, at, version.task.worker)

    def _note(
        self,
        parent_id: str,
        parent_type: str,
        content: str,
        at: int,
        author: str,
        recipients: Sequence[str],
    ) -> JSONObject:
        note = self._rows.add(
            "Note",
            id=self._rows.id("Note", parent_id),
            parent_id=parent_id,
            parent_type=parent_type,
            project_id=self._project_id,
            content=content,
            date=text(at),
            thread_activity=text(at),
            user_id=user_id(author),
            is_todo=False,
        )
        self._add_recipients(note, (author, *recipients))
        return note

    def _reply(self, note: JSONObject, noted_at: int, author: str) -> None:
        """Add a reply on the next morning, unless that is in the future."""
        at = moment(day_of(noted_at) + 1, 9) + self._rows.random.randrange(5, 55)
        if at > NOW:
            return
        # The server sets it to the date of the last reply (protocol 6.3).
        note["thread_activity"] = text(at)
        reply = self._rows.add(
            "Note",
            id=self._rows.id("Note", note["id"], "answer"),
            content=self._rows.random.choice(texts.ANSWERS),
            date=text(at),
            thread_activity=text(at),
            user_id=user_id(author),
            in_reply_to_id=note["id"],
            project_id=note["project_id"],
            is_todo=False,
        )
        self._add_recipients(reply, (author, names.SUPERVISOR))

    def _add_recipients(self, note: JSONObject, usernames: Sequence[str]) -> None:
        for username in dict.fromkeys(usernames):
            self._rows.add(
                "Recipient", note_id=note["id"], resource_id=user_id(username)
            )

    def _label(self, note: JSONObject, label: str) -> None:
        self._rows.add("NoteLabelLink", note_id=note["id"], label_id=_LABEL_IDS[label])

    def _client_remark(self) -> str:
        return self._rows.random.choice(texts.CLIENT_REMARKS)

    def _frame(self, context: PlannedContext) -> int:
        return FIRST_FRAME + self._rows.random.randrange(max(context.frames, 1))

    def _remark(
        self, context: PlannedContext, task: PlannedTask, frame: int | None = None
    ) -> str:
        remark = self._rows.random.choice(texts.REMARKS[task.step.department])
        return remark.format(frame=frame or self._frame(context))
