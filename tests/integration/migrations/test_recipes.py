"""Each recipe is a revision that plans on a demo production."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ftrack_models import (
    CustomAttributeConfiguration,
    CustomAttributeType,
    ObjectType,
    Shot,
    Status,
    Task,
)
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.revisions import RecipeError
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.plan_function import plan_function
from ftrack_orm.migrations.recipes import RECIPES, revision_text
from ftrack_orm.migrations.revision import load_module


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """Return a session on a demo production with two more attributes of shots."""
    emulator = Emulator(seed="demo")
    with emulator, Session(transport=emulator.transport()) as session:
        shot = session.select(ObjectType).where(ObjectType.name == "Shot").one()
        for key, kind in (("cut_no", "number"), ("cut_code", "text")):
            types = session.select(CustomAttributeType)
            is_kind = CustomAttributeType.name == kind
            session.create(
                CustomAttributeConfiguration,
                {
                    "key": key,
                    "label": key,
                    "entity_type": "task",
                    "object_type_id": shot.id,
                    "type_id": types.where(is_kind).one().id,
                    "config": "{}",
                },
            )
        for number, each in enumerate(session.select(Shot).limit(3)):
            each.custom_attributes["cut_no"] = float(number)
        session.commit()
        yield session


def planned(session: Session, folder: Path, text: str) -> Plan:
    """Return the plan of a revision's text."""
    path = folder / "r1_recipe.py"
    path.write_text(text, encoding="utf-8")
    module = load_module(path)
    return plan_function(session, module.up, revision=module.revision)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_accepts_its_own_risks(
    session: Session, tmp_path: Path, name: str
) -> None:
    values = {"key": "cut_code", "new_key": "cut_code"}
    text = revision_text(
        "20261126_7f3a",
        f"try {name}",
        recipe=name,
        values=values if name == "move-attribute" else None,
    )
    with planned(session, tmp_path, text) as plan:
        assert list(plan.unaccepted_risks) == []
        assert plan.revision == "20261126_7f3a"


def test_numbers_become_texts(session: Session, tmp_path: Path) -> None:
    text = revision_text("20261126_7f3a", "cut_no becomes cut_code", recipe="retype")
    with planned(session, tmp_path, text) as plan:
        units = [
            [(change.action, change.after) for change in unit.changes]
            for unit in plan.units()
        ]
    values = sorted(unit[0][1] for unit in units if isinstance(unit[0][1], str))
    assert values == ["0.0", "1.0", "2.0"]
    assert all(unit[1][0] == "delete" for unit in units)


def test_everything_gets_another_status(session: Session, tmp_path: Path) -> None:
    old = session.select(Status).where(Status.name == "Completed").one()
    count = len(session.select(Task).where(Task.status_id == old.id).all())
    text = revision_text(
        "20261126_9b10",
        "Completed becomes Approved",
        recipe="replace-status",
        values={"old": "Completed", "new": "Approved"},
    )
    with planned(session, tmp_path, text) as plan:
        subjects = {each.subject: each.count for each in plan.counts}
    assert subjects["Task.status_id"] == count > 0
    assert subjects["Status.is_active"] == 1


def test_a_new_revision_has_an_example(tmp_path: Path) -> None:
    text = revision_text("20261126_0001", 'say "hello"')
    tree = ast.parse(text)
    assert ast.get_docstring(tree) == "say 'hello'."
    path = tmp_path / "r.py"
    path.write_text(text, encoding="utf-8")
    loaded = load_module(path).revision
    assert loaded is not None
    assert loaded.title == 'say "hello"'


@pytest.mark.parametrize("recipe", [None, *RECIPES])
@pytest.mark.parametrize("title", ["x", "A title that is long enough for two lines"])
def test_a_revision_is_formatted(recipe: str | None, title: str) -> None:
    text = revision_text("20261126_7f3a", title, recipe=recipe, needs=["20261125_0001"])
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "-"]
    formatted = subprocess.run(
        command, input=text, capture_output=True, text=True, check=True
    )
    assert formatted.stdout == text


def test_unknown_names_are_refused_with_those_that_exist() -> None:
    with pytest.raises(RecipeError, match="retype, move-attribute"):
        revision_text("a", "b", recipe="rename")
    with pytest.raises(RecipeError, match="'status' is no parameter"):
        revision_text("a", "b", recipe="replace-status", values={"status": "x"})
    with pytest.raises(RecipeError, match="kind of value"):
        revision_text("a", "b", recipe="retype", values={"kind": "number"})
