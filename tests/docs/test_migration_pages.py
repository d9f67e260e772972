"""The pages of migrations: programs that are tested, commands and configuration."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import click
import pytest

from ftrack_orm.cli.group import group
from ftrack_orm.emulator import Emulator
from ftrack_orm.studio import Studio
from tests.support.citations import ROOT, broken_links
from tests.support.followed_tutorial import environment_of
from tests.support.migration_plans import ready
from tests.support.type_checkers import TYPING

FOLDER: Final = ROOT / "docs" / "migrations"
PAGES: Final = sorted(FOLDER.glob("*.md"))
TEXT: Final = "\n".join(page.read_text("utf-8") for page in PAGES)

_PROGRAM: Final = re.compile(r"`(\w+\.py)`:\n\n```python\n(.*?)```", re.DOTALL)
_COMMAND: Final = re.compile(r"ftrack-orm ((?:migrate|studio|snapshot)\b[^`\n#]*)")


def commands(found: click.Command, *names: str) -> dict[tuple[str, ...], click.Command]:
    """Return a command and all commands below it, by their names."""
    if not isinstance(found, click.Group):
        return {names: found}
    context = click.Context(found)
    below: dict[tuple[str, ...], click.Command] = {}
    for name in found.list_commands(context):
        command = found.get_command(context, name)
        assert command is not None
        below |= commands(command, *names, name)
    return below


COMMANDS: Final = commands(group)


def test_programs_of_the_page_are_the_tested_ones() -> None:
    programs = dict(_PROGRAM.findall((FOLDER / "jobs.md").read_text("utf-8")))
    tested = {
        path.name: path.read_text("utf-8")
        for path in (TYPING / "migrations").glob("*.py")
        if path.stem not in ("right_values", "wrong")
    }

    assert {name: programs.get(name) for name in tested} == tested


@pytest.mark.parametrize("text", sorted(set(_COMMAND.findall(TEXT))))
def test_every_named_command_and_option_exists(text: str) -> None:
    words = text.split()
    command = COMMANDS.get((words[0], words[1])) if len(words) > 1 else None
    if len(words) > 1 and re.fullmatch(r"[a-z]+", words[1]):
        assert command is not None, text
        options = {name for each in command.params for name in each.opts}
        assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_has_an_example(names: tuple[str, ...]) -> None:
    command = COMMANDS[names]
    context = click.Context(command, info_name=" ".join(["ftrack-orm", *names]))
    text = " ".join(command.get_help(context).split())

    assert re.search(rf"Examples?: +(?:\$ )?ftrack-orm {' '.join(names)}\b", text)


def test_an_integration_ensures_its_attributes(tmp_path: Path) -> None:
    [code] = re.findall(
        r"`our_integration.py`:\n\n```python\n(.*?)```", TEXT, re.DOTALL
    )
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 # the page's
    (tmp_path / "farm.toml").write_text(
        '[[attribute]]\nkey = "pool"\non = "Shot"\ntype = "text"\nlabel = "Pool"\n'
        'read = ["*"]\nwrite = ["*"]\n'
    )

    with Emulator(seed="standard") as emulator, ready(emulator) as session:
        assert names["ensure_attributes"](session, tmp_path) > 0
        assert names["ensure_attributes"](session, tmp_path) == 0


def test_a_listener_applies_its_plan(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [code] = re.findall(r"```python\n([^`]+from job1_cascade.*?)```", TEXT, re.DOTALL)
    monkeypatch.syspath_prepend(TYPING / "migrations")

    with Emulator(seed="demo") as emulator, ready(emulator):
        for name, value in environment_of(emulator.credentials).items():
            monkeypatch.setenv(name, value)
        exec(code, {})  # noqa: S102 # the page's

    assert capsys.readouterr().out == "0 0\n"


def test_the_configuration_of_the_page_is_valid() -> None:
    first, second = re.findall(
        r"```toml\n(.*?)```", (FOLDER / "studio.md").read_text("utf-8"), re.DOTALL
    )

    studio = Studio.model_validate(tomllib.loads(first))
    options = Studio.model_validate(tomllib.loads(second)).studio

    assert studio.status[0].renamed_from == "Pending Review"
    assert options.models == "src/studio_models"


def test_every_code_of_a_finding_is_described() -> None:
    sources = [*(ROOT / "ftrack_orm" / "migrations").rglob("*.py")]
    sources += (ROOT / "ftrack_orm" / "studio").glob("*.py")
    code = re.compile(r"\bFM\d{3}\b")
    used = {
        found for path in sources for found in code.findall(path.read_text("utf-8"))
    }
    page = (FOLDER / "reference.md").read_text("utf-8")

    assert used <= set(re.findall(r"^\| (FM\d{3}) \|", page, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken_links(page) == []
