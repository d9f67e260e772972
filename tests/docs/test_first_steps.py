"""README and the first pages, followed as written, with the built wheel."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from tests.support.citations import ROOT
from tests.support.followed_page import (
    Command,
    SavedFile,
    build_wheel,
    newcomer,
    steps_of,
)

README: Final = (ROOT / "README.md").read_text("utf-8")
START: Final = (ROOT / "docs" / "start.md").read_text("utf-8")
TESTING: Final = (ROOT / "docs" / "testing.md").read_text("utf-8")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel of the project."""
    return build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))


def usage_of_readme() -> str:
    """Return README without the commands for work on the project itself."""
    return re.sub(r"^\$ make .*\n", "", README.split("\n## Your studio")[0], flags=re.M)


def unnamed_programs(page: str) -> list[str]:
    """Return the programs of a page that it gives no file name."""
    named = [step.text for step in steps_of(page) if isinstance(step, SavedFile)]
    programs = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    return [code for code in programs if code not in named and ">>>" not in code]


@pytest.mark.slow
def test_readme_works_as_written(wheel: Path, tmp_path: Path) -> None:
    with newcomer(tmp_path, ROOT, wheel) as person:
        assert person.follow(steps_of(usage_of_readme())) == []
        assert person.follow([hello(README)]) == []
        origin = person.run("python -c 'import ftrack_orm; print(ftrack_orm.__file__)'")

    assert Path(origin.strip()).is_relative_to(tmp_path)


@pytest.mark.slow
def test_the_first_page_and_the_one_about_testing_work_as_written(
    wheel: Path, tmp_path: Path
) -> None:
    with newcomer(tmp_path, ROOT, wheel) as person:
        assert person.follow(steps_of(START)) == []
        assert person.follow([hello(START)]) == []
        assert person.follow(steps_of(TESTING)) == []
        [code] = unnamed_programs(TESTING)
        (tmp_path / "test_unnamed.py").write_text(code, "utf-8")
        assert "1 passed" in person.run("python -m pytest test_unnamed.py")


def hello(page: str) -> Command:
    """Return the command that runs the first program of a page."""
    [command] = [
        step
        for step in steps_of(page)
        if isinstance(step, Command) and step.line == "python hello.py"
    ]
    assert command.output.endswith("0 tasks wait for a review\n")
    return command


def test_a_command_is_read_with_its_output() -> None:
    page = (
        "Save this as `one.py`:\n\n```python\nprint(1)\n```\n\n"
        "```console\n$ python one.py  # prints\n1\n$ python two.py\n```\n"
    )

    assert steps_of(page) == [
        SavedFile("one.py", "print(1)\n"),
        Command("python one.py", "1\n"),
        Command("python two.py", ""),
    ]


def test_an_output_that_is_not_shown_is_found(wheel: Path, tmp_path: Path) -> None:
    with newcomer(tmp_path, ROOT, wheel) as person:
        [difference] = person.follow([Command("echo 2", "1\n")])

    assert difference == "$ echo 2\n2\n\n(shown:)\n1\n"
