"""Show a plan as a table: for a terminal, and as plain text where it goes into a pipe or a mail."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final

from stopline.network.place_names import is_file_id
from stopline.rendering.time_text import Clock, as_sentence, span, without_verdict
from stopline.scenario.place_text import place_of, road_of, titles_of
from stopline.sealing.plan import TIE_S, Plan, Seal, Verdict
from stopline.sealing.seal_order import THEIRS, held_by, numbered_seals, order_by_s, sides_of
from stopline.sealing.wording import ASSESS, exits_in_words, units_bound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from stopline.scenario.place_text import NamedPlace
    from stopline.sealing.plan import Route, Site

COLUMNS: Final = (
    "seal",
    "road",
    "place",
    "side",
    "units",
    "order by",
    "closed",
    "arrival",
    "margin",
    "why",
)
_MIDDLE: Final = 100
# A column comes in when the terminal is at least so wide.
_FROM_WIDTH: Final = {"place": 118, "arrival": 140, "why": 170}
_VERDICT_STYLE: Final = {
    Verdict.SEALED: "bold white on dark_green",
    Verdict.LEAKING: "bold black on dark_orange",
    Verdict.IMPOSSIBLE: "bold white on red3",
}
_MOST_ROUTES: Final = 10


@dataclass(frozen=True, slots=True)
class SealRow:
    """One seal in words; the fields are `COLUMNS` in order."""

    seal: str
    road: str
    place: str
    side: str
    units: str
    order_by: str
    closed: str
    arrival: str
    margin: str
    why: str

    def cells(self) -> tuple[str, ...]:
        """All cells in order."""
        return tuple(getattr(self, name) for name in self.__slots__)


def seal_rows(plan: Plan, zone: tzinfo = UTC, places: Sequence[NamedPlace] = ()) -> list[SealRow]:
    """Say each seal in words, the most urgent order first.

    Args:
        plan: the plan.
        zone: the zone in which times are written; the date stands where it is not today's.
        places: named places to find one's way by.
    """
    clock = Clock(plan.now_utc_s, zone)
    alike = Counter((road_of(s.site), place_of(s.site, places)) for s in plan.seals)
    return [
        SealRow(
            seal=str(number),
            road=_road(seal.site, places, alike),
            place=place_of(seal.site, places),
            side=", ".join(sides_of(seal)),
            units=", ".join(_who_holds(seal)),
            order_by=clock.exact(order_by_s(seal)) if seal.holders else THEIRS,
            closed=clock.exact(seal.closed_at_s, late=True),
            arrival=clock.exact(seal.arrival_s),
            margin=span(seal.margin_s, sign=True),
            why=seal.why,
        )
        for number, seal in numbered_seals(plan)
    ]


def _road(site: Site, places: Sequence[NamedPlace], alike: Mapping[tuple[str, str], int]) -> str:
    """The road of a site, with its number where another line of the table reads alike."""
    road = road_of(site)
    if alike[road, place_of(site, places)] > 1:
        return road if is_file_id(site.name) else f"{road} ({site.own_id})"
    return road


def _who_holds(seal: Seal) -> list[str]:
    own = [
        holder.unit if holder.status == "free" else f"{holder.unit} ({holder.status})"
        for holder in seal.holders
    ]
    return own + [held_by(part) for part in seal.committed]


def plan_rows_tsv(plan: Plan, zone: tzinfo = UTC, places: Sequence[NamedPlace] = ()) -> str:
    """Write the seals as tab-separated lines under a header; for spreadsheets and pipes."""
    rows = [COLUMNS, *(row.cells() for row in seal_rows(plan, zone, places))]
    return "".join("\t".join(_plain(cell) for cell in row) + "\n" for row in rows)


def plan_markdown(plan: Plan, zone: tzinfo = UTC, places: Sequence[NamedPlace] = ()) -> str:
    """Write the verdict, the seals and what stays open as Markdown."""
    lines = [
        f"**{plan.verdict.upper()}.** {_plain(without_verdict(plan.sentence, plan.verdict))}",
        "",
    ]
    rows = seal_rows(plan, zone, places)
    if rows:
        lines += [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
        lines += [
            "| " + " | ".join(_plain(cell).replace("|", "\\|") for cell in row.cells()) + " |"
            for row in rows
        ]
        lines.append("")
    lines += [f"- {_plain(line)}" for line in below(plan, zone)]
    return "\n".join(lines).rstrip() + "\n"


def below(plan: Plan, zone: tzinfo = UTC) -> list[str]:
    """Say what stands below the table: what is open, why, what is missing, and how sure it is."""
    clock = Clock(plan.now_utc_s, zone)
    # The carriageways of one road are one exit, which is said once.
    first: dict[tuple[str, str], Route] = {}
    for route in plan.open_routes:
        first.setdefault((route.exit, route.source), route)
    open_routes = list(first.values())
    several = len({route.source for route in plan.open_routes}) > 1
    lines = [
        f"Open: {route.exit}, from {clock.exact(route.arrival_s)}"
        f" ({span(route.arrival_s, sign=True)})" + (f", from {route.source}" if several else "")
        for route in open_routes[:_MOST_ROUTES]
    ]
    rest = len(open_routes) - _MOST_ROUTES
    if rest > 0:
        lines.append(f"Open: {rest} more, in plan.json and plan.geojson")
    reasons = dict.fromkeys(
        f"Why: the way to {step.route.exit}, there at {clock.exact(step.route.arrival_s)}:"
        f" {step.reason}."
        for step in plan.proof
        if step.reason
    )
    lines += list(reasons)[:_MOST_ROUTES]
    lines += joint_lines(plan, clock)
    if plan.missing:
        lines.append(f"Missing: {as_sentence(plan.missing)}")
    if plan.seals:
        lines += [_bound(plan), _reading(plan)]
    return lines


def joint_lines(plan: Plan, clock: Clock) -> list[str]:
    """Say what rests on the other side's word, and until when."""
    joint = plan.joint
    if joint is None:
        return []
    lines = []
    if joint.commitment is not None:
        ends = ""
        if joint.expires_utc_s is not None:
            ends = f", counted on until {clock.exact(joint.expires_utc_s - plan.now_utc_s)}"
        lines.append(f"Word: {joint.side} committed itself ({joint.commitment}){ends}.")
    if not joint.answered:
        lines.append(f"Word: {joint.side} did not answer; only its last commitments are counted.")
    return lines


