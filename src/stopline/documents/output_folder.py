"""Write a folder of outputs whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from stopline.errors import BadInput, unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


@contextmanager
def whole_outputs(folder: Path, names: Collection[str]) -> Iterator[Path]:
    """Give a folder to write into; its files appear in `folder` when the block ends well.

    Where the block fails, nothing in `folder` has changed. Files of an earlier run that bear one
    of `names` but were not written again are removed, so that all that lies there belongs
    together. Other files are left alone.

    Args:
        folder: where the files are to appear; made if missing.
        names: every name that this kind of output may use.

    Yields:
        A folder beside it, on the same disk.

    Raises:
        BadInput: the folder cannot be made or written.
    """
    if folder.exists() and not folder.is_dir():
        raise BadInput.single(str(folder), "a file", "a folder for the outputs")
    parent = folder.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", suffix=".part", dir=parent))
    except OSError as error:
        seen = unreadable(error)
        raise BadInput.single(str(folder), seen, "a folder that can be written") from error
    try:
        yield draft
        _publish(draft, folder, names)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _publish(draft: Path, folder: Path, names: Collection[str]) -> None:
    """Move all files of the draft into place; put the old ones back if that fails."""
    if not folder.exists():
        draft.chmod(0o755)
        draft.rename(folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=".old-", dir=draft))
    written = sorted(path.name for path in draft.iterdir() if path.is_file())
    moved: list[str] = []
    placed: list[str] = []
    try:
        for name in sorted({*names, *written}):
            if (folder / name).is_file():
                (folder / name).replace(aside / name)
                moved.append(name)
        for name in written:
            (draft / name).replace(folder / name)
            placed.append(name)
    except BaseException:
        for name in placed:
            with suppress(OSError):
                (folder / name).unlink()
        for name in moved:
            with suppress(OSError):
                (aside / name).replace(folder / name)
        raise
