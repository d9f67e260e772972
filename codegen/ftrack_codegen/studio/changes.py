"""Compare two schemas and two configurations of a studio.

A `Difference` states a change in words. A name that a program may no longer use is a
`Broken` name; `scan` finds its uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from ftrack_codegen.studio.identifiers import python_names
from ftrack_codegen.studio.model import (
    VOCABULARY,
    CustomAttribute,
    LinkAttribute,
    ReferenceRow,
    Studio,
    Workflow,
)
from ftrack_codegen.studio.vocabulary import attribute_names
from ftrack_orm.schema.diff import AttributeRemoved, SchemaChange, TypeRemoved
from ftrack_orm.schema.names import class_name, python_name

T = TypeVar("T")

Kind = Literal["added", "removed", "renamed", "changed"]
Form = Literal["type", "attribute", "custom attribute", "choice", "name", "reference"]


@dataclass(frozen=True, slots=True)
class Broken:
    """A name that programs may use and that is no longer valid.

    Attributes:
        form: the kind of the name.
        owner: the entity type of an attribute, the key of a choice, or the variable of
            reference data (``statuses``); ``""`` for a type.
        names: the spellings in a program.
        replacement: the new name, ``""`` if there is none.
    """

    form: Form
    owner: str
    names: tuple[str, ...]
    replacement: str = ""

    def __str__(self) -> str:
        subject = {
            "type": self.names[0],
            "attribute": f"{self.owner}.{self.names[0]}",
            "custom attribute": f"custom attribute {self.names[0]!r}",
            "choice": f"choice {self.names[0]!r} of {self.owner!r}",
            "name": f"name {self.names[0]!r} of {self.owner}",
            "reference": f"{self.owner}.{self.names[0]}",
        }[self.form]
        if self.replacement:
            return f"{subject} was renamed to {self.replacement!r}"
        return f"{subject} was removed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between a package and a server.

    Attributes:
        kind: the kind of the change.
        subject: the type, attribute or row.
        text: the change in words.
        broken: the names that are no longer valid.
    """

    kind: Kind
    subject: str
    text: str
    broken: tuple[Broken, ...] = ()

    def __str__(self) -> str:
        return self.text


def schema_differences(changes: tuple[SchemaChange, ...]) -> Iterator[Difference]:
    """Yield the changes of a schema."""
    for change in changes:
        text = str(change)
        attribute = getattr(change, "attribute", None)
        subject = f"{change.type_name}.{attribute}" if attribute else change.type_name
        kind: Kind = "changed"
        broken: tuple[Broken, ...] = ()
        if isinstance(change, TypeRemoved):
            names = dict.fromkeys((class_name(change.type_name), change.type_name))
            kind, broken = "removed", (Broken("type", "", tuple(names)),)
        elif isinstance(change, AttributeRemoved):
            names = dict.fromkeys((python_name(change.attribute), change.attribute))
            kind = "removed"
            broken = (Broken("attribute", change.type_name, tuple(names)),)
        elif text.partition(": ")[2].startswith(("type added", "attribute added")):
            kind = "added"
        yield Difference(kind, subject, text, broken)


def studio_differences(old: Studio, new: Studio) -> Iterator[Difference]:
    """Yield the changes from one configuration to another."""
    yield from _custom_attribute_differences(old, new)
    yield from _link_differences(old, new)
    for entity_type in VOCABULARY:
        yield from _row_differences(
            entity_type,
            old.reference.get(entity_type, ()),
            new.reference.get(entity_type, ()),
        )
    yield from _workflow_differences(old, new)


def _paired(
    old: tuple[T, ...], new: tuple[T, ...], key: Callable[[T], str]
) -> Iterator[tuple[T | None, T | None]]:
    """Yield the old and the new row of each key, in order of the old rows."""
    former = {key(row): row for row in old}
    current = {key(row): row for row in new}
    for each in dict.fromkeys([*former, *current]):
        yield former.get(each), current.get(each)


# -- custom attributes -------------------------------------------------------


def _custom_attribute_differences(old: Studio, new: Studio) -> Iterator[Difference]:
    keys = {row.key for row in new.custom_attributes}
    for before, after in _paired(
        old.custom_attributes, new.custom_attributes, lambda row: row.id
    ):
        if before is None and after is not None:
            subject = _scope(after, new)
            yield Difference(
                "added", subject, f"{subject}: custom attribute added ({after.type})"
            )
        elif before is not None and after is None:
            subject = _scope(before, old)
            gone = () if before.key in keys else (_broken_key(before.key),)
            yield Difference(
                "removed", subject, f"{subject}: custom attribute removed", gone
            )
        elif before is not None and after is not None:
            yield from _configuration_differences(before, after, old, keys)


def _configuration_differences(
    before: CustomAttribute, after: CustomAttribute, old: Studio, keys: set[str]
) -> Iterator[Difference]:
    subject = _scope(before, old)
    if before.key != after.key:
        gone = () if before.key in keys else (_broken_key(before.key, after.key),)
        text = f"{subject}: custom attribute renamed to {after.key!r}"
        yield Difference("renamed", subject, text, gone)
    removed = [value for value in before.choices if value not in after.choices]
    added = [value for value in after.choices if value not in before.choices]
    for value in removed:
        broken = Broken("choice", before.key, (value,))
        text = f"{subject}: choice {value!r} removed"
        yield Difference("removed", subject, text, (broken,))
    for value in added:
        yield Difference("added", subject, f"{subject}: choice {value!r} added")
    for name in ("label", "type", "default", "is_hierarchical", *_SCOPE_NAMES):
        yield from _facet(subject, name, getattr(before, name), getattr(after, name))


