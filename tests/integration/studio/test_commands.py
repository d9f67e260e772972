"""The commands of `ftrack-orm studio` and `migrate freeze`, as a user types them."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from ftrack_models import Status
from ftrack_orm.cli.group import group
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.history import LOCK
from ftrack_orm.migrations.history_store import METADATA
from ftrack_orm.migrations.lock import lock_row
from tests.support.migration_plans import connect, ready
from tests.support.server_variables import name_server


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Serve a standard server with a history; the shell names it."""
    monkeypatch.chdir(tmp_path)
    emulator = Emulator(seed="standard")
    with emulator:
        ready(emulator).close()
        name_server(monkeypatch, emulator)
        yield emulator


def run(*arguments: str, answer: str = "") -> Result:
    """Run a command of the studio; an unexpected exception fails the test."""
    result = CliRunner().invoke(group, ["studio", *arguments], input=answer)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_configuration_from_init_to_a_second_apply(server: Emulator) -> None:
    assert run("init").exit_code == 0
    assert Path("studio/status.toml").exists()
    assert json.loads(Path("studio/ftrack-studio.schema.json").read_text())
    assert run("check").exit_code == 0
    assert "have the configuration of the server" in run("pull").output

    path = Path("studio/status.toml")
    text = path.read_text(encoding="utf-8")
    path.write_text(
        f'# Ours.\n{text}\n[[status]]\nname = "On air"\nstate = "DONE"\n',
        encoding="utf-8",
    )
    difference = run("diff", "--exit-code")
    assert difference.exit_code == 3
    assert "+ status 'On air'" in difference.output
    document = json.loads(run("check", "--json").output)
    assert document["format"] == 1
    assert document["differences"][0]["key"] == ["On air"]

    planned = run("plan", "--out", "studio.plan")
    last = planned.stdout.splitlines()[-1]
    assert last == "Nothing was changed. ftrack-orm migrate apply studio.plan"
    assert run("plan").stdout.endswith("Nothing was changed. ftrack-orm studio apply\n")
    assert "Status created" in planned.output
    assert Path("studio.plan").stat().st_mode & 0o777 == 0o600

    assert run("apply").exit_code == 5
    refused = run("apply", answer="y\n")
    assert refused.exit_code == 5
    assert "it was not confirmed" in refused.output
    assert run("check").exit_code == 3
    number = re.search(r"^(\d+) changes at", refused.output, re.MULTILINE)
    assert number is not None
    applied = run("apply", answer=f"{number[1]}\n")
    assert applied.exit_code == 0, applied.output
    assert "1 change in 1 round." in applied.output
    assert run("check").exit_code == 0
    assert "nothing was sent" in run("apply", "--yes").output
    assert run("pull").exit_code == 0
    assert path.read_text(encoding="utf-8").startswith("# Ours.")
    for call in (planned, applied, difference):
        assert server.credentials["api_key"] not in call.output


def add_status(name: str) -> None:
    """Add a status to the files."""
    path = Path("studio/status.toml")
    text = path.read_text(encoding="utf-8")
    path.write_text(
        f'{text}\n[[status]]\nname = "{name}"\nstate = "DONE"\n', encoding="utf-8"
    )


