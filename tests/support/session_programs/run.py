"""Run programs: each step is done, then memory and server are compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import ftrack_models
from ftrack_orm import EntityState, FtrackError, OutcomeUnknownError, ServerError
from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.relation_storage import PairStorage, ReverseStorage
from ftrack_orm.entity.tracking import bare_key
from tests.support.faulty_transport import FAULTS
from tests.support.session_programs.actor import (
    TEXT_NAMES,
    TEXTS,
    Actor,
    RefusedError,
    pick,
)
from tests.support.session_programs.expectation import (
    OWNERS,
    Edits,
    delete,
    differences,
)
from tests.support.session_programs.invariants import (
    check_memory,
    collections_of,
    entities_of,
    shown,
)
from tests.support.session_programs.production import (
    FIELDS,
    PAIRS,
    TYPE,
    Production,
    Rows,
)
from tests.support.session_programs.program import Program, Step


class Run:
    """One program at work on two sessions.

    Attributes:
        server: the rows that the server must have.
        seen: ids of entities that it had at some time.
        counts: how many steps of each kind went which way.
    """

    def __init__(self, production: Production, *, one_writer: bool) -> None:
        production.restore()
        self.production = production
        self.actors = [Actor(production, lambda: self.server) for _ in range(2)]
        self.one_writer = one_writer
        self.server = production.read()
        self.seen = set(self.server.rows)
        self.counts: Counter[str] = Counter()

    def run(self, program: Program) -> None:
        """Do every step, and compare memory and server after each."""
        for step in program:
            self._do(step)
            self.seen.update(self.server.rows)
            for actor in self.actors:
                self._check(actor)
        for actor in self.actors:
            self._finish(actor)

    def _do(self, step: Step) -> None:
        actor = self.actors[step.session]
        writes = getattr(self, step.name, None)
        if writes is not None and step.session == 1 and self.one_writer:
            return
        before = self._plan(actor)
        action: Callable[..., None] = (
            getattr(actor, step.name) if writes is None else self._bound(writes, actor)
        )
        try:
            action(step.a, step.b, step.c)
            self.counts[f"{step.name} done"] += 1
        except RefusedError:
            self.counts[f"{step.name} skipped"] += 1
        except FtrackError as error:
            self.counts[f"{step.name} {type(error).__name__}"] += 1
            is_partial = step.name in ("refresh", "add", "move") or writes is not None
            if not is_partial and self._plan(actor) != before:
                pytest.fail(f"{step} failed half way: {error}")
        finally:
            actor.wire.faults.clear()

    @staticmethod
    def _bound(method: Callable[..., None], actor: Actor) -> Callable[..., None]:
        return lambda a, b, c: method(actor, a, b, c)

    @staticmethod
    def _plan(actor: Actor) -> Any:
        try:
            return actor.session.plan()
        except FtrackError as error:
            return type(error)

    # -- what holds after each step ------------------------------------------------

    def _check(self, actor: Actor) -> None:
        check_memory(actor.session)
        actor.containers.check(actor.session)
        self._check_plan(actor)
        for plan, text in actor.plans:
            assert f"{plan} {plan.operations!r}" == text, "a plan has changed"

    def _check_plan(self, actor: Actor) -> None:
        memory, requests = shown(actor.session), actor.session.requests
        plan = self._plan(actor)
        assert self._plan(actor) == plan
        assert shown(actor.session) == memory, "plan() has changed memory"
        assert actor.session.requests == requests, "plan() has sent a request"
        if not isinstance(plan, type):
            keys = [change.reference for change in plan]
            assert len(set(keys)) == len(keys), f"a reference is twice in {plan}"

    # -- commits -------------------------------------------------------------------

    def commit(self, actor: Actor, a: int, b: int, c: int) -> None:
        self._commit(actor, lambda: actor.session.commit())

    def commit_expected(self, actor: Actor, a: int, b: int, c: int) -> None:
        plan = actor.session.plan()
        self._commit(actor, lambda: actor.session.commit(expect=plan))

    def _commit(self, actor: Actor, commit: Callable[[], Any]) -> None:
        plan = self._plan(actor)
        try:
            sent = commit()
        except OutcomeUnknownError:
            raise
        except FtrackError as error:
            self.counts[f"commit {type(error).__name__}"] += 1
            self._check_refused(actor, error, plan)
            self.roll_back(actor, 0, 0, 0)
            return
        assert not self.one_writer or sent == plan
        self._committed(actor)

    def _check_refused(self, actor: Actor, error: FtrackError, plan: Any) -> None:
        """Assert that a commit was refused for a reason, and changed nothing."""
        assert self._plan(actor) == plan, f"the plan is another after {error!r}"
        assert not differences(self.server, self.production.read())
        if isinstance(error, ServerError) and self.one_writer:
            is_double = "Duplicate" in str(error)
            assert is_double or self._may_refuse(actor), f"{error} of {plan}"

    def _may_refuse(self, actor: Actor) -> bool:
        """Return whether a commit may be refused: it removes what it also needs."""
        gone = self.server.copy()
        for key in actor.edits.removed:
            delete(gone, key)
        lost = {key for key in self.server.rows if key not in gone.rows}
        used = {
            value
            for row in (*actor.edits.created.values(), *actor.edits.values.values())
            for value in row.values()
        }
        edited = {*actor.edits.values, *(row[0] for row in actor.edits.metadata)}
        edited.update(end for pair in actor.edits.pairs for end in pair[1:])
        lost |= self.seen - set(self.server.rows)
        return bool(lost & (used | edited))

    def _committed(self, actor: Actor) -> None:
        """Compare the server with the edits that a commit has sent."""
        edits, actor.edits = actor.edits, Edits()
        actual = self.production.read()
        expected = edits.applied_to(self.server)
        wrong = differences(expected, actual)
        if wrong and not self.one_writer:
            wrong = self._unexplained(edits, expected, actual)
        assert not wrong, "\n".join(wrong)
        self.server = actual
        assert not actor.session.plan()
        self.counts["commits with edits"] += edits != Edits()
        if self.one_writer:
            self.compare_memory(actor)

    def _unexplained(self, edits: Edits, expected: Rows, actual: Rows) -> list[str]:
        """Return the differences that another session's writes do not explain.

        A value that the session took for the server's is no edit, and the members of
        a many-to-many collection are sent as a whole.
        """
        for key, values in edits.values.items():
            for name in values:
                before = self.server.rows.get(key, {}).get(name)
                if actual.rows.get(key, {}).get(name) == before:
                    expected.rows.get(key, {})[name] = before
        for row in edits.metadata:
            value = self.server.metadata.get(row)
            if actual.metadata.get(row) == value:
                expected.metadata.pop(row, None)
                if value is not None:
                    expected.metadata[row] = value
        expected.pairs = actual.pairs
        return differences(expected, actual)

    def roll_back(self, actor: Actor, a: int, b: int, c: int) -> None:
        actor.session.rollback()
        actor.edits = Edits()
        assert not actor.session.plan()
        assert not differences(self.server, self.production.read())
        if self.one_writer and actor is self.actors[0]:
            self.compare_memory(actor)

    # -- lost answers and interruptions --------------------------------------------

    def fault(self, actor: Actor, a: int, b: int, c: int) -> None:
        """Commit, or act at once, with a fault on the wire; then settle."""
        fault = pick(FAULTS, a)
        before = self.server
        expected = actor.edits.applied_to(before)
        if isinstance(self._plan(actor), type) or not self._plan(actor):
            raise RefusedError
        later = pick((None, None, fault), c)
        actor.wire.faults.extend([fault, *([later] if later else [])])
        try:
            actor.session.commit()
        except (FtrackError, KeyboardInterrupt) as error:
            self.counts[f"fault {fault} {type(error).__name__}"] += 1
            actor.wire.faults.clear()
            self._settle(actor, expected, c)
        else:
            self.counts[f"fault {fault} committed"] += 1
            actor.wire.faults.clear()
            self._committed(actor)

    def _settle(self, actor: Actor, expected: Rows, c: int) -> None:
        actual = self.production.read()
        # Edits of rows that another session has deleted change nothing.
        is_applied = expected != self.server and not differences(expected, actual)
        if not is_applied:
            wrong = differences(self.server, actual)
            if not self.one_writer and wrong:
                wrong = self._unexplained(actor.edits, expected, actual)
                is_applied = not wrong
            assert not wrong, "applied in part:\n" + "\n".join(wrong)
        if c % 2:
            if is_applied:
                self.server = actual
            actor.session.rollback()
            actor.edits = Edits()
            assert not actor.session.plan()
            if self.one_writer:
                self.compare_memory(actor)
            return
        try:
            actor.session.commit()
        except ServerError:
            assert not is_applied
            self.roll_back(actor, 0, 0, 0)
            return
        except OutcomeUnknownError:
            self.counts["fault stays unknown"] += 1
            self.server = self.production.read()
            self.roll_back(actor, 0, 0, 0)
            return
        self._committed(actor)

    # -- at once -------------------------------------------------------------------

    def create(self, actor: Actor, a: int, b: int, c: int) -> None:
        data = {"content": pick(TEXTS, c), "user_id": actor.key("User", b)}
        task = pick(self.server.of("Task"), b)
        data["parent_id"] = task
        made = {**data, "parent_type": "Task"}
        note = actor.session.create(ftrack_models.Note, made).data
        self.server.rows[note.id] = {TYPE: "Note", **data}
        self._written(actor)
        assert note.content == data["content"]

    def update(self, actor: Actor, a: int, b: int, c: int) -> None:
        if a % 3 == 0:
            key, name, value = (
                pick(self.server.of("Task"), b),
                "parent_id",
                actor.key("Shot", c),
            )
            kind = "Task"
            if value not in self.server.rows:
                raise RefusedError
        elif a % 3 == 1:
            kind = pick(("Task", "AssetVersion"), a // 3)
            key, name = pick(self.server.of(kind), b), "status_id"
            value = actor.key("Status", c)
        else:
            kind = pick(("Task", "Note", "Timelog"), a // 3)
            key, name = pick(self.server.of(kind), b), TEXT_NAMES[kind]
            value = pick(TEXTS, c)
        actor.session.update(kind, [key], {name: value})
        self.server.rows[key][name] = value
        self._written(actor)

    def delete(self, actor: Actor, a: int, b: int, c: int) -> None:
        kind = pick(("Note", "Timelog", "Appointment", "Task"), a)
        key = pick(self.server.of(kind), b)
        actor.session.delete(kind, key)
        before = set(self.server.rows)
        delete(self.server, key)
        for gone in before - set(self.server.rows):
            actor.edits.forget(gone)
        self._written(actor)

    def ensure(self, actor: Actor, a: int, b: int, c: int) -> None:
        key = pick(self.server.of("Task"), b)
        row = self.server.rows[key]
        data = {
            "name": row["name"],
            "parent_id": row["parent_id"],
            "description": pick(TEXTS, c),
        }
        task = actor.session.ensure(ftrack_models.Task, data, ["name", "parent_id"])
        assert task.id == key
        row["description"] = data["description"]
        self._written(actor)

    def _written(self, actor: Actor) -> None:
        actual = self.production.read()
        wrong = differences(self.server, actual)
        assert not wrong, "\n".join(wrong)
        self.server = actual

    # -- memory and server ---------------------------------------------------------

    def compare_memory(self, actor: Actor) -> None:
        """Assert that everything in memory is as the server has it.

        An entity whose owner is not known may be gone with it: it fails when the
        rest of it is read.
        """
        server = self.server
        for entity in entities_of(actor.session):
            kind, key = type(entity).__name__, bare_key(entity)
            if kind not in FIELDS:
                self._compare_collections(actor, entity)
                continue
            row = server.rows.get(key)
            owners = OWNERS.get(kind, ("parent_id",))
            if row is None and any(name not in vars(entity) for name in owners):
                actor.session.expunge(entity)
                continue
            assert row is not None, f"{entity!r} is in memory, not on the server"
            assert entity.entity_state is EntityState.PERSISTENT
            for name in FIELDS[kind]:
                value = vars(entity).get(name, row[name])
                assert value == row[name], (
                    f"{entity!r}.{name}: {value!r}, {row[name]!r}"
                )
            self._compare_collections(actor, entity)
            rows = vars(entity).get("metadata")
            if type(rows) is MappedValues and rows.is_loaded:
                assert dict(rows) == {
                    name: value
                    for (owner, name), value in server.metadata.items()
                    if owner == key
                }, f"{entity!r}.metadata"

    def _compare_collections(self, actor: Actor, entity: Any) -> None:
        key = bare_key(entity)
        for name, collection in collections_of(entity):
            storage = collection._storage
            members = {bare_key(member) for member in collection}
            if isinstance(storage, ReverseStorage):
                wanted = {storage.remote: key, **storage.filters}
                there = {
                    other
                    for other, row in self.server.rows.items()
                    if all(row.get(one) == value for one, value in wanted.items())
                    and _is_kind(row[TYPE], storage.target)
                }
            elif not storage.is_computed:
                there = self._paired(storage, key)
            else:
                continue
            assert members == there, f"{entity!r}.{name}: {members}, server {there}"

    def _paired(self, storage: PairStorage, key: str) -> set[str]:
        for relation, ends in PAIRS.items():
            if storage.near == ends:
                return {b for a, b in self.server.pairs[relation] if a == key}
            if storage.far == ends:
                return {a for a, b in self.server.pairs[relation] if b == key}
        return set()

    def _finish(self, actor: Actor) -> None:
        """Roll back and load everything anew: memory is the server's then."""
        actor.session.rollback()
        actor.edits = Edits()
        actor.session.expire()
        for entity in entities_of(actor.session):
            if bare_key(entity) in self.server.rows:
                for name in FIELDS[type(entity).__name__]:
                    getattr(entity, name)
                for name, value in tuple(vars(entity).items()):
                    if type(value) is TrackedList:
                        getattr(entity, name)
            elif type(entity).__name__ in FIELDS:
                actor.session.expunge(entity)
        self.compare_memory(actor)
        check_memory(actor.session)


def _is_kind(entity_type: str, base: str) -> bool:
    return bool(getattr(ftrack_models, entity_type).__ftrack__.is_kind_of(base))


def failure(
    production: Production, program: Program, seed: int, *, one_writer: bool
) -> str:
    """Return how a program fails, or nothing."""
    with production.repeatable(seed):
        try:
            Run(production, one_writer=one_writer).run(program)
        except (Exception, pytest.fail.Exception) as error:
            return f"{type(error).__name__}: {error}"
    return ""
