"""Findings about the code of revisions."""

from __future__ import annotations

import pytest

from ftrack_orm.migrations.lint.source_lint import (
    RevisionSource,
    changed_revisions,
    lint_sources,
    written_attributes,
)


def codes(*revisions: RevisionSource) -> list[str]:
    """Return the codes of the findings about some revisions."""
    found = lint_sources(revisions, lambda module: module == "studio_models")
    return [finding.code for finding in found]


def revision(source: str, name: str = "a", **facts: object) -> RevisionSource:
    """Return a revision with some code."""
    return RevisionSource(name, f"{name}.py", source, **facts)  # type: ignore[arg-type] # as given


@pytest.mark.parametrize(
    "line",
    [
        "datetime.now()",
        "datetime.datetime.now(UTC)",
        "date.today()",
        "time.time()",
        "uuid.uuid4()",
        "uuid4()",
        "random.choice(x)",
        "random.Random()",
        'os.environ["USER"]',
        'os.environ.get("USER")',
        "os.getenv('USER')",
        "requests.get('x')",
        "urllib.request.urlopen('x')",
    ],
)
def test_a_read_that_differs_at_the_next_plan_is_found(line: str) -> None:
    assert codes(revision(f"def up(plan):\n    x = {line}\n")) == ["FM105"]


@pytest.mark.parametrize(
    "line",
    [
        "datetime(2026, 1, 1)",
        "plan.session.requests",
        "random",
        "shot.time",
        "environ",
        "Path('x').open()",
    ],
)
def test_a_read_that_repeats_is_not_found(line: str) -> None:
    assert codes(revision(f"def up(plan):\n    y = {line}\n")) == []


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime as dt\ndef up(plan):\n    x = dt.now()\n",
        "from time import time\ndef up(plan):\n    x = time()\n",
        "from random import choice\ndef up(plan):\n    x = choice(y)\n",
        "from os import environ\ndef up(plan):\n    x = environ['USER']\n",
        "from os import environ\ndef up(plan):\n    x = environ.get('USER')\n",
        "import uuid as u\ndef up(plan):\n    x = u.uuid4()\n",
        "from urllib.request import urlopen\ndef up(plan):\n    urlopen('x')\n",
        "NOW = datetime.now()\ndef up(plan):\n    x = NOW\n",
        "def age():\n    return time.time()\ndef up(plan):\n    x = age()\n",
        "class C:\n    def f(self):\n        time.time()\ndef up(plan):\n    C().f()\n",
    ],
)
def test_a_read_is_found_under_another_name(source: str) -> None:
    assert codes(revision(source)) == ["FM105"]


@pytest.mark.parametrize(
    "source",
    [
        "import requests\ndef post(x):\n    requests.post(x)\n"
        "def up(plan):\n    plan.effect(post, 'x')\n",
        "def up(plan):\n    requests = []\n    requests.append(1)\n",
        "def up(plan, *, random):\n    random.choice(1)\n",
        "from urllib.parse import quote\ndef up(plan):\n    quote('x')\n",
        "import urllib.parse\ndef up(plan):\n    urllib.parse.quote('x')\n",
        "from studio import time\ndef up(plan):\n    time.code(1)\n",
        "def unused():\n    return time.time()\ndef up(plan):\n    pass\n",
    ],
)
def test_these_repeat_or_do_not_belong_to_the_plan(source: str) -> None:
    assert codes(revision(source)) == []


def test_live_models_are_found_once_a_revision_is_applied() -> None:
    source = "from studio_models import Shot\n"
    assert codes(revision(source)) == []
    [finding] = lint_sources(
        [revision(source, is_applied=True)], lambda module: module == "studio_models"
    )
    assert (finding.code, finding.severity) == ("FM106", "stop")
    assert finding.place == "a.py:1"
    assert "ftrack-orm migrate freeze a" in finding.message
    assert codes(revision("from .models import Shot\n", is_applied=True)) == []


