"""One decorator for every hot loop, so that all kernels compile alike and keep their types.

Importing this file imports Numba (a third of a second), so only files with kernels import it, and
the command line imports those late.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def cache_directory(package: Path) -> Path | None:
    """Choose where compiled kernels are kept.

    Args:
        package: the folder of the installed package.

    Returns:
        `None` to keep them beside the source, as Numba does by itself; otherwise a folder of the
        user, or of this process alone where the user has none that can be written.
    """
    if _can_write(package / "__pycache__"):
        return None
    given = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    own = Path("~/Library/Caches" if sys.platform == "darwin" else "~/.cache").expanduser()
    user = (Path(given) if given else own) / "stopline" / "kernels"
    return user if _can_write(user) else Path(tempfile.mkdtemp(prefix="stopline-kernels-"))


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


if "NUMBA_CACHE_DIR" not in os.environ:
    _folder = cache_directory(Path(__file__).parent)
    if _folder is not None:
        os.environ["NUMBA_CACHE_DIR"] = str(_folder)

import numba  # noqa: E402  (reads its cache directory while it is imported)


def kernel(loop: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """Compile a loop over arrays on its first call, and keep the machine code on disk.

    The loop runs without the interpreter lock, and division by zero gives infinity or NaN as in
    NumPy. A kernel is called with arrays and plain numbers only.
    """
    compile_loop = numba.njit(cache=True, nogil=True, error_model="numpy")
    return cast("Callable[_Given, _Result]", compile_loop(loop))
