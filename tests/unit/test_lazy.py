"""`ftrack_orm.__version__`, read when it is asked for."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import ftrack_orm
from ftrack_orm import _lazy

ROOT = Path(__file__).parents[2]


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert ftrack_orm.__version__ == project["version"]
    assert "__version__" in dir(ftrack_orm)
    assert "__version__" not in vars(ftrack_orm)["__all__"]


def test_the_metadata_is_read_at_the_first_use() -> None:
    code = (
        "import sys, ftrack_orm; before = 'importlib.metadata' in sys.modules; "
        "ftrack_orm.__version__; print(before, 'importlib.metadata' in sys.modules)"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path[:] = {sys.path}\n{code}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "False True\n"


def test_a_copied_folder_has_no_known_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(distribution: str) -> str:
        raise metadata.PackageNotFoundError(distribution)

    monkeypatch.setattr(metadata, "version", version)
    load, _, _ = _lazy.public_names("ftrack_orm", distribution="ftrack-orm")
    monkeypatch.delitem(vars(ftrack_orm), "__version__", raising=False)

    assert load("__version__") == "0+unknown"
    monkeypatch.delitem(vars(ftrack_orm), "__version__")


def test_a_misspelt_name_of_a_package_offers_the_nearest() -> None:
    with pytest.raises(AttributeError, match=r"'Sesion'\. Did you mean 'Session'"):
        _ = ftrack_orm.Sesion  # type: ignore[attr-defined] # misspelt


def test_a_special_name_of_a_package_offers_none() -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(ftrack_orm, "__pth__")  # noqa: B009 # as tools read it

    assert str(caught.value) == "module 'ftrack_orm' has no attribute '__pth__'."


def test_an_import_leaves_the_collector_as_it_was() -> None:
    code = (
        "import gc, ftrack_orm; {}; ftrack_orm.Session; "
        "print(gc.isenabled(), gc.get_freeze_count(), gc.get_count()[0] < 700)"
    )
    for setting, expected in (
        ("gc.enable()", "True 0 True"),
        ("gc.disable()", "False"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", code.format(setting)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.startswith(expected)
