"""The endpoints of files, over HTTP and in process (protocol 7.2)."""
