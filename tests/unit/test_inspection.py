"""Completers and debuggers are found on the call stack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ftrack_orm.inspection import COMPLETERS, DEBUGGERS, inspector


def caller(module: str) -> Callable[[Callable[[], Any]], Any]:
    """Return a function of a module of that name, which calls its argument."""
    names: dict[str, Any] = {"__name__": module}
    exec("def call(function):\n    return function()", names)  # noqa: S102 # our own text
    call: Callable[[Callable[[], Any]], Any] = names["call"]
    return call


@pytest.mark.parametrize("module", sorted(COMPLETERS))
def test_a_completer_is_recognised(module: str) -> None:
    assert caller(module)(lambda: inspector()) == "completer"


@pytest.mark.parametrize("module", sorted(DEBUGGERS))
def test_a_debugger_is_recognised(module: str) -> None:
    assert caller(module)(lambda: caller("anything")(inspector)) == "debugger"


def test_a_program_is_neither() -> None:
    assert inspector() is None
