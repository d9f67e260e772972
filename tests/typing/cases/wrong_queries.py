# ruff: noqa
# fmt: off
"""Conditions: values of the wrong type, and what is no condition."""

from datetime import datetime

from ftrack_orm import Criterion, Session
from ftrack_models import (
    Appointment, Job, Note, Project, Shot, Status, Task, TypedContextLink, User,
)

now = datetime.now()


def compared_with_another_type(session: Session, status: Status) -> None:
    select = session.select(Task)
    select.where(Task.name == 3)  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where(Task.name != 3)  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where(Task.name == now)  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where(Task.name == b"lighting")  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where(Task.bid == "3h")  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where(Task.start_date == "2026-01-01")  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where(Task.start_date > "2026-01-01")  # E: mypy[operator] pyright[reportOperatorIssue]
    select.where(Task.bid > "3h")  # E: mypy[operator] pyright[reportOperatorIssue]
    select.where(Task.bid <= now)  # E: mypy[operator] pyright[reportOperatorIssue]
    select.where(Task.name < 3)  # E: mypy[operator] pyright[reportOperatorIssue]
    select.where(Task.bid >= None)  # E: mypy[operator] pyright[reportOperatorIssue]
    select.where(Task.status.state.short == 3)  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where(Task.project.name == status)  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where(Task.name == Task.bid)  # E: mypy[operator] pyright[reportOperatorIssue]
    select.where(Task.name == Task.status.name)  # E: mypy[operator] pyright[reportOperatorIssue]
    select.where(Task.created_at == "2026-01-01")  # E: mypy[arg-type] pyright[reportArgumentType]
    session.select(Status).where(Status.is_active == "yes")  # E: mypy[arg-type] pyright[reportArgumentType]
    session.select(Job).where(Job.status == "waiting")  # E: mypy[arg-type] pyright[reportArgumentType]
    session.select(Job).where(Job.status != "waiting")  # E: mypy[arg-type] pyright[reportArgumentType]
    session.select(TypedContextLink).where(TypedContextLink.type == "start-to-start")  # E: mypy[arg-type] pyright[reportArgumentType]


def a_link_compared(session: Session, status: Status) -> None:
    select = session.select(Task)
    select.where(Task.status == status)  # E: mypy[arg-type, comparison-overlap] pyright[reportArgumentType]
    select.where(Task.status != status)  # E: mypy[arg-type, comparison-overlap] pyright[reportArgumentType]
    select.where(Task.status == "Approved")  # E: mypy[arg-type, comparison-overlap] pyright[reportArgumentType]
    select.where(Task.parent == None)  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where(Task.notes == [])  # E: mypy[arg-type, comparison-overlap] pyright[reportArgumentType]
    select.where(Task.parent is None)  # E: mypy[arg-type] pyright[reportArgumentType]


def no_condition(session: Session) -> None:
    select = session.select(Task)
    select.where(True)  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where("name is lighting")  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where(Task.name)  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where(Task.status)  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where(Task.notes)  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where(Task.name.desc())  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where(None)  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where([Task.name == "lighting"])  # E: mypy[arg-type] pyright[reportArgumentType]
    select.where(name="lighting")  # E: mypy[call-arg] pyright[reportCallIssue]
    select.where(not Task.name == "lighting")  # E: mypy[arg-type, truthy-bool] pyright[reportArgumentType, reportGeneralTypeIssues]
    select.where("lighting" in Task.name)  # E: mypy[arg-type, operator] pyright[reportArgumentType, reportOperatorIssue]


def lists_and_patterns(session: Session) -> None:
    Task.name.in_([1, 2])  # E: mypy[list-item] pyright[reportArgumentType, reportCallIssue]
    Task.bid.in_(["1", "2"])  # E: mypy[list-item] pyright[reportArgumentType, reportCallIssue]
    Task.name.in_(3)  # E: mypy[call-overload] pyright[reportArgumentType, reportCallIssue]
    Task.name.in_(["a", 3])  # E: mypy[list-item] pyright[reportArgumentType, reportCallIssue]
    Task.name.not_in([now])  # E: mypy[list-item] pyright[reportArgumentType, reportCallIssue]
    Task.start_date.in_(["2026-01-01"])  # E: mypy[list-item] pyright[reportArgumentType, reportCallIssue]
    Job.status.in_(["waiting"])  # E: mypy[list-item] pyright[reportArgumentType, reportCallIssue]
    Task.status.in_(["Approved"])  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.name.like(3)  # E: mypy[arg-type] pyright[reportArgumentType]
    Task.name.like(None)  # E: mypy[arg-type] pyright[reportArgumentType]
    Task.name.startswith("light")  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    Task.bid.like("3%")  # E: mypy[misc] pyright[reportAttributeAccessIssue]
    Status.is_active.not_like("t%")  # E: mypy[misc] pyright[reportAttributeAccessIssue]


def combined() -> None:
    (Task.name == "lighting") & True  # E: mypy[operator] pyright[reportOperatorIssue]
    (Task.name == "lighting") | "comp"  # E: mypy[operator] pyright[reportOperatorIssue]
    (Task.name == "lighting") & Task.name  # E: mypy[operator] pyright[reportOperatorIssue]
    (Task.name == "lighting") & (Task.bid == "3h")  # E: mypy[operator] pyright[reportOperatorIssue]
    ~Task.name  # E: mypy[operator] pyright[reportOperatorIssue]
    -(Task.name == "lighting")  # E: mypy[operator] pyright[reportOperatorIssue]
    Task.name == "lighting" & Task.bid == 3.0  # E: mypy[operator] pyright[reportOperatorIssue]


def truth_of_a_name(bright: Criterion) -> None:
    while bright:  # E: mypy[truthy-bool] pyright[reportGeneralTypeIssues]
        break
    found = 3 if bright else 4  # E: mypy[truthy-bool] pyright[reportGeneralTypeIssues]
    assert Task.notes  # E: mypy[truthy-bool] pyright[reportGeneralTypeIssues]
    assert Task.name  # E: mypy[truthy-bool] pyright[reportGeneralTypeIssues]
    assert not bright  # E: mypy[truthy-bool] pyright[reportGeneralTypeIssues]


def ordering(session: Session) -> None:
    select = session.select(Task)
    select.order_by("name")  # E: mypy[arg-type] pyright[reportArgumentType]
    select.order_by(Task.status)  # E: mypy[arg-type] pyright[reportArgumentType]
    select.order_by(Task.notes)  # E: mypy[arg-type] pyright[reportArgumentType]
    select.order_by(Task.name == "lighting")  # E: mypy[arg-type] pyright[reportArgumentType]
    select.order_by(Task.metadata)  # E: mypy[arg-type] pyright[reportArgumentType]
    select.order_by(Task.status.desc())  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    select.order_by(Task.name.descending())  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    select.order_by(-Task.name)  # E: mypy[operator] pyright[reportOperatorIssue]
    select.limit("200")  # E: mypy[arg-type] pyright[reportArgumentType]
    select.offset(None)  # E: mypy[arg-type] pyright[reportArgumentType]
    select.load("status")  # E: mypy[arg-type] pyright[reportArgumentType]
    select.load(Task.name == "lighting")  # E: mypy[arg-type] pyright[reportArgumentType]
    select.load([Task.status])  # E: mypy[arg-type] pyright[reportArgumentType]
    select.only("name")  # E: mypy[arg-type] pyright[reportArgumentType]
    select.filter(Task.name == "lighting")  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
