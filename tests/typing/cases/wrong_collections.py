# ruff: noqa
# fmt: off
"""Collections and mapped attributes hold one type of member."""

from ftrack_orm import Session
from ftrack_models import Appointment, Note, Status, Task, User


def members(task: Task, note: Note, status: Status) -> None:
    task.notes.append(status)  # E: mypy[arg-type] pyright[reportArgumentType]
    task.notes.append("a note")  # E: mypy[arg-type] pyright[reportArgumentType]
    task.notes.append(None)  # E: mypy[arg-type] pyright[reportArgumentType]
    task.notes.extend([status])  # E: mypy[list-item] pyright[reportArgumentType]
    task.notes.extend(note)  # E: mypy[arg-type] pyright[reportArgumentType]
    task.notes.insert(0, status)  # E: mypy[arg-type] pyright[reportArgumentType]
    task.notes.remove(status)  # E: mypy[arg-type] pyright[reportArgumentType]
    task.notes.replace([status])  # E: mypy[list-item] pyright[reportArgumentType]
    task.notes += [status]  # E: mypy[list-item] pyright[reportAttributeAccessIssue]
    task.notes[0] = status  # E: mypy[call-overload] pyright[reportArgumentType, reportCallIssue]
    task.notes = note  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.notes = [status]  # E: mypy[list-item] pyright[reportAttributeAccessIssue]
    task.notes = None  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.notes = "a note"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.notes[0].nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    task.notes.content  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    for member in task.notes:
        member.contnet  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]


def conditions() -> None:
    Task.notes.any(True)  # E: mypy[arg-type] pyright[reportArgumentType]
    Task.notes.any("a note")  # E: mypy[arg-type] pyright[reportArgumentType]
    Task.notes.any(Note.content == 3)  # E: mypy[arg-type] pyright[reportArgumentType]
    Task.notes.any(Note.contnet == "a note")  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.assignments.any(Appointment.resource.username == "anna")  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.assignments.any(Appointment.resource.as_(User).usernme == "anna")  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.notes.has(Note.content == "a note")  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.status.any(Status.name == "Approved")  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.notes.content  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.notes.each.contnet  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.notes[0]  # E: mypy[index] pyright[reportIndexIssue]


def mapped(task: Task, session: Session) -> None:
    task.metadata["frames"] = 24  # E: mypy[assignment] pyright[reportArgumentType]
    task.metadata["frames"] = None  # E: mypy[assignment] pyright[reportArgumentType]
    task.metadata[24] = "frames"  # E: mypy[index] pyright[reportArgumentType]
    task.metadata[24]  # E: mypy[index] pyright[reportArgumentType]
    task.metadata.update({"frames": 24})  # E: mypy[dict-item] pyright[reportArgumentType, reportCallIssue]
    task.metadata.frames  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    task.custom_attributes["fstart"] = object()  # E: mypy[assignment] pyright[reportArgumentType]
    task.custom_attributes["fstart"] = task  # E: mypy[assignment] pyright[reportArgumentType]
    task.custom_attributes[3] = "x"  # E: mypy[index] pyright[reportArgumentType]
    task.custom_attributes.read("fstart", float).upper()  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.select(Task).where(Task.metadata["frames"] == 24)  # E: mypy[arg-type] pyright[reportArgumentType]
    session.select(Task).where(Task.metadata["frames"] > 24)  # E: mypy[operator] pyright[reportOperatorIssue]
    session.select(Task).where(Task.custom_attributes["fstart"] == object())  # E: mypy[arg-type] pyright[reportArgumentType]
    Task.metadata["frames"].in_([24])  # E: mypy[list-item] pyright[reportArgumentType, reportCallIssue]
    Task.metadata[24]  # E: mypy[index] pyright[reportArgumentType]
    Task.metadata.frames  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
