from __future__ import annotations

from pathlib import Path

from ftrack_codegen.package import (
    FileChanges,
    compare_package,
    generate_package,
    rebuild_command,
    write_package,
)
from ftrack_codegen.render import HEADER
from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.parse import parse_schema
from ftrack_orm.types import JSONObject


def make_type(name: str) -> JSONObject:
    return {
        "id": name,
        "type": "object",
        "primary_key": ["id"],
        "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
    }


def make_schema(*names: str) -> Schema:
    return parse_schema([make_type(name) for name in names]).schema


def test_a_new_package_has_a_file_for_every_type_and_a_type_marker() -> None:
    files = generate_package(make_schema("Task", "AssetVersion"), "models")
    assert sorted(files) == [
        "__init__.py",
        "_registry.py",
        "asset_version.py",
        "py.typed",
        "task.py",
    ]


def test_every_python_file_names_the_tool_the_schema_and_the_command() -> None:
    files = generate_package(make_schema("Task"), "models", command="make models")
    for name, text in files.items():
        if name != "py.typed":
            first = text.splitlines()[0]
            assert first.startswith(HEADER)
            assert first.endswith("Do not edit; run `make models`.")


def test_writing_says_what_it_did_and_a_second_time_touches_nothing(
    tmp_path: Path,
) -> None:
    files = generate_package(make_schema("Task"), "models")
    folder = tmp_path / "models"
    assert write_package(files, folder) == FileChanges(tuple(sorted(files)), (), ())
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert not write_package(files, folder)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_files_of_types_that_are_gone_are_removed_and_no_one_elses(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "models"
    write_package(generate_package(make_schema("Task", "Old"), "models"), folder)
    (folder / "mine.py").write_text("# kept\n")
    (folder / "notes.txt").write_text(HEADER)
    changes = write_package(generate_package(make_schema("Task"), "models"), folder)
    assert changes.removed == ("old.py",)
    assert {path.name for path in folder.iterdir()} == {
        *("__init__.py", "_registry.py", "py.typed", "task.py"),
        *("mine.py", "notes.txt"),
    }


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    files = generate_package(make_schema("Task", "User"), "models")
    write_package(files, folder)
    (folder / "task.py").write_text(files["task.py"] + "# edited\n")
    assert compare_package(files, folder) == FileChanges((), ("task.py",), ())
    assert write_package(files, folder).changed == ("task.py",)
    assert (folder / "task.py").read_text() == files["task.py"]


def test_the_command_of_an_earlier_run_is_remembered(tmp_path: Path) -> None:
    assert rebuild_command(tmp_path / "models") == "ftrack-orm generate"
    files = generate_package(make_schema("Task"), "models", command="make models")
    write_package(files, tmp_path / "models")
    assert rebuild_command(tmp_path / "models") == "make models"
