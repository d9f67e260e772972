"""The files that the page on the architecture names exist."""

from __future__ import annotations

import re

import pytest

from tests.support.citations import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
FILES = sorted(set(re.findall(r"`([\w/]+\.(?:py|pyi|lark))`", PAGE)))


@pytest.mark.parametrize("name", FILES)
def test_a_named_file_exists(name: str) -> None:
    folders = (ROOT, ROOT / "ftrack_orm", ROOT / "ftrack_orm" / "emulator")
    is_path = any((folder / name).is_file() for folder in folders)

    assert is_path or any((ROOT / "ftrack_orm").rglob(name)) or _in_codegen(name)


def _in_codegen(name: str) -> bool:
    return any((ROOT / "codegen").rglob(name))


def test_the_page_names_files_of_every_package() -> None:
    packages = {
        path.parent.name
        for path in (ROOT / "ftrack_orm").glob("*/__init__.py")
        if path.parent.name != "cli"
    }

    assert packages <= set(re.findall(r"\w+(?=/)|(?<=ftrack_orm/)\w+", PAGE))
