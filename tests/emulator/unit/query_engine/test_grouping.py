"""Groups and what is counted of them: protocol 5.3."""

from __future__ import annotations

from ftrack_orm.emulator.storage.storage import Storage
from tests.support.sample_storage import page, rows


def test_groups_are_plain_objects(storage: Storage) -> None:
    found = rows(storage, "select count(id), sum(bid) from Task group by parent_id")
    assert found == [
        {"count_id": 2, "sum_bid": 3600.0, "parent_id": "s1"},
        {"count_id": 1, "sum_bid": None, "parent_id": "s2"},
    ]
    assert rows(
        storage, "select count(id) from Task where bid > 1 group by status_id"
    ) == [{"count_id": 1, "status_id": "ok"}]
    assert rows(storage, "select max(bid) from TypedContext") == [{"max_bid": 3600.0}]


def test_groups_are_made_and_ordered_by_what_links_lead_to(storage: Storage) -> None:
    by_status = "select count(id) from Task group by status.name"
    assert rows(storage, f"{by_status} order by status.name desc") == [
        {"count_id": 1, "status_name": "In progress"},
        {"count_id": 1, "status_name": "Approved"},
        {"count_id": 1, "status_name": None},
    ]
    assert rows(
        storage,
        "select parent.name, count(id) from Task group by parent.name, status_id",
    ) == [
        {"count_id": 1, "parent_name": "010", "status_id": "ok"},
        {"count_id": 1, "parent_name": "010", "status_id": None},
        {"count_id": 1, "parent_name": "O_20%", "status_id": "wip"},
    ]


def test_pages_of_groups_know_whether_one_is_left(storage: Storage) -> None:
    by_parent = "select count(id) from Task group by parent_id order by parent_id desc"
    assert page(storage, f"{by_parent} limit 1") == (
        [{"count_id": 1, "parent_id": "s2"}],
        1,
    )
    assert page(storage, f"{by_parent} offset 1 limit 1") == (
        [{"count_id": 2, "parent_id": "s1"}],
        None,
    )


def test_the_first_of_dates_is_a_date_and_their_number_is_none(
    storage: Storage,
) -> None:
    asked = "select min(start_date), max(end_date), count(start_date) from Task"
    assert rows(storage, asked) == [
        {
            "min_start_date": {"__type__": "datetime", "value": "2020-01-02T00:00:00"},
            "max_end_date": None,
            "count_start_date": 1,
        }
    ]


def test_nothing_is_counted_as_none(storage: Storage) -> None:
    assert rows(storage, "select count(id), sum(bid) from Task where id is none") == [
        {"count_id": 0, "sum_bid": None}
    ]
    nobody = "select count(id) from Task where id is none group by status_id"
    assert rows(storage, nobody) == []
