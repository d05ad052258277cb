"""What a simulation says, in Markdown for people who will be asked to sign."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stopline.protocol.document_text import DocumentWords, seconds_in_words
from stopline.protocol.rehearsal.simulate import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.protocol.reader import ProtocolFile
    from stopline.protocol.rehearsal.simulate import RehearsalOutcome, Simulation

_SHOWN = 12
_STEPS = 6
_RARE = 0.005


def report(file: ProtocolFile, simulation: Simulation) -> str:
    """Write the report of a simulation."""
    return "\n".join(_lines(file, simulation)) + "\n"


def _lines(file: ProtocolFile, simulation: Simulation) -> Iterator[str]:
    protocol = file.protocol
    plain = simulation.outcomes[PLAIN]
    yield f"# Rehearsal of “{protocol.title}”, version {protocol.version}"
    yield ""
    yield f"{plain.runs} simulated incidents of each case, seed {simulation.seed}; {file.digest}."
    yield "Times run from the alarm. “19 of 20” is the time that one run in twenty exceeds."
    yield ""
    yield from _milestones(file, plain)
    if len(simulation.outcomes) > 1:
        yield from _variants(file, simulation)
    yield from _deadlines(file, simulation)
    yield from _paths(file, plain)
    yield from _refused(simulation)


def _milestones(file: ProtocolFile, plain: RehearsalOutcome) -> Iterator[str]:
    yield "## How long it takes"
    yield ""
    yield "| moment | half of the runs | 19 of 20 | reached | agreed | kept |"
    yield "|---|---|---|---|---|---|"
    for name, milestone in file.protocol.milestones.items():
        limit, kept = "", ""
        if milestone.within_s is not None:
            limit = seconds_in_words(milestone.within_s)
            kept = _percent(plain.within(name, milestone.within_s))
        yield (
            f"| {milestone.title} | {_time(plain.quantile_s(name, 0.5))} "
            f"| {_time(plain.quantile_s(name, 0.95))} | {_percent(plain.reached(name))} "
            f"| {limit} | {kept} |"
        )
    yield ""


def _variants(file: ProtocolFile, simulation: Simulation) -> Iterator[str]:
    plain = simulation.outcomes[PLAIN]
    yield "## What a broken line or an absent officer does"
    yield ""
    yield "Half of the runs / 19 of 20; bold where the half is at least a minute later."
    yield ""
    names = list(simulation.outcomes)
    yield "| moment | " + " | ".join(simulation.outcomes[n].title for n in names) + " |"
    yield "|---|" + "---|" * len(names)
    for key, milestone in file.protocol.milestones.items():
        cells = []
        for name in names:
            outcome = simulation.outcomes[name]
            half = outcome.quantile_s(key, 0.5)
            text = f"{_time(half)} / {_time(outcome.quantile_s(key, 0.95))}"
            later = half - plain.quantile_s(key, 0.5)
            cells.append(f"**{text}**" if later >= 60 else text)  # noqa: PLR2004  (a minute)
        yield f"| {milestone.title} | {' | '.join(cells)} |"
    yield ""


def _deadlines(file: ProtocolFile, simulation: Simulation) -> Iterator[str]:
    words = DocumentWords(file.protocol)
    names = list(simulation.outcomes)
    worst: dict[tuple[str, str], float] = {}
    for outcome in simulation.outcomes.values():
        for key, share in outcome.missed.items():
            worst[key] = max(worst.get(key, 0.0), share)
    yield "## Deadlines that are missed"
    yield ""
    yield f"Share of runs; the {_SHOWN} worst, by the worst case."
    yield ""
    yield (
        "| task | side | within | " + " | ".join(simulation.outcomes[n].title for n in names) + " |"
    )
    yield "|---|---|---|" + "---|" * len(names)
    for task, part in sorted(worst, key=lambda key: (-worst[key], key))[:_SHOWN]:
        entry = file.protocol.tasks[task]
        shares = [_percent(simulation.outcomes[n].missed.get((task, part), 0.0)) for n in names]
        yield (
            f"| {entry.title} | {words.side(part)} | {seconds_in_words(entry.within_s)} "
            f"| {' | '.join(shares)} |"
        )
    yield ""


def _paths(file: ProtocolFile, plain: RehearsalOutcome) -> Iterator[str]:
    yield "## What the time is spent on"
    yield ""
    yield "The critical path as planned: steps that the moment waited for, with the share of runs"
    yield "in which it did and the mean time, waiting included."
    yield ""
    for name, milestone in file.protocol.milestones.items():
        steps = [s for s in plain.paths[name] if s.share >= 0.1][:_STEPS]  # noqa: PLR2004
        if steps:
            yield f"- **{milestone.title}**: " + "; ".join(
                f"{s.label} ({_percent(s.share)}, {_time(s.mean_s)})" for s in steps
            )
    yield ""


def _refused(simulation: Simulation) -> Iterator[str]:
    found: dict[str, float] = {}
    for outcome in simulation.outcomes.values():
        for reason, count in outcome.refused.items():
            found[reason] = max(found.get(reason, 0.0), count)
    common = {reason: count for reason, count in found.items() if count >= _RARE}
    if not common:
        return
    yield "## What the protocol did not let people do"
    yield ""
    yield "People tried this in at least one of 200 runs and were refused; where it is not what was"
    yield "meant, the document should be mended."
    yield ""
    for reason in sorted(common, key=lambda key: (-common[key], key))[:_SHOWN]:
        yield f"- {reason} ({common[reason]:.3f} per run)"
    yield ""


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share == 0 or share >= 0.01 else "< 1 %"  # noqa: PLR2004


def _time(seconds: float) -> str:
    if not math.isfinite(seconds):
        return "not reached"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
