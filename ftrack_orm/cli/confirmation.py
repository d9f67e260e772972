"""Ask a person before a command writes to a server."""

from __future__ import annotations

import click

from ftrack_orm.errors.migration_runs import NotConfirmedError


def confirm(question: str, *, is_given: bool) -> None:
    """Ask a person unless the answer is given.

    Raises:
        NotConfirmedError: the answer is no, or there is no terminal.
    """
    if is_given:
        return
    try:
        answer = click.confirm(question, err=True)
    except click.Abort:
        answer = False
    if not answer:
        raise NotConfirmedError("Confirm it, or pass --yes.")


def confirm_changes(summary: str, changes: int, *, digest: str | None = None) -> None:
    """Ask a person to type the number of changes.

    Args:
        summary: a line about the changes, shown before the question.
        changes: the number.
        digest: the digest of the plan, if the command has ``--expect``.

    Raises:
        NotConfirmedError: the answer is another one, or there is no terminal.
    """
    click.echo(summary, err=True)
    try:
        answer = click.prompt("Type the number of changes to apply them", err=True)
    except click.Abort:
        answer = ""
    if str(answer).strip() != str(changes):
        expect = f" or --expect {digest[:12]}" if digest else ""
        raise NotConfirmedError(f"Type {changes}, or pass --yes{expect}.")