_SCOPE_NAMES: Final = ("entity_type", "object_type_id", "project_id")


def _facet(subject: str, name: str, old: Any, new: Any) -> Iterator[Difference]:
    if old != new:
        text = f"{subject}: {name} changed from {old!r} to {new!r}"
        yield Difference("changed", subject, text)


def _broken_key(key: str, replacement: str = "") -> Broken:
    name = python_names([key])[key]
    names = tuple(dict.fromkeys(each for each in (key, name) if each))
    return Broken("custom attribute", "", names, replacement)


def _scope(row: CustomAttribute | LinkAttribute, studio: Studio) -> str:
    """Return the name of a configuration: its scope and its key."""
    object_types = {
        each.id: each.name for each in studio.reference.get("ObjectType", ())
    }
    owner = object_types.get(row.object_type_id or "", row.entity_type or "all")
    if getattr(row, "is_hierarchical", False):
        owner = "hierarchical"
    project = studio.projects.get(row.project_id or "")
    place = f" in {project}" if project else ""
    return f"{owner}{place}.{row.key}"


def _link_differences(old: Studio, new: Studio) -> Iterator[Difference]:
    keys = {row.key for row in new.custom_attributes} | {row.key for row in new.links}
    for before, after in _paired(old.links, new.links, lambda row: row.id):
        if before is None and after is not None:
            subject = _scope(after, new)
            yield Difference("added", subject, f"{subject}: custom link added")
        elif before is not None and after is None:
            subject = _scope(before, old)
            text = f"{subject}: custom link removed"
            gone = () if before.key in keys else (_broken_key(before.key),)
            yield Difference("removed", subject, text, gone)
        elif before is not None and after is not None and before != after:
            subject = _scope(before, old)
            broken = () if before.key in keys else (_broken_key(before.key, after.key),)
            text = f"{subject}: custom link changed"
            yield Difference("changed", subject, text, broken)


# -- reference data ----------------------------------------------------------


def _row_differences(
    entity_type: str, old: tuple[ReferenceRow, ...], new: tuple[ReferenceRow, ...]
) -> Iterator[Difference]:
    names = {row.name for row in new}
    old_names = attribute_names(old)
    new_names = attribute_names(new)
    current = set(new_names.values())
    variable, *attributes = VOCABULARY[entity_type]
    for before, after in _paired(old, new, lambda row: row.id):
        subject = f"{entity_type} {(before or after or old[0]).name!r}"
        if before is None:
            yield Difference("added", subject, f"{subject}: added")
            continue
        renamed = after is not None and after.name != before.name
        attribute = old_names.get(before.name, "")
        is_lost = bool(attribute) and attribute not in current
        if after is not None and not renamed:
            yield from _value_differences(subject, before, after, attributes)
            if is_lost:
                place = f"{variable}.{attribute}"
                text = f"{subject}: no longer {place}, which other names are too"
                lost = Broken("reference", variable, (attribute,))
                yield Difference("changed", subject, text, (lost,))
            continue
        replacement = after.name if after is not None else ""
        gone: list[Broken] = []
        if before.name not in names:
            gone.append(Broken("name", variable, (before.name,), replacement))
        if is_lost:
            python = new_names.get(replacement, "")
            gone.append(Broken("reference", variable, (attribute,), python))
        text = f"{subject}: renamed to {replacement!r}" if renamed else "removed"
        yield Difference(
            "renamed" if renamed else "removed",
            subject,
            text if renamed else f"{subject}: removed",
            tuple(gone),
        )


def _value_differences(
    subject: str, before: ReferenceRow, after: ReferenceRow, attributes: list[str]
) -> Iterator[Difference]:
    for name in sorted({*before.values, *after.values}):
        old, new = before.values.get(name), after.values.get(name)
        for difference in _facet(subject, name, old, new):
            gone = (
                (Broken("name", f"{subject}.{name}", (str(old),), str(new)),)
                if name in attributes
                else ()
            )
            yield Difference("changed", subject, difference.text, gone)


# -- project schemas ---------------------------------------------------------


def _workflow_differences(old: Studio, new: Studio) -> Iterator[Difference]:
    for before, after in _paired(old.workflows, new.workflows, lambda row: row.id):
        # That a project schema is new or gone is a difference of its row.
        if before is not None and after is not None:
            yield from _allowed(before, after, "statuses", "status")
            yield from _allowed(before, after, "types", "type")


def _allowed(
    before: Workflow, after: Workflow, part: str, word: str
) -> Iterator[Difference]:
    old: Mapping[str, tuple[str, ...]] = getattr(before, part)
    new: Mapping[str, tuple[str, ...]] = getattr(after, part)
    for object_type in sorted({*old, *new}):
        former, current = old.get(object_type, ()), new.get(object_type, ())
        subject = f"ProjectSchema {after.name!r}: {object_type}"
        for name in former:
            if name not in current:
                text = f"{subject} no longer allows the {word} {name!r}"
                yield Difference("removed", subject, text)
        for name in current:
            if name not in former:
                text = f"{subject} now allows the {word} {name!r}"
                yield Difference("added", subject, text)
