"""The preview of a plan as one HTML page that needs no other file."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from ftrack_orm.migrations.change_text import UNSET, value_text
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.plan_summary import MOST_SAMPLES, ChangeCount
from ftrack_orm.migrations.preview import facts_of, headline, phrase
from ftrack_orm.types import JSON

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem;
  padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8884; padding: .3rem .6rem; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.create { color: #1a7f37; } .update { color: #9a6700; } .remove { color: #cf222e; }
summary { cursor: pointer; padding: .3rem 0; }
dt { float: left; clear: left; width: 8rem; color: #888; } dd { margin-left: 9rem; }
"""

_CLASSES: Final = {"+": "create", "~": "update", "-": "remove"}


def as_html(plan: Plan, *, samples: int = MOST_SAMPLES) -> str:
    """Return the page; every name and value of the production is escaped."""
    title = escape(headline(plan))
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{title}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{title}</h1>",
            *_facts(plan),
            *(f"<p>{escape(str(finding))}</p>" for finding in plan.findings),
            f"<h2>{plan.changes:,} changes</h2>",
            *(_details(plan, count, samples) for count in plan.counts),
            *_skipped(plan),
            "</body></html>",
            "",
        ]
    )


def _facts(plan: Plan) -> Iterator[str]:
    yield "<dl>"
    for label, text in facts_of(plan):
        yield f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>"
    yield "</dl>"


def _details(plan: Plan, count: ChangeCount, samples: int) -> str:
    rows = "".join(
        _row(plan, title, before, after)
        for title, before, after in count.samples[:samples]
    )
    left = count.count - min(samples, len(count.samples))
    more = f"<p>… and {left:,} more</p>" if left else ""
    return (
        f'<details><summary class="{_CLASSES[count.sign]}">{count.sign} '
        f"{count.count:,} {escape(phrase(count))}</summary>"
        "<table><tr><th>Entity</th><th>Before</th><th>After</th></tr>"
        f"{rows}</table>{more}</details>"
    )


def _row(plan: Plan, title: str, before: JSON, after: JSON) -> str:
    cells = [
        escape(title),
        *(
            escape("unset" if value == UNSET else value_text(plan.names, value))
            for value in (before, after)
        ),
    ]
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _skipped(plan: Plan) -> Iterator[str]:
    skipped = plan.skipped
    if not skipped:
        return
    yield f"<h2>{len(skipped):,} skipped</h2><table>"
    for _, _, title, reason in skipped:
        yield f"<tr><td>{escape(title)}</td><td>{escape(reason)}</td></tr>"
    yield "</table>"
