"""Find settings of a definition that no server can have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from ftrack_orm.studio.model import (
    Attribute,
    Definition,
    LinkAttribute,
    ProjectSchema,
    Setting,
)
from ftrack_orm.studio.queries import SETTINGS

Mistake = tuple[tuple[str, ...], str]
"""The names of a setting, from the outer one to the inner one, and the message."""

_DEFAULTS: Final[Mapping[str, tuple[type, str]]] = {
    "text": (str, 'a text: default = "…"'),
    "url": (str, 'a text: default = "…"'),
    "expression": (str, 'a text: default = "…"'),
    "date": (str, "a date: default = 2026-01-31"),
    "number": (float, "a number: default = 1"),
    "boolean": (bool, "true or false: default = true"),
    "enumerator": (tuple, 'a list of options: default = ["…"]'),
    "dynamic enumerator": (tuple, 'a list of options: default = ["…"]'),
}
"""The class of the default of each type, and the form of the setting."""


def mistakes(wanted: Definition, result: Definition | None = None) -> Iterator[Mistake]:
    """Yield the settings that cannot be applied.

    Args:
        wanted: the definition in the files.
        result: the object with all its settings once the definition is applied, if it
            is known.
    """
    for name in wanted.identity:
        if getattr(wanted, name) == "":
            yield (name,), "is empty"
    if isinstance(wanted, Setting) and (wanted.group, wanted.name) not in SETTINGS:
        known = ", ".join(f"{group} {name}" for group, name in SETTINGS)
        yield ("name",), f"is no setting that files may have, which are: {known}"
    if isinstance(wanted, ProjectSchema):
        yield from _schema_mistakes(wanted)
    if isinstance(wanted, Attribute | LinkAttribute):
        for name in ("read", "write"):
            yield from _list_mistakes((name,), getattr(wanted, name))
    if isinstance(wanted, Attribute) and wanted.default is not None:
        known_settings = result if isinstance(result, Attribute) else wanted
        yield from _default_mistakes(wanted.default, known_settings)


def _schema_mistakes(schema: ProjectSchema) -> Iterator[Mistake]:
    for name in ("object_types", "task_types", "task_statuses", "version_statuses"):
        yield from _list_mistakes((name,), getattr(schema, name))
    for name in ("of", "override", "template"):
        rules: Mapping[str, Any] = getattr(schema, name) or {}
        for twice in _repeated(rules):
            yield (name, twice), "is defined twice; servers ignore case"
        # A template creates a task for each of its types, which may be equal.
        for key, each in rules.items() if name != "template" else ():
            for setting in type(each).model_fields:
                yield from _list_mistakes((name, key, setting), getattr(each, setting))


def _list_mistakes(
    setting: tuple[str, ...], names: Iterable[str] | None
) -> Iterator[Mistake]:
    listed = tuple(names or ())
    for twice in _repeated(listed):
        yield setting, f"lists {twice!r} twice"
    if "*" in listed and len(listed) > 1:
        yield setting, 'means all roles with "*": write ["*"] alone'


def _repeated(names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            yield name
        seen.add(name.casefold())


def _default_mistakes(default: Any, attribute: Attribute) -> Iterator[Mistake]:
    setting = ("default",)
    if attribute.type is None:
        return
    expected, form = _DEFAULTS[attribute.type]
    if type(default) is not expected or (
        attribute.type == "date" and moment(default) is None
    ):
        yield setting, f"of the type {attribute.type!r} is {form}"
    elif isinstance(default, tuple):
        if attribute.type == "enumerator" and attribute.options is not None:
            for option in default:
                if option not in attribute.options:
                    yield setting, f"has {option!r}, which is none of the options"
        if len(default) > 1 and not attribute.multiple:
            yield setting, "has several options, which needs multiple = true"


def moment(text: Any) -> str | None:
    """Return a date as a server has it; ``None`` if the text is no date."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    zone = "+00:00" if found.tzinfo is None else ""
    return f"{found.isoformat()}{zone}"
