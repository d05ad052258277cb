"""Tables of the sealing benchmark, in Markdown."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from typing import Any


def table(name: str, rows: Any) -> str:  # noqa: ANN401  (read from JSON)
    """One family's results."""
    if name == "table":
        return _decided(rows)
    head = (
        "| problem | exits | verdicts | units (bound) | prepare | solve | total, median (range) "
        "| second sighting | memory | SciPy Dijkstra | our search | total / Dijkstra |"
    )
    lines = [f"### {name}", "", head, "|---|" + "---|" * (head.count("|") - 2)]
    for row in rows:
        ours, search = row["ours"], row["search"]
        total = [one["total_s"] for one in ours]
        middle = statistics.median(total)
        cells = [
            row["label"],
            row["exits"],
            _verdicts(ours),
            _costs(ours),
            _s(_middle(ours, "prepare_s")),
            _s(_middle(ours, "solve_s")),
            f"{_s(middle)} ({_s(min(total))} to {_s(max(total))})"
            if len(total) > 1
            else _s(middle),
            _s(_middle(ours, "again_s")),
            f"{max(one['memory_mb'] for one in ours):.0f} MB",
            _s(search["scipy_s"]),
            _s(search["ours_s"]),
            f"{middle / search['scipy_s']:.1f}",
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    if any("peers" in row for row in rows):
        lines += ["", *_peers(rows)]
    return "\n".join(lines) + "\n"


def _decided(rows: Any) -> str:  # noqa: ANN401
    lines = [
        "### Whole plans, and what the checker says",
        "",
        "| problem | verdict | units | no plan has fewer than | shown to others | s | checker |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        sealed = row["verdict"] == "sealed"
        shown = row["certified"] if sealed else "proof" if row["verdict"] == "impossible" else "-"
        cells = [
            row["label"],
            row["verdict"] if sealed or row["verdict"] == "impossible" else "undecided",
            row["units"] if sealed else "-",
            row["bound"] if row["verdict"] != "impossible" else "-",
            shown or "-",
            f"{_s(row['plan_s'])} of {row['limit_s']:g}",
            row["checked"],
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


def _peers(rows: Any) -> list[str]:  # noqa: ANN401
    lines = [
        "| problem, seed | ours | integer program | ratio | route generation | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        for peers in row.get("peers", ()):
            ours = next(one for one in row["ours"] if one["seed"] == peers["seed"])
            cells = [f"{row['label']}, {ours['seed']}", f"{_one(ours)} in {_s(ours['total_s'])}"]
            for name in ("integer program", "route generation"):
                cells += _peer(peers[name], ours) if name in peers else ["-", "-"]
            lines.append("| " + " | ".join(cells) + " |")
    return lines


def _peer(peer: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    """What it reached, and the ratio of totals; in brackets without driving times and `prepare`."""
    note = f"; {peer['note']}" if peer["note"] not in ("", "ended") else ""
    if peer["verdict"] == "not finished":
        if "not tried" in note:
            return [peer["note"], "-"]
        ratio = peer["total_s"] / ours["total_s"]
        return [f"not finished in {_s(peer['total_s'])}{note}", f"> {ratio:.1f}"]
    verdict = f"sealed with {peer['cost']}" if peer["verdict"] == "sealed" else "no plan"
    alone = (peer["total_s"] - peer["ready_s"]) / ours["solve_s"]
    return [
        f"{verdict} in {_s(peer['total_s'])}, {_s(peer['ready_s'])} of it driving times{note}",
        f"{peer['total_s'] / ours['total_s']:.1f} ({alone:.2g})",
    ]


def _one(ours: dict[str, Any]) -> str:
    if ours["verdict"] != "sealed":
        return str(ours["verdict"])
    return f"sealed with {ours['cost']}" + ("" if ours["proven"] else f" (bound {_bound(ours)})")


def _verdicts(ours: list[dict[str, Any]]) -> str:
    count = Counter(
        one["verdict"] + ("" if one["proven"] or one["verdict"] != "sealed" else ", gap")
        for one in ours
    )
    return "; ".join(f"{many} {what}" for what, many in sorted(count.items()))


def _costs(ours: list[dict[str, Any]]) -> str:
    return ", ".join(
        (f"{one['cost']}" if one["verdict"] == "sealed" else "-")
        + ("" if one["proven"] else f" ({_bound(one)})")
        for one in ours
    )


def _bound(one: dict[str, Any]) -> str:
    return f"{math.ceil(one['bound'] - 1e-6)}" if math.isfinite(one["bound"]) else "?"


def _middle(ours: list[dict[str, Any]], key: str) -> float:
    if key == "again_s":
        return statistics.median(one["again_s"] for one in ours)
    return statistics.median(one[key] for one in ours)


def _s(seconds: float) -> str:
    if seconds < 0.0995:
        return f"{seconds * 1000:.1f} ms" if seconds < 0.01 else f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 9.95 else f"{seconds:.0f} s"
