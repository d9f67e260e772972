"""A run imports the file of a plan, if its meaning is that of the plan."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftrack_orm import RevisionFileError
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.plan_module import import_source
from ftrack_orm.migrations.revision import load_module

SOURCE = """def step(name): return name


def up(plan): pass
"""


@pytest.fixture
def file(tmp_path: Path) -> Iterator[PlanFile]:
    path = tmp_path / "effects_tool.py"
    path.write_text(SOURCE)
    with PlanFile.create(tmp_path / "a.plan") as file:
        file.set_meta("source", str(path))
        file.set_meta("code_digest", load_module(path).digest)
        del sys.modules["ftrack_migration_effects_tool"]
        yield file
    sys.modules.pop("ftrack_migration_effects_tool", None)


def test_the_module_is_imported_under_the_name_in_effects(file: PlanFile) -> None:
    import_source(file)
    module = sys.modules["ftrack_migration_effects_tool"]
    assert vars(module)["step"]("x") == "x"

    import_source(file)
    assert sys.modules["ftrack_migration_effects_tool"] is module


def test_a_changed_file_is_refused(file: PlanFile) -> None:
    path = Path(str(file.meta("source")))
    path.write_text(SOURCE.replace("return name", "return 1"))
    with pytest.raises(RevisionFileError, match="has changed"):
        import_source(file)
    assert "ftrack_migration_effects_tool" not in sys.modules

    path.write_text(f"# A comment.\n{SOURCE}")
    import_source(file)


def test_a_plan_of_a_function_needs_no_file(tmp_path: Path) -> None:
    with PlanFile.create(tmp_path / "b.plan") as file:
        import_source(file)
        assert file.meta("source") is None
