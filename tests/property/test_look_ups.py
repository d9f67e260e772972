"""Look-ups agree with plain Python on random trees, edits, moves and rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ftrack_models import (
    CustomAttributeConfiguration,
    CustomAttributeType,
    Folder,
    Project,
    Status,
)
from ftrack_orm import EffectiveValue, Session
from ftrack_orm.emulator import Emulator

PROJECT = settings(
    max_examples=30,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)


@pytest.fixture(scope="module")
def seeded() -> Iterator[tuple[Emulator, bytes]]:
    """A server with one project and a hierarchical attribute, and its data."""
    emulator = Emulator(seed="demo")
    with Session(transport=emulator.transport()) as session:
        kind = session.find(CustomAttributeType, name="number")
        session.create(
            CustomAttributeConfiguration,
            {
                "key": "gamma",
                "label": "gamma",
                "type": kind,
                "entity_type": "show",
                "is_hierarchical": True,
                "config": "{}",
                "default": 1,
            },
        )
    yield emulator, emulator.snapshot()
    emulator.close()


def new_session(seeded: tuple[Emulator, bytes]) -> Session:
    emulator, snapshot = seeded
    emulator.restore(snapshot)
    return Session(transport=emulator.transport(), check_schema="ignore")


def naive_value(entity: Folder, default: float) -> EffectiveValue:
    """Return the effective value by walking up, one entity after the other."""
    parent: object = entity
    while isinstance(parent, Folder | Project):
        if parent.custom_attributes.is_set("gamma"):
            return EffectiveValue(parent.custom_attributes["gamma"], parent)
        parent = parent.parent
    return EffectiveValue(default, None)


# The parent of folder n is one of those before it, or the project (-1).
trees = st.lists(st.integers(0, 9), min_size=1, max_size=9).map(
    lambda draws: [draw % (index + 1) - 1 for index, draw in enumerate(draws)]
)
edits = st.dictionaries(st.integers(0, 8), st.integers(2, 9))
moves = st.dictionaries(st.integers(1, 8), st.integers(0, 9))


@PROJECT
@given(tree=trees, stored=edits, edited=edits, moved=moves, commits=st.booleans())
def test_effective_values_are_those_of_a_walk_up_the_tree(
    seeded: tuple[Emulator, bytes],
    tree: list[int],
    stored: dict[int, int],
    edited: dict[int, int],
    moved: dict[int, int],
    commits: bool,
) -> None:
    with new_session(seeded) as session:
        project = session.find(Project, name="bunny")
        folders: list[Folder] = []
        for index, above in enumerate(tree):
            parent = project if above < 0 else folders[above]
            folders.append(Folder(name=f"f{index}", parent=parent))
        session.add_all(folders)
        set_values(folders, stored)
        session.commit()
        session.expunge_all()

        rows = session.select(Folder).where(Folder.name.like("f%"))
        found = {each.name: each for each in rows if each.name[1:].isdigit()}
        folders = [found[f"f{index}"] for index in range(len(tree))]
        assert_walk(session, folders)
        set_values(folders, edited)
        for index, above in moved.items():
            if index < len(folders) and above < index:
                folders[index].parent = folders[above]
        assert_walk(session, folders)
        if commits:
            session.commit()
        else:
            session.rollback()
        assert_walk(session, folders)


def set_values(folders: list[Folder], values: dict[int, int]) -> None:
    for index, value in values.items():
        if index < len(folders):
            folders[index].custom_attributes["gamma"] = value


def assert_walk(session: Session, folders: list[Folder]) -> None:
    before = session.requests
    values = session.effective(folders, ["gamma"])
    assert session.requests - before <= 3
    assert [row["gamma"] for row in values] == [
        naive_value(folder, 1) for folder in folders
    ]
    assert [folder.effective("gamma") for folder in folders] == [
        row["gamma"] for row in values
    ]


names = st.sampled_from(["a", "A", "b", "é", 'quo"te', "per%cent", "c"])
rows = st.lists(st.tuples(names, st.text("xyz", max_size=3)), max_size=8)


@PROJECT
@given(batches=st.lists(rows, min_size=1, max_size=4), commits=st.booleans())
def test_finding_or_adding_keeps_one_entity_for_each_name(
    seeded: tuple[Emulator, bytes], batches: list[list[tuple[str, str]]], commits: bool
) -> None:
    expected: dict[str, str] = {}
    by_name: dict[str, str] = {}
    with new_session(seeded) as session:
        top = Folder(name="top", parent=session.find(Project, name="bunny"))
        session.add(top)
        session.commit()
        for batch in batches:
            entities = session.find_or_add(
                Folder,
                [
                    {"parent": top, "name": name, "description": text}
                    for name, text in batch
                ],
                by=(Folder.parent, Folder.name),
            )
            for (name, text), entity in zip(batch, entities, strict=True):
                # Text is compared without regard to case.
                first = by_name.setdefault(name.casefold(), name)
                expected[first] = text
                assert entity.name == first
            if commits:
                session.commit()
                session.expunge_all()
                top = session.find(Folder, name="top")
        session.commit()
        session.expunge_all()
        top = session.find(Folder, name="top")
        found = {str(each.name): each for each in top.children}
        assert found.keys() == expected.keys()
        for name, text in expected.items():
            child = found[name]
            assert isinstance(child, Folder)
            assert child.description == text


@PROJECT
@given(names=st.lists(st.text(min_size=1, max_size=5), min_size=1, unique=True))
def test_reference_data_and_a_query_find_the_same(
    seeded: tuple[Emulator, bytes], names: list[str]
) -> None:
    with new_session(seeded) as session:
        state = session.find(Status, name="Approved").state
        for name in names[:3]:
            session.create(Status, {"name": name, "state": state, "is_active": True})
        for name in names:
            queried = session.select(Status).where(Status.name == name).all()
            exact = [each for each in queried if each.name == name] or queried
            if len(exact) <= 1:
                found = session.find_or_none(Status, name=name)
                assert found is (exact[0] if exact else None)
