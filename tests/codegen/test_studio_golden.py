"""The package of the emulator's demo production, byte for byte.

The schema is cut to the types around tasks and shots, so that the package can be
reviewed.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from ftrack_codegen.package import generate_package, write_package
from ftrack_codegen.studio.model import Studio
from ftrack_orm.emulator import Emulator
from ftrack_orm.schema.model import Schema
from tests.support.studio import read_source
from tests.support.studio_golden import EXPECTED, generate_golden, golden_schema


def test_package_is_the_golden_one_byte_for_byte() -> None:
    expected = {path.name: path.read_text("utf-8") for path in EXPECTED.iterdir()}
    assert generate_golden() == expected


def test_order_of_the_servers_rows_changes_no_byte() -> None:
    source = read_source(Emulator(seed="demo").transport())
    assert source.studio is not None
    document = source.studio.to_json()
    generator = random.Random(5)
    for part in ("custom_attributes", "links", "workflows"):
        document[part] = generator.sample(document[part], len(document[part]))
    for name, rows in document["reference"].items():
        document["reference"][name] = generator.sample(rows, len(rows))
    shuffled = Studio.from_json(document)
    schema = golden_schema(source.parsed.schema)
    names = generator.sample(sorted(schema.types), len(schema.types))
    files = generate_package(
        Schema({name: schema.types[name] for name in names}),
        "studio_models",
        studio=shuffled,
    )
    assert files == generate_golden()


def test_words_of_the_studio_change_no_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = generate_golden()
    write_package(files, tmp_path / "studio_models")
    stock = generate_package(
        golden_schema(read_source(Emulator(seed="demo").transport()).parsed.schema),
        "studio_models",
    )
    assert files["_registry.py"] == stock["_registry.py"]
    monkeypatch.syspath_prepend(str(tmp_path))
    from ftrack_codegen.compare import read_package_schema
    from ftrack_orm.schema.fingerprint import fingerprint

    rebuilt = read_package_schema(tmp_path / "studio_models")
    assert fingerprint(rebuilt) in files["_registry.py"]


def test_types_named_like_the_modules_of_words_make_way() -> None:
    source = read_source(Emulator(seed="demo").transport())
    schema = golden_schema(source.parsed.schema)
    clashing = {
        name: replace(schema.types["Status"], name=name)
        for name in ("Names", "Reference")
    }
    files = generate_package(
        Schema({**schema.types, **clashing}), "studio_models", studio=source.studio
    )
    assert {"names.py", "names_.py", "reference.py", "reference_.py"} <= files.keys()
    assert "StatusName" in files["names.py"]


def test_a_type_named_like_the_type_of_sessions_makes_way() -> None:
    schema = golden_schema(read_source(Emulator(seed="demo").transport()).parsed.schema)
    clashing = replace(schema.types["Status"], name="StudioSession")
    files = generate_package(
        Schema({**schema.types, "StudioSession": clashing}), "studio_models"
    )
    assert "StudioSession_ as StudioSession_" in files["__init__.py"]
    assert "StudioSession: _typing.TypeAlias" in files["__init__.py"]


def test_a_package_of_plain_sessions_has_no_type_of_sessions() -> None:
    schema = golden_schema(read_source(Emulator(seed="demo").transport()).parsed.schema)
    stock = generate_package(schema, "ftrack_models")
    assert "StudioSession" not in stock["__init__.py"]
    without_jobs = {
        name: entity_type for name, entity_type in schema.types.items() if name != "Job"
    }
    files = generate_package(Schema(without_jobs), "studio_models")
    assert "StudioSession" not in files["__init__.py"]
