"""``ftrack-orm migrate lint`` and ``check``: findings, exit codes and JSON."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ftrack_orm.cli.group import group

REVISION = """from ftrack_models import Status
from ftrack_orm.migrations import Revision
{imports}
revision = Revision({id!r}, "title", needs={needs})


def up(plan):
    status = plan.find(Status, Status.name == "Revise")
    {line}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the revisions; no variable names a server."""
    monkeypatch.chdir(tmp_path)
    for name in ("FTRACK_SERVER", "FTRACK_API_USER", "FTRACK_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "migrations"
    path.mkdir()
    return path


def write(
    folder: Path,
    name: str,
    *needs: str,
    line: str = "status.is_active = False",
    imports: str = "",
) -> Path:
    """Write the file of a revision."""
    path = folder / f"{name}.py"
    text = REVISION.format(id=name, needs=list(needs), line=line, imports=imports)
    path.write_text(text)
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["migrate", *arguments])


def found(*arguments: str) -> tuple[int, list[tuple[str, str]]]:
    """Return the exit code, and code and severity of each finding."""
    result = run(*arguments, "--json")
    document: dict[str, Any] = json.loads(result.stdout)
    assert document["format"] == 1
    findings = [(item["code"], item["severity"]) for item in document["findings"]]
    return result.exit_code, findings


def test_an_empty_folder_has_no_findings(folder: Path) -> None:
    assert found("check") == (0, [])
    assert found("lint") == (0, [])
    folder.rmdir()
    assert found("check", "--exit-code") == (0, [])


def test_a_revision_that_another_needs_has_frozen_models(folder: Path) -> None:
    write(folder, "a_1")
    assert found("check") == (0, [("FM106", "warn")])
    assert found("check", "--exit-code") == (3, [("FM106", "warn")])

    write(folder, "b_2", "a_1", line="status.sort = 1")

    assert found("check") == (5, [("FM106", "stop"), ("FM106", "warn")])
    assert "ftrack-orm migrate freeze a_1" in run("check").stdout
    for name in ("a_1", "b_2"):
        assert run("freeze", name).exit_code == 0
    assert found("check", "--exit-code") == (0, [])


def test_models_that_are_imported_whole_cannot_be_frozen(folder: Path) -> None:
    write(folder, "a_1", imports="import ftrack_models as models")
    result = run("check")
    assert "a_1.py:3: FM106" in result.stdout
    assert "from ftrack_models import Shot" in result.stdout
    frozen = run("freeze", "a_1")
    assert frozen.exit_code == 1
    assert "import the entity classes by name" in frozen.stderr
    assert (folder / "a_1.py").exists()


HELPER = """from  ftrack_models import (
    Shot,
    Status,
)


def is_status(entity):
    return isinstance(entity, Status) and not isinstance(entity, Shot)
"""


def test_the_other_files_of_a_revision_are_frozen_with_it(folder: Path) -> None:
    path = write(folder, "a_1", line="assert is_status(status)")
    home = folder / "a_1"
    (home / "parts").mkdir(parents=True)
    helper = home / "parts" / "statuses.py"
    helper.write_text(HELPER)
    source = path.read_text()
    path.unlink()
    imports = "from .parts.statuses import is_status\n"
    (home / "__init__.py").write_text(imports + source)

    assert run("freeze", "a_1").exit_code == 0

    assert "from ..models import (" in helper.read_text()
    assert found("check") == (0, [])
    rehearsed = run("rehearse", "a_1", "--seed", "demo")
    assert rehearsed.exit_code == 0, rehearsed.output


def test_frozen_models_are_complete(folder: Path) -> None:
    write(folder, "a_1")
    frozen = run("freeze", "a_1", "--with", "ProjectSchema")
    assert "frozen models of" in frozen.stdout
    models = folder / "a_1" / "models"
    assert "class ProjectSchema" in (models / "project_schema.py").read_text()
    assert "imports no generated models" in run("freeze", "a_1").stderr

    shutil.move(models, folder / "a_1" / "other")
    assert found("check") == (5, [("FM106", "stop")])
    assert "its frozen models are missing" in run("check").stdout


def test_a_frozen_type_that_is_gone_is_named(folder: Path) -> None:
    write(folder, "a_1")
    run("freeze", "a_1")
    (folder / "a_1" / "models" / "state.py").unlink()
    assert found("check") == (5, [("FM106", "stop")])
    assert "models.state. Restore them" in run("check").stdout


def test_needs_and_files_are_checked(folder: Path) -> None:
    write(folder, "a_1", "0_0")
    result = run("check")
    assert result.exit_code == 5
    assert "needs 0_0, which is not in the folder" in result.stdout

    (folder / "b_2.py").write_text("import no_such_module\n")
    assert "importing it raises ModuleNotFoundError" in run("check").stdout
    assert run("lint").exit_code == 1


def test_findings_of_the_code(folder: Path) -> None:
    write(
        folder,
        "a_1",
        imports="from datetime import datetime",
        line="status.name = str(datetime.now())",
    )
    write(folder, "b_2", line="status.name = 'x'")
    write(folder, "c_3", line="status.sort = 3")

    assert found("lint") == (5, [("FM105", "warn"), ("FM107", "stop")])
    assert found("lint", "c_3", "--exit-code") == (0, [])
    assert found("lint", "b_2") == (5, [("FM107", "stop")])
    text = run("lint").stdout
    assert "migrations/a_1.py:9: FM105 up reads the time" in text
    assert 'Add needs=["a_1"] to b_2' in text
    assert "Revisions: 3, errors: 1, warnings: 1." in text


def test_an_unknown_revision_is_an_error(folder: Path) -> None:
    write(folder, "a_1")
    error = run("lint", "z").stderr
    assert "There is no revision 'z'" in error
    assert "ftrack-orm migrate status" in error


def test_a_recipe_and_its_parameters(folder: Path) -> None:
    assert run("new", "x", "--set", "key=a").exit_code == 2
    assert run("new", "x", "--recipe", "rename").exit_code == 2
    wrong = run("new", "x", "--recipe", "retype", "--set", "kye=a")
    assert wrong.exit_code == 1
    assert "'kye' is no parameter" in wrong.stderr
    assert list(folder.iterdir()) == []

    result = run("new", "Moved", "--recipe", "move-attribute", "--set", "key=a")

    [path] = folder.glob("*_moved/__init__.py")
    assert "new_key=new_key" in result.stdout
    assert 'plan.values("a", of=Shot, kind=str)' in path.read_text()
