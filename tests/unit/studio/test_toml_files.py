"""Files keep their comments, and every problem names its place."""

from __future__ import annotations

import tomllib
from functools import partial
from pathlib import Path

import pytest

from ftrack_orm.errors.studio import StudioFileError
from ftrack_orm.studio.diff import compare
from ftrack_orm.studio.model import Attribute, ProjectSchema, Studio
from ftrack_orm.studio.toml_files import json_schema, load_studio
from ftrack_orm.studio.toml_writing import dump_studio

STATUSES = """\
# The statuses of supervisors.
[[status]]
name = "Approved"  # by the client, too
state = "DONE"
color = "#00FF00"

[[status]]
name = "Only here"
state = "BLOCKED"
"""

SCHEMA = """\
[studio]
manage = ["status", "attribute", "project_schema"]

[[attribute]]
key = "tier"
hierarchical = true
type = "enumerator"
label = "Tier"
options = { low = "Low", 'q"x' = "Quote ✨" }

[[project_schema]]
name = "VFX"
task_statuses = ["Approved"]
    [project_schema.of.Shot]
    statuses = ["Approved"]
    [project_schema.override.Animation]
    task_statuses = ["Approved"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of two files."""
    (tmp_path / "statuses.toml").write_text(STATUSES, encoding="utf-8")
    (tmp_path / "workflow.toml").write_text(SCHEMA, encoding="utf-8")
    return tmp_path


def test_the_files_of_a_folder_are_one_configuration(folder: Path) -> None:
    studio = load_studio(folder)
    assert [each.name for each in studio.status] == ["Approved", "Only here"]
    assert studio.attribute[0].options == {"low": "Low", 'q"x': "Quote ✨"}
    assert studio.project_schema[0].of is not None
    assert studio.project_schema[0].of["Shot"].statuses == ("Approved",)


def test_kinds_that_are_left_out_are_not_managed(folder: Path) -> None:
    studio = load_studio(folder, only=["status"])
    assert studio.studio.manage == ("status",)
    assert studio.attribute == ()


