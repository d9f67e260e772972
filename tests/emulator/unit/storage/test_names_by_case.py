"""A schema whose names differ by case only: SQLite ignores the case of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.storage.sql_names import sql_names
from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.parse import parse_schema
from tests.support.emulator_client import Client
from tests.support.schemas import load_served, make_type

TEXT = {"type": "string"}


def schema_with_twins() -> Schema:
    """Return the recorded schema with twins of types, attributes, links and lists."""
    served = load_served()
    [status] = [kind for kind in served if kind["id"] == "Status"]
    status["properties"] |= {"Name": TEXT, "NAME": TEXT, "__TYPE__": TEXT}
    things = [thing("Thing"), thing("thing"), thing("THING")]
    return parse_schema([*served, *things]).schema


def thing(name: str) -> dict[str, Any]:
    served = make_type(name)
    served["default_projections"] = ["id", "label"]
    served["properties"] |= {
        "label": TEXT,
        "Label": TEXT,
        "Project_id": {"type": "string", "format": "foreign_key"},
        "project_id": {"type": "string", "format": "foreign_key"},
        "project": {"$ref": "Project"},
        "users": {"type": "array", "items": {"$ref": "User"}},
        "Users": {"type": "array", "items": {"$ref": "User"}},
    }
    return served


@pytest.fixture
def client() -> Iterator[Client]:
    with Emulator(schema=schema_with_twins()) as emulator:
        yield Client(emulator)


def test_names_are_kept_unless_they_have_a_twin() -> None:
    assert sql_names(["name", "Status"]) == {"name": "name", "Status": "Status"}
    assert sql_names(["name", "Name", "NAME"]) == {
        "name": "name",
        "Name": "Name:1",
        "NAME": "NAME:f",
    }
    assert sql_names(["NAME", "Name"])["NAME"] == "NAME:f"


def test_types_that_differ_by_case_have_different_rows(client: Client) -> None:
    for name in ("Thing", "thing", "THING"):
        client.create(name, id="t", label=name)
    for name in ("Thing", "thing", "THING"):
        [row] = client.query(f'{name} where label is "{name}"')
        assert (row["__entity_type__"], row["label"]) == (name, name)
    client.call({"action": "delete", "entity_type": "thing", "entity_key": ["t"]})
    counts = [len(client.query(name)) for name in ("Thing", "thing", "THING")]
    assert counts == [1, 0, 1]


def test_attributes_that_differ_by_case_have_different_values(client: Client) -> None:
    client.create("Thing", id="t1", label="small", Label="large")
    client.create("Thing", id="t2", label="large", Label="small")
    client.update("Thing", "t1", Label="largest")
    [row] = client.query('select label, Label from Thing where Label is "largest"')
    assert (row["label"], row["Label"]) == ("small", "largest")
    rows = client.query("select id from Thing order by label descending")
    assert [row["id"] for row in rows] == ["t1", "t2"]
    [status, *_] = client.query("select id from Status order by name")
    made = client.update("Status", status["id"], Name="b", NAME="c", __TYPE__="d")
    assert (made["Name"], made["NAME"]) == ("b", "c")
    [row] = client.query('select name, __TYPE__ from Status where Name is "b"')
    assert row["__entity_type__"] == "Status"
    assert (row["name"], row["__TYPE__"]) == ("Approved", "d")


def test_the_event_log_names_attributes_as_the_schema_does(client: Client) -> None:
    client.create("Thing", id="t", label="small", Label="large")
    client.update("Thing", "t", Label="largest")
    client.call({"action": "delete", "entity_type": "Thing", "entity_key": ["t"]})
    rows = client.query("select insert, data from Event order by id descending limit 2")
    deleted, updated = (json.loads(row["data"]) for row in rows)
    assert updated["keys"] == ["Label"]
    assert deleted["row"] == {"id": "t", "label": "small", "Label": "largest"}


def test_a_dump_and_a_snapshot_keep_both(client: Client, tmp_path: Path) -> None:
    client.create("Thing", id="t", label="small", Label="large")
    client.create("thing", id="t", label="other")
    emulator, path = client.emulator, tmp_path / "twins.db"
    emulator.snapshot(path)
    with (
        Emulator(schema=schema_with_twins(), seed="empty") as loaded,
        Emulator(schema=schema_with_twins(), database=path) as reopened,
    ):
        report = loaded.load(emulator.dump())
        assert dict(report.skipped) == {}
        for other in (loaded, reopened):
            assert other.dump() == emulator.dump()
    [row] = [row for row in emulator.dump() if row["__entity_type__"] == "Thing"]
    assert (row["label"], row["Label"]) == ("small", "large")
