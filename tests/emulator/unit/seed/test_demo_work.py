"""The demo production is one that could be: work, time and people agree.

What the seed is asked is the moment at which its production stands, nothing else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Final

from ftrack_orm.emulator import DEMO_NOW
from tests.support.demo_rows import DONE, Rows, assignees, day

TODAY: Final = day(DEMO_NOW)

NOT_STARTED_STATE = "cea0ba04-acb5-11e1-8668-f23c91df1211"
FIRST_STATUS = "44dd9fb2-4164-11df-9218-0019bb4983d8"

WAITING = ("Not started", "Ready to start", "On Hold")

DEPARTMENTS = {
    "Animation": {"Animation"},
    "Compositing": {"Compositing", "Rotoscoping"},
    "FX": {"FX"},
    "Layout": {"Conform", "Layout", "Previz", "Tracking"},
    "Lighting": {"Concept Art", "Lighting", "Lookdev", "Rendering"},
    "Modeling": {"Lookdev", "Modeling", "Texture"},
    "Rigging": {"Rigging"},
}
"""Which types of tasks a department works on."""


def test_nothing_has_happened_after_the_day_of_the_demo(demo_rows: Rows) -> None:
    happened = ("date", "created_at", "completed_at", "last_sent_at", "thread_activity")
    for table in demo_rows.tables.values():
        for row in table:
            for name in happened:
                if row.get(name) is not None:
                    assert row[name] <= DEMO_NOW, (name, row)


def test_dates_are_workdays_within_those_of_the_project(demo_rows: Rows) -> None:
    for row in [*demo_rows.of("Task"), *demo_rows.of("Milestone")]:
        project = demo_rows.the("Context", row["project_id"])
        dates = [row["start_date"], row["end_date"]]
        if row["__type__"] == "Milestone":
            # A milestone is a moment (protocol, appendix A).
            assert dates.pop(0) is None
        for value in dates:
            assert day(value).weekday() < 5
        within = [project["start_date"], *dates, project["end_date"]]
        assert within == sorted(within)
        assert row["created_at"] >= project["created_at"]


def workdays(first: date, last: date) -> int:
    days = (first + timedelta(number) for number in range((last - first).days + 1))
    return sum(each.weekday() < 5 for each in days)


def test_bids_are_eight_hours_for_each_day_of_a_task(demo_rows: Rows) -> None:
    for row in demo_rows.of("Task"):
        days = workdays(day(row["start_date"]), day(row["end_date"]))
        assert row["bid"] == days * 8 * 3600


def test_statuses_fit_the_dates(demo_rows: Rows) -> None:
    status = {row["id"]: row for row in demo_rows.of("Status")}
    found: Counter[str] = Counter()
    for row in demo_rows.of("Task"):
        now = status[row["status_id"]]["state_id"]
        found[now] += 1
        if now == DONE:
            assert day(row["end_date"]) <= TODAY, row
        if day(row["start_date"]) > TODAY:
            assert status[row["status_id"]]["name"] in WAITING, row
    assert found[DONE] > 0
    assert found[NOT_STARTED_STATE] > 0


def test_history_leads_to_the_status_there_is(demo_rows: Rows) -> None:
    histories = demo_rows.grouped("StatusChange", "parent_id")
    for row in demo_rows.of("TypedContext"):
        if row["status_id"] is None:
            assert row["id"] not in histories
            continue
        status = FIRST_STATUS
        moments = [row["created_at"]]
        for change in histories.get(row["id"], ()):
            assert change["__type__"] == "TypedContextStatusChange"
            assert change["parent_type"] == "TypedContext"
            assert change["from_status_id"] == status != change["status_id"]
            status = change["status_id"]
            moments.append(change["date"])
            assert day(change["date"]).weekday() < 5
        assert status == row["status_id"], row
        assert moments == sorted(moments), row
    for row in demo_rows.of("AssetVersion"):
        changes = histories.get(row["id"], [])
        assert [change["status_id"] for change in changes][-1:] in (
            [],
            [row["status_id"]],
        )
        assert all(change["date"] >= row["date"] for change in changes)
        assert all(change["parent_type"] == "AssetVersion" for change in changes)


def test_work_begins_when_what_comes_before_is_done(demo_rows: Rows) -> None:
    status = {row["id"]: row for row in demo_rows.of("Status")}
    between_tasks = 0
    for row in demo_rows.of("TypedContextLink"):
        before = demo_rows.the("Context", row["from_id"])
        after = demo_rows.the("Context", row["to_id"])
        assert before["project_id"] == after["project_id"]
        if before["__type__"] != "Task":
            assert (before["__type__"], after["__type__"]) == ("AssetBuild", "Shot")
            continue
        between_tasks += 1
        assert before["end_date"] < after["start_date"]
        if status[after["status_id"]]["name"] not in ("Not started", "On Hold"):
            assert status[before["status_id"]]["state_id"] == DONE, (before, after)
    assert between_tasks > 60


def test_milestones_are_reached_when_the_work_before_them_is_done(
    demo_rows: Rows,
) -> None:
    status = {row["id"]: row for row in demo_rows.of("Status")}
    types = {row["id"]: row["name"] for row in demo_rows.of("Type")}
    work = defaultdict(list)
    for row in demo_rows.of("Task"):
        parent = demo_rows.the("Context", row["parent_id"])["__type__"]
        is_animation = types[row["type_id"]] == "Animation"
        work[row["project_id"], "delivery"].append(row)
        if parent == "AssetBuild":
            work[row["project_id"], "assets_locked"].append(row)
        elif is_animation:
            work[row["project_id"], "animation_locked"].append(row)
    for row in demo_rows.of("Milestone"):
        tasks = work.get((row["project_id"], row["name"]))
        if tasks is None:
            assert row["name"] == "trailer"
            continue
        done = all(status[task["status_id"]]["state_id"] == DONE for task in tasks)
        assert status[row["status_id"]]["name"] == (
            "Completed" if done else "Not started"
        )
        assert row["end_date"] == max(task["end_date"] for task in tasks)


def test_shots_and_builds_are_as_far_as_their_tasks(demo_rows: Rows) -> None:
    status = {row["id"]: row for row in demo_rows.of("Status")}
    tasks = demo_rows.grouped("Task", "parent_id")
    for row in [*demo_rows.of("Shot"), *demo_rows.of("AssetBuild")]:
        of_tasks = [status[each["status_id"]] for each in tasks[row["id"]]]
        name = status[row["status_id"]]["name"]
        if all(each["state_id"] == DONE for each in of_tasks):
            assert name == "Completed"
        else:
            has_begun = any(each["name"] not in WAITING for each in of_tasks)
            assert name == ("In progress" if has_begun else "Not started")


# -- people ---------------------------------------------------------------------


def test_people_are_assigned_to_tasks_of_their_department(demo_rows: Rows) -> None:
    groups = {row["id"]: row["name"] for row in demo_rows.of("Group")}
    departments = {
        row["user_id"]: groups[row["group_id"]] for row in demo_rows.of("Membership")
    }
    types = {row["id"]: row["name"] for row in demo_rows.of("Type")}
    for context_id, people in assignees(demo_rows).items():
        task = demo_rows.the("Task", context_id)
        for person in people:
            assert types[task["type_id"]] in DEPARTMENTS[departments[person]]


def test_time_is_logged_by_assignees_on_workdays_until_today(demo_rows: Rows) -> None:
    people = assignees(demo_rows)
    days: dict[tuple[str, date], float] = defaultdict(float)
    logged: Counter[str] = Counter()
    for row in demo_rows.of("Timelog"):
        task = demo_rows.the("Task", row["context_id"])
        when = day(row["start"])
        assert when.weekday() < 5
        assert day(task["start_date"]) <= when <= min(TODAY, day(task["end_date"]))
        assert row["user_id"] in people[task["id"]]
        end = datetime.fromisoformat(row["start"]) + timedelta(seconds=row["duration"])
        assert end <= datetime.fromisoformat(DEMO_NOW)
        days[row["user_id"], when] += row["duration"]
        logged[task["id"]] += row["duration"]
    assert max(days.values()) <= 9 * 3600
    state = {row["id"]: row["state_id"] for row in demo_rows.of("Status")}
    for row in demo_rows.of("Task"):
        if state[row["status_id"]] == DONE:
            assert 0.6 * row["bid"] < logged[row["id"]] < 1.2 * row["bid"]
        elif state[row["status_id"]] == NOT_STARTED_STATE:
            assert logged[row["id"]] == 0


def test_leave_is_nobodys_day_of_work(demo_rows: Rows) -> None:
    logs = demo_rows.grouped("Timelog", "user_id")
    resources = demo_rows.grouped("CalendarEventResource", "calendar_event_id")
    leaves = [row for row in demo_rows.of("CalendarEvent") if row["leave"]]
    assert leaves
    for row in leaves:
        people = [each["resource_id"] for each in resources[row["id"]]]
        for person in logs if row["everyone"] else people:
            for log in logs.get(person, ()):
                assert not row["start"] <= log["start"] <= row["end"]
