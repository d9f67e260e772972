"""`NAMES` is sorted, true and complete."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

import ftrack_orm
from ftrack_orm import operations

NAMES: list[str] = vars(ftrack_orm)["__all__"]


def kind_and_name(name: str) -> tuple[int, str]:
    """Order as ruff does (RUF022): constants, then classes, then the rest."""
    if name.isupper():
        return 0, name
    return (1 if name[:1].isupper() else 2), name


def is_ours(value: object) -> bool:
    home = getattr(value, "__module__", None) or type(value).__module__
    return str(home).partition(".")[0] == "ftrack_orm"


def test_the_names_are_sorted_and_listed_once() -> None:
    names = NAMES

    assert names == sorted(set(names), key=kind_and_name)


@pytest.mark.parametrize("name", NAMES)
def test_each_listed_name_can_be_imported(name: str) -> None:
    assert getattr(ftrack_orm, name) is not None


def test_what_can_be_imported_is_listed() -> None:
    importable = {
        name
        for name in dir(ftrack_orm)
        if not name.startswith("_")
        and not isinstance(value := getattr(ftrack_orm, name), ModuleType)
        and is_ours(value)
    }

    assert importable - set(NAMES) == set()


def test_a_star_import_brings_the_listed_names() -> None:
    names: dict[str, object] = {}
    exec("from ftrack_orm import *", names)  # noqa: S102 a star import needs a module

    assert set(NAMES) == set(names) - {"__builtins__"}


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(ftrack_orm, "no_such_name")  # noqa: B009 a checker refuses the dot


def test_importing_the_package_imports_neither_pydantic_nor_requests() -> None:
    code = (
        "import sys, ftrack_orm; "
        "print(sorted({'pydantic', 'requests', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"


def test_an_operation_class_is_still_found_where_it_was() -> None:
    with pytest.warns(DeprecationWarning, match="from ftrack_orm.operations"):
        moved = vars(ftrack_orm)["__getattr__"]("Query")

    assert moved is operations.Query
    assert "Query" not in NAMES


@pytest.mark.parametrize("name", ["Sequence", "_PLAIN", "dataclass"])
def test_a_name_that_a_module_imports_has_not_moved(name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        getattr(ftrack_orm, name)
