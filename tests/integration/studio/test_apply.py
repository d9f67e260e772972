"""Configurations are applied through runs: three sides, renames, shared workflows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.migration_runs import (
    RunStoppedError,
    StalePlanError,
    UnknownRunError,
)
from ftrack_orm.errors.studio import StudioNotSettledError, StudioPlanError
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.runs import apply, interrupted_runs, resume
from ftrack_orm.studio import planning
from ftrack_orm.studio.applying import apply_studio
from ftrack_orm.studio.diff import compare
from ftrack_orm.studio.planning import plan_studio
from ftrack_orm.studio.pull import pull_server, pull_studio
from ftrack_orm.studio.report import as_text
from ftrack_orm.types import Reply, Transport
from tests.support.cut_transport import CutTransport, Killed
from tests.support.migration_plans import (
    connect,
    fast_options,
    history_of,
    ready,
)
from tests.support.studio_servers import applied, rows_of, studio
from tests.support.transports import PassingTransport


@pytest.fixture
def session() -> Iterator[Session]:
    """Return a session on a standard server that has a history."""
    with Emulator(seed="standard") as emulator, ready(emulator) as session:
        yield session


def test_a_second_apply_sends_nothing(session: Session) -> None:
    wanted = studio(status=[{"name": "On air", "state": "DONE", "color": "#112233"}])
    assert applied(session, wanted).changes == 1
    assert len(applied(session, wanted).runs) == 0
    status = {row.name: row for row in rows_of(session, "Status")}["On air"]
    assert (status.color, status.state.short, status.is_active) == (
        "#112233",
        "DONE",
        True,
    )


def test_a_rename_keeps_the_object(session: Session) -> None:
    before = {row.name: row.id for row in rows_of(session, "Status")}
    wanted = studio(
        status=[{"name": "Pending review", "renamed_from": "Pending Review"}]
    )
    applied(session, wanted)
    session.refresh(*rows_of(session, "Status"))
    after = {row.name: row.id for row in rows_of(session, "Status")}
    assert after["Pending review"] == before["Pending Review"]
    assert applied(session, wanted).changes == 0


@pytest.mark.parametrize("name", ["Pending Review", "In review"])
def test_a_renamed_status_keeps_its_place_in_the_schemas(
    session: Session, name: str
) -> None:
    studio = pull_studio(session)
    statuses = tuple(
        each.model_copy(update={"name": "In review", "renamed_from": each.name})
        if each.name == "Pending Review"
        else each
        for each in studio.status
    )
    schemas = tuple(
        each.model_copy(
            update={
                "task_statuses": tuple(
                    name if status == "Pending Review" else status
                    for status in each.task_statuses or ()
                )
            }
        )
        for each in studio.project_schema
    )
    renamed = studio.model_copy(update={"status": statuses, "project_schema": schemas})

    assert [each.kind for each in compare(renamed, studio).differences] == ["status"]
    applied(session, renamed)

    server = pull_server(session)
    assert compare(renamed, server.studio, server.applied).differences == ()
    assert plan_studio(session, renamed).changes == 0


ATTRIBUTE = {"key": "tier", "type": "text", "label": "Tier"}


@pytest.mark.parametrize("is_current", [True, False])
def test_a_rename_is_followed_by_what_refers_to_the_object(
    session: Session, is_current: bool
) -> None:
    """The custom attributes of a renamed object type stay, with their values."""
    applied(
        session,
        studio(
            attribute_group=[{"name": "Editorial"}],
            attribute=[{**ATTRIBUTE, "on": "Shot", "group": "Editorial"}],
            link_attribute=[
                {"key": "plates", "on": "Shot", "to": "Shot", "label": "Plates"}
            ],
            status=[{"name": "Approved"}],
            project_schema=[{"name": "VFX", "task_statuses": ["Approved"]}],
        ),
    )
    before = {row.id for row in rows_of(session, "CustomAttributeConfiguration")}
    scope, group, status = (
        ("Plan", "Cutting", "Signed off")
        if is_current
        else ("Shot", "Editorial", "Approved")
    )
    wanted = studio(
        object_type=[{"name": "Plan", "renamed_from": "Shot"}],
        attribute_group=[{"name": "Cutting", "renamed_from": "Editorial"}],
        attribute=[{**ATTRIBUTE, "on": scope, "group": group, "label": "Quality"}],
        link_attribute=[{"key": "plates", "on": scope, "to": scope, "label": "Plate"}],
        status=[{"name": "Signed off", "renamed_from": "Approved"}],
        project_schema=[{"name": "VFX", "task_statuses": [status, "Completed"]}],
    )
    applied(session, wanted, accepts=["FM207"])
    server = pull_server(session)
    assert compare(wanted, server.studio, server.applied).to_apply == ()
    assert compare(wanted, server.studio, server.applied).conflicts == ()
    assert before == {
        row.id for row in rows_of(session, "CustomAttributeConfiguration")
    }
    [tier] = [each for each in server.studio.attribute if each.key == "tier"]
    assert (tier.on, tier.group, tier.label) == ("Plan", "Cutting", "Quality")
    assert applied(session, wanted).runs == ()


def test_the_day_of_a_rename_is_recorded_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = studio(status=[{"name": "In review", "renamed_from": "Pending Review"}])
    for day in ("2024-05-06", "2024-06-07"):
        monkeypatch.setattr(planning, "now", lambda day=day: f"{day}T08:00:00Z")
        applied(session, wanted)
    server = pull_server(session)
    assert server.applied["status", ("in review",)].renamed == "2024-05-06"
    assert len(applied(session, wanted).runs) == 0
    [rename] = server.compare(wanted).finished_renames
    assert (rename.former, rename.day) == ("Pending Review", "2024-05-06")
    assert "FM209 status 'In review' was renamed" in as_text(server.compare(wanted))
    # Without the line the object has no rename.
    wanted = studio(status=[{"name": "In review"}])
    applied(session, wanted)
    assert pull_server(session).applied["status", ("in review",)].renamed == ""
    assert len(applied(session, wanted).runs) == 0


def test_what_only_the_server_changed_is_left_alone(session: Session) -> None:
    wanted = studio(status=[{"name": "Approved", "color": "#111111"}])
    applied(session, wanted)
    [approved] = [row for row in rows_of(session, "Status") if row.name == "Approved"]
    session.update("Status", [approved.id], {"color": "#222222"})

    assert applied(session, wanted).changes == 0
    server = pull_server(session)
    [conflict] = compare(wanted, server.studio, server.applied).conflicts
    assert conflict.origin == "server"

    both = studio(status=[{"name": "Approved", "color": "#333333"}])
    server = pull_server(session)
    [conflict] = compare(both, server.studio, server.applied).conflicts
    assert conflict.origin == "both"
    assert applied(session, both).changes == 0

    assert applied(session, both, overwrite_server=True).changes > 0
    assert {each.name: each.color for each in pull_studio(session).status}[
        "Approved"
    ] == "#333333"


def test_absence_deletes_nothing(session: Session) -> None:
    before = pull_studio(session)
    applied(session, studio(status=[{"name": "Approved", "state": "DONE"}]))
    assert pull_studio(session) == before


def test_members_of_a_workflow_are_added_and_removed(session: Session) -> None:
    names = ["Not started", "Approved"]
    wanted = studio(
        project_schema=[
            {
                "name": "VFX",
                "task_statuses": names,
                "of": {"Shot": {"statuses": ["Omitted", "Completed"]}},
                "override": {"Animation": {"task_statuses": ["Approved"]}},
                "template": {"Shot": {"task_types": ["Layout", "Layout", "FX"]}},
            }
        ]
    )
    applied(session, wanted)
    [vfx] = [each for each in pull_studio(session).project_schema if each.name == "VFX"]
    assert vfx.task_statuses == ("Approved", "Not started")
    assert vfx.of is not None
    assert vfx.of["Shot"].statuses == ("Omitted", "Completed")
    assert vfx.override is not None
    assert vfx.override["Animation"].task_statuses == ("Approved",)
    assert vfx.template is not None
    assert vfx.template["Shot"].task_types == ("FX", "Layout", "Layout")
    assert applied(session, wanted).changes == 0


NEW_SCHEMA = {
    "name": "Commercials",
    "object_types": ["Task", "Milestone", "Shot"],
    "task_types": ["FX"],
    "task_statuses": ["Approved"],
    "of": {"Shot": {"statuses": ["Omitted", "Completed"]}},
    "override": {"FX": {"task_statuses": ["Completed"]}},
}


def test_a_new_schema_gets_all_its_settings_in_two_rounds(session: Session) -> None:
    wanted = studio(project_schema=[NEW_SCHEMA])
    assert len(applied(session, wanted).runs) == 2
    server = pull_server(session)
    assert compare(wanted, server.studio, server.applied).to_apply == ()
    assert compare(wanted, server.studio, server.applied).conflicts == ()
    assert applied(session, wanted).runs == ()


def test_an_apply_that_ended_after_its_first_round_goes_on(session: Session) -> None:
    wanted = studio(project_schema=[NEW_SCHEMA])
    rounds: list[Plan] = []

    def end_before_the_second(plan: Plan) -> None:
        rounds.append(plan)
        if len(rounds) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        applied(session, wanted, confirm=end_before_the_second)
    server = pull_server(session)
    [difference] = compare(wanted, server.studio, server.applied).to_apply
    assert {each.name for each in difference.changes} == {"object_types", "of"}
    assert len(applied(session, wanted).runs) == 1
    assert compare(wanted, pull_studio(session)).to_apply == ()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"object_types": ["Shto"]}, "no object_type 'Shto'"),
        ({"of": {"Shto": {"types": ["FX"]}}}, "no object_type 'Shto'"),
        ({"of": {"Shot": {"statuses": ["Aproved"]}}}, "no status 'Aproved'"),
        ({"of": {"Shot": {"types": ["F"]}}}, "no type 'F'"),
    ],
)
def test_an_unknown_name_of_a_new_schema_is_refused_in_its_first_round(
    session: Session, settings: dict[str, Any], message: str
) -> None:
    before = pull_studio(session)
    with pytest.raises(StudioPlanError, match=message):
        applied(session, studio(project_schema=[{"name": "New", **settings}]))
    assert pull_studio(session) == before


def test_changes_that_a_server_cannot_make_in_place_are_refused(
    session: Session,
) -> None:
    wanted = studio(attribute=[{"key": "fstart", "on": "Shot", "type": "text"}])
    with pytest.raises(StudioPlanError, match=r"FM202.*--recipe retype"):
        applied(session, wanted)


WITH_NEW_OBJECTS = {
    "status": [{"name": "On air", "state": "DONE"}],
    "project_schema": [{"name": "News", "task_statuses": ["On air"]}],
}


@pytest.mark.parametrize("is_first", [True, False])
def test_a_plan_is_stale_once_another_apply_has_ended(
    session: Session, is_first: bool
) -> None:
    """Two people plan and apply the same files: each object is created once."""
    if not is_first:
        applied(session, studio(status=[{"name": "Approved", "state": "DONE"}]))
    wanted = studio(**WITH_NEW_OBJECTS)
    with plan_studio(session, wanted) as late, plan_studio(session, wanted) as early:
        apply(session, early, options=fast_options())
        with pytest.raises(
            StalePlanError, match=r"has applied the studio .*`ftrack-orm studio plan`"
        ):
            apply(session, late, options=fast_options())
    names = [row.name for row in rows_of(session, "Status")]
    assert names.count("On air") == 1
    assert applied(session, wanted).changes == 0


def test_a_refused_run_cannot_go_on_after_another_apply(tmp_path: Path) -> None:
    wanted = studio(**WITH_NEW_OBJECTS)
    with Emulator(seed="standard") as emulator, ready(emulator) as session:
        user = emulator.add_user("weak")
        transport = emulator.transport(user["api_user"], user["api_key"])
        with (
            connect(emulator, transport) as weak,
            pytest.raises(RunStoppedError, match="may not create"),
        ):
            applied(weak, wanted, plans=tmp_path)
        [run] = interrupted_runs(history_of(session))
        assert applied(session, wanted).changes > 0
        history = history_of(session)
        assert interrupted_runs(history) == []
        assert (history.run(run) or {})["state"] == "superseded"
        with pytest.raises(UnknownRunError, match="its state is superseded"):
            resume(session, run, folder=tmp_path, options=fast_options())
        names = [row.name for row in rows_of(session, "Status")]
        assert names.count("On air") == 1


class Overtaken(PassingTransport):
    """Calls a function before the first request that writes."""

    def __init__(self, inner: Transport, call: Callable[[], object]) -> None:
        super().__init__(inner)
        self._calls = [call]

    def reply_to(self, body: bytes, send: Callable[[], Reply]) -> Reply:
        """Return the reply."""
        if b'"create"' in body and self._calls:
            self._calls.pop()()
        return send()


def test_a_plan_is_stale_once_another_apply_ends_before_its_lock() -> None:
    wanted = studio(**WITH_NEW_OBJECTS)
    with Emulator(seed="standard") as emulator, ready(emulator) as other:
        transport = Overtaken(emulator.transport(), lambda: applied(other, wanted))
        with (
            connect(emulator, transport) as late,
            pytest.raises(StalePlanError, match="changed the history"),
        ):
            applied(late, wanted)
        assert [row.name for row in rows_of(other, "Status")].count("On air") == 1
        assert history_of(other).lock is None


def test_an_unknown_name_is_refused_before_anything_is_written(
    session: Session,
) -> None:
    before = pull_studio(session)
    wanted = studio(
        status=[{"name": "New", "state": "DONE"}],
        project_schema=[{"name": "VFX", "task_statuses": ["Aproved"]}],
    )
    with pytest.raises(StudioPlanError, match="no status 'Aproved'"):
        applied(session, wanted)
    assert pull_studio(session) == before


def test_a_server_that_changes_the_values_back_is_named(
    session: Session,
) -> None:
    wanted = studio(status=[{"name": "Approved", "color": "#123456"}])

    def change_back(event: Mapping[str, Any]) -> None:
        if event["event"] == "end":
            rows = rows_of(session, "Status")
            [key] = [row.id for row in rows if row.name == "Approved"]
            session.update("Status", [key], {"color": "#000000"})

    with pytest.raises(StudioNotSettledError, match="Approved"):
        apply_studio(
            session,
            wanted,
            overwrite_server=True,
            options=fast_options(on_event=change_back),
        )


@pytest.mark.parametrize("cut", range(3, 9))
def test_a_killed_apply_is_resumed_from_the_folder_of_plans(
    tmp_path: Path, cut: int
) -> None:
    """The plan is kept before the run begins, so that no kill loses it."""
    wanted = studio(status=[{"name": "On air", "state": "DONE", "color": "#112233"}])
    with Emulator(seed="standard") as emulator:
        ready(emulator).close()
        dying = connect(emulator, CutTransport(emulator.transport(), cut, "after"))
        with pytest.raises(Killed):
            applied(dying, wanted, plans=tmp_path)
        session = connect(emulator)
        for run in interrupted_runs(history_of(session)):
            resume(session, run, folder=tmp_path, by_force=True, options=fast_options())
        applied(session, wanted)
        names = [row.name for row in rows_of(session, "Status")]
        assert names.count("On air") == 1
