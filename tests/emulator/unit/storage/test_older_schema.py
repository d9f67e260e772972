"""A schema whose foreign keys have a `$ref`, as older servers send it (protocol D)."""

from __future__ import annotations

import json
from pathlib import Path

from ftrack_orm.emulator import Emulator
from ftrack_orm.schema.parse import load_schema_file
from tests.support.emulator_client import ADMIN, Client
from tests.support.schemas import load_older_form


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
