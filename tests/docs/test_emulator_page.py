"""The page for testers: its examples run, and its tables leave nothing out."""

from __future__ import annotations

import doctest
import inspect
import re
from pathlib import Path
from typing import Final

from click import Option
from PIL import Image

from ftrack_orm.cli.emulate import command
from ftrack_orm.emulator import EventHub, Faults
from ftrack_orm.emulator.stock.studio import ADMIN_API_KEY, ADMIN_USERNAME

PAGE: Final = Path(__file__).parents[2] / "docs" / "emulator.md"


def section(title: str) -> str:
    """Return the text of the page from one title to the next."""
    text = PAGE.read_text("utf-8")
    return text.split(f"## {title}\n")[1].split("\n## ")[0]


def listed(title: str) -> set[str]:
    """Return the names that begin the rows of a section's table."""
    return set(re.findall(r"^\| `(?:--)?([\w-]+)", section(title), re.MULTILINE))


def test_every_example_runs(tmp_path: Path) -> None:
    Image.new("RGB", (300, 200)).save(tmp_path / "logo.png")
    result = doctest.testfile(
        str(PAGE),
        module_relative=False,
        globs={"FOLDER": tmp_path},
        optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL,
        encoding="utf-8",
    )

    assert result.attempted > 30
    assert result.failed == 0


def test_the_table_of_options_names_every_option() -> None:
    options = {
        name.removeprefix("--")
        for parameter in command.params
        if isinstance(parameter, Option)
        for name in parameter.opts
    }

    assert listed("The command") == options


def test_the_table_of_faults_names_every_fault() -> None:
    methods = {
        name
        for name, value in inspect.getmembers(Faults, inspect.isfunction)
        if not name.startswith("_")
    }

    assert listed("Faults") == methods - {"take", "clear"}


def test_the_table_of_the_event_hub_names_what_testers_use() -> None:
    names = {name for name in dir(EventHub) if not name.startswith("_")}
    others = {"forget", "publish_update", "reply", "reset", "wait_until"}

    assert listed("Events") == names - others


def test_what_the_command_prints_is_shown() -> None:
    shown = section("The command")

    assert f"FTRACK_API_USER={ADMIN_USERNAME}\n" in shown
    assert f"FTRACK_API_KEY={ADMIN_API_KEY}\n" in shown
