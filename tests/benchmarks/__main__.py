"""``python -m tests.benchmarks [--quick]``: this library beside the official client."""

from __future__ import annotations

import platform
import sys
import tempfile
import warnings
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks.clients import OFFICIAL, OURS
from tests.benchmarks.commit import measure_commits
from tests.benchmarks.edits import measure_add, measure_append, measure_link
from tests.benchmarks.measures import (
    measure_attributes,
    measure_flatness,
    measure_generation,
    measure_import,
    measure_load,
    measure_requests,
    requests_before_a_query,
    requests_of_load,
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
    ours = figures.ours["select"]
    ratio = figures.official / ours
    is_large = count >= 10_000
    report.add(
        f"load {count:,} tasks with relations",
        f"{ours * 1e3:,.0f} ms",
        f"{figures.official * 1e3:,.0f} ms",
        ratio,
        "50x" if is_large else "",
        ratio >= 50 if is_large else None,
    )
    for way, limit in figures.limits.items():
        over = figures.ours[way] / limit
        report.add(
            f"… by {way}, beside receiving and decoding {count:,}",
            f"{over:.2f} of it",
            f"{figures.official / limit:,.0f} of it",
            None,
            "1.8" if is_large else "",
            over <= 1.8 if is_large else None,
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
    link = measure_link()
    report.add("read a loaded link", f"{link:.0f} ns", "", None, "250 ns", link <= 250)


def report_edits(report: Report) -> None:
    """Add edits of collections, as these have more members."""
    for what, is_new in (("a new", True), ("a loaded", False)):
        few, many = (measure_append(count, is_new=is_new) for count in (10, 10_000))
        report.add(
            f"append {what} entity to 10 and to 10,000 members",
            f"{few:.1f} and {many:.1f} µs",
            "",
            None,
            "constant",
            many <= 1.2 * few,
        )
    few, many = (measure_add(count) for count in (1000, 10_000))
    report.add(
        "add each of 1,000 and of 10,000 under a loaded parent",
        f"{few:.1f} and {many:.1f} µs",
        "",
        None,
        "linear",
        many <= 1.2 * few,
    )


def report_commit(report: Report, served: Served, count: int, repeats: int) -> None:
    """Add committing, the server's time taken out."""
    figures = measure_commits(served, count, repeats)
    ours, ours_set = figures[OURS.name]
    official, official_set = figures[OFFICIAL.name]
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
        "60x" if is_large else "",
        official / ours >= 60 if is_large else None,
    )


def report_import(report: Report, repeats: int) -> None:
    """Add importing, above pydantic and requests."""
    models = "from ftrack_models import Task"
    ours = measure_import(f"from ftrack_orm import Session; {models}", repeats)
    official = measure_import("import ftrack_api", repeats)
    report.add(
        "import Session and the models and reach Task",
        f"{ours:.1f} ms",
        f"{official:.1f} ms",
        official / ours,
        "20 ms",
        ours <= 20,
    )
    built = measure_import("Task.model_rebuild()", repeats, before=models)
    report.add("build Task", f"{built:.1f} ms", "", None, "5 ms", built <= 5)


def report_studio(report: Report, repeats: int) -> None:
    """Add a studio's package of 300 types: its generation and its import."""
    with tempfile.TemporaryDirectory() as folder:
        generated = measure_generation(Path(folder) / "large_models")
        report.add(
            "generate 300 types with 400 custom attributes",
            f"{generated:.1f} s",
            "",
            None,
            "5 s",
            generated <= 5,
        )
        statement = "from ftrack_orm import Session; from large_models import Shot"
        path = f"import sys; sys.path.insert(0, {folder!r})"
        ours = measure_import(statement, repeats, before=path)
        report.add(
            "import Session and reach Shot of such a package",
            f"{ours:.1f} ms",
            "",
            None,
            "20 ms",
            ours <= 20,
        )


def report_requests(report: Report, served: Served) -> None:
    """Add the two loops, opening and `session.load`."""
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
    ours, official = (
        requests_before_a_query(served, client) for client in (OURS, OFFICIAL)
    )
    report.add(
        "requests before the first query",
        str(ours),
        str(official),
        None,
        "0",
        ours == 0,
    )
    loaded = requests_of_load(served)
    report.add(
        "requests of session.load, 4 paths of one level",
        str(loaded),
        "",
        None,
        "1",
        loaded == 1,
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
            report_load(report, served, count, repeats=5 if is_quick else 11)
        report_attributes(report, served)
        for count in sizes:
            report_commit(report, served, count, repeats=3)
        report_requests(report, served)
    report_edits(report)
    report_import(report, 5 if is_quick else 11)
    report_studio(report, 5 if is_quick else 11)
    report_flatness(report, 20_000 if is_quick else 200_000)
    console = Console(width=110)
    console.print(report.table)
    used = ("pydantic", "requests", "ftrack-python-api")
    versions = ", ".join(f"{name} {version(name)}" for name in used)
    console.print(f"Python {platform.python_version()}, {versions}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
