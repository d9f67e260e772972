"""What the people of the demo say and how long they work: notes and time logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ftrack_orm.emulator.demo import names, texts
from ftrack_orm.emulator.demo.calendar import NOW, TODAY, day_of, moment, text
from ftrack_orm.emulator.demo.people import user_id
from ftrack_orm.emulator.demo.progress import Progress
from ftrack_orm.emulator.demo.publishing import Published
from ftrack_orm.emulator.demo.rows import Rows
from ftrack_orm.emulator.demo.schedule import Piece, Planned
from ftrack_orm.emulator.demo.structure import FIRST_FRAME
from ftrack_orm.emulator.stock import studio
from ftrack_orm.types import JSONObject

_LABEL_IDS: Final = {row.name: row.id for row in studio.NOTE_LABELS}
_HOURS: Final = (6, 7, 7.5, 8, 8, 8, 8.5)


class Talk:
    """Makes notes, answers to them, and time logs."""

    def __init__(self, rows: Rows, project_id: str) -> None:
        self._rows = rows
        self._project_id = project_id

    def make(
        self,
        begun: Sequence[tuple[Piece, Planned, Progress]],
        latest: Mapping[str, Published],
    ) -> None:
        """Add what was said and logged on the tasks that have begun."""
        for piece, task, progress in begun:
            self._make_timelogs(task)
            made = latest.get(task.id)
            if progress.status == "Revise" and made is not None:
                self._remark_on(made, progress)
            elif self._rows.chance(0.3):
                self._talk_about(piece, task, progress)
            self._rows.flush_if_many()

    # -- time --------------------------------------------------------------------

    def _make_timelogs(self, task: Planned) -> None:
        """Log every day of work so far."""
        work = texts.WORK[task.kind.department]
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

    def _talk_about(self, piece: Piece, task: Planned, progress: Progress) -> None:
        """Let the supervisor remark on a task; what is done has been dealt with."""
        day = min(task.start + task.days // 2, TODAY)
        at = moment(day, 16) + self._rows.random.randrange(60)
        is_todo = self._rows.chance(0.3)
        if progress.status == "Client approved":
            label, content = "Client feedback", self._client_remark()
            at = progress.decided.moment
        else:
            label = "To do" if is_todo else "Internal"
            content = self._remark(piece, task)
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
            self._answer(note, at, task.worker)

    def _remark_on(self, made: Published, progress: Progress) -> None:
        """Say on a version why its task has to be revised."""
        frame = self._frame(made.piece)
        content = self._remark(made.piece, made.task, frame)
        at = progress.decided.moment
        note = self._note(
            made.id,
            "AssetVersion",
            content,
            at,
            names.SUPERVISOR,
            (made.task.worker, names.COORDINATOR),
        )
        # Reviewers count the frames of the media, which begin with 0.
        note["frame_number"] = frame - FIRST_FRAME if made.piece.frames else None
        self._label(note, "Internal")
        self._answer(note, at, made.task.worker)

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
        self._address(note, (author, *recipients))
        return note

    def _answer(self, note: JSONObject, asked: int, author: str) -> None:
        """Answer a note the next morning; the thread is as old as its last note."""
        at = moment(day_of(asked) + 1, 9) + self._rows.random.randrange(5, 55)
        if at > NOW:
            return
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
        self._address(reply, (author, names.SUPERVISOR))

    def _address(self, note: JSONObject, usernames: Sequence[str]) -> None:
        for username in dict.fromkeys(usernames):
            self._rows.add(
                "Recipient", note_id=note["id"], resource_id=user_id(username)
            )

    def _label(self, note: JSONObject, label: str) -> None:
        self._rows.add("NoteLabelLink", note_id=note["id"], label_id=_LABEL_IDS[label])

    def _client_remark(self) -> str:
        return self._rows.random.choice(texts.CLIENT_REMARKS)

    def _frame(self, piece: Piece) -> int:
        return FIRST_FRAME + self._rows.random.randrange(max(piece.frames, 1))

    def _remark(self, piece: Piece, task: Planned, frame: int | None = None) -> str:
        remark = self._rows.random.choice(texts.REMARKS[task.kind.department])
        return remark.format(frame=frame or self._frame(piece))
