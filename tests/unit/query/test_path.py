"""What reading attributes on a class gives, and the text its conditions become."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from enum import Enum, IntEnum
from typing import Any

import pytest

from ftrack_models import (
    Appointment,
    Asset,
    AssetVersion,
    Metadata,
    Note,
    Shot,
    Status,
    Task,
    TypedContext,
    TypedContextLink,
    User,
    registry,
)
from ftrack_orm import AttributeValueError, CriterionError, UnknownAttributeError
from ftrack_orm.query.compiler import compile_criteria
from ftrack_orm.query.criterion import Criterion
from ftrack_orm.query.literals import encode_literal
from tests.support.compiled_criteria import compiled
from tests.support.fake_executor import select

CASES: list[tuple[Criterion, str]] = [
    (Task.name == "anim", 'name is "anim"'),
    (Task.name != "anim", 'name is_not "anim"'),
    (Task.bid > 3, "bid > 3"),
    (Task.bid >= 3.5, "bid >= 3.5"),
    (Task.bid < -2.5, "bid < -2.5"),
    (Task.bid <= 0, "bid <= 0"),
    (Task.description == None, "description is none"),  # noqa: E711 - the language of queries
    (Task.description != None, "description is_not none"),  # noqa: E711
    (AssetVersion.is_published == True, "is_published is true"),  # noqa: E712
    (AssetVersion.is_published == False, "is_published is false"),  # noqa: E712
    (Task.name.like("%light%"), 'name like "%light%"'),
    (Task.name.not_like("100\\%"), 'name not_like "100\\\\%"'),
    (Task.name.in_(["a", "b"]), 'name in ("a", "b")'),
    (Task.name.not_in(("a",)), 'name not_in ("a")'),
    (Task.bid.in_(iter([1, 2.5])), "bid in (1, 2.5)"),
    (Task.status.name == "x", 'status.name is "x"'),
    (Task.status.state.short == "DONE", 'status.state.short is "DONE"'),
    (Task.parent.is_(None), "parent_id is none"),
    (Task.parent.is_not(None), "parent_id is_not none"),
    (Task.status.state.is_(None), "status.state.id is none"),
    (Asset.parent.is_(None), "context_id is none"),
    (Task.status.has(Status.name == "a"), 'status has (name is "a")'),
    (
        Task.status.has(Status.name == "a", Status.sort > 2),
        'status has (name is "a" and sort > 2)',
    ),
    (Task.timelogs.any(), "timelogs any ()"),
    (Task.children.any(), "children any ()"),
    (
        Task.notes.any(Note.content.like("%fix%")),
        'notes any (content like "%fix%")',
    ),
    (
        Task.assignments.any(Appointment.resource.as_(User).username == "anna"),
        'assignments any (resource.username is "anna")',
    ),
    (Task.parent.as_(Shot).name == "s", 'parent[Shot].name is "s"'),
    (
        Asset.parent.as_(Task).parent.as_(Shot).name == "s",
        'parent[Task].parent[Shot].name is "s"',
    ),
    (
        Task.assignments.each.resource.as_(User).username == "a",
        'assignments.resource.username is "a"',
    ),
    (
        Task.metadata["source"] == "edit",
        'metadata any (key is "source" and value is "edit")',
    ),
    (
        Task.metadata["source"] != "edit",
        'metadata any (key is "source" and value is_not "edit")',
    ),
    (
        Task.metadata["source"].like("e%"),
        'metadata any (key is "source" and value like "e%")',
    ),
    (
        Task.metadata["source"].not_like("e%"),
        'metadata any (key is "source" and value not_like "e%")',
    ),
    (
        Task.metadata["source"].in_(["a", "b"]),
        'metadata any (key is "source" and value in ("a", "b"))',
    ),
    (
        Task.custom_attributes["fstart"] > 1000,
        'custom_attributes any (key is "fstart" and value > 1000)',
    ),
    (Task.metadata.any(), "metadata any ()"),
    (
        Task.metadata.any(Metadata.key == "k"),
        'metadata any (key is "k")',
    ),
    (TypedContextLink.from_.name == "a", 'from.name is "a"'),
    (TypedContextLink.from_.is_(None), "from_id is none"),
    (TypedContextLink.type == "end_to_start", 'type is "end_to_start"'),
]


@pytest.mark.parametrize(("criterion", "text"), CASES, ids=[case[1] for case in CASES])
def test_a_condition_becomes_the_text_of_the_protocol(
    criterion: Criterion, text: str
) -> None:
    assert compile_criteria(criterion.node) == text


A, B, C = Task.name == "a", Task.bid > 1, Task.sort < 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('say "hi"', r'"say \"hi\""'),
        ("it's", '''"it's"'''),
        ("back\\slash", r'"back\\slash"'),
        ('\\"', r'"\\\""'),
        ("100%", '"100%"'),
        ("two\nlines", '"two\nlines"'),
        ("none", '"none"'),
        ('x" or id is_not "', r'"x\" or id is_not \""'),
        ("", '""'),
        ("🎬", '"🎬"'),
    ],
)
def test_text_is_quoted_whatever_it_holds(value: str, text: str) -> None:
    assert compiled(Task.name == value) == f"name is {text}"


def test_a_datetime_is_compared_as_its_instant_in_utc() -> None:
    moment = datetime(2018, 5, 25, 2, tzinfo=timezone(timedelta(hours=2)))
    assert compiled(Task.end_date > moment) == 'end_date > "2018-05-25T00:00:00+00:00"'


def test_a_datetime_without_a_zone_is_refused() -> None:
    with pytest.raises(AttributeValueError, match="time zone"):
        _ = Task.end_date > datetime(2018, 5, 25)


# -- membership ------------------------------------------------------------------


def test_in_nothing_asks_for_an_empty_key_since_text_may_be_empty() -> None:
    # `description in ("")` would find every task with an empty description.
    assert compiled(Task.description.in_([])) == 'id in ("")'
    assert compiled(Task.description.not_in([])) == 'id not_in ("")'
    assert compiled(Task.status.name.in_([])) == 'id in ("")'
    assert compiled(Metadata.value.in_([])) == 'parent_id in ("")'


def test_in_nothing_finds_no_row_of_metadata() -> None:
    assert (
        compiled(Task.metadata["k"].in_([]))
        == 'metadata any (key is "k" and key in (""))'
    )
    assert (
        compiled(Task.metadata["k"].not_in([]))
        == 'metadata any (key is "k" and key not_in (""))'
    )


def test_in_a_select_asks_for_its_key() -> None:
    users, _ = select(User)
    found = Appointment.resource_id.in_(users.where(User.username == "x"))
    assert (
        compiled(found) == 'resource_id in (select id from User where username is "x")'
    )


def test_in_a_select_of_one_other_attribute_asks_for_that() -> None:
    tasks, _ = select(Task)
    assert (
        compiled(Shot.id.not_in(tasks.only(Task.parent_id)))
        == "id not_in (select parent_id from Task)"
    )


def test_in_a_select_asks_nothing_itself() -> None:
    tasks, executor = select(Task)
    _ = Shot.id.in_(tasks)
    _ = Task.metadata["shot"].in_(tasks)
    assert executor.asked == []


def test_in_text_is_a_mistake_for_in_a_list() -> None:
    with pytest.raises(CriterionError, match="single characters"):
        Task.name.in_("anim")
    with pytest.raises(CriterionError, match="single characters"):
        Task.metadata["k"].in_("anim")


# -- mistakes --------------------------------------------------------------------


@pytest.mark.parametrize(
    "use",
    [
        lambda: bool(Task.name == "a"),
        lambda: (Task.name == "a") and (Task.bid > 1),
        lambda: not A,  # type: ignore[truthy-bool] # the mistake
        lambda: (Task.name == "a") or (Task.bid > 1),
        lambda: bool(Task.name),
        lambda: bool(Task.status),
        lambda: bool(Task.notes),
        lambda: 1 < Task.bid < 3,
        lambda: "x" in [Task.name],
    ],
)
def test_nothing_of_a_query_has_a_truth_value(use: Callable[[], Any]) -> None:
    with pytest.raises(CriterionError):
        use()


@pytest.mark.parametrize("operator", ["__lt__", "__le__", "__gt__", "__ge__"])
def test_nothing_is_before_or_after_none(operator: str) -> None:
    with pytest.raises(CriterionError, match="None"):
        getattr(Task.bid, operator)(None)


@pytest.mark.parametrize("path", [Task.name, Task.metadata["k"]])
@pytest.mark.parametrize("pattern", [5, None, Task.name])
def test_like_takes_text_only(path: Any, pattern: Any) -> None:
    for match in (path.like, path.not_like):
        with pytest.raises(CriterionError, match="needs text"):
            match(pattern)


@pytest.mark.parametrize(
    "use",
    [
        lambda: Task.name == 5,
        lambda: Task.bid > "3",  # type: ignore[operator] # the mistake
        lambda: Task.name.in_([1]),  # type: ignore[list-item] # the mistake
        lambda: TypedContextLink.type == "sideways",
        lambda: Task.end_date < "yesterday",  # type: ignore[operator] # the mistake
        lambda: AssetVersion.is_published == 1,
    ],
)
def test_a_value_that_the_attribute_cannot_hold_is_refused(
    use: Callable[[], Any],
) -> None:
    with pytest.raises(AttributeValueError):
        use()


@pytest.mark.parametrize("value", [b"x", object(), [1], datetime(2020, 1, 1)])
def test_a_value_that_no_literal_can_carry_is_refused(value: Any) -> None:
    with pytest.raises(CriterionError):
        _ = Task.custom_attributes["k"] == value


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_without_digits_is_refused(value: float) -> None:
    with pytest.raises(CriterionError):
        _ = Task.bid > value


class Colour(str, Enum):  # noqa: UP042 # `str(Colour.RED)` is not "red"
    RED = 'red "x"'


class Size(IntEnum):
    LARGE = 3


def test_a_subclass_of_a_scalar_is_compared_as_the_scalar() -> None:
    assert (Task.name == Colour.RED).node == (Task.name == 'red "x"').node
    assert Task.name.in_([Colour.RED]).node == Task.name.in_(['red "x"']).node
    assert (Task.bid > Size.LARGE).node == (Task.bid > 3).node
    mapped = Task.custom_attributes["k"]
    assert (mapped == Colour.RED).node == (mapped == 'red "x"').node


@pytest.mark.parametrize(
    "value",
    [
        "lone \ud800",
        10**5000,
        object(),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_no_literal_carries_is_refused(value: object) -> None:
    with pytest.raises(CriterionError, match="cannot be used in a query"):
        encode_literal(value)


def test_an_unknown_step_offers_the_nearest_names() -> None:
    with pytest.raises(UnknownAttributeError) as caught:
        _ = Task.status.nmae  # type: ignore[attr-defined] # the mistake
    assert caught.value.entity_type == "Status"
    assert "name" in caught.value.suggestions


def test_an_unknown_attribute_of_a_class_offers_the_nearest_names() -> None:
    with pytest.raises(UnknownAttributeError) as caught:
        _ = Task.sttaus  # type: ignore[attr-defined] # the mistake
    assert caught.value.suggestions[0] == "status"


# -- logic -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("criterion", "text"),
    [
        (A & B & C, 'name is "a" and bid > 1 and sort < 2'),
        (A | (B | C), 'name is "a" or bid > 1 or sort < 2'),
        (A & (B & C), 'name is "a" and bid > 1 and sort < 2'),
        (A | B | C, 'name is "a" or bid > 1 or sort < 2'),
        (A & (B | C), 'name is "a" and (bid > 1 or sort < 2)'),
        (A | B & C, 'name is "a" or (bid > 1 and sort < 2)'),
        ((A | B) & C, '(name is "a" or bid > 1) and sort < 2'),
        (~A, 'not (name is "a")'),
        (~(A | B), 'not (name is "a" or bid > 1)'),
        (~A & B, 'not (name is "a") and bid > 1'),
        (~~A, 'not (not (name is "a"))'),
    ],
)
def test_logic_keeps_its_meaning_in_text(criterion: Criterion, text: str) -> None:
    assert compiled(criterion) == text


def test_conditions_on_other_entities_cannot_be_joined() -> None:
    with pytest.raises(CriterionError, match="different entities"):
        _ = A & (User.username == "x")
    with pytest.raises(CriterionError, match="different entities"):
        _ = A | (Note.id == "x")


def test_a_condition_on_a_base_joins_one_on_its_subtype() -> None:
    both = (TypedContext.name == "a") & (Task.bid > 1)
    assert both.root.name == "Task"


@pytest.mark.parametrize("other", [True, False, None, "x", Task.name])
def test_only_conditions_can_be_joined(other: Any) -> None:
    with pytest.raises(CriterionError, match="not a condition"):
        _ = A & other
    with pytest.raises(CriterionError, match="not a condition"):
        _ = A | other


def test_every_attribute_of_every_class_answers_with_its_server_name() -> None:
    count = 0
    for name in registry:
        entity_class: Any = registry.resolve(name)
        for attribute in entity_class.__ftrack__.attributes.values():
            path = getattr(entity_class, attribute.name)
            assert str(path._expression) == attribute.server_name
            count += 1
    assert count == 1587


def test_names_that_python_or_pydantic_own_have_an_underscore_after() -> None:
    assert str(TypedContextLink.from_.id._expression) == "from.id"
    assert repr(TypedContextLink.from_.id) == "TypedContextLink.from_.id"
    assert repr(Task.link_) == "Task.link_"
    assert repr(Task.link) == "Task.link"


def test_a_path_that_may_be_none_compares_as_the_path() -> None:
    path = Shot.type.name.or_none

    assert repr(path) == "Shot.type.name.or_none"
    assert (path == "Generic").node == (Shot.type.name == "Generic").node
    assert path.or_none._steps == path._steps


@pytest.mark.parametrize(
    "path",
    [
        Task.name,
        Task.status,
        Task.notes,
        Task.metadata,
        Task.metadata["source"],
        Shot.type.name.or_none,
        (Task.name == "a") & Task.notes.any(),
    ],
    ids=repr,
)
def test_a_path_and_a_condition_are_their_own_copies(path: object) -> None:
    assert copy.copy(path) is path
    assert copy.deepcopy({"columns": [path]})["columns"][0] is path


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("contains", 'like("%text%")'),
        ("startswith", 'like("text%")'),
        ("ilike", "like()"),
        ("lower", "=="),
        ("is_", "== None"),
        ("likes", "'like'"),
    ],
)
def test_a_method_of_other_libraries_is_answered_with_the_word_to_use(
    name: str, word: str
) -> None:
    for path in (Task.name, Task.status.name, Task.metadata["source"]):
        with pytest.raises(UnknownAttributeError) as raised:
            getattr(path, name)
        assert word in str(raised.value)
        assert not hasattr(path, name)


def test_python_s_in_of_a_path_is_answered_with_like() -> None:
    path: Any = Task.name
    with pytest.raises(CriterionError, match=r'Task\.name\.like\("%text%"\)'):
        assert "layout" in path


@pytest.mark.parametrize("name", ["in_", "not_in", "like", "desc"])
def test_a_link_has_none_of_the_words_of_its_attributes(name: str) -> None:
    link: Any = Task.status
    with pytest.raises(UnknownAttributeError, match=rf"Task\.status\.name\.{name}"):
        getattr(link, name)


def test_a_path_is_copied_and_pickled_without_reading_names() -> None:
    assert repr(copy.copy(Task.name)) == "Task.name"
