"""Resolve the base of each type, in both forms that servers send (protocol 4.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ftrack_orm.schema.model import EntitySchema
from ftrack_orm.schema.problems import ProblemList

# An older server sends no bases; types that share a table through `alias_for` reveal
# most of them. These families share no table, or share one without classifiers.
# Source: protocol 4.4. The second base is for servers that lack the first (BaseUser).
STANDARD_BASES: Final[Mapping[str, tuple[str, ...]]] = {
    "Project": ("Context",),
    "TypedContext": ("Context",),
    "FileComponent": ("Component",),
    "ContainerComponent": ("Component",),
    "SequenceComponent": ("ContainerComponent",),
    "Group": ("Resource",),
    "BaseUser": ("Resource",),
    "User": ("BaseUser", "Resource"),
    "Collaborator": ("BaseUser", "Resource"),
    "TypedContextList": ("List",),
    "AssetVersionList": ("List",),
    "TypedContextStatusChange": ("StatusChange",),
    "AssetVersionStatusChange": ("StatusChange",),
    "CustomAttributeConfiguration": ("CustomConfigurationBase",),
    "CustomAttributeLinkConfiguration": ("CustomConfigurationBase",),
    "NoteAnnotationComponent": ("NoteComponent",),
    "NoteCategory": ("NoteLabel",),
    "TypedContextStatusRuleGroup": ("StatusRuleGroup",),
    "AssetVersionStatusRuleGroup": ("StatusRuleGroup",),
    **{
        f"{owner}{base}": (base,)
        for owner in (
            "Asset",
            "AssetVersion",
            "Component",
            "Context",
            "Group",
            "List",
            "User",
        )
        for base in ("CustomAttributeLink", "CustomAttributeLinkFrom")
    },
}


def resolve_bases(
    types: Mapping[str, EntitySchema], problems: ProblemList
) -> dict[str, str]:
    """Return the base of every type that has one.

    A base that does not exist or that closes a cycle is omitted and reported.

    Args:
        types: the types by name, in served order; their `base` is not read.
        problems: receives an entry for each such base and each missing attribute.
    """
    if any(entity_schema.mixin is not None for entity_schema in types.values()):
        bases = _mixin_bases(types, problems)
    else:
        bases = _inferred_bases(types)
    _drop_cycles(bases, problems)
    _report_missing_attributes(types, bases, problems)
    return bases


def _mixin_bases(
    types: Mapping[str, EntitySchema], problems: ProblemList
) -> dict[str, str]:
    bases: dict[str, str] = {}
    for name, entity_schema in types.items():
        if entity_schema.mixin is None:
            continue
        base = entity_schema.mixin.get("$ref")
        if not isinstance(base, str):
            problems.error(name, f"$mixin names no base type: {entity_schema.mixin!r}.")
        elif base not in types:
            problems.error(
                name, f"inherits from {base!r}, which does not exist; taken as a root."
            )
        else:
            bases[name] = base
    return bases


def _inferred_bases(types: Mapping[str, EntitySchema]) -> dict[str, str]:
    # The table of TypedContext is named "Task", and there is also a type Task. So a
    # table's owner is the type with a plain alias for it; only without one is it the
    # type of that name.
    by_table: dict[str, str] = {}
    for name, entity_schema in types.items():
        if isinstance(entity_schema.alias_for, str):
            by_table.setdefault(entity_schema.alias_for, name)
    bases: dict[str, str] = {}
    for name, entity_schema in types.items():
        base: str | None
        if isinstance(entity_schema.alias_for, Mapping):
            base = by_table.get(entity_schema.table, entity_schema.table)
        else:
            base = _standard_base(entity_schema, types)
        if base is not None and base in types and base != name:
            bases[name] = base
    return bases


def _standard_base(
    entity_schema: EntitySchema, types: Mapping[str, EntitySchema]
) -> str | None:
    for candidate in STANDARD_BASES.get(entity_schema.name, ()):
        base = types.get(candidate)
        if (
            base is not None
            and base.attributes.keys() <= entity_schema.attributes.keys()
        ):
            return candidate
    return None


def _drop_cycles(bases: dict[str, str], problems: ProblemList) -> None:
    # Sorted, so that the result does not depend on the served order.
    for name in sorted(bases):
        chain = _chain(name, bases)
        if chain[-1] == name and len(chain) > 1:
            problems.error(
                name,
                f"inherits from itself ({' < '.join(chain)}); taken as a root.",
            )
            del bases[name]


def _chain(name: str, bases: Mapping[str, str]) -> list[str]:
    """Return `name` and its bases, nearest first, up to the first repeated name."""
    chain = [name]
    while (base := bases.get(chain[-1])) is not None:
        if base in chain:
            return [*chain, base]
        chain.append(base)
    return chain


def _report_missing_attributes(
    types: Mapping[str, EntitySchema], bases: Mapping[str, str], problems: ProblemList
) -> None:
    for name, base in bases.items():
        attributes = types[name].attributes
        missing = [
            inherited
            for inherited in types[base].attributes
            if inherited not in attributes
        ]
        if missing:
            problems.warn(name, f"lacks {_quoted_names(missing)} of its base {base}.")


def _quoted_names(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
