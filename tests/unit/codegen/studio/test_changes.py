from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from ftrack_codegen.studio.changes import Broken, Difference, studio_differences
from ftrack_codegen.studio.model import (
    CustomAttribute,
    LinkAttribute,
    ReferenceRow,
    Studio,
    Workflow,
)

FSTART = CustomAttribute(
    id="a", key="fstart", label="First", type="number", entity_type="task", default=1
)
QUALITY = CustomAttribute(
    id="b", key="quality", type="enumerator", entity_type="task", choices=("a", "b")
)
APPROVED = ReferenceRow("s", "Approved", {"color": "#1"})
STUDIO = Studio(
    custom_attributes=(FSTART, QUALITY),
    links=(LinkAttribute(id="l", key="lead", entity_type="task"),),
    reference={"Status": (APPROVED,)},
    workflows=(
        Workflow(id="w", name="VFX", statuses={"Shot": ("Approved", "Omitted")}),
    ),
)


def differences(new: Studio) -> list[Difference]:
    return list(studio_differences(STUDIO, new))


def test_the_same_configuration_has_no_differences() -> None:
    assert differences(Studio.from_json(STUDIO.to_json())) == []


CHANGES: Mapping[str, tuple[Studio, str, tuple[Broken, ...]]] = {
    "attribute removed": (
        replace(STUDIO, custom_attributes=(QUALITY,)),
        "task.fstart: custom attribute removed",
        (Broken("custom attribute", "", ("fstart",)),),
    ),
    "attribute added": (
        replace(
            STUDIO,
            custom_attributes=(
                FSTART,
                QUALITY,
                CustomAttribute(id="c", key="x", type="text", entity_type="show"),
            ),
        ),
        "show.x: custom attribute added (text)",
        (),
    ),
    "attribute renamed": (
        replace(STUDIO, custom_attributes=(replace(FSTART, key="start"), QUALITY)),
        "task.fstart: custom attribute renamed to 'start'",
        (Broken("custom attribute", "", ("fstart",), "start"),),
    ),
    "type changed": (
        replace(STUDIO, custom_attributes=(replace(FSTART, type="text"), QUALITY)),
        "task.fstart: type changed from 'number' to 'text'",
        (),
    ),
    "default changed": (
        replace(STUDIO, custom_attributes=(replace(FSTART, default=2), QUALITY)),
        "task.fstart: default changed from 1 to 2",
        (),
    ),
    "choice removed": (
        replace(STUDIO, custom_attributes=(FSTART, replace(QUALITY, choices=("a",)))),
        "task.quality: choice 'b' removed",
        (Broken("choice", "quality", ("b",)),),
    ),
    "link removed": (
        replace(STUDIO, links=()),
        "task.lead: custom link removed",
        (Broken("custom attribute", "", ("lead",)),),
    ),
    "status removed": (
        replace(STUDIO, reference={"Status": ()}),
        "Status 'Approved': removed",
        (
            Broken("name", "statuses", ("Approved",)),
            Broken("reference", "statuses", ("approved",)),
        ),
    ),
    "status renamed": (
        replace(STUDIO, reference={"Status": (replace(APPROVED, name="Signed off"),)}),
        "Status 'Approved': renamed to 'Signed off'",
        (
            Broken("name", "statuses", ("Approved",), "Signed off"),
            Broken("reference", "statuses", ("approved",), "signed_off"),
        ),
    ),
    "case of a status changed": (
        replace(STUDIO, reference={"Status": (replace(APPROVED, name="APPROVED"),)}),
        "Status 'Approved': renamed to 'APPROVED'",
        (Broken("name", "statuses", ("Approved",), "APPROVED"),),
    ),
    "colour changed": (
        replace(STUDIO, reference={"Status": (replace(APPROVED, values={}),)}),
        "Status 'Approved': color changed from '#1' to None",
        (),
    ),
    "status no longer allowed": (
        replace(
            STUDIO,
            workflows=(Workflow(id="w", name="VFX", statuses={"Shot": ("Approved",)}),),
        ),
        "ProjectSchema 'VFX': Shot no longer allows the status 'Omitted'",
        (),
    ),
}


@pytest.mark.parametrize(
    ("new", "text", "broken"), CHANGES.values(), ids=CHANGES.keys()
)
def test_each_change_is_one_difference_in_words(
    new: Studio, text: str, broken: tuple[Broken, ...]
) -> None:
    [difference] = differences(new)
    assert (str(difference), difference.broken) == (text, broken)


def test_a_key_that_another_type_still_has_breaks_no_line() -> None:
    other = replace(FSTART, id="z", object_type_id="o")
    old = replace(STUDIO, custom_attributes=(FSTART, other))
    new = replace(STUDIO, custom_attributes=(FSTART,))
    [difference] = studio_differences(old, new)
    assert (difference.kind, difference.broken) == ("removed", ())


@pytest.mark.parametrize("name", ["Approved!", "approved", "Approved"])
def test_a_row_that_loses_its_attribute_to_another_is_a_difference(name: str) -> None:
    rows = (APPROVED, ReferenceRow("t", name))
    lost, added = differences(replace(STUDIO, reference={"Status": rows}))
    assert lost.text == (
        "Status 'Approved': no longer statuses.approved, which other names are too"
    )
    assert lost.broken == (Broken("reference", "statuses", ("approved",)),)
    assert added.text == f"Status {name!r}: added"


def test_a_key_that_another_link_still_has_breaks_no_line() -> None:
    [link] = STUDIO.links
    old = replace(STUDIO, links=(link, replace(link, id="m", entity_type="user")))
    for removed in (STUDIO, replace(STUDIO, links=(replace(link, id="n"),))):
        for difference in studio_differences(old, removed):
            assert difference.broken == ()


def test_a_difference_states_what_a_name_became() -> None:
    assert [
        str(broken)
        for broken in (
            Broken("type", "", ("Image",)),
            Broken("attribute", "Shot", ("grade",)),
            Broken("choice", "quality", ("low",)),
            Broken("name", "statuses", ("Approved",), "Signed off"),
            Broken("reference", "statuses", ("approved",), "signed_off"),
        )
    ] == [
        "Image was removed",
        "Shot.grade was removed",
        "choice 'low' of 'quality' was removed",
        "name 'Approved' of statuses was renamed to 'Signed off'",
        "statuses.approved was renamed to 'signed_off'",
    ]
