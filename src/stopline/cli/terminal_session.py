"""The token of who sits at this terminal: a file of their own for each node, none else may read it.

STOPLINE_TOKEN in the environment comes before the file: for a machine's token, or a script.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from stopline.cli.app_folder import VARIABLE, token_file, token_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stopline.operation.accounts.sign_in import SignIn
    from stopline.operation.core.command_handler import CommandHandler

HERE = "this machine"
__all__ = ["VARIABLE", "at_node", "keep_token", "password_from", "token_file", "token_for"]


@contextmanager
def at_node(node: Path) -> Iterator[tuple[CommandHandler, SignIn]]:
    """Open a node's desk and its door; close them again.

    Raises:
        StoplineError: there is no node, or its journal will not do.
    """
    from stopline.operation.accounts.settings import read_settings
    from stopline.operation.accounts.sign_in import SignIn
    from stopline.operation.runtime.bootstrap import open_command_handler
    from stopline.operation.runtime.region_file import kept_region, regions_of

    desk = open_command_handler(node)
    desk.regions = regions_of(node)
    desk.networks.files = kept_region(node)[1]
    try:
        yield desk, SignIn(desk, settings=read_settings(node))
    finally:
        desk.node.journal.close()


def keep_token(node: Path, token: str) -> None:
    """Put a token where only its owner can read it."""
    place = token_file(node)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.unlink(missing_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(token)


def password_from(file: Path | None, prompt: str = "Password", *, new: bool = False) -> str:
    """Read a password: from a file, from standard input (`-`), or asked for without an echo.

    Args:
        file: where it stands; None to ask.
        prompt: what it is asked for with.
        new: ask for it twice.
    """
    if file is None:
        answer: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=new, err=True)
        return answer
    text = sys.stdin.readline() if str(file) == "-" else file.read_text("utf-8")
    return text.removesuffix("\n").removesuffix("\r")
