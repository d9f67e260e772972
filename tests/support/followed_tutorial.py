"""Follow a tutorial in an empty folder: edit its files and run its commands in order.

Ids, digests and times of a run differ from those of the page. Each that the page shows
is replaced by the real one in everything that follows.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ftrack_orm.emulator import Credentials
from tests.support.citations import ROOT
from tests.support.followed_page import Command, steps_of
from tests.support.server_variables import server_variables

_BLOCK: Final = re.compile(
    r"^```(console|diff|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE
)
_FILE: Final = re.compile(r"`([\w./]+/[\w.]+)`")
_QUESTION: Final = re.compile(
    r"((?:Type the number of changes to apply them:|Apply these changes\? \[y/N\]:) )"
    r"(\w+)\n"
)
_TOKEN: Final = re.compile(
    r"\b(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"  # of a server
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    r"|\d{8}_[0-9a-f]{4}(?=[^0-9a-z])"  # of a revision
    r"|(?:(?<=run )|(?<=Run )|(?<=undo ))[0-9a-f]{10}"
    r"|(?<=digest        )[0-9a-f]{12}"
    r"|(?<=[0-9a-f]{4}-)[0-9a-f]{8}(?=\.plan))"  # of a plan
)
_BAR: Final = re.compile(
    r"━+|\b\d:\d\d:\d\d|(?<=; )\d+(?= requests\.)|\b[\d.]+(?= [kM]?B\n)"
)
"""A progress bar, the requests of a run, which depend on the time they take, and the
sizes of replies, which have times in them."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a file: lines of a diff, or a whole text."""

    path: str
    text: str
    is_diff: bool


def edits_and_commands(page: str) -> Iterator[Edit | Command]:
    """Yield the steps of a page; a file is the last one that the text names."""
    for block in _BLOCK.finditer(page):
        language, content = block.groups()
        if language == "console":
            for step in steps_of(block[0]):
                assert isinstance(step, Command)
                yield step
        else:
            path = _FILE.findall(page, 0, block.start())[-1]
            yield Edit(path, content, language == "diff")


@dataclass
class Reader:
    """A person who follows a tutorial.

    Attributes:
        folder: the working directory.
        environment: of the commands.
        real: the ids of this run by those of the page.
    """

    folder: Path
    environment: dict[str, str]
    real: dict[str, str] = field(default_factory=dict)

    def follow(self, page: str) -> list[str]:
        """Do all steps but the server's; return commands with another output."""
        differences = []
        for step, printed in self._steps(page):
            shown = _QUESTION.sub(r"\1", _without_bar(step.output))
            printed = _without_bar(printed)
            if not self._agrees(shown, printed):
                differences.append(f"$ {step.line}\n{printed}(shown:)\n{shown}")
        return differences

    def rewritten(self, page: str) -> str:
        """Do all steps; return the page with the output of this run."""
        after = page
        for step, printed in self._steps(page):
            for shown, real in zip(
                _TOKEN.findall(step.output), _TOKEN.findall(printed), strict=False
            ):
                self.real.setdefault(shown, real)
            for question, answer in _QUESTION.findall(step.output):
                printed = printed.replace(question, f"{question}{answer}\n")
            lines = (line.rstrip() for line in printed.splitlines())
            before = f"$ {step.line}\n{step.output}"
            after = after.replace(
                before, f"$ {step.line}\n" + "\n".join([*lines, ""]), 1
            )
        for shown, real in self.real.items():
            after = after.replace(real, shown)
        return after

    def _steps(self, page: str) -> Iterator[tuple[Command, str]]:
        """Do each step; yield the commands with their output."""
        for step in edits_and_commands(page):
            if isinstance(step, Edit):
                self._edit(step)
            elif not step.line.startswith(("ftrack-orm emulator", "export ")):
                yield step, self._run(step)

    def _edit(self, step: Edit) -> None:
        path = self.folder / self._translated(step.path)
        text = path.read_text("utf-8")
        if step.is_diff:
            before, after = _sides(step.text)
            assert text.count(before) == 1, f"{before!r} is not once in {path}"
            text = text.replace(before, after)
        else:
            text = self._translated(step.text)
        path.write_text(text, "utf-8")

    def _run(self, step: Command) -> str:
        line = self._translated(step.line)
        assert line.startswith("ftrack-orm ")
        program = f"{sys.executable} -m ftrack_orm.cli.main"
        answers = "".join(f"{answer}\n" for _, answer in _QUESTION.findall(step.output))
        done = subprocess.run(
            ["/bin/sh", "-c", line.replace("ftrack-orm", program, 1)],
            cwd=self.folder,
            env=self.environment,
            input=answers,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return done.stdout

    def _agrees(self, shown: str, printed: str) -> bool:
        shown = self._translated(shown)
        shown_ids, printed_ids = _TOKEN.findall(shown), _TOKEN.findall(printed)
        if _TOKEN.sub("ID", shown) != _TOKEN.sub("ID", printed):
            return False
        self.real.update(zip(shown_ids, printed_ids, strict=True))
        return True

    def _translated(self, text: str) -> str:
        for shown, real in self.real.items():
            text = text.replace(shown, real)
        return text


def _sides(diff: str) -> tuple[str, str]:
    lines = diff.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    return before, after


def _without_bar(output: str) -> str:
    return _BAR.sub("BAR", output)


def environment_of(credentials: Credentials) -> dict[str, str]:
    """Return the environment of a terminal with the variables of a server."""
    importable = os.pathsep.join(
        str(ROOT / part) for part in ("", "codegen", "generated")
    )
    return {
        **os.environ,
        "PYTHONPATH": importable,
        "COLUMNS": "80",
        **server_variables(credentials),
    }
