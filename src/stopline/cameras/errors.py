"""What goes wrong with cameras; no error here carries a picture or a plate.

StoplineError
├── CameraFailed       a stream, a file or a frame cannot be used
│   └── SourceLost     the stream broke; it may come back
└── NothingWatched     no plate may be looked for
"""

from __future__ import annotations

from stopline.errors import StoplineError


class CameraFailed(StoplineError):  # noqa: N818  (reads as a sentence where it is raised)
    """A stream, a file or a frame cannot be used."""


class SourceLost(CameraFailed):
    """The stream broke or fell silent; it may come back."""


class ModelsMissing(StoplineError):  # noqa: N818
    """The models are not installed, or not as this build knows them."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}; install the extra: pip install 'stopline[cameras]'")
