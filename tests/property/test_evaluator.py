"""The emulator against a naive reading of the same expressions, all at random.

Rows, expressions and their spelling are drawn; the text goes through the emulator's
own parser and becomes SQL, its meaning comes from `tests.support.naive_evaluator`.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ftrack_orm.emulator.clock import system_clock
from ftrack_orm.emulator.query_engine.evaluator import QueryEvaluator
from ftrack_orm.emulator.query_engine.parser import parse_query
from ftrack_orm.emulator.query_engine.response_encoder import ResponseEncoder
from ftrack_orm.emulator.storage.storage import Storage
from ftrack_orm.query import ast
from tests.support.expression_speller import Speller
from tests.support.naive_evaluator import Tables, select
from tests.support.schemas import recorded

EXPRESSIONS = 2_000
PER_DRAW = 12

NAMES = ["", "a", "A", "b", "ab", "a%b", "a_b", "É", "é", "x\\y"]
STATUSES = ["s0", "s1", "s2"]
PARENTS = ["p0", "p1"]
USERS = ["u0", "u1"]
DATES = ["2026-01-01T00:00:00", "2026-01-01T12:00:00", "2026-01-02T00:00:00"]


# -- strategies --------------------------------------------------------------

null = st.just(ast.NULL)


def literals(values: list[str]) -> st.SearchStrategy[ast.LiteralNode]:
    return st.sampled_from(values).map(ast.LiteralNode) | null


ORDERED: list[ast.Operator] = ["is", "is_not", ">", "<", ">=", "<="]


def texts(dotted: str) -> st.SearchStrategy[ast.Criteria]:
    """Conditions on text, but for its order, which protocol 5 leaves open."""
    path = ast.PathExpression.of(dotted)
    patterns = ["%", "a%", "%b", "%_%", r"%\%%", "é%", "x\\y", "A", "\\%"]
    equal: list[ast.Operator] = ["is", "is_not"]
    like: list[ast.Operator] = ["like", "not_like"]
    return (
        st.builds(
            ast.Comparison, st.just(path), st.sampled_from(equal), literals(NAMES)
        )
        | st.builds(
            ast.Comparison, st.just(path), st.sampled_from(like), literals(patterns)
        )
        | st.builds(
            ast.Membership,
            st.just(path),
            st.lists(literals(NAMES), min_size=1, max_size=3).map(tuple),
            st.booleans(),
        )
    )


def values(dotted: str, candidates: list[str]) -> st.SearchStrategy[ast.Criteria]:
    path = ast.PathExpression.of(dotted)
    return st.builds(
        ast.Comparison, st.just(path), st.sampled_from(ORDERED), literals(candidates)
    ) | st.builds(
        ast.Membership,
        st.just(path),
        st.lists(literals(candidates), min_size=1, max_size=3).map(tuple),
        st.booleans(),
    )


def quantified(
    dotted: str, quantifier: str, inner: st.SearchStrategy[ast.Criteria]
) -> st.SearchStrategy[ast.Criteria]:
    return st.builds(
        ast.Quantified,
        st.just(ast.PathExpression.of(dotted)),
        st.just(quantifier),
        st.none() | inner,
    )


def inside(
    dotted: str, entity_type: str, name: str, inner: st.SearchStrategy[ast.Criteria]
) -> st.SearchStrategy[ast.Criteria]:
    """Membership in what a subquery selects."""
    projections = (ast.PathExpression.of(name),)
    return st.builds(
        lambda criteria, negated: ast.Membership(
            ast.PathExpression.of(dotted),
            ast.Query(entity_type, projections, criteria=criteria),
            negated,
        ),
        st.none() | inner,
        st.booleans(),
    )


def combined(
    leaves: st.SearchStrategy[ast.Criteria],
) -> st.SearchStrategy[ast.Criteria]:
    def extend(
        inner: st.SearchStrategy[ast.Criteria],
    ) -> st.SearchStrategy[ast.Criteria]:
        several = st.lists(inner, min_size=2, max_size=3).map(tuple)
        return (
            st.builds(ast.Not, inner)
            | st.builds(ast.And, several)
            | st.builds(ast.Or, several)
        )

    return st.recursive(leaves, extend, max_leaves=6)


BIDS = ["0", "1", "2.5", "-1"]
appointment = texts("resource.username") | texts("resource.first_name")
sibling = texts("name") | values("status_id", STATUSES) | texts("status.name")
criteria = combined(
    texts("name")
    | values("bid", BIDS)
    | values("start_date", DATES)
    | values("status_id", STATUSES)
    | texts("status.name")
    | texts("parent.name")
    | values("parent.bid", BIDS)
    | texts("assignments.resource.username")
    | texts("parent.children.name")
    | texts("ancestors.name")
    | texts("metadata.value")
    | inside("parent_id", "Shot", "id", texts("name") | values("bid", BIDS))
    | inside("id", "Appointment", "context_id", texts("resource.username"))
    | inside("status_id", "Task", "status_id", texts("name"))
    | inside("status_id", "Task", "parent.children.status_id", texts("name"))
    | inside("id", "Shot", "children.id", texts("name") | values("bid", BIDS))
    | inside("id", "Task", "assignments.context_id", texts("name"))
    | inside("parent_id", "Task", "ancestors.id", texts("name"))
    | quantified("metadata", "any", combined(texts("key") | texts("value")))
    | quantified("ancestors", "any", texts("name") | values("bid", BIDS))
    | quantified("status", "has", texts("name"))
    | quantified("parent", "has", values("bid", BIDS) | texts("name"))
    | quantified("assignments", "any", combined(appointment))
    | quantified("parent.children", "any", combined(sibling))
)


@st.composite
def drawn_tables(draw: st.DrawFn) -> Tables:
    name = st.sampled_from(NAMES) | st.none()
    bid = st.sampled_from([0.0, 1.0, 2.5, -1.0]) | st.none()
    tables = Tables()
    tables.statuses = [{"id": key, "name": draw(name)} for key in STATUSES]
    tables.shots = [
        {"id": key, "name": draw(name), "bid": draw(bid)} for key in PARENTS
    ]
    tables.users = [
        {"id": key, "username": draw(name), "first_name": draw(name)} for key in USERS
    ]
    for number in range(draw(st.integers(1, 5))):
        tables.tasks.append(
            {
                "id": f"t{number}",
                "name": draw(name),
                "bid": draw(bid),
                "start_date": draw(st.sampled_from(DATES) | st.none()),
                "status_id": draw(st.sampled_from([*STATUSES, "gone"]) | st.none()),
                "parent_id": draw(st.sampled_from(PARENTS) | st.none()),
            }
        )
    for number in range(draw(st.integers(0, 5))):
        tables.appointments.append(
            {
                "id": f"a{number}",
                "type": draw(st.sampled_from(["assignment", "allocation"])),
                "context_id": draw(st.sampled_from([t["id"] for t in tables.tasks])),
                "resource_id": draw(st.sampled_from([*USERS, "gone"])),
            }
        )
    for owner in tables.tasks:
        for key in draw(st.sets(st.sampled_from(["a", "B"]))):
            row = {"parent_id": owner["id"], "key": key, "value": draw(name)}
            tables.metadata.append({**row, "parent_type": "Task"})
    return tables


queries = st.builds(
    ast.Query,
    st.just("Task"),
    criteria=criteria,
    order_by=st.lists(
        st.builds(
            ast.Ordering,
            st.sampled_from(["bid", "start_date"]).map(ast.PathExpression.of),
            st.booleans(),
        ),
        max_size=2,
        unique_by=lambda each: each.path,
    ).map(tuple),
    offset=st.none() | st.integers(0, 3),
    limit=st.none() | st.integers(1, 4),
)


@pytest.fixture(scope="module")
def storage() -> Iterator[Storage]:
    opened = Storage(recorded())
    yield opened
    opened.close()


class _UndoneError(Exception):
    """Ends a transaction without keeping anything."""


def check(
    storage: Storage, tables: Tables, asked: list[ast.Query], random: Random
) -> None:
    """Hold the emulator to the naive reading, leaving storage as it was."""
    reader, speller = QueryEvaluator(storage, system_clock), Speller(random)
    with storage.transaction() as connection:
        storage.insert_many(connection, "Status", tables.statuses)
        storage.insert_many(connection, "Shot", tables.shots)
        storage.insert_many(connection, "User", tables.users)
        storage.insert_many(connection, "Task", tables.tasks)
        storage.insert_many(connection, "Appointment", tables.appointments)
        storage.insert_many(connection, "Metadata", tables.metadata)
        for query in asked:
            text = speller.query(query)
            rows, _ = reader.query(connection, parse_query(text), ResponseEncoder())
            assert [row["id"] for row in rows] == select(tables, query), text
        raise _UndoneError


def test_the_emulator_finds_what_a_naive_reading_finds(storage: Storage) -> None:
    checked = 0

    @settings(
        max_examples=EXPRESSIONS // PER_DRAW + 20,
        deadline=None,
        database=None,
        suppress_health_check=[
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
            HealthCheck.too_slow,
        ],
    )
    @given(
        tables=drawn_tables(),
        asked=st.lists(queries, min_size=PER_DRAW, max_size=PER_DRAW),
        random=st.randoms(use_true_random=False),
    )
    def run(tables: Tables, asked: list[ast.Query], random: Random) -> None:
        nonlocal checked
        with pytest.raises(_UndoneError):
            check(storage, tables, asked, random)
        checked += len(asked)

    run()
    assert checked >= EXPRESSIONS
