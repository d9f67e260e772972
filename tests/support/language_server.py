"""An editor's side of the language server protocol, over pyright's standard streams."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.support.type_checkers import ROOT

CURSOR = "|"
"""Marks the position of the cursor in a line of a document."""

_CAPABILITIES = {
    "textDocument": {
        "completion": {
            "completionItem": {
                "documentationFormat": ["markdown"],
            }
        },
        "hover": {"contentFormat": ["markdown"]},
    },
    "workspace": {"configuration": True, "workspaceFolders": True},
}


@dataclass(frozen=True)
class Position:
    """A place in the document, both numbers from 0."""

    line: int
    character: int


def marked(lines: list[str]) -> tuple[str, list[Position]]:
    """Return a document without its cursors, and the cursors' positions in order."""
    positions = [
        Position(number, line.index(CURSOR))
        for number, line in enumerate(lines)
        if CURSOR in line
    ]
    return "\n".join(line.replace(CURSOR, "") for line in lines) + "\n", positions


class LanguageServer:
    """A running pyright language server with one open document."""

    def __init__(self, folder: Path, document: str) -> None:
        """Start the server and open `document`, which it need not find in a file."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pyright.langserver", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        self._uri = (folder / "document.py").as_uri()
        self._number = 0
        folders = [{"uri": folder.as_uri(), "name": "folder"}]
        self._ask(
            "initialize",
            {
                "processId": None,
                "rootUri": folder.as_uri(),
                "workspaceFolders": folders,
                "capabilities": _CAPABILITIES,
            },
        )
        self._tell("initialized", {})
        item = {"uri": self._uri, "languageId": "python", "version": 1}
        self._tell("textDocument/didOpen", {"textDocument": {**item, "text": document}})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._ask("shutdown", None)
        self._tell("exit", None)
        self._process.wait(timeout=30)
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()

    def hover(self, position: Position) -> str:
        """Return the text that an editor shows at a position."""
        answer = self._ask_at("textDocument/hover", position)
        return "" if answer is None else str(answer["contents"]["value"])

    def completions(self, position: Position) -> list[dict[str, Any]]:
        """Return the completions at a position, in the order an editor shows them."""
        answer = self._ask_at("textDocument/completion", position)
        items = answer["items"] if isinstance(answer, dict) else answer or []
        return sorted(items, key=lambda item: str(item.get("sortText", item["label"])))

    def definitions(self, position: Position) -> list[str]:
        """Return the names of the files that define the name at a position."""
        answer = self._ask_at("textDocument/definition", position) or []
        return [Path(place["uri"]).name for place in answer]

    # -- messages ------------------------------------------------------------------

    def _ask_at(self, method: str, position: Position) -> Any:
        place = {"line": position.line, "character": position.character}
        return self._ask(
            method, {"textDocument": {"uri": self._uri}, "position": place}
        )

    def _ask(self, method: str, parameters: Any) -> Any:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": parameters})
        while True:
            message = self._receive()
            if "method" in message:
                self._answer(message)
            elif message.get("id") == self._number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]

    def _tell(self, method: str, parameters: Any) -> None:
        self._send({"method": method, "params": parameters})

    def _answer(self, request: dict[str, Any]) -> None:
        """Answer a request of the server: the settings of this test, or nothing."""
        if "id" not in request:
            return
        result: Any = None
        if request["method"] == "workspace/configuration":
            paths = [str(ROOT / part) for part in ("", "codegen", "generated")]
            settings = {
                "python": {"pythonPath": sys.executable},
                "python.analysis": {"extraPaths": paths},
            }
            items = request["params"]["items"]
            result = [settings.get(item.get("section"), {}) for item in items]
        self._send({"id": request["id"], "result": result})

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise RuntimeError("The language server has ended.")
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return message
