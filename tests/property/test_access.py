"""What restricted users find, against a naive reading of whose project a row is in.

Worlds and roles are drawn. The naive reading walks rows as dictionaries, one by one,
and shares nothing with the emulator's SQL.
"""

from __future__ import annotations

from random import Random
from typing import Any, Final, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from ftrack_orm.emulator.access.access import Access, Grant, access_of
from ftrack_orm.emulator.query_engine.evaluator import QueryEvaluator
from ftrack_orm.emulator.query_engine.parser import parse_query
from ftrack_orm.emulator.query_engine.response_encoder import ResponseEncoder
from ftrack_orm.emulator.storage.storage import Storage
from tests.support.schemas import recorded

Row: TypeAlias = dict[str, Any]

SEEDS: Final = 150
NAMES: Final = ("a", "b", "c")
# Own words, so that the naive reading knows the roles by nothing but their place.
ROLES: Final = ("worker", "manager")


class World:
    """Rows by type, every link going to any project at all."""

    def __init__(self, random: Random) -> None:
        self.rows: dict[str, list[Row]] = {}
        self._random = random
        for _ in range(random.randint(1, 4)):
            key = self._key("Project")
            private = random.choice((True, False, None))
            self.add("Project", id=key, project_id=key, is_private=private)
        for _ in range(random.randint(0, 6)):
            project_id = self.some("Project")
            parent_id = random.choice(
                [
                    project_id,
                    *(
                        t["id"]
                        for t in self.rows.get("Task", ())
                        if t["project_id"] == project_id
                    ),
                ]
            )
            self.add("Task", project_id=project_id, parent_id=parent_id)
        for _ in range(random.randint(0, 3)):
            self.add(
                "Asset", project_id=self.some("Project", "nothing"), context_id=None
            )
        for _ in range(random.randint(0, 4)):
            asset = random.choice(
                self.rows.get("Asset") or [{"id": None, "project_id": None}]
            )
            self.add(
                "AssetVersion",
                asset_id=asset["id"],
                project_id=asset["project_id"],
                task_id=self.some("Task", "nothing"),
            )
        for _ in range(random.randint(0, 6)):
            inner = {"container_id": self.some("ContainerComponent", "nothing")}
            outer = {"version_id": self.some("AssetVersion", "nothing")}
            kind = random.choice(("FileComponent", "ContainerComponent"))
            self.add(kind, **random.choice((inner, outer)))
        self._attach()

    def _attach(self) -> None:
        random = self._random
        for _ in range(random.randint(0, 6)):
            answered = {"in_reply_to_id": self.some("Note", "nothing")}
            parents = ("Task", "AssetVersion", "Project", "nothing")
            filed = {
                "parent_id": self.some(*parents),
                "project_id": self.some("Project", "nothing", "nothing"),
            }
            self.add("Note", **random.choice((answered, filed)))
        for _ in range(random.randint(0, 8)):
            owners = (
                "Task",
                "AssetVersion",
                "FileComponent",
                "ContainerComponent",
                "Note",
                "User",
            )
            self.add("Metadata", parent_id=self.some(*owners), key=self._key("key"))
        for _ in range(random.randint(0, 4)):
            self.add("Timelog", context_id=self.some("Task", "Project", "nothing"))
            self.add(
                "TypedContextLink", from_id=self.some("Task"), to_id=self.some("Task")
            )
            self.add(
                "AssetVersionLink",
                from_id=self.some("AssetVersion"),
                to_id=self.some("AssetVersion"),
            )
        for _ in range(random.randint(0, 3)):
            self.add("TypedContextList", project_id=self.some("Project"))
            self.add(
                "ListObject",
                list_id=self.some("TypedContextList"),
                entity_id=self.some("Task"),
            )

    def add(self, entity_type: str, **values: Any) -> None:
        """Add a row of that type."""
        key = self._key(entity_type)
        named = {"name": self._random.choice(NAMES)}
        own = {} if entity_type == "Metadata" else {"id": key}
        if entity_type not in (
            "AssetVersion",
            "Note",
            "Metadata",
            "ListObject",
            "TypedContextLink",
            "AssetVersionLink",
        ):
            own |= named
        self.rows.setdefault(entity_type, []).append({**own, **values})

    def some(self, *kinds: str) -> str | None:
        """Return the id of a row of one of these types, at times that of none."""
        kind = self._random.choice(kinds)
        found = [row["id"] for row in self.rows.get(kind, ())]
        return self._random.choice(found) if found else None

    def _key(self, entity_type: str) -> str:
        return f"{entity_type}-{self._random.getrandbits(40):010x}"

    def find(self, key: str | None) -> tuple[str, Row] | None:
        """Return the row of an id and its type."""
        for kind, rows in self.rows.items():
            for row in rows:
                if key is not None and row.get("id") == key:
                    return kind, row
        return None

    # -- the naive reading -------------------------------------------------------

    def project_of(self, key: str | None) -> str | None:
        """Return the first project that a row leads to, ``None`` for no project."""
        found = self.find(key)
        if found is None:
            return None
        return next((each for each in self.projects(*found) if each), None)

    def projects(self, kind: str, row: Row) -> list[str | None]:
        """Return where a row belongs, at each of its ends."""
        held: tuple[str | None, ...]
        match kind:
            case "Project" | "Task" | "Asset" | "AssetVersion" | "TypedContextList":
                return [row["project_id"]]
            case "FileComponent" | "ContainerComponent":
                held = (row.get("version_id"), row.get("container_id"))
            case "Note":
                held = (row.get("parent_id"), row.get("in_reply_to_id"))
                return [row.get("project_id"), *map(self.project_of, held)]
            case "Metadata":
                held = (row["parent_id"],)
            case "Timelog":
                held = (row["context_id"],)
            case "ListObject":
                held = (row["list_id"], row["entity_id"])
            case _:
                held = (row["from_id"], row["to_id"])
        return [self.project_of(each) for each in held]

    def is_visible(self, kind: str, row: Row, grants: list[Grant]) -> bool:
        """Return whether somebody with these roles may read a row."""
        return all(
            project is None or self.is_granted(project, grants)
            for project in self.projects(kind, row)
        )

    def is_granted(self, project_id: str, grants: list[Grant]) -> bool:
        """Return whether one of the roles is on a project."""
        found = self.find(project_id)
        assert found is not None
        is_open = not found[1]["is_private"]
        return any(
            project_id in grant.project_ids or (grant.is_open and is_open)
            for grant in grants
        )


