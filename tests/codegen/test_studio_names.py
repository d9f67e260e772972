"""Names of a studio that are no identifiers, collide, or hide what a module needs."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

from ftrack_codegen.package import generate_package, write_package
from ftrack_codegen.studio.model import CustomAttribute, ReferenceRow, Studio
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from tests.support.imported_packages import imported_package
from tests.support.studio import SHOT, studio_source
from tests.support.type_checkers import ROOT, run_mypy, run_pyright

HIDING: Final = (
    *("bool", "datetime", "float", "list", "str"),
    *("Any", "CustomAttr", "CustomChoices", "Literal", "Sequence", "TypeAlias"),
    *("TYPE_CHECKING", "attribute", "custom_attribute", "overload"),
    *("key", "self", "value", "Shot", "Status", "annotations", "ShotQuality"),
    *("ShotCustomAttributes", "ShotCustomKey", "ShotCustomPaths", "ShotList"),
    *("ContextCustomAttributes", "ContextCustomKey", "TypedContext", "User"),
)
"""Keys that are names of the module, or of what its annotations mean."""

ODD: Final = (
    *("frame-rate", "frame rate", "frame_rate", "FrameRate", "3d", "", " "),
    *("_hidden", "__init__", "__class__", "model_fields", "class", "class_", "None"),
    *("keys", "items", "update", "effective", "reference", "schema"),
    *('a"b', "a'b", "a\\b", "a\nb", "🎬", "größe", "ﬁlm", "fps", "FPS", "Fps"),
)
"""Keys that are no identifiers, differ by case, or are owned by the mapping."""

CHOICES: Final = (
    *('it\'s "late"', "back\\slash", "new\nline", "🎬", "{braces}", "", " a ", '"""'),
    *("None", "a", "A", "%", "x" * 300, "\u202e", "\x00"),
)

NAMES: Final = (
    *("WIP", "wip", "Wip!", "3D", "🎬", "None", "class", "get", "others", "a\\b"),
    *(
        "row",
        "",
        " ",
        'the "best"',
        "Twice",
        "Twice",
        "__",
        "two\nlines",
        "__class__",
        "_entity",
    ),
)


PROGRAM: Final = """\
from odd_models.reference import statuses, types

print(statuses["row"].name, statuses[""].name, statuses["🎬"].name)
print(statuses["Twice"].name)
print(types["Both"].name)
"""
"""Two rows have a name that is no key: checkers report the last two lines."""


def overridden() -> Iterator[CustomAttribute]:
    """Yield configurations of keys that some projects configure in another way."""
    shot: dict[str, Any] = {"entity_type": "task", "object_type_id": SHOT}
    show: dict[str, Any] = {"entity_type": "show", "is_hierarchical": True}
    for number, (scope, project, kind, choices) in enumerate(
        [
            (show, None, "enumerator", ("p", "q")),
            (show, "p1", "text", ()),
            (show, "p2", "enumerator", ("r",)),
            (shot, "p3", "enumerator", ("s",)),
            (shot, "p4", "number", ()),
        ]
    ):
        scoped = {**scope, "project_id": project}
        for key in ("tint", f"tint {kind}"):
            yield CustomAttribute(
                id=f"{key}-{number}", key=key, type=kind, choices=choices, **scoped
            )


