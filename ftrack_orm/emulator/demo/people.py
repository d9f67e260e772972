"""The people of the demo: departments, and as many artists as the work needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from ftrack_orm.emulator.demo import names
from ftrack_orm.emulator.demo.rows import Rows
from ftrack_orm.emulator.seed.planter import seeded_id
from ftrack_orm.emulator.stock import studio

Person: TypeAlias = tuple[str, str, str, str]
"""Username, first name, last name and department."""


def user_id(username: str) -> str:
    """Return the id of a user."""
    # Without the number of a production: all productions share their people.
    return seeded_id("User", username)


def group_id(department: str) -> str:
    """Return the id of the group of a department."""
    return seeded_id("Group", department)


def people_for(needed: Mapping[str, int]) -> list[Person]:
    """Return the people for a number of workers in each department.

    The people of a smaller production are the first of a larger one.

    Args:
        needed: number of workers by department.
    """
    people: list[Person] = list(names.PEOPLE)
    for department in sorted({person[3] for person in names.PEOPLE}):
        present = sum(1 for person in names.PEOPLE if person[3] == department)
        more = _more_people(department)
        people += [next(more) for _ in range(needed.get(department, 0) - present)]
    return people


def _more_people(department: str) -> Iterator[Person]:
    """Yield an endless series of people; their usernames are unique to a department."""
    number = 0
    offset = len(department)
    while True:
        first = names.FIRST_NAMES[(number + offset) % len(names.FIRST_NAMES)]
        last = names.LAST_NAMES[
            (number // len(names.FIRST_NAMES) + number * 7) % len(names.LAST_NAMES)
        ]
        number += 1
        yield (
            f"{first}.{last}.{department[:2]}{number}".lower(),
            first,
            last,
            department,
        )


def crew_of(people: list[Person]) -> dict[str, list[str]]:
    """Return usernames by department."""
    crew: dict[str, list[str]] = {}
    for username, _, _, department in people:
        crew.setdefault(department, []).append(username)
    return crew


def make_people(rows: Rows, people: list[Person]) -> None:
    """Add the people, and their departments, unless the storage has them."""
    usernames = [username for username, _, _, _ in people]
    users = rows.planter.find_where("User", username=usernames)
    present = {row["username"] for row in users}
    if not present:
        _make_groups(rows)
    for username, first_name, last_name, department in people:
        if username in present:
            continue
        rows.add(
            "User",
            id=user_id(username),
            username=username,
            first_name=first_name,
            last_name=last_name,
            email=f"{username}@example.com",
            resource_type="user",
            is_active=True,
            user_type_id=studio.DEFAULT_USER_TYPE,
            api_key=f"emulator-{username}-key",
        )
        rows.add(
            "Membership",
            id=seeded_id("Membership", username),
            group_id=group_id(department),
            user_id=user_id(username),
        )
        is_manager = username == names.COORDINATOR
        rows.add(
            "UserSecurityRole",
            id=seeded_id("UserSecurityRole", username),
            user_id=user_id(username),
            security_role_id=(
                studio.PROJECT_MANAGER_ROLE if is_manager else studio.USER_ROLE
            ),
            is_all_projects=True,
            is_all_open_projects=True,
        )


def _make_groups(rows: Rows) -> None:
    for department in sorted({person[3] for person in names.PEOPLE}):
        rows.add(
            "Group",
            id=group_id(department),
            name=department,
            resource_type="group",
            local=True,
        )
