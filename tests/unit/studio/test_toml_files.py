"""Files keep their comments, and every problem names its place."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ftrack_orm.errors.studio import StudioFileError
from ftrack_orm.studio.model import Studio
from ftrack_orm.studio.toml_files import dump_studio, json_schema, load_studio

STATUSES = """\
# The statuses of supervisors.
[[status]]
name = "Approved"  # by the client, too
state = "DONE"
color = "#00FF00"

[[status]]
name = "Only here"
state = "BLOCKED"
"""

SCHEMA = """\
[studio]
manage = ["status", "attribute", "project_schema"]

[[attribute]]
key = "tier"
hierarchical = true
type = "enumerator"
label = "Tier"
options = { low = "Low", 'q"x' = "Quote ✨" }

[[project_schema]]
name = "VFX"
task_statuses = ["Approved"]
    [project_schema.of.Shot]
    statuses = ["Approved"]
    [project_schema.override.Animation]
    task_statuses = ["Approved"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of two files."""
    (tmp_path / "statuses.toml").write_text(STATUSES, encoding="utf-8")
    (tmp_path / "workflow.toml").write_text(SCHEMA, encoding="utf-8")
    return tmp_path


def test_the_files_of_a_folder_are_one_configuration(folder: Path) -> None:
    studio = load_studio(folder)
    assert [each.name for each in studio.status] == ["Approved", "Only here"]
    assert studio.attribute[0].options == {"low": "Low", 'q"x': "Quote ✨"}
    assert studio.project_schema[0].of is not None
    assert studio.project_schema[0].of["Shot"].statuses == ("Approved",)


def test_kinds_that_are_left_out_are_not_managed(folder: Path) -> None:
    studio = load_studio(folder, only=["status"])
    assert studio.studio.manage == ("status",)
    assert studio.attribute == ()


def test_an_unchanged_configuration_writes_nothing(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert dump_studio(load_studio(folder), folder) == []
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_comments_order_and_unknown_tables_stay(folder: Path) -> None:
    studio = Studio.model_validate(
        {
            "studio": {"manage": ["status", "type"]},
            "status": [
                {"name": "Approved", "state": "DONE", "color": "#123456"},
                {"name": "New", "state": "DONE"},
            ],
            "type": [{"name": "FX", "sort": 3}],
        }
    )
    changed = dump_studio(studio, folder)
    assert [path.name for path in changed] == ["statuses.toml", "type.toml"]
    text = (folder / "statuses.toml").read_text(encoding="utf-8")
    assert "# The statuses of supervisors." in text
    assert "# by the client, too" in text
    names = [each["name"] for each in tomllib.loads(text)["status"]]
    assert names == ["Approved", "Only here", "New"]
    assert load_studio(folder).status[0].color == "#123456"
    assert load_studio(folder).type[0].sort == 3


def test_a_configuration_written_to_an_empty_folder_is_equal(
    folder: Path, tmp_path: Path
) -> None:
    studio = load_studio(folder)
    dump_studio(studio, tmp_path / "copy")
    written = load_studio(tmp_path / "copy")
    for kind in ("status", "attribute", "project_schema"):
        assert written.definitions(kind) == studio.definitions(kind)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[status]\n", r"b\.toml: .*line 1"),
        ("[[stauts]]\nname = 'x'\n", r"b\.toml: \[stauts\] is none of"),
        ("[[status]]\nname = 'a'\nstat = 'x'\n", r"number 1: stat: Extra inputs"),
        (
            "[[attribute]]\nkey = 'x'\ntype = 'text'\n",
            r"\[\[attribute\]\] number 1: write either on",
        ),
        (
            "[[attribute]]\nkey = 'x'\non = 'Shot'\ntype = 'numbr'\n",
            r"number 1: type: Input should be",
        ),
        (
            "[[status]]\nname = 'a'\n[[status]]\nname = 'A'\n",
            r"status 'A' is defined twice",
        ),
        ("[studio]\nmanage = ['statuses']\n", r"\[studio\]: manage\.0: Input should"),
    ],
)
def test_a_problem_names_its_place(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "a.toml").write_text("[[type]]\nname = 'FX'\n")
    (tmp_path / "b.toml").write_text(text)
    with pytest.raises(StudioFileError, match=problem):
        load_studio(tmp_path)


def test_a_file_that_cannot_be_parsed_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[[type]\n")
    with pytest.raises(StudioFileError, match=r"a\.toml"):
        dump_studio(Studio(), tmp_path)
    assert (tmp_path / "a.toml").read_text() == "[[type]\n"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudioFileError, match="no such folder"):
        load_studio(tmp_path / "absent")


def test_editors_get_a_schema_of_every_kind() -> None:
    schema = json_schema()
    assert "attribute" in schema["properties"]
    assert "key" in schema["$defs"]["Attribute"]["properties"]
