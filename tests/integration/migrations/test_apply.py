"""Plans are applied, row by row as planned, and nothing else is written."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.migration_runs import (
    PlanRefusedError,
    RunStoppedError,
    StalePlanError,
    TooManyConflictsError,
)
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.planned_change import (
    Missing,
    PlannedChange,
    PlannedEffect,
)
from ftrack_orm.migrations.runs import apply, resume
from ftrack_orm.operations import Update
from tests.support.migration_plans import (
    FSTART,
    connect,
    content,
    create,
    fast_options,
    history_of,
    make_file,
    metadata,
    ready,
    renames,
    tasks_of,
    update,
)


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(seed="demo")


def names_of(session: Session) -> list[str]:
    return [task["name"] for task in tasks_of(session)]


def test_all_units_are_written_and_recorded(emulator: Emulator) -> None:
    session = ready(emulator)
    groups = renames(session)
    plan = make_file(groups, title="names", revision="r1")
    with plan:
        outcome = apply(session, plan, options=fast_options())
        assert outcome.applied == 60
        assert outcome.skipped == 0
        assert plan.runs() == {outcome.run: "applied"}
    assert sum(name.endswith("!") for name in names_of(session)) == 60
    history = history_of(session)
    assert history.lock is None
    assert history.fence(outcome.run) is None
    row = history.run(outcome.run) or {}
    assert (row["state"], row["applied"], row["title"]) == ("applied", 60, "names")
    assert (history.revision("r1") or {})["state"] == "applied"


def test_the_rows_of_a_chunk_are_read_by_the_request_before(emulator: Emulator) -> None:
    session = ready(emulator)
    with make_file(renames(session, 100)) as plan:
        emulator.forget()
        apply(session, plan, options=fast_options())
    # History with a sample, lock, history again, confirmation with the first rows; then
    # the chunks, each cut before the duration of the one before is known, and the end.
    writes = [
        sum(
            operation["action"] in ("update", "create") for operation in call.operations
        )
        for call in emulator.calls
    ]
    assert len(writes) == 10
    assert writes[4:9] == [24 + 1, 24 + 1, 50 + 1, 100 + 1, 2 + 1]


def kinds_of(emulator: Emulator) -> list[set[str]]:
    """Return the entity types that each request created, updated, deleted or read."""
    words = re.compile(r"\bfrom (\w+)")
    kinds: list[set[str]] = []
    for call in emulator.calls:
        names = set()
        for operation in call.operations:
            action = operation["action"]
            if action == "query":
                (name,) = words.findall(operation["expression"])[:1]
            else:
                name = operation.get("entity_type", "")
            names.add(f"{action} {name}".strip())
        kinds.append(names)
    return kinds


def test_a_small_plan_needs_six_requests(emulator: Emulator) -> None:
    session = ready(emulator)
    groups = [
        [update("Task", task["id"], "bid", task["bid"], 9.0)]
        for task in tasks_of(session)[:5]
    ]
    with make_file(groups, revision="r1") as plan:
        emulator.forget()
        outcome = apply(session, plan, options=fast_options())
    history = {"query Metadata", "query Setting"}
    fence = {"delete Metadata", "create Metadata"}
    information = {"query_server_information"}
    assert outcome.requests == 6
    assert kinds_of(emulator) == [
        {*history, *information, "query User", "query Task"},
        {"create Metadata", "create Job"},
        # Once the lock is held, and in a request of its own.
        {*history, "query FileComponent"},
        # The first chunk is compared before its request is sent.
        {*fence, *information, "update Metadata", "query Task"},
        {*fence, *information, "update Task"},
        {"delete Metadata", "update Metadata", "update Job"},
    ]


def test_rows_that_change_after_the_begin_are_conflicts(emulator: Emulator) -> None:
    session = ready(emulator)
    task, other = tasks_of(session)[:2]
    groups = [
        [update("Task", row["id"], "bid", row["bid"], 9.0)] for row in (task, other)
    ]
    with make_file(groups) as plan:
        emulator.faults.pass_on(2)

        def edit() -> None:
            emulator.faults.clear()
            edited = Update("Task", (task["id"],), {"bid": 77.0})
            RunClient(connect(emulator)).send([edited])

        emulator.faults.call_after(edit)
        outcome = apply(session, plan, options=fast_options())
    assert (outcome.applied, outcome.conflicts) == (1, 1)
    bids = {row["id"]: row["bid"] for row in tasks_of(session)}
    assert (bids[task["id"]], bids[other["id"]]) == (77.0, 9.0)


def test_first_rows_that_cannot_be_read_stop_the_run_with_the_reason(
    emulator: Emulator,
) -> None:
    session = ready(emulator)
    rows = RunClient(session).rows("select id, name from AssetBuild order by id")
    groups = [
        [update("AssetBuild", row["id"], "name", row["name"], f"{row['name']}!")]
        for row in rows
    ]
    with make_file(groups) as plan:
        emulator.faults.pass_on(3)
        emulator.faults.call_before(lambda: rename(emulator, "Asset Build", "Thing"))
        with pytest.raises(RunStoppedError, match="lacks AssetBuild"):
            apply(session, plan, options=fast_options())
    assert history_of(session).lock is None


def test_values_that_the_server_has_already_are_not_written(emulator: Emulator) -> None:
    session = ready(emulator)
    groups = renames(session, 10)
    with make_file(groups) as plan, make_file(groups) as copy:
        assert apply(session, plan, options=fast_options()).applied == 10
        before = content(emulator)
        outcome = apply(session, copy, options=fast_options())
    assert (outcome.applied, outcome.already) == (0, 10)
    assert content(emulator) == before


def test_many_conflicts_are_refused_before_the_first_write(emulator: Emulator) -> None:
    session = ready(emulator)
    groups = renames(session)
    before = content(emulator)
    with make_file(
        [*groups[:10], [update("Task", groups[20][0].key, "name", "?", "!")]]
    ) as plan:
        with pytest.raises(TooManyConflictsError, match="Plan again") as caught:
            apply(session, plan, options=fast_options())
        assert (caught.value.conflicts, caught.value.checked) == (1, 11)
    assert content(emulator) == before
    assert history_of(session).runs == {}


def test_units_with_conflicts_are_left_out_whole(emulator: Emulator) -> None:
    session = ready(emulator)
    groups = renames(session, 30)
    task_id = groups[7][0].key[0]
    events: list[Any] = []
    with make_file(groups) as plan:
        session.call(
            [
                {
                    "action": "update",
                    "entity_type": "Task",
                    "entity_key": [task_id],
                    "entity_data": {"name": "edited"},
                }
            ]
        )
        options = fast_options(conflict_limit=1.0, on_event=events.append)
        outcome = apply(session, plan, options=options)
        steps = dict(plan.steps(outcome.run))
    assert (outcome.applied, outcome.conflicts) == (29, 1)
    assert "edited" in outcome.details[0]
    assert "edited" in names_of(session)
    assert [event["unit"] for event in events if event["event"] == "conflict"] == [8]
    assert any("conflict_rows" in record for record in steps.values())
    assert history_of(session).skipped(outcome.run) == [{"conflicts": "8"}]


def test_a_run_can_stop_at_a_conflict_and_continue(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    groups = renames(session, 30)
    task_id = groups[7][0].key[0]
    session.update("Task", task_id, {"name": "edited"})
    with make_file(groups, tmp_path / "a.plan") as plan:
        options = fast_options(conflict_limit=1.0, on_conflict="stop")
        with pytest.raises(RunStoppedError, match="edited") as caught:
            apply(session, plan, options=options)
    assert caught.value.upto == 7
    assert history_of(session).lock is None
    outcome = resume(session, folder=tmp_path, options=fast_options())
    assert (outcome.applied, outcome.conflicts) == (29, 1)


@pytest.mark.parametrize("bad", [0, 17, 29])
def test_a_refused_unit_is_found_by_halving(
    emulator: Emulator, tmp_path: Path, bad: int
) -> None:
    session = ready(emulator)
    groups = renames(session, 30)
    groups[bad].append(create("Task", ("new",), name="orphan", parent_id="missing"))
    with (
        make_file(groups, tmp_path / "a.plan") as plan,
        pytest.raises(RunStoppedError, match=f"unit {bad + 1} ") as caught,
    ):
        apply(session, plan, options=fast_options())
    assert caught.value.upto == bad
    assert "`--on-error skip` leaves it out" in str(caught.value)
    assert sum(name.endswith("!") for name in names_of(session)) == bad
    outcome = resume(session, folder=tmp_path, options=fast_options(on_error="skip"))
    assert (outcome.applied, outcome.refused) == (29, 1)
    assert sum(name.endswith("!") for name in names_of(session)) == 29


def test_custom_values_are_set_and_cleared(emulator: Emulator) -> None:
    session = ready(emulator)
    query = "select value from CustomAttributeValue"
    stored = RunClient(session).rows(query)
    rows = [row for row in stored if row["configuration_id"] == FSTART][:3]
    keys = [(FSTART, row["entity_id"]) for row in rows]
    value_type = "ContextCustomAttributeValue"
    clear = [
        PlannedChange(
            "delete", value_type, key, None, {"value": row["value"]}, Missing.UNSET
        )
        for key, row in zip(keys, rows, strict=True)
    ]
    with make_file([[change] for change in clear]) as plan:
        assert apply(session, plan, options=fast_options()).applied == 3
    assert len(RunClient(session).rows(query)) == len(stored) - 3
    values = [
        update(value_type, key, "value", Missing.UNSET, row["value"])
        for key, row in zip(keys, rows, strict=True)
    ]
    with make_file([[change] for change in values]) as plan:
        assert apply(session, plan, options=fast_options()).applied == 3
    left = RunClient(session).rows(query)
    assert sorted(map(str, left)) == sorted(map(str, stored))


EFFECTS: list[str] = []


def note_effect(text: str) -> None:
    """Record a call, as an effect of a plan."""
    EFFECTS.append(text)


def test_effects_run_before_their_unit(emulator: Emulator) -> None:
    session = ready(emulator)
    groups = renames(session, 3)
    EFFECTS.clear()
    effects = {2: [PlannedEffect(f"{__name__}:note_effect", ("two",))]}
    with make_file(groups, effects=effects) as plan:
        assert apply(session, plan, options=fast_options()).applied == 3
    assert EFFECTS == ["two"]


def test_a_failed_effect_stops_the_run(emulator: Emulator, tmp_path: Path) -> None:
    session = ready(emulator)
    groups = renames(session, 3)
    effects = {2: [PlannedEffect("nowhere:missing")]}
    with (
        make_file(groups, tmp_path / "a.plan", effects=effects) as plan,
        pytest.raises(RunStoppedError, match="nowhere:missing"),
    ):
        apply(session, plan, options=fast_options())
    assert sum(name.endswith("!") for name in names_of(session)) == 0


def test_a_whole_plan_fits_in_one_request(emulator: Emulator) -> None:
    session = ready(emulator)
    options = fast_options(single_request=True)
    with make_file(renames(session)) as plan:
        emulator.forget()
        outcome = apply(session, plan, options=options)
        assert outcome.applied == 60
        # History with a sample, rows, and the write.
        assert len(emulator.calls) == 3
        with pytest.raises(StalePlanError):
            apply(session, plan, options=options)
    before = content(emulator)
    groups = [
        [update("Task", task["id"], "bid", task["bid"], 1.0)]
        for task in tasks_of(session)[:5]
    ]
    groups.append([create("Task", ("new",), name="orphan", parent_id="missing")])
    with make_file(groups) as plan, pytest.raises(StalePlanError, match="refused"):
        apply(session, plan, options=options)
    assert content(emulator) == before


def edit_effect(task: str) -> None:
    """Edit a row of the plan while the effects run, as another person."""
    EFFECTS.append(task)
    SESSIONS[0].update("Task", task, {"name": "edited"})


SESSIONS: list[Session] = []


def test_effects_of_a_single_request(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their failure writes nothing, and rows are compared after them."""
    session = ready(emulator)
    monkeypatch.setattr(f"{__name__}.SESSIONS", [session])
    groups = renames(session, 3)
    task = str(groups[0][0].key[0])
    options = fast_options(single_request=True)
    before = content(emulator)
    with (
        make_file(groups, effects={2: [PlannedEffect("nowhere:missing")]}) as plan,
        pytest.raises(PlanRefusedError, match="effect of unit 2"),
    ):
        apply(session, plan, options=options)
    assert content(emulator) == before
    edit = PlannedEffect(f"{__name__}:edit_effect", (task,))
    with (
        make_file(groups, effects={2: [edit]}) as plan,
        pytest.raises(StalePlanError, match='is "edited", not '),
    ):
        apply(session, plan, options=options)
    assert sum(name.endswith("!") for name in names_of(session)) == 0


