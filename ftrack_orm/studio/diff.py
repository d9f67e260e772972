"""Compare the configuration in files with that of a server; nothing is sent.

The comparison has three sides: the files, the server, and the last apply. A
difference whose file is unchanged since then is a change on the server, which `apply`
does not overwrite.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from pydantic_core import to_json, to_jsonable_python

from ftrack_orm.studio.mistakes import moment
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
from ftrack_orm.studio.renames import renames_of, with_current_names

Action: TypeAlias = Literal["create", "update", "unlisted"]
Origin: TypeAlias = Literal["file", "server", "both"]


@dataclass(frozen=True, slots=True)
class Applied:
    """The settings of an object when they were applied last.

    Attributes:
        digest: of their values.
        paths: the settings, as `leaves` names them.
        renamed: the day of the first apply that found the object under the new name
            of its ``renamed_from``, as ``2026-11-27``; empty without one.
    """

    digest: str
    paths: tuple[str, ...]
    renamed: str = field(default="", compare=False)


AppliedObjects: TypeAlias = Mapping[tuple[Kind, Key], Applied]
"""The settings applied last, by kind and folded natural key."""


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
        action: the step that makes the server equal to the files. ``"unlisted"``
            objects are only on the server; nothing deletes them.
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
class FinishedRename:
    """A ``renamed_from`` that has no effect any more.

    Attributes:
        title: kind and key of the object.
        former: the former name.
        day: the day of the apply that recorded it, as `Applied` has it.
    """

    title: str
    former: str
    day: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of a comparison.

    Attributes:
        differences: in the order of the kinds, then of the files.
        problems: definitions that no object or several objects match; a plan with
            problems is refused.
        finished_renames: renames that were applied, and that the files still have.
    """

    differences: tuple[Difference, ...]
    problems: tuple[str, ...] = ()
    finished_renames: tuple[FinishedRename, ...] = ()

    @property
    def to_apply(self) -> tuple[Difference, ...]:
        """Return the differences that an apply removes."""
        return tuple(
            difference
            for difference in self.differences
            if difference.action != "unlisted" and difference.origin == "file"
        )

    def selected(self, *, overwrite_server: bool) -> tuple[Difference, ...]:
        """Return the differences to apply, with or without the server's changes."""
        if not overwrite_server:
            return self.to_apply
        return tuple(each for each in self.differences if each.action != "unlisted")

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

    Kinds that the files do not manage are not compared. A name that the files rename is
    equal to its former name wherever another object refers to it.

    Args:
        files: the configuration in the files.
        server: the configuration that `pull_studio` returned.
        applied: the record of the last apply; without it every difference counts as a
            change of the files.
    """
    renames = renames_of(files)
    files = with_current_names(files, renames)
    renamed = with_current_names(server, renames)
    problems: list[str] = []
    differences = [
        difference
        for kind in KINDS
        if kind in files.studio.manage
        for difference in _compare_kind(
            kind,
            files,
            renamed,
            _Records(kind, server, renamed, applied or {}),
            problems,
        )
    ]
    finished = _finished_renames(files, renamed, applied or {})
    return Comparison(tuple(differences), tuple(problems), tuple(finished))


def _finished_renames(
    files: Studio, server: Studio, applied: AppliedObjects
) -> Iterator[FinishedRename]:
    for kind in files.studio.manage:
        found = {folded(each.natural_key) for each in server.definitions(kind)}
        for wanted in files.definitions(kind):
            record = applied.get((kind, folded(wanted.natural_key)))
            former = wanted.former_key
            if (
                former is not None
                and record is not None
                and record.renamed
                and folded(former) not in found
            ):
                yield FinishedRename(wanted.title, former[0] or "", record.renamed)


def applied_record(wanted: Definition) -> Applied:
    """Return the record of a definition whose settings the server has."""
    values = leaves(wanted)
    return Applied(_digest(values), tuple(values))


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
    records: _Records,
    problems: list[str],
) -> Iterator[Difference]:
    found = {folded(each.natural_key): each for each in server.definitions(kind)}
    listed = {folded(each.natural_key) for each in files.definitions(kind)}
    former_keys = [
        each.former_key for each in files.definitions(kind) if each.former_key
    ]
    matched: dict[Key, Definition] = {}
    for wanted in files.definitions(kind):
        match = _match(wanted, found, listed, former_keys, problems)
        if match is None:
            yield _creation(wanted, records)
            continue
        other = matched.setdefault(folded(match.natural_key), wanted)
        if other is not wanted:
            problems.append(
                f"{other.title} and {wanted.title} are both the server's {match.title}."
                " Apply one of them alone; then remove its renamed_from, and apply the"
                " other one."
            )
            continue
        changes = tuple(_changes(wanted, match))
        if changes:
            yield Difference(
                "update",
                kind,
                wanted.natural_key,
                changes,
                records.origin(wanted, match),
                wanted,
                match,
            )
    for key, definition in found.items():
        if key not in matched:
            yield Difference("unlisted", kind, definition.natural_key, found=definition)


def _match(
    wanted: Definition,
    found: Mapping[Key, Definition],
    listed: Collection[Key],
    former_keys: Collection[Key],
    problems: list[str],
) -> Definition | None:
    """Return the server's object for a definition, renamed or not."""
    key, former_key = folded(wanted.natural_key), wanted.former_key
    current = found.get(key)
    if former_key is not None and folded(former_key) != key:
        former = found.get(folded(former_key))
        if key in {folded(each) for each in former_keys}:
            problems.append(
                f"{wanted.title} takes the name of an object that is renamed itself. "
                "Apply that rename first, and remove its renamed_from; two objects "
                "that exchange their names need a third name for a while."
            )
        elif former is not None and current is not None:
            problems.append(
                f"{wanted.title} and {wanted.renamed_from!r} are both on the server. "
                "Remove one there, or remove renamed_from."
            )
        if current is None:
            return former
    if current is None and isinstance(wanted, Attribute) and wanted.project is None:
        others = [each for key, each in found.items() if key not in listed]
        return _project_attribute(wanted, others, problems)
    return current


