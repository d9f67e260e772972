"""Settings of the documentation's site; `make docs` builds it.

The pages are Markdown, read by MyST; the reference is read from the docstrings.
"""

from __future__ import annotations

import gc
import re
import sys
from importlib.metadata import version as installed_version
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer

from ftrack_orm._lazy import _defining_modules

sys.path.append(str(Path(__file__).parent))  # for `generated_pages`

# The nodes of a page refer to each other and stay to the end, so that collections find
# little: by default they take a sixth of the time of a build.
gc.set_threshold(50_000, 20, 100)

project = "ftrack_orm"
author = "the ftrack_orm authors"
release = version = installed_version("ftrack-orm")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "generated_pages",
]
exclude_patterns = ["_build"]
templates_path: list[str] = []

# -- pages -------------------------------------------------------------------------

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
suppress_warnings = [
    "misc.highlighting_failure",  # Pygments rejects the EBNF of the grammars
    "ref.python",  # an ambiguous name stays text
]

# -- reference ---------------------------------------------------------------------

default_role = "py:obj"
autoclass_content = "both"
autodoc_member_order = "groupwise"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
add_module_names = False

# -- site --------------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = "ftrack_orm"
html_static_path = ["_static"]
html_css_files = ["site.css"]
# These have no neighbours to list, or need the width.
html_sidebars: dict[str, list[str]] = {
    name: [] for name in ("start", "changelog", "from-ftrack-api")
}
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "ftrack_orm"},
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "tango",
    "pygments_dark_style": "github-dark",
}
# A copied example runs: prompts and output stay behind.
copybutton_exclude = ".linenos, .gp, .go"


def describe_alias(
    app: Sphinx,
    kind: str,
    name: str,
    value: object,
    options: object,
    lines: list[str],
) -> None:
    """Take the text of a public alias or constant from the module that defines it."""
    package, _, attribute = name.rpartition(".")
    if kind != "data" or not package.startswith("ftrack_orm"):
        return
    module = _defining_modules(package).get(attribute, package)
    documented = ModuleAnalyzer.for_module(module).find_attr_docs()
    lines[:] = documented.get(("", attribute), [])


# -- pages outside this folder -----------------------------------------------------

_PAGES = {
    "../README.md": "index.md",
    "../CHANGELOG.md": "changelog.md",
    "../CONTRIBUTING.md": "contributing.md",
    "../SECURITY.md": "security.md",
}


_EMPTY_END = re.compile(r"^(```python\n(?:(?!```).*\n)*)\n```$", re.MULTILINE)


def prepare_page(app: Sphinx, name: str, source: list[str]) -> None:
    """Lead links to the repository's pages to the pages of the site.

    The empty line that doctest needs at the end of an example is left out.
    """
    source[0] = _EMPTY_END.sub(r"\1```", source[0])
    for page, target in _PAGES.items():
        source[0] = source[0].replace(f"]({page}", f"]({target}")


def prepare_included(app: Sphinx, path: Path, parent: str, content: list[str]) -> None:
    """Lead links of an included page of the repository to the pages of the site."""
    text = content[0].replace("](docs/", "](")
    for page, target in _PAGES.items():
        text = text.replace(f"]({page.removeprefix('../')}", f"]({target}")
    content[0] = text


def setup(app: Sphinx) -> None:
    """Register the hooks of this file."""
    app.connect("source-read", prepare_page)
    app.connect("include-read", prepare_included)
    app.connect("autodoc-process-docstring", describe_alias)
