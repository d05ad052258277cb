"""The desk: the one door through which officers' commands become facts on disk.

A command is decided against all that is known, checked against the permission table and the agreed
protocol, and recorded together with the messages that follow from it, in one transaction. Several
processes may run a desk on one journal: they take turns, and each decides on all that is recorded.
"""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from stopline.documents.canonical_json import canonical
from stopline.errors import BadInput, Fault, StoplineError
from stopline.journal.base import Fact
from stopline.journal.errors import StorageBusy, StorageError
from stopline.link.disclosure import disclose
from stopline.link.ids import derived_id
from stopline.link.mailbox import Message, post
from stopline.link.messages import kind_of_message
from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.command import IncidentCommand
from stopline.operation.core.context import CommandContext, Erase, Keep, Record, Send, iso
from stopline.operation.core.erasing import COMMAND_SHELF, erase_in
from stopline.operation.core.errors import CommandTaken, NotAgreed, NotNow, TooBusy
from stopline.operation.core.exercise_mark import is_exercise, marked
from stopline.operation.core.line_now import read_lines
from stopline.operation.core.permissions import check_permission, may
from stopline.operation.core.preparation import Preparation
from stopline.operation.core.protocol_rules import AgreedRules, check_said, meaning_facts
from stopline.operation.core.snapshots import is_due, state_from_snapshot, take_snapshot
from stopline.operation.core.state import NodeState
from stopline.operation.core.unit_of_work import UnitOfWork
from stopline.operation.facts.incident import DeadlinePassed
from stopline.scenario.network_store import NetworkStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stopline.operation.core.actor import Actor
    from stopline.operation.core.command import Command
    from stopline.operation.core.context import Effect
    from stopline.operation.core.node import Node
    from stopline.operation.core.preparation import Regions

_BETWEEN_TRIES_S = 0.02
_TOLD_S = 2.0  # who waits so long for other writers says so
_TROUBLED_S = 1.0  # while it is known that nothing is recorded, a command waits no longer
_LINES_S = 0.5  # the state of the lines is read again after it
_NOT_YET = object()


@dataclass(frozen=True, slots=True)
class CommandEnvelope:
    """A command that somebody gives.

    Attributes:
        command: what.
        actor: who.
        command_id: given by the caller: the same command with the same id happens once.
        prepared: the long part of it, if `Desk.prepared` did it already.
    """

    command: Command
    actor: Actor
    command_id: str
    prepared: object = _NOT_YET


@dataclass(frozen=True, slots=True)
class CommandReceipt:
    """A command that became facts.

    Attributes:
        entries: index of each fact in the journal.
        ids: id of each fact, or message, in the same order.
        repeated: it had happened before; nothing was recorded again.
    """

    entries: tuple[int, ...]
    ids: tuple[str, ...]
    repeated: bool = False


