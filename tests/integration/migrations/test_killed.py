"""The real command line, killed by the operating system at any point of a run."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

import pytest

from ftrack_orm.emulator import Emulator, FixedClock
from ftrack_orm.migrations.planned_change import PlannedChange
from ftrack_orm.migrations.runs import apply, interrupted_runs
from tests.support.migration_plans import (
    connect,
    content,
    fast_options,
    history_of,
    job_states,
    make_file,
    ready,
)
from tests.support.mixed_plan import mixed_changes
from tests.support.server_variables import server_variables

KILLS: Final = int(os.environ.get("MIGRATION_KILLS", "20"))
"""Number of kills; `make nightly` has 500."""

CHUNK: Final = 3
REQUESTS: Final = 41
ROOT: Final = Path(__file__).resolve().parents[3]

Moment: TypeAlias = Literal["lost", "late", "applied", "note", "random"]
"""When the process dies: its request never arrives, it is applied afterwards, it is
applied and not answered, before the note in the plan file, or at a random time."""

# Replaces a method of the plan file: no code of the package knows of tests.
_KILLED_AT_NOTE: Final = """
import itertools, os, signal, sys
from ftrack_orm.cli.main import main
from ftrack_orm.migrations.plan_file import PlanFile
number = itertools.count(1)
record_step = PlanFile.record_step
def killing(self, *arguments):
    if next(number) == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    record_step(self, *arguments)
