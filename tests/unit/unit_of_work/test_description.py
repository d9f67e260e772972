"""The words of a plan: signs, names in place of ids, values before and after."""

from __future__ import annotations

import pytest

from ftrack_orm import UnknownEntityTypeError
from ftrack_orm.entity.type_info import TypeInfo
from ftrack_orm.types import Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)
from ftrack_orm.unit_of_work.display_names import Memory
from ftrack_orm.unit_of_work.plan import make_plan

TASK, SHOT = Reference("Task", ("t1",)), Reference("Shot", ("s1",))
UPDATE = UpdateChange(TASK, "anim", {"bid": 2.0}, {"bid": 1.0})
NOTE = Reference("Note", ("3f9c2a71-0000-4000-8000-000000000000",))


def test_types_that_the_models_do_not_have_are_printed_by_their_server_names() -> None:
    def type_info(entity_type: str) -> TypeInfo:
        raise UnknownEntityTypeError(entity_type)

    changes: list[Change] = [
        UpdateChange(Reference("Odd", ("o1",)), "", {"x_id": "t1"}, {"x_id": None}),
        CreateChange(Reference("Event", ()), "", {"topic": "a"}),
        CreateChange(Reference("Event", ()), "", {"topic": "b"}),
    ]

    plan = make_plan(changes, memory=Memory(type_info=type_info))

    assert str(plan).splitlines() == [
        "~ Odd o1  x_id: - -> 't1'",
        "+ Event (new)  topic: 'a'",
        "+ Event (new)  topic: 'b'",
    ]


def test_members_are_shown_as_additions_and_removals() -> None:
    one, two, three = (Reference("Shot", (f"s{number}",)) for number in range(3))
    update = UpdateChange(
        Reference("List", ("l1",)),
        "dailies",
        {"items": (one, two)},
        {"items": (two, three)},
    )
    names: list[Change] = [
        UpdateChange(two, "sh020", {"bid": 1.0}),
        DeleteChange(three, "sh030"),
    ]

    lines = str(make_plan([update, *names])).splitlines()

    assert lines[0] == "~ List dailies  items: +s0, -sh030"


def test_many_members_are_counted() -> None:
    members = tuple(Reference("Shot", (f"s{number}",)) for number in range(1_000))
    update = UpdateChange(
        Reference("List", ("l1",)), "dailies", {"items": members}, {"items": ()}
    )

    line = str(make_plan([update]))

    assert line.startswith("~ List dailies  items: +s0, +s1, ")
    assert line.endswith(", +s19, … and 980 more")


def test_long_texts_are_cut_from_shortly_before_they_differ() -> None:
    text = "word " * 100
    update = UpdateChange(
        TASK, "anim", {"description": f"{text}new"}, {"description": f"{text}old"}
    )

    line = str(make_plan([update]))

    assert "word new'" in line
    assert "word old' -> " in line
    assert len(line) < 200
    added = CreateChange(TASK, "anim", {"description": text})
    assert str(make_plan([added])).endswith("word…'")


def test_a_name_cannot_control_the_terminal() -> None:
    update = UpdateChange(TASK, "a\x1b[2Jb\nc", {"name": "x"}, {"name": "a\x1b[2Jb\nc"})

    text = str(make_plan([update]))

    assert text.splitlines() == [r"~ Task a\x1b[2Jb\nc  name: 'a\x1b[2Jb\nc' -> 'x'"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], "Nothing to commit."),
        ([UPDATE], "1 update (1 Task)"),
        (
            [
                UPDATE,
                CreateChange(NOTE, "", {}),
                DeleteChange(SHOT, ""),
                CreateChange(Reference("Task", ("t2",)), "", {}),
                CreateChange(Reference("Task", ("t3",)), "", {}),
            ],
            "3 creates (1 Note, 2 Task), 1 update (1 Task), 1 delete (1 Shot)",
        ),
    ],
)
def test_a_summary_counts_in_one_line(changes: list[Change], expected: str) -> None:
    assert make_plan(changes).summary() == expected


def test_a_notebook_shows_a_table_in_which_names_are_no_markup() -> None:
    update = UpdateChange(TASK, "<script>x</script>", {"bid": 2.0}, {"bid": 1.0})

    html = make_plan([update, DeleteChange(SHOT, "a&b")])._repr_html_()

    assert "<script>" not in html
    assert html == (
        "<p>1 update (1 Task), 1 delete (1 Shot)</p><table><thead><tr><th></th>"
        "<th>Entity</th><th>Attribute</th><th>Before</th><th>After</th></tr></thead>"
        "<tbody><tr><td>~</td><td>Task &lt;script&gt;x&lt;/script&gt;</td><td>bid</td>"
        "<td>1.0</td><td>2.0</td></tr><tr><td>-</td><td>Shot a&amp;b</td><td></td>"
        "<td></td><td></td></tr></tbody></table>"
    )
    assert make_plan([])._repr_html_() == "<p>Nothing to commit.</p>"
