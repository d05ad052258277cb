"""What lies on the shelves of commands and of people, and does not follow from the entries.

Whoever can write into the database could give somebody another password, bring a session to life
that was ended, or let a command count as given. What is kept is named in the facts by its SHA-256.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from stopline.link.ids import derived_id
from stopline.operation.accounts.one_time_codes import Device
from stopline.operation.accounts.storage_keys import (
    CODES,
    PASSWORDS,
    SESSIONS,
    SET_UPS,
    TOKENS,
    named_by,
)
from stopline.operation.core.erasing import COMMAND_SHELF

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.journal.base import Entry
    from stopline.journal.stored import StoredJournal

_Shelves = dict[str, dict[str, bytes]]  # name of the shelf, key: what lies there
_AFTER_TIME: Final = 14  # signs of an id that its time decides
_KEPT_BESIDE: Final = 64  # effects of a command that are no entries


@dataclass(slots=True)
class _Kept:
    """What the entries say lies on each shelf, by key: its name, empty where they do not say it."""

    passwords: dict[str, str] = field(default_factory=dict)
    set_ups: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    unread_sessions: bool = False

    def follow(self, entry: Entry) -> None:  # noqa: C901  (one line for each kind)
        """Take an entry in."""
        body, kind = entry.body, entry.kind
        if body is None:
            self.unread_sessions |= kind == "session.begun"
            return
        kept, who = str(body.get("kept", "")), str(body.get("operator", ""))
        if kind in {"password.set", "password.hashed-anew"}:
            self.passwords[who] = kept
            if kind == "password.set":
                self.set_ups.pop(who, None)
        elif kind == "code.enrolled":
            self.codes[who] = kept
        elif kind == "code.dropped":
            self.codes.pop(who, None)
        elif kind == "operator.reset":
            name = str(body["name"])
            self.passwords.pop(name, None)
            self.codes.pop(name, None)
            self.set_ups[name] = kept
        elif kind == "token.issued":
            self.tokens[str(body["token"])] = kept
        elif kind == "token.revoked":
            self.tokens.pop(str(body["token"]), None)
        elif kind == "session.begun":
            self.sessions[str(body["session"])] = kept
        elif kind == "session.ended":
            self.sessions.pop(str(body["session"]), None)


def check_people_and_commands(journal: StoredJournal) -> list[str]:
    """Say what on the shelves of people and commands does not follow from the entries.

    A node may be at work meanwhile, so the shelves are read before the entries and after them:
    what the entries contradict both times is a fault, what they contradict once is only newer.
    """
    before = _shelves(journal)
    kept, ids = _Kept(), dict[int, str]()
    for entry in journal.read():
        ids[entry.index] = entry.fact_id
        kept.follow(entry)
    still = set(_contradicted(_shelves(journal), kept, ids))
    return [one for one in _contradicted(before, kept, ids) if one in still]


def _shelves(journal: StoredJournal) -> _Shelves:
    names = (PASSWORDS, SET_UPS, CODES, TOKENS, SESSIONS, COMMAND_SHELF)
    return {name: dict(journal.shelf(name)) for name in names}


def _contradicted(shelves: _Shelves, kept: _Kept, ids: dict[int, str]) -> list[str]:
    found = [
        *_compare(shelves, PASSWORDS, kept.passwords, lambda raw: raw, complete=True),
        *_compare(shelves, SET_UPS, kept.set_ups, lambda raw: raw, complete=False),
        *_compare(shelves, CODES, kept.codes, _secret, complete=True),
        *_compare(shelves, TOKENS, kept.tokens, lambda raw: raw, complete=True),
    ]
    if not kept.unread_sessions:
        found += _compare(shelves, SESSIONS, kept.sessions, _session_hash, complete=False)
    return [*found, *_commands(shelves[COMMAND_SHELF], ids)]


def _compare(
    shelves: _Shelves,
    shelf: str,
    named: dict[str, str],
    of: Callable[[bytes], bytes],
    *,
    complete: bool,
) -> list[str]:
    """Hold a shelf against its names; what is used up may be gone, what is not may not."""
    found, waiting = [], dict(named)
    for key, raw in shelves[shelf].items():
        name = waiting.pop(key, None)
        if name is None:
            found.append(f"shelf {shelf}: {key}, which no entry names")
            continue
        try:
            held = named_by(of(raw))
        except (ValueError, KeyError, TypeError):
            held = "unreadable"
        if name and held != name:
            found.append(f"shelf {shelf}: {key} is another than the entries name")
    if complete:
        found += [f"shelf {shelf}: {key} is not there; the entries name it" for key in waiting]
    return found


def _commands(shelf: dict[str, bytes], ids: dict[int, str]) -> list[str]:
    """Each command that counts as given names entries that are there, and whose ids are of it."""
    found = []
    for command, raw in shelf.items():
        try:
            told: dict[str, Any] = json.loads(raw)
            entries, named = list(told["entries"]), list(told["ids"])
            there = [ids.get(int(index)) for index in entries]
        except (ValueError, KeyError, TypeError):
            found.append(f"shelf {COMMAND_SHELF}: {command[:60]} is unreadable")
            continue
        own = {
            derived_id(0.0, command, number)[_AFTER_TIME:]
            for number in range(len(named) + _KEPT_BESIDE)
        }
        if there != named or any(str(one)[_AFTER_TIME:] not in own for one in named):
            found.append(
                f"shelf {COMMAND_SHELF}: {command[:60]} names entries that are not its own"
            )
    return found


def _secret(raw: bytes) -> bytes:
    return Device.from_bytes(raw).secret.encode()


def _session_hash(raw: bytes) -> bytes:
    return bytes.fromhex(str(json.loads(raw)["hash"]))
