"""Follow a page as a newcomer does: save its files, run its commands, in order."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Final

CLONE: Final = "/path/to/ftrack_orm"
"""The clone of the repository, as pages name it."""

PORT: Final = "8000"
"""The port that pages show; a free one replaces it."""

_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE_NAME: Final = re.compile(r"`([\w.]+)`:\n\n\Z")


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A file that the page asks to save."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and the output that the page shows for it."""

    line: str
    output: str


def steps_of(text: str) -> list[SavedFile | Command]:
    """Return the steps of a page: its named files and its console blocks."""
    steps: list[SavedFile | Command] = []
    for block in _BLOCK.finditer(text):
        language, content = block.groups()
        name = _FILE_NAME.search(text, 0, block.start())
        if language == "console":
            for command in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
                line, _, output = command.partition("\n")
                steps.append(Command(line.partition("  #")[0], output))
        elif name is not None:
            steps.append(SavedFile(name[1], content))
    return steps


class Newcomer:
    """A person with an empty folder, a terminal and the built wheel.

    The package is installed from the wheel; its dependencies are those of the running
    tests, so that nothing is downloaded.
    """

    def __init__(self, folder: Path, clone: Path, wheel: Path) -> None:
        self.folder = folder
        self._clone = clone
        self._wheel = wheel
        self._port = _free_port()
        self._settings: list[str] = []
        self._servers: list[subprocess.Popen[str]] = []

    def follow(self, steps: list[SavedFile | Command]) -> list[str]:
        """Do every step; return the commands whose output is not the shown one."""
        differences: list[str] = []
        for step in steps:
            if isinstance(step, SavedFile):
                (self.folder / step.name).write_text(step.text, "utf-8")
                continue
            output = self._do(step.line)
            shown = step.output.replace(PORT, self._port)
            # A page leaves out the progress of pip and the time that pytest prints.
            is_cut = step.line.startswith(("pip ", "pytest "))
            if not (output == shown or (is_cut and output.startswith(shown))):
                differences.append(f"$ {step.line}\n{output}\n(shown:)\n{shown}")
        return differences

    def run(self, line: str, **environment: str) -> str:
        """Run a command line with the settings so far; return its output.

        Raises:
            CalledProcessError: it failed; the notes of the error have its output.
        """
        done = self._start(line, environment)
        output, _ = done.communicate(timeout=120)
        if done.returncode:
            error = subprocess.CalledProcessError(done.returncode, line)
            error.add_note(output)
            raise error
        return output

    def stop(self) -> None:
        """Stop the servers."""
        for server in self._servers:
            server.terminate()
            server.communicate(timeout=30)

    def _do(self, line: str) -> str:
        line = line.replace(PORT, self._port)
        match shlex.split(line):
            case [".", *_] | ["export", *_]:
                self._settings.append(line)
                return self.run(":")
            case ["python3", "-m", "venv", *_]:
                return self._make_environment(line)
            case ["pip", "wheel", *_]:
                options = "--no-index --no-build-isolation"
                line = line.replace(CLONE, str(self._clone))
                # The build backend is among the installed packages.
                packages = ":".join(_packages())
                return self.run(f"python -m {line} {options}", PYTHONPATH=packages)
            case ["pip", "install", *_]:
                return self._install(line)
            case ["ftrack-orm", "emulator", *_]:
                return self._serve(line)
            case ["pytest", *_]:
                return self.run(f"python -m {line}")
            case _:
                return self.run(line)

    def _make_environment(self, line: str) -> str:
        # pip is among the installed packages: copying it takes three seconds.
        command = line.replace("python3", sys.executable, 1)
        output = self.run(f"{command} --without-pip")
        [site_packages] = self.folder.glob("venv/lib/python*/site-packages")
        (site_packages / "dependencies.pth").write_text("\n".join(_packages()))
        return output

    def _install(self, line: str) -> str:
        names = [
            name.replace(CLONE, str(self._wheel))
            for name in shlex.split(line)[2:]
            if CLONE in name or ".whl" in name
        ]
        options = "--no-index --no-deps --no-compile"
        return self.run(f"python -m pip install {options} {shlex.join(names)}")

    def _serve(self, line: str) -> str:
        server = self._start(f"exec {line}", {"PYTHONUNBUFFERED": "1"})
        self._servers.append(server)
        assert server.stdout is not None
        lines: list[str] = []
        timer = Timer(60, server.kill)  # a server that prints nothing ends the loop
        timer.start()
        for printed in server.stdout:
            lines.append(printed)
            if printed.startswith("Serving"):
                break
        timer.cancel()
        return "".join(lines)

    def _start(self, line: str, environment: dict[str, str]) -> subprocess.Popen[str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "PYTEST", "COV_", "VIRTUAL_ENV"))
        }
        return subprocess.Popen(
            ["/bin/sh", "-c", "\n".join(["set -e", *self._settings, line])],
            cwd=self.folder,
            env={**inherited, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@contextmanager
def newcomer(folder: Path, clone: Path, wheel: Path) -> Iterator[Newcomer]:
    """Yield a newcomer, whose servers are stopped at the end."""
    person = Newcomer(folder, clone, wheel)
    try:
        yield person
    finally:
        person.stop()


def build_wheel(clone: Path, folder: Path) -> Path:
    """Build the wheel of the project into a folder; return its path."""
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index"),
            *("--no-deps", "--no-build-isolation", "--wheel-dir", folder, clone),
        ],
        check=True,
    )
    [wheel] = folder.glob("*.whl")
    return wheel


def _packages() -> list[str]:
    """Return the folders of the packages that are installed for the tests."""
    return [path for path in sys.path if path.endswith("site-packages")]


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
