"""The emulator on a production and on one of ten times its size.

``python -m tests.benchmarks.emulator [--quick]``. Each emulator runs in a process of
its own; the two are asked by turns, over HTTP and in process. ``--quick`` takes smaller
productions and a smaller page.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from types import TracebackType
from typing import Final, Self, TypedDict

import requests
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from ftrack_orm.emulator import Credentials, Emulator
from tests.benchmarks.files import peak
from tests.benchmarks.task_page import (
    HITS,
    ask,
    expression_for,
    give_tasks_attributes,
    query,
)
from tests.benchmarks.writes import (
    KINDS,
    MOST_TIMES,
    Kind,
    Targets,
    Writer,
    bodies,
    operations,
    targets_of,
)

REPEATS: Final = 15
FEW_REPEATS: Final = 5
NEW_TASKS: Final = 1_000
TASKS_PER_HIT: Final = 4
"""Tasks that are written to, for each task of the page."""
WRITES: Final = 1_000
MANY_WRITES: Final[dict[Kind, int]] = {"value": 28_000, "create": 10_000}
SMALL_QUERIES: Final = 200
MEBIBYTE: Final = 1024 * 1024
MOST_GROWTH: Final = 0.5
"""How much longer a page may take on ten times as many rows: this share of its time."""

MOST_GROWTH_OF_WRITES: Final = 0.2
"""What two measurements of the same writes differ by on a shared machine."""


class Facts(TypedDict):
    """What a served emulator tells of itself once it is ready."""

    credentials: Credentials
    page: str
    small: str
    seconds: float
    rows: int
    size: int
    peak: int
    targets: Targets


# -- the process that is measured --------------------------------------------------


class Subject:
    """An emulator with a demo, in this process, and what can be done with it."""

    def __init__(self, size: str, hits: int) -> None:
        before = peak(anew=True)
        started = time.perf_counter()
        self.emulator = Emulator(seed="demo", size=size)
        self.seconds = time.perf_counter() - started
        self.peak = peak() - before
        give_tasks_attributes(self.emulator)
        self.page = query(expression_for(self.emulator, hits), hits)
        assert len(ask(self.emulator, self.page)) == hits
        self.small = query('select name from Status where name is "Approved"', 1)
        self._transport = self.emulator.transport()
        self._image = self.emulator.snapshot()
        shots = query('Shot where project.name is "bunny"', 1)
        self._targets = targets_of(self.emulator, hits * TASKS_PER_HIT)
        self._shot_id = str(ask(self.emulator, shots)[0]["id"])

    def facts(self) -> Facts:
        """Return what the measuring process needs."""
        return Facts(
            credentials=self.emulator.credentials,
            page=self.page.decode(),
            small=self.small.decode(),
            seconds=self.seconds,
            rows=self._count_rows(),
            size=len(self._image),
            peak=self.peak,
            targets=self._targets,
        )

    def _count_rows(self) -> int:
        with self.emulator.storage.transaction() as connection:
            return sum(
                connection.execute(
                    sa.select(sa.func.count()).select_from(family.table)
                ).scalar_one()
                for family in self.emulator.storage.tables.families.values()
            )

    def do(self, work: str) -> float:
        """Return how many seconds a piece of work took, done once."""
        done: dict[str, Callable[[], object]] = {
            "page": lambda: self._transport.call(self.page),
            "small": lambda: self._transport.call(self.small),
            "snapshot": self.emulator.snapshot,
            "restore": lambda: self.emulator.restore(self._image),
        }
        if work == "create":
            body = self._creation()
            done[work] = lambda: self._transport.call(body)
        started = time.perf_counter()
        done[work]()
        return time.perf_counter() - started

    def do_writes(self, kind: Kind, size: int) -> float:
        """Return what a write costs relative to bare SQLite, `size` in a request."""
        writer = Writer(self.emulator, self._targets)
        times = writer.times(kind, WRITES, size, REPEATS)
        self.emulator.restore(self._image)
        return times

    def _creation(self) -> bytes:
        """Return a request that creates tasks in one shot."""
        operations = [
            {
                "action": "create",
                "entity_type": "Task",
                "entity_data": {
                    "__entity_type__": "Task",
                    "name": str(uuid.uuid4()),
                    "parent_id": self._shot_id,
                },
            }
            for _ in range(NEW_TASKS)
        ]
        return json.dumps(operations).encode()


def serve(size: str, hits: int) -> None:
    """Serve a demo; do what lines of input say and print how long it took."""
    subject = Subject(size, hits)
    with subject.emulator:
        print(json.dumps(subject.facts()), flush=True)
        for line in sys.stdin:
            work, *details = line.split()
            if details:
                kinds: dict[str, Kind] = {kind: kind for kind in KINDS}
                kind = kinds[work]
                print(subject.do_writes(kind, int(details[0])), flush=True)
            else:
                print(subject.do(work), flush=True)


# -- the process that measures -----------------------------------------------------


class Served:
    """An emulator in another process.

    Attributes:
        facts: what it told when it was ready.
    """

    def __init__(self, size: str, hits: int) -> None:
        module = [sys.executable, "-m", "tests.benchmarks.emulator"]
        self._process = subprocess.Popen(
            [*module, "--serve", size, str(hits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.facts: Facts = json.loads(self._read())
        self._http = requests.Session()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def in_process(self, work: str) -> float:
        """Return the seconds that some work took in the emulator's process.

        For a kind of write and a size, it is the cost relative to bare SQLite.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(f"{work}\n")
        self._process.stdin.flush()
        return float(self._read())

    def over_http(self, body: str) -> float:
        """Return the seconds that a request took over HTTP, its answer not read."""
        credentials = self.facts["credentials"]
        started = time.perf_counter()
        answer = self._http.post(
            f"{credentials['server_url']}/api",
            data=body.encode(),
            headers={
                "ftrack-user": credentials["api_user"],
                "ftrack-api-key": credentials["api_key"],
            },
            timeout=120,
        )
        took = time.perf_counter() - started
        assert answer.content.startswith(b"[")
        return took

    def many_writes(self, kind: Kind, count: int) -> float:
        """Return the seconds of writes over HTTP; they are undone afterwards."""
        sent = bodies(operations(kind, self.facts["targets"], count), WRITES)
        took = sum(self.over_http(body.decode()) for body in sent)
        self.in_process("restore")
        return took


