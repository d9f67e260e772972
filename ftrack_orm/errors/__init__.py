"""The exceptions of the project, in one tree.

::

    FtrackError
    ├── TransportError                the exchange with the server failed
    │   ├── ConnectionFailedError       no connection, nothing was applied
    │   ├── RequestTimeoutError         no reply within the timeout
    │   ├── ConnectionLostError         sent, the connection broke before a reply
    │   ├── OutcomeUnknownError         a write was sent, and its reply was lost
    │   ├── RequestCancelledError       the caller cancelled before the reply
    │   ├── ServerUnavailableError      HTTP 429, 502, 503 or 504: try again later
    │   └── ResponseFormatError         a reply that violates the protocol
    │       ├── WrongAddressError         the address is not an ftrack server
    │       ├── NotJSONError              a page, not JSON
    │       ├── TruncatedResponseError    JSON that breaks off
    │       ├── ResponseLengthError       more or fewer results than operations
    │       └── ReplyMismatchError        a result that does not fit its operation
    ├── ServerError                   the server refused the request
    │   ├── InvalidCredentialsError
    │   ├── ServerPermissionDeniedError
    │   ├── StaleReferenceError         reference data that the server lost
    │   └── ServerValidationError
    ├── SessionError                  the session cannot do this
    │   ├── ConfigurationError          server, user or key are missing
    │   │   └── InvalidSettingError       one of them cannot be used
    │   ├── ModelsNotFoundError         no generated models of that name
    │   ├── SessionClosedError
    │   ├── InspectionError             inspection never loads; an AttributeError
    │   ├── DetachedEntityError         the entity belongs to no or another session
    │   ├── EntityClassError            another subclass of the type is in use
    │   ├── InvalidArgumentError        an argument that a method cannot use
    │   ├── InvalidOperationError       an operation holds a value that cannot be sent
    │   ├── CircularReferenceError      new entities require each other
    │   ├── ConflictingChangesError     two changes of one commit exclude each other
    │   └── PlanChangedError            the plan is not the expected one
    ├── QueryError
    │   ├── CriterionError              an impossible condition
    │   ├── NoResultError
    │   └── MultipleResultsError
    ├── EntityError
    │   ├── NotLoadedError
    │   ├── ReadOnlyAttributeError
    │   ├── UnknownAttributeError       also an AttributeError
    │   ├── UnknownEntityTypeError
    │   ├── UnknownKeyError             also a KeyError: metadata, custom attributes
    │   ├── UnknownReferenceError       the package lists no such reference data
    │   ├── AttributeValueError         also a ValueError
    │   ├── AttributeKindError          also a TypeError: a value of another type
    │   ├── MissingValueError           a new entity lacks a value that it needs
    │   ├── EntityKeyError
    │   └── IdentificationError         ensure() has no usable identifying keys
    ├── ComponentError                a component's file could not be transferred
    │   ├── UploadError                 `remains` names a component left on the server
    │   │   ├── UploadCancelledError
    │   │   ├── UploadInProgressError     another upload holds the journal
    │   │   └── FileTooLargeError         larger than the storage accepts
    │   └── DownloadError               the target is unchanged
    │       ├── DownloadCancelledError
    │       └── ComponentFileError        the server has no file for it
    ├── MigrationError                it cannot be planned, applied or undone
    │   ├── PlanFileError               a plan file that cannot be used
    │   │   └── PlanEditedError           its content differs from its digest
    │   ├── PlanningError               a function that cannot be planned
    │   │   ├── WriteWhilePlanningError   it tried to write
    │   │   ├── LateEditError             it edited an entity after its page
    │   │   ├── ValueKindError            a custom attribute of another type
    │   │   └── ParameterError            parameters that do not fit its signature
    │   ├── RevisionError               a revision that cannot be used
    │   │   ├── RevisionFileError         its file cannot be imported
    │   │   ├── UnknownRevisionError
    │   │   ├── MissingRevisionError      one that it needs is missing
    │   │   └── RevisionCycleError        revisions need each other
    │   ├── PreconditionError           the server lacks names of frozen models
    │   ├── FreezeError                 the models of a revision cannot be frozen
    │   ├── RecipeError                 an unknown recipe or parameter
    │   └── RunError                    a run that cannot begin or continue
    │       ├── NoHistoryStoreError       the server accepts no history
    │       ├── NotInitializedError       the server has no history
    │       ├── LockedError               another run holds the lock
    │       ├── RunTakenOverError         another process continues the run
    │       ├── StalePlanError            the plan does not fit the server any more
    │       │   └── TooManyConflictsError
    │       ├── OtherServerError          the plan was made for another server
    │       ├── PlanRefusedError          a condition of the caller is not met
    │       ├── NotConfirmedError         a person did not confirm it
    │       ├── UnsafeServerError         the server lacks a guarantee
    │       ├── RunStoppedError           it stopped and can be resumed
    │       ├── UnknownRunError
    │       ├── PlanNotFoundError         the plan of the run is missing
    │       ├── HistoryRowError           a row of the history cannot be used
    │       └── EffectError               the function of an effect is missing
    ├── StudioError                   a configuration that cannot be used
    │   ├── StudioFileError             a file with a problem
    │   ├── StudioPlanError             it cannot be applied
    │   └── StudioNotSettledError       applying it leaves differences
    ├── SnapshotError                 a snapshot that cannot be made or used
    │   ├── UnknownProjectError
    │   └── SnapshotFileError
    ├── PackageError                  a generated package was not written
    │   └── ForeignFilesError           files without the header are in the way
    ├── SchemaError                   problems in a schema, collected
    │   └── SchemaDriftError            server and models differ
    └── EmulatorError
        └── UnsupportedError            the emulator does not implement it

Warnings: ``SchemaDriftWarning``.

How an error reaches the user: the layer that detects it passes the facts to the class,
`root` cuts long values (`shortened`), `suggestions` adds the nearest names, and the
class builds the message, which ends with the next step for the user. The facts stay
attributes. One module for each layer holds its classes: `transport`, `server`,
`session`, `query`, `entity`, `component`, `package`, `schema`, `emulator`,
`migrations`, `planning`, `revisions`, `migration_runs`, `studio`, `snapshot`. At run
time they import only each other, `root` and `suggestions`, so every other package can
import them. No message contains an API key.
"""
