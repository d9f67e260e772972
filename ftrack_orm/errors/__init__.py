"""Every exception of the project, one tree.

::

    FtrackError
    ├── TransportError                the exchange with the server failed
    │   ├── ConnectionFailedError       no connection, nothing was applied
    │   ├── RequestTimeoutError         no answer within the time given
    │   ├── ConnectionLostError         sent, the connection broke before an answer
    │   ├── OutcomeUnknownError         a write was sent, and its answer was lost
    │   ├── RequestCancelledError       the caller no longer wanted the answer
    │   ├── ServerUnavailableError      HTTP 429, 502, 503 or 504: try again later
    │   └── ResponseFormatError         an answer that is not the protocol
    │       ├── WrongAddressError         the address is not an ftrack server
    │       ├── NotJSONError              a page, not JSON
    │       ├── TruncatedResponseError    JSON that breaks off
    │       ├── ResponseLengthError       more or fewer results than operations
    │       └── ReplyMismatchError        a result that does not fit its operation
    ├── ServerError                   the server refused, in its own words
    │   ├── InvalidCredentialsError
    │   ├── ServerPermissionDeniedError
    │   └── ServerValidationError
    ├── SessionError                  the session cannot do this
    │   ├── ConfigurationError          server, user or key are missing
    │   │   └── InvalidSettingError       one of them cannot be used
    │   ├── ModelsNotFoundError         no generated models of that name
    │   ├── SessionClosedError
    │   ├── DetachedEntityError         the entity is not this session's
    │   ├── EntityClassError            another subclass of the type is in use
    │   ├── InvalidArgumentError        a method was given what it cannot use
    │   ├── InvalidOperationError       an operation holds a value that cannot be sent
    │   ├── CircularReferenceError      new entities require each other
    │   ├── ConflictingChangesError     two changes of one commit exclude each other
    │   └── PlanChangedError            the plan is not the expected one
    ├── QueryError
    │   ├── CriterionError              a condition that cannot be meant
    │   ├── NoResultError
    │   └── MultipleResultsError
    ├── EntityError
    │   ├── NotLoadedError
    │   ├── ReadOnlyAttributeError
    │   ├── UnknownAttributeError       also an AttributeError
    │   ├── UnknownEntityTypeError
    │   ├── AttributeValueError         also a ValueError
    │   ├── EntityKeyError
    │   └── IdentificationError         ensure() has nothing to look for
    ├── ComponentError                a component's file could not be transferred
    │   ├── UploadError                 what is left of it is said
    │   │   ├── UploadCancelledError
    │   │   ├── UploadInProgressError     another upload holds the journal
    │   │   └── FileTooLargeError         more than the storage takes
    │   └── DownloadError               the target is as it was
    │       ├── DownloadCancelledError
    │       └── ComponentFileError        the server has no file for it
    ├── PackageError                  a generated package was not written
    │   └── ForeignFilesError           files without the header are in the way
    ├── SchemaError                   problems in a schema, gathered
    │   └── SchemaDriftError            server and models differ
    └── EmulatorError
        └── UnsupportedError            the emulator does not know it

Warnings: ``SchemaDriftWarning``.

Facts are fields; the message is built from them and ends with what to do next.
No message carries an API key.
"""
