"""``ftrack-orm emulator``, run as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[3]
RUN = "from ftrack_orm.cli.emulate import command; command()"


@contextmanager
def running(*arguments: str) -> Iterator[dict[str, str]]:
    """Run the command, yield what it printed as name and value, interrupt it."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    printed: dict[str, str] = {}
    try:
        while not (line := process.stdout.readline()).startswith("Serving"):
            assert line, "the command ended early"
            name, _, value = line.strip().partition("=")
            printed[name] = value
        yield printed
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=10)
    assert rest == "Stopped.\n"
    assert process.returncode == 0


def names(printed: dict[str, str], expression: str) -> set[str]:
    response = httpx.post(
        f"{printed['FTRACK_SERVER']}/api",
        content=json.dumps([{"action": "query", "expression": expression}]),
        headers={
            "ftrack-user": printed["FTRACK_API_USER"],
            "ftrack-api-key": printed["FTRACK_API_KEY"],
        },
        timeout=10,
    )
    return {row["name"] for row in response.json()[0]["data"]}


@pytest.mark.parametrize(
    ("seed", "projects"), [("standard", set()), ("demo", {"bunny"})]
)
def test_it_serves_its_seed_and_prints_how_to_reach_it(
    seed: str, projects: set[str]
) -> None:
    with running("--seed", seed) as printed:
        assert names(printed, "select name from Project") == projects


def test_a_database_file_is_kept(tmp_path: Path) -> None:
    database = tmp_path / "studio.db"
    for _ in range(2):
        with running("--database", str(database)) as printed:
            assert "Approved" in names(printed, "select name from Status")
    assert database.stat().st_size > 0
