"""The committed package against the recorded schema of a stock server."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

from ftrack_codegen.compare import explain_changes, read_package_schema
from ftrack_codegen.package import (
    compare_package,
    generate_package,
    rebuild_command,
)
from ftrack_orm.schema.fingerprint import fingerprint
from ftrack_orm.schema.parse import parse_schema
from ftrack_orm.types import JSONObject

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "generated" / "ftrack_models"


def run_python(code: str) -> str:
    """Run `code` in a fresh interpreter with warnings as errors; return its output."""
    folders = [str(ROOT), str(ROOT / "codegen"), str(ROOT / "generated")]
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_committed_package_is_what_the_generator_writes(
    recorded: list[JSONObject],
) -> None:
    schema = parse_schema(recorded).schema
    files = generate_package(schema, "ftrack_models", command=rebuild_command(PACKAGE))
    assert not compare_package(files, PACKAGE), compare_package(files, PACKAGE)
    assert rebuild_command(PACKAGE) == "make generate"


def test_order_of_types_changes_no_byte(recorded: list[JSONObject]) -> None:
    shuffled = list(recorded)
    random.Random(7).shuffle(shuffled)
    assert shuffled != recorded
    files = generate_package(
        parse_schema(shuffled).schema, "ftrack_models", command="make generate"
    )
    assert not compare_package(files, PACKAGE)


def test_schema_rebuilt_from_the_models_is_the_recorded_one(
    recorded: list[JSONObject],
) -> None:
    rebuilt = json.loads(
        run_python(
            "import json, ftrack_models\n"
            "print(json.dumps(ftrack_models.registry.schema().to_json()))"
        )
    )
    by_id = sorted(recorded, key=lambda entity_type: str(entity_type["id"]))
    assert json.dumps(rebuilt, sort_keys=True) == json.dumps(by_id, sort_keys=True)
    known = run_python(
        "import ftrack_models; print(ftrack_models.registry.fingerprint)"
    )
    assert known.strip() == fingerprint(parse_schema(recorded).schema)


def test_no_change_is_explained_where_there_is_none(recorded: list[JSONObject]) -> None:
    schema = parse_schema(recorded).schema
    assert explain_changes(read_package_schema(PACKAGE), schema) == ()


def test_reaching_one_class_imports_it_and_its_bases_only() -> None:
    printed = run_python(
        "import sys\n"
        "from ftrack_models import Task\n"
        "print(sorted(name for name in sys.modules if name.startswith('ftrack_m')))"
    )
    assert printed.strip() == str(
        [
            "ftrack_models",
            "ftrack_models._registry",
            "ftrack_models.context",
            "ftrack_models.task",
            "ftrack_models.typed_context",
        ]
    )


def test_generator_is_not_imported_with_the_models() -> None:
    printed = run_python(
        "import sys\n"
        "from ftrack_models import Task\n"
        "Task.model_rebuild()\n"
        "heavy = ('ftrack_codegen', 'datamodel_code_generator', 'jinja2', 'requests')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    assert printed.strip() == "[]"


def test_every_class_can_be_built() -> None:
    printed = run_python(
        "import ftrack_models\n"
        "names = [n for n in ftrack_models.__all__ if n != 'registry']\n"
        "print(sum(getattr(ftrack_models, n).model_rebuild() or 1 for n in names))"
    )
    assert int(printed) == 130


def test_links_are_never_built_with_their_owner() -> None:
    printed = run_python(
        "import sys\n"
        "from ftrack_models import Task\n"
        "Task.model_rebuild()\n"
        "Task(name='a').model_dump_json()\n"
        "print('ftrack_models.status' in sys.modules)"
    )
    assert printed.strip() == "False"


def test_attributes_stand_in_order_of_key_scalars_links_and_collections() -> None:
    text = (PACKAGE / "asset_version.py").read_text()
    places = [
        text.index(f"    {declared}")
        for declared in (
            "id: ReadOnly[str]",
            "project_id: Attr[str | None]",
            "version: Attr[int]",
            "thumbnail_url: ReadOnly[JSONObject | None]",
            "asset: Ref[Asset]",
            "task: OptionalRef[Task]",
            "components: Many[Component]",
            "metadata: Mapped[str]",
            "custom_attributes: Mapped[VariableValue]",
        )
    ]
    assert places[:-2] == sorted(places[:-2])
    assert min(places[-3:]) > places[-4]


def test_workflow_rules_of_the_stock_server_are_in_the_types() -> None:
    shot = (PACKAGE / "shot.py").read_text()
    assert "bid: ReadOnly[float]" in shot
    typed_context = (PACKAGE / "typed_context.py").read_text()
    assert "bid: Attr[float]" in typed_context
    assert "parent" not in (PACKAGE / "task.py").read_text()
    link = (PACKAGE / "typed_context_link.py").read_text()
    assert 'Literal["start_to_start", "start_to_end", "end_to_start"' in link
    assert "link: ReadOnly[LinkItems]" in (PACKAGE / "context.py").read_text()
    assert "user: OptionalRef[User]" in (PACKAGE / "recipient.py").read_text()
