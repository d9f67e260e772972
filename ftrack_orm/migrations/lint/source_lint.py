"""Findings about the code of revisions; nothing is imported and no server is asked."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ftrack_orm.migrations.finding import Finding
from ftrack_orm.migrations.lint.unrepeatable import dotted, unrepeatable_reads
from ftrack_orm.migrations.lint.variable_types import variable_types


@dataclass(frozen=True)
class RevisionSource:
    """The code of a revision.

    Attributes:
        name: the id of the revision.
        path: its file, for messages.
        source: the text of the file.
        needs: the ids that it needs, those of its needs included.
        is_applied: whether a server has it.
    """

    name: str
    path: str
    source: str
    needs: frozenset[str] = frozenset()
    is_applied: bool = False


def lint_sources(
    revisions: Sequence[RevisionSource], is_model_package: Callable[[str], bool]
) -> list[Finding]:
    """Return the findings about the code of some revisions.

    Args:
        revisions: the revisions.
        is_model_package: whether a module name is a package of generated models.
    """
    findings: list[Finding] = []
    for revision in revisions:
        tree = ast.parse(revision.source)
        findings += _unrepeatable_reads(revision, tree)
        if revision.is_applied:
            findings += _live_models(revision, tree, is_model_package)
    findings += _contested_writes([each for each in revisions if not each.is_applied])
    return findings


def changed_revisions(
    digests: Mapping[str, str], applied: Mapping[str, str]
) -> list[Finding]:
    """Return a finding for each applied revision whose meaning has changed.

    Args:
        digests: the digest of each revision now, by id.
        applied: the digest of each revision when it was applied.
    """
    return [
        Finding(
            "FM108",
            "warn",
            f"{name} was changed after it was applied; servers that have it keep the "
            "old result. Restore it, and write the change as a new revision: "
            "ftrack-orm migrate new",
        )
        for name, digest in digests.items()
        if applied.get(name, digest) != digest
    ]


# -- FM105 -------------------------------------------------------------------------


def _unrepeatable_reads(revision: RevisionSource, tree: ast.Module) -> list[Finding]:
    return [
        Finding(
            "FM105",
            "warn",
            f"{function} reads {source}, so that two plans differ. "
            "Take it as a parameter: def up(plan, *, since: date)",
            f"{revision.path}:{line}",
        )
        for function, source, line in unrepeatable_reads(tree)
    ]


# -- FM106 -------------------------------------------------------------------------


def _live_models(
    revision: RevisionSource,
    tree: ast.Module,
    is_model_package: Callable[[str], bool],
) -> Iterator[Finding]:
    for name, line in imported_packages(tree, is_model_package):
        yield Finding(
            "FM106",
            "stop",
            f"{revision.name} is applied. {by_name(name)}, then run `ftrack-orm "
            f"migrate freeze {revision.name}`.",
            f"{revision.path}:{line}",
        )
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and not node.level
            and node.module is not None
            and is_model_package(node.module)
        ):
            yield Finding(
                "FM106",
                "stop",
                f"{revision.name} is applied and imports {node.module}, whose schema "
                f"moves on. Run `ftrack-orm migrate freeze {revision.name}`.",
                f"{revision.path}:{node.lineno}",
            )


def imported_packages(
    tree: ast.Module, is_model_package: Callable[[str], bool]
) -> Iterator[tuple[str, int]]:
    """Yield the packages of models that are imported whole, and the lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if is_model_package(alias.name):
                    yield alias.name, node.lineno


def by_name(package: str) -> str:
    """Return the advice for a package that is imported whole."""
    return (
        f"Its models cannot be frozen while it has `import {package}`: import the "
        f"entity classes by name, as in `from {package} import Shot`"
    )


# -- FM107 -------------------------------------------------------------------------


class Written(NamedTuple):
    """An attribute that some code assigns.

    Attributes:
        owner: the entity class, ``""`` where the code does not show it.
        name: as in ``task.status``; custom attributes as in
            ``custom_attributes["cut_no"]``.
    """

    owner: str
    name: str

    def is_of(self, other: Written) -> bool:
        """Return whether both may be the same attribute of one entity."""
        owners = {self.owner, other.owner}
        return self.name == other.name and (
            len(owners) == 1 or "" in owners or bool(owners & _BASES)
        )


_BASES: Final = frozenset(
    {"Component", "Context", "CustomConfigurationBase", "List", "TypedContext"}
)
"""Classes of entities that may be instances of another class, too."""


def _contested_writes(pending: Sequence[RevisionSource]) -> Iterator[Finding]:
    writes = [(each, written_attributes(each.source)) for each in pending]
    for index, (first, written) in enumerate(writes):
        for second, others in writes[index + 1 :]:
            shared = sorted(
                {one.name for one in written for other in others if one.is_of(other)}
            )
            if not shared or first.name in second.needs or second.name in first.needs:
                continue
            yield Finding(
                "FM107",
                "stop",
                f"{first.name} and {second.name} both write {', '.join(shared)}, in "
                f'no order. Add needs=["{first.name}"] to {second.name}.',
                second.path,
            )


def written_attributes(source: str) -> frozenset[Written]:
    """Return the attributes and custom attribute keys that some code assigns.

    Only literal keys are found.
    """
    tree = ast.parse(source)
    types = variable_types(tree)
    written: set[Written] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            written.update(_targets(node.targets, types))
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            written.update(_targets([node.target], types))
        elif isinstance(node, ast.Delete):
            written.update(_targets(node.targets, types))
        elif isinstance(node, ast.Call):
            written.update(_values_key(node))
    return frozenset(written)


def _targets(
    targets: Iterable[ast.expr], types: Mapping[str, str]
) -> Iterator[Written]:
    for target in targets:
        if isinstance(target, ast.Tuple):
            yield from _targets(target.elts, types)
        elif isinstance(target, ast.Attribute):
            if dotted(target.value) != "self":
                yield Written(_owner(target.value, types), target.attr)
        elif isinstance(target, ast.Subscript) and isinstance(
            target.slice, ast.Constant
        ):
            mapped = target.value
            if isinstance(mapped, ast.Attribute):
                name = f'{mapped.attr}["{target.slice.value!s}"]'
                yield Written(_owner(mapped.value, types), name)


def _owner(node: ast.expr, types: Mapping[str, str]) -> str:
    return types.get(node.id, "") if isinstance(node, ast.Name) else ""


def _values_key(node: ast.Call) -> Iterator[Written]:
    """Yield the key of a call of `Planner.values`."""
    is_values = isinstance(node.func, ast.Attribute) and node.func.attr == "values"
    if is_values and node.args and isinstance(node.args[0], ast.Constant):
        key = node.args[0].value
        owners = [each.value for each in node.keywords if each.arg == "of"]
        owners += node.args[1:2]
        owner = owners[0] if owners else None
        if isinstance(key, str):
            name = f'custom_attributes["{key}"]'
            yield Written(owner.id if isinstance(owner, ast.Name) else "", name)
