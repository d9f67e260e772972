"""The examples of all pages pass ``mypy --strict`` and pyright's strict mode."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support.citations import ROOT
from tests.support.page_examples import (
    PageModule,
    module_of,
    modules_of,
    written_modules,
)
from tests.support.type_checkers import mypy_cache

GIVEN: Final = """\
from pathlib import Path

from ftrack_orm.emulator import Emulator

SERVER_URL = API_USER = API_KEY = ""
FOLDER = Path()
EMULATOR = Emulator()
"""
"""The names that the tests give the examples which they run."""

SERVER: Final = "from given import API_KEY, API_USER, SERVER_URL\n"
GENERATED: Final = (
    "from ftrack_models import ObjectType, TypedContext\n"
    "from ftrack_orm import Ref, attribute\n"
)
PREAMBLES: Final = {
    "codegen.md": GENERATED,
    "emulator.md": "from given import FOLDER\n",
    "guarantees.md": "from given import EMULATOR\n",
    "plans.md": SERVER,
    "pydantic.md": SERVER,
    "session.md": SERVER + "from given import FOLDER\n",
}
"""The code before the examples of a page, for names that they do not define."""

PLANTED: Final = PageModule(
    "planted.py",
    [
        ("from ftrack_models import Task", "planted:1"),
        ("print(Task.nmae)", "planted:2"),
    ],
)
"""A mistake, which shows that the checkers have read the examples."""

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += sorted((ROOT / "docs" / "migrations").glob("*.md"))
PROGRAMS: Final = sorted((ROOT / "docs" / "examples").glob("*.py"))
IMPORTABLE: Final = [str(ROOT / part) for part in ("", "codegen", "generated")]

_MYPY: Final = re.compile(r"(.+?):(\d+): error: (.*)")


@pytest.fixture(scope="module")
def modules() -> dict[str, PageModule]:
    """Return the modules of all pages by the names of their files."""
    pages = [
        module
        for page in PAGES
        for module in modules_of(page, PREAMBLES.get(page.name, ""))
    ]
    programs = [module_of(program) for program in PROGRAMS]
    return {module.name: module for module in [*pages, *programs, PLANTED]}


@pytest.fixture(scope="module")
def files(
    modules: dict[str, PageModule], tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "given.py").write_text(GIVEN, "utf-8")
    return list(written_modules(list(modules.values()), folder))


def placed(modules: dict[str, PageModule], file: str, line: int, message: str) -> str:
    """Return a finding with its place in the page; nothing for a refused line."""
    module = modules[Path(file).name]
    if line in module.refused:
        return ""
    return f"{module.place(line)}: {message}"


def assert_only_planted(found: list[str]) -> None:
    """Check that the planted mistake is the only finding."""
    mistakes = [text for text in found if text and not text.startswith("planted:2")]

    assert "\n".join(mistakes) == ""
    assert [text for text in found if text] != []


def test_mypy_accepts_every_example(
    modules: dict[str, PageModule], files: list[Path]
) -> None:
    # A prompt gives names new values of other types.
    flags = ("--strict", "--allow-redefinition")
    with mypy_cache(*flags) as cache:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "mypy", *flags, "--config-file="),
                *(f"--cache-dir={cache}", "--no-pretty", "--no-error-summary"),
                *("--hide-error-context", *map(str, files)),
            ],
            cwd=files[0].parent,
            env={**os.environ, "MYPYPATH": os.pathsep.join(IMPORTABLE)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = [
        placed(modules, match[1], int(match[2]), match[3])
        for match in map(_MYPY.fullmatch, done.stdout.splitlines())
        if match is not None
    ]
    assert_only_planted(found)


def test_pyright_accepts_every_example(
    modules: dict[str, PageModule], files: list[Path]
) -> None:
    settings = {
        "include": ["."],
        "extraPaths": IMPORTABLE,
        "pythonVersion": "3.11",
        "typeCheckingMode": "strict",
        "reportPrivateUsage": "none",  # pages show hooks of consoles and pydantic
    }
    folder = files[0].parent
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pyright", "--outputjson"),
            *("--pythonpath", sys.executable, "--project", str(folder)),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )

    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == len(files) + 1
    found = [
        placed(
            modules, item["file"], item["range"]["start"]["line"] + 1, item["message"]
        )
        for item in report["generalDiagnostics"]
        if item["severity"] == "error"
    ]
    assert_only_planted(found)


def test_prompts_become_statements_with_the_lines_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "some-page.md"
    page.write_text(
        "# Page\n\n```python\n>>> name = 'a'\n>>> with open(name) as file:\n"
        "...     name, (  # both\n...         file\n...     )\n1\n"
        ">>> name.nothing\nTraceback (most recent call last):\nAttributeError\n```\n"
        "Save this as `tool.py`:\n\n```python\nprint(1)\n```\n\n"
        "```python\nprint(2)\n```\n"
    )

    program, tool = modules_of(page, "x = 1\n")

    assert (program.name, tool.name) == ("page_some_page.py", "tool.py")
    assert program.text == (
        "from __future__ import annotations\nx = 1\nname = 'a'\n"
        "with open(name) as file:\n    print(name, (  # both\n        file\n    ))\n"
        "print(name.nothing)\nprint(2)\n"
    )
    assert [program.place(line) for line in (3, 5, 8, 9)] == [
        "some-page.md:4",
        "some-page.md:6",
        "some-page.md:10",
        "some-page.md:21",
    ]
    assert program.refused == {8}
    assert tool.text == "print(1)\n"


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    modules = [PageModule("a.py", [("x = 1", "a")]), PageModule("a.py", [])]

    with pytest.raises(ValueError, match=r"a\.py"):
        list(written_modules(modules, tmp_path))
