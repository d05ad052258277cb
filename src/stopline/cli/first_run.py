"""The first run after installation compiles the kernels: say so, once, before it takes time."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Callable


def prepare(report: Callable[[str, float], None]) -> None:
    """Compile what this installation has not compiled yet, and say so.

    Where nobody watches a terminal there is no progress, so one line says why it takes so long.
    """
    from stopline import warm

    if warm.is_prepared():
        return
    if not sys.stderr.isatty():
        typer.echo("Preparing Stopline's first run, once; this takes about 15 seconds.", err=True)
    warm.prepare(report)
