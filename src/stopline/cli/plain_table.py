"""A table on stdout: drawn for a person at a terminal, tab-separated for a program."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "") -> None:
    """Print a table; columns whose cells are all numbers stand to the right."""
    listed = [[_one_line(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in (columns, *listed):
            typer.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None)
    for number, column in enumerate(columns):
        right = all(_is_number(row[number]) for row in listed)
        table.add_column(column.replace("_", " "), justify="right" if right else "left")
    for row in listed:
        table.add_row(*row)
    Console().print(table, markup=False)


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).replace("-", "", 1).isdigit()
