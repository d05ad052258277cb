"""Exit codes, and how a command ends: plain words on stderr, never a traceback."""

from __future__ import annotations

import functools
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, ParamSpec

import typer

from stopline.errors import BadInput, StoplineError, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEALED: Final = 0
BAD_INPUT: Final = 2
OPEN: Final = 3
INTERRUPTED: Final = 130
CUT_OFF: Final = 141
_Given = ParamSpec("_Given")


def ends_plainly(command: Callable[_Given, int]) -> Callable[_Given, None]:
    """Turn the exit code that a command returns, or the error that it raises, into its end."""

    @functools.wraps(command)
    def run(*args: _Given.args, **kwargs: _Given.kwargs) -> None:
        try:
            code = command(*args, **kwargs)
            sys.stdout.flush()
        except BadInput as error:
            code = BAD_INPUT
            for fault in error.faults:
                typer.echo(str(fault), err=True)
            if len(error.faults) > 1:
                typer.echo(f"{len(error.faults)} faults; nothing was written.", err=True)
        except BrokenPipeError:
            # Whoever read our output has seen enough; keep Python from complaining at exit. The
            # code is not that of a sealed plan: `stopline plan ... | head` may hide a leak.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = CUT_OFF
        except (StoplineError, OSError) as error:
            code = BAD_INPUT
            typer.echo(in_words(error), err=True)
        except KeyboardInterrupt:
            code = INTERRUPTED
            typer.echo("Stopped; nothing was written.", err=True)
        raise typer.Exit(code)

    return run


@contextmanager
def reported() -> Iterator[None]:
    """Say what is wrong with an input and leave with exit code 2; for commands that print."""
    try:
        yield
    except (StoplineError, OSError) as error:
        typer.echo(in_words(error), err=True)
        raise typer.Exit(BAD_INPUT) from None


def in_words(error: Exception) -> str:
    """Return what went wrong, without numbers that only programs know."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {unreadable(error)}"
    return str(error) or type(error).__name__
