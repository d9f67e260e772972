"""The golden package of a studio: the demo production, with few entity types."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ftrack_codegen.package import generate_package
from ftrack_orm.emulator import Emulator
from ftrack_orm.schema.model import Schema
from tests.support.studio import read_source

EXPECTED: Final = (
    Path(__file__).resolve().parents[1] / "codegen" / "golden" / "studio" / "expected"
)

TYPES: Final = (
    "AssetType",
    "BaseUser",
    "Component",
    "ComponentLocation",
    "Context",
    "FileComponent",
    "Job",
    "ObjectType",
    "Priority",
    "Project",
    "ProjectSchema",
    "Resource",
    "Sequence",
    "Shot",
    "State",
    "Status",
    "Task",
    "Type",
    "TypedContext",
    "User",
)


def golden_schema(schema: Schema) -> Schema:
    """Return the schema of a few types; their links to others lead to any entity."""
    return Schema({name: schema.types[name] for name in TYPES})


def generate_golden() -> dict[str, str]:
    """Return the package of the demo production."""
    source = read_source(Emulator(seed="demo").transport())
    return generate_package(
        golden_schema(source.parsed.schema), "studio_models", studio=source.studio
    )
