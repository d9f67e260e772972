"""A configuration that is pulled, applied elsewhere and pulled again is equal."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.studio.diff import compare
from ftrack_orm.studio.model import KINDS, Studio
from ftrack_orm.studio.planning import plan_studio
from ftrack_orm.studio.pull import pull_studio
from ftrack_orm.studio.toml_files import load_studio
from ftrack_orm.studio.toml_writing import dump_studio
from tests.support.studio_servers import (
    fill_required,
    open_session,
    rows_of,
    write_rounds,
)
from tests.support.transports import CuttingTransport


@pytest.fixture(scope="module")
def source() -> Iterator[Emulator]:
    """Return a server with the standard configuration and two more attributes."""
    with Emulator(seed="standard") as emulator:
        yield emulator


@pytest.fixture(scope="module")
def configured(source: Emulator) -> Studio:
    """Return the configuration of `source`."""
    with open_session(source) as session:
        return pull_studio(session)


def empty_server(source: Emulator) -> Emulator:
    """Return an emulator with only what no client can create."""
    emulator = Emulator(seed="empty")
    with open_session(source) as first, open_session(emulator) as second:
        fill_required(first, second)
    return emulator


def pulled(emulator: Emulator) -> Studio:
    """Return the configuration of an emulator."""
    with open_session(emulator) as session:
        return pull_studio(session)


def test_a_pull_is_one_request(source: Emulator) -> None:
    with open_session(source) as session:
        session.select(session.model("Status")).first()
        before = len(source.calls)
        studio = pull_studio(session)
        assert len(source.calls) - before == 1
    assert {"Approved", "In progress"} <= {each.name for each in studio.status}


def test_results_that_the_server_cuts_are_read_to_their_end(
    source: Emulator, configured: Studio
) -> None:
    transport = CuttingTransport(source.transport())
    with Session(transport=transport, check_schema="ignore") as session:
        assert pull_studio(session) == configured


def test_a_configuration_applied_to_an_empty_server_is_equal(
    source: Emulator, configured: Studio
) -> None:
    with empty_server(source) as target:
        assert write_rounds(target, configured) <= 3
        assert pulled(target) == configured


def test_the_files_of_a_configuration_hold_no_id(
    configured: Studio, tmp_path: Path
) -> None:
    dump_studio(configured, tmp_path)
    text = "".join(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    assert re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text) is None
    assert compare(load_studio(tmp_path), configured).differences == ()


def test_a_server_that_is_half_there_gets_the_rest(
    source: Emulator, configured: Studio
) -> None:
    with empty_server(source) as target:
        half = configured.only(["object_type", "status", "priority"])
        write_rounds(target, half)
        assert write_rounds(target, configured) <= 3
        assert pulled(target) == configured


def test_a_second_plan_is_empty(source: Emulator, configured: Studio) -> None:
    with open_session(source) as session:
        before = len(source.calls)
        assert plan_studio(session, configured).changes == 0
        assert all(
            operation["action"]
            in ("query", "query_server_information", "query_schemas")
            for call in source.calls[before:]
            for operation in call.operations
        )


# -- random studios ----------------------------------------------------------------

NAMES = st.lists(
    st.text("abcé✨ '\"-_09", min_size=1, max_size=8).map(str.strip).filter(bool),
    min_size=1,
    max_size=4,
    unique_by=str.casefold,
)
ROLES = st.sampled_from([["*"], ["Administrator"], []])


@st.composite
def studios(draw: st.DrawFn) -> Studio:
    """Return a small configuration whose parts refer to each other."""
    statuses, types = draw(NAMES), draw(NAMES)
    members = st.lists(st.sampled_from(statuses), unique=True)
    type_members = st.lists(st.sampled_from(types), unique=True)
    attribute_types = st.sampled_from(["text", "number", "boolean", "date", "url"])
    attributes: list[dict[str, Any]] = [
        {
            "key": key,
            "label": key,
            "type": draw(attribute_types),
            "sort": index,
            "read": draw(ROLES),
            "write": draw(ROLES),
            **draw(st.sampled_from([{"hierarchical": True}, {"on": "Shot"}])),
        }
        for index, key in enumerate(draw(NAMES))
    ]
    options = draw(st.dictionaries(st.sampled_from(list("xyz")), st.text(max_size=5)))
    attributes.append(
        {
            "key": "Enumerator",
            "label": "Enumerator",
            "on": "Shot",
            "type": "enumerator",
            "options": options,
            "multiple": draw(st.booleans()),
            "default": list(options)[:1],
        }
    )
    schemas: list[dict[str, Any]] = [
        {
            "name": name,
            "object_types": ["Task", "Milestone", "Shot"],
            "task_types": draw(type_members),
            "task_statuses": draw(members),
            "version_statuses": draw(members),
            "of": {"Shot": {"statuses": draw(members), "types": draw(type_members)}},
            "override": draw(
                st.dictionaries(
                    st.sampled_from(types),
                    st.fixed_dictionaries({"task_statuses": members}),
                    max_size=2,
                )
            ),
            "template": draw(
                st.dictionaries(
                    st.sampled_from(["Shot", "Asset"]),
                    st.fixed_dictionaries(
                        {"task_types": st.lists(st.sampled_from(types), max_size=4)}
                    ),
                )
            ),
        }
        for name in draw(NAMES)
    ]
    states = st.sampled_from(["NOT_STARTED", "IN_PROGRESS", "DONE", "BLOCKED"])
    return Studio.model_validate(
        {
            "object_type": [
                {"name": name} for name in ("Task", "Milestone", "Shot", "Sequence")
            ],
            "status": [
                {"name": name, "state": draw(states), "sort": index, "color": "#123456"}
                for index, name in enumerate(statuses)
            ],
            "type": [{"name": name, "sort": i} for i, name in enumerate(types)],
            "attribute": attributes,
            "project_schema": schemas,
        }
    )


EXAMPLES = int(os.environ.get("FTRACK_ORM_RANDOM_STUDIOS", "5"))


def test_random_configurations_round_trip(source: Emulator) -> None:
    with empty_server(source) as target:
        # Object types change the schema, which takes longest: they stay.
        names = ("Task", "Milestone", "Shot", "Sequence")
        write_rounds(
            target,
            Studio.model_validate({"object_type": [{"name": name} for name in names]}),
        )
        empty = target.snapshot()

        @settings(max_examples=EXAMPLES)
        @given(studios())
        def check(wanted: Studio) -> None:
            target.restore(empty)
            assert write_rounds(target, wanted) <= 3
            there = pulled(target)
            assert compare(wanted, there).to_apply == ()
            target.restore(empty)
            assert write_rounds(target, there) <= 3
            assert pulled(target) == there

        check()


def test_every_kind_is_pulled(configured: Studio) -> None:
    # Those that the standard configuration lacks have tests of their own.
    missing = {kind for kind in KINDS if not configured.definitions(kind)}
    assert missing <= {"attribute_group", "link_attribute", "setting"}


def test_link_attributes_groups_and_projects_round_trip(source: Emulator) -> None:
    wanted = Studio.model_validate(
        {
            "object_type": [{"name": name} for name in ("Task", "Milestone", "Shot")],
            "attribute_group": [{"name": "Editorial"}],
            "attribute": [
                {
                    "key": "fend",
                    "on": "Shot",
                    "type": "number",
                    "decimal": True,
                    "label": "End",
                    "group": "Editorial",
                    "default": 12.5,
                    "read": ["*"],
                    "write": ["Administrator"],
                }
            ],
            "link_attribute": [
                {
                    "key": "supervisor",
                    "on": "Shot",
                    "to": "User",
                    "label": "Supervisor",
                    "one_to_one": True,
                    "read": ["*"],
                    "write": ["*"],
                }
            ],
        }
    )
    with empty_server(source) as target:
        assert write_rounds(target, wanted) == 1
        assert compare(wanted, pulled(target)).to_apply == ()
        with open_session(target) as session:
            [row] = rows_of(session, "CustomAttributeConfiguration")
            assert json.loads(row.config) == {"isdecimal": True}
            assert row.group.name == "Editorial"
            [link] = rows_of(session, "CustomAttributeLinkConfiguration")
            assert (link.entity_type_to, link.one_to_one) == ("user", True)
