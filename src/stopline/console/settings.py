"""What whoever runs an API decides: names it answers to, limits, and how long things may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

MIB: Final = 1 << 20
# Commands with a document in them may be longer than others; who may not give them sends nothing.
LONG_BODIES: Final = {
    "plan.adopt": 64 * MIB,
    "protocol.adopt": 4 * MIB,
    "units.register": 4 * MIB,
    "positions.report": 4 * MIB,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    """Settings of the API.

    Attributes:
        hosts: names by which it is called, without port; a request for another host is refused.
        proxied: a proxy in front ends TLS, so that pages come by https though requests do not.
        body_bytes: longest body of a request.
        long_bodies: commands whose body may be longer, with their limit in bytes.
        request_s: longest time for a request, seconds; streams of events excepted.
        planning_s: the same for a request that makes or checks a plan.
        gather_s: how long the first of a group of commands waits for others, seconds.
        group: most commands in one transaction.
        look_s: how often the journal is asked for facts of other processes, seconds.
        round_s: shortest time between two rounds of events to the streams, seconds.
        heartbeat_s: longest silence of a stream, seconds; who is signed in is asked again then.
        kept_events: events kept in memory; a stream that falls behind by more must start again.
        streams: most streams of events at once; machines may have a quarter of them.
        streams_of_person: most streams of one account of a person.
        streams_of_machine: most streams of one machine.
        remembered_s: how long it is remembered that a token is good, seconds, unless a fact ends
            it sooner; also how late the node notices that a session is in use or has run out.
    """

    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "::1")
    proxied: bool = False
    body_bytes: int = MIB
    long_bodies: dict[str, int] = field(default_factory=lambda: dict(LONG_BODIES))
    request_s: float = 30.0
    planning_s: float = 120.0
    gather_s: float = 0.003
    group: int = 256
    look_s: float = 0.1
    round_s: float = 0.2
    heartbeat_s: float = 10.0
    kept_events: int = 10_000
    streams: int = 1000
    streams_of_person: int = 16
    streams_of_machine: int = 4
    remembered_s: float = 30.0
