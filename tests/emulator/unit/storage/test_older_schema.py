"""A schema whose foreign keys have a `$ref`, as older servers send it (protocol D)."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from ftrack_orm.emulator import Emulator
from ftrack_orm.schema.model import AttributeKind
from ftrack_orm.schema.parse import load_schema_file
from tests.support.emulator_client import ADMIN, Client
from tests.support.emulator_command import running
from tests.support.schemas import load_form_of_116_types, load_older_form


def test_foreign_keys_with_a_ref_are_served_and_hold_ids(tmp_path: Path) -> None:
    served = load_older_form()
    [resource] = [kind for kind in served if kind["id"] == "DashboardResource"]
    for name, target in (("dashboard_id", "Dashboard"), ("resource_id", "Resource")):
        resource["properties"][name]["$ref"] = target
    file = tmp_path / "query_schemas.json"
    file.write_text(json.dumps(served))

    with Emulator(schema=load_schema_file(file).schema) as emulator:
        client = Client(emulator)
        client.create("Dashboard", id="d1", name="mine")
        client.create("DashboardResource", dashboard_id="d1", resource_id=ADMIN)
        [row] = client.query(
            "select dashboard_id, dashboard.name, resource.username "
            "from DashboardResource where dashboard_id is d1"
        )
        [schemas] = client.call({"action": "query_schemas"})

    assert row["dashboard_id"] == "d1"
    assert row["dashboard"]["name"] == "mine"
    assert row["resource"]["username"] == "admin"
    [again] = [kind for kind in schemas if kind["id"] == "DashboardResource"]
    assert again["properties"] == resource["properties"]


@pytest.fixture(scope="module")
def file_of_116_types(tmp_path_factory: pytest.TempPathFactory) -> Path:
    types = load_form_of_116_types()
    assert len(types) == 116
    file = tmp_path_factory.mktemp("schema") / "query_schemas.json"
    file.write_text(json.dumps(types))
    return file


@pytest.mark.parametrize("seed", ["empty", "standard", "demo"])
def test_the_form_of_116_types_is_served_with_every_seed(
    file_of_116_types: Path, seed: str
) -> None:
    parsed = load_schema_file(file_of_116_types)
    with Emulator(schema=parsed.schema, seed=seed) as emulator:
        client = Client(emulator)
        [schemas] = client.call({"action": "query_schemas"})
        assert schemas == load_form_of_116_types()
        for entity_schema in parsed.schema:
            names = ", ".join(
                attribute.name
                for attribute in entity_schema.attributes.values()
                if attribute.kind is AttributeKind.SCALAR
            )
            text = f"select {names} from {entity_schema.name} limit 1"  # noqa: S608 - no SQL
            client.query(text)


def test_the_form_of_116_types_is_written_to(file_of_116_types: Path) -> None:
    with Emulator(schema=load_schema_file(file_of_116_types).schema) as emulator:
        client = Client(emulator)
        project = client.project()
        shot = client.create("Shot", name="sh010", parent_id=project)["id"]
        client.create("Task", id="t", name="comp", parent_id=shot, bid=60)
        client.update("Task", "t", description="Longer.")
        client.create("Dashboard", id="d", name="mine")
        client.create("DashboardResource", dashboard_id="d", resource_id=ADMIN)
        [task] = client.query(
            "select name, parent.name, status.name from Task where name is comp"
        )
        [row] = client.query("select dashboard.name from DashboardResource")
        client.call({"action": "delete", "entity_type": "Shot", "entity_key": [shot]})
        assert client.query("Task") == []
    assert task["parent"]["name"] == "sh010"
    assert task["status"]["name"] == "Not started"
    assert row["dashboard"]["name"] == "mine"


def test_the_command_serves_the_form_of_116_types(file_of_116_types: Path) -> None:
    with running("--schema", str(file_of_116_types)) as printed:
        answer = httpx.post(
            f"{printed['FTRACK_SERVER']}/api",
            json=[{"action": "query_schemas"}],
            headers={
                "ftrack-user": printed["FTRACK_API_USER"],
                "ftrack-api-key": printed["FTRACK_API_KEY"],
            },
        )
    assert len(answer.json()[0]) == 116