PlanFile.record_step = killing
main(sys.argv[2:])
"""


@dataclass(frozen=True)
class Kill:
    """One kill: the request or note, the moment, and the folder of the resume."""

    number: int
    moment: Moment
    is_folder_kept: bool

    def __str__(self) -> str:
        folder = "same" if self.is_folder_kept else "empty"
        return f"{self.number}-{self.moment}-{folder}"


def kills() -> list[Kill]:
    """Return the kills of this run, spread over all that are possible."""
    moments: tuple[Moment, ...] = ("lost", "late", "applied")
    every = [
        Kill(number, moment, is_kept)
        for number, moment, is_kept in itertools.product(
            range(1, REQUESTS + 1), moments, (True, False)
        )
    ]
    every += [
        Kill(number, "note", is_kept)
        for number, is_kept in itertools.product(range(1, 35), (True, False))
    ]
    every += [Kill(number, "random", number % 2 == 0) for number in range(200)]
    chosen = random.Random(14).sample(every, min(KILLS, len(every)))
    return sorted(chosen, key=lambda kill: (kill.moment, kill.number))


class Server:
    """An emulator over HTTP, whose rows go back to the beginning."""

    def __init__(self) -> None:
        self.emulator = Emulator(seed="demo", clock=FixedClock("2024-05-06")).start()
        session = ready(self.emulator)
        self.groups: list[list[PlannedChange]] = mixed_changes(session, 5)
        self._snapshot = self.emulator.snapshot()
        with make_file(self.groups) as plan:
            options = fast_options(chunk=CHUNK, upload=True)
            apply(connect(self.emulator), plan, options=options)
        self.after = content(self.emulator)
        credentials = self.emulator.credentials
        self._environment = {
            **os.environ,
            **server_variables(credentials),
            "PYTHONPATH": os.pathsep.join(
                str(ROOT / name) for name in (".", "codegen", "generated")
            ),
        }

    def reset(self) -> None:
        """Restore the rows and forget the calls."""
        self.emulator.restore(self._snapshot)
        self.emulator.faults.clear()
        self.emulator.forget()

    def start(
        self, folder: Path, *arguments: str, note: int | None = None
    ) -> subprocess.Popen[str]:
        """Start ``ftrack-orm migrate`` in a folder."""
        program = (
            ["-m", "ftrack_orm.cli.main"]
            if note is None
            else ["-c", _KILLED_AT_NOTE, str(note)]
        )
        return subprocess.Popen(
            [sys.executable, *program, "migrate", *arguments],
            cwd=folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, folder: Path, *arguments: str) -> str:
        """Run ``ftrack-orm migrate`` to its end, which must be a success."""
        process = self.start(folder, *arguments)
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        return output


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.emulator.close()


def apply_and_kill(server: Server, folder: Path, kill: Kill) -> bool:
    """Apply the plan and kill the process; return whether it died of that."""
    arguments = ("apply", "a.plan", "--yes", "--chunk", str(CHUNK), "--load", "100%")
    if kill.moment == "note":
        process = server.start(folder, *arguments, note=kill.number)
    else:
        process = server.start(folder, *arguments)

    def die() -> bool:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return kill.moment != "lost"

    if kill.moment in ("lost", "late"):
        server.emulator.faults.pass_on(kill.number - 1)
        server.emulator.faults.call_before(die)
    elif kill.moment == "applied":
        server.emulator.faults.pass_on(kill.number - 1)
        server.emulator.faults.call_after(die)
    elif kill.moment == "random":
        time.sleep(random.Random(kill.number).uniform(0.2, 2.0))
        process.send_signal(signal.SIGKILL)
    process.communicate(timeout=120)
    return process.returncode == -signal.SIGKILL


def test_ctrl_c_ends_between_two_requests(server: Server, tmp_path: Path) -> None:
    server.reset()
    folder = tmp_path / ".ftrack_orm" / "plans"
    make_file(server.groups, folder / "a.plan").close()
    plan = str(folder / "a.plan")
    process = server.start(tmp_path, "apply", plan, "--yes", "--chunk", str(CHUNK))
    server.emulator.faults.pass_on(15)
    server.emulator.faults.call_before(lambda: process.send_signal(signal.SIGINT))
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 7, errors
    assert "ftrack-orm migrate resume" in errors
    session = connect(server.emulator)
    assert history_of(session).lock is None
    server.run(tmp_path, "resume")
    assert content(server.emulator) == server.after


@pytest.mark.parametrize("request_number", [3, 15])
def test_a_second_ctrl_c_ends_within_a_request(
    server: Server, tmp_path: Path, request_number: int
) -> None:
    server.reset()
    folder = tmp_path / ".ftrack_orm" / "plans"
    make_file(server.groups, folder / "a.plan").close()
    plan = str(folder / "a.plan")
    process = server.start(tmp_path, "apply", plan, "--yes", "--chunk", str(CHUNK))

    def interrupt() -> bool:
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(0.5)  # Two signals at once would be one.
        return True

    server.emulator.faults.pass_on(request_number - 1)
    server.emulator.faults.call_after(interrupt)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 7, errors
    assert "ftrack-orm migrate resume" in errors
    assert "Traceback" not in errors
    (run,) = interrupted_runs(history_of(connect(server.emulator)))
    assert (run in errors) is (request_number > 3)
    server.run(tmp_path, "resume")
    assert content(server.emulator) == server.after


@pytest.mark.parametrize("kill", kills(), ids=str)
def test_a_killed_run_ends_as_one_that_was_not(
    server: Server, tmp_path: Path, kill: Kill
) -> None:
    server.reset()
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    make_file(server.groups, first / "a.plan").close()
    is_killed = apply_and_kill(server, first, kill)
    server.emulator.faults.clear()
    session = connect(server.emulator)
    history = history_of(session)
    runs = interrupted_runs(history)
    if not history.runs:
        assert is_killed
        server.run(first, "apply", "a.plan", "--yes", "--chunk", str(CHUNK))
    elif runs and history.runs[runs[0]].get("component") is None:
        # Killed before the plan was on the server: only its own folder can resume.
        os.renames(first / "a.plan", first / ".ftrack_orm" / "plans" / "a.plan")
        server.run(first, "resume")
    elif runs:
        (first / ".ftrack_orm" / "plans").mkdir(parents=True)
        (first / "a.plan").rename(first / ".ftrack_orm" / "plans" / "a.plan")
        folder = first if kill.is_folder_kept else second
        lines = server.run(folder, "resume", "--json", "--chunk", str(CHUNK))
        assert json.loads(lines.splitlines()[-1])["event"] == "end"
    assert content(server.emulator) == server.after
    assert job_states(server.emulator) == ["done"]
    history = history_of(session)
    assert history.lock is None
    assert not interrupted_runs(history)
