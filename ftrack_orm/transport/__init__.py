"""Send encoded batches and files to a server over HTTP, and return its replies.

A batch passes these modules: `http` posts its bytes with the headers of `credentials`,
whose values are `secret`; `trailing_data` closes a connection with surplus bytes;
`failures` converts the errors of `requests`; `redaction` removes the API key from the
reply and `retry_after` parses its header. Then `replies` returns the decoded results
or raises the server's error, and `retry` decides whether to send the batch again.
Files pass `files`, which hides their addresses with `file_address` and rejects
incomplete headers with `response_heads`. `recording` records and replays exchanges for
tests.
"""
