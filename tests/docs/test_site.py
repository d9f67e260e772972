"""The site of the documentation: it builds without a warning and leaves nothing out."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Final

import pytest

import ftrack_orm
from ftrack_models import registry
from ftrack_orm import emulator, operations
from tests.support.citations import ROOT

DOCS: Final = ROOT / "docs"
NAMES: Final[list[str]] = vars(ftrack_orm)["__all__"]
ERRORS: Final = {
    name
    for name in NAMES
    if inspect.isclass(getattr(ftrack_orm, name))
    and issubclass(getattr(ftrack_orm, name), Exception)
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does, with warnings as errors."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning"),
            *("--keep-going", "--doctree-dir", folder / "trees"),
            *(DOCS, folder / "html"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


def documented(site: Path) -> set[str]:
    """Return the names of Python objects in the inventory of the site."""
    inventory = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    lines = zlib.decompress(inventory).decode().splitlines()
    return {line.split(" ", 1)[0] for line in lines if " py:" in line}


def classes(module: object) -> set[str]:
    """Return the names of the public classes that a module defines."""
    return {
        f"ftrack_orm.operations.{name}"
        for name, value in vars(module).items()
        if inspect.isclass(value)
        and value.__module__ == "ftrack_orm.operations"
        and not name.startswith("_")
        and name not in NAMES
    }


@pytest.mark.slow
def test_every_public_name_is_in_the_reference(site: Path) -> None:
    public = {f"ftrack_orm.{name}" for name in NAMES}
    of_emulator = {f"ftrack_orm.emulator.{name}" for name in vars(emulator)["__all__"]}

    assert (public | of_emulator | classes(operations)) - documented(site) == set()


@pytest.mark.slow
def test_every_public_method_of_a_session_is_in_the_reference(site: Path) -> None:
    methods = {
        f"ftrack_orm.Session.{name}"
        for name in dir(ftrack_orm.Session)
        if not name.startswith("_")
    }

    assert methods - documented(site) == set()


@pytest.mark.slow
def test_every_entity_type_is_in_the_reference(site: Path) -> None:
    page = (site / "reference" / "entity-types.html").read_text("utf-8")
    titles = set(re.findall(r"<h2>(\w+)<a", page))

    assert titles == {entity_type.name for entity_type in registry.schema()}


@pytest.mark.slow
def test_every_page_is_built_and_can_be_searched(site: Path) -> None:
    pages = {path.relative_to(DOCS).with_suffix("") for path in DOCS.rglob("*.md")}
    index = (site / "searchindex.js").read_text("utf-8")

    assert {page for page in pages if not (site / f"{page}.html").is_file()} == set()
    assert {page for page in pages if f'"{page.as_posix()}"' not in index} == set()


@pytest.mark.slow
def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    loaded = {
        address
        for page in site.rglob("*.html")
        for address in re.findall(
            r'<(?:script|img|link)[^>]+(?:src|href)="(https?:[^"]+)',
            page.read_text("utf-8"),
        )
    }

    assert loaded == set()


def test_every_error_has_a_cause_and_a_next_step() -> None:
    page = (DOCS / "errors.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", page, re.MULTILINE)

    assert {name for name, _, _ in rows} == ERRORS - {"FtrackError"}
    assert len(rows) == len(ERRORS) - 1
