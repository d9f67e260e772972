"""Run in a process of its own: complete and display in IPython, print JSON.

usage: ipython_driver.py, with a JSON document on standard input:
``setup`` (code of a first cell), ``completions`` (texts before the cursor), ``shown``
(expressions) and ``inspected`` (texts before a question mark).
"""

from __future__ import annotations

import json
import sys
from typing import Any

from IPython.core.completer import (  # type: ignore[import-not-found,unused-ignore] # installed with the dev extra
    provisionalcompleter,
)
from IPython.core.interactiveshell import (  # type: ignore[import-not-found,unused-ignore]
    InteractiveShell,
)


def main() -> None:
    questions = json.load(sys.stdin)
    shell: Any = InteractiveShell.instance()
    shell.history_manager.enabled = False
    shell.colors = "nocolor"
    setup = shell.run_cell(questions["setup"])
    setup.raise_error()
    session = shell.user_ns["session"]
    answers: dict[str, Any] = {"completions": {}, "shown": {}, "inspected": {}}
    for is_jedi_used in (True, False):
        shell.Completer.use_jedi = is_jedi_used
        for text in questions["completions"]:
            before = session.requests
            names = complete(shell, text)
            answers["completions"].setdefault(text, []).append(
                {"names": names, "requests": session.requests - before}
            )
    for expression in questions["shown"]:
        value = eval(expression, shell.user_ns)  # noqa: S307 # a test's own text
        before = session.requests
        texts, _ = shell.display_formatter.format(value)
        again, _ = shell.display_formatter.format(value)
        answers["shown"][expression] = {
            "plain": texts.get("text/plain", ""),
            "html": texts.get("text/html", ""),
            "is_same_again": texts == again,
            "requests": session.requests - before,
        }
    for name in questions["inspected"]:
        before = session.requests
        mime = shell.object_inspect_mime(name)
        answers["inspected"][name] = {
            "plain": mime["text/plain"],
            "requests": session.requests - before,
        }
    answers["documented"] = {
        line: documentation(line) for line in questions["documented"]
    }
    print(json.dumps(answers))


def documentation(line: str) -> list[str]:
    """Return the docstrings that an editor with jedi shows at the end of a line."""
    import jedi  # type: ignore[import-not-found,import-untyped,unused-ignore] # comes with IPython

    preamble = "from ftrack_models import Shot, Task\n"
    preamble += "from ftrack_orm import Session\n"
    preamble += "task = Session().select(Task).one()\n"
    names = jedi.Script(preamble + line).goto(4, len(line))
    return [name.docstring() for name in names]


def complete(shell: Any, text: str) -> list[str]:
    with provisionalcompleter():
        completions = list(shell.Completer.completions(text, len(text)))
    return [completion.text.lstrip(".") for completion in completions]


main()
