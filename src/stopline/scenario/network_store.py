"""Find the road network that an adopted plan was made on, and keep it open."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from stopline.errors import BadInput, StoplineError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from stopline.network.road_network import RoadNetwork
    from stopline.sealing.plan_file.schema import NetworkPart

_KEPT = 4


class NetworkStore:
    """The networks of plans, by digest; threads may share it.

    Args:
        folder: of the node; a network may lie there under its file name.
        files: further places to look: files or folders of networks.
    """

    def __init__(self, folder: Path, files: Iterable[Path] = ()) -> None:
        self._folder = folder
        self.files = tuple(files)
        self._open: dict[str, RoadNetwork] = {}
        self._lock = threading.Lock()

    def of(self, part: NetworkPart) -> RoadNetwork:
        """Open the network that a plan names.

        Raises:
            BadInput: it is nowhere, cannot be read, or what lies there is another one.
        """
        with self._lock:
            known = self._open.get(part.digest)
            if known is not None:
                return known
            found = self._search(part)
            if len(self._open) >= _KEPT:
                self._open.pop(next(iter(self._open)))
            self._open[part.digest] = found
            return found

    def _search(self, part: NetworkPart) -> RoadNetwork:
        from stopline.network.cache import open_network  # noqa: PLC0415  (heavy)
        from stopline.network.read_settings import ReadSettings  # noqa: PLC0415

        reason = ""
        for path in self.places(part):
            if not path.exists():
                continue
            try:
                found = open_network(path, ReadSettings(**(part.read_settings or {})))
            except (StoplineError, OSError, TypeError) as error:
                reason = reason or f"{path} cannot be read: {error}"
                continue
            if found.digest == part.digest:
                return found
            reason = reason or f"{path} is another network than the plan's"
        reason = reason or f"network {part.path or '(no name)'} is not found"
        expected = "the network of the plan, beside the node's files or given with --network"
        raise BadInput.single("network", reason, expected)

    def places(self, part: NetworkPart) -> list[Path]:
        """Where it is looked for: as given, where it was read, in the node's folder."""
        from pathlib import Path  # noqa: PLC0415

        if not part.path:
            return list(self.files)
        named = Path(part.path)
        found = [*self.files, *(one / named.name for one in self.files), named]
        return [*found, self._folder / named, self._folder / named.name]
