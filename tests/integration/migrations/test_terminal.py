"""A migration from an empty folder to its undo, as a user types it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from ftrack_models import (
    CustomAttributeConfiguration,
    CustomAttributeType,
    ObjectType,
    Shot,
)
from ftrack_orm import Session
from ftrack_orm.cli.snapshot_file import read_facts
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations.plan_file import PlanFile
from tests.support.migration_plans import content
from tests.support.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """Return a terminal in an empty folder, and a server with cut numbers."""
    monkeypatch.chdir(tmp_path)
    with Emulator(seed="demo") as emulator:
        add_cut_numbers(emulator)
        yield Terminal(emulator)


def add_cut_numbers(emulator: Emulator) -> None:
    """Create a number attribute of shots, and set it on three."""
    with Session(transport=emulator.transport()) as session:
        shot = session.select(ObjectType).where(ObjectType.name == "Shot").one()
        types = session.select(CustomAttributeType)
        session.create(
            CustomAttributeConfiguration,
            {
                "key": "cut_no",
                "label": "Cut number",
                "entity_type": "task",
                "object_type_id": shot.id,
                "type_id": types.where(CustomAttributeType.name == "number").one().id,
                "config": '{"isdecimal": true}',
            },
        )
    with Session(transport=emulator.transport()) as session:
        shots = session.select(Shot).where(Shot.project.name == "bunny").limit(3)
        for number, each in enumerate(shots, 10):
            each.custom_attributes["cut_no"] = float(number)
        session.commit()


def codes(emulator: Emulator) -> list[object]:
    """Return the codes that shots have, sorted."""
    with Session(transport=emulator.transport(), check_schema="ignore") as session:
        shots = session.select(Shot).load(Shot.custom_attributes)
        found = [shot.custom_attributes.get("cut_code") for shot in shots]
    return sorted(code for code in found if code)


def apply_attribute(terminal: Terminal, output: str) -> None:
    """Add the attribute that `migrate new` prints to the files, and apply them."""
    text = output[output.index("    [[attribute]]") :].split("Apply it")[0]
    with Path("studio/attribute.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{dedent(text)}")
    terminal.run("studio apply --yes")
    terminal.run("studio check")


def test_numbers_become_codes_and_numbers_again(terminal: Terminal) -> None:
    assert "rows written" in terminal.run("snapshot pull --project bunny").stdout
    terminal.run("studio init")
    assert "yes  batch atomic" in terminal.run("migrate init", answer="y\n").stdout

    settings = "--set key=cut_no --set new_key=cut_code --set on=Shot"
    title = "cut_no becomes cut_code"
    new = terminal.run(f"migrate new '{title}' --recipe retype {settings}")
    assert "Check the values that were not set: kind=float" in new.stdout
    apply_attribute(terminal, new.stdout)
    assert "errors: 0, warnings: 1" in terminal.run("migrate check").stdout

    plan = terminal.run("migrate plan --exit-code", code=3)
    assert "3 Shot.custom_attributes.cut_code set" in plan.stdout
    assert "FM102" in plan.stdout
    before = content(terminal.emulator)

    name = terminal.json("migrate status")["pending"][0]
    refused = terminal.run(f"migrate apply {name}", answer="y\n", code=5)
    assert content(terminal.emulator) == before
    number = re.search(r": (\d+) changes in 3 units", refused.stderr)
    assert number is not None
    terminal.run(f"migrate apply {name}", answer=f"{number[1]}\n")
    assert codes(terminal.emulator) == ["10.0", "11.0", "12.0"]

    status = terminal.json("migrate status")
    assert [finding["code"] for finding in status["findings"]] == ["FM106"]
    terminal.run(f"migrate freeze {name}")
    status = terminal.json("migrate status")
    assert status["findings"] == status["pending"] == status["changed"] == []
    assert status["revisions"][0]["state"] == "applied"
    assert "errors: 0, warnings: 0" in terminal.run("migrate check --exit-code").stdout
    terminal.run("migrate status --exit-code")

    terminal.run("snapshot pull --project bunny")
    assert read_facts(Path("bunny.snapshot")).applied == [name]

    terminal.run(f"migrate verify {name}")
    terminal.run(f"migrate undo {name} --apply --yes")
    assert codes(terminal.emulator) == []
    assert content(terminal.emulator) == before
    terminal.run("migrate status --exit-code", code=3)

    # The frozen revision is planned and applied again.
    assert f"{name}  undone  {title}" in terminal.run("migrate status").stdout
    terminal.run(f"migrate apply {name} --yes")
    assert codes(terminal.emulator) == ["10.0", "11.0", "12.0"]


def test_a_frozen_revision_names_the_attributes_that_are_gone(
    terminal: Terminal,
) -> None:
    terminal.run("migrate init --yes")
    terminal.run("migrate new 'Revise goes' --recipe replace-status")
    name = terminal.json("migrate status")["pending"][0]
    terminal.run(f"migrate freeze {name}")
    [package] = Path("migrations").iterdir()
    model = package / "models" / "status.py"
    text = model.read_text(encoding="utf-8")
    model.write_text(
        text.replace("is_active:", "is_used: Attr[bool] = attribute()\n    is_active:"),
        encoding="utf-8",
    )

    for command in ("plan", "apply --yes"):
        refused = terminal.run(f"migrate {command} {name}", code=5)
        assert "Status.is_used: gone" in refused.stderr
        assert f"migrate mark {name} applied" in refused.stderr


def test_revisions_are_applied_after_those_that_they_need(terminal: Terminal) -> None:
    terminal.run("migrate init --yes")
    Path("migrations").mkdir()
    for name, needs, line in (
        ("a_1", [], 'status.name = "Revised"'),
        ("b_2", ["a_1"], "status.sort = 77"),
        ("c_3", [], "status.is_active = False"),
    ):
        old = "Revised" if needs else "Revise"
        Path(f"migrations/{name}.py").write_text(
            "from ftrack_models import Status\n"
            "from ftrack_orm.migrations import Revision\n\n"
            f"revision = Revision({name!r}, 'title of {name}', needs={needs})\n\n\n"
            "def up(plan):\n"
            f"    status = plan.find(Status, Status.name == {old!r})\n"
            f"    {line}\n"
        )

    result = terminal.run("migrate apply b_2 --yes --json")

    events = [json.loads(line) for line in result.stdout.splitlines()]
    begins = [event["revision"] for event in events if event["event"] == "begin"]
    assert begins == ["a_1", "b_2"]
    states = terminal.json("migrate status")
    assert states["pending"] == ["c_3"]
    wrong = terminal.run("migrate apply b_2 --yes", code=1)
    assert "The revision b_2 is applied" in wrong.stderr


def test_old_plans_are_deleted(terminal: Terminal) -> None:
    folder = Path(".ftrack_orm/plans")
    Path("tool.py").write_text(
        "from ftrack_models import Task\n\n\n"
        "def up(plan, *, bid: float):\n"
        "    for task in plan.each(plan.select(Task).limit(2)):\n"
        "        task.bid = bid\n"
    )
    terminal.run("migrate plan tool.py --set bid=1")
    terminal.run("migrate plan tool.py --set bid=2")
    assert len(list(folder.iterdir())) == 2
    Path("other.py").write_text(Path("tool.py").read_text())
    both = terminal.run("migrate apply tool.py other.py --expect 1", code=2)
    assert "exactly one target" in both.stderr

    assert "Plans deleted: 0" in terminal.run("migrate clean").stdout
    first, _ = sorted(folder.iterdir())
    with PlanFile.open(first) as file:
        file.record_run("r1", "applying")
    cleaned = terminal.run("migrate clean --days 0").stdout
    assert f"{first} stays: its run has not ended" in cleaned
    assert "Plans deleted: 1" in cleaned
    assert list(folder.iterdir()) == [first]


def test_a_finding_refuses_an_apply_before_the_first_write(terminal: Terminal) -> None:
    terminal.run("migrate init --yes")
    Path("migrations").mkdir()
    Path("migrations/a_1.py").write_text(
        "from ftrack_models import Status, Task\n"
        "from ftrack_orm.migrations import Revision\n\n"
        "revision = Revision('a_1', 'everything is approved', accepts=['status'])\n\n"
        "\ndef up(plan):\n"
        "    approved = plan.find(Status, Status.name == 'Approved')\n"
        "    for task in plan.each(plan.select(Task)):\n"
        "        task.status = approved\n"
    )
    before = content(terminal.emulator)

    plan = terminal.json("migrate plan a_1", code=5)["plans"][0]
    refused = terminal.run("migrate apply --yes", code=5)

    severities = {item["code"]: item["severity"] for item in plan["findings"]}
    assert severities["FM102"] == "stop"
    assert severities["FM104"] == "warn"
    assert 'write accepts=["whole-server"]' in refused.stderr
    assert content(terminal.emulator) == before
    assert not Path(".ftrack_orm/plans").exists()
