"""The endpoints of files (protocol 7.2).

`app` holds the routes: it applies the next fault, receives the bytes of an upload and
sends those of a download. `service` checks the caller and the URL and builds the
response from the stores of `blobs`; the in-process transport calls it too. `ranges`
computes the bytes that a ``Range`` header selects.
"""
