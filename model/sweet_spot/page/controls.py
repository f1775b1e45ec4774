"""A view with controls: what is chosen goes to a function, its answer is shown and exported."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import panel as pn
import param

from sweet_spot.errors import SweetSpotError
from sweet_spot.page.context import Context
from sweet_spot.page.export import packed
from sweet_spot.page.marks import CSS, code_block, escape

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Values = Mapping[str, str]
"""What was chosen, by name, as it stands in the URL: to be validated by whoever reads it."""
MOST_VALUES, LONGEST_VALUE = 60, 200


@dataclass(frozen=True)
class Shown:
    """What a view shows for some values.

    Attributes
    ----------
    html
        The answer, every text of data escaped.
    said
        One sentence, read aloud by screen readers when it changes.
    python
        The lines that give the same answer.
    values
        What of the values was understood: this goes into the URL.
    table
        The data behind it.
    figures
        Its figures, drawn when they are exported.
    more
        What takes longer than a first look should: done once the page is there, and then all is
        shown again.
    """

    html: str
    said: str
    python: str
    values: Values
    table: Callable[[], pd.DataFrame]
    figures: Mapping[str, Callable[[], Figure]] = field(default_factory=dict)
    more: Callable[[], object] | None = None


class Controls(pn.custom.JSComponent):
    """Native form elements in the browser; see controls.js."""

    title = param.String()
    kind = param.String()
    fields = param.List()
    asked = param.Dict()
    answered = param.Integer()
    said = param.String()
    query = param.String()
    served = param.Boolean()
    wanted = param.Integer()
    file = param.Dict()

    _esm = Path(__file__).with_name("controls.js").read_text(encoding="utf-8")


def view(
    context: Context,
    name: str,
    fields: list[dict[str, Any]],
    answer: Callable[[Values], Shown],
    *,
    lead: str = "",
    aside: bool = False,
) -> pn.viewable.Viewable:
    """Controls and what they lead to, kept in step; the URL follows where there is one.

    Parameters
    ----------
    name
        What an export is called.
    fields
        The controls, as controls.js takes them.
    answer
        From values to what is shown; an error of ours is shown in words.
    lead
        What the view is about, as HTML; it stands first.
    aside
        Controls stand beside the answer where there is room, else above it.
    """
    controls, pane = _connected(context, name, fields, answer, "aside" if aside else "above")
    first = pn.pane.HTML(
        f'<p class="lead">{lead}</p>' if lead else "", stylesheets=[CSS], margin=0,
        sizing_mode="stretch_width", css_classes=["first"],
    )  # fmt: skip
    return pn.Column(
        first, controls, pane, sizing_mode="stretch_width", margin=0, stylesheets=[CSS],
        css_classes=["aside" if aside else "above"],
    )  # fmt: skip


def _connected(
    context: Context,
    name: str,
    fields: list[dict[str, Any]],
    answer: Callable[[Values], Shown],
    kind: str,
) -> tuple[Controls, pn.pane.HTML]:
    """Controls, and the pane that follows them."""
    shown = bounded(context.query)
    pane = pn.pane.HTML(stylesheets=[CSS], sizing_mode="stretch_width", margin=0)
    controls = Controls(  # type: ignore[no-untyped-call]
        title="What is shown", kind=kind, fields=fields,
        asked={"number": 0, "values": dict(shown)}, served=context.served,
        stylesheets=[CSS], sizing_mode="stretch_width", margin=0,
    )  # fmt: skip

    def show(values: Values) -> Shown:
        found = _tried(answer, values)
        pane.object = found.html + code_block(found.python)
        controls.param.update(said=found.said, query=query_of(found.values))
        return found

    def export(event: Any) -> None:
        del event
        found = _tried(answer, bounded(controls.asked["values"]))
        content = base64.b64encode(packed(found, name)).decode()
        controls.file = {"name": f"sweet-spot-{name}.zip", "content": content}

    def react(event: Any) -> None:
        show(bounded(event.new.get("values")))
        controls.answered = int(event.new["number"])

    _complete(show(shown), lambda: show(bounded(controls.asked["values"])))
    controls.param.watch(react, "asked")
    controls.param.watch(export, "wanted")
    return controls, pane


def _complete(found: Shown, again: Callable[[], object]) -> None:
    """Does what was put off until the page is there, and shows all again."""
    more = found.more
    if more is None:
        return

    def work() -> None:
        more()
        again()

    pn.state.onload(work)


def _tried(answer: Callable[[Values], Shown], values: Values) -> Shown:
    try:
        return answer(values)
    except SweetSpotError as error:
        import pandas as pd

        text = f"{str(error)[0].upper()}{str(error)[1:]}"
        box = f'<p class="refused" role="alert">{escape(text)}.</p>'
        return Shown(box, text, "", values, pd.DataFrame)


def bounded(values: Any) -> dict[str, str]:
    """The texts among what came, not too many and none too long; the rest is left out."""
    if not isinstance(values, Mapping):
        return {}
    kept = [
        (name, value)
        for name, value in values.items()
        if isinstance(name, str) and isinstance(value, str)
        and len(name) <= LONGEST_VALUE and len(value) <= LONGEST_VALUE
    ]  # fmt: skip
    return dict(kept[:MOST_VALUES])


def query_of(values: Values) -> str:
    """The end of a URL that restores some values; nothing where there are none."""
    return f"?{urlencode(dict(values))}" if values else ""
