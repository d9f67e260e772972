"""The page for users of the official client: both halves of each example run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image

from ftrack_models import Note, Shot, Task, TypedContextLink
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from tests.support.citations import ROOT
from tests.support.server_variables import name_server

PAGE: Final = (ROOT / "docs" / "from-ftrack-api.md").read_text("utf-8")
PAIRS: Final = re.findall(
    r"^## (.+?)$.*?```py\n(.*?)```\n\n```python\n(.*?)```\n\n</div>",
    PAGE,
    re.DOTALL | re.MULTILINE,
)
COMPARED: Final = (
    "names",
    "rows",
    "due",
    "parts",
    "roles",
    "totals",
    "path",
    "count",
    "keys",
)
"""Variables of the examples that have the same values in both."""


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Serve the demo production in a folder with two files."""
    (tmp_path / "plate.mov").write_bytes(b"frames")
    Image.new("RGB", (64, 36)).save(tmp_path / "thumbnail.png")
    monkeypatch.chdir(tmp_path)
    with Emulator(seed="demo") as emulator:
        name_server(monkeypatch, emulator)
        monkeypatch.setenv("FTRACK_API_SCHEMA_CACHE_PATH", str(tmp_path))
        yield emulator


def run(side: int, emulator: Emulator) -> dict[str, Any]:
    """Run the examples of one side in order; return their variables.

    Args:
        side: 1 for the official client, 2 for ours.
        emulator: the server, whose requests are counted for each section.
    """
    names: dict[str, Any] = {}
    for pair in PAIRS:
        exec(compile(pair[side], f"{pair[0]}, {side}", "exec"), names)  # noqa: S102
    names.pop("session").close()
    return names


def written(emulator: Emulator) -> dict[str, Any]:
    """Return what the examples have written, without generated ids and times."""
    with Session() as session:
        kite = session.select(Shot).where(Shot.project.name == "kite")
        ready = session.select(Task).where(Task.description == "Ready.").one()
        return {
            "shots": sorted(shot.name for shot in kite),
            "values": {shot.name: shot.custom_attributes["fstart"] for shot in kite},
            "metadata": {shot.name: dict(shot.metadata) for shot in kite},
            "versions": {
                shot.name: [
                    (version.version, version.comment, len(version.uses_versions))
                    for asset in shot.assets
                    for version in asset.versions
                ]
                for shot in kite
            },
            "frames": sorted(
                (
                    *(each["name"] for each in task.link),
                    task.custom_attributes["fstart"],
                )
                for task in session.select(Task).where(Task.project.name == "kite")
            ),
            "tasks": sorted(
                session.select(Task)
                .where(Task.project.name == "kite")
                .values(Task.name, Task.status.name)
            ),
            "status": ready.status.name,
            "thumbnail": ready.thumbnail_id is not None,
            "people": sorted(
                getattr(each.resource, "username", "") for each in ready.assignments
            ),
            "hours": sorted(log.duration for log in ready.timelogs),
            "notes": sorted(
                (str(note.content), len(note.replies))
                for note in session.select(Note).where(Note.parent_id == ready.id)
            ),
            "links": session.select(TypedContextLink)
            .where(TypedContextLink.from_.project.name == "kite")
            .count(),
        }


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the official client's
def test_both_sides_read_and_write_the_same(emulator: Emulator) -> None:
    start = emulator.snapshot()
    theirs = run(1, emulator)
    expected = written(emulator)
    emulator.restore(start)

    ours = run(2, emulator)

    assert written(emulator) == expected
    assert {name: ours[name] for name in COMPARED} == {
        name: theirs[name] for name in COMPARED
    }


def test_every_example_is_in_a_pair() -> None:
    assert len(PAIRS) > 15
    assert PAGE.count("```py") == 2 * len(PAIRS)
