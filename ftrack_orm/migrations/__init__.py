"""Plan, apply, resume and undo changes of a production's data.

A planning function edits entities with the ordinary session, on a transport that
refuses writes. The result is a `Plan`: absolute operations with the values that they
replace, in a file. A runner applies plans; it never runs the function again.
"""
