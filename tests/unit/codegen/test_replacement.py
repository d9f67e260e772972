"""A folder's files are replaced, all of them or none, and foreign ones never."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from ftrack_codegen.package import write_package
from ftrack_codegen.render import HEADER
from ftrack_orm import ForeignFilesError, PackageError

OLD = {
    "__init__.py": f"{HEADER}1.\nold\n",
    "gone.py": f"{HEADER}1.\nno longer needed\n",
    "py.typed": "",
    "task.py": f"{HEADER}1.\nold task\n",
    "user.py": f"{HEADER}1.\nas it is\n",
}
NEW = {
    "__init__.py": f"{HEADER}2.\nnew\n",
    "added.py": f"{HEADER}2.\nadded\n",
    "py.typed": "",
    "task.py": f"{HEADER}2.\nnew task\n",
    "user.py": f"{HEADER}1.\nas it is\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    write_package(OLD, folder)
    (folder / "mine.py").write_text("# mine\n")
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def state(folder: Path) -> dict[str, tuple[str, int]]:
    """Return content and time of change of each file."""
    return {
        path.name: (path.read_text(), path.stat().st_mtime_ns)
        for path in folder.iterdir()
    }


class Failing:
    """Does as a function does, but fails at one of its calls, or from it on."""

    def __init__(
        self,
        plain: Callable[..., object],
        at: int,
        error: BaseException,
        for_good: bool,
    ) -> None:
        self.calls = 0
        self._plain = plain
        self._at = at
        self._error = error
        self._for_good = for_good

    def __call__(self, *arguments: object, **options: object) -> object:
        self.calls += 1
        if self.calls == self._at or (self._for_good and self.calls > self._at):
            raise self._error
        return self._plain(*arguments, **options)


FULL = OSError(errno.ENOSPC, "No space left on device")
DENIED = PermissionError(errno.EACCES, "Permission denied")


def test_files_are_replaced_added_and_removed(folder: Path) -> None:
    write_package(NEW, folder)

    assert contents(folder) == {**NEW, "mine.py": "# mine\n"}


@pytest.mark.parametrize(
    ("error", "for_good"),
    [
        *((FULL, False), (FULL, True), (DENIED, False), (DENIED, True)),
        (KeyboardInterrupt(), False),
    ],
)
@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (Path, "write_bytes"),
        (Path, "mkdir"),
        (os, "replace"),
        (shutil, "copy2"),
        (shutil, "copymode"),
    ],
)
def test_a_step_that_fails_leaves_the_old_package_whole(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    name: str,
    error: BaseException,
    for_good: bool,
) -> None:
    before = state(folder)
    expected = PackageError if isinstance(error, OSError) else KeyboardInterrupt
    plain = getattr(owner, name)
    failures = 0
    for call in range(1, 20):
        failing = Failing(plain, call, error, for_good=for_good)
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, lambda *a, step=failing, **b: step(*a, **b))
            with suppress(expected):
                write_package(NEW, folder)
        if failing.calls < call:
            break
        failures += 1
        assert state(folder) == before
    assert failures >= 1
    assert contents(folder) == {**NEW, "mine.py": "# mine\n"}


@pytest.mark.parametrize("is_interrupted", [False, True])
def test_a_torn_write_leaves_the_old_package_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch, is_interrupted: bool
) -> None:
    plain = Path.write_bytes
    before = state(folder)
    error: BaseException = KeyboardInterrupt() if is_interrupted else FULL

    def tear(path: Path, content: bytes) -> int:
        plain(path, content[: len(content) // 2])
        raise error

    monkeypatch.setattr(Path, "write_bytes", tear)

    with pytest.raises(KeyboardInterrupt if is_interrupted else PackageError):
        write_package(NEW, folder)

    assert state(folder) == before


def test_old_files_that_cannot_come_back_are_kept_aside_and_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copy2
    monkeypatch.setattr(os, "replace", Failing(os.replace, 2, DENIED, for_good=True))
    # Four old files are copied aside; copying one back is the fifth call.
    monkeypatch.setattr(shutil, "copy2", Failing(copy, 4, FULL, for_good=True))

    with pytest.raises(PackageError, match="mixed") as caught:
        write_package(NEW, folder)

    [aside] = [path for path in folder.iterdir() if path.is_dir()]
    assert str(aside / "old") in str(caught.value)
    assert (aside / "old" / "task.py").read_text() == OLD["task.py"]
    assert (aside / "old" / "__init__.py").read_text() == OLD["__init__.py"]


def test_a_new_package_that_fails_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "replace", Failing(os.replace, 2, FULL, for_good=True))

    with pytest.raises(PackageError, match="No space left"):
        write_package(NEW, tmp_path / "studio" / "models")

    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("mine")

    with pytest.raises(PackageError, match="models"):
        write_package(NEW, tmp_path / "models")

    assert (tmp_path / "models").read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("__init__.py", ""),
        ("__init__.py", "SECRET_SAUCE = 42\n"),
        ("added.py", "def work(): ...\n"),
        ("added.py", f"\n{HEADER}1.\n"),
        ("task.py", "\N{ZERO WIDTH NO-BREAK SPACE}" + OLD["task.py"]),
        ("py.typed", "partial\n"),
    ],
)
def test_a_file_without_the_header_is_never_written_over(
    folder: Path, name: str, content: str
) -> None:
    (folder / name).write_text(content)
    before = state(folder)

    with pytest.raises(ForeignFilesError) as caught:
        write_package(NEW, folder)

    assert caught.value.files == (name,)
    assert state(folder) == before


def test_all_files_in_the_way_are_named_at_once(folder: Path) -> None:
    (folder / "task.py").write_text("mine\n")
    (folder / "added.py").mkdir()
    (folder / "__init__.py").unlink()
    (folder / "__init__.py").symlink_to(folder / "nowhere.py")

    with pytest.raises(ForeignFilesError) as caught:
        write_package(NEW, folder)

    assert caught.value.files == ("__init__.py", "added.py", "task.py")
    assert "__init__.py, added.py, task.py" in str(caught.value)
    assert (folder / "gone.py").exists()


def test_a_file_that_is_right_is_not_in_the_way_without_a_header(folder: Path) -> None:
    assert not write_package({"mine.py": "# mine\n", **OLD}, folder)


def test_the_mode_of_a_file_stays(folder: Path) -> None:
    (folder / "task.py").chmod(0o640)

    write_package(NEW, folder)

    assert (folder / "task.py").stat().st_mode & 0o777 == 0o640
