"""Rows are compared with the before-values and after-values of a plan."""

from __future__ import annotations

from ftrack_orm.migrations.planned_change import Missing, PlannedChange
from ftrack_orm.migrations.verification import (
    CurrentRows,
    RowReads,
    sent_operation,
)
from ftrack_orm.operations import Delete
from ftrack_orm.types import JSONObject, Reference
from tests.support.migration_plans import create, delete, make_units, update

TASK = Reference("Task", ("t",))
VALUE = Reference("CustomAttributeValue", ("c", "t"))
KEYS = {"Task": ["id"], "CustomAttributeValue": ["configuration_id", "entity_id"]}


def judged(
    row: JSONObject | None, *changes: PlannedChange, reference: Reference = TASK
) -> str:
    """Return the number of changes to write, there already, and in conflict."""
    rows = CurrentRows({reference: row})
    verdict = rows.judge(make_units([changes])[0])
    counts = verdict.to_write, verdict.already, verdict.conflicts
    return "/".join(str(len(items)) for items in counts)


def test_an_update_is_compared_with_both_values() -> None:
    change = update("Task", "t", "name", "a", "b")
    assert judged({"name": "a"}, change) == "1/0/0"
    assert judged({"name": "b"}, change) == "0/1/0"
    assert judged({"name": "c"}, change) == "0/0/1"
    assert judged(None, change) == "0/0/1"


def test_a_create_expects_no_row() -> None:
    change = create("Task", ("t",), name="a")
    assert judged(None, change) == "1/0/0"
    assert judged({"name": "a", "bid": 3}, change) == "0/1/0"
    assert judged({"name": "b"}, change) == "0/0/1"


def test_a_delete_expects_the_row_as_it_was() -> None:
    change = delete("Task", ("t",), name="a")
    assert judged({"name": "a"}, change) == "1/0/0"
    assert judged({"name": "edited"}, change) == "0/0/1"
    assert judged(None, change) == "0/1/0"


def test_a_custom_value_may_have_no_row() -> None:
    change = update(
        "ContextCustomAttributeValue", ("c", "t"), "value", Missing.UNSET, 3.0
    )
    assert judged(None, change, reference=VALUE) == "1/0/0"
    assert judged({"value": 3}, change, reference=VALUE) == "0/1/0"
    assert judged({"value": 4}, change, reference=VALUE) == "0/0/1"


def test_clearing_a_custom_value_deletes_the_plain_row() -> None:
    change = PlannedChange(
        "delete",
        "ContextCustomAttributeValue",
        ("c", "t"),
        None,
        {"value": 3.0},
        Missing.UNSET,
    )
    assert judged({"value": 3}, change, reference=VALUE) == "1/0/0"
    assert judged({"value": 4}, change, reference=VALUE) == "0/0/1"
    assert judged(None, change, reference=VALUE) == "0/1/0"
    operation = Delete("ContextCustomAttributeValue", ("c", "t"))
    assert sent_operation(operation) == Delete("CustomAttributeValue", ("c", "t"))


def test_later_units_see_the_changes_of_earlier_ones() -> None:
    rows = CurrentRows({TASK: {"name": "a"}})
    first, second, third = make_units(
        [
            [update("Task", "t", "name", "a", "b")],
            [update("Task", "t", "name", "b", "c")],
            [delete("Task", ("t",), name="c")],
        ]
    )
    verdicts = [rows.judge(unit) for unit in (first, second, third)]
    assert [len(verdict.to_write) for verdict in verdicts] == [1, 1, 1]
    assert rows.rows[TASK] is None


def test_a_unit_with_a_conflict_leaves_the_rows() -> None:
    rows = CurrentRows({TASK: {"name": "a", "bid": 1}})
    unit, after = make_units(
        [
            [update("Task", "t", "name", "a", "b"), update("Task", "t", "bid", 2, 3)],
            [update("Task", "t", "name", "a", "z")],
        ]
    )
    [conflict] = rows.judge(unit).conflicts
    assert (conflict.change.attribute, conflict.current) == ("bid", 1)
    assert rows.rows[TASK] == {"name": "a", "bid": 1}
    assert rows.judge(after).to_write


def test_values_are_read_by_attribute_and_entity() -> None:
    value_type = "ContextCustomAttributeValue"
    crossed = make_units(
        [update(value_type, (c, t), "value", 1, 2) for c in "ab"] for t in "tu"
    )
    (query,) = RowReads.of(crossed, KEYS.__getitem__).queries
    assert query.expression.endswith(
        'where configuration_id in ("a", "b") and entity_id in ("t", "u")'
    )
    apart = make_units([update(value_type, (c + c, c), "value", 1, 2)] for c in "abc")
    reads = RowReads.of(apart, KEYS.__getitem__)
    assert " or " in reads.queries[0].expression
    other = {"configuration_id": "aa", "entity_id": "b", "value": 1}
    assert set(reads.rows([[other]]).rows.values()) == {None}


def test_rows_of_a_type_are_read_by_one_query() -> None:
    units = make_units(
        [
            [update("Task", "t", "name", "a", "b")],
            [update("Task", "u", "bid", 1, 2)],
            [update("ContextCustomAttributeValue", ("c", "t"), "value", 1, 2)],
        ]
    )
    reads = RowReads.of(units, KEYS.__getitem__)
    assert [query.expression for query in reads.queries] == [
        "select configuration_id, entity_id, value from CustomAttributeValue "
        'where configuration_id in ("c") and entity_id in ("t")',
        'select id, name, bid from Task where id in ("t", "u")',
    ]
    row = {"configuration_id": "c", "entity_id": "t", "value": 1}
    rows = reads.rows([[row], []])
    assert rows.rows == {VALUE: row, TASK: None, Reference("Task", ("u",)): None}
