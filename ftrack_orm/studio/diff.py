"""Compare the configuration in files with that of a server; nothing is sent.

The comparison has three sides: the files, the server, and what was applied last. A
difference whose file is unchanged since then is a change on the server, which `apply`
does not overwrite.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel
from pydantic_core import to_json

from ftrack_orm.studio.model import (
    KINDS,
    Attribute,
    Definition,
    Key,
    Kind,
    ProjectSchema,
    Studio,
    folded,
)

Action: TypeAlias = Literal["create", "update", "unlisted"]
Origin: TypeAlias = Literal["file", "server", "both"]


@dataclass(frozen=True, slots=True)
class Applied:
    """The digests of an object when it was applied last.

    Attributes:
        file: of its definition in the files.
        server: of the server's object after the apply.
    """

    file: str
    server: str


AppliedObjects: TypeAlias = Mapping[tuple[Kind, Key], Applied]
"""What was applied last, by kind and folded natural key."""


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that differs.

    Attributes:
        name: the name in the files; ``"name"`` for a rename.
        server: the server's value.
        file: the value in the files.
    """

    name: str
    server: Any
    file: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """An object that differs between the files and the server.

    Attributes:
        action: what makes the server equal to the files. ``"unlisted"`` objects are
            only on the server; nothing deletes them.
        kind: the kind.
        key: the natural key in the files, or on the server for an unlisted object.
        changes: the settings that differ, by name; empty for unlisted objects.
        origin: the side that changed since the last apply.
        wanted: the definition in the files.
        found: the server's object, which has every setting.
    """

    action: Action
    kind: Kind
    key: Key
    changes: tuple[SettingChange, ...] = ()
    origin: Origin = "file"
    wanted: Definition | None = None
    found: Definition | None = None

    @property
    def title(self) -> str:
        """Return kind and key, as messages show them."""
        return f"{self.kind} {' '.join(part for part in self.key if part)!r}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of a comparison.

    Attributes:
        differences: in the order of the kinds, then of the files.
        problems: definitions that no object or several objects match; a plan with
            problems is refused.
    """

    differences: tuple[Difference, ...]
    problems: tuple[str, ...] = ()

    @property
    def to_apply(self) -> tuple[Difference, ...]:
        """Return the differences that an apply removes."""
        return tuple(
            difference
            for difference in self.differences
            if difference.action != "unlisted" and difference.origin == "file"
        )

    @property
    def conflicts(self) -> tuple[Difference, ...]:
        """Return the differences that come from a change on the server."""
        return tuple(
            difference
            for difference in self.differences
            if difference.action != "unlisted" and difference.origin != "file"
        )


def compare(
    files: Studio, server: Studio, applied: AppliedObjects | None = None
) -> Comparison:
    """Return the differences between the files and the server.

    Kinds that the files do not manage are not compared.

    Args:
        files: the configuration in the files.
        server: the configuration that `pull_studio` returned.
        applied: what was applied last; without it every difference counts as a
            change of the files.
    """
    problems: list[str] = []
    differences = [
        difference
        for kind in KINDS
        if kind in files.studio.manage
        for difference in _compare_kind(kind, files, server, applied or {}, problems)
    ]
    return Comparison(tuple(differences), tuple(problems))


def digest(definition: Definition) -> str:
    """Return a short digest of a definition, renames not included."""
    values = {"key": folded(definition.natural_key), **definition.settings()}
    values.pop("shared_with", None)
    content = {name: _plain(value) for name, value in sorted(values.items())}
    return hashlib.sha256(to_json(content)).hexdigest()[:12]


def merged(wanted: Definition, found: Definition | None) -> Definition:
    """Return the server's object as it is once the definition is applied."""
    if found is None:
        return wanted
    identity = {name: getattr(wanted, name) for name in wanted.identity}
    return found.model_copy(update={**identity, **wanted.settings()})


def _compare_kind(
    kind: Kind,
    files: Studio,
    server: Studio,
    applied: AppliedObjects,
    problems: list[str],
) -> Iterator[Difference]:
    found = {folded(each.natural_key): each for each in server.definitions(kind)}
    matched: set[Key] = set()
    for wanted in files.definitions(kind):
        match = _match(wanted, found, problems)
        if match is None:
            yield _creation(wanted)
            continue
        matched.add(folded(match.natural_key))
        changes = tuple(_changes(wanted, match))
        if changes:
            yield Difference(
                "update",
                kind,
                wanted.natural_key,
                changes,
                _origin(wanted, match, applied),
                wanted,
                match,
            )
    for key, definition in found.items():
        if key not in matched:
            yield Difference("unlisted", kind, definition.natural_key, found=definition)


