"""Name the place of a mistake in the files of a studio, and the text to write."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from ftrack_orm.errors.suggestions import nearest, offer
from ftrack_orm.studio.model import (
    DEFINED_TWICE,
    DEFINITIONS,
    ObjectTypeRules,
    Options,
    OverrideRules,
    Template,
    folded,
)
from ftrack_orm.studio.toml_sections import Path, Section, line_of, sections_of

OPTIONS: Final = "studio"
"""The table of the options; at most one file has it."""

_FORMS: Final[Mapping[str, str]] = {
    "string_type": 'write a text: "…"',
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "float_type": "write a number",
    "float_parsing": "write a number",
    "finite_number": "write a finite number",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "tuple_type": 'write a list: ["…"]',
    "dict_type": 'write a table: { name = "…" }',
    "model_type": 'write a table: { name = "…" }',
}
"""The form of a setting, by the type of the error."""

_RULES: Final[Mapping[str, type[BaseModel]]] = {
    "of": ObjectTypeRules,
    "override": OverrideRules,
    "template": Template,
}
"""The tables in that of a project schema, by setting."""

_NO_FILE: Final = "the folder"


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file of a folder.

    Attributes:
        name: the name of the file.
        text: its text.
        content: the tables in it; empty if the text is not valid.
    """

    name: str
    text: str = ""
    content: dict[str, Any] = field(default_factory=dict)


class Places:
    """The places of the tables of a folder, in the order in which they are loaded."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._sections: dict[str, list[Section]] = {}
        self._tables: dict[str, list[tuple[str, int]]] = {}

    def add_file(self, file: ParsedFile) -> None:
        """Store the text of a file."""
        self._texts[file.name] = file.text

    def add(self, kind: str, name: str, count: int) -> None:
        """Store the tables of a kind that a file has.

        Args:
            kind: the kind.
            name: the name of the file.
            count: the number of the tables.
        """
        own = self._tables.setdefault(kind, [])
        own += [(name, number) for number in range(1, count + 1)]

    def line(self, name: str, kind: str, number: int = 1, setting: Path = ()) -> int:
        """Return the line of a setting of a file, from 1."""
        if name not in self._sections:
            text = self._texts.get(name, "").replace("\r\n", "\n")
            try:
                self._sections[name] = sections_of(text)
            except tomllib.TOMLDecodeError:
                self._sections[name] = []
        sections = self._sections[name]
        return line_of(sections, kind, number, setting) if sections else 1

    def of(self, kind: str, index: int, setting: Path = ()) -> str:
        """Return file, line and kind of a setting.

        Args:
            kind: the kind of the table.
            index: its position among the loaded ones, from 0.
            setting: the names of the setting inside the table.
        """
        found = self._tables.get(kind, [])
        if index >= len(found):
            return _NO_FILE
        name, number = found[index]
        line = self.line(name, kind, number, setting)
        table = f"[{kind}]" if kind == OPTIONS else f"[[{kind}]]"
        return f"{name}, line {line}: {table}"

    def problem(self, item: Mapping[str, Any]) -> str:
        """Return the description of an error of validation, with its place."""
        if item["type"] == DEFINED_TWICE:
            return self._twice(item)
        kind, *rest = item["loc"] or ("",)
        index = 0
        if rest and isinstance(rest[0], int):
            index = rest.pop(0)
        # The forms that a default may have are no names of settings.
        setting = tuple(str(part) for part in rest)
        if setting[:1] == ("default",):
            setting = setting[:1]
        place = self.of(str(kind), index, setting)
        title = ".".join(setting)
        message = _message(str(kind), setting, item)
        return f"{place}: {title}: {message}" if title else f"{place}: {message}"

    def _twice(self, item: Mapping[str, Any]) -> str:
        context = item["ctx"]
        kind, key = context["kind"], tuple(context["key"])
        places = [
            self.of(kind, index)
            for index, table in enumerate(item["input"][kind])
            if folded(DEFINITIONS[kind].model_validate(table).natural_key) == key
        ]
        return f"{context['title']} is defined twice: {' and '.join(places)}"


def hint(name: str, known: Collection[str]) -> str:
    """Return a sentence with the names that resemble `name`, or with all."""
    return offer(nearest(name, known)) or f" Known are {', '.join(known)}."


def _message(kind: str, setting: Path, item: Mapping[str, Any]) -> str:
    error = str(item["type"])
    if setting == ("default",):
        return "write a text, a number, true, false, a date or a list of options"
    if error == "extra_forbidden":
        return f"is no setting.{hint(setting[-1], _settings(kind, setting))}"
    if error == "missing":
        return "is missing"
    if error == "literal_error":
        value = item["input"]
        return f"{value!r} is none of {item['ctx']['expected']}"
    message = str(item["msg"]).removeprefix("Value error, ")
    return _FORMS.get(error, message)


def _settings(kind: str, setting: Path) -> Collection[str]:
    """Return the settings of the table that has an unknown one."""
    if kind == OPTIONS:
        return [*Options.model_fields]
    if len(setting) == 1:
        return [*DEFINITIONS[kind].model_fields]  # type: ignore[index] # a kind
    rules = _RULES.get(setting[0])
    return [] if rules is None else [*rules.model_fields]
