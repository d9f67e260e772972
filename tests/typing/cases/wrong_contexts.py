# ruff: noqa
# fmt: off
"""Object types decide whether a context has a type, a status and a priority."""

from ftrack_models import Folder, Image, Sequence, Shot, Status, Task, Type, TypedContext
from ftrack_orm import Session


def read(context: TypedContext, sequence: Sequence, shot: Shot, folder: Folder, image: Image) -> None:
    context.status.name  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    context.type.name  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    context.priority.name  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    sequence.status.name  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    sequence.type.name  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    folder.status.state.short  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    shot.type.name  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    image.priority.name  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    a: str = sequence.status_id  # E: mypy[assignment] pyright[reportAssignmentType]
    b: str = context.type_id  # E: mypy[assignment] pyright[reportAssignmentType]


def written(task: Task, shot: Shot, sequence: Sequence, status: Status, kind: Type) -> None:
    task.status = None  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    task.type = None  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    shot.status = None  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    shot.status = kind  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    sequence.status_id = status.id  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    shot.type_id = kind.id  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
    Sequence(name="010", parent=shot, status=status)  # E: mypy[call-arg] pyright[reportCallIssue]
    Shot(name="010", parent=sequence, type=kind)  # E: mypy[call-arg] pyright[reportCallIssue]


def of_values(session: Session) -> None:
    for (name,) in session.select(Shot).values(Shot.type.name.or_none):
        name.upper()  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    a: list[tuple[str]] = session.select(Shot).values(Shot.type.name.or_none)  # E: mypy[arg-type] pyright[reportAssignmentType]
    session.select(Shot).values(Shot.type.or_none)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.select(Shot).values(Shot.type.name.or_nothing)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