def _match(
    wanted: Definition, found: Mapping[Key, Definition], problems: list[str]
) -> Definition | None:
    """Return the server's object for a definition, renamed or not."""
    key, former_key = folded(wanted.natural_key), wanted.former_key
    current = found.get(key)
    if former_key is not None and folded(former_key) != key:
        former = found.get(folded(former_key))
        if former is not None and current is not None:
            problems.append(
                f"{wanted.title} and {wanted.renamed_from!r} are both on the server. "
                "Remove one there, or remove renamed_from."
            )
        if current is None:
            return former
    if current is None and isinstance(wanted, Attribute) and wanted.project is None:
        return _project_attribute(wanted, found, problems)
    return current


def _project_attribute(
    wanted: Attribute, found: Mapping[Key, Definition], problems: list[str]
) -> Definition | None:
    """Return the attribute of one project that is to become global (protocol 6.7)."""
    candidates = [
        each
        for each in found.values()
        if isinstance(each, Attribute)
        and each.project is not None
        and folded(each.natural_key[:3]) == folded(wanted.natural_key[:3])
    ]
    if len(candidates) > 1:
        projects = ", ".join(sorted(each.project or "" for each in candidates))
        problems.append(
            f"{wanted.title} exists for the projects {projects}. An attribute for all "
            "projects cannot replace several; remove them first."
        )
    return candidates[0] if len(candidates) == 1 else None


def _creation(wanted: Definition) -> Difference:
    changes = tuple(
        SettingChange(name, None, value) for name, value in wanted.settings().items()
    )
    return Difference("create", wanted.kind, wanted.natural_key, changes, wanted=wanted)


def _changes(wanted: Definition, found: Definition) -> Iterator[SettingChange]:
    for name in wanted.identity:
        before, after = getattr(found, name), getattr(wanted, name)
        # A renamed object, a name in another case, or an attribute that becomes
        # global.
        if before != after:
            yield SettingChange(name, before, after)
    for name, value in wanted.settings().items():
        before = getattr(found, name)
        if name != "shared_with" and not is_same(wanted, name, before, value):
            yield SettingChange(name, before, value)


def _origin(wanted: Definition, found: Definition, applied: AppliedObjects) -> Origin:
    record = applied.get((wanted.kind, folded(wanted.natural_key)))
    if record is None:
        return "file"
    is_file_changed = record.file != digest(wanted)
    is_server_changed = record.server != digest(found)
    if is_server_changed:
        return "both" if is_file_changed else "server"
    return "file"


# -- values ------------------------------------------------------------------------

_UNORDERED = frozenset({"read", "write"})
_UNORDERED_MEMBERS = frozenset(
    {"object_types", "task_types", "task_statuses", "version_statuses"}
)
"""Members without a position on the server (protocol 6.6)."""


def is_same(owner: Definition, name: str, server: Any, file: Any) -> bool:
    """Return whether a setting of the server has the value in the files.

    Names and colors are compared without regard to case. The order counts where the
    server keeps one.
    """
    if isinstance(owner, ProjectSchema):
        return _is_same_rule(name, _plain(server), _plain(file))
    if name in _UNORDERED and server is not None:
        return _names(server) == _names(file)
    if name in ("color", "group", "state", "to") and isinstance(server, str):
        return server.casefold() == str(file).casefold()
    if isinstance(server, Mapping) and isinstance(file, Mapping):
        return list(server.items()) == list(file.items())
    if isinstance(server, bool) or isinstance(file, bool):
        return server is file
    return bool(server == file)


def _is_same_rule(name: str, server: Any, file: Any) -> bool:
    if isinstance(file, dict):
        present = {key.casefold(): value for key, value in (server or {}).items()}
        # A rule that the files lack is not managed.
        return all(
            _is_same_rule(key, present.get(key.casefold()), value)
            for key, value in file.items()
        )
    if server is None or not isinstance(file, list):
        return bool(server == file)
    if name in _UNORDERED_MEMBERS:
        return _names(server) == _names(file)
    return [each.casefold() for each in server] == [each.casefold() for each in file]


def _names(names: Iterable[str]) -> list[str]:
    return sorted(name.casefold() for name in names)


def _plain(value: Any) -> Any:
    """Return a setting as JSON values."""
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(exclude_none=True))
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
