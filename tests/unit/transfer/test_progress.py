"""The bytes of a transfer, counted and reported to its caller."""

from __future__ import annotations

import threading

import pytest

from ftrack_orm.transfer.progress import ProgressMeter


def meter(total: int | None) -> tuple[ProgressMeter, list[tuple[int, int]]]:
    reports: list[tuple[int, int]] = []

    def on_progress(size: int, total: int) -> None:
        reports.append((size, total))

    return ProgressMeter(on_progress, total), reports


def test_only_more_bytes_are_reported() -> None:
    progress, reports = meter(100)

    for size in (0, 30, 0, -20, 10, 20):  # 0, 30, 30, 10, 20 and 40 bytes
        progress.count(size)
        progress.report()

    assert reports == [(0, 100), (30, 100), (40, 100)]


def test_no_report_exceeds_the_total() -> None:
    progress, reports = meter(100)

    progress.count(150)
    progress.report()
    progress.report()

    assert reports == [(100, 100)]


def test_nothing_is_reported_before_the_total_is_known() -> None:
    progress, reports = meter(None)
    progress.count(10)
    progress.report()
    assert reports == []

    progress.total = 50
    progress.report()
    assert reports == [(10, 50)]


def test_after_a_reset_reports_continue_above_the_last_one() -> None:
    progress, reports = meter(100)

    for size in (60, 20, 60, 80):
        progress.reset(size)
        progress.report()

    assert reports == [(60, 100), (80, 100)]


@pytest.mark.parametrize(
    ("total", "counted", "last"),
    [
        (100, 80, (100, 100)),
        (0, 80, (80, 80)),  # the server sent no size
        (None, 80, (80, 80)),
        (0, 0, (0, 0)),
    ],
)
def test_the_last_report_has_all_bytes(
    total: int | None, counted: int, last: tuple[int, int]
) -> None:
    progress, reports = meter(total)
    progress.count(counted)
    progress.report()

    progress.finish()

    assert reports[-1] == last


def test_an_error_of_the_callback_is_kept_and_raised() -> None:
    error = KeyboardInterrupt()

    def on_progress(size: int, total: int) -> None:
        raise error

    progress = ProgressMeter(on_progress, 100)
    with pytest.raises(KeyboardInterrupt):
        progress.report()

    assert progress.raised is error


def test_bytes_counted_by_several_threads_are_added() -> None:
    progress, reports = meter(4_000)

    def count() -> None:
        for _ in range(1_000):
            progress.count(1)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    progress.report()

    assert reports == [(4_000, 4_000)]
