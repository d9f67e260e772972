"""What mypy and pyright say of the cases, in one form for both."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
TYPING = ROOT / "tests" / "typing"
CASES = TYPING / "cases"

MYPY_FLAGS: Final = ("--strict", "--enable-error-code=truthy-bool")
"""mypy checks every module again for runs with other flags."""

Place = tuple[str, int]
"""A file's name and a line's number."""

_MYPY = re.compile(r"(.+?):(\d+): (error|note): (.*?)(?:  \[([\w-]+)\])?")
_REVEALED = re.compile(r'Revealed type is "(.*)"')
_TYPE_OF = re.compile(r'Type of ".*" is "(.*)"', re.DOTALL)


@dataclass
class Findings:
    """What one checker reports.

    Attributes:
        codes: of the errors, by place.
        types: revealed, by place.
    """

    codes: dict[Place, set[str]] = field(default_factory=lambda: defaultdict(set))
    types: dict[Place, str] = field(default_factory=dict)


@contextmanager
def mypy_cache(*flags: str) -> Iterator[Path]:
    """Yield the folder in which mypy keeps the modules that it has checked.

    Runs with the same flags share it, in this run of the tests and the next. Processes
    take turns, because mypy does not lock it.
    """
    digest = hashlib.sha256(" ".join(flags).encode()).hexdigest()[:8]
    folder = ROOT / ".mypy_cache" / f"tests-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def run_mypy(
    folder: Path = CASES,
    *,
    files: Sequence[Path] | None = None,
    packages: Path | None = None,
) -> Findings:
    """Return what ``mypy --strict`` reports of all cases.

    One optional check is added, which asks for the truth of things that have none.

    Args:
        folder: the folder of the cases.
        files: the files to check, instead of those in `folder`.
        packages: a folder with further packages.
    """
    folders = [*(ROOT / part for part in ("", "codegen", "generated"))]
    folders += [] if packages is None else [packages]
    source = os.pathsep.join(map(str, folders))
    with mypy_cache(*MYPY_FLAGS) as cache:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "mypy", *MYPY_FLAGS, "--config-file="),
                *(f"--cache-dir={cache}", "--no-pretty", "--no-error-summary"),
                *("--show-error-codes", "--hide-error-context"),
                *(str(path) for path in files or case_files(folder)),
            ],
            cwd=ROOT,
            env={**os.environ, "MYPYPATH": source},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode > 1 or done.stderr:
        raise RuntimeError(f"mypy did not run: {done.stdout}{done.stderr}")
    found = Findings()
    for line in done.stdout.splitlines():
        _take_mypy_line(found, line)
    return found


def _take_mypy_line(found: Findings, line: str) -> None:
    match = _MYPY.fullmatch(line)
    if match is None:
        raise RuntimeError(f"mypy says: {line}")
    file, number, severity, message, code = match.groups()
    place = (Path(file).name, int(number))
    if severity == "error":
        found.codes[place].add(code)
    elif revealed := _REVEALED.fullmatch(message):
        found.types[place] = plain_type(revealed[1])


def run_pyright(project: Path = TYPING) -> Findings:
    """Return what pyright reports of the files that a folder's settings include."""
    command = [
        *(sys.executable, "-m", "pyright", "--outputjson"),
        *("--pythonpath", sys.executable, "--project", str(project)),
    ]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    report = json.loads(done.stdout)
    if report["summary"]["filesAnalyzed"] == 0:
        raise RuntimeError(f"pyright did not run: {done.stdout}{done.stderr}")
    found = Findings()
    for item in report["generalDiagnostics"]:
        place = (Path(item["file"]).name, item["range"]["start"]["line"] + 1)
        if item["severity"] == "information":
            revealed = _TYPE_OF.fullmatch(item["message"])
            if revealed is not None:
                found.types[place] = plain_type(revealed[1])
        else:
            found.codes[place].add(item.get("rule", "syntax"))
    return found


def case_files(folder: Path = CASES) -> list[Path]:
    """Return the files of cases, in order."""
    return sorted(folder.glob("*.py"))


def plain_type(text: str) -> str:
    """Return a revealed type without what only one checker writes.

    Modules go, typed dictionaries and named tuples are their names, and literals in a
    row are one.
    """
    text = re.sub(r"TypedDict\('?([\w.]+)'?, \{[^}]*\}\)", r"\1", text)
    text = re.sub(r"tuple\[.*, fallback=([\w.]+)\]", r"\1", text)
    text = text.replace("Dict[", "dict[")
    text = re.sub(r"\b(?:[a-z_]\w*\.)+(?=\w)", "", text).replace('"', "'")
    one = r"Literal\[([^\]]*)\]"
    while re.search(f"{one} \\| {one}", text):
        text = re.sub(f"{one} \\| {one}", r"Literal[\1, \2]", text)
    return text
