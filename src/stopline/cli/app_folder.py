"""Where this terminal keeps its own files: beside other programs' settings, for its owner alone."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Final

_NAME: Final = "stopline"
VARIABLE: Final = "STOPLINE_TOKEN"


def app_folder() -> Path:
    """The folder for settings of this user, by the custom of the system."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home())) / _NAME
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / _NAME
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / _NAME


def token_file(node: Path) -> Path:
    """Where the token for a node lies; the name says nothing of the node."""
    name = hashlib.sha256(str(node.resolve()).encode()).hexdigest()[:16]
    return app_folder() / "sessions" / name


def token_for(node: Path) -> str:
    """Give the token for a node.

    Raises:
        BadInput: nobody is signed in here.
    """
    from stopline.errors import BadInput

    given = os.environ.get(VARIABLE, "").strip()
    if given:
        return given
    try:
        return token_file(node).read_text("utf-8").strip()
    except FileNotFoundError:
        expected = f"`stopline sign-in {node} NAME` first, or a token in {VARIABLE}"
        raise BadInput.single(str(node), "nobody signed in", expected) from None


def signed_in(node: Path) -> bool:
    """Whether somebody signed in at a node from this terminal, or a token is given."""
    return bool(os.environ.get(VARIABLE, "").strip()) or token_file(node).is_file()
