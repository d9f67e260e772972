"""Random programs over two sessions, and the smallest that still fails."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

READS = ("query", "query", "read_link", "read_members", "read_members", "read_metadata")
MEMORY = ("refresh", "expire", "expunge", "expunge_all", "keep_plan")
EDITS = (
    "set_text",
    "set_link",
    "set_link",
    "set_link",
    "move",
    "move",
    "move",
    "join",
    "join",
    "set_metadata",
    "add",
    "add",
    "remove",
)
OUTSIDE = ("edit_copy", "construct")
ENDS = ("commit", "commit", "commit_expected", "roll_back")
AT_ONCE = ("create", "update", "delete", "ensure")

PLAIN = (*READS, *MEMORY, *EDITS, *EDITS, *OUTSIDE, *ENDS, *AT_ONCE)
FAULTY = (*PLAIN, "fault", "fault", "fault", "fault")


class Step(NamedTuple):
    """One step: the session that does it, and three numbers that it chooses by."""

    session: int
    name: str
    a: int
    b: int
    c: int


Program = list[Step]


def random_program(seed: int, names: tuple[str, ...], length: int) -> Program:
    """Return the program of a seed; its last steps commit."""
    random = Random(seed)
    steps = [
        Step(
            int(random.random() < 0.3),
            random.choice(names),
            random.randrange(1000),
            random.randrange(6),
            random.randrange(1000),
        )
        for _ in range(length)
    ]
    return [*steps, Step(0, "commit", 0, 0, 0)]


def shrunk(program: Program, fails: Callable[[Program], bool]) -> Program:
    """Return a part of a failing program that still fails, and no part of it does."""
    size = len(program) // 2
    while size:
        start = 0
        while start < len(program):
            shorter = program[:start] + program[start + size :]
            if fails(shorter):
                program = shorter
            else:
                start += size
        size //= 2
    return program
