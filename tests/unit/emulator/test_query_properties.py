"""SQL against a naive reading of the same query, on worlds and queries at random."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from operator import eq, ge, gt, le, lt
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftrack_orm.emulator.clock import system_clock
from ftrack_orm.emulator.criteria import CriteriaCompiler
from ftrack_orm.emulator.storage import Storage
from ftrack_orm.query import ast
from tests.unit.emulator.reading import recorded_schema

Row: TypeAlias = dict[str, Any]

NAMES = ["", "a", "A", "b", "ab", "a%b", "a_b", "É", "é", "x\\y"]
STATUSES = ["s0", "s1", "s2"]
PARENTS = ["p0", "p1"]
USERS = ["u0", "u1"]
DATES = ["2026-01-01T00:00:00", "2026-01-01T12:00:00", "2026-01-02T00:00:00"]


class World:
    """Rows as dictionaries, and what their relations lead to."""

    def __init__(self) -> None:
        self.tasks: list[Row] = []
        self.shots: list[Row] = []
        self.statuses: list[Row] = []
        self.appointments: list[Row] = []
        self.users: list[Row] = []

    def related(self, row: Row, name: str) -> list[Row]:
        """Return what a link or collection leads to; a link's target alone."""
        match name:
            case "status":
                return [s for s in self.statuses if s["id"] == row["status_id"]]
            case "parent":
                return [s for s in self.shots if s["id"] == row["parent_id"]]
            case "resource":
                return [u for u in self.users if u["id"] == row["resource_id"]]
            case "children":
                return [t for t in self.tasks if t["parent_id"] == row["id"]]
            case "assignments":
                return [
                    a
                    for a in self.appointments
                    if a["context_id"] == row["id"] and a["type"] == "assignment"
                ]
        raise AssertionError(name)


COLLECTIONS = {"children", "assignments"}
ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "is": eq,
    ">": gt,
    "<": lt,
    ">=": ge,
    "<=": le,
}


def holds(world: World, row: Row, node: ast.Criteria) -> bool:
    """Evaluate criteria by their meaning in protocol 5.2 and 5.5."""
    match node:
        case ast.And(operands):
            return all(holds(world, row, each) for each in operands)
        case ast.Or(operands):
            return any(holds(world, row, each) for each in operands)
        case ast.Not(operand):
            return not holds(world, row, operand)
        case ast.Comparison(path, operator, value):
            return along(world, row, path, lambda v: compare(v, operator, value, path))
        case ast.Membership(path, candidates, negated):
            assert isinstance(candidates, tuple)
            return along(
                world,
                row,
                path,
                lambda v: (
                    negated != any(compare(v, "is", each, path) for each in candidates)
                ),
            )
        case ast.Quantified(path, _, inner):
            *steps, last = (step.name for step in path.steps)
            return through(
                world,
                row,
                steps,
                lambda owner: (
                    owner is not None
                    and any(
                        inner is None or holds(world, each, inner)
                        for each in world.related(owner, last)
                    )
                ),
            )


def along(
    world: World,
    row: Row,
    path: ast.PathExpression,
    leaf: Callable[[Any], bool],
) -> bool:
    *steps, last = (step.name for step in path.steps)
    return through(
        world,
        row,
        steps,
        lambda owner: leaf(None if owner is None else owner[last]),
    )


def through(
    world: World, row: Row | None, steps: list[str], leaf: Callable[[Row | None], bool]
) -> bool:
    if not steps:
        return leaf(row)
    first, *rest = steps
    found = [] if row is None else world.related(row, first)
    if first in COLLECTIONS:
        return any(through(world, each, rest, leaf) for each in found)
    return through(world, found[0] if found else None, rest, leaf)


def compare(
    value: Any, operator: str, literal: ast.Literal, path: ast.PathExpression
) -> bool:
    if operator == "is_not":
        return not compare(value, "is", literal, path)
    if operator == "not_like":
        return not compare(value, "like", literal, path)
    if not literal.quoted and literal.text == "none":
        return operator == "is" and value is None
    if value is None:
        return False
    right: Any = literal.text
    if isinstance(value, float):
        right = float(right)
    elif path.steps[-1].name not in ("id", "status_id", "start_date"):
        value, right = value.casefold(), right.casefold()
    if operator in ORDERINGS:
        return ORDERINGS[operator](value, right)
    pattern = re.sub(
        r"\\%|%|.",
        lambda m: {"%": ".*", r"\%": "%"}.get(m[0], re.escape(m[0])),
        right,
        flags=re.DOTALL,
    )
    return re.fullmatch(pattern, str(value), re.DOTALL) is not None


# -- strategies --------------------------------------------------------------

null = st.just(ast.NULL)


def literals(values: list[str]) -> st.SearchStrategy[ast.Literal]:
    return st.sampled_from(values).map(ast.Literal) | null


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
    | quantified("status", "has", texts("name"))
    | quantified("parent", "has", values("bid", BIDS) | texts("name"))
    | quantified("assignments", "any", combined(appointment))
    | quantified("parent.children", "any", combined(sibling))
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    name = st.sampled_from(NAMES) | st.none()
    bid = st.sampled_from([0.0, 1.0, 2.5, -1.0]) | st.none()
    world = World()
    world.statuses = [{"id": key, "name": draw(name)} for key in STATUSES]
    world.shots = [{"id": key, "name": draw(name), "bid": draw(bid)} for key in PARENTS]
    world.users = [
        {"id": key, "username": draw(name), "first_name": draw(name)} for key in USERS
    ]
    for number in range(draw(st.integers(1, 5))):
        world.tasks.append(
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
        world.appointments.append(
            {
                "id": f"a{number}",
                "type": draw(st.sampled_from(["assignment", "allocation"])),
                "context_id": draw(st.sampled_from([t["id"] for t in world.tasks])),
                "resource_id": draw(st.sampled_from([*USERS, "gone"])),
            }
        )
    return world


@pytest.fixture(scope="module")
def storage() -> Iterator[Storage]:
    opened = Storage(recorded_schema())
    yield opened
    opened.close()


class _UndoneError(Exception):
    """Ends a transaction without keeping anything."""


def selected(storage: Storage, world: World, wanted: ast.Criteria) -> list[str]:
    """Return the ids of the tasks that SQL selects, leaving storage as it was."""
    found: list[str] = []
    try:
        with storage.transaction() as connection:
            storage.insert_many(connection, "Status", world.statuses)
            storage.insert_many(connection, "Shot", world.shots)
            storage.insert_many(connection, "User", world.users)
            storage.insert_many(connection, "Task", world.tasks)
            storage.insert_many(connection, "Appointment", world.appointments)
            compiler = CriteriaCompiler(storage.tables, system_clock)
            selection = compiler.compile(ast.Query("Task", criteria=wanted))
            statement = selection.select([selection.scope.source.c.id])
            found = [str(row[0]) for row in connection.execute(statement)]
            raise _UndoneError
    except _UndoneError:
        return found


@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=worlds(), wanted=criteria)
def test_sql_selects_what_the_query_means(
    storage: Storage, world: World, wanted: ast.Criteria
) -> None:
    expected = [task["id"] for task in world.tasks if holds(world, task, wanted)]
    assert selected(storage, world, wanted) == expected
