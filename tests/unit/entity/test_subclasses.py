"""Subclasses of entity classes: own fields, validators, hooks and private values."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any, Self

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    computed_field,
    field_serializer,
    field_validator,
    model_validator,
)

from ftrack_models import Note, Status, Task
from ftrack_orm import AttributeValueError, EntityState, UnknownAttributeError
from tests.support.incomplete import incomplete


class Reviewed(Task):
    """A task with votes, as a studio may extend it."""

    votes: int = Field(default=0, ge=0, le=10)
    tags: list[str] = Field(default_factory=list)
    buddy: Any = None
    _cache: list[int] = PrivateAttr(default_factory=list)
    _limit: int = PrivateAttr(default=5)
    _log: list[str] = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Begin the log; private values with defaults are there already."""
        self._log = [f"limit {self._limit}"]

    @field_validator("votes", mode="before")
    @classmethod
    def strip_votes(cls, value: Any) -> Any:
        """Take text with blanks around it."""
        return value.strip() if isinstance(value, str) else value

    @field_validator("tags")
    @classmethod
    def lower_tags(cls, value: list[str]) -> list[str]:
        """Keep tags in lower case."""
        return [tag.lower() for tag in value]

    @field_validator("name")
    @classmethod
    def plain_name(cls, value: str) -> str:
        """Refuse an attribute of the schema that the studio does not like."""
        if "!" in value:
            raise ValueError("no exclamation marks")
        return value.strip()

    @computed_field  # type: ignore[prop-decorator] # as pydantic's manual has it
    @property
    def title(self) -> str:
        """Return name and votes."""
        return f"{self.name}: {self.votes}"

    @field_serializer("votes", when_used="json")
    def dump_votes(self, votes: int) -> str:
        """Dump votes as text."""
        return f"{votes} of {self._limit}"


def test_private_values_have_their_defaults_and_factories() -> None:
    one, other = incomplete(Reviewed, name="anim"), incomplete(Reviewed, name="anim")
    assert (one._cache, one._limit, one._log) == ([], 5, ["limit 5"])
    one._cache.append(1)
    assert other._cache == []
    one._limit = 7
    assert (one._limit, other._limit) == (7, 5)


def test_the_constructor_runs_the_validators() -> None:
    arguments: dict[str, Any] = {"name": " anim ", "votes": " 3 ", "tags": ["Hard"]}
    task = Reviewed(**arguments)
    assert (task.name, task.votes, task.tags) == ("anim", 3, ["hard"])


@pytest.mark.parametrize(
    "wrong", [{"votes": 11}, {"votes": "many"}, {"tags": 3}, {"name": "a!"}]
)
def test_a_refused_value_is_a_validation_error_everywhere(
    wrong: dict[str, Any],
) -> None:
    with pytest.raises(ValidationError):
        Reviewed(**{"name": "anim", **wrong})
    with pytest.raises(ValidationError):
        Reviewed.model_validate({"name": "anim", **wrong})
    task = incomplete(Reviewed, name="anim", votes=2, tags=["x"])
    [(name, value)] = wrong.items()
    with pytest.raises(ValidationError):
        setattr(task, name, value)
    assert (task.name, task.votes, task.tags) == ("anim", 2, ["x"])


def test_an_assignment_runs_the_validators() -> None:
    task: Any = incomplete(Reviewed, name="anim")
    task.votes, task.tags, task.name = " 4 ", ["A"], " fx "
    assert (task.votes, task.tags, task.name) == (4, ["a"], "fx")


def test_the_base_class_has_none_of_it() -> None:
    incomplete(Reviewed, name="anim")
    assert incomplete(Task, name=" a! ").name == " a! "
    with pytest.raises(UnknownAttributeError):
        Task(votes=3)  # type: ignore[call-arg] # refused at run time too


def test_the_schema_s_own_check_stays() -> None:
    with pytest.raises(ValueError, match="bid"):
        incomplete(Reviewed, name="anim", bid="long")
    with pytest.raises(ValidationError, match="expected text"):
        incomplete(Reviewed, name=3)


def test_dumps_use_serializers_and_computed_fields_and_validate_back() -> None:
    task = incomplete(
        Reviewed,
        name="anim",
        votes=2,
        tags=["a"],
        buddy=Status(name="Approved", is_active=True),
    )
    dumped = task.model_dump(exclude={"id", "buddy"})
    assert dumped == {"name": "anim", "votes": 2, "tags": ["a"], "title": "anim: 2"}
    assert task.model_dump(mode="json")["votes"] == "2 of 5"
    assert task.model_dump(include={"votes"}) == {"votes": 2}
    assert "title" not in task.model_dump(round_trip=True)
    assert task.model_dump()["buddy"]["name"] == "Approved"
    assert Reviewed.model_validate(task.model_dump()).title == "anim: 2"


