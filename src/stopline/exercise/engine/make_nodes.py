"""Two nodes for an exercise: made, paired, the agreed document in force, units registered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stopline.link.key_management import accept_pairing
from stopline.link.pairing import fingerprint
from stopline.operation.core.actor import Actor
from stopline.operation.core.commands import AdoptProtocol
from stopline.operation.core.node import (
    make_node,
    open_node,
    pairing_certificate,
    peer_certificate_file,
)
from stopline.operation.facts.readiness import RegisteredUnit
from stopline.operation.readiness.commands import RegisterUnits
from stopline.operation.runtime.bootstrap import command_handler_of
from stopline.protocol.signing import sign
from stopline.signed_note import Signer

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.exercise.document.load import LoadedExercise
    from stopline.forces.unit import Unit

SET_UP_S = 60.0  # the nodes are made so long before STARTEX
CONTROL = "exercise.control"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the lines of a node listen."""

    url: str
    listen: str


def make_nodes(
    loaded: LoadedExercise, folder: Path, addresses: dict[str, Address] | None = None
) -> dict[str, Path]:
    """Make both nodes in a folder, pair them, put the protocol in force, register the units.

    Args:
        loaded: the exercise.
        folder: in which the two folders are made, each named after its side.
        addresses: of the lines, by side; places that nobody calls if left out.

    Returns:
        The folder of each side's node.
    """
    now_s = loaded.exercise.start_s - SET_UP_S
    places = {side: folder / side for side in loaded.sides}
    for side, place in places.items():
        where = (addresses or {}).get(side, Address(f"https://{side}.example:8440", "127.0.0.1:0"))
        make_node(
            place, f"{side}.example/node", journal="journal.db", url=where.url,
            listen=where.listen, now_s=now_s, exercise=True,
        )  # fmt: skip
    _pair(list(places.values()), now_s)
    _adopt(loaded, places, now_s)
    for side, place in places.items():
        _register(loaded, side, place, now_s)
    return places


def _pair(folders: list[Path], now_s: float) -> None:
    nodes = [open_node(place) for place in folders]
    offers = [node.pairing for node in nodes]
    digits = fingerprint(*offers)
    for number, node in enumerate(nodes):
        with node:
            theirs = folders[1 - number]
            peer = accept_pairing(
                node.journal, offers[number], offers[1 - number], spoken=digits, person=CONTROL,
                now_s=now_s,
            )  # fmt: skip
            certificate = peer_certificate_file(node.folder, peer.name)
            certificate.write_text(pairing_certificate(theirs), "utf-8")


def _adopt(loaded: LoadedExercise, places: dict[str, Path], now_s: float) -> None:
    file = loaded.protocol
    keys = {
        side: Signer(file.protocol.sides[side].signed_as, Ed25519PrivateKey.generate())
        for side in places
    }
    signatures = b""
    for key in keys.values():
        signatures = sign(file, key, signatures)
    fields: dict[str, Any] = {
        "document": file.data.decode(),
        "signatures": signatures.decode(),
        "keys": {name: key.key.encode() for name, key in keys.items()},
    }
    for side, place in places.items():
        with open_node(place) as node:
            command = AdoptProtocol(side=side, **fields)
            actor = Actor(CONTROL, "administrator")
            command_handler_of(node).do(command, actor, command_id=f"adopt-{side}", now_s=now_s)


def _register(loaded: LoadedExercise, side: str, place: Path, now_s: float) -> None:
    """Each service registers its units at its own node, and at no other."""
    own = loaded.units_of(side)
    with open_node(place) as node:
        desk = command_handler_of(node)
        for agency, role in loaded.dispatchers().items():
            units = tuple(_registered(one) for one in own if one.agency == agency)
            if units:
                desk.do(
                    RegisterUnits(units=units), Actor(f"{side}.{role}", role, agency),
                    command_id=f"register-{side}-{agency}", now_s=now_s,
                )  # fmt: skip


def _registered(unit: Unit) -> RegisteredUnit:
    return RegisteredUnit(
        id=unit.id, side=unit.side, agency=unit.agency, lon=unit.lon, lat=unit.lat,
        ready_s=unit.ready_s, speed_factor=unit.speed_factor, strength=unit.strength,
        may_act_in=tuple(sorted(unit.may_act_in)), name=unit.name,
    )  # fmt: skip