def test_an_unchanged_configuration_writes_nothing(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert dump_studio(load_studio(folder), folder) == []
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_comments_order_and_unknown_tables_stay(folder: Path) -> None:
    studio = Studio.model_validate(
        {
            "studio": {"manage": ["status", "type"]},
            "status": [
                {"name": "Approved", "state": "DONE", "color": "#123456"},
                {"name": "New", "state": "DONE"},
            ],
            "type": [{"name": "FX", "sort": 3}],
        }
    )
    changed = dump_studio(studio, folder)
    assert [path.name for path in changed] == ["statuses.toml", "type.toml"]
    text = (folder / "statuses.toml").read_text(encoding="utf-8")
    assert "# The statuses of supervisors." in text
    assert "# by the client, too" in text
    names = [each["name"] for each in tomllib.loads(text)["status"]]
    assert names == ["Approved", "Only here", "New"]
    assert load_studio(folder).status[0].color == "#123456"
    assert load_studio(folder).type[0].sort == 3


APPROVED = {"name": "Approved", "state": "DONE", "color": "#123456", "sort": 3}
ALL = {"studio": {"manage": ["status"]}, "status": [APPROVED, {"name": "New"}]}


def test_a_new_setting_is_added_before_the_comments_of_the_next_table(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.toml").write_text(
        '[[status]]\nname = "Approved"\n# by the client\n\n# The others.\n'
        '[[type]] # of tasks\nname = "FX"\n# FX ends.\n\n[[status]]\nname = "B"\n'
    )
    dump_studio(Studio.model_validate(ALL), tmp_path)
    assert (tmp_path / "a.toml").read_text() == (
        '[[status]]\nname = "Approved"\n# by the client\nstate = "DONE"\n'
        'color = "#123456"\nsort = 3\n\n# The others.\n'
        '[[type]] # of tasks\nname = "FX"\n# FX ends.\n\n[[status]]\nname = "B"\n\n'
        '[[status]]\nname = "New"\n'
    )


def test_an_array_of_inline_tables_is_changed_in_place(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        'status = [\n  {name = "Approved", color = "#000000"}, # signed\n]\n'
    )
    dump_studio(Studio.model_validate(ALL), tmp_path)
    assert (tmp_path / "a.toml").read_text() == (
        'status = [\n  {name = "Approved", color = "#123456", state = "DONE", '
        'sort = 3}, # signed\n  {name = "New"},\n]\n'
    )


LAYOUTS = {
    "headers": """
[[project_schema]] # the main one
name = "VFX"
task_statuses = [
  "Approved", # by the client
  "Revise",
]
    # What shots have.
    [project_schema.of.Shot]
    statuses = ["Approved"] # one
    [project_schema.override.FX]
    task_statuses = ["Approved"]
# The end.
""",
    "inline tables": """
[[project_schema]]
name = "VFX" # the main one
task_statuses = ["Approved", "Revise"]
of = { Shot = { statuses = ["Approved"] } } # what shots have
override = { FX = { task_statuses = ["Approved"] } }
""",
    "dotted names": """
[[project_schema]]
of.Shot.statuses = ["Approved"] # what shots have
name = "VFX" # the main one
override.FX.task_statuses = ["Approved"]
task_statuses = ["Approved", "Revise"]
""",
    "a table of tables": """
[[project_schema]]
name = "VFX" # the main one
task_statuses = ["Approved", "Revise"]
[project_schema.of] # what objects have
Shot = { statuses = ["Approved"] }
[project_schema.override]
FX.task_statuses = ["Approved"]
""",
    "tables of other kinds between": """
[[project_schema]]
name = "VFX" # the main one
task_statuses = ["Approved", "Revise"]
[[type]]
name = "FX" # a type
[project_schema.of.shot] # what shots have
statuses = ["Approved"]
[[type]]
name = "Layout"
[project_schema.override]
FX.task_statuses = ["Approved"]
""",
    "one array": """
project_schema = [ # all of them
  { name = "VFX", task_statuses = ["Approved"], of = { Shot = {} } },
]
""",
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_file_of_any_layout_takes_over_a_configuration(
    tmp_path: Path, layout: str, newline: str
) -> None:
    text = LAYOUTS[layout].replace("\n", newline)
    (tmp_path / "a.toml").write_bytes(text.encode())
    rules = {"statuses": ["Revise", "Approved"], "types": ["FX"]}
    schema = {
        "name": "VFX",
        "object_types": ["Shot"],
        "task_statuses": ["Approved", "Final", "Revise"],
        "of": {"Shot": rules, 'Asset "Build"': rules},
        "override": {"Layout": {"task_statuses": ["Final"]}},
    }
    studio = Studio.model_validate(
        {"studio": {"manage": ["project_schema"]}, "project_schema": [schema]}
    )
    dump_studio(studio, tmp_path, is_complete=True)
    written = load_studio(tmp_path, only=["project_schema"])
    assert compare(studio, written).to_apply == ()
    assert compare(written, studio).to_apply == ()
    assert dump_studio(studio, tmp_path, is_complete=True) == []
    after = (tmp_path / "a.toml").read_bytes().decode()
    comments = [line.split("#")[1] for line in text.split(newline) if "#" in line]
    assert [line.split("#")[1] for line in after.split(newline) if "#" in line] == (
        comments
    )
    assert ("\r\n" in after) == (newline == "\r\n")


def test_the_comments_of_a_table_stay_where_the_one_before_it_goes(
    tmp_path: Path,
) -> None:
    head = '[studio]\nmanage = ["project_schema"]\n[[project_schema]]\nname = "VFX"\n'
    layout = "[project_schema.override.FX]\ntask_statuses = []\n"
    rest = "\n# The others.\n[project_schema.override.Layout]\ntask_statuses = []\n"
    (tmp_path / "a.toml").write_text(f"{head}{layout}{rest}")
    schema = {"name": "VFX", "override": {"Layout": {"task_statuses": []}}}
    studio = load_studio(tmp_path).model_copy(
        update={"project_schema": (ProjectSchema.model_validate(schema),)}
    )
    dump_studio(studio, tmp_path, is_complete=True)
    assert (tmp_path / "a.toml").read_text() == f"{head}{rest}"


def test_settings_that_are_not_set_on_the_server_go(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        '[studio]\nmanage = ["attribute"]\n[[attribute]]\nkey = "tier"\non = "Shot"\n'
        'renamed_from = "level"\ngroup = "Editorial"\ndefault = ["low"]\n'
        'options = { low = "Low" }\nlabel = "Tier"\n'
    )
    attribute = {"key": "tier", "on": "Shot", "label": "Tier", "options": {}}
    studio = load_studio(tmp_path).model_copy(
        update={"attribute": (Attribute.model_validate(attribute),)}
    )
    dump_studio(studio, tmp_path, is_complete=True)
    assert (
        (tmp_path / "a.toml")
        .read_text()
        .endswith('on = "Shot"\nrenamed_from = "level"\nlabel = "Tier"\n')
    )


@pytest.mark.parametrize(
    "options",
    [
        'options = { low = "Low", high = "High" }\n',
        '[attribute.options]\nlow = "Low" # slow\nhigh = "High"\n',
        'options.low = "Low"\noptions.high = "High"\n',
    ],
)
def test_options_keep_the_order_of_the_server(tmp_path: Path, options: str) -> None:
    (tmp_path / "a.toml").write_text(
        '[studio]\nmanage = ["attribute"]\n[[attribute]]\nkey = "t"\non = "Shot"\n'
        f"{options}"
    )
    wanted = {"high": "High", "mid": "Mid", "low": "Lowest"}
    attribute = Attribute.model_validate({"key": "t", "on": "Shot", "options": wanted})
    studio = load_studio(tmp_path).model_copy(update={"attribute": (attribute,)})
    dump_studio(studio, tmp_path, is_complete=True)
    assert [*(load_studio(tmp_path).attribute[0].options or {}).items()] == (
        [*wanted.items()]
    )


def test_settings_that_a_comparison_finds_equal_keep_their_text(tmp_path: Path) -> None:
    text = (
        '[studio]\nmanage = ["status", "project_schema"]\n'
        '[[status]]\nname = "Approved"\nstate = "done"\ncolor = "#ABCDEF"\n'
        '[[project_schema]]\nname = "VFX"\ntask_statuses = ["Revise", "approved"]\n'
    )
    (tmp_path / "a.toml").write_text(text)
    studio = Studio.model_validate(
        {
            "studio": {"manage": ["status", "project_schema"]},
            "status": [{"name": "Approved", "state": "DONE", "color": "#abcdef"}],
            "project_schema": [
                {"name": "VFX", "task_statuses": ["Approved", "Revise"]}
            ],
        }
    )
    assert dump_studio(studio, tmp_path) == []
    assert (tmp_path / "a.toml").read_text() == text


def test_a_configuration_written_to_an_empty_folder_is_equal(
    folder: Path, tmp_path: Path
) -> None:
    studio = load_studio(folder)
    dump_studio(studio, tmp_path / "copy")
    written = load_studio(tmp_path / "copy")
    for kind in ("status", "attribute", "project_schema"):
        assert written.definitions(kind) == studio.definitions(kind)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[status]\n", r"b\.toml: .*line 1"),
        ("\n[[stauts]]\nname = 'x'\n", r"b\.toml, line 2: .*mean 'status'"),
        ("[status]\nname = 'x'\n", r"b\.toml, line 1: write \[\[status\]\]"),
        (
            "[[status]]\nname = 'a'\nstat = 'x'\n",
            r"b\.toml, line 3: \[\[status\]\]: stat: .*mean 'state'",
        ),
        (
            "[[status]]\nname = 'a'\n[[status]]\nname = 'b'\n\n# id\nid = 'x'\n",
            r"b\.toml, line 7: \[\[status\]\]: id: is no setting\. Known are .*color",
        ),
        ("[[status]]\nstate = 'DONE'\n", r"b\.toml, line 1: .*name: is missing"),
        ("[[priority]]\nname = 'a'\nvalue = nan\n", "line 3: .*finite number"),
        (
            "[[attribute]]\nkey = 'a'\non = 'Shot'\ndefault = inf\n",
            "line 4: .*default: write a text, a number",
        ),
        ("[[status]]\nname = 3\n", r'line 2: .*name: write a text: "…"'),
        (
            "[[attribute]]\nkey = 'x'\ntype = 'text'\n",
            r"b\.toml, line 1: \[\[attribute\]\]: write either on",
        ),
        (
            "[[attribute]]\nkey = 'x'\non = 'Shot'\ntype = 'numbr'\n",
            r"b\.toml, line 4: .*type: 'numbr' is none of 'text', ",
        ),
        (
            "[[attribute]]\nkey = 'x'\non = 'Shot'\ndefault = {a = 1}\n",
            r"b\.toml, line 4: .*default: write a text, a number, true",
        ),
        (
            "[[project_schema]]\nname = 'a'\n[project_schema.of.Shot]\nstatus = []\n",
            r"b\.toml, line 4: .*of\.Shot\.status: .*mean 'statuses'",
        ),
        (
            'x = """\n[[status]]\n"""\n[[status]]\nname = 3\n',
            r"b\.toml, line 1: \[x\] is no kind",
        ),
        (
            "[[status]]\nname = 'a'\n[[status]]\nname = 'A'\n",
            r"'A' is defined twice: b\.toml, line 1: .* and b\.toml, line 3: ",
        ),
        (
            "[studio]\nmanage = ['statuses']\n",
            r"line 2: \[studio\]: manage\.0: 'statuses' is none of",
        ),
    ],
)
def test_a_problem_names_its_place_and_what_to_write(
    tmp_path: Path, text: str, problem: str
) -> None:
    (tmp_path / "a.toml").write_text("[[type]]\nname = 'FX'\n")
    (tmp_path / "b.toml").write_text(text)
    with pytest.raises(StudioFileError, match=problem):
        load_studio(tmp_path)


