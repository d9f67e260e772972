"""Which bytes a request asks for: RFC 9110 (14)."""

from __future__ import annotations

import pytest

from ftrack_orm.emulator.files.ranges import span


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, (200, 0, 250)),
        ("bytes=0-", (206, 0, 250)),
        ("bytes=10-19", (206, 10, 20)),
        ("bytes=240-999", (206, 240, 250)),
        ("bytes=-5", (206, 245, 250)),
        ("bytes=-999", (206, 0, 250)),
        ("bytes=250-", (416, 0, 0)),
        ("bytes=-0", (416, 0, 0)),
        ("bytes=9-5", (400, 0, 0)),
        ("bytes=-", (400, 0, 0)),
        ("lines=1-2", (400, 0, 0)),
        # Who cannot give several ranges gives the whole (14.2).
        ("bytes=0-1,4-5", (200, 0, 250)),
    ],
)
def test_a_range_header_names_bytes(
    header: str | None, expected: tuple[int, int, int]
) -> None:
    asked = {} if header is None else {"range": header}
    found = span(asked, '"t"', 250)
    assert (found.status, found.start, found.end) == expected
