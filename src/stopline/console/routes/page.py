"""The built page: one document, and files named by their content."""

import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter
from fastapi import Path as InPath
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from stopline.errors import UnknownName
from stopline.operation.core.exercise_mark import MARK

FOLDER: Final = Path(__file__).parents[1] / "page"
ASSETS: Final = "/assets/"
_YEAR_S: Final = 31_536_000
# What the page may do: load from this node, and nothing else.
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_MISSING: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Stopline</title>
<h1>The console is not built</h1><p>This node serves its API, but the page was not built with it.
Run <code>scripts/frontend</code> in the source tree, or install the wheel.</p></html>"""
page = APIRouter(include_in_schema=False)
_PACKED: Final = frozenset({".js", ".css", ".svg"})
_TYPES: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
}


def is_built() -> bool:
    """Whether the page was built."""
    return (FOLDER / "index.html").is_file()


@page.get("/")
async def index(request: Request) -> Response:
    """The page itself; never kept, so that a new version is seen at once."""
    exercise: bool = request.app.state.console.desk.node.exercise
    if not is_built():
        return HTMLResponse(_titled(_MISSING, exercise=exercise), 503)
    return HTMLResponse(
        _titled((FOLDER / "index.html").read_text("utf-8"), exercise=exercise),
        headers={
            "content-security-policy": PAGE_POLICY, "cache-control": "no-store",
            # The phone view of a unit reports its position when the officer asks for it.
            "permissions-policy": "camera=(), geolocation=(self), microphone=()",
        },
    )  # fmt: skip


def _titled(text: str, *, exercise: bool) -> str:
    """The page, with the mark of an exercise first in its title before anything is loaded."""
    return text.replace("<title>", f"<title>{MARK}: ", 1) if exercise else text


@page.get(ASSETS + "{name}")
async def asset(
    request: Request,
    name: Annotated[
        str,
        InPath(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$", description="file of the page"),
    ],
) -> Response:
    """A file of the page; its name changes with its content, so it may be kept for good.

    A worker takes its policy from its own file, not from the page: so each has the page's.
    """
    path = FOLDER / "assets" / name
    if not path.is_file():
        raise UnknownName(f"file {name[:80]}")
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {
        "cache-control": f"public, max-age={_YEAR_S}, immutable",
        "content-security-policy": PAGE_POLICY,
    }
    if path.suffix in _PACKED and "gzip" in request.headers.get("accept-encoding", ""):
        headers |= {"content-encoding": "gzip", "vary": "accept-encoding"}
        return Response(_packed(path), media_type=kind, headers=headers)
    return Response(path.read_bytes(), media_type=kind, headers=headers)


@lru_cache(maxsize=64)
def _packed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)