def test_a_computed_field_of_what_is_not_loaded_is_left_out() -> None:
    task = copy.copy(Reviewed.model_construct(id="t1"))
    bare = pickle.loads(pickle.dumps(task))  # noqa: S301 # our own bytes
    assert "title" not in bare.model_dump()


def test_a_default_of_an_own_field_is_not_set() -> None:
    task = Reviewed.model_validate({"id": "t1", "name": "anim", "votes": 3})
    assert task.model_fields_set == {"id", "name", "votes"}
    task.tags = ["a"]
    for one in (task, copy.copy(task), copy.deepcopy(task), task.model_copy()):
        dumped = one.model_dump(exclude_unset=True, exclude={"title"})
        assert dumped == {"id": "t1", "name": "anim", "votes": 3, "tags": ["a"]}
    assert task.model_copy(update={"buddy": 1}).model_fields_set == {
        *task.model_fields_set,
        "buddy",
    }


class Later(Task):
    """A task whose ticket has no default, under another name in data."""

    ticket: str
    shown_as: str = Field(default="plain", alias="shownAs")


def test_a_field_without_a_default_is_required() -> None:
    with pytest.raises(ValidationError, match="ticket"):
        Later(name="anim")  # type: ignore[call-arg] # refused at run time too
    task = Later.model_validate({"name": "anim", "ticket": "T-1", "shownAs": "loud"})
    assert task.shown_as == "loud"
    assert task.model_dump(by_alias=True)["shownAs"] == "loud"
    for dumped in (task.model_dump(), task.model_dump(by_alias=True)):
        assert Later.model_validate(dumped).shown_as == "loud"


def test_model_construct_checks_nothing_and_gives_a_whole_entity() -> None:
    task = Reviewed.model_construct(name=" a! ", votes=99)
    assert (task.name, task.votes, task.tags) == (" a! ", 99, [])
    assert (task._cache, task._log) == ([], ["limit 5"])
    assert task.entity_state is EntityState.TRANSIENT
    assert task.id
    assert task == copy.copy(task)


def test_model_construct_takes_relations() -> None:
    status, note = Status(name="Approved", is_active=True), Note(content="good")
    task = Task.model_construct(name="anim", status=status, notes=[note])
    assert task.status is status
    assert list(task.notes) == [note]
    assert note.parent_id == task.id


