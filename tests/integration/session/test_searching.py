"""`search`, over real HTTP: every term, one context, some object types."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import AssetVersion, Shot, Task, TypedContext, User
from ftrack_orm import (
    Entity,
    InvalidArgumentError,
    NoResultError,
    ServerValidationError,
    Session,
)
from ftrack_orm.emulator import Emulator
from tests.support.demo_production import a_shot, a_task, project


def path_names(entity: TypedContext) -> list[str]:
    """Return the names on the way from the project to an entity, in lower case."""
    names, here = [], entity
    while isinstance(here, TypedContext):
        names.append(here.name.lower())
        parent = here.parent
        if not isinstance(parent, TypedContext):
            names.append(here.project.name.lower())
            break
        here = parent
    return names


@pytest.mark.parametrize(
    "terms", [["anim"], ["sq010", "ANIM"], ["bunny", "sh010", "light"], ["xyzzy"]]
)
def test_every_term_is_in_the_name_or_the_path(
    over_http: Session, terms: list[str]
) -> None:
    found = over_http.search(Task, terms)

    everything = over_http.select(Task).load(Task.parent, Task.project).all()
    expected = {
        task.id
        for task in everything
        if all(any(term.lower() in name for name in path_names(task)) for term in terms)
    }
    assert {task.id for task in found.data} == expected
    assert found.action == "search"


def test_one_text_is_taken_apart_at_its_spaces(
    emulator: Emulator, over_http: Session
) -> None:
    together = over_http.search(Task, " sq010_sh010  anim ").data
    apart = over_http.search(Task, ["sq010_sh010", "anim"]).data

    assert together == apart
    assert [task.name for task in together] == ["animation"]
    assert emulator.call_log.operations[0]["terms"] == ["sq010_sh010", "anim"]


@pytest.mark.parametrize("hostile", ['"', "'", "%", "_x_", "\\", "anim' or name is 'x"])
def test_terms_are_taken_to_the_letter(over_http: Session, hostile: str) -> None:
    assert over_http.search(Task, [hostile]).data == []
    shot = a_shot(over_http)
    task = over_http.create(Task, {"name": f"a{hostile}b", "parent": shot}).data
    assert over_http.search(Task, [hostile]).data == [task]


def test_a_context_limits_the_search_to_what_is_below_it(over_http: Session) -> None:
    shot = a_shot(over_http)

    by_entity = over_http.search(Task, ["anim"], context_id=shot).data
    by_id = over_http.search(Task, ["anim"], context_id=shot.id).data
    in_project = over_http.search(Task, ["anim"], context_id=project(over_http)).data

    assert by_entity == by_id == [a_task(over_http)]
    assert len(in_project) > 1


def test_object_types_limit_what_is_found(over_http: Session) -> None:
    shot = a_shot(over_http)

    both = over_http.search(TypedContext, ["sq010_sh010"]).data
    shots = over_http.search(
        TypedContext, ["sq010_sh010"], object_type_ids=[shot.object_type_id]
    ).data

    assert {type(found) for found in both} == {Shot, Task}
    assert shots == [shot]


def test_an_expression_says_what_is_loaded_how_much_and_in_which_order(
    over_http: Session,
) -> None:
    response = over_http.search(
        Task, ["anim"], expression="select name from Task order by id limit 3"
    )

    assert len(response.data) == 3
    assert [task.id for task in response.data] == sorted(
        task.id for task in response.data
    )
    assert response.metadata.next.offset == 3
    assert "bid" not in vars(response.data[0])


def test_what_the_server_keeps_is_loaded_by_default(
    emulator: Emulator, over_http: Session
) -> None:
    [task] = over_http.search(Task, "sq010_sh010 animation").data

    with emulator.expect_calls(0):
        assert task.bid >= 0
        assert task.status_id


def test_a_name_of_a_type_does_as_well(over_http: Session) -> None:
    found: list[Entity] = over_http.search("User", "anna").data

    assert all(isinstance(user, User) for user in found)
    assert [vars(user)["username"] for user in found] == ["anna"]
    assert over_http.search(AssetVersion, "sq010_sh010").data


def test_what_is_found_is_the_sessions_own(over_http: Session) -> None:
    task = a_task(over_http)
    task.description = "local"

    [found] = over_http.search(Task, "sq010_sh010 animation").data

    assert found is task
    assert found.description == "local"


def test_mistakes_are_refused_by_the_server(over_http: Session) -> None:
    with pytest.raises(ServerValidationError):
        over_http.search(Task, ["x"], expression="select name from Shot")
    with pytest.raises(ServerValidationError):
        over_http.search(User, ["x"], object_type_ids=["y"])
    with pytest.raises(NoResultError):
        over_http.select(Task).where(Task.name == "xyzzy").one()


def test_swapped_arguments_are_refused_with_their_order(over_http: Session) -> None:
    terms: Any = Shot
    with pytest.raises(InvalidArgumentError, match=r"words .* after the entity type"):
        over_http.search("sh010", terms)
