from __future__ import annotations

import ast
import importlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path

from ftrack_codegen.package import generate_package
from ftrack_orm.schema.fingerprint import fingerprint
from ftrack_orm.schema.parse import parse_schema
from tests.support.golden_cases import CASES, GoldenCase

ROOT = Path(__file__).resolve().parents[2]
IMPORTABLE = os.pathsep.join(str(ROOT / folder) for folder in ("", "codegen"))


def test_package_is_the_golden_one_byte_for_byte(case: GoldenCase) -> None:
    assert case.generate() == case.expected()


def test_order_of_types_changes_no_byte(case: GoldenCase) -> None:
    types = case.served()
    for seed in range(3):
        random.Random(seed).shuffle(types)
        assert generate_package(parse_schema(types).schema, case.name) == (
            case.expected()
        )


def test_order_of_keys_in_mappings_changes_no_byte() -> None:
    case = GoldenCase("unknown_types")
    types = case.served()
    odd = next(entity_type for entity_type in types if entity_type["id"] == "Odd")
    extra = odd["properties"]["extra"]["x-new"]
    odd["properties"]["extra"]["x-new"] = dict(reversed(extra.items()))
    assert generate_package(parse_schema(types).schema, case.name) == case.expected()


def test_classes_give_the_schema_back(case: GoldenCase, packages: Path) -> None:
    package = importlib.import_module(case.name)
    rebuilt = package.registry.schema()
    # Text, because to Python 1 and True are the same.
    assert json.dumps(rebuilt.to_json(), sort_keys=True) == json.dumps(
        sorted(case.served(), key=lambda entity_type: str(entity_type["id"])),
        sort_keys=True,
    )
    assert fingerprint(rebuilt) == package.registry.fingerprint
    assert {entity_type.name: entity_type.base for entity_type in rebuilt} == {
        entity_type.name: entity_type.base for entity_type in case.schema()
    }


def test_every_class_is_exported_complete_and_can_be_made(
    case: GoldenCase, packages: Path
) -> None:
    package = importlib.import_module(case.name)
    exported = set(package.__all__) - {"registry"}
    assert package.__all__ == sorted(package.__all__)
    assert {package.registry.resolve(name) for name in package.registry} == {
        getattr(package, name) for name in exported
    }
    for name in exported:
        entity_class = getattr(package, name)
        assert entity_class.__name__ == name
        entity_class.model_rebuild()
        assert entity_class.__ftrack__.name in package.registry


def test_modules_hold_declarations_only(case: GoldenCase) -> None:
    for name, text in case.expected().items():
        if name in ("__init__.py", "py.typed"):
            continue
        statements = ast.parse(text).body
        body = [
            inner
            for statement in statements
            if isinstance(statement, ast.ClassDef)
            for inner in statement.body
        ]
        assert all(isinstance(node, ast.AnnAssign | ast.Expr) for node in body), name


def test_mypy_accepts_every_package(packages: Path) -> None:
    names = [argument for case in CASES for argument in ("-p", case.name)]
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--warn-unreachable"),
            *(
                "--enable-error-code",
                "ignore-without-code",
                "--config-file",
                os.devnull,
            ),
            # The library itself is checked elsewhere.
            "--follow-imports=silent",
            *names,
        ],
        cwd=packages,
        env={**os.environ, "MYPYPATH": IMPORTABLE, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_pyright_accepts_every_package(packages: Path) -> None:
    settings = {
        "include": [case.name for case in CASES],
        "extraPaths": [str(ROOT)],
        "pythonVersion": "3.11",
        "typeCheckingMode": "standard",
    }
    (packages / "pyrightconfig.json").write_text(json.dumps(settings))
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "pyright", "--project", str(packages)),
            *("--pythonpath", sys.executable),
        ],
        cwd=packages,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
