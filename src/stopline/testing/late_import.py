"""A module of an extra that is only asked for when something of it is used.

Whoever has no cameras installed can import all of `stopline.testing`, and is told what is missing
where a film is really to be drawn.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class LateModule:
    """Stands for a module until one of its names is used."""

    def __init__(self, name: str, extra: str) -> None:
        self._name, self._extra = name, extra

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  (whatever the module has)
        """Give a name of the module.

        Raises:
            ModuleNotFoundError: the extra is not installed.
        """
        try:
            found = getattr(import_module(self._name), name)
        except ModuleNotFoundError as error:
            told = f"{self._name} is not there; install {self._extra}"
            raise ModuleNotFoundError(told, name=self._name) from error
        setattr(self, name, found)
        return found