def draw_grants(random: Random, world: World) -> list[Grant]:
    ids = [row["id"] for row in world.rows["Project"]]
    return [
        Grant(
            random.choice(ROLES),
            random.random() < 0.3,
            frozenset(random.sample(ids, random.randint(0, len(ids)))),
        )
        for _ in range(random.randint(0, 2))
    ]


QUERIES: Final = {
    "AssetVersion": ("", "version is_not 3", "asset.name is a"),
    "AssetVersionLink": ("",),
    "ContainerComponent": ("", "name in (a, b)"),
    "FileComponent": ("", "name is_not a"),
    "Asset": ("", "name is a"),
    "ListObject": ("",),
    "Metadata": ("", "key is_not nothing"),
    "Note": ("", "content is none"),
    "Project": ("", "name is a or name is b"),
    "Task": ("", "name is_not a", "project.name is a", "parent.name in (a, c)"),
    "Timelog": ("", "name is a"),
    "TypedContextLink": ("",),
    "TypedContextList": ("", "project.name is_not b"),
}


@pytest.fixture(scope="module")
def storage() -> Storage:
    return Storage(recorded())


@settings(
    max_examples=SEEDS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
def test_a_restricted_user_finds_what_all_find_and_it_may_read(
    storage: Storage, seed: int
) -> None:
    random = Random(seed)
    world = World(random)
    grants = draw_grants(random, world)
    access = access_of(
        grants, unrestricted=frozenset({"all"}), managing=frozenset({"manager"})
    )
    storage.reset()
    with storage.transaction() as connection:
        for kind, rows in world.rows.items():
            for row in rows:
                storage.insert(connection, kind, row)
    for kind, conditions in QUERIES.items():
        visible = {
            key_of(row)
            for row in world.rows.get(kind, ())
            if world.is_visible(kind, row, grants)
        }
        for condition in conditions:
            text = f"{kind} where {condition}" if condition else kind
            every = found(storage, text, Access(is_unrestricted=True))
            assert found(storage, text, access) == [
                key for key in every if key in visible
            ], text


def found(storage: Storage, text: str, access: Access) -> list[object]:
    """Return the keys of the rows that an expression finds."""
    with storage.transaction() as connection:
        rows, _ = QueryEvaluator(storage).query(
            connection, parse_query(text), ResponseEncoder(), access=access
        )
    return [key_of(row) for row in rows]


def key_of(row: Row) -> object:
    return row["id"] if "id" in row else (row["parent_id"], row["key"])
