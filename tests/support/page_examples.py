"""The Python examples of pages as modules that type checkers read.

The examples of a page are one program, as a reader runs them in one prompt. A block
that the page names as a file is a module of that name.
"""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_BLOCK: Final = re.compile(
    r"^```(?:python|pycon)\n(.*?)^```$", re.DOTALL | re.MULTILINE
)
_FILE_NAME: Final = re.compile(r"`(\w+\.py)`:\n\n\Z")
_FUTURE: Final = "from __future__ import annotations"


@dataclass
class PageModule:
    """A module of a page's examples.

    Attributes:
        name: the file's name.
        lines: the text, and the line of the page that each line comes from.
        refused: the lines of examples that raise an error on purpose, from 1.
    """

    name: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)

    @property
    def text(self) -> str:
        """Return the module's source."""
        return "".join(f"{line}\n" for line, _ in self.lines)

    def place(self, line: int) -> str:
        """Return the line of the page, as ``session.md:12``."""
        return self.lines[line - 1][1]


def modules_of(page: Path, preamble: str) -> list[PageModule]:
    """Return the modules of a page; the first is that of the unnamed blocks.

    Args:
        page: the page.
        preamble: the code that defines names which the page's examples do not.
    """
    text = page.read_text("utf-8")
    name = re.sub(r"\W", "_", page.stem.lower())
    program = PageModule(f"page_{name}.py")
    for line in (_FUTURE, *preamble.splitlines()):
        program.lines.append((line, f"{page.name}:0"))
    files = []
    for block in _BLOCK.finditer(text):
        first = text.count("\n", 0, block.start(1)) + 1
        if found := _FILE_NAME.search(text, 0, block.start()):
            module = PageModule(found[1])
            _add_source(module, block[1], page, first)
            files.append(module)
        elif ">>> " in block[1]:
            _add_prompts(program, block[1], page, first)
        else:
            source = block[1].replace(f"{_FUTURE}\n", "\n")
            _add_source(program, source, page, first)
    return [program, *files]


def module_of(program: Path) -> PageModule:
    """Return the module of a file that is a program."""
    module = PageModule(program.name)
    _add_source(module, program.read_text("utf-8"), program, 1)
    return module


def _add_source(module: PageModule, source: str, page: Path, first: int) -> None:
    for number, line in enumerate(source.splitlines()):
        module.lines.append((line, f"{page.name}:{first + number}"))


def _add_prompts(module: PageModule, block: str, page: Path, first: int) -> None:
    for example in doctest.DocTestParser().get_examples(block):
        before = len(module.lines)
        _add_source(module, _statement(example.source), page, first + example.lineno)
        if example.exc_msg is not None:
            module.refused.update(range(before + 1, len(module.lines) + 1))


def _statement(source: str) -> str:
    """Return an example with shown values printed: pyright reports them as unused."""
    lines = [line.encode() for line in source.splitlines()]
    shown = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and not isinstance(node.value, ast.Call | ast.Constant)
    ]
    for value in sorted(shown, key=lambda value: value.lineno, reverse=True):
        end, column = (value.end_lineno or value.lineno) - 1, value.end_col_offset or 0
        lines[end] = lines[end][:column] + b")" + lines[end][column:]
        first, start = value.lineno - 1, value.col_offset
        lines[first] = lines[first][:start] + b"print(" + lines[first][start:]
    return "\n".join(line.decode() for line in lines)


def written_modules(modules: list[PageModule], folder: Path) -> Iterator[Path]:
    """Write modules to a folder and yield their files.

    Raises:
        ValueError: two pages name different files alike.
    """
    for module in modules:
        path = folder / module.name
        if path.exists() and path.read_text("utf-8") != module.text:
            raise ValueError(f"Two pages have a file {module.name}.")
        path.write_text(module.text, "utf-8")
        yield path
