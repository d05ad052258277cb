"""Bodies of requests: read with a limit, as JSON, into a form; all faults at once, in our words."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.requests import ClientDisconnect

from stopline.console.problem_details import Problem
from stopline.documents.validation import faults_of
from stopline.errors import Fault

if TYPE_CHECKING:
    from starlette.requests import Request

_READ_S: Final = 20.0
_LONG: Final = 64 << 10  # longer ones are parsed in another thread, so that others go on
_SHORT: Final = 80
_Form = TypeVar("_Form", bound=BaseModel)


async def read_bytes(request: Request, most: int, media: tuple[str, ...]) -> bytes:
    """Read a body of at most so many bytes.

    Raises:
        Problem: it is longer, of another media type, or comes too slowly.
    """
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said not in media:
        raise Problem("not-json", f"found {said or 'none'}; expected {' or '.join(media)}")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise _too_large(most)
    body = bytearray()
    try:
        async with asyncio.timeout(_READ_S):
            async for part in request.stream():
                body += part
                if len(body) > most:
                    raise _too_large(most)
    except (TimeoutError, ClientDisconnect):
        raise Problem("too-slow") from None
    return bytes(body)


async def read_form(
    request: Request,
    form: type[_Form],
    most: int,
    *,
    extra: dict[str, object] | None = None,
    secret: bool = False,
    or_else: tuple[str, ...] = (),
) -> _Form:
    """Read a body into a form.

    Args:
        request: the request.
        form: what is expected.
        most: longest body, bytes.
        extra: fields that come from elsewhere, the path for example; the body may not have them.
        secret: what was given is never repeated in a fault.
        or_else: media types that the address takes beside JSON; another one is told of them, too.

    Raises:
        Problem: it cannot be read, or has faults.
    """
    body = await read_bytes(request, most, ("application/json", *or_else))
    if len(body) > _LONG:
        return await asyncio.to_thread(_parse, body, form, extra or {}, secret=secret)
    return _parse(body, form, extra or {}, secret=secret)


def _parse(body: bytes, form: type[_Form], extra: dict[str, object], *, secret: bool) -> _Form:
    try:
        given: Any = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Problem("malformed", f"not JSON: {error}") from None
    doubled = _doubled_key(body)
    if doubled is not None:
        raise Problem("malformed", f"the key `{_short(doubled)}` stands there twice")
    if not isinstance(given, dict):
        seen = "a list" if isinstance(given, list) else type(given).__name__
        raise Problem("faults", faults=[Fault("body", seen, "an object")])
    twice = sorted(set(extra) & set(given))
    if twice:
        faults = [Fault(key, "in the body", "in the path alone") for key in twice]
        raise Problem("faults", faults=faults)
    try:
        return form.model_validate({**given, **extra})
    except ValidationError as error:
        faults = [
            Fault(where or "body", "hidden" if secret else _short(seen), expected)
            for where, seen, expected in faults_of(error, form, {**given, **extra})
        ]
        raise Problem("faults", faults=faults) from None


class _Doubled(Exception):  # noqa: N818  (it never leaves this file)
    """A key stands twice in an object."""


def _doubled_key(body: bytes) -> str | None:
    """Find a key that stands twice in one object: two readers could take different values."""

    def once(pairs: list[tuple[str, object]]) -> None:
        if len({key for key, _ in pairs}) < len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    raise _Doubled(key)
                seen.add(key)

    try:
        json.loads(body, object_pairs_hook=once)
    except _Doubled as error:
        return str(error)
    except (ValueError, RecursionError):
        return None  # what the other reader took is what counts
    return None


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"


def _too_large(most: int) -> Problem:
    return Problem("too-large", f"the body is longer than {most} bytes")
