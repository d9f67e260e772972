from __future__ import annotations

import json
from typing import Any

import pytest

from ftrack_codegen.source import fetch_source
from ftrack_codegen.studio.model import Studio
from ftrack_codegen.studio.replies import expressions, read_studio
from ftrack_orm import SchemaError, Session
from ftrack_orm.transport.replies import read_reply
from tests.support.studio import links, read_source, studio_emulator, studio_source


def results(**rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return results of the expressions, empty where no rows are given."""
    return [{"data": rows.get(name, [])} for name in expressions()]


def test_schema_and_words_are_read_in_one_request() -> None:
    emulator = studio_emulator()
    before = len(emulator.calls)
    source = fetch_source(emulator.transport(), read_reply)
    assert len(emulator.calls) == before + 1
    assert source.studio is not None
    assert len(source.parsed.schema.types) == 130


def test_the_words_of_the_demo_production_are_read() -> None:
    studio = studio_source().studio
    assert studio is not None
    assert {name: len(rows) for name, rows in studio.reference.items()} == {
        "Status": 11,
        "Type": 24,
        "Priority": 5,
        "ObjectType": 10,
        "AssetType": 10,
        "State": 4,
        "ProjectSchema": 4,
        "ListCategory": 3,
    }
    [quality, _] = [row for row in studio.custom_attributes if row.key == "quality"]
    assert quality.choices == ("low", "high", 'it\'s "late" 🎬')
    assert list(studio.projects.values()) == ["bunny"]
    [vfx] = [workflow for workflow in studio.workflows if workflow.name == "VFX"]
    assert vfx.statuses["Shot"] == (
        *("Completed", "In progress", "Not started", "Omitted", "On Hold"),
    )
    assert "Animation" in vfx.types["Task"]
    assert "Shot" not in vfx.types or vfx.types["Shot"] == ()


def test_a_project_with_nothing_but_a_link_of_its_own_is_read() -> None:
    emulator = studio_emulator()
    session = Session(transport=emulator.transport())
    project = session.query("select id from Project where name is squirrel").data[0]
    row = {
        **links()[0],
        "id": "own",
        "key": "own",
        "project_id": project.reference[1][0],
    }
    session.create("CustomAttributeLinkConfiguration", row)
    studio = read_source(emulator.transport()).studio
    assert studio is not None
    assert sorted(studio.projects.values()) == ["bunny", "squirrel"]


def test_the_form_for_files_is_lossless() -> None:
    studio = studio_source().studio
    assert studio is not None
    assert Studio.from_json(json.loads(json.dumps(studio.to_json()))) == studio


def test_values_that_a_response_states_once_are_completed() -> None:
    bare = {"__entity_type__": "CustomAttributeType", "id": "t"}
    first, second = (
        {
            "__entity_type__": "CustomAttributeConfiguration",
            "id": key,
            "key": key,
            "type": value_type,
        }
        for key, value_type in (("a", {**bare, "name": "number"}), ("b", bare))
    )
    studio = read_studio(results(CustomAttributeConfiguration=[first, second]))
    assert [row.type for row in studio.custom_attributes] == ["number", "number"]


@pytest.mark.parametrize(
    "config", [None, "", "{", "[]", "3", '{"data": "{"}', '{"data": [{"menu": "a"}]}']
)
def test_a_configuration_that_is_no_json_has_no_choices(config: str | None) -> None:
    row = {"id": "a", "key": "a", "config": config}
    studio = read_studio(results(CustomAttributeConfiguration=[row]))
    assert studio.custom_attributes[0].choices == ()


def test_rows_without_a_name_are_left_out() -> None:
    names = (None, "B", "")
    rows: list[dict[str, Any]] = [
        {"id": str(number), "name": name} for number, name in enumerate(names)
    ]
    studio = read_studio(results(Status=rows))
    assert [row.name for row in studio.reference["Status"]] == ["", "B"]


def test_data_of_another_form_is_an_error() -> None:
    with pytest.raises(SchemaError, match="holds no configuration of a studio"):
        Studio.from_json({"custom_attributes": [{"colour": 1}]})
