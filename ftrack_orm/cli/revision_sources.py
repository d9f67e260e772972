"""The code of revisions, as the lint of sources reads it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ftrack_orm.migrations.lint.source_lint import RevisionSource
from ftrack_orm.migrations.revision import LoadedModule


def sources_of(
    modules: Sequence[LoadedModule], applied: Collection[str] = ()
) -> Iterator[RevisionSource]:
    """Yield the code of some modules.

    Args:
        modules: revisions and tools.
        applied: the ids of those that are applied.
    """
    needs = {
        module.name: module.revision.needs
        for module in modules
        if module.revision is not None
    }
    for module in modules:
        yield RevisionSource(
            module.name,
            str(module.path),
            module.path.read_text(encoding="utf-8"),
            frozenset(_all_needs(needs.get(module.name, ()), needs)),
            module.name in applied,
        )


def _all_needs(
    names: Iterable[str], needs: Mapping[str, Iterable[str]]
) -> Iterator[str]:
    """Yield names and all that they need, those that are absent included."""
    queue, seen = list(names), set[str]()
    while queue:
        name = queue.pop()
        if name not in seen:
            seen.add(name)
            yield name
            queue.extend(needs.get(name, ()))
