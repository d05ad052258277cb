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


def say_wrapped(text: str, *, indent: int = 8, err: bool = False) -> None:
    """Say something; at a terminal a long line goes on below itself, and no word is cut."""
    stream = sys.stderr if err else sys.stdout
    width = shutil.get_terminal_size().columns if stream.isatty() else 0
    for line in text.splitlines():
        if not 0 < width < len(line):
            typer.echo(line, err=err)
            continue
        lead = len(line) - len(line.lstrip())
        for part in textwrap.wrap(
            line, width, subsequent_indent=" " * min(lead + indent, width // 2),
            drop_whitespace=True, break_on_hyphens=False,
        ):  # fmt: skip
            typer.echo(part, err=err)
