"""Every method meets every fault: what leaves the library, and what was applied.

Only documented exceptions leave a method. What a method returns from has been applied
once; what raises anything but `OutcomeUnknownError` has not been applied; no create is
ever applied twice. All over real HTTP.
"""

from __future__ import annotations

import pytest

from ftrack_orm import (
    OutcomeUnknownError,
    Session,
)
from tests.support.fault_matrix import (
    ALWAYS,
    FAULTS,
    ONCE,
    PERMANENT,
    READS,
    UNTRACEABLE,
    WRITES,
    Scene,
    attempt,
    inject,
)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", READS)
def test_a_read_survives_one_fault_that_passes(
    patient: Session, scene: Scene, method: str, fault: str
) -> None:
    inject(patient, scene, fault, ONCE)

    error = attempt(READS[method], patient, scene)

    assert (error is not None) is (fault in PERMANENT)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", READS)
def test_a_read_says_what_does_not_pass_and_can_be_repeated(
    patient: Session, scene: Scene, method: str, fault: str
) -> None:
    inject(patient, scene, fault, ALWAYS)

    assert attempt(READS[method], patient, scene) is not None

    assert attempt(READS[method], patient, scene) is None


@pytest.mark.parametrize("times", [ONCE, ALWAYS], ids=["once", "always"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", WRITES)
def test_a_write_is_applied_once_or_not_at_all_and_says_which(
    patient: Session, scene: Scene, method: str, fault: str, times: int
) -> None:
    act, applied = WRITES[method]
    assert applied(scene) == 0
    inject(patient, scene, fault, times)

    error = attempt(act, patient, scene)

    if error is None:
        assert applied(scene) == 1
    elif isinstance(error, OutcomeUnknownError):
        assert applied(scene) in (0, 1)
    else:
        assert applied(scene) == 0


@pytest.mark.parametrize("times", [ONCE, ALWAYS], ids=["once", "always"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", UNTRACEABLE)
def test_what_leaves_no_trace_is_asked_for_once(
    patient: Session, scene: Scene, method: str, fault: str, times: int
) -> None:
    action, act = UNTRACEABLE[method]
    inject(patient, scene, fault, times)

    attempt(act, patient, scene)

    assert scene.asked(action) == 1


@pytest.mark.parametrize("method", [*READS, *WRITES, *UNTRACEABLE])
def test_a_server_that_is_away_is_said_to_be_and_nothing_is_applied(
    patient: Session, scene: Scene, method: str
) -> None:
    act = READS.get(method)
    if act is None:
        act = WRITES[method][0] if method in WRITES else UNTRACEABLE[method][1]
    scene.emulator.stop()
    try:
        error = attempt(act, patient, scene)
    finally:
        scene.emulator.start()

    assert type(error).__name__ == "ConnectionFailedError"
    if method in WRITES:
        assert WRITES[method][1](scene) == 0
