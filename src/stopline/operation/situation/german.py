"""The situation report in German: a catalogue of its sentences.

Sentences of the record (a verdict, a belief, an offer) stand in the journal in English, as they
were found; they are of the same few forms. Each form stands here with its German one. `{name}` is
taken over as it is: a road, a time, what people wrote. `{name!}` is a list of parts, each a form
again. What is of no form here is of people or of the agreed document, and stays as it was written.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stopline.rendering.page.model import Block, Line, Paper

_FIELD: Final = re.compile(r"\{(\w+)(!?)\}")
_SENTENCE: Final = re.compile(r"(?<=[.?]) (?=[A-Z0-9])")
_FORMS: Final = {
    # Questions.
    "What decision is wanted": "Welcher Entscheid ist verlangt?",
    "What happened": "Was ist geschehen?",
    "Where it can be": "Wo kann es sein?",
    "What is sealed": "Was ist gesperrt?",
    "What is not sealed": "Was ist nicht gesperrt?",
    "What the sides asked and were told": "Was beide Seiten fragten und hörten",
    "What was said in public": "Was wurde öffentlich gesagt?",
    "What is overdue on our side": "Was ist bei uns überfällig?",
    "What our forces are doing": "Was tun unsere Kräfte?",
    "On the map": "Auf der Karte",
    "Star: where it was seen last. Round: our roads, square: theirs; green closed, amber on the "
    "way, red late or open, grey open again. Red line: a way out that is open.":
        "Stern: wo es zuletzt gesehen wurde. Rund: unsere Strassen, eckig: ihre; grün gesperrt, "
        "gelb unterwegs, rot verspätet oder offen, grau wieder offen. Rote Linie: ein Weg hinaus, "
        "der offen ist.",
    # Nothing to say.
    "None is wanted now.": "Jetzt ist keiner verlangt.",
    "Not known.": "Nicht bekannt.",
    "Nothing is reported closed.": "Nichts ist als gesperrt gemeldet.",
    "Nothing is reported open.": "Nichts ist als offen gemeldet.",
    "Nothing was asked.": "Nichts wurde gefragt.",
    "Nothing was said.": "Nichts wurde gesagt.",
    "Nothing is overdue.": "Nichts ist überfällig.",
    "Not for your role.": "Nicht für Ihre Rolle.",
    "and {n} more": "und {n} weitere",
    # The headline.
    "The incident is over.": "Der Fall ist zu Ende.",
    "The incident goes on.": "Der Fall dauert an.",
    "Roads and sightings are not for this role to see.":
        "Strassen und Sichtungen sind nicht für diese Rolle.",
    "A vehicle was stopped {at}: {place}.": "Ein Fahrzeug wurde angehalten, {at}: {place}.",
    "The vehicle has not been seen yet.": "Das Fahrzeug wurde noch nicht gesehen.",
    "Seen last at {place}, {at}, not confirmed.":
        "Zuletzt gesehen: {place}, {at}, nicht bestätigt.",
    "Seen last at {place}, {at}.": "Zuletzt gesehen: {place}, {at}.",
    "No road is ordered to be closed.": "Keine Strasse ist zu sperren befohlen.",
    "No exit can be reached.": "Kein Ausgang ist erreichbar.",
    "No exit can be reached, if all keep to their times.":
        "Kein Ausgang ist erreichbar, wenn alle ihre Zeiten einhalten.",
    "{n}\N{NO-BREAK SPACE}exit OPEN.": "{n}\N{NO-BREAK SPACE}Ausgang OFFEN.",
    "{n}\N{NO-BREAK SPACE}exits OPEN.": "{n}\N{NO-BREAK SPACE}Ausgänge OFFEN.",
    "Roads: {states!}.": "Strassen: {states!}.",
    **{
        f"{{n}}\N{NO-BREAK SPACE}{english}": f"{{n}}\N{NO-BREAK SPACE}{german}"
        for english, german in (
            ("OPEN", "OFFEN"), ("LATE", "VERSPÄTET"), ("closed", "gesperrt"),
            ("under way", "unterwegs"), ("ordered", "befohlen"), ("reopened", "wieder offen"),
            ("acknowledged", "quittiert"), ("in position", "in Stellung"),
            ("promised by the other side", "von der anderen Seite zugesagt"),
            ("not reported by them", "von ihr nicht gemeldet"),
        )
    },
    # Beside the title.
    "For the {role}": "Für: {role}",
    "{span} since the alarm": "{span} seit dem Alarm",
    "no alarm yet": "noch kein Alarm",
    "{at} {day!} {n} {month!} {year}, {zone}": "{at} {day!} {n}. {month!} {year}, {zone}",
    **dict(zip(
        ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Mar", "May", "Oct", "Dec"),
        ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So", "März", "Mai", "Okt", "Dez"), strict=True,
    )),
    "Line to the other side: not known": "Leitung zur anderen Seite: nicht bekannt",
    "Line to the other side: up since {at}": "Leitung zur anderen Seite: steht seit {at}",
    "Line to the other side: DOWN since {at}": "Leitung zur anderen Seite: UNTERBROCHEN seit {at}",
    "Phase of the procedure: {phase}": "Phase des Verfahrens: {phase}",
    "Incident {name}, {side}. Made from {n} entries of the journal, {at}. Authority: none on this "
    "side.": "Fall {name}, {side}. Aus {n} Einträgen des Journals, {at}. Rechtsgrundlage: keine "
    "auf dieser Seite.",
    "Incident {name}, {side}. Made from {n} entries of the journal, {at}. Authority: {by}.":
        "Fall {name}, {side}. Aus {n} Einträgen des Journals, {at}. Rechtsgrundlage: {by}.",
    # Decisions.
    "None of you. Others are asked:": "Keiner von Ihnen. Andere sind gefragt:",
    "You by {at}:": "Sie bis {at}:", "You:": "Sie:",
    "{who} by {at}:": "{who} bis {at}:",
    "{title} {n} must agree.": "{title} {n} müssen zustimmen.",
    # What happened.
    "The other side says": "Die andere Seite sagt",
    "Vehicle": "Fahrzeug",
    "Stopped {at} by the other side": "Angehalten {at} von der anderen Seite",
    "Stopped {at}": "Angehalten {at}",
    # Where it can be.
    "Seen {at} ({span} ago)": "Gesehen {at} (vor {span})",
    "{place}, heading for {towards} ({sure!})": "{place}, Richtung {towards} ({sure!})",
    "{place} ({sure!})": "{place} ({sure!})",
    "confirmed": "bestätigt", "not confirmed": "nicht bestätigt",
    "told by the other side": "von der anderen Seite gemeldet",
    "The other side believes, {at}": "Die andere Seite vermutet, {at}",
    "From intelligence, {at}": "Aus Nachrichten, {at}",
    "{where} (held at {share})": "{where} (angenommen mit {share})",
    "near a place": "bei einem Ort",
    "What it can have reached": "Was es erreicht haben kann",
    "What it can have reached, {at}": "Was es erreicht haben kann, {at}",
    "Where it is heading, {at}": "Wohin es fährt, {at}",
    "Likeliest, {at}": "Am wahrscheinlichsten, {at}",
    "not known: it has not been seen yet": "nicht bekannt: es wurde noch nicht gesehen",
    "not known; this node has not found it yet": "nicht bekannt; noch nicht berechnet",
    "not known, nothing near a road is confirmed":
        "nicht bekannt, nichts bei einer Strasse ist bestätigt",
    "not known yet; likeliest {chances!}": "noch nicht bekannt; am wahrscheinlichsten {chances!}",
    "{roads!}; out already {share}": "{roads!}; schon draussen {share}",
    "any place within {n} km of {place} and {k} exit, if no road were closed":
        "jeder Ort bis {n} km um {place} und {k} Ausgang, wenn keine Strasse gesperrt wäre",
    "any place within {n} km of {place} and {k} exits, if no road were closed":
        "jeder Ort bis {n} km um {place} und {k} Ausgänge, wenn keine Strasse gesperrt wäre",
    "any place within {n} km of {place}, as far as {end}, but no exit":
        "jeder Ort bis {n} km um {place}, bis {end}, aber kein Ausgang",
    # Roads.
    "{road!} (ours, since {at})": "{road!} (unsere, seit {at})",
    "{road!} ({side}, since {at})": "{road!} ({side}, seit {at})",
    "{road!} ({side}, by {at})": "{road!} ({side}, bis {at})",
    "unnamed road": "Strasse ohne Namen",
    "unnamed road near {place} {share}": "Strasse ohne Namen bei {place} {share}",
    "{road} near {place} {share}": "{road} bei {place} {share}",
    "{here} to {there} {share}": "{here} nach {there} {share}",
    "Closed": "Gesperrt", "Open": "Offen", "Late": "Verspätet", "Ordered": "Befohlen",
    "Under way": "Unterwegs", "Reopened": "Wieder offen", "Promised": "Zugesagt",
    "Not held": "Nicht gehalten", "Refused": "Abgelehnt", "Withdrawn": "Zurückgenommen",
    "{side}: not known": "{side}: nicht bekannt",
    "Ours: not known": "Unsere: nicht bekannt",
    "Ours, as we told them": "Unsere, wie ihnen gesagt",
    "no order is given on this node": "an diesem Knoten ist kein Befehl erteilt",
    "it has reported none": "sie hat keine gemeldet",
    "1 road is open again": "1 Strasse ist wieder offen",
    "{n} roads are open again": "{n} Strassen sind wieder offen",
    "Their word": "Ihr Wort",
    "our plan rests on {why}": "unser Plan beruht auf: {why}",
    "LINE DOWN": "LEITUNG UNTERBROCHEN",
    "no word from the other side since {at}; telephone":
        "kein Wort von der anderen Seite seit {at}; telefonieren",
    # Verdict and offer.
    "VERDICT:": "URTEIL:", "SEALED:": "DICHT:", "LEAK:": "OFFEN:",
    "MAY BE OUT:": "VIELLEICHT HINAUS:",
    "NOT KNOWN:": "NICHT BEKANNT:", "NOT REPORTED:": "NICHT GEMELDET:",
    "ADOPTED WITHOUT PROOF:": "OHNE BEWEIS ANGENOMMEN:", "NO NEW PLAN:": "KEIN NEUER PLAN:",
    "NEW PLAN OFFERED:": "NEUER PLAN ANGEBOTEN:",
    "our part of the joint plan; the whole was checked before it was cut":
        "unser Teil des gemeinsamen Plans; das Ganze wurde geprüft, bevor er geteilt wurde",
    "the adopted plan is being judged": "der angenommene Plan wird geprüft",
    "{roads}: the other side's time is over, no word":
        "{roads}: die Zeit der anderen Seite ist um, kein Wort",
    "No exit can be reached: {counts!}.": "Kein Ausgang ist erreichbar: {counts!}.",
    "{n} seal closed": "{n} Sperre geschlossen", "{n} seals closed": "{n} Sperren geschlossen",
    "all {n} seals closed": "alle {n} Sperren geschlossen",
    "{n} more in time": "{n} weitere rechtzeitig", "{n} in time": "{n} rechtzeitig",
    "{n} only by the other side's word": "{n} nur nach dem Wort der anderen Seite",
    "over the time": "Zeit abgelaufen",
    "{exit} open since {at}, because {why!}; {n} more exit for the same reason":
        "{exit} offen seit {at}, weil {why!}; {n} weiterer Ausgang aus demselben Grund",
    "{exit} open since {at}, because {why!}; {n} more exits for the same reason":
        "{exit} offen seit {at}, weil {why!}; {n} weitere Ausgänge aus demselben Grund",
    "{exit} open from {at}, because {why!}; {n} more exit for the same reason":
        "{exit} offen ab {at}, weil {why!}; {n} weiterer Ausgang aus demselben Grund",
    "{exit} open from {at}, because {why!}; {n} more exits for the same reason":
        "{exit} offen ab {at}, weil {why!}; {n} weitere Ausgänge aus demselben Grund",
    "{exit} open since {at}, because {why!}": "{exit} offen seit {at}, weil {why!}",
    "{exit} open from {at}, because {why!}": "{exit} offen ab {at}, weil {why!}",
    "no seal stands on this way": "auf diesem Weg keine Sperre steht",
    "and {n} more exits": "und {n} weitere Ausgänge",
    # Asked and told.
    "{at} They asked": "{at} Sie fragten", "{at} We asked": "{at} Wir fragten",
    "{at} call between {who}": "{at} Gespräch zwischen {who}",
    "to seal {n} road: {answer!}": "{n} Strasse zu sperren: {answer!}",
    "to seal {n} roads: {answer!}": "{n} Strassen zu sperren: {answer!}",
    "{what}: {answer!}": "{what}: {answer!}",
    "not answered yet by {at}": "noch keine Antwort, Frist {at}",
    "not answered yet": "noch keine Antwort",
    "yes by {at}": "ja, bis {at}", "in part by {at}": "teilweise, bis {at}",
    "yes": "ja", "in part": "teilweise", "no": "nein", "done": "erledigt", "OVERDUE": "ÜBERFÄLLIG",
    **{
        f"{'; '.join(english)}".replace("; ", joint): f"{'; '.join(german)}".replace("; ", joint)
        for joint in ("; ", " ")
        for english, german in (
            (("we asked: {a}", "they asked: {b}", "agreed: {c}"),
             ("wir fragten: {a}", "sie fragten: {b}", "vereinbart: {c}")),
            (("we asked: {a}", "agreed: {c}"), ("wir fragten: {a}", "vereinbart: {c}")),
            (("they asked: {b}", "agreed: {c}"), ("sie fragten: {b}", "vereinbart: {c}")),
            (("we asked: {a}", "they asked: {b}"), ("wir fragten: {a}", "sie fragten: {b}")),
            (("we asked: {a}",), ("wir fragten: {a}",)),
            (("they asked: {b}",), ("sie fragten: {b}",)),
            (("agreed: {c}",), ("vereinbart: {c}",)),
        )
    },
    # In public, and overdue.
    "Nothing said yet": "Noch nichts gesagt",
    "overdue by {span}": "überfällig seit {span}",
    "{span} left of the agreed time": "noch {span} der vereinbarten Frist",
    "{at}, corrected {again}": "{at}, berichtigt {again}",
    "due {n} times since {at}": "fällig {n}-mal seit {at}", "due {at}": "fällig {at}",
    # Forces.
    "{n} called without answer": "{n} gerufen ohne Antwort",
    "{n} called without answer ({k} overdue)": "{n} gerufen ohne Antwort ({k} überfällig)",
    "{n} alerted": "{n} alarmiert", "{n} under way": "{n} unterwegs",
    "{n} in position": "{n} in Stellung", "{n} on call": "{n} in Bereitschaft",
    "{n} released": "{n} entlassen", "{n} off duty": "{n} ausser Dienst",
    "no units": "keine Einheiten",
    "Police": "Polizei", "Border service": "Grenzdienst", "Riot police": "Ordnungsdienst",
    "Security service": "Sicherheitsdienst", "Military": "Armee",
}  # fmt: skip
_VALUES: Final = {
    "n": r"\d+", "k": r"\d+", "at": r"[^,;()]*\d\d:\d\d[^,;()]*?", "share": r"[\d.]+%",
    "day": "[A-Z][a-z]{2}", "month": "[A-Z][a-z]{2}", "year": r"\d{4}",
    "answer": "(?:not answered yet|yes|in part|no|done|OVERDUE)(?: by [^;]+)?(?:; .*)?",
}  # fmt: skip
# Of these lines the parts are ours, one after the other.
_LISTS: Final = (", ", "; ")


def in_german(paper: Paper) -> Paper:
    """The report with its own sentences in German; what people wrote stays as it is."""
    return replace(
        paper,
        headline=german(paper.headline),
        facts=tuple(german(one) for one in paper.facts),
        blocks=tuple(_block(one) for one in paper.blocks),
        foot=german(paper.foot),
    )


def _block(block: Block) -> Block:
    return replace(
        block, title=german(block.title), caption=german(block.caption),
        lines=tuple(_line(one) for one in block.lines),
    )  # fmt: skip


def _line(line: Line) -> Line:
    return replace(line, lead=german(line.lead), text=german(line.text))


def german(text: str) -> str:
    """One text: whole if it is of a form here, else sentence by sentence."""
    parts = _SENTENCE.split(text)
    if len(parts) > 1 and _form(parts[0]) is not None:
        return " ".join(_form(one) or one for one in parts)
    found = _form(text)
    if found is not None:
        return found
    counts = [_form(one) for one in text.split(", ")]
    return ", ".join(one for one in counts if one) if all(counts) else text


def _form(text: str) -> str | None:
    for form, said, listed in _forms():
        matched = form.fullmatch(text)
        if matched is None:
            continue
        words = {
            name: _list(value) if name in listed else value
            for name, value in matched.groupdict().items()
        }
        return said.format(**words)
    return None


def _list(text: str) -> str:
    """A list, each part by its form; a part of none is somebody's words."""
    parts = re.split(r"(, |; )", text)
    return "".join(one if one in _LISTS else _form(one) or one for one in parts)


@lru_cache(maxsize=1)
def _forms() -> list[tuple[re.Pattern[str], str, frozenset[str]]]:
    """The catalogue, ready to match; those with most fixed letters first."""
    made = []
    for english, said in sorted(_FORMS.items(), key=lambda pair: -len(_FIELD.sub("", pair[0]))):
        parts = _FIELD.split(english)
        pattern = "".join(
            re.escape(part) if n % 3 == 0 else f"(?P<{part}>{_value(part)})" if n % 3 == 1 else ""
            for n, part in enumerate(parts)
        )
        listed = frozenset(name for name, mark in _FIELD.findall(english) if mark)
        made.append((re.compile(pattern, re.DOTALL), _FIELD.sub(r"{\1}", said), listed))
    return made


def _value(name: str) -> str:
    """Numbers are digits, times have some, an answer begins as one; all else is any text."""
    return _VALUES.get(name, ".+?")
