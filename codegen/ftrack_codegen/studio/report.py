"""Write the result of a check as text, JSON or SARIF."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from ftrack_codegen.studio.changes import Difference
from ftrack_codegen.studio.scan import Scan

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The result of ``generate --check``.

    Attributes:
        package: the folder of the package.
        differences: the differences between package and server.
        files: the files that are not as the generator writes them, with the reason.
        scan: the lines that the differences break, ``None`` without a scan.
    """

    package: str
    differences: tuple[Difference, ...]
    files: tuple[str, ...]
    scan: Scan | None = None

    @property
    def is_current(self) -> bool:
        """Return whether the package is as the server requires."""
        return not self.differences and not self.files


def text_report(report: CheckReport) -> str:
    """Return a report for people."""
    if report.is_current:
        return f"{report.package} is up to date."
    lines = [f"{report.package} is not up to date."]
    if report.differences:
        lines.append("The server has changed:")
        lines += [f"  {difference}" for difference in report.differences]
    else:
        lines.append("The server is the same, but these files are not:")
        lines += [f"  {text}" for text in report.files]
    if report.scan is not None:
        lines += _scan_lines(report.scan)
    lines.append("Run ftrack-orm generate without --check, and commit the result.")
    return "\n".join(lines)


def _scan_lines(scan: Scan) -> list[str]:
    files = "1 file" if scan.files == 1 else f"{scan.files} files"
    if scan.lines:
        lines = [f"Lines that this breaks, in {files}:"]
        lines += [f"  {line}\n    {line.source}" for line in scan.lines]
    else:
        lines = [f"No line of {files} uses a changed name."]
    return [*lines, *(f"  {file}" for file in scan.unreadable)]


def json_report(report: CheckReport) -> str:
    """Return a report for programs.

    ``same`` is true for a current package; ``differences``, ``files`` and, after a
    scan, ``lines`` and ``unreadable`` list the rest.
    """
    document: dict[str, Any] = {
        "package": report.package,
        "same": report.is_current,
        "differences": [asdict(difference) for difference in report.differences],
        "files": list(report.files),
    }
    if report.scan is not None:
        document["lines"] = [asdict(line) for line in report.scan.lines]
        document["unreadable"] = [asdict(file) for file in report.scan.unreadable]
    return json.dumps(document, indent=2, ensure_ascii=False)


def sarif_report(report: CheckReport, version: str) -> str:
    """Return the broken lines, or the differences without a scan, in SARIF 2.1.0."""
    results: list[dict[str, Any]]
    if report.scan is None:
        results = [
            _result(str(difference), "difference", ())
            for difference in report.differences
        ]
    else:
        results = [
            _result(
                line.reason,
                "broken-line",
                [
                    {
                        "physicalLocation": {
                            "artifactLocation": {"uri": _uri(line.path)},
                            "region": {
                                "startLine": line.line,
                                "startColumn": line.column,
                            },
                        }
                    }
                ],
            )
            for line in report.scan.lines
        ]
    rules = [
        {"id": "difference", "shortDescription": {"text": "The server has changed."}},
        {
            "id": "broken-line",
            "shortDescription": {"text": "A name is no longer on the server."},
        },
    ]
    driver = {"name": "ftrack-orm", "version": version, "rules": rules}
    document = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _result(
    text: str, rule: str, locations: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "ruleId": rule,
        "level": "error",
        "message": {"text": text},
        "locations": list(locations),
    }


def _uri(path: str) -> str:
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())