class CommandHandler:
    """A node's desk. Threads may share it.

    Attributes:
        node: whose desk it is.
        networks: where the road networks of plans are found.
        regions: where the node's region is found; None where it was told of none.
    """

    def __init__(self, node: Node) -> None:
        self.node = node
        self.networks = NetworkStore(node.folder)
        self.regions: Regions | None = None
        self._lock = threading.RLock()
        self._book = NodeState()
        self._laid_s = -math.inf
        self._watchers: list[Callable[[], None]] = []
        self.trouble = ""
        self.room_bytes: int | None = None
        self._peer: str | None = None
        self._lines: dict[str, dict[str, Any]] = {}
        self._lines_s = -math.inf
        self.catch_up()

    @property
    def peer(self) -> str | None:
        """The other side's node, as it was known last; None before the two are paired."""
        try:
            self._peer = next(iter(self.node.peers()), None)
        except StorageError:
            if self._peer is None:
                raise
        return self._peer

    def watch(self, watcher: Callable[[], None]) -> None:
        """Have something called whenever facts were recorded here."""
        self._watchers.append(watcher)

    def catch_up(self, *, strict: bool = False) -> NodeState:
        """Fold what others (the link, other processes) have recorded; give the book.

        Args:
            strict: raise where the journal cannot be read; else what was known before is given,
                and the book says that nothing is recorded.
        """
        with self._lock:
            try:
                self._fold_new()
            except StorageError as error:
                if strict or not self._book.size:
                    raise
                self.trouble = str(error)
            self._book.trouble = self.trouble
            self._book.room_bytes = self.room_bytes
            if time.monotonic() >= self._lines_s + _LINES_S:
                self._lines_s = time.monotonic()
                with suppress(StorageError):
                    self._lines = read_lines(self.node.journal)
            self._book.lines = self._lines
            return self._book

    def _fold_new(self) -> None:
        journal = self.node.journal
        if journal.size > self._book.size:
            if not self._book.size:
                self._book = state_from_snapshot(journal)
            self._book.fold(journal.read(self._book.size))

    def read(self) -> NodeState:
        """Everything known now, to look at and not to keep: hold `reading` meanwhile."""
        return self.catch_up()

    @property
    def reading(self) -> threading.RLock:
        """The lock to hold while looking into the book from another thread."""
        return self._lock

    def do(
        self, command: Command, actor: Actor, *, command_id: str, now_s: float
    ) -> CommandReceipt:
        """Carry out a command.

        Raises:
            Refused: with the reason; nothing was recorded.
            NotDisclosable: a message may not leave the node; nothing was recorded.
        """
        (result,) = self.do_all([CommandEnvelope(command, actor, command_id)], now_s)
        if isinstance(result, StoplineError):
            raise result
        return result

    def do_all(
        self, wishes: Sequence[CommandEnvelope], now_s: float
    ) -> list[CommandReceipt | StoplineError]:
        """Carry out commands in one transaction; each succeeds or is refused by itself."""
        prepared = [
            self._prepare(wish, now_s) if wish.prepared is _NOT_YET else wish.prepared
            for wish in wishes
        ]
        began_s = time.monotonic()
        while True:
            with self._lock:
                try:
                    with self._writing() as work:
                        results = [
                            self._one(work, wish, ready, now_s)
                            for wish, ready in zip(wishes, prepared, strict=True)
                        ]
                except TooBusy as error:
                    if not self._waits_on(error, time.monotonic() - began_s):
                        raise
                else:
                    self._scrub(work)
                    for watcher in self._watchers:
                        watcher()
                    return results
            time.sleep(_BETWEEN_TRIES_S)  # others look into the book meanwhile

    def _waits_on(self, error: TooBusy, waited_s: float) -> bool:
        """Whether to wait on for other writers; who waits long says so on the board."""
        patience_s = self.node.journal.patience_s
        if self.trouble:
            patience_s = min(patience_s, _TROUBLED_S)
        if waited_s >= _TOLD_S:
            self.trouble = str(error)
        return waited_s < patience_s

    def _scrub(self, work: UnitOfWork) -> None:
        """What was erased goes from the file as well; it is gone from the record already."""
        for entry in work.entries:
            if entry.kind == "body.erased" and entry.body is not None:
                self.node.journal.erase(str(entry.body["fact_id"]))

    def refusal(self, wish: CommandEnvelope, now_s: float) -> StoplineError | None:
        """Why a command would be refused now, as far as its short part tells; records nothing."""
        with self._lock:
            self.catch_up()
            try:
                self._decide(wish, now_s)
            except StoplineError as error:
                return error
            return None

    def tick(self, now_s: float) -> int:
        """Note every deadline that has passed; give how many."""
        with self._lock:
            try:
                noted = self._note_deadlines(now_s)
            except TooBusy:  # in the next second, then
                return 0
            if noted:
                for watcher in self._watchers:
                    watcher()
            return noted

    def take_snapshot(self, now_s: float) -> None:
        """Note where a restart may begin, if that is due."""
        with self._lock:
            book = self.catch_up()
            if is_due(book, now_s - self._laid_s):
                with suppress(StorageBusy):  # in the next second, then
                    take_snapshot(self.node.journal, book)
                self._laid_s = now_s

    def prepared(self, wish: CommandEnvelope, now_s: float) -> CommandEnvelope:
        """Have the long part of a command done, so that nobody waits for it in `do_all`."""
        return replace(wish, prepared=self._prepare(wish, now_s))

    def _prepare(self, wish: CommandEnvelope, now_s: float) -> object:
        """Have the long part of a command done, once, for those who may give it."""
        with self._lock:
            permitted = may(wish.actor, wish.command.kind, self.catch_up())
        if not permitted or self._happened(wish.command_id):
            return None
        ground = Preparation(
            node=self.node, networks=self.networks, regions=self.regions, reading=self._lock,
            catch_up=self.catch_up, actor=wish.actor, now_s=now_s, command_id=wish.command_id,
        )  # fmt: skip
        return wish.command.prepare(ground)

    def _happened(self, command_id: str) -> bool:
        return self.node.journal.look_up(COMMAND_SHELF, command_id) is not None

    @contextmanager
    def _writing(self) -> Iterator[UnitOfWork]:
        """Hold the journal and know all that is in it; what is noted is folded by the caller.

        Servers of one journal take turns: who waits here sees what the one before recorded.

        Raises:
            TooBusy: the others did not let it have a turn in time.
        """
        self.catch_up()  # the long part, before anybody has to wait for it
        begun = False
        try:
            with self.node.journal.transaction(patience_s=0.0) as work:
                begun = True
                self.catch_up(strict=True)
                yield UnitOfWork(work)
            self.trouble = ""
        except BaseException as error:
            if begun:
                self._book = NodeState()  # what it held may not be on disk
            if isinstance(error, StorageError) and not isinstance(error, StorageBusy):
                self.trouble = str(error)
            if isinstance(error, StorageBusy):
                raise TooBusy(
                    "the journal is busy with other writers; give the command again"
                ) from error
            raise

    def look_after_storage(self) -> None:
        """See whether the journal takes anything; `trouble` says why not, and is gone if it does.

        Raises:
            StorageError: it does not; nothing was lost, and it is looked again.
        """
        try:
            self.room_bytes = self._room()
            self.node.journal.check_there()
            if self.trouble:
                with self.node.journal.transaction(patience_s=0.0) as work:
                    work.put("probe", "last", b"")
        except StorageError as error:
            self.trouble = str(error)
            raise
        self.trouble = ""

    def _room(self) -> int | None:
        """Bytes that are left where the node's folder lies; None where that is not known."""
        try:
            return shutil.disk_usage(self.node.folder).free
        except OSError:
            return None

    def _one(
        self, work: UnitOfWork, wish: CommandEnvelope, prepared: object, now_s: float
    ) -> CommandReceipt | StoplineError:
        digest = _digest(wish)
        known = work.get(COMMAND_SHELF, wish.command_id)
        if known is not None:
            told = json.loads(known)
            if told["digest"] != digest:
                return CommandTaken(wish.command_id)
            return CommandReceipt(tuple(told["entries"]), tuple(told["ids"]), repeated=True)
        try:
            at = self._decide(wish, now_s, prepared)
        except StoplineError as error:
            return error
        before = len(work.entries)
        for number, effect in enumerate(at.effects):
            self._carry_out(work, at, number, effect)
        new = work.entries[before:]
        done = CommandReceipt(tuple(e.index for e in new), tuple(e.fact_id for e in new))
        told = {"digest": digest, "entries": list(done.entries), "ids": list(done.ids)}
        work.put(COMMAND_SHELF, wish.command_id, canonical(told))
        self._book.fold(new)
        return done

    def _decide(
        self, wish: CommandEnvelope, now_s: float, prepared: object = None
    ) -> CommandContext:
        book, command = self._book, wish.command
        check_permission(wish.actor, command.kind, book)
        scope = command.incident if isinstance(command, IncidentCommand) else None
        at = CommandContext(book, wish.actor, now_s, wish.command_id, scope, prepared=prepared)
        try:
            command.decide(at)
        except ValidationError as error:  # a fact or message that would not be of its form
            raise BadInput(
                Fault(".".join(map(str, each["loc"])), repr(each["input"])[:60], each["msg"])
                for each in error.errors(include_url=False)
            ) from None
        if is_exercise(book):
            at.effects[:] = [marked(effect) for effect in at.effects]
        self._check(at)
        return at

    def _check(self, at: CommandContext) -> None:
        """Ask the agreed protocol about all effects before the first of them is written."""
        incident = at.book.incidents.get(at.scope or "")
        state = None if incident is None else incident.state
        for effect in at.effects:
            if isinstance(effect, Send):
                kind = kind_of_message(effect.body).name
                fields = effect.body.model_dump(mode="json")
                disclose(kind, fields, rules=AgreedRules(at.book), phase=_phase(at))
                if self.peer is None:
                    raise NotNow("this node is not paired with another; nothing can be sent")
            if incident is None or state is None or isinstance(effect, Keep | Erase):
                continue
            if isinstance(effect, Send) and isinstance(effect.body, ProcedureSaid):
                check_said(incident.machine.protocol, effect.body)
            for fact in meaning_facts(effect.body, at):
                reason = incident.machine.refusal(state, fact)
                if reason:
                    raise NotAgreed(f"the agreed protocol does not allow it: {reason}")
                state = incident.machine.step(state, fact)

    def _carry_out(self, work: UnitOfWork, at: CommandContext, number: int, effect: Effect) -> None:
        if isinstance(effect, Keep):
            effect.lay(work)
            return
        if isinstance(effect, Erase):
            erase_in(work, effect)
            return
        effect_id = derived_id(at.now_s, at.command_id, number)
        if isinstance(effect, Record):
            fact = Fact(
                fact_id=effect_id, time_s=at.now_s, author=at.actor.person, role=at.actor.role,
                body=effect.body, incident=effect.incident,
            )  # fmt: skip
            work.append([fact])
            return
        message = Message(
            message_id=effect_id, body=effect.body, time_s=at.now_s, author=at.actor.person,
            role=at.actor.role, incident=effect.incident, phase=_phase(at),
        )  # fmt: skip
        post(work, self.node.identity.signer, str(self.peer), message, AgreedRules(at.book))

    def _note_deadlines(self, now_s: float) -> int:
        if not self._passed(self.catch_up(), now_s):
            return 0
        with self._writing() as work:
            work.append(self._passed(self._book, now_s))
            self._book.fold(work.entries)
        return len(work.entries)

    def _passed(self, book: NodeState, now_s: float) -> list[Fact]:
        """The deadlines that have passed and are not noted yet."""
        own = self.node.identity.name
        return [
            Fact(
                fact_id=derived_id(fact.at_s, own, incident.id, fact.id), time_s=now_s,
                author=own, role="node", incident=incident.id,
                body=DeadlinePassed(task=fact.about, what=fact.outcome, due=iso(fact.at_s)),
            )
            for incident in book.incidents.values()
            if not incident.is_over
            for fact in incident.due(now_s).facts
        ]  # fmt: skip


def _phase(at: CommandContext) -> str | None:
    incident = at.book.incidents.get(at.scope or "")
    return None if incident is None else incident.phase


def _digest(wish: CommandEnvelope) -> str:
    """Tell the very same command again from another one; only this node ever reads it."""
    said = [wish.command.kind, wish.command.model_dump(mode="json"), wish.actor.person]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
