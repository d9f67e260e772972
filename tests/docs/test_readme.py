"""The examples of the README run, in their order, on the demo production."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from ftrack_models import Shot, Status, Task
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator

README: Final = Path(__file__).parents[2] / "README.md"
TEXT: Final = README.read_text("utf-8")


def example(title: str) -> str:
    """Return the Python code of one section."""
    [code] = re.findall(r"```python\n(.*?)```", section(title), re.DOTALL)
    return str(code)


def section(title: str) -> str:
    """Return the text from one heading to the next."""
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def run(title: str, **names: Any) -> None:
    """Execute the code of one section with `names` defined."""
    exec(compile(example(title), f"README.md, {title}", "exec"), names)  # noqa: S102


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Serve the demo production, named by the environment."""
    with Emulator(seed="demo") as emulator:
        credentials = emulator.credentials
        monkeypatch.setenv("FTRACK_SERVER", credentials["server_url"])
        monkeypatch.setenv("FTRACK_API_USER", credentials["api_user"])
        monkeypatch.setenv("FTRACK_API_KEY", credentials["api_key"])
        yield emulator


def test_the_first_program_prints_the_output_that_is_shown(
    emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    [shown] = re.findall(
        r"prints:\n\n```\n(.*?)```", section("A first program"), re.DOTALL
    )

    run("A first program")

    assert capsys.readouterr().out == shown
    with Session() as session:
        task = session.select(Task).where(Task.name == "rotoscoping").one()
        waiting = session.select(Status).where(Status.name == "Pending Review").one()
        assert task.bid == 3 * 3600
        assert not session.select(Task).where(Task.status.is_(waiting)).exists()


def test_the_immediate_actions_run(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plate.mov").write_bytes(b"frames")
    monkeypatch.chdir(tmp_path)
    with Session() as session:
        shot = session.select(Shot).first()

        run("Acting at once", session=session, shot=shot, Task=Task)

    assert (tmp_path / "copy.mov").read_bytes() == b"frames"


def test_the_emulator_is_started(capsys: pytest.CaptureFixture[str]) -> None:
    run("Without a server", Task=Task)

    assert int(capsys.readouterr().out) > 50


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
    titles = ["A first program", "Acting at once", "Without a server"]

    assert [example(title) for title in titles] == re.findall(
        r"```python\n(.*?)```", TEXT, re.DOTALL
    )
