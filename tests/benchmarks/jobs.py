"""Run the eight jobs of studios with migrations and as scripts of the official client.

::

    python -m tests.benchmarks.jobs [SHOTS]

Each job runs three times on one emulator, which is put back before each run: as it is,
and killed after half of its requests and run again. The table has the requests, the
lines of the program, and the rows that the second run left over or lost.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.call_log import LoggedCall
from ftrack_orm.migrations import apply, make_plan, resume
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.lock import read_history
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.probes import initialize
from tests.benchmarks.job_cases import JOBS, Job, demo
from tests.benchmarks.peers import ServerError
from tests.support.cut_transport import CutTransport, Killed
from tests.support.migration_plans import connect, content, fast_options
from tests.support.official_client import connect as connect_official

SHOTS: Final = 100

_ID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@dataclass
class Figures:
    """The figures of one way to do a job.

    Attributes:
        requests: of the run that is not interrupted.
        lines: of the program, without blank lines and comments.
        extra: rows that an interrupted and repeated run has in excess.
        lost: rows that it lacks.
        again: operations that a further run writes.
    """

    requests: int
    lines: int
    extra: int
    lost: int
    again: int


@dataclass
class Bench:
    """An emulator with a production, and the state to return to.

    Attributes:
        emulator: the server, over HTTP for the official client.
        snapshot: its state before any job.
        folder: a folder for files.
    """

    emulator: Emulator
    snapshot: bytes
    folder: Path

    def reset(self, job: Job) -> dict[str, Any]:
        """Put the server back, prepare the job and return its parameters."""
        self.emulator.restore(self.snapshot)
        with connect(self.emulator) as session:
            parameters = job.prepare(session, self.folder)
        self.emulator.call_log.clear()
        return parameters

    def written(self, *, fenced: bool) -> list[int]:
        """Return how many operations of each request write, but for metadata.

        Args:
            fenced: count the chunks of runs alone, not the upload of a plan.
        """
        return [
            sum(each["entity_type"] != "Metadata" for each in writes)
            if not fenced or any(each["entity_type"] == "Metadata" for each in writes)
            else 0
            for writes in map(_writes, self.emulator.call_log.calls)
        ]

    def rows(self, known: set[str]) -> Counter[str]:
        """Return the rows; ids that are not known do not count."""
        return Counter(
            _ID.sub(lambda match: _named(match[0], known), line)
            for line in content(self.emulator)
            if not json.loads(line)["__entity_type__"].endswith("StatusChange")
        )

    def ids(self) -> set[str]:
        """Return all ids in the rows."""
        return set(_ID.findall("\n".join(content(self.emulator))))


def _writes(call: LoggedCall) -> list[Any]:
    writing = ("create", "update", "delete")
    return [each for each in call.operations if each["action"] in writing]


def _named(identifier: str, known: set[str]) -> str:
    return identifier if identifier in known else "new"


# -- ours ------------------------------------------------------------------------------


def run_ours(bench: Bench, job: Job, session: Session, parameters: Any) -> None:
    """Plan and apply the job; or continue it, where a run was interrupted."""
    if job.configure is not None:
        job.configure(session, **parameters)
        return
    plans = bench.folder / "plans"
    path = plans / f"{len(list(plans.glob('*')))}.plan"
    planned = make_plan(session, job.ours().up, **parameters)
    with planned as plan:
        if not plan.changes:
            return
        plan.save(path)
    with Plan.open(path) as plan:
        apply(session, plan, options=fast_options(upload=True))


def resume_ours(bench: Bench, job: Job, parameters: Any) -> None:
    """Do what a person does after a kill: resume if a run began, else start again."""
    with connect(bench.emulator) as session:
        if read_history(RunClient(session)).lock is not None:
            options = fast_options(upload=True)
            plans = bench.folder / "plans"
            resume(session, folder=plans, by_force=True, options=options)
            if job.configure is None:
                return
        run_ours(bench, job, session, parameters)


def measure_ours(bench: Bench, job: Job) -> Figures:
    """Return the figures of the job as a migration."""
    parameters = bench.reset(job)
    known = bench.ids()
    with connect(bench.emulator) as session:
        run_ours(bench, job, session, parameters)
    requests = len(bench.emulator.call_log)
    writing = [
        number for number, count in enumerate(bench.written(fenced=True), 1) if count
    ]
    kill = writing[(len(writing) - 1) // 2]
    whole = bench.rows(known)
    bench.emulator.call_log.clear()
    if job.is_repeatable:
        with connect(bench.emulator) as session:
            run_ours(bench, job, session, parameters)
    again = sum(bench.written(fenced=True))
    parameters = bench.reset(job)
    cut = CutTransport(bench.emulator.transport(), kill, "after")
    try:
        run_ours(bench, job, connect(bench.emulator, cut), parameters)
    except Killed:
        resume_ours(bench, job, parameters)
    after = bench.rows(known)
    return Figures(requests, job.our_lines, *_differences(whole, after), again=again)


# -- the official client ---------------------------------------------------------------


class Cut:
    """Counts the requests of an official session that write, and ends it at one."""

    def __init__(self, session: Any, number: int | None) -> None:
        self.count = 0
        self._call: Callable[[Any], Any] = session.call
        self._number = number
        session.call = self

    def __call__(self, batch: Any) -> Any:
        """Send a batch."""
        results = self._call(batch)
        if any(each["action"] in ("create", "update", "delete") for each in batch):
            self.count += 1
            if self.count == self._number:
                raise Killed
        return results


def run_official(bench: Bench, job: Job, parameters: Any, kill: int | None) -> int:
    """Run the script in a new session; return its requests that write."""
    session = connect_official(bench.emulator, bench.folder)
    bench.emulator.call_log.clear()
    cut = Cut(session, kill)
    try:
        job.official(session, **parameters)
    finally:
        session.close()
    return cut.count


def measure_official(bench: Bench, job: Job) -> Figures:
    """Return the figures of the job as a script."""
    parameters = bench.reset(job)
    known = bench.ids()
    writes = run_official(bench, job, parameters, None)
    requests = len(bench.emulator.call_log)
    whole = bench.rows(known)
    again = 0
    if job.is_repeatable:
        run_official(bench, job, parameters, None)
        again = sum(bench.written(fenced=False))
    parameters = bench.reset(job)
    try:
        run_official(bench, job, parameters, max(1, writes // 2))
    except Killed:
        # The server may refuse a script that starts again: what is lost stays lost.
        with suppress(ServerError):
            run_official(bench, job, parameters, None)
    after = bench.rows(known)
    return Figures(
        requests, job.official_lines, *_differences(whole, after), again=again
    )


def _differences(whole: Counter[str], after: Counter[str]) -> tuple[int, int]:
    """Return the numbers of rows in excess and of rows that are lost."""
    return (after - whole).total(), (whole - after).total()


def measure(shots: int = SHOTS) -> dict[str, tuple[Figures, Figures]]:
    """Return the figures of each job: ours, and the official client's."""
    figures = {}
    with demo(shots) as emulator, tempfile.TemporaryDirectory() as folder:
        initialize(RunClient(connect(emulator)))
        bench = Bench(emulator, emulator.snapshot(), Path(folder))
        for job in JOBS:
            figures[job.name] = measure_ours(bench, job), measure_official(bench, job)
    return figures


def main(shots: int) -> None:
    """Print the table as Markdown."""
    print("| job | requests | | lines | | in excess | | lost | | again | |")
    for name, (ours, official) in measure(shots).items():
        cells = [
            f"{ours.requests:,} | {official.requests:,}",
            f"{ours.lines} | {official.lines}",
            f"{ours.extra:,} | {official.extra:,}",
            f"{ours.lost:,} | {official.lost:,}",
            f"{ours.again:,} | {official.again:,}",
        ]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SHOTS)