def _project_attribute(
    wanted: Attribute, found: Iterable[Definition], problems: list[str]
) -> Definition | None:
    """Return the attribute of one project that becomes global (protocol 6.7)."""
    candidates = [
        each
        for each in found
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


def _creation(wanted: Definition, records: _Records) -> Difference:
    changes = tuple(
        SettingChange(name, None, value) for name, value in wanted.settings().items()
    )
    origin = records.origin(wanted, None)
    return Difference(
        "create", wanted.kind, wanted.natural_key, changes, origin, wanted
    )


def _changes(wanted: Definition, found: Definition) -> Iterator[SettingChange]:
    for name in wanted.identity:
        before, after = getattr(found, name), getattr(wanted, name)
        # A renamed object, a name in another case, or an attribute that becomes
        # global. A scope in another case is the same scope.
        is_same = before == after
        if name != wanted.identity[0] or wanted.kind == "setting":
            is_same = _folded(before) == _folded(after)
        if not is_same:
            yield SettingChange(name, before, after)
    there, here = leaves(found), leaves(wanted)
    for name, value in wanted.settings().items():
        # A rule that the files lack, such as that of an object type, is not managed.
        if any(
            there.get(path) != here[path]
            for path in here
            if path.split(_SEPARATOR)[0] == name
        ):
            yield SettingChange(name, getattr(found, name), value)


class _Records:
    """The records of the last apply for the objects of one kind.

    They have the names of that time, which the server has until a rename is applied.
    """

    def __init__(
        self, kind: Kind, server: Studio, renamed: Studio, applied: AppliedObjects
    ) -> None:
        self._kind: Kind = kind
        self._applied = applied
        self._originals = {
            folded(current.natural_key): original
            for original, current in zip(
                server.definitions(kind), renamed.definitions(kind), strict=True
            )
        }

    def origin(self, wanted: Definition, found: Definition | None) -> Origin:
        """Return the side that changed; the server, if it has lost the object."""
        keys = [wanted.natural_key, wanted.former_key]
        servers = [] if found is None else [found]
        if found is not None:
            servers.append(self._originals[folded(found.natural_key)])
            keys.append(servers[-1].natural_key)
        kept = [self._applied.get((self._kind, folded(key))) for key in keys if key]
        record = next((each for each in kept if each is not None), None)
        if record is None or any(_has(each, record) for each in servers):
            return "file"
        return "server" if applied_record(wanted) == record else "both"


def _has(definition: Definition, record: Applied) -> bool:
    there = leaves(definition)
    return _digest({path: there.get(path) for path in record.paths}) == record.digest


# -- values ------------------------------------------------------------------------

_SEPARATOR: Final = "\t"
"""Between the parts of a path; no name of an object type or of a type has it."""

_FOLDED: Final = frozenset({"color", "group", "state"})
UNORDERED: Final = frozenset(
    {"read", "write", "object_types", "task_types", "task_statuses", "version_statuses"}
)
"""Members without a position on the server (protocol 6.6)."""


def leaves(definition: Definition) -> dict[str, Any]:
    """Return each setting by its path, in the form in which values are compared.

    The rules of a project schema have a path for each object type, type and template.
    Names and colors are compared without regard to case. The order of a list counts
    where the server keeps one.
    """
    found: dict[str, Any] = {}
    for name, value in definition.settings().items():
        if name != "shared_with":
            _add_leaves(
                found,
                name,
                to_jsonable_python(value, exclude_none=True),
                isinstance(definition, ProjectSchema),
            )
    return dict(sorted(found.items()))


def _add_leaves(found: dict[str, Any], path: str, value: Any, is_nested: bool) -> None:
    if is_nested and isinstance(value, dict):
        for key, item in value.items():
            _add_leaves(found, f"{path}{_SEPARATOR}{key.casefold()}", item, is_nested)
        return
    found[path] = _comparable(path.rsplit(_SEPARATOR, 1)[-1], value, is_nested)


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _comparable(name: str, value: Any, is_nested: bool) -> Any:
    if isinstance(value, list):
        if name in UNORDERED:
            return sorted(str(item).casefold() for item in value)
        return [item.casefold() for item in value] if is_nested else value
    if isinstance(value, dict):
        return [list(item) for item in value.items()]
    if isinstance(value, str) and name in _FOLDED:
        return value.casefold()
    if isinstance(value, str) and name == "default":
        return moment(value) or value
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _digest(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(to_json(values)).hexdigest()[:12]