ENUMERATOR = "type = 'enumerator'\noptions = {a = 'A', b = 'B'}\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[status]]\nname = ''\n", "line 2: .*name is empty"),
        ("[[setting]]\ngroup = 'STORAGE'\nname = 'x'\n", "may have, which are"),
        ("[[attribute]]\nread = ['*', 'User']\n", r'line 2: .*write \["\*"\] alone'),
        ("[[attribute]]\nwrite = ['User', 'user']\n", "line 2: .*'user' twice"),
        ("[[attribute]]\ntype = 'text'\ndefault = 1\n", "line 3: .*is a text"),
        ("[[attribute]]\ntype = 'number'\ndefault = '1'\n", "is a number"),
        ("[[attribute]]\ntype = 'boolean'\ndefault = 1\n", "is true or false"),
        ("[[attribute]]\ntype = 'date'\ndefault = 'soon'\n", "is a date"),
        (f"[[attribute]]\n{ENUMERATOR}default = 'a'\n", "is a list of options"),
        (f"[[attribute]]\n{ENUMERATOR}default = ['c']\n", "'c', which is none of"),
        (f"[[attribute]]\n{ENUMERATOR}default = ['a', 'b']\n", "multiple = true"),
        ("[[project_schema]]\nname = 'V'\ntask_types = ['FX', 'fx']\n", "'fx' twice"),
        (
            "[[project_schema]]\nname = 'V'\n[project_schema.of]\n"
            "Shot.statuses = ['A', 'a']\n",
            "line 4: .*of.Shot.statuses lists 'a' twice",
        ),
        (
            "[[project_schema]]\nname = 'V'\n[project_schema.of.Shot]\n"
            "[project_schema.of.shot]\n",
            "line 4: .*of.shot is defined twice",
        ),
    ],
)
def test_a_setting_that_no_server_can_have_is_a_problem(
    tmp_path: Path, text: str, problem: str
) -> None:
    if text.startswith("[[attribute]]\n"):
        text += "key = 'k'\non = 'Shot'\n"
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(StudioFileError, match=f"a.toml, {problem}|a.toml.*{problem}"):
        load_studio(tmp_path)


