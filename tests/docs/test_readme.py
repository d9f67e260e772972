"""The examples of the README run; `test_first_steps` follows its commands."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from ftrack_models import Shot, Task
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from tests.support.server_variables import name_server

README: Final = Path(__file__).parents[2] / "README.md"
TEXT: Final = README.read_text("utf-8")


def example(title: str) -> str:
    """Return the Python code of one section."""
    section = TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]
    [code] = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    return str(code)


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Serve the demo production, named by the environment."""
    with Emulator(seed="demo") as emulator:
        name_server(monkeypatch, emulator)
        yield emulator


def test_the_immediate_actions_run_twice_as_well_as_once(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plate.mov").write_bytes(b"frames")
    monkeypatch.chdir(tmp_path)
    code = compile(example("Acting at once"), "README.md", "exec")

    exec(code, {})  # noqa: S102
    exec(code, {})  # noqa: S102

    assert (tmp_path / "copy.mov").read_bytes() == b"frames"
    with Session() as session:
        assert session.select(Task).where(Task.name == "rotoscoping").count() == 1


def test_the_mistakes_in_types_raise_at_run_time(emulator: Emulator) -> None:
    with Session() as session:
        shot = session.select(Shot).first()
        result = doctest.testfile(
            str(README),
            module_relative=False,
            globs={"Task": Task, "shot": shot},
            optionflags=doctest.IGNORE_EXCEPTION_DETAIL,
            encoding="utf-8",
        )

    assert result.attempted >= 4
    assert result.failed == 0


def test_every_example_of_the_readme_is_run() -> None:
    titles = ["A first program", "Acting at once"]

    assert [example(title) for title in titles] == re.findall(
        r"```python\n(.*?)```", TEXT, re.DOTALL
    )
