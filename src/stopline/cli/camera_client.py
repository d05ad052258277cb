"""Speak to a node as a camera: ask what is wanted, tell what was seen."""

from __future__ import annotations

import base64
import hashlib
import ssl
import time
from typing import TYPE_CHECKING, Any, Final

import typer

from stopline.cameras.wanted import wanted_plate
from stopline.cameras.watching import Blind, Hit, SeesAgain, Silent, iso
from stopline.errors import BadInput, StoplineError

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.cameras.camera import Camera
    from stopline.cameras.wanted import WantedPlate
    from stopline.cameras.watching import Seen

_TRIES: Final = 6
_NODE_ERROR: Final = 500
_REFUSED: Final = 400


class NodeRefused(StoplineError):  # noqa: N818  (reads as a sentence where it is raised)
    """The node does not let this account in."""


class NodeClient:
    """One incident of one node, seen by a camera account.

    Args:
        address: of the node.
        incident: id of the incident.
        token_file: file with the account's token.
        ca: the node's certificate; None for the system's.
    """

    def __init__(
        self, address: str, incident: str, token_file: Path | None, ca: Path | None
    ) -> None:
        import httpx

        if not address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise BadInput.single("--node", address, "https://..., or http:// on this machine")
        token = "" if token_file is None else token_file.read_text("utf-8").strip()
        context: ssl.SSLContext | bool = True
        if ca is not None:
            context = ssl.create_default_context(cafile=str(ca))
        self._incident = incident
        self._client = httpx.Client(
            base_url=address, verify=context, timeout=5.0,
            headers={"Authorization": f"Bearer {token}"}, trust_env=False,
        )  # fmt: skip
        self._plates: dict[str, WantedPlate] = {}
        self._reached = True

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def wanted(self) -> WantedPlate | None:
        """Return the plate that may be looked for at this moment; None also if nobody answers.

        Raises:
            NodeRefused: the account may not ask.
        """
        import httpx

        try:
            answer = self._client.get(f"/v1/incidents/{self._incident}/wanted")
        except httpx.HTTPError as error:
            self._lost(type(error).__name__)
            return None
        if answer.status_code >= _REFUSED:
            if answer.status_code < _NODE_ERROR:
                raise NodeRefused(f"the node says: {_problem(answer)}")
            self._lost(str(answer.status_code))
            return None
        self._reached = True
        plate = answer.json()["plate"]
        if plate is None:
            self._plates.clear()
            return None
        if plate not in self._plates:
            self._plates = {plate: wanted_plate(plate)}
        return self._plates[plate]

    def tell(self, seen: Seen) -> bool:
        """Tell the node; return whether it answered. What cannot be told is said here."""
        import httpx

        name, fields, key = command_of(seen, time.time())
        wait_s = 0.25
        for _ in range(_TRIES):
            try:
                answer = self._client.post(
                    f"/v1/incidents/{self._incident}/commands/{name}", json=fields,
                    headers={"Idempotency-Key": key},
                )  # fmt: skip
            except httpx.HTTPError as error:
                self._lost(type(error).__name__)
            else:
                if answer.status_code < _REFUSED:
                    return True
                if answer.status_code < _NODE_ERROR:
                    if name == "hit.report":
                        typer.echo(f"the node refused a hit: {_problem(answer)}", err=True)
                    return True
            time.sleep(wait_s)
            wait_s *= 2
        typer.echo(f"the node could not be told: {name}", err=True)
        return False

    def _lost(self, why: str) -> None:
        if self._reached:
            typer.echo(f"the node does not answer ({why}); nothing is read until it does", err=True)
        self._reached = False


def command_of(seen: Seen, now_s: float) -> tuple[str, dict[str, Any], str]:
    """Return the command that tells it, its fields, and a key that is the same for a repetition."""
    camera = seen.camera
    if isinstance(seen, Hit):
        answer = seen.answer
        passage = passage_id(camera, seen.at_s)
        fields = _place(camera) | {
            "hit": passage, "seen": iso(min(seen.at_s, now_s)),
            "hit_class": answer.hit_class, "confidence": answer.confidence,
            "doubt": answer.doubt[:200], "forward": camera.forward(answer.direction),
            "heading_deg": camera.heading(answer.direction),
            "crop": base64.b64encode(answer.crop).decode("ascii"),
        }  # fmt: skip
        return "hit.report", fields, f"hit-{passage}"
    if isinstance(seen, Silent):
        fields = _place(camera) | {
            "watched_from": iso(seen.interval.from_s),
            "until": iso(min(seen.interval.until_s, now_s)), "detection": camera.detection,
            "forward": camera.watched_forward(),
        }  # fmt: skip
        return "silence.report", fields, f"silence-{passage_id(camera, seen.interval.until_s)}"
    why = seen.why[:200] if isinstance(seen, Blind) else ""
    fields = {"camera": camera.name, "blind": why, "since": iso(seen.since_s)}
    kind = "sees" if isinstance(seen, SeesAgain) else "blind"
    return "camera.report", fields, f"{kind}-{passage_id(camera, seen.since_s)}"


def passage_id(camera: Camera, at_s: float) -> str:
    """Return an id of a passage that says nothing but is the same for the same one."""
    return hashlib.sha256(f"{camera.name}\n{at_s:.3f}".encode()).hexdigest()[:32]


def _place(camera: Camera) -> dict[str, Any]:
    return {
        "camera": camera.name, "section": camera.section, "lon": camera.lon, "lat": camera.lat,
    }  # fmt: skip


def _problem(answer: Any) -> str:  # noqa: ANN401  (of httpx)
    try:
        return str(answer.json().get("detail") or answer.json().get("title"))
    except ValueError:
        return str(answer.status_code)
