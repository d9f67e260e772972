"""The preview of a plan: readable text, a JSON document, or one HTML page.

Everything shown is stored in the plan; nothing is requested.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ftrack_orm.migrations.change_text import UNSET, printable, value_text
from ftrack_orm.migrations.chunks import MAX_OPERATIONS
from ftrack_orm.migrations.options import LOAD
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.plan_summary import ChangeCount
from ftrack_orm.types import JSON

FORMAT: Final = 1
"""The number of the layout of the JSON document."""

SAMPLES: Final = 3
"""Samples of each kind of change that a preview shows."""

_MOST_SKIPS: Final = 10


def as_text(plan: Plan, *, samples: int = SAMPLES) -> str:
    """Return the plan as lines for people, without a line break at the end."""
    return "\n".join(_lines(plan, samples))


def as_json(plan: Plan, *, samples: int = SAMPLES) -> dict[str, JSON]:
    """Return the plan as a JSON object; ``"format"`` is its version."""
    counts: list[JSON] = []
    for count in plan.counts:
        data = count.to_json()
        data["samples"] = [
            {"title": title, "before": before, "after": after}
            for title, before, after in count.samples[:samples]
        ]
        counts.append(data)
    facts = ("server_url", "server_id", "api_user", "roles", "read_at", "parameters")
    earlier = ("earlier_runs", "repeated", "unknown_creates")
    skipped: list[JSON] = [
        {"type": entity_type, "key": key, "title": title, "reason": reason}
        for entity_type, key, title, reason in plan.skipped
    ]
    return {
        "format": FORMAT,
        "digest": plan.digest,
        "revision": plan.revision,
        "title": plan.title,
        **{name: plan.meta(name) for name in facts},
        **{name: plan.meta(name) for name in earlier if plan.meta("earlier_runs")},
        "changes": plan.changes,
        "irreversible": plan.irreversible,
        "cascade": dict(plan.cascade),
        "counts": counts,
        "names": dict(plan.names),
        "skipped": skipped,
        "risks": list(plan.risks),
        "unaccepted_risks": list(plan.unaccepted_risks),
        "findings": [finding.to_json() for finding in plan.findings],
        "units": plan.unit_count,
        "operations": plan.operations,
        "requests": plan.requests,
        "seconds": estimated_seconds(plan),
    }


# -- lines ---------------------------------------------------------------------------


def _lines(plan: Plan, samples: int) -> Iterator[str]:
    yield headline(plan)
    counts = plan.counts
    subjects = [f"{count.sign} {count.count:,} {phrase(count)}" for count in counts]
    width = min(max(map(len, subjects), default=0), 60)
    for count, subject in zip(counts, subjects, strict=True):
        line = f"  {subject:<{width}}  {samples_of(plan, count, samples)}"
        yield line.rstrip()
    yield from _skip_lines(plan)
    for finding in plan.findings:
        yield f"  {printable(str(finding))}"
    for label, text in facts_of(plan):
        yield f"  {label:<14}{text}"


def headline(plan: Plan) -> str:
    """Return revision, title, server and user of a plan."""
    name = " ".join(part for part in (plan.revision, plan.title) if part)
    roles = ", ".join(plan.meta("roles") or ()) or "no role"
    server = str(plan.meta("server_url"))
    return printable(f"{name}  at {server}, as {plan.meta('api_user')} ({roles})")


def phrase(count: ChangeCount) -> str:
    """Return the subject and the verb of a kind of change."""
    return printable(f"{count.subject} {count.verb}")


def samples_of(plan: Plan, count: ChangeCount, samples: int) -> str:
    """Return the first samples of a kind of change, in one line."""
    shown = [
        sample_text(plan.names, count, sample) for sample in count.samples[:samples]
    ]
    if count.count > len(shown) and shown:
        shown.append("…")
    return ", ".join(shown)


def sample_text(
    names: Mapping[str, str], count: ChangeCount, sample: tuple[str, JSON, JSON]
) -> str:
    """Return one sample: the values, or the title of a created or deleted entity."""
    title, before, after = sample
    if count.verb in ("created", "deleted"):
        return printable(title)
    replaced = "unset" if before == UNSET else value_text(names, before)
    new = "default" if after == UNSET else value_text(names, after)
    return f"{replaced} -> {new}"


def _skip_lines(plan: Plan) -> Iterator[str]:
    count = plan.file.skipped_count()
    if not count:
        return
    yield f"  ? {count:,} skipped"
    for index, (_, _, title, reason) in enumerate(plan.file.skipped()):
        if index == _MOST_SKIPS:
            yield "      …"
            return
        yield printable(f"      {title} {reason}")


# -- facts ---------------------------------------------------------------------------


def facts_of(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield label and text of the facts below the changes."""
    if plan.meta("earlier_runs"):
        runs = ", ".join(plan.meta("earlier_runs"))
        count = plan.meta("repeated")
        made = "change that was" if count == 1 else "changes that were"
        label = "continues" if plan.meta("continues") else "partly undone"
        yield label, f"{runs}, without {count:,} {made} made there"
    if plan.unaccepted_risks:
        names = ", ".join(f'"{risk}"' for risk in plan.unaccepted_risks)
        yield "not accepted", f"add accepts=[{names}] to the revision"
    elif plan.risks:
        yield "risks", ", ".join(plan.risks)
    if not plan.meta("has_all_projects"):
        yield "careful", "the user has no role on all projects and may not see all rows"
    received = size_text(plan.meta("received") or 0)
    yield "sent so far", f"{plan.meta('sent')} requests (reading), {received}"
    if plan.requests:
        yield "to apply", _requests_text(plan)
        yield "atomicity", _atomicity_text(plan)
        yield "undo", _undo_text(plan)
    yield "digest", plan.digest[:12]


def _requests_text(plan: Plan) -> str:
    chunks = plan.requests - 2
    return (
        f"at least {plan.requests:,} requests: {chunks:,} of at most {MAX_OPERATIONS} "
        f"operations, begin and end; a run starts with smaller ones{_time_text(plan)}"
    )


def size_text(size: int) -> str:
    """Return a number of bytes in the unit that suits it: ``"3.4 MB"``."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.1f} kB" if size < 1_000_000 else f"{size / 1e6:.1f} MB"


def estimated_seconds(plan: Plan) -> float | None:
    """Return the seconds that a run takes at the usual load, by the last run's pace.

    ``None`` for a server on which no run has ended.
    """
    pace = plan.meta("ms_per_operation")
    if pace is None or not plan.operations:
        return None
    return float(round(plan.operations * pace / 1000 / LOAD, 1))


def _time_text(plan: Plan) -> str:
    seconds = estimated_seconds(plan)
    if seconds is None:
        return ""
    pace = plan.meta("ms_per_operation")
    return (
        f". About {_duration(seconds)} at {LOAD:.0%} load "
        f"(last run: {pace:.1f} ms an operation)"
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def _atomicity_text(plan: Plan) -> str:
    units = plan.unit_count
    if units == 1:
        return "one unit: all or nothing"
    return f"{units:,} units are each all or nothing; the whole is not"


def _undo_text(plan: Plan) -> str:
    if not plan.irreversible:
        return "everything"
    below = ", ".join(
        f"{count:,} {entity_type}"
        for entity_type, count in sorted(plan.cascade.items())
    )
    ending = "" if plan.irreversible == 1 else "s"
    text = f"all but {plan.irreversible:,} delete{ending} that no plan can undo"
    if plan.bound:
        units = "unit" if plan.bound == 1 else "units"
        text += f", and {plan.bound:,} {units} with former values that refer to it"
    return f"{text}; deleted with them: {below}" if below else text
