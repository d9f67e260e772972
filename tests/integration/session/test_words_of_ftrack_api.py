"""The words of the official client and of other libraries are answered with ours."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ftrack_models import Task
from ftrack_orm import Session, UnknownAttributeError
from tests.support.demo_production import a_task


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("populate", "load("),
        ("auto_populating", 'load="strict"'),
        ("recorded_operations", "plan()"),
        ("reset", "expunge_all()"),
        ("types", "model("),
        ("event_hub", "ftrack_api"),
        ("selects", "'select'"),
    ],
)
def test_a_session_names_its_word(session: Session, name: str, word: str) -> None:
    with pytest.raises(UnknownAttributeError) as raised:
        getattr(session, name)

    assert word in str(raised.value)
    assert not hasattr(session, name)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("filter", "where("),
        ("join", "a path"),
        ("options", "load()"),
        ("get", "session.get("),
        ("delete", "session.remove()"),
        ("firsts", "'first'"),
    ],
)
def test_a_select_names_its_word(session: Session, name: str, word: str) -> None:
    select = session.select(Task)
    before = session.requests
    with pytest.raises(UnknownAttributeError) as raised:
        getattr(select, name)

    assert word in str(raised.value)
    assert not hasattr(select, name)
    assert session.requests == before


def test_an_entity_is_no_mapping(session: Session) -> None:
    task: Any = a_task(session)
    name = task.name
    with pytest.raises(TypeError, match=r"write entity\.name in place of"):
        task["name"]
    with pytest.raises(TypeError, match=r"write entity\.name in place of"):
        task["name"] = "x"

    assert task.name == name


def test_a_response_leads_to_its_data_and_to_select(session: Session) -> None:
    response: Any = session.query("select name from Task limit 2")
    for name in ("first", "all", "one"):
        with pytest.raises(AttributeError, match=r"response\.data.*select\(Task\)"):
            getattr(response, name)
    with pytest.raises(TypeError, match=r"response\.data"):
        response[0]
    with pytest.raises(TypeError, match=r"response\.data"):
        list(response)

    assert bool(response)
    assert copy.copy(response) == response
    assert copy.deepcopy(response).action == "query"
