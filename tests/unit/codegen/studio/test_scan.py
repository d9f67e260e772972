from __future__ import annotations

import json
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
    "key in an f-string": "print(f'{shot.custom_attributes.fstart:04}')",
    "key that is tested": "print('fstart' in shot.custom_attributes)",
    "key that is read by name": "getattr(shot.custom_attributes, 'fstart')",
    "key of the run": "shot.custom_attributes[CustomKey('fstart')]",
    "key of a keyword": "session.effective(shots, keys={'fstart'})",
    "key as a keyword": "shot.custom_attributes.update(fstart=3)",
    "key in rows": "rows = session.effective(a, KEYS)\nfor row in rows: row['fstart']",
    "key in a row": "[row] = session.effective(a, KEYS)\nprint(row['fstart'])",
    "key in zipped rows": (
        "for a, row in zip(shots, session.effective(shots, KEYS)): row['fstart']"
    ),
    "key in a constant": "START = 'fstart'\nshot.custom_attributes[START] = 3",
    "key in a constant of a class": (
        "class Tool:\n    KEYS = ('fend', 'fstart')\n"
        "    def run(self): return session.effective(self.shots, self.KEYS)"
    ),
    "key in a loop": "for key in ['fend', 'fstart']: shot.custom_attributes[key]",
    "key in a loop over a constant": (
        "KEYS = frozenset({'fstart'})\nprint({k: a.custom_attributes[k] for k in KEYS})"
    ),
    "key of a mapping in a loop": (
        "COLUMNS = {'fstart': 'Start'}\n"
        "for key, label in COLUMNS.items(): a.custom_attributes[key]"
    ),
    "key of pairs in a loop": (
        "for key, label in [('fstart', 'Start')]: a.custom_attributes[key]"
    ),
    "key in a default": (
        "def read(shot, key='fstart'):\n    return shot.custom_attributes[key]"
    ),
    "key in values that are set later": (
        "values = {'fstart': 1}\nshot.custom_attributes.update(values)"
    ),
    "key in typed keys": "keys: list[ShotCustomKey] = ['fstart']",
    "key in a match": "match a.custom_attributes:\n    case {'fstart': start}: pass",
    "custom attribute of an assigned name": (
        "if (values := shot.custom_attributes): print(values.fstart)"
    ),
    "custom attribute of an expression": "(v := shot.custom_attributes).fstart",
    "custom attribute of a second name": (
        "a = shot.custom_attributes\nb = a\nprint(b.fstart)"
    ),
    "custom attribute of an attribute": (
        "self.values = shot.custom_attributes\nprint(self.values.fstart)"
    ),
    "custom attribute of a parameter": (
        "def fill(values: ShotCustomAttributes): values.fstart = 3"
    ),
    "custom attribute in a loop": (
        "for v in [s.custom_attributes for s in shots]: print(v.fstart)"
    ),
    "key in a query": (
        "session.query('Shot where custom_attributes any (key is \"fstart\")')"
    ),
    "choice in a match": (
        "match a.custom_attributes.quality:\n    case 'low': pass\n    case _: pass"
    ),
    "choice in a constant": (
        "DRAFT = 'low'\nshot.custom_attributes['quality'] = DRAFT"
    ),
    "choice with a type": "def draft(quality: ShotQuality = 'low'): pass",
    "status in a constant": (
        "DONE = ('Approved', 'Omitted')\nif task.status.name in DONE: pass"
    ),
    "status as a key": "COLOURS = {'Approved': 'green'}",
    "status with a type": "wanted: StatusName = 'Approved'",
    "status in several cases": "match a:\n    case 'Approved' | 'Done': pass",
    "status in a query text": (
        "session.query(f'Task where status.name is \"Approved\" {rest}')"
    ),
    "reference by name": (
        "from studio_models.reference import statuses\ngetattr(statuses, 'approved')"
    ),
    "attribute by name": "getattr(shot, 'grade')",
    "attribute in a copy": "shot.clone(grade=3)",
    "attribute in a look-up": "session.find(Shot, grade=3)",
    "attribute in a constructor of the module": (
        "import studio_models as models\nmodels.Shot(grade=3)"
    ),
    "attribute in a query": "session.query('select grade from Shot')",
    "type of the module": "import studio_models as models\nmodels.Image",
    "type of a module in a package": (
        "from pipeline import studio_models\nstudio_models.Image"
    ),
    "import of a type from its module": "from studio_models.image import Image",
    "import of a type inside a package": "from ..studio_models import Image",
    "type in a query": "session.query('select id from Image')",
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
    "variable of another function": (
        "def a(shot): values = shot.custom_attributes\n"
        "def b(values): return values.fstart"
    ),
    "choice of another comparison in a block": (
        "if ready:\n    if speed == 'low': print(a.custom_attributes.quality)\n"
        "    a.custom_attributes.quality = 'high'"
    ),
    "constant that is no key": "KEY = 'fstart'\nprint(KEY, camera[KEY])",
    "constant that is not compared": "NAME = 'Approved'\nprint(NAME)",
    "type of another module": "from PIL import Image\nImage.open('Image')",
    "type of another relative module": "from .pictures import Image",
    "key that is a type's name": "container.get('Image')",
    "type of a module with another name": "import PIL\nPIL.Image",
    "keyword of another function": "print(grade=3, fstart=4)",
    "word in another text": "log.info('select grade, \"fstart\" from Image')",
    "quoted word in a query": "session.query('Shot where name is \"grade\"')",
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


