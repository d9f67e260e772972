from __future__ import annotations

from pathlib import Path

import pytest

from ftrack_codegen.studio.changes import Broken, Difference
from ftrack_codegen.studio.scan import Scan, scan_folders

GONE = (
    Broken("custom attribute", "", ("fstart",), "frame_start"),
    Broken("custom attribute", "", ("class", "class_")),
    Broken("choice", "quality", ("low",)),
    Broken("name", "statuses", ("Approved",), "Signed off"),
    Broken("reference", "statuses", ("approved",), "signed_off"),
    Broken("attribute", "Shot", ("grade",)),
    Broken("type", "", ("Image",)),
)
"""The names that the sources below may no longer use."""


def scan(folder: Path, source: str) -> Scan:
    (folder / "tool.py").write_text(source, encoding="utf-8")
    return scan_folders(
        [folder], [Difference("removed", "", "", GONE)], folder / "studio_models"
    )


USES = {
    "value of a custom attribute": "shot.custom_attributes.fstart",
    "path of a custom attribute": "Shot.custom_attributes.fstart > 1",
    "item of a custom attribute": "shot.custom_attributes['fstart'] = 3",
    "key of an effective value": "shot.custom_attributes.effective('fstart')",
    "key in a constructor": "Shot(custom_attributes={'fstart': 1})",
    "key in an assignment": "shot.custom_attributes = {'fstart': 1}",
    "key in an update": "shot.custom_attributes.update({'fstart': 1})",
    "key in data": "session.create(Shot, {'custom_attributes': {'fstart': 1}})",
    "custom attribute of a project": "shot.custom_attributes.as_(Bunny).fstart",
    "custom attribute of a variable": "a = shot.custom_attributes\nprint(a.fstart)",
    "renamed keyword": "shot.custom_attributes.class_",
    "choice": "shot.custom_attributes.quality = 'low'",
    "choice in a query": "Shot.custom_attributes['quality'].in_(['low'])",
    "status in a query": "Task.status.name == 'Approved'",
    "status in a list": "Task.status.name.in_(['Approved'])",
    "status in a comparison": "if task.status.name in ('Approved', 'b'): pass",
    "status in a match": "match a:\n    case 'Approved': pass",
    "status by name": (
        "from studio_models.reference import statuses\nstatuses['Approved']"
    ),
    "status looked up": "session.find(Status, name='Approved')",
    "reference": (
        "from studio_models.reference import statuses as s\ntask.status = s.approved"
    ),
    "reference of the module": "task.status = reference.statuses.approved",
    "attribute": "print(shot.grade)",
    "attribute of the class": "from studio_models import Shot\nShot.grade",
    "attribute in a constructor": "from studio_models import Shot\nShot(grade=3)",
    "attribute in data": "session.create('Shot', {'grade': 3})",
    "import of a type": "from studio_models import Image",
    "name of a type": "session.model('Image')",
}


@pytest.mark.parametrize("source", USES.values(), ids=USES.keys())
def test_each_use_of_a_changed_name_is_found(source: str, tmp_path: Path) -> None:
    [line] = scan(tmp_path, source).lines
    assert line.source in source


OTHERS = {
    "attribute of another object": "camera.fstart",
    "key of another mapping": "frames['fstart']",
    "text that is not compared": "print('Approved')",
    "choice of another attribute": "shot.custom_attributes.speed = 'low'",
    "attribute of another type": "from studio_models import Task\nTask.grade",
    "attribute of an own class": "self.grade",
    "other reference data": "from a import types as statuses\nstatuses.approved",
    "text that names a type": "print(x, 'Image')",
    "custom attribute of the name": "shot.custom_attributes.grade",
}


@pytest.mark.parametrize("source", OTHERS.values(), ids=OTHERS.keys())
def test_other_uses_of_the_words_are_not_found(source: str, tmp_path: Path) -> None:
    assert scan(tmp_path, source).lines == ()


def test_a_line_states_place_and_reason(tmp_path: Path) -> None:
    [line] = scan(tmp_path, "\nprint(shot.custom_attributes.fstart)  # first").lines
    assert (line.path, line.line, line.column) == (
        (tmp_path / "tool.py").as_posix(),
        2,
        7,
    )
    assert line.reason == "custom attribute 'fstart' was renamed to 'frame_start'"
    assert line.source == "print(shot.custom_attributes.fstart)  # first"


def test_lines_are_sorted_and_named_once(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text("shot.custom_attributes.fstart")
    found = scan(tmp_path, "a.grade\nif a == 'Approved': print(a.grade)")
    assert [(Path(line.path).name, line.line) for line in found.lines] == [
        ("b.py", 1),
        ("tool.py", 1),
        ("tool.py", 2),
        ("tool.py", 2),
    ]
    assert found.files == 2


def test_the_package_is_not_scanned(tmp_path: Path) -> None:
    package = tmp_path / "studio_models"
    package.mkdir()
    (package / "shot.py").write_text("a.grade")
    assert scan(tmp_path, "pass").lines == ()


def test_a_file_that_cannot_be_parsed_is_listed(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text("print 'a'")
    (tmp_path / "bytes.py").write_bytes(b"\xff")
    found = scan(tmp_path, "a.grade")
    assert [Path(file.path).name for file in found.unreadable] == ["bytes.py", "old.py"]
    assert len(found.lines) == 1
