"""Write ``docs/behaviours.md`` anew: ``python -m tests.behaviours``."""

from __future__ import annotations

from tests.behaviours.page import PAGE, render

PAGE.write_text(render(), encoding="utf-8")
print(f"{PAGE.name} is up to date.")