def odd_studio() -> Studio:
    """Return a configuration of odd names."""
    source = studio_source()
    assert source.studio is not None
    attributes = [
        CustomAttribute(
            id=f"odd-{number}",
            key=key,
            label=f'{key} "label" \\ """ 🎬',
            type=("number", "text", "date", "enumerator")[number % 4],
            entity_type="task",
            object_type_id=SHOT,
            default="a",
            choices=CHOICES if number % 4 == 3 else (),
        )
        for number, key in enumerate(dict.fromkeys([*HIDING, *ODD]))
    ]
    projects = {"p1": "3 Körper!", "p2": "Shot", "p3": "shot", "p4": "🎬", "p5": ""}
    for project in projects:
        row = CustomAttribute(
            id=f"odd-{project}",
            key="own",
            type="enumerator",
            entity_type="task",
            object_type_id=SHOT,
            project_id=project,
            choices=("a",),
        )
        attributes.append(row)
    attributes += overridden()
    rows = tuple(
        ReferenceRow(f"status-{number}", name) for number, name in enumerate(NAMES)
    )
    return replace(
        source.studio,
        custom_attributes=tuple(attributes),
        projects=projects,
        reference={
            **source.studio.reference,
            "Status": rows,
            "Type": (ReferenceRow("type-1", "Both"), ReferenceRow("type-2", "Both")),
        },
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    schema = studio_source().parsed.schema
    studio = Studio.from_json(json.loads(json.dumps(odd_studio().to_json())))
    files = generate_package(schema, "odd_models", studio=studio)
    assert files == generate_package(schema, "odd_models", studio=studio)
    write_package(files, folder / "odd_models")
    return folder


@pytest.fixture
def models(folder: Path) -> Iterator[ModuleType]:
    with imported_package("odd_models", folder) as package:
        yield package


def test_both_checkers_accept_the_package(
    folder: Path,
) -> None:
    modules = (
        *("names", "reference", "context", "status", "typed_context"),
        *("shot", "task", "project", "asset", "asset_version"),
    )
    files = [folder / "odd_models" / f"{name}.py" for name in modules]
    settings = {
        "include": ["program.py", *(f"odd_models/{path.name}" for path in files)],
        "extraPaths": [str(ROOT), "."],
        "pythonVersion": "3.11",
        "typeCheckingMode": "strict",
    }
    (folder / "program.py").write_text(PROGRAM)
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    wrong = {("program.py", 4), ("program.py", 5)}
    mypy = run_mypy(files=[*files, folder / "program.py"], packages=folder)
    pyright = run_pyright(folder)
    assert (set(mypy.codes), set(pyright.codes)) == (wrong, wrong)


def test_every_key_can_be_read_and_compared(models: Any) -> None:
    # A key has the name ShotCustomAttributes.
    attributes = importlib.import_module("odd_models.shot").ShotCustomAttributes2
    by_key = {key: name for name, key in attributes.__keys__.items()}
    assert {key for key in HIDING if key not in by_key} == {"TYPE_CHECKING", "overload"}
    assert {key for key in ODD if key in by_key} == {
        *("frame_rate", "FrameRate", "class_", "None", "keys", "items", "update"),
        *("effective", "reference", "schema", "größe", "fps", "FPS", "Fps"),
        "model_fields",
    }
    assert (by_key["keys"], by_key["None"]) == ("keys_", "None_")
    path = models.Shot.custom_attributes
    for key in (*HIDING, *ODD):
        expected = repr(path[key])
        if key in by_key:
            assert repr(getattr(path, by_key[key])) == expected


def test_every_name_of_a_row_is_reachable(models: Any) -> None:
    statuses = importlib.import_module("odd_models.reference").statuses
    unique = [name for name in NAMES if NAMES.count(name) == 1]
    assert {status.name for status in statuses} == set(unique)
    assert [statuses[name].name for name in unique] == unique
    assert "Twice" not in statuses
    assert (statuses.the_best.name, statuses.none.name) == ('the "best"', "None")
    named = {name for name in vars(type(statuses)) if not name.startswith("_")}
    assert named == {"a_b", "entity", "none", "the_best", "two_lines", "others"}


def test_every_project_has_a_class(models: Any) -> None:
    module = importlib.import_module("odd_models.shot")
    classes = {
        name: value.__project__
        for name, value in vars(module).items()
        if "CustomAttributes" in name and getattr(value, "__project__", None)
    }
    assert sorted(classes.values()) == ["p1", "p2", "p3", "p4", "p5"]


def test_the_package_reads_a_servers_shots(models: Any) -> None:
    with Session(
        transport=Emulator(seed="demo").transport(), models=models.registry
    ) as session:
        shot = session.select(models.Shot).first()
        assert shot is not None
        assert shot.custom_attributes["fend"] > 1
        assert shot.custom_attributes.fps == 24
