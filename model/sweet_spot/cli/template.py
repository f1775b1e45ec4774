"""`sweet-spot template`: a form in which a person answers questions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def template(
    questions: Annotated[
        str,
        typer.Option(metavar="IDS", help="Ids of questions, with commas.", show_default=False),
    ],
    expert: Annotated[
        str, typer.Option(metavar="NAME", help="Who is to answer.", show_default=False)
    ],
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder with questions.yaml.")] = Path(
        "data"
    ),
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File to write, new.", show_default="standard output"),
    ] = None,
) -> None:
    """Write a YAML form with each question's wording and unit, for a person to fill in.

    `sweet-spot check FILE` then says what is still missing, `sweet-spot add FILE` takes it in.
    Exit code 0: done. 2: wrong usage, no such question, or FILE is there already.

    \b
    Examples:
      sweet-spot template --questions year_full_rnd_automation --expert "Ada Example"
      sweet-spot template --questions year_hlmi,year_superintelligence --expert Ada --out ada.yaml

    \b
    In Python:
      from sweet_spot.evidence.template import template
      print(template(["year_hlmi"], "Ada Example", "data"))
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.evidence.template import template as form

    names = [name.strip() for name in questions.split(",") if name.strip()]
    text = form(names, expert, data)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        why = "is there already" if isinstance(error, FileExistsError) else "cannot be written"
        raise typer.BadParameter(f"{out} {why}; name another file", param_hint="--out") from error
    typer.echo(f"{out}: {len(names)} questions; `sweet-spot check {out}` says what is missing")
