"""Committing through one client, in a process of its own.

A heap that earlier measurements have left in pieces makes every object dearer: the
same commit takes up to half as long again. Both clients therefore begin anew.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import warnings
from typing import Any

from tests.benchmarks.clients import OFFICIAL, OURS, plain_tasks
from tests.benchmarks.server import Served
from tests.benchmarks.timing import seconds
from tests.benchmarks.wire import recording

_WARMING_UP = 20
"""Tasks of a first commit, which compiles and imports the rest of either client."""


def measure_commits(
    served: Served, count: int, repeats: int
) -> dict[str, tuple[float, float]]:
    """Return seconds of a commit without the server, and of the setting before it.

    By client, which commit by turns; medians of both.
    """
    runs: dict[str, list[list[float]]] = {OURS.name: [], OFFICIAL.name: []}
    for _ in range(repeats):
        for name, figures in runs.items():
            process = subprocess.run(
                [sys.executable, "-m", __name__, name, str(count)],
                input=json.dumps(served),
                capture_output=True,
                text=True,
                check=True,
            )
            figures.append(json.loads(process.stdout))
    return {
        name: (
            statistics.median(commit for commit, _ in figures),
            statistics.median(setting for _, setting in figures),
        )
        for name, figures in runs.items()
    }


def _commit(served: Served, client: Any, count: int, text: str) -> tuple[float, float]:
    session = client.open(served)
    if client is OURS:
        tasks = plain_tasks(session, count).all()
    else:
        expression = plain_tasks(served.session(), count).expression
        tasks = client.load(session, expression, count)
    setting, _ = seconds(lambda: client.change(tasks, text))
    with recording() as recorded:
        took, _ = seconds(session.commit)
    return took - recorded.waited, setting


def _main(name: str, count: int) -> None:
    warnings.simplefilter("ignore")  # the official client's own
    served = Served(*json.loads(sys.stdin.read()))
    client = next(one for one in (OURS, OFFICIAL) if one.name == name)
    _commit(served, client, _WARMING_UP, "warm")
    print(json.dumps(_commit(served, client, count, f"{name} {count}")))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