@pytest.mark.parametrize(
    "settings",
    [
        "type = 'date'\ndefault = 2026-01-31\n",
        "type = 'date'\ndefault = 2026-01-31T12:00:00Z\n",
        "type = 'number'\ndefault = 1\n",
        "type = 'boolean'\ndefault = false\n",
        f"{ENUMERATOR}default = ['b', 'a']\nmultiple = true\n",
        "default = 'any'\n",
    ],
)
def test_a_default_of_the_type_is_no_problem(tmp_path: Path, settings: str) -> None:
    head = "[[attribute]]\nkey = 'k'\non = 'Shot'\n"
    (tmp_path / "a.toml").write_text(f"{head}{settings}")
    assert load_studio(tmp_path).attribute[0].default is not None


@pytest.mark.parametrize("content", [b"[[type]\n", b'[[type]]\nname = "\xe9"\n'])
def test_a_file_that_cannot_be_parsed_is_not_written(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "a.toml").write_bytes(content)
    for use in (load_studio, partial(dump_studio, Studio())):
        with pytest.raises(StudioFileError, match=r"a\.toml"):
            use(tmp_path)
    assert (tmp_path / "a.toml").read_bytes() == content


def test_folders_and_byte_order_marks_are_no_mistakes(tmp_path: Path) -> None:
    (tmp_path / "b.toml").mkdir()
    (tmp_path / "a.toml").write_bytes(b'\xef\xbb\xbf[[type]]\nname = "FX"\n')
    assert load_studio(tmp_path).type[0].name == "FX"
    assert dump_studio(load_studio(tmp_path), tmp_path) == [tmp_path / "studio.toml"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudioFileError, match="no such folder"):
        load_studio(tmp_path / "absent")


def test_editors_get_a_schema_of_every_kind() -> None:
    schema = json_schema()
    assert "attribute" in schema["properties"]
    assert "key" in schema["$defs"]["Attribute"]["properties"]


def test_a_failed_write_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "status.toml"
    path.write_text('[[status]]\nname = "Approved"\n')
    before = path.read_bytes()
    write = Path.write_bytes

    def fill_disk(part: Path, data: bytes) -> int:
        write(part, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fill_disk)
    wanted = Studio.model_validate({"status": [{"name": "On air", "state": "DONE"}]})
    with pytest.raises(StudioFileError, match=r"(?s)status\.toml.*No space left"):
        dump_studio(wanted, tmp_path)
    assert path.read_bytes() == before
    assert list(tmp_path.glob("*.part")) == []
