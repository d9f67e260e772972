# ruff: noqa
# fmt: off
"""Mistakes in revisions that both checkers report."""

from datetime import datetime

from ftrack_models import Note, Shot, Status, Task, TypedContext
from ftrack_orm import Session
from ftrack_orm.migrations import Index, Plan, Planner, Revision, Values, make_plan

Revision("20261126_0000", "mistakes", accepts=["everything"])  # E
Revision("20261126_0000", "mistakes", needs=[3])  # E
Revision("20261126_0000")  # E
Revision(20261126, "mistakes")  # E


def up(plan: Planner) -> None:
    numbers = plan.values("cut_no", of=Shot, kind=float)
    codes = plan.values("cut_code", of=Shot, kind=str)
    for shot, number in numbers.stored(plan.select(Shot)):
        codes.set(shot, number)  # E
        codes.set(shot.id, "0012")  # E
        number.upper()  # E
    for shot, code in codes.effective(Shot):  # E
        pass
    dates: Values[datetime] = plan.values("due", of=Shot, kind=float)  # E
    for task in plan.each(plan.select(Task).where(Task.bid == "long")):  # E
        task.bid = "long"  # E
        task.stauts = plan.find(Status, Status.name == "x")  # E
        task.status = plan.find(Task, Task.name == "x")  # E
        task.time_logged = 3.0  # E
    for note in plan.each(Note):  # E
        pass
    for note in plan.each(plan.select(Note), page="all"):  # E
        pass
    tasks = plan.index(plan.select(Task), Task.parent_id, Task.name)
    tasks.ensure(Shot(name="anim"))  # E
    tasks.get("anim")  # E
    tasks.get(("anim",))  # E
    wrong: Index[str, Shot] = plan.index(plan.select(Task), Task.name)  # E
    plan.index(plan.select(Task), Task.parent_id, Task.name, Task.bid)  # E
    plan.effect(print_number, "x")  # E
    plan.effect(print_number)  # E
    plan.effect(print_number, nubmer=3.0)  # E
    plan.effect(needs_result, 3)  # E
    copy: Task = plan.copy(plan.find(Shot, Shot.name == "x"))  # E
    plan.copy(plan.find(Shot, Shot.name == "x"), leave_out=["status_id"])  # E
    plan.find(Task, "animation")  # E
    plan.remove(Task)  # E
    plan.skip(plan.find(Task, Task.name == "x"))  # E
    with plan.unit:  # E
        pass
    plan.session = None  # E


def print_number(number: float) -> None:
    print(number)


def needs_result(number: int) -> str:
    return str(number)


def rename(plan: Planner, name: str, *, count: int = 1) -> None:
    plan.find(TypedContext, TypedContext.name == name)


def call(session: Session) -> None:
    made: Plan = make_plan(session, rename, 3)  # E
    made = make_plan(session, rename, "x", cuont=2)  # E
    made = make_plan(session, rename)  # E
    made = make_plan(up, session)  # E
    made = make_plan(session, print_number)  # E
    made.save("a.plan")  # E
    made.digest = "x"  # E
    made.changes.upper()  # E
