"""The pages of a report: Markdown is the one text; the HTML page is made from it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

import markupsafe

from sweet_spot.answers.credences import dated
from sweet_spot.answers.numbers import RULE
from sweet_spot.answers.section import TEMPLATES, Reported, Section, prefix
from sweet_spot.answers.tables import plain


def markdown(about: Reported, sections: Sequence[Section]) -> str:
    """The report as Markdown: a head, and its sections one after the other."""
    verdict = about.credences.verdict
    return TEMPLATES.get_template("report.md").render(
        fitted=about.fitted, p=prefix(about), rule=RULE, verdict=verdict.text, sections=sections,
        warning=f"{verdict.text} Its numbers are not to be trusted." if verdict.failed else "",
        headline=plain(dated(about.credences.text, about.inputs["as_of"])),
    )  # fmt: skip


def html(text: str, title: str, stamp: str, images: Mapping[str, bytes], *, warned: bool) -> str:
    """The report as one HTML page that loads nothing from elsewhere."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for token in (child for block in tokens for child in block.children or ()):
        if token.type == "image":
            encoded = base64.b64encode(images[str(token.attrs["src"])]).decode("ascii")
            token.attrs["src"] = f"data:image/png;base64,{encoded}"
    body = str(reader.renderer.render(tokens, reader.options, {}))
    body = body.replace("<table>", '<div class="scroll"><table>').replace(
        "</table>", "</table></div>"
    )
    page = TEMPLATES.get_template("report.html")
    return page.render(title=title, stamp=stamp, warned=warned, body=markupsafe.Markup(body))
