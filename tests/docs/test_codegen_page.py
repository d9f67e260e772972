"""The commands and the program of the page about generated models run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.citations import ROOT
from tests.support.followed_page import Command, steps_of
from tests.support.server_variables import server_variables

PAGE: Final = (ROOT / "docs" / "codegen.md").read_text("utf-8")

SAVE_SCHEMA: Final = """
import json
from ftrack_orm import Session

with Session() as session:
    [response] = session.call([{"action": "query_schemas"}])
    print(json.dumps(response.data))
"""
"""A program that prints a server's response to `query_schemas`."""


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """Return the environment of a shell whose variables name an emulator."""
    with Emulator(seed="demo") as emulator:
        credentials = emulator.credentials
        yield {
            **os.environ,
            **server_variables(credentials),
            "PYTHONPATH": os.pathsep.join(["src", os.environ.get("PYTHONPATH", "")]),
        }


@pytest.mark.slow
def test_the_commands_and_the_program_run(
    environment: dict[str, str], tmp_path: Path
) -> None:
    def run(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    schema = run("-c", SAVE_SCHEMA)
    (tmp_path / "query_schemas.json").write_text(schema, "utf-8")
    commands = [
        step
        for step in steps_of(PAGE)
        if isinstance(step, Command) and step.line.startswith("ftrack-orm ")
    ]
    for command in commands:
        output = run("-m", "ftrack_orm", *shlex.split(command.line)[1:])
        assert output.startswith(command.output)
    # The other blocks show lines of a studio's package, which its own tests check.
    program = re.findall(r"```py\n(.*?)```", PAGE, re.DOTALL)[0]

    assert len(commands) == 4
    assert int(run("-c", program)) > 100
