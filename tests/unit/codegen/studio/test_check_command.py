"""`ftrack-orm generate` with a studio's words, from a snapshot."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ftrack_codegen.studio.report import CheckReport, sarif_report
from ftrack_codegen.studio.scan import BrokenLine, Scan
from ftrack_codegen.studio.snapshot import save_snapshot
from ftrack_orm.cli.generate import command
from tests.support.studio import studio_source

Edit = Callable[[dict[str, Any]], object]


class Studio:
    """A snapshot of a studio, and the package generated from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.snapshot = folder / "studio.json"
        self.output = folder / "out"
        self.package = self.output / "studio_models"

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(
            command,
            [
                *("--snapshot", str(self.snapshot)),
                *("--output", str(self.output), "--package", "studio_models"),
                *arguments,
            ],
        )

    def change(self, edit: Edit) -> None:
        document = json.loads(self.snapshot.read_bytes())
        edit(document["studio"])
        self.snapshot.write_text(json.dumps(document))


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    studio = Studio(tmp_path_factory.mktemp("generated"))
    save_snapshot(studio_source(), studio.snapshot)
    done = studio.run()
    assert done.exit_code == 0, done.output
    return studio.folder


@pytest.fixture
def studio(generated: Path, tmp_path: Path) -> Studio:
    shutil.copytree(generated, tmp_path, dirs_exist_ok=True)
    return Studio(tmp_path)


def rename_approved(document: dict[str, Any]) -> None:
    [row] = [r for r in document["reference"]["Status"] if r["name"] == "Approved"]
    row["name"] = "Signed off"


def remove_fstart(document: dict[str, Any]) -> None:
    document["custom_attributes"] = [
        row for row in document["custom_attributes"] if row["key"] != "fend"
    ]


def test_a_second_run_changes_no_file(studio: Studio) -> None:
    assert "nothing was written" in studio.run().output


def test_a_package_that_is_the_same_exits_with_zero(studio: Studio) -> None:
    checked = studio.run("--check", "--json")
    assert checked.exit_code == 0
    assert json.loads(checked.output)["same"] is True


def test_a_difference_exits_with_three_and_is_stated_in_words(studio: Studio) -> None:
    studio.change(rename_approved)
    studio.change(remove_fstart)
    checked = studio.run("--check")
    assert checked.exit_code == 3
    assert "  Shot.fend: custom attribute removed" in checked.output
    assert "  Status 'Approved': renamed to 'Signed off'" in checked.output
    report = json.loads(studio.run("--check", "--json").output)
    assert report["same"] is False
    assert [each["kind"] for each in report["differences"]] == ["removed", "renamed"]


def test_a_missing_package_exits_with_one(studio: Studio) -> None:
    shutil.rmtree(studio.package)
    checked = studio.run("--check")
    assert checked.exit_code == 1


@pytest.fixture
def tool(studio: Studio) -> Path:
    folder = studio.folder / "src"
    folder.mkdir()
    path = folder / "tool.py"
    path.write_text(
        "from studio_models.reference import statuses\n"
        "print(shot.custom_attributes.fend)\n"
        "task.status = statuses.approved\n"
        "task.name = 'Approved'\n"
    )
    return path


def test_a_scan_lists_the_broken_lines(studio: Studio, tool: Path) -> None:
    studio.change(rename_approved)
    studio.change(remove_fstart)
    checked = studio.run("--check", "--scan", str(tool.parent))
    assert checked.exit_code == 3
    place = tool.as_posix()
    assert f"{place}:2:7: custom attribute 'fend' was removed" in checked.output
    assert f"{place}:3:15: statuses.approved was renamed to 'signed_off'" in (
        checked.output
    )
    assert f"{place}:4" not in checked.output


def test_two_forms_of_the_report_are_refused(studio: Studio) -> None:
    checked = studio.run("--check", "--json", "--format", "sarif")
    assert checked.exit_code == 2
    assert "Give either --json or --format sarif." in checked.output
    assert studio.run("--check", "--json", "--format", "json").exit_code == 0


def test_a_scan_in_sarif_has_a_result_for_each_line(studio: Studio, tool: Path) -> None:
    studio.change(remove_fstart)
    checked = studio.run("--check", "--scan", str(tool), "--format", "sarif")
    assert checked.exit_code == 3
    document = json.loads(checked.output)
    [run] = document["runs"]
    assert (document["version"], run["tool"]["driver"]["name"]) == (
        "2.1.0",
        "ftrack-orm",
    )
    assert run["columnKind"] == "unicodeCodePoints"
    [result] = run["results"]
    assert result["ruleId"] in {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == tool.as_uri()
    assert location["region"] == {"startLine": 2, "startColumn": 7}


def test_a_scan_without_a_check_is_refused(studio: Studio, tool: Path) -> None:
    assert studio.run("--scan", str(tool)).exit_code == 2


def test_a_stock_package_has_no_words_of_the_studio(studio: Studio) -> None:
    done = studio.run("--stock")
    assert done.exit_code == 0, done.output
    assert not (studio.package / "names.py").exists()
    assert not (studio.package / "studio.json").exists()
    context = (studio.package / "context.py").read_text()
    assert "custom_attributes: Mapped[VariableValue]" in context
    assert "CustomAttributes" not in context


def test_a_stock_check_of_a_studios_package_explains_itself(studio: Studio) -> None:
    checked = studio.run("--stock", "--check")
    assert checked.exit_code == 3
    assert "has the studio's words. Leave out --stock" in checked.output


def test_a_relative_path_in_sarif_is_a_reference_of_its_file() -> None:
    line = BrokenLine("my tools/größe#1.py", 1, 1, "a was removed", "a")
    report = CheckReport("models", (), (), Scan((line,), (), 1))
    [result] = json.loads(sarif_report(report, "1"))["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "my%20tools/gr%C3%B6%C3%9Fe%231.py"


def test_a_package_is_a_source_with_its_words(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(studio.output))
    before = (studio.package / "shot.py").read_bytes()
    done = CliRunner().invoke(
        command,
        [
            *("--models", "studio_models"),
            *("--output", str(studio.folder / "again"), "--package", "studio_models"),
        ],
    )
    assert done.exit_code == 0, done.output
    again = studio.folder / "again" / "studio_models"
    assert (again / "shot.py").read_bytes() == before
    assert (again / "studio.json").read_bytes() == (
        studio.package / "studio.json"
    ).read_bytes()


def test_a_snapshot_saved_again_has_the_same_bytes(studio: Studio) -> None:
    copy = studio.folder / "copy.json"
    done = CliRunner().invoke(
        command, ["--snapshot", str(studio.snapshot), "--save", str(copy)]
    )
    assert done.exit_code == 0, done.output
    assert copy.read_bytes() == studio.snapshot.read_bytes()


def test_a_foreign_studio_file_is_not_overwritten(studio: Studio) -> None:
    (studio.package / "studio.json").write_text("{}")
    done = studio.run()
    assert done.exit_code == 1
    assert "studio.json" in done.output
    assert (studio.package / "studio.json").read_text() == "{}"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "other"}'])
def test_a_file_that_is_no_snapshot_is_refused(studio: Studio, content: str) -> None:
    studio.snapshot.write_text(content)
    done = studio.run()
    assert done.exit_code == 1
    assert str(studio.snapshot) in done.output
