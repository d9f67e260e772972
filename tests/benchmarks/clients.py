"""The two clients doing the same work on the same server."""

from __future__ import annotations

from typing import Any, Protocol

import ftrack_api

from ftrack_models import Project, Task, User
from ftrack_orm import Select, Session
from tests.benchmarks.server import Served


def tasks_with_relations(session: Session, count: int) -> Select[Task]:
    """Return the select that both clients load."""
    return (
        session.select(Task)
        .load(
            Task.status,
            Task.status.state,
            Task.type,
            Task.priority,
            Task.parent,
            Task.project,
            Task.assignments,
            Task.assignments.each.resource.as_(User),
        )
        .order_by(Task.id)
        .limit(count)
    )


def plain_tasks(session: Session, count: int) -> Select[Task]:
    """Return the select whose tasks are changed and committed."""
    return (
        session.select(Task)
        .only(Task.id, Task.name, Task.description, Task.bid)
        .order_by(Task.id)
        .limit(count)
    )


class Client(Protocol):
    """What is measured of either client."""

    name: str

    def open(self, served: Served) -> Any:
        """Return a session on the server."""
        ...

    def load(self, session: Any, expression: str, count: int) -> list[Any]:
        """Return the entities the expression finds, in pages of 500."""
        ...

    def change(self, tasks: list[Any], text: str) -> None:
        """Set two fields of every task."""
        ...

    def count(self, session: Any) -> int:
        """Return how many entities the session holds."""
        ...

    def read_statuses(self, session: Any, count: int) -> None:
        """Read the status name of every task, nothing asked for beforehand."""
        ...

    def walk(self, session: Any, project_id: str) -> int:
        """Read the names from a project down to its tasks; return how many."""
        ...


class Ours:
    """This library."""

    name = "ftrack_orm"

    def open(self, served: Served) -> Session:
        return served.session()

    def load(self, session: Session, expression: str, count: int) -> list[Any]:
        select = tasks_with_relations(session, count)
        if select.expression != expression:
            select = plain_tasks(session, count)
        assert select.expression == expression
        return select.all()

    def change(self, tasks: list[Task], text: str) -> None:
        for task in tasks:
            task.description = text
            task.bid = task.bid + 1.0

    def count(self, session: Session) -> int:
        return len(session._core.identity_map)

    def read_statuses(self, session: Session, count: int) -> None:
        for task in session.select(Task).limit(count):
            assert task.status.name

    def walk(self, session: Session, project_id: str) -> int:
        project = session.select(Project).where(Project.id == project_id).one()
        names = [project.name]
        for sequence in project.children:
            names.append(sequence.name)
            for shot in sequence.children:
                names.append(shot.name)
                names.extend(task.name for task in shot.children)
        return len(names)


class Official:
    """The official client."""

    name = "ftrack-python-api"

    def open(self, served: Served) -> Any:
        return ftrack_api.Session(
            served.server_url,
            served.api_key,
            served.api_user,
            auto_connect_event_hub=False,
            schema_cache_path=False,
        )

    def load(self, session: Any, expression: str, count: int) -> list[Any]:
        del count  # the expression says it
        tasks: list[Any] = session.query(expression).all()
        return tasks

    def change(self, tasks: list[Any], text: str) -> None:
        for task in tasks:
            task["description"] = text
            task["bid"] = task["bid"] + 1.0

    def count(self, session: Any) -> int:
        return len(list(session._local_cache.keys()))

    def read_statuses(self, session: Any, count: int) -> None:
        for task in session.query(f"Task limit {count}"):
            assert task["status"]["name"]

    def walk(self, session: Any, project_id: str) -> int:
        project = session.query(f'Project where id is "{project_id}"').one()
        names = [project["name"]]
        for sequence in project["children"]:
            names.append(sequence["name"])
            for shot in sequence["children"]:
                names.append(shot["name"])
                names.extend(task["name"] for task in shot["children"])
        return len(names)


OURS = Ours()
OFFICIAL = Official()
