"""What stands before every route: security headers, host, time limit, and nothing unforeseen out.

Plain ASGI, so that streams pass through untouched.
"""

from __future__ import annotations

import asyncio
import ipaddress
from typing import TYPE_CHECKING, Final

from stopline.console.problem_details import Problem, problem_of
from stopline.operation.core.exercise_mark import MARK

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from stopline.console.settings import ConsoleSettings

# What these addresses say of their own keeping and policy stands; all others say nothing of it.
_OWN: Final = ("/assets/", "/v1/tiles/", "/v1/openapi.json")
_OWN_HEADERS: Final = frozenset(
    {b"cache-control", b"content-security-policy", b"permissions-policy"}
)
SOURCE: Final = "stopline.source"  # in the scope: who called the proxy in front
STREAMS: Final = frozenset({"/v1/events"})
# Pages of the API load nothing and stand in no frame; the report as HTML brings its style along.
_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_PAGE_POLICY: Final = _POLICY + "; style-src 'unsafe-inline'; img-src data:"
_ALWAYS: Final = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"strict-transport-security": b"max-age=63072000; includeSubDomains",
    b"cache-control": b"no-store",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}


class Shield:
    """Wraps the application.

    Args:
        app: the application.
        settings: limits and names.
        exercise: every answer bears the mark of an exercise.
    """

    def __init__(self, app: ASGIApp, settings: ConsoleSettings, *, exercise: bool = False) -> None:
        self._app = app
        self._settings = settings
        self._marks = [(b"stopline-exercise", MARK.encode())] if exercise else []
        self._hosts = frozenset(settings.hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._settings.proxied:
            scope["scheme"] = "https"  # what came to the proxy; the way from there is ours
            scope[SOURCE] = _source_before_the_proxy(scope)
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = _with_headers(message["headers"], scope["path"])
                message = {**message, "headers": [*headers, *self._marks]}
            await send(message)

        try:
            self._check_host(scope)
            limit_s = None if scope["path"] in STREAMS else self._limit_s(scope["path"])
            async with asyncio.timeout(limit_s):
                await self._app(scope, receive, guarded)
        except Exception as error:  # noqa: BLE001  (the last door: nothing unforeseen goes out)
            problem = (
                Problem("busy", "It took too long.", headers={"retry-after": "1"})
                if isinstance(error, TimeoutError)
                else problem_of(error)
            )
            if not begun:
                await problem.response()(scope, receive, guarded)

    def _limit_s(self, path: str) -> float:
        """How long a request may take: one that may make a plan takes longer than others."""
        plans = path == "/v1/typed" or path.endswith((".propose", "/plan.adopt"))
        return self._settings.planning_s if plans else self._settings.request_s

    def _check_host(self, scope: Scope) -> None:
        named = [value for key, value in scope["headers"] if key == b"host"]
        if len(named) != 1 or host_of(named[0].decode("latin-1")) not in self._hosts:
            raise Problem("other-host")


def _source_before_the_proxy(scope: Scope) -> str:
    """Who called the proxy: the last address of X-Forwarded-For, which the proxy itself adds.

    Whoever calls may have written others before it. Without one it is the proxy.
    """
    said = [value for key, value in scope["headers"] if key == b"x-forwarded-for"]
    last = said[-1].decode("latin-1").rpartition(",")[2].strip() if said else ""
    try:
        return str(ipaddress.ip_address(last))
    except ValueError:
        client: tuple[str, int] | None = scope.get("client")
        return client[0] if client else "unknown"


def host_of(text: str) -> str:
    """The name in a Host header, without its port and brackets, in lower case."""
    if text.startswith("["):
        return text[1:].partition("]")[0].lower()
    return text.partition(":")[0].lower()


def _with_headers(headers: list[tuple[bytes, bytes]], path: str) -> list[tuple[bytes, bytes]]:
    own = path == "/" or path.startswith(_OWN)
    said = {key.lower() for key, _ in headers} & _OWN_HEADERS if own else set()
    kept = [
        (key, value) for key, value in headers
        if key.lower() in said or key.lower() not in {*_ALWAYS, *_OWN_HEADERS}
    ]  # fmt: skip
    page = any(k == b"content-type" and v.startswith(b"text/html") for k, v in kept)
    policy = _PAGE_POLICY if page else _POLICY
    added = {**_ALWAYS, b"content-security-policy": policy.encode()}
    return [*kept, *((key, value) for key, value in added.items() if key not in said)]
