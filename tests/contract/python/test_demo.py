"""The demo production, read whole with the official client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import ftrack_api.entity.base
import ftrack_api.symbol
import pytest

from ftrack_orm.emulator import DEMO_NOW, Emulator
from tests.support.official_client import connect
from tests.support.schemas import recorded


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session of the client on a demo."""
    folder = tmp_path_factory.mktemp("demo-cache")
    with Emulator(schema=recorded(), seed="demo") as emulator:
        session = connect(emulator, folder)
        yield session
        session.close()


def test_every_attribute_of_every_type_can_be_read(demo: Any) -> None:
    read = set()
    for name in sorted(demo.types):
        for entity in demo.query(f"{name} limit 2").all():
            for attribute in entity.keys():  # noqa: SIM118 - entities are no dictionaries
                value = entity[attribute]
                if hasattr(value, "__iter__") and not isinstance(value, str):
                    list(value)
            read.add(entity.entity_type)
    assert {"SequenceComponent", "ReviewSessionObject", "Milestone", "Note"} <= read
    assert len(read) > 50


def test_a_query_loads_all_that_it_selects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client reads the first occurrence of an entity only (protocol D)."""
    expression = "select name, status.name, parent.children.type.name from Task"
    with Emulator(schema=recorded(), seed="demo") as emulator:
        session = connect(emulator, tmp_path)
        calls = record_calls(session, monkeypatch)
        for task in session.query(f"{expression} limit 10000").all():
            assert task["name"]
            assert task["status"]["name"]
            assert all(each["type"]["name"] for each in task["parent"]["children"])
        assert len(calls) == 1
        session.close()


@pytest.mark.parametrize(
    "expression",
    [
        "select name, status.name, parent.children.type.name from Task",
        "select parent.name, parent.parent.name, parent.parent.children.name from Task",
        "select task.assignments.resource.first_name, asset.versions.user.username, "
        "user.last_name from AssetVersion",
    ],
)
def test_without_auto_population_every_selected_value_is_there(
    tmp_path: Path, expression: str
) -> None:
    paths = [path.split(".") for path in expression[7:].split(" from ")[0].split(", ")]
    with Emulator(schema=recorded(), seed="demo") as emulator:
        session = connect(emulator, tmp_path, auto_populate=False)
        entities = session.query(f"{expression} limit 200").all()
        values = [value for path in paths for value in _values(entities, path)]
        assert len(values) > 200
        assert ftrack_api.symbol.NOT_SET not in values
        session.close()


def record_calls(session: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a list to which each later call of a session is added."""
    calls: list[Any] = []
    call = session.call

    def recording(data: Any) -> Any:
        calls.append(data)
        return call(data)

    monkeypatch.setattr(session, "call", recording)
    return calls


def _values(entities: Iterable[Any], path: Sequence[str]) -> Iterator[Any]:
    """Yield the values at a path from each entity, through links and collections."""
    name, *rest = path
    for entity in entities:
        value = entity[name]
        if not rest:
            yield value
        elif value is not None:
            is_link = isinstance(value, ftrack_api.entity.base.Entity)
            yield from _values([value] if is_link else value, rest)


def test_a_coordinator_finds_the_shot_with_all_that_belongs_to_it(demo: Any) -> None:
    shot = demo.query('Shot where name is "sq010_sh010"').one()
    assert shot["project"]["name"] == "bunny"
    assert shot["status"]["name"] == "Completed"
    assert [task["name"] for task in shot["children"]] == [
        "layout",
        "animation",
        "lighting",
        "compositing",
    ]
    frames = shot["custom_attributes"]
    assert frames["fend"] > frames["fstart"] == 1001
    for task in shot["children"]:
        [assignment] = task["assignments"]
        person = assignment["resource"]
        history = [change["status"]["name"] for change in task["status_changes"]]
        assert history[:2] == ["Ready to start", "In progress"]
        assert history[-1] == task["status"]["name"]
        logs = demo.query(f'Timelog where context_id is "{task["id"]}"').all()
        assert {log["user"]["username"] for log in logs} == {person["username"]}
        assert task["time_logged"] == sum(log["duration"] for log in logs)
    comp = demo.query(
        f'AssetVersion where asset.parent.id is "{shot["id"]}" '
        'and task.name is "compositing" and is_latest_version is true'
    ).one()
    assert [used["task"]["name"] for used in comp["uses_versions"]] == ["lighting"]
    assert comp["date"].isoformat() <= DEMO_NOW


def test_a_sequence_of_files_is_found_through_its_shot(demo: Any) -> None:
    sequence = demo.query(
        'SequenceComponent where version.asset.parent.name like "sq0%"'
    ).first()
    shot = sequence["version"]["asset"]["parent"]
    frames, handles = shot["custom_attributes"], shot["custom_attributes"]["handles"]
    names = [int(member["name"]) for member in sequence["members"]]
    first, last = frames["fstart"] - handles, frames["fend"] + handles
    assert sorted(names) == list(range(int(first), int(last) + 1))


def test_review_sessions_and_lists_lead_to_versions(demo: Any) -> None:
    session = demo.query('ReviewSession where name is "Finals"').one()
    for item in session["review_session_objects"]:
        status = item["asset_version"]["status"]["name"]
        assert status in ("Approved", "Client approved")
    dailies = demo.query('AssetVersionList where name is "dailies"').one()
    assert len(dailies["items"]) > 0
    templates = demo.query('ProjectSchema where name is "VFX"').one()["task_templates"]
    assert {template["name"] for template in templates} >= {"Character"}
