"""A morning of pipeline work, on an embedded server. Run it with `make demo`.

It starts an ftrack server in this process, generates models from that server's schema
and compares them with the committed ones, edits a production through them, and reads
the results in a second session. A migration is killed half way, resumed and undone. Its
exit status is 1 if any expectation is not met.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from rich.console import Console
from rich.table import Table

from ftrack_models import Appointment, AssetVersion, Shot, Status, Task, User, registry
from ftrack_orm import FlushPlan, NoResultError, Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations import (
    Plan,
    Planner,
    RunOptions,
    apply,
    make_plan,
    plan_undo,
    resume,
)

Finished: TypeAlias = subprocess.CompletedProcess[str]

console = Console(highlight=False)
REVIEWER = "anna"
REVIEW_KEY = "reviewed_by"
COMMITTED_MODELS = Path(__file__).parents[2] / "generated" / "ftrack_models"


class Checks:
    """The expectations that were checked, and whether each was met."""

    def __init__(self) -> None:
        self.results: list[tuple[str, bool]] = []

    def expect(self, expectation: str, is_met: bool) -> None:
        """Record one expectation."""
        self.results.append((expectation, is_met))

    def report(self) -> int:
        """Print every expectation; return the exit status."""
        table = Table(title="Expectations", title_justify="left")
        table.add_column("expectation")
        table.add_column("met")
        for expectation, is_met in self.results:
            table.add_row(expectation, "[green]yes[/]" if is_met else "[bold red]NO[/]")
        console.print(table)
        return 0 if all(is_met for _, is_met in self.results) else 1


def heading(text: str) -> None:
    """Print the title of a part."""
    console.print(f"\n[bold]{text}[/]")


def compare_models(emulator: Emulator, checks: Checks) -> None:
    """Generate models from the server's schema; compare them with the committed."""
    heading("1. Models from the server's schema")
    with tempfile.TemporaryDirectory() as folder:
        written = ftrack_orm("generate", "--output", folder, emulator=emulator)
    committed = str(COMMITTED_MODELS.parent)
    compared = ftrack_orm(
        "generate", "--output", committed, "--check", "--stock", emulator=emulator
    )
    schema = registry.schema()
    attributes = sum(len(entity_type.attributes) for entity_type in schema)
    console.print(
        f"{len(schema)} entity types with {attributes:,} attributes are committed."
    )
    checks.expect("models can be generated", written.returncode == 0)
    checks.expect("generated models equal the committed ones", compared.returncode == 0)
    checks.expect("the server's schema has no problems", not compared.stderr)


def ftrack_orm(*arguments: str, emulator: Emulator) -> Finished:
    """Run the command ``ftrack-orm`` for the emulator's server."""
    return run("-m", "ftrack_orm", *arguments, emulator=emulator)


def run(*arguments: str, emulator: Emulator) -> Finished:
    """Run Python in another process, with the emulator's server in its environment."""
    credentials = emulator.credentials
    return subprocess.run(  # noqa: S603 # the arguments are this file's
        [sys.executable, *arguments],
        env={
            **os.environ,
            "FTRACK_SERVER": credentials["server_url"],
            "FTRACK_API_USER": credentials["api_user"],
            "FTRACK_API_KEY": credentials["api_key"],
        },
        capture_output=True,
        text=True,
        check=False,
    )


def show_overdue(session: Session) -> list[Task]:
    """Query a reviewer's open tasks, across relations, in one request."""
    heading("2. A query across relations")
    before = session.requests
    overdue = (
        session.select(Task)
        .where(
            Task.project.name == "bunny",
            Task.status.state.short != "DONE",
            Task.assignments.any(Appointment.resource.as_(User).username == REVIEWER),
        )
        .order_by(Task.end_date.desc(), Task.name)
        .load(Task.status, Task.parent)
        .limit(200)
        .all()
    )
    table = Table("shot", "task", "status", "ends", "bid")
    for task in overdue[:8]:
        table.add_row(
            task.parent.name if task.parent else "-",
            task.name,
            task.status.name,
            f"{task.end_date:%Y-%m-%d}" if task.end_date else "-",
            f"{task.bid / 3600:.0f} h",
        )
    console.print(table)
    console.print(
        f"{len(overdue)} tasks of {REVIEWER}, {session.requests - before} request(s)."
    )
    return overdue


