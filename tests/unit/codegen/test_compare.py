from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ftrack_codegen.compare import explain_changes, read_package_schema
from ftrack_codegen.package import generate_package, write_package
from ftrack_orm import SchemaError
from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.parse import parse_schema


def make_schema(**attributes: str) -> Schema:
    properties = {name: {"type": kind} for name, kind in attributes.items()}
    return parse_schema(
        [
            {
                "id": "Thing",
                "type": "object",
                "primary_key": ["id"],
                "properties": {"id": {"type": "string"}, **properties},
            }
        ]
    ).schema


def test_a_package_gives_back_the_schema_it_was_made_of(tmp_path: Path) -> None:
    schema = make_schema(name="string")
    write_package(generate_package(schema, "checked"), tmp_path / "checked")
    assert read_package_schema(tmp_path / "checked") == schema


def test_reading_a_package_leaves_no_trace_of_it(tmp_path: Path) -> None:
    write_package(generate_package(make_schema(), "checked"), tmp_path / "checked")
    path = list(sys.path)
    read_package_schema(tmp_path / "checked")
    assert "checked" not in sys.modules
    assert "checked.thing" not in sys.modules
    assert sys.path == path


def test_two_packages_of_one_name_are_not_confused(tmp_path: Path) -> None:
    for place, kind in (("one", "string"), ("two", "number")):
        write_package(
            generate_package(make_schema(value=kind), "checked"),
            tmp_path / place / "checked",
        )
    one, two = (
        read_package_schema(tmp_path / place / "checked") for place in ("one", "two")
    )
    assert [str(change) for change in explain_changes(one, two)] == [
        'Thing.value: type changed from "string" to "number"'
    ]


def test_a_missing_and_a_broken_package_are_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no generated package"):
        read_package_schema(tmp_path / "checked")
    (tmp_path / "checked").mkdir()
    (tmp_path / "checked" / "__init__.py").write_text("import nowhere_at_all\n")
    with pytest.raises(SchemaError, match="cannot be imported"):
        read_package_schema(tmp_path / "checked")


def test_nothing_is_explained_where_types_only_come_in_another_order() -> None:
    schema = make_schema(a="string")
    assert explain_changes(schema, schema) == ()