def test_a_package_that_is_imported_whole_is_found_once_it_is_applied() -> None:
    source = "import studio_models as models\n"
    assert codes(revision(source)) == []
    assert codes(revision(source, is_applied=True)) == ["FM106"]
    assert codes(revision("import json\n", is_applied=True)) == []


BID = "def up(plan):\n    for task in x:\n        task.bid = 1\n"
VALUES = 'def up(plan):\n    plan.values("cut", of=Shot, kind=str)\n'
KEY = 'def up(plan):\n    shot.custom_attributes["cut"] = 1\n'


@pytest.mark.parametrize(
    ("first", "second", "needs", "expected"),
    [
        (BID, BID, frozenset(), ["FM107"]),
        (BID, BID, frozenset({"a"}), []),
        (BID, KEY, frozenset(), []),
        (VALUES, KEY, frozenset(), ["FM107"]),
    ],
)
def test_two_pending_revisions_that_write_one_attribute(
    first: str, second: str, needs: frozenset[str], expected: list[str]
) -> None:
    pair = revision(first, "a"), revision(second, "b", needs=needs)
    assert codes(*pair) == expected


LOOP = """
def up(plan):
    for each in plan.each(plan.select({owner}).where(x).load(y)):
        each.{name} = 1
"""
FOUND = """
def up(plan):
    found = plan.find({owner}, {owner}.name == "a")
    found.{name} = 1
"""
INDEXED = """
def up(plan):
    index = plan.index(plan.select({owner}), {owner}.name)
    if (each := index.get("a")) is not None:
        each.{name} = 1
    for gone in index.untouched():
        gone.{name} = 1
"""
STORED = """
def up(plan):
    values = plan.values("cut", of={owner}, kind=float)
    for each, value in values.stored(plan.select({owner})):
        each.{name} = value
"""


@pytest.mark.parametrize("first", [LOOP, FOUND, INDEXED, STORED])
@pytest.mark.parametrize(
    ("second", "owner", "expected"),
    [
        (LOOP, "Shot", ["FM107"]),
        (FOUND, "Task", []),
        (INDEXED, "Task", []),
        (LOOP, "TypedContext", ["FM107"]),
        ("def up(plan):\n    x.parent.description = 1\n", "", ["FM107"]),
    ],
)
def test_attributes_of_two_types_are_not_contested(
    first: str, second: str, owner: str, expected: list[str]
) -> None:
    one = first.format(owner="Shot", name="description")
    other = second.format(owner=owner, name="description")
    assert codes(revision(one, "a"), revision(other, "b")) == expected


def test_a_variable_of_two_types_may_be_either() -> None:
    both = LOOP.format(owner="Task", name="bid") + FOUND.format(
        owner="Shot", name="bid"
    ).replace("found", "each")
    other = LOOP.format(owner="Milestone", name="bid")
    assert codes(revision(both, "a"), revision(other, "b")) == ["FM107"]


def test_the_attributes_of_a_helper_are_none_of_an_entity() -> None:
    helper = "class C:\n    def __init__(self):\n        self.count = 1\n"
    assert codes(revision(helper, "a"), revision(helper, "b")) == []


def test_an_applied_revision_does_not_contest_a_pending_one() -> None:
    assert codes(revision(BID, "a", is_applied=True), revision(BID, "b")) == []


def test_written_attributes() -> None:
    source = (
        "task.bid = 1\ntask.bid += 2\na.x, a.y = 1, 2\nb.metadata['k'] = 1\n"
        "del c.custom_attributes['z']\nplain = 1\n"
    )
    assert {each.name for each in written_attributes(source)} == {
        "bid",
        "x",
        "y",
        'metadata["k"]',
        'custom_attributes["z"]',
    }


def test_a_changed_revision_is_found() -> None:
    [finding] = changed_revisions({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "9"})
    assert finding.code == "FM108"
    assert finding.message.startswith("b was changed")