Pair = tuple[float, float]
"""A figure of the smaller and one of the larger emulator."""


def medians(
    both: tuple[Served, Served], repeats: int, work: Callable[[Served], float]
) -> Pair:
    """Return the median time of some work on either emulator, done by turns."""
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(repeats + 1):
        for served, times in list(zip(both, found, strict=True))[:: (-1) ** number]:
            took = work(served)
            if number:  # the first of each finds nothing prepared
                times.append(took)
    return statistics.median(found[0]), statistics.median(found[1])


def create_and_restore(served: Served) -> float:
    """Return the seconds that creating tasks took; they are gone afterwards."""
    took = served.in_process("create")
    served.in_process("restore")
    return took


def many_over_http(served: Served) -> float:
    """Return the seconds of many small queries, one after the other."""
    return sum(served.over_http(served.facts["small"]) for _ in range(SMALL_QUERIES))


def many_in_process(served: Served) -> float:
    """Return the seconds of many small queries in the emulator's process."""
    return sum(served.in_process("small") for _ in range(SMALL_QUERIES))


def start_up(*arguments: str) -> float:
    """Return the seconds from starting the command until it says that it serves."""
    code = "from ftrack_orm.cli.main import main; main()"
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code, "emulator", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while not (line := process.stdout.readline()).startswith("Serving"):
        assert line, "the command ended early"
    took = time.perf_counter() - started
    process.terminate()
    process.communicate(timeout=30)
    return took


class Report:
    """Rows of the table: what, on the smaller, on the larger, how it grew, budget."""

    def __init__(self, sizes: tuple[str, str]) -> None:
        self.table = Table("what", *sizes, "growth", "budget", title="The emulator")

    def add(self, what: str, shown: tuple[str, str], growth: str = "") -> None:
        """Add a row."""
        self.table.add_row(what, *shown, growth)

    def add_times(self, what: str, pair: Pair, budget: float | None = None) -> None:
        """Add a row of seconds, and whether they grew by less than a budget."""
        grown = pair[1] / pair[0] - 1
        said = ""
        if budget is not None:
            said = f"{budget:.0%}: {'met' if grown < budget else 'NOT MET'}"
        shown = (f"{pair[0] * 1e3:,.1f} ms", f"{pair[1] * 1e3:,.1f} ms")
        self.table.add_row(what, *shown, f"{grown:+.0%}", said)


