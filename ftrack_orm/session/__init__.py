"""The session: the user's methods, and the reads and writes behind them.

A read: `session` builds a `Select`, or `immediate` an operation. `core` passes it to
`api_client`, which encodes it, sends it and retries. `reply_check` compares the results
with the request, `responses` decodes them, and `row_loader` builds entities by the
`loading_plan` of their type. `lazy_loader` queries attributes that are missing.

A write: `commit` plans it, and `reliable_sender` sends the batch through `api_client`.
When the reply is lost, `in_doubt` queries the server for the outcome, and
`in_doubt_commit` holds the batch until it is known. `memory` and `cascade` then update
the entities. After a rollback `invalidation` unloads the values of a batch in doubt.
"""
