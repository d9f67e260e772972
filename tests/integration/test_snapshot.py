"""A snapshot of a project has the rows of the server."""

from __future__ import annotations

import gzip
import json
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import pytest
from click.testing import CliRunner

from ftrack_models import (
    Note,
    ObjectType,
    Scope,
    SecurityRole,
    SplitTaskPart,
    Task,
    TypedContextLink,
    User,
)
from ftrack_orm import Session
from ftrack_orm.cli import snapshot_reading
from ftrack_orm.cli.group import group
from ftrack_orm.cli.snapshot_file import (
    SnapshotFacts,
    open_snapshot,
    read_facts,
    write_snapshot,
)
from ftrack_orm.cli.snapshot_reading import SnapshotReader
from ftrack_orm.cli.snapshot_scopes import GROUPS
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.stock.studio import ADMIN_ID, SECURITY_ROLES
from ftrack_orm.errors.snapshot import SnapshotFileError, UnknownProjectError
from ftrack_orm.studio.pull import pull_server
from ftrack_orm.types import Reply, Transport
from tests.support.snapshots import PROJECT, pull
from tests.support.transports import CuttingTransport, PassingTransport


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    """Return a demo production with metadata and a custom attribute that is set."""
    with Emulator(seed="demo") as emulator:
        with Session(transport=emulator.transport()) as session:
            task = session.select(Task).where(Task.project.name == PROJECT).first()
            assert task is not None
            task.metadata["note"] = "kept"
            session.commit()
        yield emulator


def dumped(emulator: Emulator) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the rows of an emulator by type and key."""
    return {
        (row["__entity_type__"], str(row.get("id", row))): row
        for row in emulator.dump()
    }


def test_a_pull_only_reads(server: Emulator, tmp_path: Path) -> None:
    before = len(server.calls)
    pull(server, tmp_path / "a.snapshot")
    actions = {
        operation["action"]
        for call in server.calls[before:]
        for operation in call.operations
    }
    assert actions <= {"query", "query_schemas", "query_server_information"}


def test_the_rows_of_a_project_are_those_of_the_server(
    server: Emulator, tmp_path: Path
) -> None:
    pull(server, tmp_path / "a.snapshot")
    copy, report = open_snapshot(tmp_path / "a.snapshot")
    with copy:
        assert report.skipped == {}
        there, here = dumped(server), dumped(copy)
        for entity_type in ("Task", "Shot", "AssetVersion", "Note", "FileComponent"):
            expected = {key: row for key, row in there.items() if key[0] == entity_type}
            copied = {key: row for key, row in here.items() if key[0] == entity_type}
            assert copied.items() <= expected.items()
            assert len(copied) > 1, entity_type
        with (
            Session(transport=server.transport()) as source,
            Session(transport=copy.transport()) as target,
        ):
            for session in (source, target):
                tasks = session.select(Task).where(Task.project.name == PROJECT)
                assert any(task.metadata.get("note") == "kept" for task in tasks)
            values = [
                sorted(
                    (
                        task.id,
                        task.name,
                        task.status.name,
                        task.parent.name if task.parent else None,
                    )
                    for task in session.select(Task)
                    .where(Task.project.name == PROJECT)
                    .load(Task.status)
                )
                for session in (source, target)
            ]
            assert values[0] == values[1]


def test_only_users_and_other_projects_are_missing(
    server: Emulator, tmp_path: Path
) -> None:
    pull(server, tmp_path / "a.snapshot")
    _, report = open_snapshot(tmp_path / "a.snapshot")
    assert {missing.entity_type for missing in report.missing} <= {"Resource", "User"}


@pytest.mark.parametrize("group", GROUPS)
def test_groups_of_rows_are_left_out(
    server: Emulator, tmp_path: Path, group: str
) -> None:
    whole = pull(server, tmp_path / "a.snapshot")
    part = pull(server, tmp_path / "b.snapshot", without=(group,))
    assert part.keys() < whole.keys()
    # The rows of owners that were left out, such as metadata, are left out with them.
    assert all(count <= whole[name] for name, count in part.items())


def test_a_copy_has_scopes_parts_of_tasks_and_collaborators(tmp_path: Path) -> None:
    with Emulator(seed="demo") as server:
        with Session(transport=server.transport()) as session:
            task = session.select(Task).where(Task.project.name == PROJECT).first()
            assert task is not None
            task.scopes.append(session.create(Scope, {"name": "crew only"}).data)
            session.commit()
            day = datetime(2024, 1, 1, tzinfo=UTC)
            days = {"start_date": day, "end_date": day}
            session.create("SplitTaskPart", {"task_id": task.id, "label": "A", **days})
            client = {"email": "c@x.example", "first_name": "C", "last_name": "X"}
            client_id = session.create("Collaborator", client).data.reference.key[0]
            parent = {"parent_id": task.id, "parent_type": "Task"}
            session.create(Note, {"content": "!", "user_id": client_id, **parent})
        pull(server, tmp_path / "a.snapshot")
    copy, report = open_snapshot(tmp_path / "a.snapshot")
    with copy, Session(transport=copy.transport()) as session:
        assert report.missing == ()
        copied = session.get(Task, task.id)
        assert copied is not None
        assert [scope.name for scope in copied.scopes] == ["crew only"]
        assert [part.label for part in session.select(SplitTaskPart)] == ["A"]
        [note] = session.select(Note).where(Note.content == "!")
        assert note.author is not None
        assert note.author.id == client_id


def test_a_copy_has_the_thumbnails_of_people_and_tasks(tmp_path: Path) -> None:
    with Emulator(seed="demo") as server:
        with Session(transport=server.transport()) as session:
            image = {"name": "thumbnail", "file_type": ".png"}
            keys = [
                str(session.create("FileComponent", image).data.reference.key[0])
                for _ in range(2)
            ]
            user = session.select(User).order_by(User.id)[0]
            tasks = session.select(Task).where(Task.project.name == PROJECT)
            task = tasks.order_by(Task.id)[0]
            session.update(User, [user.id], {"thumbnail_id": keys[0]})
            session.update(Task, [task.id], {"thumbnail_id": keys[1]})
        pull(server, tmp_path / "a.snapshot")
    copy, report = open_snapshot(tmp_path / "a.snapshot")
    with copy, Session(transport=copy.transport()) as session:
        assert report.missing == ()
        for copied in (session.get(User, user.id), session.get(Task, task.id)):
            assert copied is not None
            assert copied.thumbnail is not None
            assert copied.thumbnail.name == "thumbnail"


def test_a_copy_has_the_attributes_of_subtypes(
    server: Emulator, tmp_path: Path
) -> None:
    pull(server, tmp_path / "a.snapshot")
    copy, _ = open_snapshot(tmp_path / "a.snapshot")
    with copy:
        there, here = dumped(server), dumped(copy)
    sequences = [key for key in here if key[0] == "SequenceComponent"]
    assert any(here[key]["padding"] for key in sequences)
    assert [here[key] for key in sequences] == [there[key] for key in sequences]


def test_rows_that_lead_out_of_the_projects_are_left_out(tmp_path: Path) -> None:
    with Emulator(seed="demo") as server:
        with Session(transport=server.transport()) as session:
            inner, outer = (
                session.select(Task).where(criterion).order_by(Task.id)[0]
                for criterion in (
                    Task.project.name == PROJECT,
                    Task.project.name != PROJECT,
                )
            )
            link = {"from_id": inner.id, "to_id": outer.id, "type": "end_to_start"}
            session.create("TypedContextLink", link)
            shot = session.select(ObjectType).where(ObjectType.name == "Shot").one()
            other = {"key": "fstart", "label": "Start", "config": "{}"}
            scope = {"entity_type": "task", "object_type_id": shot.id}
            [kind] = session.query("CustomAttributeType where name is text").data
            owner = {"type_id": kind.reference.key[0], "project_id": outer.project_id}
            session.create("CustomAttributeConfiguration", {**other, **scope, **owner})
        counts = pull(server, tmp_path / "a.snapshot")
    copy, report = open_snapshot(tmp_path / "a.snapshot")
    with copy, Session(transport=copy.transport(), check_schema="ignore") as session:
        assert report.missing == ()
        assert all(link.to.name for link in session.select(TypedContextLink))
        assert not pull_server(session).problems
    assert sum(count for name, count in counts.items() if "left out" in name) == 1


def test_results_that_the_server_cuts_are_read_to_their_end(
    server: Emulator, tmp_path: Path
) -> None:
    whole = pull(server, tmp_path / "a.snapshot")
    counts: Counter[str] = Counter()
    transport = CuttingTransport(server.transport())
    with Session(transport=transport, check_schema="ignore") as session:
        reader = SnapshotReader(session)
        list(reader.read([PROJECT], without=(), on_rows=counts.__setitem__))
    assert counts == whole


def test_a_copy_has_the_roles_of_the_server_alone(
    server: Emulator, tmp_path: Path
) -> None:
    """The keys of roles differ from server to server."""
    with Session(transport=server.transport(), check_schema="ignore") as session:
        reader = SnapshotReader(session)
        rows = list(
            reader.read([PROJECT], without=(), on_rows=lambda name, count: None)
        )
    own = {role.id: str(uuid5(NAMESPACE_DNS, role.name)) for role in SECURITY_ROLES}
    text = json.dumps([row for row in rows if row.get("user_id") != ADMIN_ID])
    for stock, key in own.items():
        text = text.replace(stock, key)
    facts = SnapshotFacts("x", [PROJECT], False, reader.schema.to_json())
    write_snapshot(tmp_path / "a.snapshot", facts, json.loads(text))
    copy, _ = open_snapshot(tmp_path / "a.snapshot")
    with copy, Session(transport=copy.transport()) as session:
        assert {role.id for role in session.select(SecurityRole)} == set(own.values())
        task = session.select(Task).where(Task.project.name == PROJECT).first()
        assert task is not None
        task.name = "changed"
        session.commit()


class Deleting(PassingTransport):
    """Calls a function before the second page of the notes is read."""

    def __init__(self, inner: Transport, call: Callable[[], object]) -> None:
        super().__init__(inner)
        self._calls = [call]

    def reply_to(self, body: bytes, send: Callable[[], Reply]) -> Reply:
        """Return the reply."""
        if re.search(rb"from Note .*offset [1-9]", body) and self._calls:
            self._calls.pop()()
        return send()


def test_rows_that_are_deleted_meanwhile_hide_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snapshot_reading, "PAGE", 5)
    with Emulator(seed="demo") as server, Session(**server.credentials) as other:
        in_project = (Note.project.name == PROJECT,)
        notes = other.select(Note).where(*in_project).order_by(Note.id)
        before = [note.id for note in notes]

        def delete() -> None:
            for key in before[:4]:
                other.delete(Note, [key])

        transport = Deleting(server.transport(), delete)
        with Session(transport=transport, check_schema="ignore") as session:
            reader = SnapshotReader(session)
            rows = reader.read([PROJECT], without=(), on_rows=lambda name, count: None)
            read = {row["id"] for row in rows if row["__entity_type__"] == "Note"}
        # The replies to a note go with it.
        left = {note.id for note in other.select(Note).where(*in_project)}
    assert len(before) > len(left) > 10
    assert read >= left


def test_a_snapshot_is_private_and_the_same_bytes_each_time(
    server: Emulator, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        pull(server, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    assert read_facts(tmp_path / "a").projects == [PROJECT]


def test_an_unknown_project_is_named(server: Emulator, tmp_path: Path) -> None:
    with Session(transport=server.transport(), check_schema="ignore") as session:
        reader = SnapshotReader(session)
        rows = reader.read(["nope"], without=(), on_rows=lambda name, count: None)
        with pytest.raises(UnknownProjectError, match="'nope'"):
            list(rows)


def test_a_file_that_is_no_snapshot_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no snapshot")
    (tmp_path / "other").write_bytes(gzip.compress(b'{"format": 99}\n'))
    for name in ("text", "other", "absent"):
        with pytest.raises(SnapshotFileError, match="snapshot pull"):
            open_snapshot(tmp_path / name)


def test_the_command_writes_a_snapshot(
    server: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with server:
        credentials = server.credentials
        for name, value in (
            ("FTRACK_SERVER", credentials["server_url"]),
            ("FTRACK_API_USER", credentials["api_user"]),
            ("FTRACK_API_KEY", credentials["api_key"]),
        ):
            monkeypatch.setenv(name, value)
        result = CliRunner().invoke(
            group, ["snapshot", "pull", "--project", PROJECT, "--without", "notes"]
        )
    assert result.exit_code == 0, result.output
    assert "Task" in result.stderr
    assert "bunny.snapshot" in result.stdout
    assert credentials["api_key"] not in result.output
    copy, _ = open_snapshot(tmp_path / "bunny.snapshot")
    with copy, Session(transport=copy.transport()) as session:
        assert session.select(Task).first() is not None
        assert session.select(Note).first() is None


def test_the_command_refuses_unknown_rows() -> None:
    result = CliRunner().invoke(
        group, ["snapshot", "pull", "--project", PROJECT, "--without", "noets"]
    )
    assert result.exit_code == 2
    assert "'noets' is none of" in result.output
