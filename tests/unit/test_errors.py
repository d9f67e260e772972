"""The tree of errors, their facts and their words."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import pkgutil
import re

import pytest

import ftrack_orm as errors
from ftrack_orm import FtrackError, errors as tree
from ftrack_orm.errors.root import shortened

EXAMPLES: list[FtrackError] = [
    errors.ConnectionFailedError("https://studio.example", "refused"),
    errors.RequestTimeoutError("https://studio.example", 2.5),
    errors.ConnectionLostError("https://studio.example", "reset"),
    errors.OutcomeUnknownError("https://studio.example", "reset"),
    errors.ServerUnavailableError("https://studio.example", 503, 4.0),
    errors.RequestCancelledError("https://studio.example", may_be_applied=True),
    errors.UploadError("c1", "a.mov", "no", remains="denied"),
    errors.UploadCancelledError("c1", "a.mov", "it was cancelled"),
    errors.UploadInProgressError("a.mov", "/plates/a.mov.ftrack-upload"),
    errors.FileTooLargeError(None, "a.mov", "1 PiB"),
    errors.DownloadError("c1", "a.mov", "no"),
    errors.DownloadCancelledError("c1", "a.mov", "it was cancelled"),
    errors.ComponentFileError("c1", "a.mov", "there is none"),
    errors.WrongAddressError("https://studio.example", 302, "/login"),
    errors.NotJSONError("https://studio.example", 200, "text/html", "<html>"),
    errors.TruncatedResponseError("https://studio.example", 12, "no end"),
    errors.ResponseLengthError("https://studio.example", 2, 1),
    errors.ReplyMismatchError("https://studio.example", 0, "query", "a list", "null"),
    errors.InvalidCredentialsError("InvalidCredentialsError", "not valid"),
    errors.ServerPermissionDeniedError("PermissionError", "no", http_status=403),
    errors.ServerValidationError("ValidationError", "bad", error_code="x"),
    errors.ConfigurationError(["FTRACK_SERVER"]),
    errors.InvalidSettingError("FTRACK_SERVER", "no scheme"),
    errors.ModelsNotFoundError("studio_models"),
    errors.SessionClosedError(),
    errors.DetachedEntityError("Task(id='1')", "remove it"),
    errors.InvalidOperationError("query", "expression", "x", "text"),
    errors.CircularReferenceError(["Task(1)", "Task(2)", "Task(1)"]),
    errors.PlanChangedError("+ Task"),
    errors.CriterionError("no condition"),
    errors.NoResultError("Task"),
    errors.MultipleResultsError("Task", ["Task(1)", "Task(2)"]),
    errors.NotLoadedError("Task(id='1')", "name", "Load it."),
    errors.ReadOnlyAttributeError("Task", "id", "it is the key"),
    errors.UnknownAttributeError("Task", "nmae", ["name", "notes"]),
    errors.UnknownKeyError("Shot.custom_attributes", "fstrat", ["fstart", "fend"]),
    errors.UnknownEntityTypeError("Taks", ["Task"]),
    errors.AttributeValueError("Task", "name", 5, "text"),
    errors.EntityKeyError("Metadata", ("parent_id", "key"), "x"),
    errors.IdentificationError("Task", ["name"], "there is no value for it"),
    errors.SchemaError("Cannot use it.", ["one", "two"]),
    errors.SchemaDriftError("Differs."),
    errors.MigrationError("It cannot be planned."),
    errors.PlanFileError("a.plan", "there is no such file"),
    errors.PlanEditedError("a.plan", "0" * 64, "1" * 64),
    errors.PlanningError("It cannot be planned."),
    errors.WriteWhilePlanningError("update"),
    errors.LateEditError("Task(id='1')"),
    errors.ValueKindError("cut_no", "Shot", "number", "str"),
    errors.ParameterError(["since: not a date"]),
    errors.RevisionError("It cannot be used."),
    errors.RevisionFileError("migrations/a.py", "it has no function `up`"),
    errors.UnknownRevisionError("7f3b", ["20261126_7f3a"]),
    errors.MissingRevisionError("b", ["a"]),
    errors.RevisionCycleError(["a", "b", "a"]),
    errors.PackageError("studio_models", "the disk is full"),
    errors.ForeignFilesError("studio_models", ["task.py", "__init__.py"]),
    errors.PlanFileError("a.plan", "it is no plan file"),
    errors.PlanEditedError("a.plan", "0" * 64, "1" * 64),
    errors.NotInitializedError("https://studio.example"),
    errors.LockedError("4be29a01c7", "ana", "box", "12:00", "12:01"),
    errors.RunTakenOverError("4be29a01c7"),
    errors.StalePlanError("its revision is applied"),
    errors.TooManyConflictsError(3, 25, ["Task(1).bid is 1, not 2"]),
    errors.OtherServerError("https://studio.example", "https://other.example"),
    errors.PlanRefusedError("it has 3 changes, more than 2", "Raise --max-changes."),
    errors.NotConfirmedError("Pass --yes."),
    errors.UnsafeServerError(["a refused batch leaves nothing"], "3 creates"),
    errors.RunStoppedError("4be29a01c7", "it was interrupted", 10, 20),
    errors.UnknownRunError(None, "no run was interrupted"),
    errors.PlanNotFoundError("4be29a01c7", ".ftrack_orm/plans", "there is no file"),
    errors.HistoryRowError("rev/1", "it is no JSON"),
    errors.EffectError("jobs:copy", "no module named jobs"),
    errors.UnsupportedError("joins"),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickle_and_copy_with_its_facts(error: FtrackError) -> None:
    for revived in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 # our own bytes
        assert type(revived) is type(error)
        assert str(revived) == str(error)
        assert revived.__dict__ == error.__dict__


def error_classes() -> list[type[FtrackError]]:
    """Return every error class that a module of `ftrack_orm.errors` defines."""
    modules = [
        importlib.import_module(f"{tree.__name__}.{module.name}")
        for module in pkgutil.iter_modules(tree.__path__)
    ]
    values = [value for module in modules for value in vars(module).values()]
    return list(
        dict.fromkeys(
            value
            for value in values
            if inspect.isclass(value) and issubclass(value, FtrackError)
        )
    )


def test_every_error_is_public_and_named_by_the_package() -> None:
    for error_class in error_classes():
        assert getattr(errors, error_class.__name__) is error_class
        assert error_class.__module__ == "ftrack_orm"


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    drawn: dict[str, str] = {}
    above: list[str] = []
    for line in str(tree.__doc__).splitlines():
        found = re.search(r"(?:(.*)[├└]── )?([A-Z]\w+Error)\b", line)
        if found is None or not line.startswith("    "):
            continue
        depth = 0 if found[1] is None else (len(found[1]) - 4) // 4 + 1
        above[depth:] = [found[2]]
        drawn[found[2]] = above[depth - 1] if depth else ""
    classes = {error_class.__name__: error_class for error_class in error_classes()}
    assert drawn.keys() == classes.keys()
    for name, parent in drawn.items():
        if parent:
            assert classes[parent] in classes[name].__bases__


def test_a_wrong_name_offers_the_nearest_right_ones_best_first() -> None:
    error = errors.UnknownAttributeError("Task", "Stat", ["name", "status", "start"])

    assert error.suggestions[0] in ("status", "start")
    assert set(error.suggestions) == {"status", "start"}
    assert "Did you mean" in str(error)


def test_a_name_unlike_any_other_offers_nothing() -> None:
    error = errors.UnknownAttributeError("Task", "xyzzy", ["name", "status"])

    assert error.suggestions == ()
    assert str(error) == "Task has no attribute 'xyzzy'."


def test_an_unknown_attribute_is_what_hasattr_and_getattr_expect() -> None:
    assert issubclass(errors.UnknownAttributeError, AttributeError)


def test_a_wrong_value_is_what_pydantic_expects() -> None:
    assert issubclass(errors.AttributeValueError, ValueError)


def test_a_wrong_value_that_is_long_is_shown_in_part() -> None:
    error = errors.AttributeValueError("Task", "name", ["x" * 50] * 100, "text")

    assert len(str(error)) < 300
    assert error.value == ["x" * 50] * 100


def test_a_wrong_value_names_entity_attribute_value_type_and_expectation() -> None:
    error = errors.AttributeValueError("Task", "bid", "long", "a number")

    assert str(error) == "Task.bid cannot be 'long' (str): expected a number."


def test_problems_of_a_schema_stand_one_to_a_line() -> None:
    error = errors.SchemaError("Cannot use it.", ["first", "second"])

    assert str(error).splitlines() == ["Cannot use it.", "  - first", "  - second"]
    assert error.problems == ("first", "second")


def test_a_long_value_is_cut_in_messages() -> None:
    assert shortened("x" * 198) == repr("x" * 198)
    assert shortened("x" * 199) == "'" + "x" * 199 + "…"


def test_a_repr_that_raises_replaces_no_message() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise ValueError

    assert shortened(Broken()) == "<Broken whose repr raises ValueError>"


@pytest.mark.parametrize(
    "error_class", [errors.NoResultError, errors.MultipleResultsError]
)
def test_an_unexpected_number_of_results_shows_the_conditions_only(
    error_class: type[errors.NoResultError] | type[errors.MultipleResultsError],
) -> None:
    expression = 'select id, from, name from Task where name is "a from b"'
    error = error_class(expression)

    assert ' for: Task where name is "a from b". ' in str(error)
    assert error.expression == expression
