"""Commands and paths that pages name exist, and every make target is described."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.citations import ROOT, pages

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def test_every_target_is_phony_and_has_a_description() -> None:
    [phony] = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    described = set(re.findall(r"^([a-z-]+):.* ## \w", MAKEFILE, re.MULTILINE))

    assert set(phony.split()) == TARGETS
    assert described == TARGETS


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_help_lists_every_target() -> None:
    printed = subprocess.run(
        ["make", "--no-print-directory", "help"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert {line.split()[0] for line in printed.splitlines()} == TARGETS


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_names_targets_and_paths_that_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    commands = set(re.findall(r"`make ([a-z-]+)|^\$ make ([a-z-]+)", text, re.M))
    folders = "ftrack_orm|codegen|generated|tests|docs"
    paths = set(re.findall(rf"`((?:{folders})/[\w./*-]*)`", text))

    assert {name for pair in commands for name in pair if name} <= TARGETS
    assert [path for path in paths if not any(ROOT.glob(path.rstrip("/")))] == []
