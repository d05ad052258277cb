"""The command reference in docs/cli.md, made from the commands themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH: Final = 88
_HEAD: Final = """# Command reference

Made by `python -m stopline.cli.reference docs/cli.md`; a test fails when it is out of date.
"""


def command_reference() -> str:
    """The help of every command as one Markdown page."""
    from stopline.cli.main import app

    sections = [_HEAD]
    for words, text in _help("stopline", typer.main.get_command(app), None):
        sections.append(f"## `{words}`\n\n```\n{text.rstrip()}\n```\n")
    return "\n".join(sections)


def _help(words: str, command: Any, parent: typer.Context | None) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Help texts of a command and of those below it, with the words that call each."""
    context = typer.Context(
        command,
        info_name=words.rpartition(" ")[2],
        parent=parent,
        max_content_width=_WIDTH,
        terminal_width=_WIDTH,
    )
    yield words, command.get_help(context)
    for name, inner in getattr(command, "commands", {}).items():
        yield from _help(f"{words} {name}", inner, context)


if __name__ == "__main__":
    import sys

    Path(sys.argv[1]).write_text(command_reference(), encoding="utf-8")
