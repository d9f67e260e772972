"""The comparison of the eight jobs, on a small production."""

from __future__ import annotations

import pytest

from tests.benchmarks.job_cases import lines_of
from tests.benchmarks.jobs import measure


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_migrations_leave_nothing_over_and_lose_nothing() -> None:
    figures = measure(4)

    assert len(figures) == 8
    for name, (ours, official) in figures.items():
        assert (name, ours.extra, ours.lost, ours.again) == (name, 0, 0, 0)
        assert min(ours.requests, official.requests, official.lines) > 0
    # The scripts: schemas are created again, values and copies are lost.
    assert figures["copy project schemas"][1].extra > 0
    assert figures["move values"][1].lost > 0
    assert figures["duplicate a sequence"][1].lost > 0


def test_lines_count_neither_comments_nor_docstrings() -> None:
    source = '"""Title.\n\nText.\n"""\n\n# A comment.\nx = 1\n\n\ndef f() -> str:\n'
    source += '    """Return."""\n    return "a"  # again\n'

    assert lines_of(source) == 3
