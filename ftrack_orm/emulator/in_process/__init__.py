"""Transports to an emulator in the same process, without a socket.

`transport` passes the bytes of a request to the fault injector and returns its outcome
as a reply, or raises the error of the client's HTTP transport. `files` does the same
for uploads and downloads, with the service of the file endpoints.
"""