def test_a_lost_reply_of_a_single_request_is_recognised(emulator: Emulator) -> None:
    session = ready(emulator)
    with make_file(renames(session)) as plan:
        emulator.faults.pass_on(2)
        emulator.faults.drop_after()
        outcome = apply(session, plan, options=fast_options(single_request=True))
    assert outcome.applied == 60
    with make_file(
        [[metadata("Task", task["id"], "x", "y")] for task in tasks_of(session)[:9]]
    ) as plan:
        emulator.faults.pass_on(2)
        emulator.faults.drop_before(2)
        assert (
            apply(session, plan, options=fast_options(single_request=True)).applied == 9
        )


# -- refusals --------------------------------------------------------------------------


def test_a_revision_without_changes_is_recorded(emulator: Emulator) -> None:
    session = ready(emulator)
    before = content(emulator)
    with make_file([], revision="r1") as plan:
        outcome = apply(session, plan, options=fast_options())
    assert (history_of(session).revision("r1") or {})["run"] == outcome.run
    assert (history_of(session).revision("r1") or {})["state"] == "applied"
    assert history_of(session).lock is None
    assert content(emulator) == before


def test_an_empty_plan_writes_nothing(emulator: Emulator) -> None:
    session = ready(emulator)
    before = len(emulator.dump())
    with make_file([]) as plan:
        assert apply(session, plan, options=fast_options()).run == ""
    assert len(emulator.dump()) == before


