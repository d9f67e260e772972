"""Random edits of the demo production, for a session and for a planner alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from hypothesis import strategies as st

from ftrack_models import (
    Appointment,
    AssetVersion,
    List,
    Note,
    Shot,
    Status,
    Task,
    TypedContextLink,
    User,
)
from ftrack_orm import Session

KEYS = ("fstart", "fend", "handles")
TEXTS = st.sampled_from(["", "a", "long text", "é"])
NUMBERS = st.sampled_from([0.0, 1.0, 8.0, 1001.0])

REMOVALS = ("no appointment", "no link", "no task", "no shot")

Get: TypeAlias = Callable[[Any, Sequence[str], int], Any]
"""Returns the entity of a class and of one of several keys, by its position."""


@dataclass(frozen=True)
class Production:
    """The keys of entities that programs edit."""

    tasks: Sequence[str]
    shots: Sequence[str]
    versions: Sequence[str]
    statuses: Sequence[str]
    users: Sequence[str]
    appointments: Sequence[str]
    links: Sequence[str]
    lists: Sequence[str]

    @classmethod
    def of(cls, session: Session) -> Production:
        """Return the first keys of each type."""

        def first(entity_class: Any, count: int) -> list[str]:
            rows = session.select(entity_class).order_by(entity_class.id).limit(count)
            return [str(row.reference.key[0]) for row in rows]

        return cls(
            first(Task, 8),
            first(Shot, 5),
            first(AssetVersion, 4),
            first(Status, 4),
            first(User, 3),
            first(Appointment, 5),
            first(TypedContextLink, 4),
            first(List, 2),
        )


@dataclass(frozen=True)
class Edit:
    """One edit: what is done, to which entity, and with which values."""

    act: str
    target: int = 0
    other: int = 0
    text: str = ""
    number: float = 0.0
    key: str = "fstart"


EDITS = st.lists(
    st.builds(
        Edit,
        act=st.sampled_from(
            [
                "task",
                "status",
                "version",
                "value",
                "clear",
                "metadata",
                "no metadata",
                "new task",
                "new shot",
                "new note",
                "member",
                "no appointment",
                "no link",
                "no task",
                "no shot",
                "move",
            ]
        ),
        target=st.integers(0, 7),
        other=st.integers(0, 7),
        text=TEXTS,
        number=NUMBERS,
        key=st.sampled_from(KEYS),
    ),
    min_size=1,
    max_size=12,
)


def run(
    edits: Sequence[Edit],
    production: Production,
    session: Session,
    remove: Callable[[Any], None],
    grouped: Callable[[int], Any],
) -> None:
    """Make the edits.

    Args:
        edits: the edits.
        production: the keys.
        session: where entities are read and added.
        remove: removes an entity.
        grouped: returns a context manager for each edit, by its position.
    """
    ids = (str(UUID(int=number)) for number in range(1, 1000))
    for position, edit in enumerate(edits):
        with grouped(position):
            _make(edit, production, session, remove, ids)


def _make(
    edit: Edit,
    production: Production,
    session: Session,
    remove: Callable[[Any], None],
    ids: Iterator[str],
) -> None:
    def get(entity_class: Any, keys: Sequence[str], index: int) -> Any:
        return session.get(entity_class, keys[index % len(keys)])

    if edit.act.startswith("new "):
        _add(edit, production, session, ids, get)
    elif edit.act in ("member", "move") or edit.act in REMOVALS:
        _make_relation(edit, production, remove, get)
    else:
        _set(edit, production, get)


def _set(edit: Edit, production: Production, get: Get) -> None:
    task = get(Task, production.tasks, edit.target)
    shot = get(Shot, production.shots, edit.target)
    status = get(Status, production.statuses, edit.other)
    match edit.act:
        case "task":
            task.description, task.bid = edit.text, edit.number
        case "status":
            task.status = status
        case "version":
            version = get(AssetVersion, production.versions, edit.target)
            version.comment, version.status = edit.text, status
        case "value":
            shot.custom_attributes[edit.key] = edit.number
        case "clear":
            del shot.custom_attributes[edit.key]
        case "metadata":
            task.metadata[edit.key] = edit.text
        case "no metadata":
            task.metadata.pop(edit.key, None)


def _add(
    edit: Edit, production: Production, session: Session, ids: Iterator[str], get: Get
) -> None:
    task = get(Task, production.tasks, edit.target)
    shot = get(Shot, production.shots, edit.target)
    match edit.act:
        case "new task":
            new = _made(Task, next(ids), name=f"t{edit.number}", parent=shot)
            session.add(new)
            new.metadata["from"] = edit.text
        case "new shot":
            name = f"s{edit.text}"
            new_shot = _made(Shot, next(ids), name=name, parent=shot.parent)
            session.add(new_shot)
            new_shot.custom_attributes[edit.key] = edit.number
            session.add(_made(Task, next(ids), name="below", parent=new_shot))
        case "new note":
            author = get(User, production.users, edit.other)
            note = _made(Note, next(ids), content=edit.text or "x", author=author)
            session.add(note)
            task.notes.append(note)


def _made(entity_class: Any, key: str, **values: Any) -> Any:
    """Return a new entity with a key of the test, equal in each run."""
    return entity_class(id=key, **values)


def _make_relation(
    edit: Edit,
    production: Production,
    remove: Callable[[Any], None],
    get: Get,
) -> None:
    task = get(Task, production.tasks, edit.target)
    shot = get(Shot, production.shots, edit.other)
    match edit.act:
        case "member":
            items = get(List, production.lists, edit.other).items
            if task in items:
                items.remove(task)
            else:
                items.append(task)
        case "no appointment":
            remove(get(Appointment, production.appointments, edit.target))
        case "no link":
            remove(get(TypedContextLink, production.links, edit.target))
        case "no task":
            remove(task)
        case "no shot":
            remove(shot)
        case "move":
            task.parent, task.name = shot, f"moved{edit.target}"
