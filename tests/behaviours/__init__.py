"""What the emulator does, with the evidence and the tests: data for a page.

Every module here but `behaviour`, `page` and the test is one area. Its docstring is
the area's title, its `BEHAVIOURS` are the rows. `python -m tests.behaviours` writes
``docs/behaviours.md`` from them.
"""
