"""``python -m tests.benchmarks [--quick]``: this library beside the official client."""

from __future__ import annotations

import platform
import sys
import warnings
from functools import partial
from importlib.metadata import version
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks.clients import OFFICIAL, OURS
from tests.benchmarks.measures import (
    measure_attributes,
    measure_commit,
    measure_flatness,
    measure_import,
    measure_load,
    measure_requests,
)
from tests.benchmarks.server import Served, serving

LOOP_TASKS = 1000


class Report:
    """Rows of the table: what, ours, the official client's, their ratio, the budget."""

    def __init__(self) -> None:
        self.table = Table(
            "what", "ours", "official", "ratio", "budget", "met", title="Benchmarks"
        )

    def add(
        self,
        what: str,
        ours: str,
        official: str,
        ratio: float | None,
        budget: str,
        met: bool | None,
    ) -> None:
        """Add a row; a ratio is official over ours."""
        shown = "" if ratio is None else f"{ratio:,.1f}x"
        said = "" if met is None else ("yes" if met else "NO")
        self.table.add_row(what, ours, official, shown, budget, said)


def report_load(report: Report, served: Served, count: int, repeats: int) -> None:
    """Add loading and memory."""
    figures = measure_load(served, count, repeats)
    ratio = figures.official / figures.ours
    over = figures.ours / figures.limit
    is_large = count >= 10_000
    report.add(
        f"load {count:,} tasks with relations",
        f"{figures.ours * 1e3:,.0f} ms",
        f"{figures.official * 1e3:,.0f} ms",
        ratio,
        "50x" if is_large else "",
        ratio >= 50 if is_large else None,
    )
    report.add(
        f"… beside receiving and decoding {count:,}",
        f"{over:.2f} of it",
        f"{figures.official / figures.limit:,.0f} of it",
        None,
        "2" if is_large else "",
        over <= 2 if is_large else None,
    )
    report.add(
        f"memory of an entity, {count:,} tasks",
        f"{figures.ours_bytes:,.0f} B",
        f"{figures.official_bytes:,.0f} B",
        figures.official_bytes / figures.ours_bytes,
        "1,000 B",
        figures.ours_bytes <= 1000,
    )


def report_attributes(report: Report, served: Served) -> None:
    """Add reading and setting."""
    limits = {"read": 60.0, "set": 450.0}
    for what, (ours, official) in measure_attributes(served).items():
        report.add(
            f"{what} a loaded attribute",
            f"{ours:.0f} ns",
            f"{official:,.0f} ns",
            official / ours,
            f"{limits[what]:.0f} ns",
            ours <= limits[what],
        )


def report_commit(report: Report, served: Served, count: int) -> None:
    """Add committing, the server's time taken out."""
    ours, ours_set = measure_commit(served, OURS, count, f"ours {count}")
    official, official_set = measure_commit(served, OFFICIAL, count, f"theirs {count}")
    is_large = count >= 10_000
    report.add(
        f"set two fields of {count:,} entities",
        f"{ours_set * 1e3:,.0f} ms",
        f"{official_set * 1e3:,.0f} ms",
        official_set / ours_set,
        "",
        None,
    )
    report.add(
        f"commit {count:,} entities, two fields each",
        f"{ours * 1e3:,.0f} ms",
        f"{official * 1e3:,.0f} ms",
        official / ours,
        "40x" if is_large else "",
        official / ours >= 40 if is_large else None,
    )


def report_import(report: Report, repeats: int) -> None:
    """Add importing, above pydantic and requests."""
    ours = measure_import("from ftrack_models import Task", repeats)
    official = measure_import("import ftrack_api", repeats)
    both = measure_import(
        "from ftrack_models import Task; Task.model_rebuild()", repeats
    )
    report.add(
        "import the models and reach Task",
        f"{ours:.0f} ms",
        f"{official:.0f} ms",
        official / ours,
        "25 ms",
        ours <= 25,
    )
    built = max(both - ours, 0.0)
    report.add("build Task", f"{built:.1f} ms", "", None, "5 ms", built <= 5)


def report_requests(report: Report, served: Served) -> None:
    """Add the two loops."""
    loops: list[tuple[str, Any, int]] = [
        (
            "requests: status.name of 1,000 tasks",
            lambda client, session: client.read_statuses(session, LOOP_TASKS),
            3,
        ),
        (
            "requests: project, sequences, shots, 1,000 tasks",
            lambda client, session: client.walk(session, served.loop_project_id),
            5,
        ),
    ]
    for what, work, limit in loops:
        ours, official = (
            measure_requests(served, client, partial(work, client))
            for client in (OURS, OFFICIAL)
        )
        report.add(
            what, str(ours), f"{official:,}", official / ours, str(limit), ours <= limit
        )


def report_flatness(report: Report, largest: int) -> None:
    """Add the cost of an entity as there are more of them."""
    each = measure_flatness((1000, largest))
    growth = each[largest] / each[1000]
    report.add(
        f"cost of an entity, 1,000 to {largest:,}",
        f"{each[1000]:.1f} to {each[largest]:.1f} µs",
        "",
        None,
        "within 20 %",
        growth <= 1.2,
    )


def main(arguments: list[str]) -> int:
    """Print the table."""
    is_quick = "--quick" in arguments
    warnings.simplefilter("ignore")  # the official client's own
    sizes = (1000,) if is_quick else (1000, 10_000)
    report = Report()
    with serving(max(sizes)) as served:
        for count in sizes:
            report_load(report, served, count, repeats=3 if is_quick else 5)
        report_attributes(report, served)
        for count in sizes:
            report_commit(report, served, count)
        report_requests(report, served)
    report_import(report, 5 if is_quick else 11)
    report_flatness(report, 20_000 if is_quick else 200_000)
    console = Console(width=110)
    console.print(report.table)
    used = ("pydantic", "requests", "ftrack-python-api")
    versions = ", ".join(f"{name} {version(name)}" for name in used)
    console.print(f"Python {platform.python_version()}, {versions}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
