"""Which type inherits from which, in both forms that servers send (protocol 4.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ftrack_orm.schema.model import EntitySchema
from ftrack_orm.schema.problems import ProblemList

# An older server flattens its types and says bases only by tables shared through
# `alias_for`. These families share no table, or share one without classifiers, so
# their inheritance is stated here. Source: protocol 4.4. A second base is the one
# an older server has in place of the first, which came later (BaseUser).
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

    A base that does not exist or that closes a cycle is left out and reported.

    Args:
        types: the types by name, in served order; their `base` is not read.
        problems: receives what is odd.
    """
    if any(entity_type.mixin is not None for entity_type in types.values()):
        bases = _stated_bases(types, problems)
    else:
        bases = _inferred_bases(types)
    _drop_cycles(bases, problems)
    _report_lacking_attributes(types, bases, problems)
    return bases


def _stated_bases(
    types: Mapping[str, EntitySchema], problems: ProblemList
) -> dict[str, str]:
    bases: dict[str, str] = {}
    for name, entity_type in types.items():
        if entity_type.mixin is None:
            continue
        base = entity_type.mixin.get("$ref")
        if not isinstance(base, str):
            problems.error(name, f"$mixin names no base type: {entity_type.mixin!r}.")
        elif base not in types:
            problems.error(
                name, f"inherits from {base!r}, which does not exist; taken as a root."
            )
        else:
            bases[name] = base
    return bases


def _inferred_bases(types: Mapping[str, EntitySchema]) -> dict[str, str]:
    # TypedContext has the table "Task" to itself by a plain alias, and a type is
    # called Task as well: the alias decides, the name only where no alias does.
    by_table: dict[str, str] = {}
    for name, entity_type in types.items():
        if isinstance(entity_type.alias_for, str):
            by_table.setdefault(entity_type.alias_for, name)
    bases: dict[str, str] = {}
    for name, entity_type in types.items():
        base: str | None
        if isinstance(entity_type.alias_for, Mapping):
            base = by_table.get(entity_type.table, entity_type.table)
        else:
            base = _standard_base(entity_type, types)
        if base is not None and base in types and base != name:
            bases[name] = base
    return bases


def _standard_base(
    entity_type: EntitySchema, types: Mapping[str, EntitySchema]
) -> str | None:
    for candidate in STANDARD_BASES.get(entity_type.name, ()):
        base = types.get(candidate)
        if base is not None and base.attributes.keys() <= entity_type.attributes.keys():
            return candidate
    return None


def _drop_cycles(bases: dict[str, str], problems: ProblemList) -> None:
    # In order of names, so that the same one is left out whatever order they come in.
    for name in sorted(bases):
        chain = _chain(name, bases)
        if chain[-1] == name and len(chain) > 1:
            problems.error(
                name,
                f"inherits from itself ({' < '.join(chain)}); taken as a root.",
            )
            del bases[name]


def _chain(name: str, bases: Mapping[str, str]) -> list[str]:
    """Return the names from `name` upwards, ending where one comes up again."""
    chain = [name]
    while (base := bases.get(chain[-1])) is not None:
        if base in chain:
            return [*chain, base]
        chain.append(base)
    return chain


def _report_lacking_attributes(
    types: Mapping[str, EntitySchema], bases: Mapping[str, str], problems: ProblemList
) -> None:
    for name, base in bases.items():
        own = types[name].attributes
        lacking = [
            inherited for inherited in types[base].attributes if inherited not in own
        ]
        if lacking:
            problems.warn(name, f"lacks {_listed(lacking)} of its base {base}.")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
