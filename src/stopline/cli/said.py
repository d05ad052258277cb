"""Lines that several commands end with, on stderr, so that they never mix with a table."""

from __future__ import annotations

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
