"""Responses and pages from the raw results of operations."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import Status, Task
from ftrack_orm import ResponseFormatError
from ftrack_orm.operations import Delete, Query, QueryServerInformation, Update
from ftrack_orm.select.executor import RawPage
from ftrack_orm.session.responses import ResponseDecoder, read_pages
from tests.support.offline_memory import OfflineMemory, row


def test_each_operation_gets_the_response_of_its_place_with_entities() -> None:
    memory = OfflineMemory()
    results: list[Any] = [
        {
            "action": "query",
            "data": [row("Task", "t1", name="dust"), row("Task", "t2")],
            "metadata": {"next": {"offset": 2}},
        },
        {"action": "update", "data": row("Status", "s1", name="Ready")},
        {"action": "delete", "data": True},
    ]

    query, update, delete = ResponseDecoder(memory.loader).decode(
        [
            Query("Task limit 2"),
            Update("Status", ("s1",), {"name": "Ready"}),
            Delete("Task", ("t9",)),
        ],
        results,
    )

    assert [type(task) for task in query.data] == [Task, Task]
    assert query.data[0].name == "dust"
    assert query.metadata.next.offset == 2
    assert type(update.data) is Status
    assert delete.data is True
    assert [one.action for one in (query, update, delete)] == [
        "query",
        "update",
        "delete",
    ]


def test_all_entities_of_the_results_load_together() -> None:
    memory = OfflineMemory()
    results = [{"action": "query", "data": [row("Task", key)]} for key in ("t1", "t2")]

    first, second = ResponseDecoder(memory.loader).decode([Query("Task")] * 2, results)

    group = first.data[0].__ftrack_state__.group
    assert group is second.data[0].__ftrack_state__.group
    assert group.members == {Task: ["t1", "t2"]}


# Results of helper operations hold neither "action" nor "data" (protocol 2).
@pytest.mark.parametrize(
    "result",
    [{"schema_hash": "3f9c"}, [{"id": "Task"}], {"component_id": "c1", "urls": []}],
)
def test_a_result_without_data_is_returned_unchanged(result: Any) -> None:
    memory = OfflineMemory()

    [response] = ResponseDecoder(memory.loader).decode(
        [QueryServerInformation()], [result]
    )

    assert response.data == result
    assert response.metadata.next.offset is None


def test_data_without_entities_stays_and_a_mapping_names_its_action() -> None:
    memory = OfflineMemory()
    rows: list[Any] = [["Task", 3], {"status": "done", "count": 2}]

    [response] = ResponseDecoder(memory.loader).decode(
        [{"action": "studio_report"}], [{"action": "studio_report", "data": rows}]
    )

    assert (response.action, response.data) == ("studio_report", rows)
    assert not list(memory.identity_map)


def test_a_page_holds_the_rows_and_the_offset_of_the_next_page() -> None:
    rows = [row("Task", "t1")]

    pages = read_pages(
        [
            {"action": "query", "data": rows, "metadata": {"next": {"offset": 500}}},
            {"action": "query", "data": [], "metadata": {"next": {"offset": None}}},
            {"action": "query", "data": [], "metadata": None},
        ]
    )

    assert pages == [RawPage(rows, 500), RawPage([], None), RawPage([], None)]


@pytest.mark.parametrize(
    "result", [None, [], {"data": None}, {"data": row("Task", "t1")}, {"data": ["t1"]}]
)
def test_a_result_that_holds_no_list_of_rows_is_an_error(result: Any) -> None:
    with pytest.raises(ResponseFormatError):
        read_pages([{"data": []}, result])