def test_an_apply_generates_the_models_of_the_studio(
    server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("init").exit_code == 0
    options = Path("studio/studio.toml")
    options.write_text(
        options.read_text().replace(
            "format = 1\n", 'format = 1\nmodels = "src/studio_models"\n'
        )
    )
    add_status("On air")
    applied = run("apply", "--yes")
    assert applied.exit_code == 0, applied.output
    assert "src/studio_models: " in applied.output
    package = Path("src/studio_models")
    assert any("On air" in path.read_text() for path in package.rglob("*.py"))

    before = {path: path.stat().st_mtime_ns for path in package.rglob("*.py")}
    assert run("apply", "--yes").exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before

    add_status("Aired")
    monkeypatch.setitem(sys.modules, "ftrack_codegen.package", None)
    failed = run("apply", "--yes")
    assert failed.exit_code == 1
    assert "1 change in 1 round." in failed.output
    assert "The configuration is applied" in failed.output
    assert "ftrack-orm generate --output src --package studio_models" in failed.output


def test_kinds_are_pulled_from_another_place(server: Emulator) -> None:
    assert run("init").exit_code == 0
    assert run("init", "--folder", "other").exit_code == 0
    for kind in ("status", "priority"):
        path = Path(f"other/{kind}.toml")
        path.write_text(path.read_text().replace('color = "', 'color = "#123456" # '))
    before = Path("studio/priority.toml").read_text()
    pulled = run("pull", "--from", "other", "--kinds", "status")
    assert pulled.exit_code == 0, pulled.output
    assert pulled.output == "wrote studio/status.toml\n"
    assert "#123456" in Path("studio/status.toml").read_text()
    assert Path("studio/priority.toml").read_text() == before
    again = run("pull", "--from", "other", "--kinds", "status")
    assert again.output == "The files have the configuration of other.\n"

    wrong = run("pull", "--kinds", "status,colour")
    assert wrong.exit_code == 2
    assert "do not manage 'colour', but object_type, status" in wrong.output
    nowhere = run("pull", "--from", "otther")
    assert nowhere.exit_code == 2
    assert "'otther' is no folder, snapshot or URL" in nowhere.output


def test_a_server_is_named_where_a_configuration_goes(
    server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("init").exit_code == 0
    add_status("On air")
    monkeypatch.delenv("FTRACK_SERVER")
    url = server.credentials["server_url"]
    assert "+ 1 Status created" in run("plan", "--to", url).output
    assert run("apply", "--to", url, "--yes").exit_code == 0
    assert run("check", "--to", url).exit_code == 0


def test_a_file_with_a_mistake_is_named(server: Emulator) -> None:
    Path("studio").mkdir()
    Path("studio/a.toml").write_text('[[status]]\nnaem = "x"\n')
    result = run("plan")
    assert result.exit_code == 1
    assert "a.toml, line 2: [[status]]: naem" in result.output
    assert not [
        operation
        for call in server.calls
        for operation in call.operations
        if operation["action"] not in ("query", "query_schemas")
        and operation.get("entity_type") == "Status"
    ]


def test_two_folders_are_compared_without_a_server(tmp_path: Path) -> None:
    for name, color in (("a", "#111111"), ("b", "#222222")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "status.toml").write_text(
            f'[[status]]\nname = "Approved"\ncolor = "{color}"\n'
        )
    result = run("diff", "--from", f"{tmp_path}/a", "--to", f"{tmp_path}/b")
    assert "color: #222222 -> #111111" in result.output
    assert run("diff", "--to", f"{tmp_path}/absent").exit_code == 2


@pytest.mark.parametrize("name", ["init", "pull", "diff", "check", "plan", "apply"])
def test_each_command_has_an_example(name: str) -> None:
    result = run(name, "--help")
    assert f"Example: ftrack-orm studio {name}" in result.output


def test_exit_codes_of_an_apply(server: Emulator) -> None:
    run("init")
    path = Path("studio/status.toml")
    text = path.read_text(encoding="utf-8")
    path.write_text(f'{text}\n[[status]]\nname = "On air"\nstate = "DONE"\n')
    with connect(server) as session:
        client = RunClient(session)
        client.send([METADATA.create_row(LOCK, lock_row("r1", "o1", "ben"))])
        locked = run("apply", "--yes")
        assert locked.exit_code == 6
        assert "r1" in locked.output
        client.send([METADATA.delete_row(LOCK)])
    assert run("apply", "--yes").exit_code == 0

    path.write_text(path.read_text().replace('state = "DONE"', 'state = "NO"', 1))
    refused = run("apply", "--yes")
    assert refused.exit_code == 5
    assert "cannot be applied" in refused.output

    path.write_text(f'{text}\n[[status]]\nname = "On air"\nstate = "DONE"\n')
    with connect(server) as session:
        status = session.select(Status).where(Status.name == "Approved").one()
        session.update(Status, status.reference.key, {"color": "#123456"})
    left_alone = run("apply", "--yes")
    assert left_alone.exit_code == 4, left_alone.output
    assert "The server was changed since the last apply" in left_alone.output
    assert run("apply", "--yes", "--overwrite-server").exit_code == 0
    assert run("check").exit_code == 0


@pytest.mark.usefixtures("server")
def test_an_apply_as_json_prints_the_events_of_its_runs() -> None:
    run("init")
    path = Path("studio/status.toml")
    path.write_text(
        f'{path.read_text()}\n[[status]]\nname = "On air"\nstate = "DONE"\n'
    )
    result = run("apply", "--yes", "--json")
    assert result.exit_code == 0, result.output
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["event"] for each in events] == ["begin", "chunk", "end"]
    assert "1 change in 1 round." in result.stderr
    assert run("apply", "--yes", "--json").stdout == ""

    path.write_text(path.read_text().replace('state = "DONE"', 'state = "NO"', 1))
    refused = run("apply", "--yes", "--json")
    assert refused.exit_code == 5
    [error] = [json.loads(line) for line in refused.stdout.splitlines()]
    assert (error["event"], error["exit_code"]) == ("error", 5)


@pytest.mark.usefixtures("server")
def test_ctrl_c_ends_the_question_of_an_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    run("init")

    def ask(prompt: str) -> str:
        signal.raise_signal(signal.SIGINT)
        return "1"

    monkeypatch.setattr("click.termui.visible_prompt_func", ask)
    path = Path("studio/status.toml")
    path.write_text(
        f'{path.read_text()}\n[[status]]\nname = "On air"\nstate = "DONE"\n'
    )
    # The runner replaces the function for questions, so the command is called as it is.
    context = group.make_context("ftrack-orm", ["studio", "apply"])
    with pytest.raises(click.exceptions.Exit) as raised, context:
        group.invoke(context)
    assert raised.value.exit_code == 5
    assert run("check").exit_code == 3


@pytest.mark.usefixtures("server")
def test_a_pull_keeps_a_rename_that_is_not_applied() -> None:
    assert run("init").exit_code == 0
    path = Path("studio", "status.toml")
    renamed = 'name = "In review"\nrenamed_from = "Pending Review"'
    path.write_text(path.read_text().replace('name = "Pending Review"', renamed))
    files = {file: file.read_text() for file in Path("studio").glob("*.toml")}

    assert run("pull").exit_code == 0

    assert 'name = "Pending Review"' not in path.read_text()
    assert path.read_text() == files[path]
    assert run("diff").output.endswith("1 to change\n")
