"""The tutorial of migrations, followed in an empty folder.

With UPDATE_GOLDEN=1 the page is written with the output of the commands.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from ftrack_models import Shot, Status
from ftrack_orm import Session
from ftrack_orm.emulator import Credentials, Emulator
from tests.support.citations import ROOT
from tests.support.followed_page import Command
from tests.support.followed_tutorial import (
    Edit,
    Reader,
    edits_and_commands,
    environment_of,
)

SERVER_URL: Final = "http://127.0.0.1:8000"
PAGE: Final = ROOT / "docs" / "migrations" / "tutorial.md"


@pytest.mark.slow
def test_every_command_prints_the_lines_of_the_page(tmp_path: Path) -> None:
    page = PAGE.read_text("utf-8")
    with Emulator(seed="demo") as emulator, Session(**emulator.credentials) as session:
        handles = values(session)
        credentials = emulator.credentials
        page = page.replace(SERVER_URL, credentials["server_url"])
        reader = Reader(tmp_path, environment_of(credentials))

        if os.environ.get("UPDATE_GOLDEN"):
            text = reader.rewritten(page)
            PAGE.write_text(
                text.replace(credentials["server_url"], SERVER_URL), "utf-8"
            )
        else:
            assert reader.follow(page) == []

        with Session(**credentials, check_schema="ignore") as after:
            names = [status.name for status in after.select(Status)]
            assert ("In review" in names, "Pending Review" in names) == (True, False)
            assert values(after) == handles


def values(session: Session) -> dict[str, float]:
    """Return the stored handles of shots."""
    return {
        shot.id: shot.custom_attributes["handles"]
        for shot in session.select(Shot).load(Shot.custom_attributes)
        if shot.custom_attributes.is_set("handles")
    }


def test_an_output_that_the_page_does_not_show_is_found(tmp_path: Path) -> None:
    environment = environment_of(Credentials(server_url="", api_user="", api_key=""))
    reader = Reader(tmp_path, environment)

    [difference] = reader.follow("```console\n$ ftrack-orm --version\n0.0\n```\n")

    assert difference.startswith("$ ftrack-orm --version\nftrack-orm, version")


def test_ids_of_the_page_are_replaced_by_those_of_the_run(tmp_path: Path) -> None:
    page = "In `a/b.toml`:\n\n```diff\n x\n-y\n+z\n```\n\n```console\n$ ls\n```\n"

    assert list(edits_and_commands(page)) == [
        Edit("a/b.toml", " x\n-y\n+z\n", is_diff=True),
        Command("ls", ""),
    ]
    reader = Reader(tmp_path, {})
    assert reader._agrees("run 0123456789 ended\n", "run 9876543210 ended\n")
    assert reader.real == {"0123456789": "9876543210"}
    assert not reader._agrees("run 0123456789 ended\n", "run 9876543210 began\n")
