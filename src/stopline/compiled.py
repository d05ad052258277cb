"""One decorator for every hot loop, so that all kernels compile alike and keep their types.

Importing this file imports Numba (a third of a second), so only files with kernels import it, and
the command line imports those late.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")
_Scalar = TypeVar("_Scalar", bound="np.generic")


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

import llvmlite.binding  # noqa: E402
import numba  # noqa: E402  (reads its cache directory while it is imported)
from numba.core.caching import FunctionCache  # noqa: E402
from numba.core.runtime import rtsys  # noqa: E402


# Numba has no types, hence the ignored one.
class _LightCache(FunctionCache):  # type: ignore[misc]
    """Loads machine code without Numba's compiler.

    Numba fills its tables for type inference before it looks on the disk, which takes a third of
    a second and pulls in scipy.linalg, though only a compilation reads them; it fills them there
    once more. Machine code needs no more than Numba's memory management.
    """

    def load_overload(self, sig: object, target_context: Any) -> Any:  # noqa: ANN401
        """Load machine code for argument types, or None if the disk has none."""
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)


def read_only(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """A view that cannot be written.

    Numba compiles a kernel once more for arrays that cannot be written, such as those mapped from
    a network's copy. What a kernel only reads is passed through this, so that it compiles once.
    """
    if not array.flags.writeable:
        return array
    view = array.view()
    view.flags.writeable = False
    return view


def compiler() -> str | None:
    """What makes the machine code, and for which processor; None if Numba is switched off."""
    if numba.config.DISABLE_JIT:
        return None
    return f"numba {numba.__version__} {llvmlite.binding.get_host_cpu_name()}"


KERNELS: Final[list[Any]] = []
"""Every kernel imported so far, as Numba's dispatchers, for those that prepare or count them."""


def kernel(loop: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """Compile a loop over arrays on its first call, and keep the machine code on disk.

    The loop runs without the interpreter lock, and division by zero gives infinity or NaN as in
    NumPy. A kernel is called with arrays and plain numbers only.
    """
    compiled = numba.njit(cache=True, nogil=True, error_model="numpy")(loop)
    if type(getattr(compiled, "_cache", None)) is FunctionCache:
        compiled._cache = _LightCache(loop)  # noqa: SLF001  (Numba offers no other way in)
    KERNELS.append(compiled)
    return cast("Callable[_Given, _Result]", compiled)
