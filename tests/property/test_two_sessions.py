"""Random programs over two sessions, faults included, against plain rows.

A program that fails is made shorter until every step of it matters, and shown.
"""

from __future__ import annotations

import os

import pytest

from tests.support.session_programs.production import Production
from tests.support.session_programs.program import (
    FAULTY,
    PLAIN,
    Program,
    random_program,
    shrunk,
)
from tests.support.session_programs.run import failure

PROGRAMS = int(os.environ.get("FTRACK_ORM_PROGRAMS", "2000"))
LENGTH = 10
BLOCKS = 8

PRODUCTION = Production()

KINDS = {
    "one writer": (PLAIN, True),
    "two writers": (PLAIN, False),
    "one writer with faults": (FAULTY, True),
    "two writers with faults": (FAULTY, False),
}
"""The steps of a program, and whether one session alone writes to the server.

Memory is compared with the server after every write where it has one writer.
"""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block", range(BLOCKS))
def test_memory_and_server_agree(kind: str, block: int) -> None:
    names, one_writer = KINDS[kind]
    count = PROGRAMS // (len(KINDS) * BLOCKS)
    for seed in range(block * count, (block + 1) * count):
        program = random_program(seed, names, LENGTH)
        reason = failure(PRODUCTION, program, seed, one_writer=one_writer)
        if reason:
            pytest.fail(described(program, seed, reason, one_writer=one_writer))


def described(program: Program, seed: int, reason: str, *, one_writer: bool) -> str:
    """Return the shortest program that fails in the same way, step by step."""

    def fails(part: Program) -> bool:
        again = failure(PRODUCTION, part, seed, one_writer=one_writer)
        return again[:30] == reason[:30]

    part = shrunk(program, fails)
    reason = failure(PRODUCTION, part, seed, one_writer=one_writer)
    return "\n".join([reason, f"seed {seed}:", *map(str, part)])
