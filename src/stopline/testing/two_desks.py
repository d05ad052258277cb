"""Two paired nodes with a protocol in force and a simulated line between their desks."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stopline.link.engine import LinkEngine
from stopline.link.identity import TLS_CERTIFICATE_FILE
from stopline.link.ids import derived_id
from stopline.link.key_management import accept_pairing
from stopline.link.pairing import fingerprint
from stopline.operation.core.actor import Actor
from stopline.operation.core.admission import DeskAdmission
from stopline.operation.core.commands import AdoptProtocol
from stopline.operation.core.node import make_node, open_node, peer_certificate_file
from stopline.operation.runtime.bootstrap import open_command_handler
from stopline.operation.runtime.scheduler import Scheduler, SchedulerSettings
from stopline.protocol.reader import parse_protocol
from stopline.protocol.signing import sign
from stopline.signed_note import Signer
from stopline.testing.in_process_line import InProcessLine

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.operation.core.command import Command
    from stopline.operation.core.command_handler import CommandHandler, CommandReceipt

START_S = 1_795_000_000.0
QUIET = SchedulerSettings(believes=False)  # a belief takes a second, again after each two minutes


@dataclass(slots=True)
class TwoNodes:
    """Two nodes in two folders; end 0 is the first side of the protocol.

    Attributes:
        folders: of the two nodes.
        desks: of the two nodes; `restart` puts a new one there.
        line: the line between them, driven by simulated time.
        duties: what each node does by itself; they compute at once.
    """

    folders: tuple[Path, Path]
    desks: list[CommandHandler]
    line: InProcessLine
    duties: list[Scheduler]
    _count: int = field(default=0)

    @classmethod
    def make(
        cls,
        folder: Path,
        document: bytes,
        *,
        journals: tuple[str, str] | None = None,
        seed: int = 1,
        settings: SchedulerSettings | None = None,
        ports: tuple[int, int] | None = None,
    ) -> TwoNodes:
        """Make, pair and open two nodes, and adopt a protocol signed by both.

        Args:
            folder: an empty folder.
            document: the protocol, YAML.
            journals: where the journals are, for example PostgreSQL URLs.
            seed: of the line's chance.
            settings: of the duties of both nodes; without the belief if not given.
            ports: of their lines on this machine, where processes shall serve them.
        """
        file = parse_protocol(document)
        sides = list(file.protocol.sides)
        folders = (folder / sides[0], folder / sides[1])
        where = journals or ("journal.db", "journal.db")
        urls = [f"https://{side}.example:8440" for side in sides]
        listen = ["127.0.0.1:0"] * 2
        if ports is not None:
            listen = [f"127.0.0.1:{port}" for port in ports]
            urls = [f"https://{each}" for each in listen]
        for end, (side, place, journal) in enumerate(zip(sides, folders, where, strict=True)):
            make_node(
                place,
                f"{side}.example/node",
                journal=journal,
                url=urls[end],
                listen=listen[end],
                now_s=START_S,
            )
        _pair(folders)
        for end, side in enumerate(sides if ports else ()):
            certificate = (folders[end] / TLS_CERTIFICATE_FILE).read_text("utf-8")
            peer_certificate_file(folders[1 - end], f"{side}.example/node").write_text(certificate)
        keys = {
            side: Signer(file.protocol.sides[side].signed_as, Ed25519PrivateKey.generate())
            for side in sides
        }
        signatures = b""
        for key in keys.values():
            signatures = sign(file, key, signatures)
        desks = [open_command_handler(place) for place in folders]
        engines: list[LinkEngine | None] = [_engine(desk) for desk in desks]
        chance = random.Random(seed)  # noqa: S311  (a simulation, no secret)
        duties = [Scheduler(desk, settings or QUIET) for desk in desks]
        both = cls(folders, desks, InProcessLine(engines, chance), duties)
        for end, side in enumerate(sides):
            adopt = AdoptProtocol(
                document=document.decode(),
                signatures=signatures.decode(),
                side=side,
                keys={name: key.key.encode() for name, key in keys.items()},
            )
            both.do(end, adopt, Actor("a.setup", "administrator"))
        return both

    @classmethod
    def reopen(
        cls, folders: tuple[Path, Path], now_s: float, *, settings: SchedulerSettings | None = None
    ) -> TwoNodes:
        """Open two nodes again, for example copies of what `make` made, with a new line between.

        Args:
            folders: of the two nodes, in the order of their sides.
            now_s: where the simulated time goes on, UTC seconds.
            settings: of the duties of both nodes; without the belief if not given.
        """
        desks = [open_command_handler(place) for place in folders]
        engines: list[LinkEngine | None] = [_engine(desk) for desk in desks]
        line = InProcessLine(engines, random.Random(1))  # noqa: S311  (a simulation, no secret)
        line.now_s = now_s - line.utc_s[0]
        return cls(folders, desks, line, [Scheduler(one, settings or QUIET) for one in desks])

    @property
    def now_s(self) -> float:
        """UTC seconds of the simulated moment."""
        return self.line.utc_s[0] + self.line.now_s

    def do(self, end: int, command: Command, actor: Actor) -> CommandReceipt:
        """Give a command at one end, under a fresh id."""
        self._count += 1
        command_id = derived_id(self.now_s, "two-desks", self._count)
        return self.desks[end].do(command, actor, command_id=command_id, now_s=self.now_s)

    def run(self, seconds: float) -> None:
        """Let the line work and the clocks go on; both nodes do their duties each second."""
        whole = 0.0
        while whole < seconds:
            part = min(1.0, seconds - whole)
            self.line.run(part)
            whole += part
            for duties in self.duties:
                duties.run(self.now_s)

    def restart(self, end: int) -> None:
        """Kill a node and start it again from what is on disk."""
        self.desks[end].node.journal.close()
        self.desks[end] = open_command_handler(self.folders[end])
        self.duties[end] = Scheduler(self.desks[end], self.duties[end].settings)
        self.line.ends[end] = _engine(self.desks[end])

    def close(self) -> None:
        """Close both journals."""
        for desk in self.desks:
            desk.node.journal.close()


def _engine(desk: CommandHandler) -> LinkEngine:
    node = desk.node
    return LinkEngine(node.journal, node.identity, str(desk.peer), admission=DeskAdmission(desk))


def _pair(folders: tuple[Path, Path]) -> None:
    nodes = [open_node(place) for place in folders]
    offers = [node.pairing for node in nodes]
    digits = fingerprint(*offers)
    for node, own, theirs in zip(nodes, offers, reversed(offers), strict=True):
        with node:
            accept_pairing(
                node.journal, own, theirs, spoken=digits, person="a.setup", now_s=START_S
            )
