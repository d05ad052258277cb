"""Commands at a node that runs, with next to nothing imported: they take a quarter of a second.

`stopline.cli.start` asks here first. What is not one of the few plain forms below, and whatever is
said to a node that does not run, goes the way of every other command.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stopline.cli.app_folder import signed_in, token_for
from stopline.cli.last_used import last_used, remember
from stopline.cli.node_client import NotRunning, RunningNode, Told, running, text_of_files
from stopline.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SEALED: Final = 0
BAD_INPUT: Final = 2
REFUSED: Final = 3
OPEN: Final = 3
_FAULTS: Final = 422
_REFUSALS: Final = frozenset({403, 404, 409, 503})
_NARROW: Final = 12
_COLOURS: Final = {"bad": "31", "good": "32", "": ""}
COLUMNS: Final = ("unit", "service", "does", "road", "order by", "closed by", "margin")
_VALUED: Final = {
    "do": {"--role", "--key"},
    "plan": {"--node", "--incident", "--role", "--time-limit"},
    "board": {"--zone"},
}
_FLAGS: Final = {"do": {"--help-fields"}, "plan": {"--alone", "--json"}, "board": set[str]()}


def answered(words: list[str]) -> int | None:
    """The exit code of a command that a running node answered; None if it is none of these."""
    read = _read(words)
    if read is None:
        return None
    name, places, options = read
    node = Path(options["--node"] if name == "plan" else places[0])
    there = running(node)
    if there is None or (name == "board" and not signed_in(node)):
        return None  # who has the folder may look at the board all the same
    try:
        return _asked(there, name, places[1:], options)
    except NotRunning:
        return None
    except Told as told:
        return ended(told)
    except BadInput as error:
        for fault in error.faults:
            say(str(fault), err=True)
        return BAD_INPUT


def _asked(there: RunningNode, name: str, places: list[str], options: dict[str, str]) -> int:
    first, role = (places[0] if places else None), options.get("--role")
    if name == "do":
        explain = "--help-fields" in options
        return do(there, first, places[1:], role, options.get("--key"), explain=explain)
    if name == "board":
        return board(there, first, options.get("--zone"))
    fields = {"--incident": "incident", "--time-limit": "time_limit_s"}
    given = [f"{fields[one]}={options[one]}" for one in fields if one in options]
    given += ["alone=true"] if "--alone" in options else []
    return plan(there, given, role, as_json="--json" in options)


def _read(words: list[str]) -> tuple[str, list[str], dict[str, str]] | None:
    """Name, places and options of a plain command; None for any other."""
    if not words or words[0] not in _VALUED:
        return None
    name, places, options = words[0], list[str](), dict[str, str]()
    rest = iter(words[1:])
    for word in rest:
        option, sign, value = word.partition("=")
        if not word.startswith("-"):
            places.append(word)
        elif option in _VALUED[name]:
            given = value if sign else next(rest, None)
            if given is None:
                return None
            options[option] = given
        elif word in _FLAGS[name]:
            options[word] = ""
        else:
            return None
    fits = ("--node" in options and not places) if name == "plan" else bool(places)
    return (name, places, options) if fits else None


def do(
    there: RunningNode,
    command: str | None,
    words: list[str],
    role: str | None,
    key: str | None,
    *,
    explain: bool = False,
) -> int:
    """Give a command at a node that runs; without one list those that may be given.

    Raises:
        NotRunning: nobody answers.
        Told: it was refused.
    """
    token = token_for(there.folder)
    if command is None:
        me = there.get("/v1/me", token)
        listed = there.get("/v1/commands", token)
        rows = [(one["command"], ", ".join(one["roles"]), one["does"]) for one in listed]
        print_rows(("command", "as", "does"), rows, title=f"{me['display']} may")
        return 0
    stopped: Told | None = None
    if not explain:
        try:
            done = typed(there, command, words, role, key)
        except Told as told:
            if words or told.status != _FAULTS or _concerns(told, "command"):
                raise
            stopped = told if _concerns(told, "incident") else None
        else:
            print_done(done["ids"], done["short"], done["said"], repeated=done["repeated"])
            return 0
    from urllib.parse import quote

    found = there.get(f"/v1/commands/{quote(command, safe='')}", token)
    fields = [(f["name"], "yes" if f["needed"] else "", f["meaning"]) for f in found["fields"]]
    if stopped is not None and not any(needed for _, needed, _ in fields):
        raise stopped
    say(found["does"])
    print_rows(("field", "needed", "meaning"), fields)
    return 0 if stopped is None else ended(stopped)


def _concerns(told: Told, what: str) -> bool:
    """Whether what stands in the way is not a field of the command, but the command or incident."""
    return any(where == what or where.endswith(f": {what}") for where, _, _ in told.faults)


def typed(
    there: RunningNode, command: str, words: list[str], role: str | None, key: str | None = None
) -> dict[str, Any]:
    """Give a command at a node that runs, and remember what was used.

    Raises:
        NotRunning: nobody answers.
        Told: it was refused.
    """
    last = last_used(there.folder)
    content = {
        "command": command, "words": words, "files": text_of_files(words), "role": role,
        "last_role": last.role, "last_incident": last.incident,
    }  # fmt: skip
    headers = {} if key is None else {"Idempotency-Key": key}
    done: dict[str, Any] = there.post("/v1/typed", token_for(there.folder), content, headers)
    remember(there.folder, role=role, incident=done["incident"])
    return done


def plan(there: RunningNode, words: list[str], role: str | None, *, as_json: bool) -> int:
    """Have a plan made from what a running node knows, and show it; see `do` for what it raises."""
    done = typed(there, "plan.propose", words, role)
    place = f"/v1/incidents/{done['incident']}/proposal"
    return print_proposal(there.get(place, token_for(there.folder)), there.folder, as_json=as_json)


def board(there: RunningNode, incident: str | None, zone: str | None) -> int:
    """Show the board of a running node; see `do` for what it raises."""
    from urllib.parse import quote

    token = token_for(there.folder)
    name = incident or last_used(there.folder).incident
    known = there.get("/v1/incidents", token)
    names = [one["incident"] for one in known]
    running_now = [one["incident"] for one in known if not one["over"]]
    if not incident and name not in names:
        name = running_now[0] if len(running_now) == 1 else ""
    if not name:
        seen = ", ".join(running_now or names) or "this node knows none"
        raise BadInput.single("incident", "nothing", f"one of {seen}" if names else seen)
    query = f"?zone={quote(zone, safe='')}" if zone else ""
    shown = there.get(f"/v1/incidents/{quote(name, safe='')}/board{query}", token)
    return print_board(shown, there.folder, name)


def ended(told: Told) -> int:
    """Say why a node did not do something; the exit code."""
    refused = told.status in _REFUSALS and not told.faults
    for line in told.lines:
        say(f"refused: {line}" if refused else line, err=True)
    return REFUSED if refused else BAD_INPUT


# ---- printing -----------------------------------------------------------------------------------


def say(text: str, tone: str = "", *, err: bool = False, bold: bool = False) -> None:
    """Print a line, in colour at a terminal."""
    stream = sys.stderr if err else sys.stdout
    codes = [one for one in (_COLOURS.get(tone, ""), "1" if bold else "") if one]
    if codes and stream.isatty():
        text = f"\x1b[{';'.join(codes)}m{text}\x1b[0m"
    stream.write(f"{text}\n")


def print_done(
    ids: Sequence[str], short: Sequence[str], said: Sequence[str], *, repeated: bool
) -> None:
    """Print what a command became: at a terminal each thing by name, else ids with words beside."""
    if sys.stdout.isatty():
        print_rows(("id", "what"), zip(short, said, strict=True))
    else:
        for fact_id, line in zip(ids, said, strict=True):
            say(fact_id)
            say(line, err=True)
    if repeated:
        say("it had happened before; nothing was recorded again", err=True)


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "") -> None:
    """Print a table: at a terminal in columns, the widest wrapped to fit; with tabs else."""
    listed = [[" ".join(str(cell).split()) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in (columns, *listed):
            say("\t".join(row))
        return
    import shutil
    import textwrap
    from itertools import zip_longest

    if title:
        say(title, bold=True)
    every = [list(columns), *listed]
    widths = [max(len(row[n]) for row in every) for n in range(len(columns))]
    room = shutil.get_terminal_size().columns - 2 * (len(widths) - 1)
    while sum(widths) > room and max(widths) > _NARROW:
        widths[widths.index(max(widths))] -= 1
    for number, row in enumerate(every):
        cells = [textwrap.wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
        for line in zip_longest(*cells, fillvalue="") if any(cells) else [("",)]:
            text = "  ".join(part.ljust(width) for part, width in zip(line, widths, strict=False))
            say(text.rstrip(), bold=number == 0)


def print_proposal(shown: dict[str, Any], node: Path, *, as_json: bool = False) -> int:
    """Print a proposal beside the plan in force; the exit code."""
    sealed = shown["verdict"] == "sealed"
    if as_json:
        say(json.dumps(shown, ensure_ascii=False, indent=1))
        return SEALED if sealed else OPEN
    zone = str(shown["geometry"].get("now", ""))[-6:]
    say(shown["sentence"], "good" if sealed else "bad", bold=True)
    if not shown["confirmed"]:
        say(f"NOT CONFIRMED: {shown['check']}", "bad")
    force = shown["in_force"]
    if force is not None:
        say(f"In force, {force['orders']} orders: {force['now_sentence'] or force['sentence']}")
    rows = [
        (
            one["unit"], one["agency"].replace("_", " "), _does(one), _road(one),
            f"{_clock(one['order_by'], zone)}{' LATE' if one['late'] else ''}",
            _clock(one["closed_by"], zone),
            "" if one["margin_s"] is None else f"{one['margin_s']:.0f} s",
        )
        for one in shown["orders"]
    ]  # fmt: skip
    print_rows(COLUMNS, rows)
    for one in shown["withdraw"]:
        say(f"withdraw {one['unit']} from {_road(one)} ({one['state']})")
    for one in shown["theirs"]:
        say(f"{one['side']} closes {_road(one)} by {_clock(one['closed_by'], zone)}")
    _print_below(shown, zone)
    say(shown["decision"])
    say(f"Take it: stopline do {node} plan.adopt issue=true", err=True)
    return SEALED if sealed else OPEN


def _print_below(shown: dict[str, Any], zone: str) -> None:
    if shown["missing"]:
        say(f"Missing: {shown['missing']}", err=True)
    for one in shown["choices"]:
        stopped = "" if one["stopped"] is None else f", stops it with {one['stopped']:.0%}"
        first = one["first_escape"]
        escape = f", first escape {_clock(first, zone)}" if first else ""
        mark = " (this plan)" if one["chosen"] else ""
        say(f"Choice {one['name']}{mark}: {one['exits_sealed']:.0%} of the exits{stopped}{escape}, "
            f"{one['units']} units", err=True)  # fmt: skip
    for note in shown["notes"]:
        say(f"Note: {note}.", err=True)
    for one in shown["not_counted"]:
        say(f"Not counted: {one['unit']}, {one['why']}.", err=True)
    if shown["stale"]:
        say(shown["stale"], "bad", err=True)


def print_board(shown: dict[str, Any], node: Path, incident: str) -> int:
    """Print a board; the exit code: sealed, or open."""
    for one in shown["standing"]:
        text = f"{one['lead']} {one['text']}".strip()
        loud = one["lead"].isupper() or one["lead"].endswith(":")
        say(text if loud else f"  {text}", one["tone"], bold=one["tone"] == "bad")
    if shown["now"]:
        at = _clock(shown["now_since"], "")
        say(f"So since {at}, counted from {shown['now_source']}.")
    if shown["offer"]:
        take = f"plan.adopt incident={incident} offer={shown['offer']}"
        say(f"take it: stopline do {node} {take} issue=true")
    for alarm in shown["alarms"]:
        say(alarm, "bad", bold=True)
    if shown["offered"]:
        say(f"OFFERED by {shown['offered']}, taken by nobody here; incident.open takes it")
    for trouble in shown["troubles"]:
        say(f"THE NODE'S DUTY FAILS: {trouble}", "bad")
    rows = [
        (
            one["short"], _loud(one["state"]), _road(one), one["unit"],
            one["agency"].replace("_", " "), _clock(one["deadline"], ""), one["left"],
            _clock(one["since"], ""), one["reason"],
        )
        for one in shown["orders"]
    ]  # fmt: skip
    if sys.stdout.isatty():
        say("Our orders", bold=True)
    columns = ("order", "state", "road", "unit", "agency", "deadline", "left", "since", "reported")
    print_rows(columns, rows)
    if shown["theirs"]:
        say("The other side's seals, as it says", bold=True)
        told = [(one["state"], _road(one), _clock(one["since"], "")) for one in shown["theirs"]]
        print_rows(("state", "road", "since"), told)
    judged = [one for one in shown["standing"] if one["lead"] in _VERDICTS]
    return OPEN if judged and not any(one["tone"] == "good" for one in judged) else SEALED


_VERDICTS: Final = frozenset({"LEAK:", "MAY BE OUT:", "NOT KNOWN:", "SEALED:", "VERDICT:"})


def _road(one: dict[str, Any]) -> str:
    """A road with where on it, so that the line can be read out."""
    return ", ".join(part for part in (one["road"], one.get("where", "")) if part)


def _loud(state: str) -> str:
    return state.upper() if state in {"late", "open"} else state


def _does(one: dict[str, Any]) -> str:
    if one["change"] == "moved":
        return f"moves from {one['was']}"
    return "is ordered" if one["change"] == "new" else "stands"


def _clock(text: str | None, zone: str) -> str:
    """A time of day: in a zone such as `+02:00`, or in the one that it is written in."""
    if text is None:
        return "-"
    from datetime import datetime

    at = datetime.fromisoformat(text)
    if zone:
        with contextlib.suppress(ValueError):
            at = at.astimezone(datetime.fromisoformat(f"2000-01-01T00:00:00{zone}").tzinfo)
    return f"{at:%H:%M:%S}"
