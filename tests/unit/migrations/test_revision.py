"""Revisions are loaded from files, and their digest is that of their meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from ftrack_orm import RevisionFileError
from ftrack_orm.migrations import Revision
from ftrack_orm.migrations.revision import digest_of, load_folder, load_module

FIRST = '''"""The first."""
from ftrack_orm.migrations import Planner, Revision

revision = Revision("20261126_7f3a", "cut_no becomes cut_code", needs=["a_1"])


def up(plan: Planner) -> None:
    """Do nothing."""
'''


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_folder_holds_revisions_as_packages_and_files_and_tools(
    tmp_path: Path,
) -> None:
    write(tmp_path, "20261126_7f3a_cut_code/__init__.py", FIRST)
    write(tmp_path, "a_1.py", FIRST.replace("20261126_7f3a", "a_1"))
    write(tmp_path, "push.py", "def up(plan): pass\n")
    write(tmp_path, "_draft.py", "raise RuntimeError\n")

    loaded = load_folder(tmp_path)

    assert [module.name for module in loaded] == ["20261126_7f3a", "a_1"]
    assert loaded[0].revision is not None
    assert loaded[0].revision.needs == ("a_1",)
    assert load_module(tmp_path / "push.py").revision is None
    assert load_folder(tmp_path / "nowhere") == []


def test_a_revision_imports_from_its_own_folder(tmp_path: Path) -> None:
    folder = tmp_path / "b_2_two"
    write(folder, "names.py", "NAME = 'one'\n")
    write(folder, "__init__.py", "from .names import NAME\ndef up(plan): pass\n")
    assert vars(load_module(folder).module)["NAME"] == "one"

    write(folder, "names.py", "NAME = 'another'\n")
    assert vars(load_module(folder).module)["NAME"] == "another"


def test_the_registry_is_that_of_the_imported_models(tmp_path: Path) -> None:
    path = write(
        tmp_path, "t.py", "from ftrack_models import Shot\ndef up(plan): pass\n"
    )
    registry = load_module(path).registry
    assert registry is not None
    assert registry.package == "ftrack_models"
    assert load_module(write(tmp_path, "u.py", "def up(plan): pass\n")).registry is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = 1\n", "no function `up`"),
        ("def up(plan): pass\nrevision = 'a'\n", "no Revision"),
        ("import no_such_module\n", "importing it raises ModuleNotFoundError"),
        ("def up(plan:\n", "importing it raises SyntaxError"),
    ],
)
def test_a_wrong_file_is_refused_with_its_path(
    tmp_path: Path, text: str, reason: str
) -> None:
    path = write(tmp_path, "wrong.py", text)
    with pytest.raises(RevisionFileError, match=reason) as caught:
        load_module(path)
    assert caught.value.path == str(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RevisionFileError, match="cannot be read"):
        load_module(tmp_path / "none.py")


def test_two_revisions_of_one_id_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "a.py", FIRST)
    write(tmp_path, "b.py", FIRST)
    with pytest.raises(RevisionFileError, match="the same id"):
        load_folder(tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [
        {"id": "", "title": "t"},
        {"id": "a/b", "title": "t"},
        {"id": "a", "title": "t", "needs": "b"},
        {"id": "a", "title": "t", "accepts": ["everything"]},
    ],
)
def test_a_wrong_description_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"id of a revision|must be a list|no risk"):
        Revision(**arguments)


# -- the digest ------------------------------------------------------------------------

SAME = (
    FIRST,
    FIRST.replace('"""The first."""', '"""Another text."""'),
    FIRST.replace("def up", "# A comment.\ndef up").replace("needs=[", "needs = ["),
    FIRST.replace('"""The first."""\n', "# A licence.\n"),
)


@pytest.mark.parametrize("text", SAME)
def test_comments_docstrings_and_format_do_not_change_the_digest(text: str) -> None:
    assert digest_of(text) == digest_of(FIRST)


def test_frozen_models_leave_the_digest() -> None:
    live = "from ftrack_models import Shot, Task\nfrom a import b\n"
    frozen = live.replace("ftrack_models", ".models")
    assert digest_of(frozen) == digest_of(live)
    assert digest_of(live.replace("Task", "Status")) != digest_of(live)
    assert digest_of(live.replace("from a", "from c")) != digest_of(live)


def test_another_meaning_has_another_digest() -> None:
    assert digest_of(FIRST.replace("cut_no", "cut_number")) != digest_of(FIRST)
    assert digest_of("def up(plan):\n    x = 'text'\n") != digest_of(
        "def up(plan):\n    x = 'other'\n"
    )


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n\r\x00\f")))
def test_any_comment_leaves_the_digest(comment: str) -> None:
    text = "x = 1\ny = x + 1\n"
    assert digest_of(f"#{comment}\n{text}".encode()) == digest_of(text.encode())
