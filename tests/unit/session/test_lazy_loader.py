"""Missing attributes, loaded for a whole load group in few requests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import pytest

from ftrack_models import Task
from ftrack_orm import NotLoadedError
from ftrack_orm.entity.state import LoadGroup
from ftrack_orm.session.lazy_loader import LazyLoader, Request, is_loaded, keyed_queries
from tests.support.offline_memory import OfflineMemory, row


class Source:
    """Answers keyed queries from rows, and builds entities in memory.

    Attributes:
        requests: the expressions of each request.
    """

    def __init__(
        self, memory: OfflineMemory, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        self.memory = memory
        self.rows = rows
        self.requests: list[list[str]] = []

    def fetch_rows(self, expressions: Sequence[str]) -> list[list[dict[str, Any]]]:
        self.requests.append(list(expressions))
        return [self._rows(expression) for expression in expressions]

    def build(self, rows: list[dict[str, Any]], group: LoadGroup) -> list[Any]:
        return self.memory.build(*rows, group=group)

    def _rows(self, expression: str) -> list[dict[str, Any]]:
        found = re.fullmatch(r"select (.*) from (\w+) where (.*)", expression)
        assert found is not None, expression
        names = {name.split(".")[0] for name in found[1].split(", ")}
        names |= {"__entity_type__", "id"}
        keys = re.findall(r'"([^"]*)"', found[3])
        return [
            {name: deepcopy(value) for name, value in row.items() if name in names}
            for row in self.rows
            if row["__entity_type__"] == found[2] and row["id"] in keys
        ]


def loader(
    *rows: Mapping[str, Any], mode: str = "auto"
) -> tuple[LazyLoader, OfflineMemory, list[list[str]]]:
    """Return a loader of a server with `rows`, its memory and its requests."""
    memory = OfflineMemory()
    source = Source(memory, rows)
    return LazyLoader(source, memory.identity_map, mode), memory, source.requests


def attribute(name: str) -> Any:
    return Task.__ftrack__.attributes[name]


DUST = row("Task", "t1", description="all of it", sort=3, status_id="s1")
SMOKE = row("Task", "t2", description="some of it", sort=4, status_id="s2")
READY = row("Status", "s1", name="Ready")


def test_one_request_loads_an_attribute_and_other_scalars_for_the_group() -> None:
    subject, memory, requests = loader(DUST, SMOKE)
    first, second = memory.build(row("Task", "t1"), row("Task", "t2"))
    memory.build(row("Task", "t3"))

    assert subject.load_missing(first, attribute("description")) == "all of it"

    [[expression]] = requests
    assert re.findall(r'"(\w+)"', expression) == ["t1", "t2"]
    assert vars(second)["description"] == "some of it"
    assert (vars(first)["sort"], vars(second)["sort"]) == (3, 4)


def test_in_single_mode_an_entity_loads_alone() -> None:
    subject, memory, requests = loader(DUST, SMOKE, mode="single")
    first, second = memory.build(row("Task", "t1"), row("Task", "t2"))

    subject.load_missing(second, attribute("description"))

    assert re.findall(r'"(\w+)"', requests[0][0]) == ["t2"]
    assert not is_loaded(first, attribute("description"))


@pytest.mark.parametrize(
    ("mode", "name", "requested"),
    [
        ("strict", "description", 0),
        ("auto", "custom_attribute_links", 0),
        # Only a request shows that the server lacks the entity.
        ("auto", "description", 1),
    ],
)
def test_an_attribute_that_cannot_be_loaded_is_an_error_that_names_it(
    mode: str, name: str, requested: int
) -> None:
    subject, memory, requests = loader(mode=mode)
    [task] = memory.build(row("Task", "t1"))

    with pytest.raises(NotLoadedError) as raised:
        subject.load_missing(task, attribute(name))

    assert raised.value.attribute == name
    assert len(requests) == requested


def test_links_load_their_targets_by_key_once_for_all() -> None:
    subject, memory, requests = loader(READY)
    first, second = memory.build(
        row("Task", "t1", status_id="s1"), row("Task", "t2", status_id="s1")
    )

    status = subject.load_missing(first, attribute("status"))

    assert (status.id, status.name) == ("s1", "Ready")
    assert is_loaded(second, attribute("status"))
    [[expression]] = requests
    assert expression.endswith(' from Status where id in ("s1")')


def test_a_target_that_the_server_lacks_is_queried_once() -> None:
    subject, memory, requests = loader()
    [task] = memory.build(row("Task", "t1", thumbnail_id="c1"))
    thumbnail = attribute("thumbnail")

    assert thumbnail.nullable
    assert subject.load_missing(task, thumbnail) is None
    assert subject.load_missing(task, thumbnail) is None
    assert len(requests) == 1

    subject.forget_missing_targets()
    assert subject.load_missing(task, thumbnail) is None
    assert len(requests) == 2


def test_attributes_of_several_types_share_a_request_and_loaded_ones_need_none() -> (
    None
):
    subject, memory, requests = loader(DUST, READY)
    task, status = memory.build(row("Task", "t1"), row("Status", "s1"))
    name = type(status).__ftrack__.attributes["name"]
    wanted = [Request(attribute("description"), [task]), Request(name, [status])]

    subject.load_requests(wanted)
    subject.load_requests(wanted)

    [expressions] = requests
    assert len(expressions) == 2
    assert (task.description, status.name) == ("all of it", "Ready")


def test_a_path_is_loaded_with_one_request_for_each_level() -> None:
    ready = {**READY, "state": row("State", "y1", name="Open")}
    blocked = {**ready, "id": "s2"}
    subject, memory, requests = loader(ready, blocked)
    tasks = memory.build(
        row("Task", "t1", status_id="s1"), row("Task", "t2", status_id="s2")
    )

    subject.load_paths(tasks, [Task.status.state.name])

    assert [task.status.state.name for task in tasks] == ["Open", "Open"]
    assert [len(expressions) for expressions in requests] == [1, 1]


def test_a_path_to_a_link_loads_the_values_that_its_target_lacks() -> None:
    subject, memory, requests = loader(READY)
    [task] = memory.build(row("Task", "t1", status=row("Status", "s1")))

    subject.load_paths([task], [Task.status])

    assert task.status.name == "Ready"
    assert len(requests) == 1


def test_queries_have_a_bounded_number_of_keys() -> None:
    keys = [(f"{number:05d}",) for number in range(2500)]

    texts = list(keyed_queries(Task.__ftrack__, keys, ["name"]))

    assert [len(re.findall(r'"(\d+)"', text)) for text in texts] == [1000, 1000, 500]
    assert all(text.startswith("select name from Task where id in") for text in texts)
