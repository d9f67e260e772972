"""Upload files as components, and download the files of components.

An upload passes these modules: `source` opens the file or stream and `subject` derives
the component's attributes; `journal` records the progress on disk, with a lock of
`file_lock` and a name of `file_names`. `upload` then runs the steps: `component_api`
creates the component and gets the addresses, `chunks` splits the file, `parts` sends
the missing parts of the `active_upload` in the threads of `workers`, and `progress`
reports the bytes. After a failure `rollback` deletes the component. `download` receives
a file in a thread of `workers`, compares its `checksum`, and renames it to its target.
`defaults` holds the constants that sessions need before any transfer.
"""