def walk(session: Session, checks: Checks) -> None:
    """Read relations that were not loaded, and count the requests."""
    heading("3. A loop that reads unloaded attributes")
    before = session.requests
    tasks = session.select(Task).where(Task.project.name == "bunny").all()
    by_state: dict[str, int] = {}
    for task in tasks:
        state = task.status.state.short
        by_state[state] = by_state.get(state, 0) + 1
        if task.parent is not None:
            _ = (task.parent.name, task.priority.name)
    cost = session.requests - before
    counted = ", ".join(f"{name} {count}" for name, count in sorted(by_state.items()))
    console.print(f"{counted}.")
    console.print(
        f"{len(tasks)} tasks, five attributes of four relations each: "
        f"[bold]{cost} requests[/]."
    )
    checks.expect(
        f"the loop over {len(tasks)} tasks took at most 6 requests", cost <= 6
    )


def edit(session: Session, tasks: list[Task]) -> tuple[FlushPlan, Task]:
    """Change, add and remove entities, show the plan and commit it."""
    heading("4. Edits, a plan, a commit")
    approved = session.select(Status).where(Status.name == "Approved").one()
    for task in tasks[:3]:
        task.status = approved
        task.metadata[REVIEW_KEY] = REVIEWER
    shot = session.select(Shot).order_by(Shot.name).first()
    if shot is None:
        raise NoResultError("Shot")
    final = Task(name="final check", parent=shot, bid=3 * 3600)
    session.add(final)
    session.remove(tasks[3])
    plan = session.plan()
    console.print(str(plan), markup=False)
    before = session.requests
    session.commit(expect=plan)
    console.print(
        f"{len(plan)} operations, {session.requests - before} request, all or nothing."
    )
    return plan, final


def verify(
    session: Session, tasks: list[Task], added: Task, plan: FlushPlan, checks: Checks
) -> None:
    """Check the commit in a session that has loaded none of these entities."""
    heading("5. A second session")
    for task in tasks[:3]:
        read = session.get(Task, task.id)
        name = f"{task.parent.name if task.parent else '-'} {task.name}"
        checks.expect(
            f"{name} is Approved", read is not None and read.status.name == "Approved"
        )
        checks.expect(
            f"{name} has its reviewer in the metadata",
            read is not None and read.metadata.get(REVIEW_KEY) == REVIEWER,
        )
    created = session.get(Task, added.id)
    checks.expect(
        "the new task exists under its shot",
        created is not None
        and created.bid == 3 * 3600
        and created.parent is not None
        and created.parent == added.parent,
    )
    checks.expect(
        "the server gave it a status from the project's workflow",
        created is not None and created.status.name == "Not started",
    )
    checks.expect(
        "the removed task does not exist", session.get(Task, tasks[3].id) is None
    )
    rows = (
        session.select(Task)
        .where(Task.metadata[REVIEW_KEY] == REVIEWER)
        .values(Task.name, Task.status.name, Task.bid)
    )
    checks.expect(
        "a query by metadata finds the three reviewed tasks and no other",
        sorted(name for name, _, _ in rows) == sorted(task.name for task in tasks[:3]),
    )
    checks.expect("every change was one operation", len(plan) == 8)


def carry_a_file(session: Session, other: Session, checks: Checks) -> None:
    """Upload a file in parts, find its component by search, download it again."""
    heading("6. An upload and a download")
    version = session.select(AssetVersion).first()
    with tempfile.TemporaryDirectory() as folder:
        plate, copy = Path(folder, "plate.mov"), Path(folder, "copy.mov")
        plate.write_bytes(bytes(range(256)) * (80 * 1024))
        component, _, upload = session.create_component(
            plate, data={"version": version}
        )
        shot = session.select(Shot).order_by(Shot.name).first()
        task = session.ensure(Task, {"name": "review plate", "parent": shot})
        found = other.search(Task, "review plate").data
        other.download_component(component.data, copy)
        megabytes = copy.stat().st_size / 1e6
        console.print(
            f"Uploaded {megabytes:.0f} MB in {len(upload.urls)} parts, downloaded them."
        )
        checks.expect(
            "the downloaded file equals the original",
            copy.read_bytes() == plate.read_bytes(),
        )
    checks.expect(
        "a search finds the ensured task", [match.id for match in found] == [task.id]
    )


