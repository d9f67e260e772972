"""The page about the Session API: its examples run, its table leaves nothing out."""

from __future__ import annotations

import doctest
import inspect
import re
from pathlib import Path

import pytest

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.session.immediate import ImmediateActions

PAGE = Path(__file__).parents[2] / "docs" / "session.md"


def test_every_example_runs(tmp_path: Path) -> None:
    with Emulator(seed="demo") as emulator:
        credentials = emulator.credentials
        result = doctest.testfile(
            str(PAGE),
            module_relative=False,
            globs={
                "SERVER_URL": credentials["server_url"],
                "API_USER": credentials["api_user"],
                "API_KEY": credentials["api_key"],
                "FOLDER": tmp_path,
            },
            encoding="utf-8",
        )

    assert result.attempted > 50
    assert result.failed == 0


def immediate_methods() -> set[str]:
    """Return the public names that sessions have beside their unit of work."""
    own = vars(Session).keys()
    return {
        name
        for base in Session.__mro__[1:-1]
        for name in vars(base)
        if not name.startswith("_") and name not in own
    }


def test_the_table_names_every_method_that_acts_at_once() -> None:
    assert "ensure" in vars(ImmediateActions)
    listed = set(re.findall(r"^\| \[`(\w+)`\]", PAGE.read_text("utf-8"), re.MULTILINE))

    assert listed == immediate_methods()


def test_the_table_of_options_names_every_parameter() -> None:
    text = PAGE.read_text("utf-8")
    section = text[text.index("## The constructor") : text.index("## `call`")]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    listed = {
        name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])
    }

    assert listed == set(inspect.signature(Session.__init__).parameters) - {"self"}


@pytest.mark.parametrize("method", sorted(immediate_methods()))
def test_every_method_has_an_example(method: str) -> None:
    text = PAGE.read_text("utf-8")
    examples = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))

    assert re.search(rf"\bsession\.{method}\b", examples)
