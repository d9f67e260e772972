"""A user's subclass is the class of its entity type in a session."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from pydantic import Field, PrivateAttr, field_validator

from ftrack_models import Project, Shot, Task, TypedContext
from ftrack_orm import EntityClassError, EntityState, NotLoadedError, Session
from ftrack_orm.emulator import Emulator
from tests.support.incomplete import incomplete


class MyTask(Task):
    """A task with methods and fields of a studio."""

    votes: int = 0
    tags: list[str] = Field(default_factory=list)
    _cache: list[int] = PrivateAttr(default_factory=list)
    _first_name: str = PrivateAttr(default="")

    def model_post_init(self, context: Any, /) -> None:
        """Read an attribute that every row has."""
        self._first_name = vars(self).get("name", "")

    def hello(self) -> str:
        """Return a greeting."""
        return f"hello {self.name}"

    @field_validator("votes")
    @classmethod
    def positive(cls, value: int) -> int:
        """Refuse negative votes."""
        if value < 0:
            raise ValueError("negative")
        return value


class Derived(MyTask):
    """A subclass of the subclass."""

    extra: str = "none"


class Unrelated(Task):
    """Another subclass of the same entity type."""


def test_entities_in_memory_become_instances_in_place(session: Session) -> None:
    plain = session.select(Task).first()
    assert plain is not None
    plain.name = "edited"
    task = session.select(MyTask).where(MyTask.id == plain.id).one()
    assert task is plain
    assert isinstance(plain, MyTask)
    assert (plain.votes, plain.tags, plain._cache) == (0, [], [])
    assert plain.hello() == "hello edited"
    assert len(session.plan().changes) == 1


def test_loaded_entities_have_defaults_private_values_and_hooks(
    session: Session,
) -> None:
    tasks = session.select(MyTask).limit(5).all()
    for task in tasks:
        assert (task.votes, task.tags, task._cache) == (0, [], [])
        assert task._first_name == task.name
    tasks[0].tags.append("a")
    assert tasks[1].tags == []


def test_later_requests_for_the_base_do_not_turn_the_session_back(
    session: Session,
) -> None:
    task = session.select(MyTask).first()
    assert task is not None
    assert session.get(Task, task.id) is task
    others = session.select(Task).limit(20).all()
    assert {type(other) for other in others} == {MyTask}
    parent = task.parent
    assert isinstance(parent, TypedContext)
    assert MyTask in {type(child) for child in parent.children}
    assert Task not in {type(child) for child in parent.children}
    assert type(others[3]) is MyTask
    assert isinstance(session.get(MyTask, others[3].id), MyTask)


@pytest.mark.parametrize("ask", ["get", "get_many", "query", "select"])
def test_every_way_of_asking_gives_the_subclass(session: Session, ask: str) -> None:
    key = session.select(Task).all()[3].id
    tasks: list[MyTask | None]
    match ask:
        case "get":
            tasks = [session.get(MyTask, key)]
        case "get_many":
            tasks = session.get_many(MyTask, [key])
        case "query":
            tasks = [*session.query(f'Task where id is "{key}"', MyTask).data]
        case _:
            tasks = [session.select(MyTask).where(MyTask.id == key).one()]
    [task] = tasks
    assert task is not None
    assert task.hello() == f"hello {task.name}"


def test_a_plain_entity_that_was_added_is_converted_when_it_is_asked_for(
    session: Session,
) -> None:
    shot = session.select(Shot).limit(1).one()
    session.select(MyTask)
    plain = Task(name="made", parent=shot)
    session.add(plain)
    session.commit()
    task = session.get(MyTask, plain.id)
    assert task is plain
    assert isinstance(task, MyTask)
    assert task.votes == 0


def test_own_fields_survive_and_are_never_sent(
    session: Session, emulator: Emulator
) -> None:
    task = session.select(MyTask).limit(1).one()
    name = task.name
    task.votes = 3
    task.tags.append("a")
    task._cache.append(1)
    assert session.plan().changes == ()
    task.name = "edited"
    session.rollback()
    assert task.name == name
    session.refresh(task)
    session.expire(task)
    session.select(Task).all()
    task.name = "edited"
    session.commit()
    assert (task.votes, task.tags, task._cache) == (3, ["a"], [1])
    made = MyTask(name="made", votes=4, parent=session.select(Shot).limit(1).one())
    session.add(made)
    session.commit()
    assert made.votes == 4
    assert "votes" not in str(emulator.call_log)
    session.expunge(task)
    assert task.votes == 3
    session.close()
    assert (made.votes, made._cache) == (4, [])


def test_an_own_field_may_hold_entities_of_the_session(session: Session) -> None:
    class Paired(Task):
        partner: Task | None = None

    one, other = session.select(Paired).limit(2).all()
    one.partner = other
    one.name = "edited"
    shot = session.select(Shot).limit(1).one()
    made = Paired(
        name="made", parent=shot, partner=incomplete(Task, name="never added")
    )
    session.add(made)
    session.commit()
    assert one.partner is other
    names = {task.name for task in session.select(Task)}
    assert {"made", "edited"} <= names
    assert "never added" not in names


def test_a_field_without_a_default_is_to_be_set_first(session: Session) -> None:
    class Ticketed(Task):
        ticket: str

    task = session.select(Ticketed).limit(1).one()
    with pytest.raises(NotLoadedError, match="Set it first"):
        _ = task.ticket
    task.ticket = "T-1"
    assert task.ticket == "T-1"


def test_a_more_derived_class_takes_over(session: Session) -> None:
    task = session.select(MyTask).limit(1).one()
    task.votes = 2
    derived = session.get(Derived, task.id)
    assert derived is not None
    assert derived is task
    assert (derived.votes, derived.extra) == (2, "none")
    assert isinstance(session.select(MyTask).limit(1).one(), Derived)


def test_two_unrelated_subclasses_are_refused_at_once(session: Session) -> None:
    task = session.select(MyTask).limit(1).one()
    with pytest.raises(EntityClassError) as refused:
        session.select(Unrelated)
    assert refused.value.entity_type == "Task"
    assert (refused.value.requested, refused.value.current) == ("Unrelated", "MyTask")
    with pytest.raises(EntityClassError):
        session.get(Unrelated, task.id)
    assert type(task) is MyTask
    assert session.get(MyTask, task.id) is task


def test_an_added_instance_of_an_unrelated_subclass_is_refused(
    session: Session,
) -> None:
    session.add(Unrelated(name="x", parent=session.select(Shot).limit(1).one()))
    with pytest.raises(EntityClassError):
        session.select(MyTask)


def test_a_class_with_another_layout_is_refused_for_entities_in_memory(
    session: Session,
) -> None:
    class Slotted(Task):
        __slots__ = ("extra",)

    task = session.select(Task).limit(1).one()
    with pytest.raises(EntityClassError):
        session.get(Slotted, task.id)
    assert type(task) is Task


def test_a_subclass_of_a_base_type_is_refused_for_its_subtypes(
    session: Session,
) -> None:
    class MyContext(TypedContext):
        pass

    with pytest.raises(EntityClassError, match="MyContext"):
        session.select(MyContext).first()


def test_a_hook_that_fails_after_a_write_leaves_no_doubt(session: Session) -> None:
    class Failing(Task):
        def model_post_init(self, context: Any, /) -> None:
            if self.entity_state is EntityState.PERSISTENT:
                raise RuntimeError("the hook failed")

    shot = session.select(Shot).limit(1).one()
    with pytest.raises(RuntimeError):
        session.create(Failing, {"name": "made", "parent_id": shot.id})
    shot.description = "edited"
    assert len(session.commit().changes) == 1
    names = session.select(Task).values(Task.name)
    assert [name for (name,) in names].count("made") == 1


def test_another_session_has_its_own_class(
    session: Session, emulator: Emulator
) -> None:
    session.select(MyTask).first()
    with Session(transport=emulator.transport(), check_schema="ignore") as other:
        assert type(other.select(Task).limit(1).one()) is Task
        assert type(other.select(Unrelated).limit(1).one()) is Unrelated


def test_lazy_loading_stays_one_request_for_a_converted_group(
    session: Session, emulator: Emulator
) -> None:
    tasks = session.select(Task).limit(20).all()
    session.select(MyTask)
    before = len(emulator.call_log)
    assert all(task.status.name for task in tasks)
    assert len(emulator.call_log) - before <= 2


@pytest.mark.parametrize("closed", [False, True])
def test_copies_and_pickles_of_entities_in_a_session(
    session: Session, closed: bool
) -> None:
    task = session.select(MyTask).load(MyTask.notes, MyTask.status).limit(1).one()
    dict(task.metadata)
    task.votes = 3
    task._cache.append(1)
    dumped = task.model_dump()
    if closed:
        session.close()
    pickled = pickle.loads(pickle.dumps(task))  # noqa: S301 # our own bytes
    for again in (copy.copy(task), copy.deepcopy(task), pickled):
        assert type(again) is MyTask
        assert again.model_dump() == dumped
        assert (again.votes, again._cache) == (3, [1])


def test_removed_and_pending_entities_can_be_copied(session: Session) -> None:
    project = session.select(Project).limit(1).one()
    task = session.select(MyTask).limit(1).one()
    session.remove(task)
    made = incomplete(MyTask, name="made", project=project, votes=2)
    session.add(made)
    for entity in (task, made):
        for again in (
            copy.copy(entity),
            copy.deepcopy(entity),
            pickle.loads(pickle.dumps(entity)),  # noqa: S301 # our own bytes
        ):
            assert again == entity
            assert again.votes == entity.votes
            assert again.entity_state.value in ("detached", "transient")