# -- a migration -----------------------------------------------------------------------


def up(plan: Planner) -> None:
    """Raise the bid of every open task by a tenth, and note it in its description."""
    tasks = plan.select(Task).where(
        Task.project.name == "bunny", Task.status.state.short != "DONE"
    )
    for task in plan.each(tasks):
        task.bid = round(task.bid * 1.1)
        task.description = f"{task.description} Bid of November.".strip()


def kill_after(number: int, event: Mapping[str, Any]) -> None:
    """Kill this process when a number of units are applied."""
    if event["event"] == "chunk" and event["upto"] >= number:
        os.kill(os.getpid(), signal.SIGKILL if os.name == "posix" else signal.SIGTERM)


def apply_and_die() -> None:
    """Apply the plan of the arguments, and be killed half way; the child process."""
    with Session() as session, Plan.open(Path(sys.argv[2])) as plan:
        half = partial(kill_after, plan.unit_count // 2)
        apply(session, plan, options=RunOptions(chunk=20, load=1.0, on_event=half))


def migrate(emulator: Emulator, checks: Checks) -> None:
    """Plan a change of all open tasks, have it killed, resume and undo it."""
    heading("7. A migration, killed half way")
    credentials = emulator.credentials
    with tempfile.TemporaryDirectory() as folder, Session(**credentials) as session:
        ftrack_orm("migrate", "init", "--yes", emulator=emulator)
        before = bids(session)
        path = Path(folder, "bids.plan")
        with make_plan(session, up) as plan:
            console.print(f"{plan.changes} changes of {plan.unit_count} tasks planned.")
            plan.save(path)
            count = plan.unit_count
        killed = run(__file__, "--die", str(path), emulator=emulator)
        done = changed(before, bids(session))
        console.print(f"Killed (exit status {killed.returncode}): {done} are changed.")
        options = RunOptions(load=1.0)
        outcome = resume(session, folder=Path(folder), by_force=True, options=options)
        resumed = changed(before, bids(session))
        console.print(f"Resumed in {outcome.requests} requests: {resumed} are changed.")
        with plan_undo(session, outcome.run, folder=Path(folder)) as reverse:
            apply(session, reverse, options=options)
        undone = changed(before, bids(session))
        console.print(f"Undone: {undone} are changed.")
    checks.expect("a migration was killed half way", 0 < done < count)
    checks.expect("resumed, it changed every open task once", resumed == count)
    checks.expect("undone, every task is as before", undone == 0)


def bids(session: Session) -> dict[str, tuple[float, str | None]]:
    """Return bid and description of every task, as the server has them now."""
    rows = session.select(Task).values(Task.id, Task.bid, Task.description)
    return {identifier: (bid, text) for identifier, bid, text in rows}


def changed(before: Mapping[str, object], now: Mapping[str, object]) -> int:
    """Return the number of tasks that differ."""
    return sum(before[identifier] != now[identifier] for identifier in before)


def main() -> int:
    """Run every part; return the exit status."""
    started = time.perf_counter()
    checks = Checks()
    with Emulator(seed="demo") as emulator:
        console.print(f"A server with a production runs at {emulator.server_url}.")
        compare_models(emulator, checks)
        with Session(**emulator.credentials) as session:
            tasks = show_overdue(session)
            walk(session, checks)
            plan, added = edit(session, tasks)
            with Session(**emulator.credentials) as second:
                verify(second, tasks, added, plan, checks)
                carry_a_file(session, second, checks)
        migrate(emulator, checks)
    status = checks.report()
    took = time.perf_counter() - started
    console.print(
        f"{'All expectations are met' if status == 0 else 'FAILED'}, {took:.1f} s."
    )
    return status


if __name__ == "__main__":
    if sys.argv[1:2] == ["--die"]:
        apply_and_die()
    sys.exit(main())