def test_a_cancelled_run_ends_between_requests(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    cancel = threading.Event()

    def stop_after_second(event: Any) -> None:
        if event["event"] == "chunk" and event["upto"] > 12:
            cancel.set()

    with make_file(renames(session), tmp_path / "a.plan") as plan:
        options = fast_options(cancel=cancel, on_event=stop_after_second)
        with pytest.raises(RunStoppedError, match="migrate resume") as caught:
            apply(session, plan, options=options)
    assert 12 < caught.value.upto < 60
    assert history_of(session).lock is None
    assert resume(session, folder=tmp_path, options=fast_options()).applied == 60


# -- the schema ------------------------------------------------------------------------


def test_an_added_attribute_does_not_stop_a_run(emulator: Emulator) -> None:
    session = ready(emulator)
    events: list[Any] = []
    with make_file(renames(session)) as plan:
        emulator.faults.pass_on(5)
        emulator.faults.call_before(lambda: add_object_type(emulator, "Prop"))
        outcome = apply(session, plan, options=fast_options(on_event=events.append))
    assert outcome.applied == 60
    assert sum(event["event"] == "schema" for event in events) == 1


def test_a_renamed_type_stops_the_run_until_it_is_restored(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    shots = RunClient(session).rows("select id, name from AssetBuild order by id")
    changes = [
        [update("AssetBuild", row["id"], "name", row["name"], f"{row['name']}!")]
        for row in shots
    ]
    options = fast_options(chunk=3)
    with make_file(changes, tmp_path / "a.plan") as plan:
        emulator.faults.pass_on(5)
        emulator.faults.call_before(lambda: rename(emulator, "Asset Build", "Thing"))
        with pytest.raises(RunStoppedError, match="lacks AssetBuild") as caught:
            apply(session, plan, options=options)
    assert 0 < caught.value.upto < len(changes)
    with pytest.raises(RunStoppedError, match="lacks AssetBuild"):
        resume(session, folder=tmp_path, options=options)
    rename(emulator, "Thing", "Asset Build")
    outcome = resume(session, folder=tmp_path, options=options)
    assert outcome.applied == len(changes)


def add_object_type(emulator: Emulator, name: str) -> None:
    """Add an object type, which is a type of the schema."""
    connect(emulator).create("ObjectType", {"name": name})


def rename(emulator: Emulator, name: str, new: str) -> None:
    """Rename an object type: the type of the schema has the new name."""
    session = connect(emulator)
    rows = RunClient(session).rows("select id, name from ObjectType")
    (type_id,) = (row["id"] for row in rows if row["name"] == name)
    session.update("ObjectType", type_id, {"name": new})
