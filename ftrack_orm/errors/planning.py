"""Errors of planning a migration, and of revisions."""

from __future__ import annotations

from collections.abc import Sequence

from ftrack_orm.errors.migrations import MigrationError
from ftrack_orm.errors.suggestions import nearest, offer


class PlanningError(MigrationError):
    """A function cannot be planned; nothing was sent."""


class WriteWhilePlanningError(PlanningError):
    """A planning function tried to write; nothing was sent.

    Attributes:
        action: the refused action of the API, such as ``"update"``.
    """

    def __init__(self, action: str) -> None:
        super().__init__(
            f"The action {action!r} was refused, because a plan only reads. Edit "
            "entities and leave the sending to `apply`; a call of another system "
            "belongs in plan.effect()."
        )
        self.action = action


class LateEditError(PlanningError):
    """An entity was edited after its changes had been taken into the plan.

    Attributes:
        entity: the entity, as text.
    """

    def __init__(self, entity: str) -> None:
        super().__init__(
            f"{entity} was edited after its changes were planned. Edit an entity in "
            "the body of its own loop over plan.each(), or get it with plan.find() or "
            "plan.index(), whose entities can be edited until the function ends."
        )
        self.entity = entity


class ValueKindError(PlanningError):
    """A custom attribute cannot be used as values of the requested kind.

    Attributes:
        key: the key of the custom attribute.
        owner: the entity type.
        found: the type of its configuration, ``""`` if there is no configuration.
    """

    def __init__(
        self, key: str, owner: str, found: str, kind: str, keys: Sequence[str] = ()
    ) -> None:
        if found:
            message = (
                f"The custom attribute {key!r} of {owner} has the type {found}, whose "
                f"values are no {kind}. Pass another kind to plan.values()."
            )
        else:
            message = (
                f"{owner} has no custom attribute {key!r}.{offer(nearest(key, keys))}"
            )
        super().__init__(message)
        self.key = key
        self.owner = owner
        self.found = found


class ParameterError(PlanningError):
    """Parameters do not fit the signature of a planning function.

    Attributes:
        problems: one line for each parameter.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        lines = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(
            f"The parameters cannot be used:{lines}\nPass --set NAME=VALUE."
        )
        self.problems = tuple(problems)


class RevisionError(MigrationError):
    """A revision, or the set of revisions, cannot be used."""


class RevisionFileError(RevisionError):
    """The file of a revision or tool cannot be used.

    Attributes:
        path: the file or folder.
        reason: why it cannot be used.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class UnknownRevisionError(RevisionError):
    """There is no revision of that name, or several begin with it.

    Attributes:
        name: the id or its beginning.
        candidates: the ids that begin with it.
    """

    def __init__(
        self, name: str, ids: Sequence[str], candidates: Sequence[str] = ()
    ) -> None:
        if candidates:
            message = f"{name!r} is short for {', '.join(candidates)}. Add characters."
        else:
            message = (
                f"There is no revision {name!r}.{offer(nearest(name, ids))} "
                "`ftrack-orm migrate status` lists the revisions."
            )
        super().__init__(message)
        self.name = name
        self.candidates = tuple(candidates)


class MissingRevisionError(RevisionError):
    """A revision needs another that is not in the folder.

    Attributes:
        revision: the id of the revision.
        needs: the missing ids.
    """

    def __init__(self, revision: str, needs: Sequence[str]) -> None:
        super().__init__(
            f"The revision {revision} needs {', '.join(needs)}, which is not in the "
            "folder. Add its file, or correct `needs`."
        )
        self.revision = revision
        self.needs = tuple(needs)


class RevisionCycleError(RevisionError):
    """Revisions need each other.

    Attributes:
        cycle: the ids along the circle; the first is also the last.
    """

    def __init__(self, cycle: Sequence[str]) -> None:
        super().__init__(
            f"Revisions need each other: {' -> '.join(cycle)}. Remove one from `needs`."
        )
        self.cycle = tuple(cycle)
