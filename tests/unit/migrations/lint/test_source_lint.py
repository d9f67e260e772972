"""Findings about the code of revisions."""

from __future__ import annotations

import pytest

from ftrack_orm.migrations.lint.source_lint import (
    RevisionSource,
    changed_revisions,
    lint_sources,
    written_names,
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


def test_an_applied_revision_does_not_contest_a_pending_one() -> None:
    assert codes(revision(BID, "a", is_applied=True), revision(BID, "b")) == []


def test_written_names() -> None:
    source = (
        "task.bid = 1\ntask.bid += 2\na.x, a.y = 1, 2\nb.metadata['k'] = 1\n"
        "del c.custom_attributes['z']\nplain = 1\n"
    )
    assert written_names(source) == {
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
