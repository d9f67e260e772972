"""The public names of ftrack_orm, each with the module that defines it."""

from ftrack_orm.entity.collection import (
    TrackedList as TrackedList,
)
from ftrack_orm.entity.custom_attribute_classes import (
    CustomAttr as CustomAttr,
    CustomAttributes as CustomAttributes,
    CustomAttributesMeta as CustomAttributesMeta,
    CustomChoices as CustomChoices,
    CustomLink as CustomLink,
    custom_attribute as custom_attribute,
    custom_link as custom_link,
)
from ftrack_orm.entity.custom_keys import (
    CustomKey as CustomKey,
    InheritsValues as InheritsValues,
)
from ftrack_orm.entity.declarations import (
    Attr as Attr,
    Custom as Custom,
    Many as Many,
    Mapped as Mapped,
    Named as Named,
    OptionalRef as OptionalRef,
    ReadOnly as ReadOnly,
    Ref as Ref,
    attribute as attribute,
)
from ftrack_orm.entity.effective_value import (
    EffectiveValue as EffectiveValue,
)
from ftrack_orm.entity.entity import (
    Entity as Entity,
)
from ftrack_orm.entity.inheriting import (
    GeneratedKeys as GeneratedKeys,
    Inheriting as Inheriting,
    KeysOf as KeysOf,
)
from ftrack_orm.entity.mapped import (
    MappedValues as MappedValues,
)
from ftrack_orm.entity.project_workflow import (
    ProjectWorkflow as ProjectWorkflow,
)
from ftrack_orm.entity.reference_data import (
    ReferenceData as ReferenceData,
    Row as Row,
    row as row,
)
from ftrack_orm.entity.registry import (
    Registry as Registry,
)
from ftrack_orm.entity.state import (
    EntityState as EntityState,
)
from ftrack_orm.errors.component import (
    ComponentError as ComponentError,
    ComponentFileError as ComponentFileError,
    DownloadCancelledError as DownloadCancelledError,
    DownloadError as DownloadError,
    FileTooLargeError as FileTooLargeError,
    UploadCancelledError as UploadCancelledError,
    UploadError as UploadError,
    UploadInProgressError as UploadInProgressError,
)
from ftrack_orm.errors.emulator import (
    EmulatorError as EmulatorError,
    UnsupportedError as UnsupportedError,
)
from ftrack_orm.errors.entity import (
    AttributeKindError as AttributeKindError,
    AttributeValueError as AttributeValueError,
    EntityError as EntityError,
    EntityKeyError as EntityKeyError,
    IdentificationError as IdentificationError,
    MissingValueError as MissingValueError,
    NotLoadedError as NotLoadedError,
    ReadOnlyAttributeError as ReadOnlyAttributeError,
    UnknownAttributeError as UnknownAttributeError,
    UnknownEntityTypeError as UnknownEntityTypeError,
    UnknownKeyError as UnknownKeyError,
    UnknownReferenceError as UnknownReferenceError,
)
from ftrack_orm.errors.migration_runs import (
    EffectError as EffectError,
    HistoryRowError as HistoryRowError,
    LockedError as LockedError,
    NoHistoryStoreError as NoHistoryStoreError,
    NotConfirmedError as NotConfirmedError,
    NotInitializedError as NotInitializedError,
    OtherServerError as OtherServerError,
    PlanNotFoundError as PlanNotFoundError,
    PlanRefusedError as PlanRefusedError,
    RunError as RunError,
    RunStoppedError as RunStoppedError,
    RunTakenOverError as RunTakenOverError,
    StalePlanError as StalePlanError,
    TooManyConflictsError as TooManyConflictsError,
    UnknownRunError as UnknownRunError,
    UnsafeServerError as UnsafeServerError,
)
from ftrack_orm.errors.migrations import (
    MigrationError as MigrationError,
    PlanEditedError as PlanEditedError,
    PlanFileError as PlanFileError,
)
from ftrack_orm.errors.package import (
    ForeignFilesError as ForeignFilesError,
    PackageError as PackageError,
)
from ftrack_orm.errors.planning import (
    LateEditError as LateEditError,
    MissingRevisionError as MissingRevisionError,
    ParameterError as ParameterError,
    PlanningError as PlanningError,
    RevisionCycleError as RevisionCycleError,
    RevisionError as RevisionError,
    RevisionFileError as RevisionFileError,
    UnknownRevisionError as UnknownRevisionError,
    ValueKindError as ValueKindError,
    WriteWhilePlanningError as WriteWhilePlanningError,
)
from ftrack_orm.errors.query import (
    CriterionError as CriterionError,
    MultipleResultsError as MultipleResultsError,
    NoResultError as NoResultError,
    QueryError as QueryError,
)
from ftrack_orm.errors.revisions import (
    FreezeError as FreezeError,
    PreconditionError as PreconditionError,
    RecipeError as RecipeError,
)
from ftrack_orm.errors.root import (
    FtrackError as FtrackError,
)
from ftrack_orm.errors.schema import (
    SchemaDriftError as SchemaDriftError,
    SchemaDriftWarning as SchemaDriftWarning,
    SchemaError as SchemaError,
)
from ftrack_orm.errors.server import (
    InvalidCredentialsError as InvalidCredentialsError,
    ServerError as ServerError,
    ServerPermissionDeniedError as ServerPermissionDeniedError,
    ServerValidationError as ServerValidationError,
    StaleReferenceError as StaleReferenceError,
)
from ftrack_orm.errors.session import (
    CircularReferenceError as CircularReferenceError,
    ConfigurationError as ConfigurationError,
    ConflictingChangesError as ConflictingChangesError,
    DetachedEntityError as DetachedEntityError,
    EntityClassError as EntityClassError,
    InspectionError as InspectionError,
    InvalidArgumentError as InvalidArgumentError,
    InvalidOperationError as InvalidOperationError,
    InvalidSettingError as InvalidSettingError,
    ModelsNotFoundError as ModelsNotFoundError,
    PlanChangedError as PlanChangedError,
    SessionClosedError as SessionClosedError,
    SessionError as SessionError,
)
from ftrack_orm.errors.snapshot import (
    SnapshotError as SnapshotError,
    SnapshotFileError as SnapshotFileError,
    UnknownProjectError as UnknownProjectError,
)
from ftrack_orm.errors.studio import (
    StudioError as StudioError,
    StudioFileError as StudioFileError,
    StudioNotSettledError as StudioNotSettledError,
    StudioPlanError as StudioPlanError,
)
from ftrack_orm.errors.transport import (
    ConnectionFailedError as ConnectionFailedError,
    ConnectionLostError as ConnectionLostError,
    NotJSONError as NotJSONError,
    OutcomeUnknownError as OutcomeUnknownError,
    ReplyMismatchError as ReplyMismatchError,
    RequestCancelledError as RequestCancelledError,
    RequestTimeoutError as RequestTimeoutError,
    ResponseFormatError as ResponseFormatError,
    ResponseLengthError as ResponseLengthError,
    ServerUnavailableError as ServerUnavailableError,
    TransportError as TransportError,
    TruncatedResponseError as TruncatedResponseError,
    WrongAddressError as WrongAddressError,
)
from ftrack_orm.operations import (
    AnyOperation as AnyOperation,
    NextPage as NextPage,
    Operation as Operation,
    Response as Response,
    ResponseMetadata as ResponseMetadata,
    UploadMetadata as UploadMetadata,
    WriteOperation as WriteOperation,
)
from ftrack_orm.query.criterion import (
    Criterion as Criterion,
)
from ftrack_orm.query.custom_link_path import (
    CustomLinkPath as CustomLinkPath,
)
from ftrack_orm.query.mapped_paths import (
    ChoicesPath as ChoicesPath,
    MappedItemPath as MappedItemPath,
    MappedPath as MappedPath,
)
from ftrack_orm.query.path import (
    OrderKey as OrderKey,
    Path as Path,
)
from ftrack_orm.query.protocols import (
    Subquery as Subquery,
)
from ftrack_orm.query.relation_paths import (
    CollectionPath as CollectionPath,
)
from ftrack_orm.schema.attribute_kind import (
    AttributeKind as AttributeKind,
)
from ftrack_orm.schema.model import (
    Attribute as Attribute,
    EntitySchema as EntitySchema,
    Schema as Schema,
)
from ftrack_orm.select.projection import Loadable as Loadable
from ftrack_orm.select.select import (
    Select as Select,
)
from ftrack_orm.session.model_lookup import (
    Models as Models,
)
from ftrack_orm.session.result_types import (
    ModelPackage as ModelPackage,
)
from ftrack_orm.session.server_actions import (
    WidgetName as WidgetName,
    WidgetTheme as WidgetTheme,
)
from ftrack_orm.session.session import (
    Session as Session,
)
from ftrack_orm.session.settings import (
    LoadMode as LoadMode,
    SchemaCheck as SchemaCheck,
)
from ftrack_orm.transfer.source import (
    FileSource as FileSource,
)
from ftrack_orm.transport.retry import (
    NO_RETRIES as NO_RETRIES,
    RetryPolicy as RetryPolicy,
)
from ftrack_orm.types import (
    JSON as JSON,
    NOT_LOADED as NOT_LOADED,
    UNSET as UNSET,
    Cancel as Cancel,
    EntityKey as EntityKey,
    FileDownload as FileDownload,
    FileReply as FileReply,
    FileTransport as FileTransport,
    JSONObject as JSONObject,
    Keys as Keys,
    LinkItem as LinkItem,
    LinkItems as LinkItems,
    OnProgress as OnProgress,
    OperationOutcome as OperationOutcome,
    Reference as Reference,
    Reply as Reply,
    Sentinel as Sentinel,
    Transport as Transport,
    VariableValue as VariableValue,
)
from ftrack_orm.unit_of_work.changes import (
    Change as Change,
    CreateChange as CreateChange,
    DeleteChange as DeleteChange,
    UpdateChange as UpdateChange,
)
from ftrack_orm.unit_of_work.description import (
    DescribedChange as DescribedChange,
    DescribedValue as DescribedValue,
)
from ftrack_orm.unit_of_work.plan import (
    FlushPlan as FlushPlan,
)

__version__: str
"""The version of the installed distribution; ``0+unknown`` without one."""
