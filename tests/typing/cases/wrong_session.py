# ruff: noqa
# fmt: off
"""The session's options, its unit of work and its direct operations."""

from ftrack_orm import EntityState, FlushPlan, Session
from ftrack_orm.operations import Create, Query
from ftrack_models import Note, Shot, Status, Task


def options() -> None:
    Session(load="eager")  # E: mypy[arg-type] pyright[reportArgumentType]
    Session(load=None)  # E: mypy[arg-type] pyright[reportArgumentType]
    Session(check_schema="maybe")  # E: mypy[arg-type] pyright[reportArgumentType]
    Session(check_schema=True)  # E: mypy[arg-type] pyright[reportArgumentType]
    Session(timeout="60")  # E: mypy[arg-type] pyright[reportArgumentType]
    Session(page_size="500")  # E: mypy[arg-type] pyright[reportArgumentType]
    Session(3)  # E: mypy[arg-type] pyright[reportArgumentType]
    Session(server="https://studio.example")  # E: mypy[call-arg] pyright[reportCallIssue]
    Session("https://studio.example", "anna", "key", "/api")  # E: mypy[call-arg] pyright[reportCallIssue]
    Session(models=3)  # E: mypy[arg-type] pyright[reportArgumentType]
    Session(transport="http")  # E: mypy[arg-type] pyright[reportArgumentType]
    Session(strict_api="yes")  # E: mypy[arg-type] pyright[reportArgumentType]
    Session(additional_headers={"x": 3})  # E: mypy[dict-item] pyright[reportArgumentType]


def unit_of_work(session: Session, task: Task, plan: FlushPlan) -> None:
    session.add("lighting")  # E: mypy[arg-type] pyright[reportArgumentType]
    session.add(Task)  # E: mypy[arg-type] pyright[reportArgumentType]
    session.add([task])  # E: mypy[arg-type] pyright[reportArgumentType]
    session.add()  # E: mypy[call-arg] pyright[reportCallIssue]
    session.add_all(task)  # E: mypy[arg-type] pyright[reportArgumentType]
    session.add_all(["lighting"])  # E: mypy[list-item] pyright[reportArgumentType]
    session.remove("bad911de")  # E: mypy[arg-type] pyright[reportArgumentType]
    session.remove(None)  # E: mypy[arg-type] pyright[reportArgumentType]
    session.refresh(Task)  # E: mypy[arg-type] pyright[reportArgumentType]
    session.expunge("bad911de")  # E: mypy[arg-type] pyright[reportArgumentType]
    session.commit(plan)
    session.commit(expect=True)  # E: mypy[arg-type] pyright[reportArgumentType]
    session.commit(expect=str(plan))  # E: mypy[arg-type] pyright[reportArgumentType]
    session.load(task, Task.status)  # E: mypy[arg-type] pyright[reportArgumentType]
    session.load([task], "status")  # E: mypy[arg-type] pyright[reportArgumentType]
    session.server_url = "https://studio.example"  # E: mypy[misc] pyright[reportAttributeAccessIssue]
    session.api_user = "anna"  # E: mypy[misc] pyright[reportAttributeAccessIssue]
    a: list[Create] = session.plan()  # E: mypy[assignment] pyright[reportAssignmentType]
    plan.changes = ()  # E: mypy[misc] pyright[reportAttributeAccessIssue]
    plan.operations[0].entity_typ  # E: mypy[union-attr] pyright[reportAttributeAccessIssue]
    session.add(task).name  # E: mypy[attr-defined, func-returns-value] pyright[reportAttributeAccessIssue]


def states(task: Task) -> None:
    EntityState.NEW  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    a: EntityState = "pending"  # E: mypy[assignment] pyright[reportAssignmentType]
    b: str = task.entity_state  # E: mypy[assignment] pyright[reportAssignmentType]
    task.reference.entity_typ  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]


def direct_operations(session: Session, task: Task) -> None:
    session.query(Task)  # E: mypy[call-overload] pyright[reportArgumentType]
    session.query("select id from Task", "Task").data[0].name  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.query("select id from Task").data[0].name  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.query("select id from Task", Task).data[0].nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.query("select id from Task", Task).data.name  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.query("select id from Task", Task).metadata.next.offset + 1  # E: mypy[operator] pyright[reportOptionalOperand]
    session.create(Task)  # E: mypy[call-overload] pyright[reportCallIssue]
    session.create(Task, "lighting")  # E: mypy[call-overload] pyright[reportArgumentType, reportCallIssue]
    session.create(Task, [("name", "lighting")])  # E: mypy[call-overload] pyright[reportArgumentType, reportCallIssue]
    session.create(Task, {"name": "lighting"}).data.nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.create("Task", {"name": "lighting"}).data.name  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.create(3, {"name": "lighting"})  # E: mypy[call-overload] pyright[reportArgumentType, reportCallIssue]
    session.create(Task, {3: "lighting"})  # E: mypy[dict-item] pyright[reportArgumentType, reportCallIssue]
    session.update(Task, {"name": "lighting"})  # E: mypy[call-overload] pyright[reportCallIssue]
    session.update(Task, "bad911de", "lighting")  # E: mypy[call-overload] pyright[reportArgumentType, reportCallIssue]
    session.update(Task, "bad911de", {"name": "lighting"}).data.nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.delete(task)  # E: mypy[arg-type, call-arg] pyright[reportCallIssue]
    session.delete(Task)  # E: mypy[call-arg] pyright[reportCallIssue]
    a: bool = session.delete(Task, "bad911de")  # E: mypy[assignment] pyright[reportAssignmentType]
    session.delete(Task, "bad911de").data.name  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    b: Shot = session.create(Task, {"name": "lighting"}).data  # E: mypy[assignment] pyright[reportAssignmentType]
    session.call(Query("select id from Task"))  # E: mypy[arg-type] pyright[reportArgumentType]
    session.call(["select id from Task"])  # E: mypy[list-item] pyright[reportArgumentType]
    Query(3)  # E: mypy[arg-type] pyright[reportArgumentType]
    Create("Task")  # E: mypy[call-arg] pyright[reportCallIssue]


def other_actions(session: Session, task: Task) -> None:
    session.search(Task)  # E: mypy[call-overload] pyright[reportCallIssue]
    session.search(Task, ["anim"], object_type_ids=3)  # E: mypy[call-overload] pyright[reportArgumentType, reportCallIssue]
    session.search(Task, ["anim"]).data[0].nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.ensure(Task, {"name": "lighting"}).nmae  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    session.ensure(Task, {"name": "lighting"}, 3)  # E: mypy[call-overload] pyright[reportArgumentType, reportCallIssue]
    session.get_schema(3)  # E: mypy[arg-type] pyright[reportArgumentType]
    session.get_schema("Task").primary_key  # E: mypy[union-attr] pyright[reportOptionalMemberAccess]
    session.get_widget_url("infos", task)  # E: mypy[arg-type] pyright[reportArgumentType]
    session.get_widget_url("tasks", theme="blue")  # E: mypy[arg-type] pyright[reportArgumentType]
    session.call([Query("Task")], cancel=True)  # E: mypy[arg-type] pyright[reportArgumentType]
    Session(retry=3)  # E: mypy[arg-type] pyright[reportArgumentType]
