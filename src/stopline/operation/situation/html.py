"""Draws the situation page as HTML: self-contained, one A4 page in print, readable in grey."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from stopline.operation.situation.page import Block, Line, Page

# No script, no picture, no address: the page may be printed, sent or archived as it is.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE: Final = """
@page { size: A4; margin: 11mm 12mm; }
* { box-sizing: border-box; margin: 0; }
body { font: 10.2pt/1.34 "DejaVu Sans", "Segoe UI", "Helvetica Neue", Arial, sans-serif;
  color: #111; background: #fff; max-width: 186mm; margin: 0 auto; }
@media screen { body { padding: 8mm 0; } }
header { display: flex; justify-content: space-between; gap: 6mm; border-bottom: 1.6pt solid #111;
  padding-bottom: 2.2mm; }
h1 { font-size: 17pt; line-height: 1.15; }
.headline { font-size: 11.5pt; font-weight: 600; margin-top: 1mm; }
.facts { text-align: right; font-size: 8.6pt; white-space: nowrap; }
.facts p:first-child { font-weight: 700; }
main { display: grid; grid-template-columns: 1fr 1fr; gap: 2.6mm 6mm; margin-top: 3mm; }
section { break-inside: avoid; }
section.wide { grid-column: 1 / -1; }
h2 { font-size: 10.2pt; border-bottom: .5pt solid #888; padding-bottom: .5mm; margin-bottom: 1mm; }
ul { list-style: none; padding: 0; }
li { padding: .35mm 0 .35mm 3.2mm; border-left: 1.4mm solid transparent; overflow-wrap: anywhere; }
li.good { border-left-color: #2e7d32; }
li.bad { border-left-color: #b71c1c; }
li.bad b { color: #b71c1c; }
li.quiet { color: #555; }
.wanted { border: 1.2pt solid #111; background: #f3f3f3; padding: 2.2mm 3mm; margin-top: 3mm; }
.wanted h2 { border: 0; font-size: 11pt; margin: 0 0 .6mm; padding: 0; }
footer { margin-top: 3mm; border-top: .5pt solid #888; padding-top: 1mm; font-size: 7.2pt;
  color: #444; }
@media print { body { max-width: none; -webkit-print-color-adjust: exact;
  print-color-adjust: exact; } }
"""


def page_html(page: Page) -> str:
    """Draw the page; the same page gives the same text, to the byte."""
    facts = "".join(f"<p>{escape(each)}</p>" for each in page.facts)
    blocks = "\n".join(_block(each, "wide" if each.wide else "") for each in page.blocks)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Situation: {escape(page.title)}</title>\n<style>{_STYLE}</style>\n"
        "</head>\n<body>\n"
        f"<header><div><h1>{escape(page.title)}</h1>"
        f'<p class="headline">{escape(page.headline)}</p></div>'
        f'<div class="facts"><p>For the {escape(_lower(page.reader))}</p>{facts}</div></header>\n'
        f"{_block(page.decisions, 'wanted')}\n<main>\n{blocks}\n</main>\n"
        f"<footer>{escape(page.foot)}</footer>\n</body>\n</html>\n"
    )


def _block(block: Block, name: str) -> str:
    lines = "\n".join(_line(each) for each in block.lines)
    return f'<section class="{name}"><h2>{escape(block.title)}</h2>\n<ul>\n{lines}\n</ul></section>'


def _line(line: Line) -> str:
    lead = f"<b>{escape(line.lead)}</b> " if line.lead else ""
    return f'<li class="{line.tone}">{lead}{escape(line.text)}</li>'


def _lower(title: str) -> str:
    return f"{title[:1].lower()}{title[1:]}"
