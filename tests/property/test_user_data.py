"""Whatever users type goes through query, create and update unharmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, assume, example, given, settings, strategies as st

from ftrack_models import Metadata, Project, ProjectSchema, Shot, Task
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator

EXAMPLES = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

KEYWORDS = [
    "select",
    "where",
    "and",
    "or",
    "not",
    "in",
    "any",
    "has",
    "is",
    "is_not",
    "like",
    "not_like",
    "order",
    "by",
    "limit",
    "offset",
    "none",
    "None",
    "null",
    "true",
    "false",
    "from",
    "group",
    "ascending",
    "descending",
    "after",
    "before",
]
NASTY = st.sampled_from(
    [
        '"',
        "'",
        "\\",
        '\\"',
        "\\\\",
        "%",
        "\\%",
        "_",
        "\n",
        "\r\n",
        "\t",
        " ",
        "(",
        ")",
        ",",
        ";",
        "--",
        "/*",
        "{uid}",
        "?",
        ":id",
        "$1",
        "%s",
        "{}",
        "\u2028",
        "\u00a0",
        "\ufeff",
        "é",
        "e\u0301",
        "ß",
        "İ",
        "漢字",
        "🐰",
        "👩🏽\u200d🚀",
        "2024-01-01T00:00:00",
        "1e5",
        '" or name like "%',
        "' or 1=1 --",
        *KEYWORDS,
    ]
)
TEXT = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40),
    st.lists(
        st.one_of(
            NASTY,
            st.text(
                st.characters(codec="utf-8", exclude_characters="\x00"), max_size=3
            ),
        ),
        min_size=1,
        max_size=8,
    ).map("".join),
    st.lists(NASTY, min_size=1, max_size=6).map(" ".join),
)


@dataclass(frozen=True)
class Desk:
    """Two sessions on one emulator, and the shot they work on."""

    emulator: Emulator
    session: Session
    other: Session
    shot_id: str


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with (
        Emulator() as emulator,
        Session(transport=emulator.transport(), check_schema="ignore") as session,
        Session(transport=emulator.transport(), check_schema="ignore") as other,
    ):
        schema = session.select(ProjectSchema).limit(1).one()
        project = Project(name="p", full_name="p", project_schema=schema)
        shot = Shot(name="010", parent=project)
        session.add_all([project, shot, Task(name="empty", parent=shot)])
        session.commit()
        yield Desk(emulator, session, other, shot.id)


def shot_of(session: Session, desk: Desk) -> Shot:
    shot = session.get(Shot, desk.shot_id)
    assert shot is not None
    return shot


@EXAMPLES
@given(text=TEXT)
@example(text="")
@example(text='"; select id from User where username is "admin')
@example(text="\\")
@example(text="name\\")
@example(text='100% "sure" it\'s a \\backslash\\\nnewline and or not none 🐰')
def test_text_comes_back_as_it_was_given_and_equality_finds_exactly_it(
    desk: Desk, text: str
) -> None:
    task = Task(name="a", parent=shot_of(desk.session, desk), description=text)
    desk.session.add(task)
    desk.session.commit()
    try:
        found = desk.other.select(Task).where(
            Task.description == text, Task.parent_id == desk.shot_id
        )
        ids = {one.id: one.description for one in found}
        assert ids[task.id] == text
        # The server compares text whatever its case.
        assert {(one or "").casefold() for one in ids.values()} == {text.casefold()}
        others = desk.other.select(Task).where(Task.description != text)
        assert task.id not in [key for (key,) in others.values(Task.id)]
        among = desk.other.select(Task).where(Task.description.in_([text, "x"]))
        assert task.id in [key for (key,) in among.values(Task.id)]
    finally:
        desk.session.remove(task)
        desk.session.commit()


@EXAMPLES
@given(before=TEXT, after=TEXT)
def test_an_update_stores_exactly_the_text(desk: Desk, before: str, after: str) -> None:
    shot = shot_of(desk.session, desk)
    shot.description = before
    desk.session.commit()
    shot.description = after
    desk.session.commit()

    theirs = shot_of(desk.other, desk)
    desk.other.refresh(theirs)
    assert theirs.description == after
    with desk.emulator.storage.transaction() as connection:
        row = desk.emulator.storage.find(connection, "Shot", (desk.shot_id,))
    assert row is not None
    assert row["description"] == after


@EXAMPLES
@given(key=TEXT.filter(bool), value=TEXT)
def test_metadata_keys_and_values_are_any_text(
    desk: Desk, key: str, value: str
) -> None:
    shot = shot_of(desk.session, desk)
    assume(key not in shot.metadata)
    shot.metadata[key] = value
    desk.session.commit()
    try:
        theirs = shot_of(desk.other, desk)
        desk.other.refresh(theirs)
        assert dict(theirs.metadata) == {key: value}
        row = desk.other.get(Metadata, (desk.shot_id, key))
        assert row is not None
        assert row.value == value
        assert (
            desk.other.select(Shot).where(Shot.metadata[key] == value).one() is theirs
        )
        desk.other.expunge(row)
    finally:
        del shot.metadata[key]
        desk.session.commit()


@EXAMPLES
@given(text=TEXT.filter(bool))
def test_a_pattern_of_literal_text_finds_the_text(desk: Desk, text: str) -> None:
    shot = shot_of(desk.session, desk)
    shot.description = f"before {text} after"
    desk.session.commit()
    # What like reads as its own is escaped by the caller.
    escaped = text.replace("\\", "\\\\").replace("%", "\\%")

    found = desk.other.select(Shot).where(
        Shot.description.like(f"before {escaped} after"), Shot.id == desk.shot_id
    )
    assert found.values(Shot.id) == [(desk.shot_id,)]


@EXAMPLES
@given(text=TEXT)
def test_no_text_changes_the_meaning_of_a_query(desk: Desk, text: str) -> None:
    nothing = desk.other.select(Project).where(
        Project.id == "no such id", Project.name == text
    )
    assert nothing.values(Project.id) == []
    everything = desk.other.select(Project).where(
        (Project.name == text) | (Project.name != text)
    )
    every = desk.other.select(Project).values(Project.id)
    assert everything.values(Project.id) == every
