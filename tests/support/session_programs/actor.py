"""The user of one session: does the steps of a program, and notes their meaning."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import ftrack_models
from ftrack_orm import EntityState, FlushPlan, FtrackError, Reference, Session
from ftrack_orm.entity.collection import TrackedList
from tests.support.faulty_transport import FaultyTransport
from tests.support.session_programs.expectation import Edits
from tests.support.session_programs.invariants import Containers
from tests.support.session_programs.production import FIELDS, TYPE, Production, Rows

T = TypeVar("T")

TEXTS = ("", "a", 'a "b"', "é\n")
TEXT_NAMES = {
    "Task": "description",
    "Shot": "description",
    "Note": "content",
    "Timelog": "comment",
    "AssetVersion": "comment",
    "TypedContextList": "name",
}
LINKS = (
    ("Task", "parent", "parent_id", "Shot"),
    ("Task", "status", "status_id", "Status"),
    ("Task", "priority", "priority_id", "Priority"),
    ("Shot", "status", "status_id", "Status"),
    ("Note", "author", "user_id", "User"),
    ("Timelog", "context", "context_id", "Task"),
    ("Timelog", "context", "context_id", "Shot"),
    ("Timelog", "user", "user_id", "User"),
    ("Appointment", "context", "context_id", "Task"),
    ("Appointment", "resource", "resource_id", "User"),
    ("AssetVersion", "task", "task_id", "Task"),
    ("AssetVersion", "status", "status_id", "Status"),
    ("TypedContextList", "owner", "user_id", "User"),
)
OPTIONAL = {
    ("Timelog", "user"),
    ("AssetVersion", "task"),
    ("TypedContextList", "owner"),
}


class Members(NamedTuple):
    """A one-to-many collection: its owner, its members, and the key they hold."""

    owner: str
    name: str
    member: str
    key: str
    type: str | None = None


COLLECTIONS = (
    Members("Task", "notes", "Note", "parent_id"),
    Members("Shot", "notes", "Note", "parent_id"),
    Members("Task", "timelogs", "Timelog", "context_id"),
    Members("Shot", "timelogs", "Timelog", "context_id"),
    Members("Task", "assignments", "Appointment", "context_id", "assignment"),
    Members("Task", "allocations", "Appointment", "context_id", "allocation"),
    Members("Task", "appointments", "Appointment", "context_id"),
    Members("Shot", "children", "Task", "parent_id"),
    Members("User", "timelogs", "Timelog", "user_id"),
    Members("User", "assignments", "Appointment", "resource_id", "assignment"),
    Members("Asset", "versions", "AssetVersion", "asset_id"),
)


class Ends(NamedTuple):
    """A many-to-many collection: its owner, its members, and the pairs they are in."""

    owner: str
    name: str
    member: str
    relation: str
    is_first: bool


ENDS = (
    Ends("TypedContextList", "items", "Task", "items", True),
    Ends("Task", "lists", "TypedContextList", "items", False),
    Ends("AssetVersion", "uses_versions", "AssetVersion", "uses", True),
    Ends("AssetVersion", "used_in_versions", "AssetVersion", "uses", False),
)


class RefusedError(Exception):
    """A step that the program cannot do now, such as on an entity that is gone."""


class Actor:
    """One session with the edits that its user made.

    Attributes:
        edits: the changes that were not sent.
        plans: plans that were seen, with their text at that moment.
        rows: returns the rows that the server has.
    """

    def __init__(self, production: Production, rows: Callable[[], Rows]) -> None:
        self.production = production
        self.rows = rows
        self.session: Session
        self.wire: FaultyTransport
        self.session, self.wire = production.session()
        self.edits = Edits()
        self.containers = Containers()
        self.plans: list[tuple[FlushPlan, str]] = []

    # -- picking -------------------------------------------------------------------

    def keys(self, entity_type: str) -> list[str]:
        """Return the ids a program can pick of a type: the server's and new ones."""
        constants = self.production.constants.get(entity_type)
        if constants is not None:
            return constants
        keys = self.rows().of(entity_type)
        new = [
            key for key, row in self.edits.created.items() if row[TYPE] == entity_type
        ]
        return [*keys, *(key for key in new if key not in keys)]

    def key(self, entity_type: str, number: int) -> str:
        return pick(self.keys(entity_type), number)

    def entity(self, entity_type: str, number: int) -> Any:
        """Return the session's entity with one of the ids."""
        key = self.key(entity_type, number)
        entity = self.session.get(getattr(ftrack_models, entity_type), key)
        if entity is None:
            raise RefusedError
        return entity

    def editable(self, entity_type: str, number: int) -> Any:
        entity = self.entity(entity_type, number)
        if entity.id in self.edits.removed:
            raise RefusedError
        return entity

    def target(self, entity_type: str, number: int, mode: int) -> tuple[str, Any]:
        """Return an id, and one of the forms in which a link takes it."""
        key = self.key(entity_type, number)
        if key in self.edits.removed:
            raise RefusedError
        forms: Sequence[Callable[[], Any]] = (
            lambda: self.entity(entity_type, number),
            lambda: {TYPE: entity_type, "id": key},
            lambda: Reference(entity_type, (key,)),
            lambda: copy.copy(self.entity(entity_type, number)),
            lambda: pickle.loads(pickle.dumps(self.entity(entity_type, number))),  # noqa: S301 # made here
        )
        if key in self.edits.created:
            return key, self.entity(entity_type, number)
        return key, pick(forms, mode)()

    # -- reading -------------------------------------------------------------------

    def query(self, a: int, b: int, c: int) -> None:
        entity_type = pick(tuple(FIELDS), a)
        entity_class = getattr(ftrack_models, entity_type)
        select = self.session.select(entity_class)
        names = [one.name for one in (*COLLECTIONS, *ENDS) if one.owner == entity_type]
        names += [name for owner, name, _, _ in LINKS if owner == entity_type]
        if b % 3 and names:
            paths = {pick(names, c), pick(names, c // 7)}
            select = select.load(*(getattr(entity_class, name) for name in paths))
        select.all()

    def read_link(self, a: int, b: int, c: int) -> None:
        owner, link, _, _ = pick(LINKS, a)
        getattr(self.entity(owner, b), link)

    def read_members(self, a: int, b: int, c: int) -> None:
        ends: Sequence[Members | Ends] = (*COLLECTIONS, *ENDS)
        one = pick(ends, a)
        list(getattr(self.entity(one.owner, b), one.name))

    def read_metadata(self, a: int, b: int, c: int) -> None:
        dict(self.entity("Task", a).metadata)

    def refresh(self, a: int, b: int, c: int) -> None:
        first = self.entity(pick(tuple(FIELDS), a), b)
        chosen = [first] if c % 2 else [first, self.entity("Task", c)]
        if any(one.entity_state is EntityState.PENDING for one in chosen):
            raise RefusedError
        keys = {one.id for one in chosen}
        try:
            self.session.refresh(*chosen)
        finally:
            for key in keys:
                self.drop_edits(key)

    def drop_edits(self, key: str) -> None:
        """Note that the edits of one persistent entity were given up.

        Pairs are edits of the entity whose collection was edited.
        """
        pairs = {
            pair: is_in
            for pair, is_in in self.edits.pairs.items()
            if self.edits.through[pair] != key
        }
        self.edits.values.pop(key, None)
        self.edits.removed.pop(key, None)
        self.edits.pairs = pairs
        self.edits.metadata = {
            row: value for row, value in self.edits.metadata.items() if row[0] != key
        }

    def expire(self, a: int, b: int, c: int) -> None:
        if c % 2:
            self.session.expire()
        else:
            self.session.expire(self.entity(pick(tuple(FIELDS), a), b))

    def expunge(self, a: int, b: int, c: int) -> None:
        entity = self.entity(pick(("Task", "Note", "Timelog", "AssetVersion"), a), b)
        self.session.expunge(entity)
        assert entity.entity_state in (EntityState.DETACHED, EntityState.TRANSIENT)
        self.edits.forget(entity.id)

    def expunge_all(self, a: int, b: int, c: int) -> None:
        self.session.expunge_all()
        assert not self.session.plan()
        self.edits = Edits()

    # -- edits of values and links -------------------------------------------------

    def set_text(self, a: int, b: int, c: int) -> None:
        entity_type = pick(tuple(TEXT_NAMES), a)
        entity = self.editable(entity_type, b)
        name, text = TEXT_NAMES[entity_type], pick(TEXTS, c)
        if name == "name":
            text = f"list {c}"
        setattr(entity, name, text)
        assert getattr(entity, name) == text
        self.edits.set(entity.id, name, text)

    def set_link(self, a: int, b: int, c: int) -> None:
        owner, link, holder, target = pick(LINKS, a)
        entity = self.editable(owner, b)
        if (owner, link) in OPTIONAL and c % 5 == 0:
            setattr(entity, pick((link, holder), c // 5), None)
            key = None
            assert getattr(entity, link) is None
        elif c % 3 == 0:
            key = self.key(target, c // 3)
            if key in self.edits.removed:
                raise RefusedError
            setattr(entity, holder, key)
        else:
            key, form = self.target(target, c // 3, c)
            setattr(entity, link, form)
            known = self.session.get(getattr(ftrack_models, target), key)
            assert getattr(entity, link) is known
        assert getattr(entity, holder) == key
        self.edits.set(entity.id, holder, key)

    # -- edits of members ----------------------------------------------------------

    def move(self, a: int, b: int, c: int) -> None:
        """Add, take out or exchange members of a one-to-many collection."""
        kind = pick(COLLECTIONS, a)
        owner = self.editable(kind.owner, b)
        members = getattr(owner, kind.name)
        before = list(members)
        member = self.editable(kind.member, c)
        if kind.type is not None and member.type != kind.type:
            raise RefusedError
        if member in before:
            self._leave(kind, owner, member, c)
        else:
            self._enter(kind, owner, member, c)

    def _enter(self, kind: Members, owner: Any, member: Any, c: int) -> None:
        members = getattr(owner, kind.name)
        try:
            if c % 4 == 0:
                members.append(member)
            elif c % 4 == 1:
                members.extend([member])
            elif c % 4 == 2:
                members += [member]
            else:
                setattr(owner, kind.name, [*members, member])
        finally:
            if vars(member).get(kind.key) == owner.id:
                self.edits.set(member.id, kind.key, owner.id)
        assert member in getattr(owner, kind.name)

    def _leave(self, kind: Members, owner: Any, member: Any, c: int) -> None:
        members: TrackedList[Any] = getattr(owner, kind.name)
        if kind.name in ("children", "versions"):
            raise RefusedError
        if c % 3 == 0:
            members.remove(member)
        elif c % 3 == 1:
            members.pop(members.index(member))
        else:
            members.replace([one for one in members if one is not member])
        assert member not in members
        assert vars(member)[kind.key] is None
        self.edits.set(member.id, kind.key, None)

    def join(self, a: int, b: int, c: int) -> None:
        """Add or take out a member of a many-to-many collection, at either end."""
        end = pick(ENDS, a)
        owner, member = self.editable(end.owner, b), self.editable(end.member, c)
        if owner is member:
            raise RefusedError
        members = getattr(owner, end.name)
        is_in = member in members
        if is_in and c % 2:
            members.remove(member)
        elif is_in:
            setattr(owner, end.name, [one for one in members if one is not member])
        elif c % 2:
            members.append(member)
        else:
            members.replace([member, *members])
        assert (member in getattr(owner, end.name)) is not is_in
        first, second = (owner, member) if end.is_first else (member, owner)
        pair = (end.relation, first.id, second.id)
        if self.edits.pairs.get(pair) is is_in:
            del self.edits.pairs[pair]
        else:
            self.edits.pairs[pair] = not is_in
            self.edits.through[pair] = owner.id

    def set_metadata(self, a: int, b: int, c: int) -> None:
        task = self.editable("Task", a)
        key, text = pick(("source", "other"), b), pick(TEXTS, c)
        if b % 5 == 4:
            before = dict(task.metadata)
            task.metadata = {key: text}
            for other in before:
                self.edits.metadata[task.id, other] = None
        elif b % 5 == 3:
            if key not in task.metadata:
                raise RefusedError
            del task.metadata[key]
            self.edits.metadata[task.id, key] = None
            return
        else:
            task.metadata[key] = text
        self.edits.metadata[task.id, key] = text
        assert task.metadata[key] == text

    # -- new and removed entities --------------------------------------------------

    def add(self, a: int, b: int, c: int) -> None:
        """Add a new entity by its links, or through a collection."""
        kind = pick(("Task", "Shot", "Note", "Timelog", "Appointment", "Version"), a)
        entity = getattr(self, f"_new_{kind.lower()}")(b, c)
        if vars(entity).get("parent_id") in self.edits.removed:
            raise RefusedError
        self.session.add(entity)
        row = {
            name: vars(entity)[name]
            for name in FIELDS[type(entity).__name__]
            if name in vars(entity)
        }
        self.edits.created[entity.id] = {TYPE: type(entity).__name__, **row}
        assert self.session.get(type(entity), entity.id) is entity

    def _new_task(self, b: int, c: int) -> Any:
        name = f"new {len(self.wire.bodies)} {b} {c}"
        key, parent = self.target("Shot", b, c)
        if c % 3 == 0:
            return ftrack_models.Task(name=name, parent=self.entity("Shot", b))
        task = ftrack_models.Task(name=name, parent=parent)
        assert task.parent_id == key
        return task

    def _new_shot(self, b: int, c: int) -> Any:
        project = self.entity("Project", 0)
        return ftrack_models.Shot(
            name=f"new {len(self.wire.bodies)} {b} {c}", parent=project
        )

    def _new_note(self, b: int, c: int) -> Any:
        note = ftrack_models.Note(content=pick(TEXTS, c), author=self.entity("User", c))
        kind = pick(("Task", "Shot"), c)
        owner = self.editable(kind, b)
        if c % 3:
            owner.notes.append(note)
            assert note in owner.notes
            self.session.add(note)
        else:
            self.session.add(note)
            owner.notes.append(note)
        assert note in owner.notes
        assert note.parent_id == owner.id
        return note

    def _new_timelog(self, b: int, c: int) -> Any:
        user = self.entity("User", c)
        log = ftrack_models.Timelog(duration=1.0 + c, user=user)
        if c % 2:
            log.context = self.editable("Task", b)
        else:
            log.context_id = self.editable("Shot", b).id
        return log

    def _new_appointment(self, b: int, c: int) -> Any:
        return ftrack_models.Appointment(
            context=self.editable("Task", b),
            resource=self.entity("User", c),
            type=pick(("assignment", "allocation"), c),
        )

    def _new_version(self, b: int, c: int) -> Any:
        return ftrack_models.AssetVersion(
            asset=self.entity("Asset", 0), task=self.editable("Task", b)
        )

    def remove(self, a: int, b: int, c: int) -> None:
        kinds = ("Note", "Timelog", "Appointment", "AssetVersion", "Task")
        entity = self.entity(pick(kinds, a), b)
        if entity.id in self.edits.removed:
            self.session.add(entity)  # it stays after all
            del self.edits.removed[entity.id]
            return
        is_new = entity.id in self.edits.created
        self.session.remove(entity)
        if is_new:
            assert entity.entity_state is EntityState.TRANSIENT
            self.edits.forget(entity.id)
        else:
            self.edits.removed[entity.id] = None

    # -- entities outside the session ----------------------------------------------

    def edit_copy(self, a: int, b: int, c: int) -> None:
        """Edit a copy; nothing in the session may notice."""
        entity = self.entity(pick(("Task", "Note", "AssetVersion", "Shot"), a), b)
        forms: Sequence[Callable[[Any], Any]] = (
            copy.copy,
            copy.deepcopy,
            lambda one: pickle.loads(pickle.dumps(one)),  # noqa: S301 # made here
            lambda one: one.model_copy(),
            lambda one: one.model_copy(deep=True),
        )
        twin = pick(forms, c)(entity)
        assert twin is not entity
        for collection in [
            value for value in vars(twin).values() if type(value) is TrackedList
        ]:
            assert collection.owner is twin
            if collection and c % 2:
                collection.pop()
            elif collection._attribute.name == "notes":
                note = ftrack_models.Note(content="x", author=self.entity("User", 0))
                collection.append(note)
        text = {"Note": "content", "AssetVersion": "comment"}
        setattr(twin, text.get(type(twin).__name__, "description"), "of a copy")
        if type(twin).__name__ == "Task":
            twin.parent_id = self.key("Shot", c)
            twin.status = self.entity("Status", c)

    def construct(self, a: int, b: int, c: int) -> None:
        """Construct entities that are never added, some of which are refused."""
        task = self.entity("Task", b)
        try:
            if c % 2:
                ftrack_models.Note(content="x", author=task)
            ftrack_models.Timelog(context=task, duration=1.0)
            ftrack_models.Task(name="never", parent=self.entity("Shot", b))
        except FtrackError:
            assert c % 2

    def keep_plan(self, a: int, b: int, c: int) -> None:
        plan = self.session.plan()
        self.plans.append((plan, f"{plan} {plan.operations!r}"))


def pick(choices: Sequence[T], number: int) -> T:
    """Return one of the choices; none is a step that cannot be done."""
    if not choices:
        raise RefusedError
    return choices[number % len(choices)]
