"""The official client's own tests, as its authors ran them against a server.

They come with the source distribution of release 2.5.4, the last that has them, and
are run by the newest client. `make suite` fetches both into a virtual environment of
their own; nothing of them is part of this project.
"""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.emulator_client import Client
from tests.support.official_suite_rows import plant
from tests.support.schemas import recorded

ENVIRONMENT: Final = Path(__file__).parent / ".venv"
TESTS: Final = ENVIRONMENT / "suite" / "test" / "unit"
_LIMIT: Final = 400
"""Seconds until the suite is taken to hang."""

DIFFERENT: Final = {
    "test.unit.entity.test_location::test_get_thumbnail_url": (
        "wants the very bytes that one server's imaging library makes of a picture"
    ),
    **{
        f"test.unit.event.test_hub::test_prepare_event[{case}]": (
            "is about a client that says less of itself than the newest one"
        )
        for case in ("pre-prepared", "missing id", "missing user", "no source")
    },
}
"""What fails for a reason that is not ours."""

_LEFT_OUT: Final = (
    # Caches in files of the machine's dbm library; no server is asked.
    "--ignore=test_cache.py",
    "-knot persisted",
    # Counts heartbeats for two minutes; our own tests of the event hub do it sooner.
    "--deselect=test/unit/event/test_hub.py::test_server_heartbeat_response",
)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """How each of the tests ended, by its name."""
    if not TESTS.is_dir():
        pytest.fail("The official client's tests are not here: run `make suite`.")
    folder = tmp_path_factory.mktemp("official")
    report = folder / "report.xml"
    with Emulator(schema=recorded()) as emulator:
        plant(Client(emulator))
        credentials = emulator.credentials
        answer = subprocess.run(
            [
                ENVIRONMENT / "bin" / "python",
                *(
                    "-m",
                    "pytest",
                    "-q",
                    "--override-ini=addopts=",
                    "-p",
                    "no:cacheprovider",
                ),
                *("-W", "ignore", f"--junitxml={report}", *_LEFT_OUT, "."),
            ],
            cwd=TESTS,
            env={
                "PATH": os.environ["PATH"],
                "TMPDIR": str(folder),
                "XDG_CACHE_HOME": str(folder / "cache"),
                "FTRACK_SERVER": credentials["server_url"],
                "FTRACK_API_USER": credentials["api_user"],
                "FTRACK_API_KEY": credentials["api_key"],
            },
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
        )
    assert report.exists(), answer.stdout + answer.stderr
    cases = ElementTree.parse(report).iter("testcase")  # noqa: S314 - written just now
    return {
        f"{case.get('classname')}::{case.get('name')}": (
            case[0].tag if len(case) and case[0].tag != "system-out" else "passed"
        )
        for case in cases
    }


def failed(outcomes: dict[str, str]) -> set[str]:
    """Return the names of the tests that failed."""
    return {name for name, end in outcomes.items() if end in ("failure", "error")}


def test_all_pass_but_those_that_differ_for_a_known_reason(
    outcomes: dict[str, str],
) -> None:
    counts = Counter(outcomes.values())
    print(f"{len(outcomes)} tests of the official client:", dict(counts))
    for name in sorted(failed(outcomes)):
        print(f"failed: {name}: {DIFFERENT.get(name, 'unexpected')}")
    assert failed(outcomes) - DIFFERENT.keys() == set()


def test_each_that_is_listed_as_different_is_run_and_fails(
    outcomes: dict[str, str],
) -> None:
    assert DIFFERENT.keys() - failed(outcomes) == set()


def test_there_are_as_many_as_promised(outcomes: dict[str, str]) -> None:
    assert sum(end == "passed" for end in outcomes.values()) >= 450