class Range(Task):
    """A task with a rule about two of its fields."""

    model_config = ConfigDict(validate_assignment=True)

    low: int = 0
    high: int = 5

    @model_validator(mode="before")
    @classmethod
    def unpack(cls, data: Any) -> Any:
        """Take both ends as one argument."""
        if not isinstance(data, dict) or "ends" not in data:
            return data
        low, high = data["ends"]
        rest = {name: value for name, value in data.items() if name != "ends"}
        return {**rest, "low": low, "high": high}

    @model_validator(mode="wrap")
    @classmethod
    def lenient(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Replace one bad name."""
        if isinstance(data, dict) and data.get("name") == "replace me":
            data = {**data, "name": "replaced"}
        return handler(data)

    @model_validator(mode="after")
    def ordered(self) -> Self:
        """Refuse ends in the wrong order, and one name."""
        if self.low > self.high:
            raise ValueError("low is above high")
        if self.name == "refused":
            raise ValueError("refused")
        return self


@pytest.mark.parametrize("make", [lambda data: Range(**data), Range.model_validate])
def test_model_validators_run_around_construction(
    make: Callable[[dict[str, Any]], Range],
) -> None:
    task = make({"name": "replace me", "ends": (1, 2)})
    assert (task.name, task.low, task.high) == ("replaced", 1, 2)
    assert task.entity_state is EntityState.TRANSIENT
    with pytest.raises(ValidationError, match="above"):
        make({"name": "anim", "low": 9})


def test_model_validators_run_after_an_assignment_and_undo_it() -> None:
    task = incomplete(Range, name="anim")
    task.low = 3
    for name, value in (("low", 9), ("name", "refused")):
        with pytest.raises(ValidationError):
            setattr(task, name, value)
    assert (task.low, task.name) == (3, "anim")


def test_errors_of_attributes_stay_what_they_are_in_constructors() -> None:
    wrong: dict[str, Any] = {"name": "anim", "bid": "long"}
    with pytest.raises(AttributeValueError):
        Range(**wrong)
    with pytest.raises(UnknownAttributeError):
        Range(nmae="anim")  # type: ignore[call-arg] # refused at run time too
    with pytest.raises(ValidationError):
        Range.model_validate(wrong)


class Nested(Range):
    """A class whose validator makes another entity of the same class."""

    partner: Any = None

    @model_validator(mode="before")
    @classmethod
    def make_partner(cls, data: Any) -> Any:
        """Make the partner first."""
        if data.get("partner") == "make":
            return {**data, "partner": incomplete(cls, name="partner")}
        return data


def test_a_validator_may_make_entities() -> None:
    task = incomplete(Nested, name="anim", partner="make")
    assert (task.name, task.partner.name) == ("anim", "partner")


class InContext(Task):
    """A task whose fields see each other, the attributes and the context."""

    first: int = 1
    second: int = 0
    third: int = 0

    @field_validator("second", mode="wrap")
    @classmethod
    def doubled(
        cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> int:
        """Multiply by an earlier field, and by the context."""
        factor = (info.context or {}).get("factor", 1)
        return int(handler(value)) * int(info.data["first"]) * int(factor)

    @field_validator("third", mode="plain")
    @classmethod
    def length(cls, value: Any, info: ValidationInfo) -> int:
        """Add the length of the name."""
        return int(value) + len(info.data["name"])


def test_validators_see_earlier_values_and_the_context() -> None:
    task = incomplete(InContext, name="anim", first=2, second=3, third=1)
    assert (task.second, task.third) == (6, 5)
    task.second = 5
    task.third = 2
    assert (task.second, task.third) == (10, 6)
    data = {"name": "anim", "second": 3}
    assert InContext.model_validate(data, context={"factor": 7}).second == 21


def test_annotations_may_name_what_a_function_defines() -> None:
    class Ticket(BaseModel):
        number: int = 1

    class Ticketed(Task):
        ticket: Ticket = Ticket()
        others: list[Ticketed] = Field(default_factory=list)

    data: dict[str, Any] = {"name": "a", "ticket": {"number": 3}}
    task = Ticketed.model_validate({**data, "others": [data]})
    assert task.ticket.number == 3
    assert isinstance(task.others[0], Ticketed)
    assert Ticketed.model_validate(task.model_dump()).model_dump() == task.model_dump()


COPIES: list[Callable[[Any], Any]] = [
    copy.copy,
    copy.deepcopy,
    lambda task: task.model_copy(),
    lambda task: task.model_copy(deep=True),
    lambda task: task.model_copy(update={"description": "new"}),
    lambda task: pickle.loads(pickle.dumps(task)),  # noqa: S301 # our own bytes
]


@pytest.mark.parametrize("copied", COPIES)
def test_copies_have_the_own_fields_and_private_values(copied: Any) -> None:
    task = incomplete(Reviewed, name="anim", votes=3, tags=["a"])
    task._cache.append(1)
    task._log.append("more")
    again = copied(task)
    assert type(again) is Reviewed
    assert (again.votes, again.tags) == (3, ["a"])
    assert (again._cache, again._log) == ([1], ["limit 5", "more"])
    again._limit = 9
    again.votes = 4
    assert (task._limit, task.votes) == (5, 3)


@pytest.mark.parametrize("index", [1, 3, 5])
def test_deep_copies_share_nothing(index: int) -> None:
    task = incomplete(Reviewed, name="anim", tags=["a"])
    again = COPIES[index](task)
    again.tags.append("b")
    again._cache.append(1)
    assert (task.tags, task._cache) == (["a"], [])


@pytest.mark.parametrize("index", [1, 5])
def test_own_fields_may_lead_in_circles(index: int) -> None:
    one = incomplete(Reviewed, name="one")
    one.buddy = incomplete(Reviewed, name="other", buddy=one)
    again = COPIES[index](one)
    assert again.buddy.name == "other"
    assert again.buddy.buddy is again
    assert again is not one


def test_an_update_of_a_copy_is_checked_and_changes_nothing_else() -> None:
    task = incomplete(Reviewed, name="anim", votes=3, tags=["a"])
    again = task.model_copy(update={"votes": 5, "name": " fx "})
    assert (again.votes, again.name, again.tags) == (5, "fx", ["a"])
    assert (task.votes, task.name) == (3, "anim")
    for wrong in ({"votes": 11}, {"name": "a!"}, {"nmae": "b"}):
        with pytest.raises((ValidationError, UnknownAttributeError)):
            task.model_copy(update=wrong)


def test_a_subclass_with_methods_alone_pays_nothing() -> None:
    class Titled(Task):
        def hello(self) -> str:
            return f"hello {self.name}"

    assert incomplete(Titled, name="anim").hello() == "hello anim"
    assert Titled.__ftrack__.extension is None
    assert Task.__ftrack__.extension is None
