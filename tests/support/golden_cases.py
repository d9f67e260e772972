"""Small schemas, each with one odd property, and the packages expected of them."""

from __future__ import annotations

import json
from pathlib import Path

from ftrack_codegen.package import generate_package
from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.parse import load_schema_file
from ftrack_orm.types import JSONObject

GOLDEN = Path(__file__).resolve().parents[1] / "codegen" / "golden"


class GoldenCase:
    """One folder of `golden`: a schema as served, and the package expected of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.schema_file = GOLDEN / name / "schema.json"
        self.expected_folder = GOLDEN / name / "expected"

    def __repr__(self) -> str:
        return self.name

    def served(self) -> list[JSONObject]:
        content: list[JSONObject] = json.loads(self.schema_file.read_bytes())
        return content

    def schema(self) -> Schema:
        return load_schema_file(self.schema_file).schema

    def generate(self) -> dict[str, str]:
        return generate_package(self.schema(), self.name)

    def expected(self) -> dict[str, str]:
        return {
            path.name: path.read_bytes().decode()
            for path in self.expected_folder.iterdir()
            if path.is_file()
        }


CASES = tuple(
    GoldenCase(path.parent.name) for path in sorted(GOLDEN.glob("*/schema.json"))
)