def _reading(plan: Plan) -> str:
    """Say how to read the times: who is tired takes the later of two for the deadline."""
    return (
        "Closed: if ordered now. Order by: the latest order that still closes it "
        f"{span(plan.required_margin_s)} before the vehicle."
    )


def _bound(plan: Plan) -> str:
    """Say how good the plan is known to be."""
    used = f"{plan.units_used} unit{'s' if plan.units_used != 1 else ''}"
    if plan.verdict != Verdict.SEALED:
        return f"These seals use {used}; {exits_in_words(plan)}."
    if plan.choice == ASSESS:
        return f"Uses {used}, as ordered."
    if not plan.proven:
        return f"Uses {used}{_least(plan)}. Time ran out before more."
    return f"Uses {used}{_least(plan)}."


def _least(plan: Plan) -> str:
    """How few could do, as far as it is known."""
    bound = units_bound(plan)
    return f"; {bound}" if bound else ""


def _plain(text: str) -> str:
    """One line without tabs or control characters, which could forge cells or colours."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def plan_table(plan: Plan, zone: tzinfo = UTC, places: Sequence[NamedPlace] = ()) -> RenderableType:
    """Make the table for a terminal: verdict, seals, what is open and missing.

    It fits from 80 columns on; where there is room it has more columns.
    """
    return _PlanTable(plan, zone, tuple(places))


@dataclass(frozen=True, slots=True)
class _PlanTable:
    """Chooses its columns when it knows how wide the terminal is."""

    plan: Plan
    zone: tzinfo
    places: tuple[NamedPlace, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        # Only a terminal needs rich; a pipe starts sooner without it.
        from rich.box import SIMPLE_HEAD  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        plan, width = self.plan, options.max_width
        head = Text(f" {plan.verdict.upper()} ", style=_VERDICT_STYLE[plan.verdict])
        yield Text.assemble(
            head, "  ", (_plain(without_verdict(plan.sentence, plan.verdict)), "bold")
        )
        rows = seal_rows(plan, self.zone, self.places)
        if rows:
            table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
            one_side = len({row.side for row in rows}) == 1
            columns = self._columns(width, one_side=one_side)
            numbered = list(numbered_seals(plan))
            titles = titles_of([seal.site for _, seal in numbered], self.places)
            roads = {
                str(number): title for (number, _), title in zip(numbered, titles, strict=True)
            }
            for name in columns:
                number = name in ("seal", "margin")
                fixed = name in ("seal", "order by", "closed", "arrival", "margin", "side")
                table.add_column(
                    name,
                    justify="right" if number else "left",
                    no_wrap=fixed,
                    overflow="fold",
                    min_width=14 if name == "units" else None,
                    style="bold" if name == "order by" else "",
                )
            late = {
                str(number)
                for number, seal in numbered_seals(plan)
                if seal.margin_s < plan.required_margin_s - TIE_S
            }
            for row in rows:
                cells = dict(zip(COLUMNS, row.cells(), strict=True))
                if "place" not in columns:
                    cells["road"] = roads[row.seal]
                table.add_row(
                    *(Text(_plain(cells[str(column.header)])) for column in table.columns),
                    style="red" if row.seal in late else "",
                )
            yield table
        for line in below(plan, self.zone):
            word, _, rest = line.partition(":")
            marked = word in ("Open", "Why", "Missing", "Word")
            red = "bold red" if word == "Open" else "bold"
            yield Text.assemble((f"{word}:", red), _plain_after(rest)) if marked else Text(line)

    def _columns(self, width: int, *, one_side: bool) -> list[str]:
        left_out = {name for name, least in _FROM_WIDTH.items() if width < least}
        if one_side and width < _MIDDLE:
            left_out.add("side")
        return [name for name in COLUMNS if name not in left_out]


def _plain_after(text: str) -> str:
    return f" {_plain(text)}"
