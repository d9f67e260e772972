"""What a program imports of a studio's package of 300 types; modules are counted."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ftrack_codegen.package import generate_package, write_package
from tests.support.large_studio import CUSTOM_ATTRIBUTES, TYPES, large_source

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large") / "large_models"
    source = large_source()
    assert source.studio is not None
    assert len(source.parsed.schema.types) == TYPES
    assert len(source.studio.custom_attributes) == CUSTOM_ATTRIBUTES
    files = generate_package(source.parsed.schema, "large_models", studio=source.studio)
    write_package(files, folder)
    return folder


def imported(package: Path, statement: str) -> list[str]:
    """Return the modules that a statement imports in a fresh interpreter."""
    path = os.pathsep.join([str(ROOT), str(package.parent)])
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {statement}; print(*sys.modules)"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def own(modules: list[str]) -> list[str]:
    return sorted(name for name in modules if name.startswith("large_models."))


def test_a_class_comes_with_its_bases_only(package: Path) -> None:
    modules = imported(package, "from large_models import Shot")
    assert own(modules) == [
        "large_models._registry",
        "large_models.context",
        "large_models.shot",
        "large_models.typed_context",
    ]
    late = ("ftrack_orm.session", "ftrack_orm.query.path", "ftrack_orm.schema.model")
    assert [name for name in modules if name.startswith(late)] == []


def test_reference_data_comes_with_the_class_of_its_rows(package: Path) -> None:
    statement = "from large_models.reference import statuses"
    assert own(imported(package, statement)) == [
        "large_models._registry",
        "large_models.reference",
    ]
    assert own(imported(package, f"{statement}; statuses.approved")) == [
        "large_models._registry",
        "large_models.reference",
        "large_models.state",
        "large_models.status",
    ]


def test_types_of_custom_attributes_are_for_checkers_only(package: Path) -> None:
    """A class creates one declaration for each key, and no function for its items."""
    classes = {
        node.name: node
        for node in ast.parse((package / "shot.py").read_text()).body
        if isinstance(node, ast.ClassDef)
    }
    custom = classes["ShotCustomAttributes"]
    kinds = {type(node) for node in custom.body}
    assert kinds == {ast.Expr, ast.AnnAssign, ast.If}
    paths = classes["ShotCustomPaths"]
    assert {type(node) for node in paths.body} == {ast.Expr, ast.If}
    [items] = [node for node in custom.body if isinstance(node, ast.If)]
    assert ast.unparse(items.test) == "TYPE_CHECKING"
