"""The runs that an undo changes: their states, and the changes that it leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ftrack_orm.migrations.history import History

Effect: TypeAlias = Literal["all", "part", "none"]
"""The changes of a run that no undo has taken back."""

_ENDED = ("applied", "undone")


def undos_of(history: History, run: str) -> list[str]:
    """Return the runs that have undone a run, even those that were undone since."""
    return [
        name
        for name, row in history.runs.items()
        if run in (row.get("undo_of") or ()) and row.get("state") in _ENDED
    ]


def effect_of(history: History, run: str) -> Effect:
    """Return how much of a run the server has, edits by others aside.

    An undo that left units out has taken back a part of its run.
    """
    effect: Effect = "all"
    for undo in undos_of(history, run):
        taken = effect_of(history, undo)
        if taken == "all" and not _left_units_out(history, undo):
            return "none"
        if taken != "none":
            effect = "part"
    return effect


def _left_units_out(history: History, undo: str) -> bool:
    row = history.run(undo) or {}
    return any(int(row.get(name) or 0) for name in ("kept", "conflicts", "refused"))


def partly_undone_runs(history: History, revision: str) -> tuple[str, ...]:
    """Return the runs of a revision that are undone, and whose undo left units.

    Empty for a revision that was marked as pending by hand.
    """
    if history.revision(revision) is None:
        return ()
    return tuple(
        name
        for name, row in sorted(history.runs.items())
        if row.get("revision") == revision
        and row.get("state") == "undone"
        and not row.get("undo_of")
        and effect_of(history, name) == "part"
    )


@dataclass(frozen=True, slots=True)
class UndoStates:
    """The states once an undo has ended.

    Attributes:
        states: the new state of each run, those that the undo names first.
        origin: the runs whose changes are undone or made again, the last one first.
    """

    states: Mapping[str, str]
    origin: tuple[str, ...]

    @classmethod
    def after(cls, history: History, undo_of: Sequence[str]) -> UndoStates:
        """Return the states after the undo of `undo_of`.

        The undo of an undo applies the runs below it again.
        """
        states: dict[str, str] = {}
        runs, state, other = tuple(undo_of), "undone", "applied"
        while True:
            states.update(dict.fromkeys(runs, state))
            below = tuple((history.run(runs[-1]) or {}).get("undo_of") or ())
            if not below or below[0] in states:
                return cls(states, runs)
            runs, state, other = below, other, state

    @property
    def is_applied(self) -> bool:
        """Return whether the changes of the origin are made again."""
        return self.states[self.origin[0]] == "applied"


def redo_obstacle(history: History, undo: str) -> str | None:
    """Return the reason why an undo cannot be undone, or ``None``.

    The changes of a revision that was applied once more are not made a second time.

    Args:
        history: the history.
        undo: the run; any that is no undo has no obstacle here.
    """
    row = history.run(undo) or {}
    revision = row.get("revision")
    if not row.get("undo_of") or revision is None:
        return None
    after = UndoStates.after(history, (undo,))
    former = (history.run(after.origin[-1]) or {}).get("continues")
    expected = {undo, former} if after.is_applied else {after.origin[0]}
    current = (history.revision(str(revision)) or {}).get("run")
    last = former if after.is_applied else after.origin[0]
    later = None if last is None else history.continuation(last)
    if current not in expected or later is not None:
        return f"the revision {revision} was applied again or marked since"
    return None


def dependent_revision(history: History, undo_of: Sequence[str]) -> str | None:
    """Return an applied revision that needs the one that an undo takes away.

    ``None`` also where an earlier run leaves the revision applied.
    """
    after = UndoStates.after(history, undo_of)
    first = history.run(after.origin[-1]) or {}
    if after.is_applied or first.get("continues") is not None:
        return None
    for name, row in history.revisions.items():
        is_applied = row.get("state") in ("applied", "applying")
        if is_applied and first.get("revision") in (row.get("needs") or ()):
            return name
    return None
