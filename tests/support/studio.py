"""A studio on the emulator's demo production: every kind of custom attribute."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from ftrack_codegen.package import generate_package, write_package
from ftrack_codegen.source import fetch_source
from ftrack_codegen.studio.snapshot import Source
from ftrack_orm import Session, Transport
from ftrack_orm.emulator import Emulator
from ftrack_orm.transport.replies import read_reply

SHOT: Final = "bad911de-3bd6-47b9-8b46-3476e237cb36"
TASK: Final = "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c"
TYPES: Final = {
    "text": "6268aef0-381c-11e0-acff-0019bb49847a",
    "number": "92009b00-381c-11e0-acff-0019bb49847a",
    "date": "79968e9e-381c-11e0-acff-0019bb49847a",
    "boolean": "ad1034d8-15e2-11e1-b21a-0019bb4983d8",
    "enumerator": "6ff9c812-ead3-11e2-846c-f23c91dfaa16",
    "dynamic enumerator": "882e4aee-fae6-11e3-b623-20c9d0831e59",
    "expression": "d2e6a530-357f-11e2-bd73-0019bb4985b8",
    "url": "ec616dcd-56e2-4147-99f8-7e4a4f040cf9",
}


def choices(*values: str) -> str:
    """Return the configuration of an enumerator: JSON text inside JSON text."""
    options = [{"menu": value, "value": value} for value in values]
    return json.dumps({"multiSelect": False, "data": json.dumps(options)})


def configurations(project: str) -> list[dict[str, Any]]:
    """Return configurations beyond the stock ones.

    Args:
        project: the id of a project with own configurations.
    """
    shot = {"entity_type": "task", "object_type_id": SHOT}
    hierarchical = {"entity_type": "show", "is_hierarchical": True}
    rows: list[tuple[str, str, Any, dict[str, Any]]] = [
        ("reviewed", "boolean", False, shot),
        ("delivery", "date", None, shot),
        ("page", "url", None, shot),
        ("vendor_note", "text", "", shot),
        (
            "quality",
            "enumerator",
            ["low"],
            {**shot, "config": choices("low", "high", 'it\'s "late" 🎬')},
        ),
        ("artists", "dynamic enumerator", None, shot),
        ("frame-rate", "number", 24, shot),
        ("class", "text", "a", shot),
        ("keys", "text", "a", shot),
        ("3d", "boolean", False, shot),
        ("colour", "text", "", hierarchical),
        ("tone", "number", 1, hierarchical),
        ("tone", "text", "", shot),
        ("quality", "text", "", {"entity_type": "task", "object_type_id": TASK}),
        ("crew", "text", "", {"entity_type": "user"}),
        ("codec", "text", "", {"entity_type": "assetversion"}),
        ("fstart", "text", "", {**shot, "project_id": project}),
        ("plate", "text", "", {**shot, "project_id": project}),
    ]
    return [
        {
            "id": f"{number:08x}-0000-4000-8000-000000000000",
            "key": key,
            "label": key.replace("_", " ").title(),
            "type_id": TYPES[kind],
            "default": default,
            "config": "{}",
            "is_hierarchical": False,
            **scope,
        }
        for number, (key, kind, default, scope) in enumerate(rows, 16)
    ]


def links() -> list[dict[str, Any]]:
    """Return custom attribute link configurations."""
    shot = {"entity_type": "task", "object_type_id": SHOT, "config": "{}"}
    rows = [
        {"key": "supervisor", "entity_type_to": "user", **shot},
        {
            "key": "similar",
            "entity_type_to": "task",
            "object_type_id_to": SHOT,
            **shot,
        },
        {"key": "plates", "entity_type_to": "asset_version", **shot},
    ]
    return [
        {
            "id": f"{number:08x}-0000-4000-8000-00000000000a",
            "label": row["key"].title(),
            "one_to_one": False,
            **row,
        }
        for number, row in enumerate(rows)
    ]


def studio_emulator() -> Emulator:
    """Return an emulator of the demo production with every kind of custom attribute."""
    emulator = Emulator(seed="demo")
    with Session(transport=emulator.transport()) as session:
        [projects] = [session.query("select id from Project where name is bunny").data]
        for row in configurations(str(projects[0].reference.key[0])):
            session.create("CustomAttributeConfiguration", row)
        for row in links():
            session.create("CustomAttributeLinkConfiguration", row)
    return emulator


def read_source(transport: Transport) -> Source:
    """Return the schema and the configuration of the server behind `transport`."""
    return fetch_source(transport, read_reply)


@cache
def studio_source() -> Source:
    """Return the schema and the configuration of `studio_emulator`."""
    return read_source(studio_emulator().transport())


def write_studio_package(folder: Path) -> None:
    """Generate the package of the studio, ``studio_models``, below a folder."""
    source = studio_source()
    files = generate_package(
        source.parsed.schema, "studio_models", studio=source.studio
    )
    write_package(files, folder / "studio_models")