def test_a_place_is_counted_in_characters_and_lines_of_python(tmp_path: Path) -> None:
    source = "a = '\x0c \u2028'\n\x0cprint('größe', shot.custom_attributes.fstart)"
    [line] = scan(tmp_path, source).lines
    assert (line.line, line.column) == (2, 17)
    assert line.source == "print('größe', shot.custom_attributes.fstart)"


@pytest.mark.parametrize(
    "content",
    [
        "# größe\r\nshot.custom_attributes.fstart".encode("utf-8-sig"),
        "# coding: latin-1\n'größe', shot.custom_attributes.fstart".encode("latin-1"),
        b"# a\rshot.custom_attributes.fstart",
    ],
    ids=["mark", "coding", "carriage return"],
)
def test_a_program_in_another_encoding_is_scanned(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "other.py").write_bytes(content)
    [line] = scan(tmp_path, "pass").lines
    assert (line.line, Path(line.path).name) == (2, "other.py")


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("is_list", [True, False], ids=["list", "text"])
def test_a_notebook_is_scanned_without_its_commands(
    is_list: bool, indent: int | None, tmp_path: Path
) -> None:
    cells = [
        ("markdown", "shot.custom_attributes.fstart"),
        ("code", "%matplotlib inline\nshots = await load('größe')\n"),
        ("code", "%%bash\nshot.custom_attributes.fstart"),
        ("code", "if shots:\n    !ls\nfiles = !ls\nshot?\na = '\\\\'\nshot.grade"),
    ]
    content = {
        "cells": [
            {
                "cell_type": kind,
                "source": text.splitlines(keepends=True) if is_list else text,
            }
            for kind, text in cells
        ]
    }
    document = json.dumps(content, indent=indent, ensure_ascii=False)
    (tmp_path / "a.ipynb").write_text(document, encoding="utf-8")
    found = scan(tmp_path, "pass")
    assert found.unreadable == ()
    [line] = found.lines
    assert line.source == "shot.grade"
    assert "shot.grade" in document.split("\n")[line.line - 1]
    if is_list and indent:
        text = document.split("\n")[line.line - 1]
        assert text[line.column - 1 :].startswith("shot.grade")


def test_a_notebook_of_another_form_is_listed(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text("[]")
    assert [file.reason for file in scan(tmp_path, "").unreadable] == [
        "it is no notebook with cells"
    ]


def test_installed_and_hidden_files_are_left_out(tmp_path: Path) -> None:
    for name in ("env/lib/a.py", ".ipynb_checkpoints/a.py", "tools/a.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("a.grade")
    (tmp_path / "env" / "pyvenv.cfg").write_text("")
    [line] = scan(tmp_path, "pass").lines
    assert Path(line.path).parent.name == "tools"


def test_a_program_that_python_warns_of_is_scanned(tmp_path: Path) -> None:
    assert len(scan(tmp_path, "a = '\\d'\nb.grade").lines) == 1


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
