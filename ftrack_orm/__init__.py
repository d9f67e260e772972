"""The typed way to talk to ftrack: entities, queries and a unit of work.

Only the names listed here are public. Each is imported when it is first used, so that
a program pays for the models without the session, and for nothing twice.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute import (
        Attr,
        Many,
        Mapped,
        OptionalRef,
        ReadOnly,
        Ref,
        attribute,
    )
    from ftrack_orm.entity.base import (
        Entity,
    )
    from ftrack_orm.entity.collection import (
        TrackedList,
    )
    from ftrack_orm.entity.registry import (
        Registry,
    )
    from ftrack_orm.entity.state import (
        EntityState,
    )
    from ftrack_orm.errors import (
        AttributeValueError,
        CircularReferenceError,
        ConfigurationError,
        ConnectionFailedError,
        CriterionError,
        DetachedEntityError,
        EmulatorError,
        EntityError,
        EntityKeyError,
        FtrackError,
        InvalidCredentialsError,
        InvalidSettingError,
        ModelsNotFoundError,
        MultipleResultsError,
        NoResultError,
        NotJSONError,
        NotLoadedError,
        OutcomeUnknownError,
        PlanChangedError,
        QueryError,
        ReadOnlyAttributeError,
        RequestTimeoutError,
        ResponseFormatError,
        ResponseLengthError,
        SchemaDriftError,
        SchemaDriftWarning,
        SchemaError,
        ServerError,
        ServerPermissionDeniedError,
        ServerUnavailableError,
        ServerValidationError,
        SessionClosedError,
        SessionError,
        TransportError,
        TruncatedResponseError,
        UnknownAttributeError,
        UnknownEntityTypeError,
        UnsupportedError,
        WrongAddressError,
    )
    from ftrack_orm.operations import (
        Create,
        Delete,
        Operation,
        Query,
        QuerySchemas,
        QueryServerInformation,
        Response,
        Search,
        Update,
    )
    from ftrack_orm.query.builder import (
        Select,
    )
    from ftrack_orm.query.path import (
        CollectionPath,
        Criterion,
        MappedPath,
        Path,
    )
    from ftrack_orm.session.session import (
        Session,
    )
    from ftrack_orm.types import (
        NOT_LOADED,
        UNSET,
        EntityKey,
        JSONObject,
        LinkItem,
        LinkItems,
        Reference,
        Reply,
        Transport,
        VariableValue,
    )
    from ftrack_orm.unit_of_work.plan import (
        FlushPlan,
    )

__all__ = [
    "NOT_LOADED",
    "UNSET",
    "Attr",
    "AttributeValueError",
    "CircularReferenceError",
    "CollectionPath",
    "ConfigurationError",
    "ConnectionFailedError",
    "Create",
    "Criterion",
    "CriterionError",
    "Delete",
    "DetachedEntityError",
    "EmulatorError",
    "Entity",
    "EntityError",
    "EntityKey",
    "EntityKeyError",
    "EntityState",
    "FlushPlan",
    "FtrackError",
    "InvalidCredentialsError",
    "InvalidSettingError",
    "JSONObject",
    "LinkItem",
    "LinkItems",
    "Many",
    "Mapped",
    "MappedPath",
    "ModelsNotFoundError",
    "MultipleResultsError",
    "NoResultError",
    "NotJSONError",
    "NotLoadedError",
    "Operation",
    "OptionalRef",
    "OutcomeUnknownError",
    "Path",
    "PlanChangedError",
    "Query",
    "QueryError",
    "QuerySchemas",
    "QueryServerInformation",
    "ReadOnly",
    "ReadOnlyAttributeError",
    "Ref",
    "Reference",
    "Registry",
    "Reply",
    "RequestTimeoutError",
    "Response",
    "ResponseFormatError",
    "ResponseLengthError",
    "SchemaDriftError",
    "SchemaDriftWarning",
    "SchemaError",
    "Search",
    "Select",
    "ServerError",
    "ServerPermissionDeniedError",
    "ServerUnavailableError",
    "ServerValidationError",
    "Session",
    "SessionClosedError",
    "SessionError",
    "TrackedList",
    "Transport",
    "TransportError",
    "TruncatedResponseError",
    "UnknownAttributeError",
    "UnknownEntityTypeError",
    "UnsupportedError",
    "Update",
    "VariableValue",
    "WrongAddressError",
    "attribute",
]

_MODULES = {
    "entity.attribute": (
        "Attr",
        "Many",
        "Mapped",
        "OptionalRef",
        "ReadOnly",
        "Ref",
        "attribute",
    ),
    "entity.base": ("Entity",),
    "entity.collection": ("TrackedList",),
    "entity.registry": ("Registry",),
    "entity.state": ("EntityState",),
    "errors": (
        "AttributeValueError",
        "CircularReferenceError",
        "ConfigurationError",
        "ConnectionFailedError",
        "CriterionError",
        "DetachedEntityError",
        "EmulatorError",
        "EntityError",
        "EntityKeyError",
        "FtrackError",
        "InvalidCredentialsError",
        "InvalidSettingError",
        "ModelsNotFoundError",
        "MultipleResultsError",
        "NoResultError",
        "NotJSONError",
        "NotLoadedError",
        "OutcomeUnknownError",
        "PlanChangedError",
        "QueryError",
        "ReadOnlyAttributeError",
        "RequestTimeoutError",
        "ResponseFormatError",
        "ResponseLengthError",
        "SchemaDriftError",
        "SchemaDriftWarning",
        "SchemaError",
        "ServerError",
        "ServerPermissionDeniedError",
        "ServerUnavailableError",
        "ServerValidationError",
        "SessionClosedError",
        "SessionError",
        "TransportError",
        "TruncatedResponseError",
        "UnknownAttributeError",
        "UnknownEntityTypeError",
        "UnsupportedError",
        "WrongAddressError",
    ),
    "operations": (
        "Create",
        "Delete",
        "Operation",
        "Query",
        "QuerySchemas",
        "QueryServerInformation",
        "Response",
        "Search",
        "Update",
    ),
    "query.builder": ("Select",),
    "query.path": (
        "CollectionPath",
        "Criterion",
        "MappedPath",
        "Path",
    ),
    "session.session": ("Session",),
    "types": (
        "EntityKey",
        "JSONObject",
        "LinkItem",
        "LinkItems",
        "NOT_LOADED",
        "Reference",
        "Reply",
        "Transport",
        "UNSET",
        "VariableValue",
    ),
    "unit_of_work.plan": ("FlushPlan",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        import importlib

        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
