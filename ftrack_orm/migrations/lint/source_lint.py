"""Findings about the code of revisions; nothing is imported and no server is asked."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ftrack_orm.migrations.finding import Finding

_UNREPEATABLE: Final[Mapping[str, str]] = {
    "datetime.now": "the time",
    "datetime.utcnow": "the time",
    "datetime.today": "the time",
    "date.today": "the date",
    "time.time": "the time",
    "uuid.uuid1": "a new id",
    "uuid.uuid4": "a new id",
    "uuid4": "a new id",
    "os.environ": "the environment",
    "os.getenv": "the environment",
    "getenv": "the environment",
}
_UNREPEATABLE_MODULES: Final[Mapping[str, str]] = {
    "random": "a random number",
    "secrets": "a random number",
    "requests": "the network",
    "httpx": "the network",
    "urllib": "the network",
    "socket": "the network",
}


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
    findings = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            source = _unrepeatable(node)
            if source is not None:
                findings.append(
                    Finding(
                        "FM105",
                        "warn",
                        f"{function.name} reads {source}, so that two plans differ. "
                        "Take it as a parameter: def up(plan, *, since: date)",
                        f"{revision.path}:{getattr(node, 'lineno', 1)}",
                    )
                )
    return findings


def _unrepeatable(node: ast.AST) -> str | None:
    if isinstance(node, ast.Subscript | ast.Call):
        target = node.func if isinstance(node, ast.Call) else node.value
        name = _dotted(target)
        # A method of an imported class or module: `datetime.datetime.now`.
        tail = ".".join(name.split(".")[-2:])
        root = name.partition(".")[0]
        if tail in _UNREPEATABLE:
            return _UNREPEATABLE[tail]
        if name.startswith("os.environ"):
            return _UNREPEATABLE["os.environ"]
        if "." in name and root in _UNREPEATABLE_MODULES:
            return _UNREPEATABLE_MODULES[root]
    return None


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        parent = _dotted(node.value)
        return f"{parent}.{node.attr}" if parent else ""
    return ""


# -- FM106 -------------------------------------------------------------------------


def _live_models(
    revision: RevisionSource,
    tree: ast.Module,
    is_model_package: Callable[[str], bool],
) -> Iterator[Finding]:
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


# -- FM107 -------------------------------------------------------------------------


def _contested_writes(pending: Sequence[RevisionSource]) -> Iterator[Finding]:
    writes = [(each, written_names(each.source)) for each in pending]
    for index, (first, names) in enumerate(writes):
        for second, others in writes[index + 1 :]:
            shared = sorted(names & others)
            if not shared or first.name in second.needs or second.name in first.needs:
                continue
            yield Finding(
                "FM107",
                "stop",
                f"{first.name} and {second.name} both write {', '.join(shared)}, in "
                f'no order. Add needs=["{first.name}"] to {second.name}.',
                second.path,
            )


def written_names(source: str) -> frozenset[str]:
    """Return the attributes and custom attribute keys that some code assigns.

    Attributes are named as in ``task.status``; custom attributes as in
    ``custom_attributes["cut_no"]``. Only literal keys are found.
    """
    tree = ast.parse(source)
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            names.update(_targets(node.targets))
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            names.update(_targets([node.target]))
        elif isinstance(node, ast.Delete):
            names.update(_targets(node.targets))
        elif isinstance(node, ast.Call):
            names.update(_values_key(node))
    return frozenset(names)


def _targets(targets: Iterable[ast.expr]) -> Iterator[str]:
    for target in targets:
        if isinstance(target, ast.Tuple):
            yield from _targets(target.elts)
        elif isinstance(target, ast.Attribute):
            yield target.attr
        elif isinstance(target, ast.Subscript) and isinstance(
            target.slice, ast.Constant
        ):
            owner = target.value
            if isinstance(owner, ast.Attribute):
                yield f'{owner.attr}["{target.slice.value!s}"]'


def _values_key(node: ast.Call) -> Iterator[str]:
    """Yield the key of a call of `Planner.values`."""
    is_values = isinstance(node.func, ast.Attribute) and node.func.attr == "values"
    if is_values and node.args and isinstance(node.args[0], ast.Constant):
        key = node.args[0].value
        if isinstance(key, str):
            yield f'custom_attributes["{key}"]'
