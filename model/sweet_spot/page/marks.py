"""Pieces of HTML: every text escaped, links to the web alone, bars drawn as parts of a table.

A bar is drawn inside a cell that also says its number, so that the figure is a table for whoever
hears it or copies it.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from sweet_spot.answers.style import PALETTE

COLOURS = "".join(f"--{name.replace(' ', '-')}:{value};" for name, value in PALETTE.items())
CSS = f":root,:host{{{COLOURS}}}" + Path(__file__).with_name("page.css").read_text(encoding="utf-8")
"""The one style sheet, with the palette of all figures."""
LONGEST_TEXT = 2000


def escape(text: object) -> str:
    """A text of data as HTML text or attribute: nothing in it is markup."""
    return html.escape(str(text)[:LONGEST_TEXT], quote=True)


def link(url: str, text: str) -> str:
    """A link to a web page, opened apart; mere text where the address is anything else."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return escape(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return escape(text)
    return (
        f'<a href="{escape(url.strip())}" target="_blank" rel="noopener noreferrer">'
        f"{escape(text)}</a>"
    )


def code_block(python: str) -> str:
    """The Python of a view, where there is any."""
    if not python:
        return ""
    return (
        '<details class="python"><summary>The same in Python</summary>'
        f'<pre tabindex="0" aria-label="Python"><code>{escape(python)}</code></pre></details>'
    )


def percent(value: float, low: float = 0.0, high: float = 1.0) -> float:
    """Where a value stands on an axis from 0 to 100, held inside it."""
    if not math.isfinite(value) or high <= low:
        return 0.0
    return round(100 * min(max((value - low) / (high - low), 0.0), 1.0), 2)


def bar(value: float, before: float = math.nan, *, kind: str = "posterior") -> str:
    """A bar from 0 to a probability, with a tick where it was before."""
    tick = f'<i class="tick" style="left:{percent(before)}%"></i>' if math.isfinite(before) else ""
    return (
        f'<span class="bar" aria-hidden="true"><i class="{kind}" style="width:{percent(value)}%">'
        f"</i>{tick}</span>"
    )


def span(points: Iterable[float], kind: str, low: float, high: float) -> str:
    """An interval on an axis, with its median."""
    left, middle, right = (percent(float(value), low, high) for value in points)
    return (
        f'<i class="span {kind}" style="left:{left}%;width:{max(right - left, 0.5):.2f}%"></i>'
        f'<i class="dot {kind}" style="left:{middle}%"></i>'
    )


def table(caption: str, head: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """A table of HTML cells, the first of a row its header; wide ones scroll inside their box."""
    names = list(head)
    top = "".join(f'<th scope="col">{cell}</th>' for cell in names)
    body = []
    for row in rows:
        first, *others = row
        cells = "".join(
            f'<td data-label="{name}">{cell}</td>'
            for name, cell in zip(names[1:], others, strict=True)
        )
        body.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(caption)}">'
        f'<table class="{kind}"><caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )
