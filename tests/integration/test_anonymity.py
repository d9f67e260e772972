"""An anonymous snapshot names no person, text or file."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftrack_models import Note, Task, User
from ftrack_orm import Session
from ftrack_orm.cli.anonymity import anonymous
from ftrack_orm.cli.snapshot_file import open_snapshot
from ftrack_orm.emulator import Emulator
from tests.support.snapshots import PROJECT, pull


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    """Return a demo production."""
    with Emulator(seed="demo") as emulator:
        yield emulator


def test_an_anonymous_snapshot_names_no_one(server: Emulator, tmp_path: Path) -> None:
    pull(server, tmp_path / "a.snapshot", hide=True)
    text = gzip.decompress((tmp_path / "a.snapshot").read_bytes()).decode()
    with Session(transport=server.transport()) as session:
        for user in session.select(User):
            assert not user.email or user.email not in text
            assert not user.last_name or f'"{user.last_name}"' not in text
        contents = [note.content or "" for note in session.select(Note)]
    assert contents
    assert not any(content in text for content in contents if len(content) > 12)
    copy, _ = open_snapshot(tmp_path / "a.snapshot")
    with copy, Session(transport=copy.transport()) as session:
        names = {user.username for user in session.select(User)}
    assert len([name for name in names if name.startswith("user_")]) > 1


SECRETS = {
    "Ada Secretname": "a name in a text",
    "ada.secret@example.com": "a mail in a text",
    "stranger@example.org": "a mail of nobody",
    "secret_words": "a text of a person",
    "secret_file": "a file",
    "secret_pass": "a passphrase",
}


@pytest.fixture
def told() -> Iterator[Emulator]:
    """Return a demo production whose rows name a person, a file and a passphrase."""
    with Emulator(seed="demo") as emulator:
        with Session(transport=emulator.transport()) as session:
            tell_secrets(session)
        yield emulator


def tell_secrets(session: Session) -> None:
    """Write secrets to each attribute that may hold some."""
    ada = session.select(User).where(User.username != session.api_user).first()
    task = session.select(Task).where(Task.project.name == PROJECT).first()
    assert ada is not None
    assert task is not None
    session.update(
        User,
        [ada.id],
        {
            "first_name": "Ada",
            "last_name": "Secretname",
            "email": "ada.secret@example.com",
            "username": "secret_file_ada",
        },
    )
    for type_name, words in {
        "Task": {"description": "secret_words", "name": "roto by Ada Secretname"},
        "AssetVersion": {"comment": "secret_words"},
        "Timelog": {"name": "secret_words", "comment": "secret_words"},
        "Note": {"content": "secret_words"},
        "Recipient": {"text_mentioned": "Ada Secretname"},
        "CalendarEvent": {"name": "secret_words"},
        "ReviewSession": {"description": "secret_words", "passphrase": "secret_pass"},
        "ReviewSessionObject": {"description": "secret_words"},
        "ReviewSessionInvitee": {
            "name": "Ada Secretname",
            "email": "a.secret@x.example",
        },
        "FileComponent": {"name": "secret_file"},
        "ComponentLocation": {"resource_identifier": "/mnt/secret_file/a.mov"},
        "Project": {"root": "secret_file"},
        "Location": {"description": "secret_words"},
    }.items():
        for row in session.query(type_name).data:
            session.update(type_name, row.reference.key, words)
            if type_name == "Task":
                break
    session.create("Disk", {"name": "secret_file", "unix": "/secret_file"})
    people = session.select(User).all()
    texts: list[tuple[Task | User, str]] = [
        (task, "asked Ada Secretname <ada.secret@example.com>"),
        (task, "stranger@example.org"),
        (task, "secret_file_ada"),
        (task, "rendered to /mnt/secret_file/a.exr"),
        *((person, "secret_words") for person in people),
    ]
    for owner, text in texts:
        owner.metadata[f"note {len(text)}"] = text
    session.commit()


def test_an_anonymous_snapshot_has_no_secret(told: Emulator, tmp_path: Path) -> None:
    pull(told, tmp_path / "a.snapshot", hide=True)
    pull(told, tmp_path / "b.snapshot", hide=True)
    assert (tmp_path / "a.snapshot").read_bytes() == (
        (tmp_path / "b.snapshot").read_bytes()
    )
    text = gzip.decompress((tmp_path / "a.snapshot").read_bytes()).decode()
    assert [secret for secret in SECRETS if secret in text] == []
    pull(told, tmp_path / "c.snapshot")
    plain = gzip.decompress((tmp_path / "c.snapshot").read_bytes()).decode()
    assert [secret for secret in SECRETS if secret not in plain] == ["secret_pass"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("by Zoë von Ahn, late", "by NAME, late"),
        ("VON AHN, ZOË", "NAME"),
        ("von Ahn Zoë (lead)", "NAME (lead)"),
        ('{"by": "Zo\\u00eb von Ahn"}', '{"by": "NAME"}'),
        ("Zoë von Ahnung", "Zoë von Ahnung"),
        ("Zoë alone", "Zoë alone"),
        ("zoe@x.example", "MAIL"),
    ],
)
def test_a_person_is_hidden_in_the_texts_of_others(text: str, expected: str) -> None:
    person = {"__entity_type__": "User", "id": "7", "username": "zva"}
    person |= {"first_name": "Zoë", "last_name": "von Ahn", "email": "zoe@x.example"}
    rows = [person, {"__entity_type__": "Metadata", "parent_id": "1", "value": text}]
    hidden, row = anonymous(rows)
    name, mail = str(hidden["username"]), str(hidden["email"])
    assert row["value"] == expected.replace("NAME", name).replace("MAIL", mail)


def test_the_rows_of_an_anonymous_snapshot_refer_to_each_other_as_before(
    told: Emulator, tmp_path: Path
) -> None:
    pull(told, tmp_path / "a.snapshot")
    pull(told, tmp_path / "b.snapshot", hide=True)
    plain, _ = open_snapshot(tmp_path / "a.snapshot")
    hidden, report = open_snapshot(tmp_path / "b.snapshot")
    with plain, hidden:
        assert report.skipped == {}
        people = {row["id"] for row in plain.dump() if row["__entity_type__"] == "User"}
        rows = [list(references(emulator, people)) for emulator in (plain, hidden)]
    assert rows[0] == rows[1]
    assert len(rows[0]) > 1000


def references(emulator: Emulator, people: set[str]) -> Iterator[tuple[object, ...]]:
    """Yield type and keys of each row, but of the metadata of people."""
    for row in emulator.dump():
        if row.get("parent_id") in people or row.get("entity_id") in people:
            continue
        keys = {
            name: value
            for name, value in row.items()
            if name.endswith("id") and not name.startswith("thumbnail")
        }
        yield row["__entity_type__"], tuple(sorted(keys.items(), key=str))
