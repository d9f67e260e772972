"""What the server's data shows of a batch whose answer was lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest

from ftrack_models import registry
from ftrack_orm.operations import AnyOperation, Create, Delete, Update
from ftrack_orm.session.in_doubt import LATE_SECONDS, Batch, InDoubtResolver
from ftrack_orm.session.known_types import KnownTypes
from ftrack_orm.types import NOT_LOADED, Reference

A, B, NEW = "a" * 8, "b" * 8, "c" * 8

Rows = dict[str, dict[str, Any]]


class Answering:
    """Answers queries by key from rows, as an exchange does."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.expressions: list[str] = []

    def send(self, operations: Sequence[Any], **_: Any) -> list[dict[str, Any]]:
        results = []
        for operation in operations:
            self.expressions.append(operation.expression)
            keys = re.findall(r'"([^"]*)"', operation.expression)
            data = [
                {"__entity_type__": "Task", "id": key, **self.rows[key]}
                for key in keys
                if key in self.rows
            ]
            results.append({"action": "query", "data": data})
        return results


def read(
    operations: Sequence[AnyOperation],
    rows: Rows,
    before: dict[int, dict[str, Any]] | None = None,
    made: Sequence[int] = (),
) -> tuple[str, list[str]]:
    """Return the outcome of a batch and the verdict of each operation."""
    exchange: Any = Answering(rows)
    reader = InDoubtResolver(exchange, KnownTypes(registry.resolve))
    batch = Batch(operations, frozenset(made), lambda: before or {})
    evidence = reader.read(batch)
    return evidence.outcome, [one.verdict for one in evidence.operations]


def update(key: str = A, **values: Any) -> Update:
    return Update("Task", (key,), values or {"description": "mine"})


CREATE = Create("Task", {"id": NEW, "name": "dust"}, (NEW,))
OLD = {0: {"description": "old"}}


@pytest.mark.parametrize(
    ("stored", "before", "expected"),
    [
        ("mine", "old", ("applied", "applied")),
        ("old", "old", ("not applied", "not applied")),
        ("theirs", "old", ("unknown", "changed")),
        ("mine", NOT_LOADED, ("applied", "applied")),
        ("old", NOT_LOADED, ("unknown", "changed")),
        # Setting the value that is there already shows nothing, and harms nothing.
        ("mine", "mine", ("not applied", "no evidence")),
    ],
)
def test_an_update_is_compared_with_the_values_sent_and_replaced(
    stored: str, before: Any, expected: tuple[str, str]
) -> None:
    outcome, verdicts = read(
        [update()], {A: {"description": stored}}, {0: {"description": before}}
    )
    assert (outcome, *verdicts) == expected


def test_an_update_of_an_entity_that_is_gone_is_unknown() -> None:
    assert read([update()], {}, OLD) == ("unknown", ["changed"])


@pytest.mark.parametrize(
    ("rows", "is_known", "expected"),
    [
        ({B: {}}, True, ("not applied", "not applied")),
        ({}, True, ("applied", "applied")),
        # An entity that was never seen may never have been there.
        ({}, False, ("unknown", "changed")),
    ],
)
def test_a_delete_shows_by_absence_of_what_was_there(
    rows: Rows, is_known: bool, expected: tuple[str, str]
) -> None:
    before: dict[int, dict[str, Any]] = {0: {}} if is_known else {}
    outcome, verdicts = read([Delete("Task", (B,))], rows, before)
    assert (outcome, *verdicts) == expected


def test_a_key_made_here_proves_the_batch_whatever_others_wrote_since() -> None:
    outcome, _ = read(
        [update(), CREATE],
        {A: {"description": "theirs"}, NEW: {"name": "renamed"}},
        OLD,
        made=[1],
    )
    assert outcome == "applied"


def test_the_absence_of_a_key_made_here_lets_the_batch_be_sent_again() -> None:
    outcome, _ = read([update(), CREATE], {A: {"description": "old"}}, OLD, made=[1])
    assert outcome == "not applied"


@pytest.mark.parametrize("stored", ["theirs", "mine"])
def test_it_is_not_sent_again_over_a_newer_value_or_after_a_deletion(
    stored: str,
) -> None:
    outcome, _ = read([update(), CREATE], {A: {"description": stored}}, OLD, made=[1])
    assert outcome == "unknown"


def test_a_key_chosen_by_the_caller_is_compared_by_its_values() -> None:
    assert read([CREATE], {}) == ("not applied", ["not applied"])
    assert read([CREATE], {NEW: {"name": "dust"}}) == ("applied", ["applied"])
    assert read([CREATE], {NEW: {"name": "other"}}) == ("unknown", ["changed"])


def test_every_operation_has_to_agree() -> None:
    operations: list[AnyOperation] = [update(), Delete("Task", (B,))]
    before: dict[int, dict[str, Any]] = {**OLD, 1: {}}
    cases = {
        ("mine", False): "applied",
        ("old", True): "not applied",
        ("old", False): "unknown",
        ("mine", True): "unknown",
    }
    for (stored, is_there), expected in cases.items():
        rows: Rows = {A: {"description": stored}, **({B: {}} if is_there else {})}
        assert read(operations, rows, before)[0] == expected


def test_links_are_compared_by_key_whatever_type_names_them() -> None:
    operation = update(parent=Reference("Shot", ("s2",)))
    before = {0: {"parent": Reference("Context", ("s1",))}}
    assert read([operation], {A: {"parent_id": "s2"}}, before)[0] == "applied"
    assert read([operation], {A: {"parent_id": "s1"}}, before)[0] == "not applied"
    assert read([operation], {A: {"parent_id": "s3"}}, before)[0] == "unknown"


def test_a_large_batch_is_queried_in_parts_of_bounded_length() -> None:
    exchange: Any = Answering({})
    reader = InDoubtResolver(exchange, KnownTypes(registry.resolve))
    reader.read(Batch([update(f"{number:08d}") for number in range(1200)]))

    assert len(exchange.expressions) == 3
    assert max(len(text.split('"')) // 2 for text in exchange.expressions) <= 500


def test_a_batch_that_came_too_late_may_be_applied_for_a_while() -> None:
    batch = Batch([update()], may_be_late=True)
    assert batch.may_still_be_applied
    batch.sent_at -= LATE_SECONDS + 1
    assert not batch.may_still_be_applied
