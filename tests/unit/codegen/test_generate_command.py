from __future__ import annotations

import errno
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ftrack_orm.cli.generate import command
from ftrack_orm.types import JSONObject


def make_types(**attributes: str) -> list[JSONObject]:
    properties = {name: {"type": kind} for name, kind in attributes.items()}
    return [
        {
            "id": "Thing",
            "type": "object",
            "primary_key": ["id"],
            "properties": {"id": {"type": "string"}, **properties},
        }
    ]


class Command:
    """`ftrack-orm generate` on a schema file in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.schema = folder / "schema.json"
        self.output = folder / "out"
        self.package = self.output / "studio_models"

    def serve(self, types: list[JSONObject]) -> None:
        self.schema.write_text(json.dumps([types]))

    def run(self, *arguments: str, source: bool = True) -> Result:
        given = ["--output", str(self.output), "--package", "studio_models"]
        if source:
            given += ["--schema", str(self.schema)]
        return CliRunner().invoke(command, [*given, *arguments])


@pytest.fixture
def generate(tmp_path: Path) -> Command:
    made = Command(tmp_path)
    made.serve(make_types(name="string"))
    return made


def test_a_package_is_written_and_then_left_alone(generate: Command) -> None:
    first = generate.run()
    assert first.exit_code == 0, first.output
    assert "4 files written" in first.output
    assert (generate.package / "thing.py").is_file()
    second = generate.run()
    assert "nothing was written" in second.output


def test_check_accepts_a_current_package_and_writes_nothing(generate: Command) -> None:
    generate.run()
    checked = generate.run("--check")
    assert (checked.exit_code, "up to date" in checked.output) == (0, True)


def test_check_says_which_attributes_differ(generate: Command) -> None:
    generate.run()
    before = (generate.package / "thing.py").read_bytes()
    generate.serve(make_types(name="number", size="integer"))
    checked = generate.run("--check")
    assert checked.exit_code == 3
    assert 'Thing.name: type changed from "string" to "number"' in checked.output
    assert "Thing.size: attribute added (integer)" in checked.output
    assert (generate.package / "thing.py").read_bytes() == before


def test_check_names_edited_files_when_the_schema_is_the_same(
    generate: Command,
) -> None:
    generate.run()
    edited = generate.package / "thing.py"
    edited.write_text(edited.read_text() + "\n# mine\n")
    checked = generate.run("--check")
    assert checked.exit_code == 3
    assert "thing.py: edited or older" in checked.output


def test_check_fails_where_there_is_no_package(generate: Command) -> None:
    checked = generate.run("--check")
    assert checked.exit_code == 1
    assert "no generated package" in checked.output
    assert not generate.output.exists()


def test_problems_are_printed_together_and_the_rest_is_generated(
    generate: Command,
) -> None:
    types = make_types(name="string", odd="colour")
    generate.serve([*types, {"type": "object"}, {"id": "Thing"}])
    done = generate.run()
    assert done.exit_code == 0
    for problem in ("unknown type 'colour'", "has no name", "is served again"):
        assert problem in done.output
    assert (generate.package / "thing.py").is_file()


def test_the_command_in_the_header_survives_the_next_run(generate: Command) -> None:
    generate.run("--command", "make generate")
    generate.serve(make_types(name="number"))
    generate.run()
    assert "run `make generate`" in (generate.package / "thing.py").read_text()


def test_without_a_server_the_missing_settings_are_named(
    generate: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FTRACK_SERVER", "FTRACK_API_USER", "FTRACK_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    done = generate.run("--server", "https://example.test", source=False)
    assert done.exit_code == 1
    assert "FTRACK_API_USER, FTRACK_API_KEY" in done.output
    assert "FTRACK_SERVER" not in done.output.split("Set the environment")[0]


def test_a_file_and_a_server_together_are_refused(generate: Command) -> None:
    done = generate.run("--server", "https://example.test")
    assert done.exit_code == 2
    assert "Give one of" in done.output


@pytest.mark.parametrize("name", ["studio-models", "1models", "class"])
def test_a_name_that_cannot_be_imported_is_refused(
    generate: Command, name: str
) -> None:
    done = generate.run("--package", name)
    assert done.exit_code == 2
    assert "not the name of a Python package" in done.output


def test_a_file_that_is_no_schema_is_said_to_be_so(generate: Command) -> None:
    generate.schema.write_text('{"a": 1}')
    done = generate.run()
    assert done.exit_code == 1
    assert "holds no schema" in done.output


def one_line_of_error(done: Result) -> str:
    """Return the one line that a command printed when it failed."""
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    [line] = done.output.strip().splitlines()
    return line


def test_files_without_the_header_are_named_and_left_alone(generate: Command) -> None:
    generate.package.mkdir(parents=True)
    (generate.package / "__init__.py").write_text("SECRET_SAUCE = 42\n")
    (generate.package / "thing.py").write_text("def work(): ...\n")

    line = one_line_of_error(generate.run())

    assert "__init__.py, thing.py" in line
    assert sorted(path.name for path in generate.package.iterdir()) == [
        "__init__.py",
        "thing.py",
    ]
    assert (generate.package / "thing.py").read_text() == "def work(): ...\n"


def test_a_full_disk_is_one_line_and_the_old_package_is_whole(
    generate: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate.run()
    before = {path.name: path.read_bytes() for path in generate.package.iterdir()}
    generate.serve(make_types(name="number", size="integer"))

    def full(path: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    line = one_line_of_error(generate.run())

    assert "No space left on device" in line
    assert {
        path.name: path.read_bytes() for path in generate.package.iterdir()
    } == before


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "Cannot allocate memory"),
        (subprocess.CompletedProcess([], -9, "", ""), "exit code -9"),
        (subprocess.CompletedProcess([], 2, "", "error\n  at x\n"), "error at x"),
    ],
)
def test_a_formatter_that_fails_is_one_line_and_nothing_is_written(
    generate: Command,
    monkeypatch: pytest.MonkeyPatch,
    failure: OSError | subprocess.CompletedProcess[str],
    words: str,
) -> None:
    def run(*arguments: object, **options: object) -> object:
        if isinstance(failure, OSError):
            raise failure
        return failure

    monkeypatch.setattr("ftrack_codegen.render.subprocess.run", run)

    assert words in one_line_of_error(generate.run())
    assert not generate.output.exists()


def test_an_interrupted_run_is_one_line_and_the_old_package_is_whole(
    generate: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate.run()
    before = {path.name: path.read_bytes() for path in generate.package.iterdir()}
    generate.serve(make_types(name="number", size="integer"))
    replace, calls = os.replace, iter(range(9))

    def interrupted(source: Path, target: Path) -> None:
        replace(source, target)
        if next(calls) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)

    assert one_line_of_error(generate.run()) == "Aborted!"
    assert {
        path.name: path.read_bytes() for path in generate.package.iterdir()
    } == before


def test_check_reports_a_file_without_the_header_and_writes_nothing(
    generate: Command,
) -> None:
    generate.run()
    (generate.package / "thing.py").write_text("# mine\n")

    checked = generate.run("--check")

    assert checked.exit_code == 1
    assert (generate.package / "thing.py").read_text() == "# mine\n"


class SchemaServer(HTTPServer):
    """A server on this machine that answers every batch with one schema."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), SchemaHandler)
        self.received: list[tuple[str, str | None, bytes]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class SchemaHandler(BaseHTTPRequestHandler):
    server: SchemaServer  # pyright: ignore[reportIncompatibleVariableOverride] # the one started here

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((self.path, self.headers["ftrack-user"], body))
        answer = json.dumps([make_types(name="string")]).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def schema_server() -> Iterator[SchemaServer]:
    with SchemaServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("place", ["option", "environment"])
def test_a_server_is_asked_with_the_credentials_of_the_environment(
    generate: Command,
    schema_server: SchemaServer,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    named = "http://127.0.0.1:9" if place == "option" else schema_server.address
    monkeypatch.setenv("FTRACK_SERVER", named)
    monkeypatch.setenv("FTRACK_API_USER", "anna")
    monkeypatch.setenv("FTRACK_API_KEY", "made-up-key")
    arguments = ["--server", schema_server.address] if place == "option" else []
    done = generate.run(*arguments, "--stock", source=False)
    assert done.exit_code == 0, done.output
    assert (generate.package / "thing.py").is_file()
    [(path, user, body)] = schema_server.received
    assert (path, user) == ("/api", "anna")
    assert json.loads(body) == [{"action": "query_schemas"}]
    assert "made-up-key" not in done.output


def test_generate_takes_the_schema_that_models_hold(tmp_path: Path) -> None:
    arguments = ["--models", "ftrack_models", "--output", str(tmp_path)]
    done = CliRunner().invoke(command, [*arguments, "--package", "ftrack_models"])

    assert done.exit_code == 0, done.output
    committed = Path(__file__).parents[3] / "generated" / "ftrack_models"
    written = tmp_path / "ftrack_models"
    # The header names the command that rebuilds a package; the rest is the same.
    for name in ("task.py", "status.py", "typed_context_link.py"):
        assert (written / name).read_text().partition("\n")[2] == (
            committed / name
        ).read_text().partition("\n")[2]


@pytest.mark.parametrize("name", ["json", "types", "ftrack_orm", "pydantic"])
def test_a_package_that_would_hide_a_module_is_not_written(
    generate: Command, name: str
) -> None:
    done = generate.run("--package", name)

    assert done.exit_code == 2
    assert f"{name!r} would hide the module" in done.output
    assert not generate.output.exists()


def test_one_file_is_counted_as_one(generate: Command) -> None:
    generate.run()
    (generate.package / "thing.py").unlink()

    assert "1 file written" in generate.run().output
