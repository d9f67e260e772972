"""Detect reads by completers and debuggers, which must send no request.

A completer evaluates the text before the cursor: after ``task.status.`` it reads
``task.status``, and after ``task.`` it may read every attribute. A debugger reads all
attributes of the variables it shows. The call stack is the only sign of either. It is
examined before a request is sent, which takes much longer.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Final, Literal

COMPLETERS: Final = frozenset(
    {
        "IPython.core.completer",
        "IPython.core.guarded_eval",
        "_pydev_bundle._pydev_completer",
        "bpython.autocomplete",
        "jedi.inference.compiled.access",
        "ptpython.completer",
        "rlcompleter",
    }
)
"""Modules that read attributes to complete the text before the cursor."""

DEBUGGERS: Final = frozenset({"_pydevd_bundle.pydevd_resolver"})
"""Modules that read the attributes of the variables a debugger shows.

Modules that evaluate an expression of the user are left out: such a read may load.
"""


def inspector() -> Literal["completer", "debugger"] | None:
    """Return the kind of program that reads an attribute now, ``None`` for others."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__")
        if module in COMPLETERS:
            return "completer"
        if module in DEBUGGERS:
            return "debugger"
        frame = frame.f_back
    return None
