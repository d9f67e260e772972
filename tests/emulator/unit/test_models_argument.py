"""The package whose schema an emulator serves: found, or named in an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ftrack_orm import ModelsNotFoundError
from ftrack_orm.cli.group import group
from ftrack_orm.emulator import Emulator


@pytest.mark.parametrize("name", ["studio_modls", "studio.modls", "json", ""])
def test_a_package_that_is_no_package_of_models_is_named(name: str) -> None:
    with pytest.raises(ModelsNotFoundError) as caught:
        Emulator(models=name)

    assert caught.value.package == name
    assert "PYTHONPATH" in str(caught.value)


def test_the_command_explains_it_without_a_traceback() -> None:
    result = CliRunner().invoke(group, ["emulator", "--models", "studio_modls"])

    assert result.exit_code == 1
    assert result.output.startswith("Error: 'studio_modls'")


def test_a_package_whose_own_import_fails_shows_that_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_models.py").write_text("import knitting")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(ModuleNotFoundError, match="knitting"):
        Emulator(models="half_models")
