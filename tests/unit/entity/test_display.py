"""Entities and lists of them in consoles and notebooks; nothing is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ftrack_models import AssetVersion, Note, Project, Shot, Status, Task
from ftrack_orm.entity.display import label, path, print_entities
from ftrack_orm.entity.entity_list import EntityList
from tests.support.fake_executor import persistent
from tests.support.incomplete import incomplete


class Printer:
    """IPython's printer, at the top of what is shown or inside another value."""

    def __init__(self, depth: int = 1) -> None:
        self.stack = [object()] * depth
        self.texts: list[str] = []

    def text(self, text: str) -> None:
        self.texts.append(text)


def shown(value: Any, depth: int = 1) -> str:
    printer = Printer(depth)
    value._repr_pretty_(printer, False)
    return "".join(printer.texts)


def task(number: int = 1, **values: Any) -> Task:
    return persistent(Task, id=f"t{number}", name=f"task {number}", **values)


def test_an_entity_is_shown_with_its_loaded_values() -> None:
    started = datetime(2024, 5, 1, 9, tzinfo=UTC)
    loaded = task(bid=3600.0, start_date=started, description=None)

    assert shown(loaded).splitlines() == [
        "Task task 1",
        "  id           t1",
        "  name         task 1",
        "  bid          3600.0",
        "  description  -",
        "  start_date   2024-05-01 09:00:00+00:00",
    ]


def test_an_entity_inside_another_value_is_one_line() -> None:
    assert shown(task(), depth=2) == repr(task())


def test_a_new_entity_shows_its_state_and_its_parents() -> None:
    project = incomplete(Project, name="bunny", project_schema_id="p1")
    shot = Shot(name="sh010", parent=project)
    animation = Task(name="animation", parent=shot)

    assert shown(animation).startswith("Task bunny/sh010/animation (transient)\n")
    assert "  parent  sh010" in shown(animation)


def test_a_circle_of_parents_ends() -> None:
    first, second = incomplete(Task, name="a"), incomplete(Task, name="b")
    first.parent, second.parent = second, first

    assert path(first).startswith("b/a")
    assert path(first).count("/") == 29


def test_an_entity_without_a_name_shows_its_content_version_or_key() -> None:
    key = "3f9c2a71-0000-4000-8000-000000000000"

    assert label(Note(content="Please\nfix.")) == "Please\\nfix."
    assert label(persistent(AssetVersion, id="v", version=7)) == "v007"
    assert label(persistent(AssetVersion, id=key)) == "3f9c2a71…"


def test_collections_and_mappings_show_their_content_if_loaded() -> None:
    shot = incomplete(Shot, name="sh010")
    shot.children.extend(incomplete(Task, name=str(number)) for number in range(7))
    shot.metadata["source"] = "plate"

    assert "  children  7: 0, 1, 2, 3, 4, …" in shown(shot)
    assert "  metadata  source=plate" in shown(shot)


def test_html_is_escaped() -> None:
    html = task(description="<script>")._repr_html_()  # type: ignore[operator,unused-ignore] # for notebooks

    assert "&lt;script&gt;" in html
    assert "<script>" not in html


def test_a_list_of_entities_is_a_table() -> None:
    done = Status.model_construct(id="s1", name="Done")
    tasks = EntityList(
        [incomplete(Task, name="a", status=done), incomplete(Task, name="b")]
    )

    assert shown(tasks).splitlines() == [
        "2 entities",
        "Task  status",
        "----  ------",
        "a     Done",
        "b",
    ]
    assert "<th>status</th>" in tasks._repr_html_()


def test_a_list_of_several_types_names_them() -> None:
    mixed: Sequence[Any] = EntityList(
        [incomplete(Shot, name="sh010"), incomplete(Task, name="anim")]
    )

    assert shown(mixed).splitlines()[1:] == [
        "Entity",
        "------",
        "Shot sh010",
        "Task anim",
    ]


def test_a_long_list_is_cut() -> None:
    tasks = EntityList([task(number) for number in range(50)])

    assert shown(tasks).endswith("… and 30 more")
    assert shown(tasks, depth=2).endswith("… and 30 more]")
    assert tasks._repr_html_().count("<tr>") == 21


def test_a_collection_is_a_table_and_an_empty_one_is_not() -> None:
    shot = incomplete(Shot, name="sh010")
    assert shown(shot.children) == "[]"

    shot.children.append(incomplete(Task, name="anim"))
    assert shown(shot.children).splitlines()[-1] == "sh010/anim"


def test_a_list_that_contains_itself_is_printed_as_a_list() -> None:
    printer = Printer()
    print_entities([task()], printer, cycle=True)

    assert printer.texts == [f"[{task()!r}]"]


def test_a_list_of_entities_is_a_list() -> None:
    tasks = EntityList([task()])

    assert isinstance(tasks, list)
    assert tasks == [task()]
    assert repr(tasks) == repr([task()])