def report_requests(report: Report, both: tuple[Served, Served], hits: int) -> bool:
    """Add what requests take; return whether pages grow no more than they may."""
    http = medians(both, REPEATS, lambda each: each.over_http(each.facts["page"]))
    inside = medians(both, REPEATS, lambda each: each.in_process("page"))
    report.add_times(f"page of {hits} tasks, over HTTP", http, MOST_GROWTH)
    report.add_times(f"page of {hits} tasks, in process", inside, MOST_GROWTH)
    created = medians(both, FEW_REPEATS, create_and_restore)
    report.add_times("create 1,000 tasks in one request", created)
    for what, work in (("over HTTP", many_over_http), ("in process", many_in_process)):
        pair = medians(both, FEW_REPEATS, work)
        shown = [f"{SMALL_QUERIES / each:,.0f}/s" for each in pair]
        report.add(f"small queries, {what}", (shown[0], shown[1]))
    return max(http[1] / http[0], inside[1] / inside[0]) < 1 + MOST_GROWTH


def report_writes(report: Report, both: tuple[Served, Served]) -> bool:
    """Add what writes cost; return whether they meet their budgets."""
    is_met = True
    names: dict[Kind, str] = {
        "update": "update an attribute",
        "value": "update a custom attribute value",
        "create": "create a task",
    }
    for size, ending in ((WRITES, "in a batch"), (1, "in a request")):
        for kind in KINDS:
            first, second = (each.in_process(f"{kind} {size}") for each in both)
            budget = MOST_TIMES[kind]
            grown = second / first - 1
            met = max(first, second) <= budget and grown < MOST_GROWTH_OF_WRITES
            is_met = is_met and (met or size == 1)
            report.table.add_row(
                f"{names[kind]}, {ending}, times bare SQLite",
                f"{first:.1f}x",
                f"{second:.1f}x",
                f"{grown:+.0%}",
                f"{budget}x: {'met' if met else 'NOT MET'}" if size > 1 else "",
            )
    for kind, count in MANY_WRITES.items():
        pair = tuple(each.many_writes(kind, count) for each in both)
        report.add(
            f"{names[kind]}, {count:,} over HTTP, {WRITES:,} in a request",
            (f"{pair[0]:,.1f} s", f"{pair[1]:,.1f} s"),
            f"{pair[1] / pair[0] - 1:+.0%}",
        )
    return is_met


def report_whole(report: Report, both: tuple[Served, Served]) -> None:
    """Add what the whole of the data takes: time, memory, size."""
    for work in ("snapshot", "restore"):
        do = partial(Served.in_process, work=work)
        report.add_times(work, medians(both, FEW_REPEATS, do))
    first, second = (each.facts for each in both)
    report.add_times("plant the demo", (first["seconds"], second["seconds"]))
    report.add("rows", (f"{first['rows']:,}", f"{second['rows']:,}"))
    report.add("database", (_size(first["size"]), _size(second["size"])))
    report.add("peak memory of planting", (_size(first["peak"]), _size(second["peak"])))
    report.add(
        "… for each row",
        tuple(f"{each['peak'] / each['rows']:,.0f} B" for each in (first, second)),  # type: ignore[arg-type] # two of them
    )


def report_start(report: Report, sizes: tuple[str, str]) -> None:
    """Add how long the command takes until it serves."""
    standard = statistics.median(start_up() for _ in range(FEW_REPEATS))
    demo = statistics.median(start_up("--seed", "demo") for _ in range(FEW_REPEATS))
    report.add("start the command, --seed standard", (f"{standard:.2f} s", ""))
    report.add("start the command, --seed demo", (f"{demo:.2f} s", ""))
    sized = [start_up("--seed", "demo", "--size", size) for size in sizes]
    report.add("… --size", (f"{sized[0]:.2f} s", f"{sized[1]:.2f} s"))


def _size(count: float) -> str:
    return f"{count / MEBIBYTE:,.1f} MiB"


def main(arguments: list[str]) -> int:
    """Print the figures; return 1 when a budget is not met."""
    if arguments[:1] == ["--serve"]:
        serve(arguments[1], int(arguments[2]))
        return 0
    sizes, hits = ("medium", "large"), HITS
    if "--quick" in arguments:
        sizes, hits = ("small", "medium"), HITS // 25
    report = Report(sizes)
    with Served(sizes[0], hits) as smaller, Served(sizes[1], hits) as larger:
        both = smaller, larger
        is_met = report_requests(report, both, hits)
        is_met = report_writes(report, both) and is_met
        report_whole(report, both)
    report_start(report, sizes)
    console = Console(width=130)
    console.print(report.table)
    console.print(
        f"{os.cpu_count()} processors, Python {platform.python_version()}, SQLite "
        f"{sqlite3.sqlite_version}, SQLAlchemy {version('sqlalchemy')}"
    )
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
