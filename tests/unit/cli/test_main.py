"""The command line's entry: commands on demand, clear failures, exit codes."""

from __future__ import annotations

import builtins
import subprocess
import sys
from collections.abc import Mapping, Sequence

import click
import pytest
from click.testing import CliRunner

import ftrack_orm
from ftrack_orm import ConfigurationError
from ftrack_orm.cli.group import COMMANDS, LazyCommand, group
from ftrack_orm.cli.main import main


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )


def add_command(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    lazy = LazyCommand(module, "codegen", "A command.")
    monkeypatch.setattr(group, "lazy_commands", {"odd": lazy})


def test_help_lists_every_command_and_imports_none() -> None:
    done = run_python(
        "import sys; from ftrack_orm.cli.main import main\n"
        "try: main(['--help'])\n"
        "finally: print([m for m in sys.modules if m.startswith(\n"
        "    ('ftrack_orm.cli.', 'sqlalchemy', 'ftrack_orm.emulator'))])"
    )

    assert done.returncode == 0
    assert "emulator  Run an ftrack server with made-up data." in done.stdout
    assert "generate  Write typed models" in done.stdout
    assert "['ftrack_orm.cli.main', 'ftrack_orm.cli.group']" in done.stdout


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_command_is_found_and_explains_itself(
    runner: CliRunner, name: str
) -> None:
    result = runner.invoke(group, [name, "--help"])

    assert result.exit_code == 0
    assert f" {name} [OPTIONS]" in result.output


def test_an_unknown_command_is_a_usage_error(runner: CliRunner) -> None:
    result = runner.invoke(group, ["nothing"])

    assert result.exit_code == 2
    assert "No such command 'nothing'" in result.output


@pytest.mark.parametrize(
    ("arguments", "similar"),
    [
        (["migrat"], "migrate"),
        (["migrate", "verifyy"], "verify"),
        (["studio", "plna"], "plan"),
    ],
)
def test_a_misspelt_command_offers_a_similar_one(
    runner: CliRunner, arguments: list[str], similar: str
) -> None:
    result = runner.invoke(group, arguments)

    assert result.exit_code == 2
    assert f"Did you mean '{similar}'?" in result.output


def test_our_errors_are_told_without_a_traceback(
    runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command()
    def command() -> None:
        raise ConfigurationError(["FTRACK_SERVER"])

    module = type(sys)("odd_command")
    vars(module)["command"] = command
    monkeypatch.setitem(sys.modules, "odd_command", module)
    add_command(monkeypatch, "odd_command")

    result = runner.invoke(group, ["odd"])

    assert result.exit_code == 1
    assert result.output.startswith("Error: Not configured: FTRACK_SERVER.")


def test_a_missing_extra_is_named(
    runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_command(monkeypatch, "no_such_module")

    result = runner.invoke(group, ["odd"])

    assert result.exit_code == 1
    assert "no_such_module is missing" in result.output
    assert "pip install 'ftrack-orm[codegen]'" in result.output


def test_a_missing_command_line_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "ftrack_orm.cli.group")
    real_import = builtins.__import__

    def without_click(
        name: str,
        globals_: Mapping[str, object] | None = None,
        locals_: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> object:
        if name == "click":
            raise ModuleNotFoundError("No module named 'click'", name="click")
        return real_import(name, globals_, locals_, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", without_click)

    assert main([]) == 1
    error = capsys.readouterr().err
    assert "click is missing" in error
    assert "pip install 'ftrack-orm[cli]'" in error


@pytest.mark.parametrize("module", ["ftrack_orm", "ftrack_orm.cli.main"])
def test_the_package_runs_as_the_command(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, "emulator", "--help"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert done.stdout.startswith("Usage: ftrack-orm emulator [OPTIONS]")


def test_the_command_prints_the_version(runner: CliRunner) -> None:
    result = runner.invoke(group, ["--version"])

    assert result.exit_code == 0
    assert ftrack_orm.__version__ in result.output
