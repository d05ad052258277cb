"""Lines that several commands end with, on stderr, so that they never mix with a table."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def say_files(files: Sequence[Path]) -> None:
    """Say which files were written, by folder."""
    names: dict[Path, list[str]] = {}
    for path in files:
        names.setdefault(path.parent, []).append(path.name)
    for folder, inside in names.items():
        typer.echo(f"Files in {folder}: {', '.join(inside)}", err=True)


def say_wrapped(text: str, *, indent: int = 8) -> None:
    """Say a line on stdout; at a terminal it goes on below itself, and no word is cut."""
    if not sys.stdout.isatty() or len(text) <= (width := shutil.get_terminal_size().columns):
        typer.echo(text)
        return
    lead = len(text) - len(text.lstrip())
    for line in textwrap.wrap(
        text, width, subsequent_indent=" " * min(lead + indent, width // 2),
        drop_whitespace=True, break_on_hyphens=False,
    ):  # fmt: skip
        typer.echo(line)
