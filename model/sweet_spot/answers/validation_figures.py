"""The figures of VALIDATION.md, each marked with the record that it shows; and the page on disk."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure

from sweet_spot.answers.figure_learned import learned_figure
from sweet_spot.answers.figure_scale import scale_figure
from sweet_spot.answers.figures_backtest import backtest_figure, shown
from sweet_spot.answers.figures_calibration import gates_figure, ranks_figure
from sweet_spot.answers.section import Drawing
from sweet_spot.answers.style import DPI
from sweet_spot.answers.validation import FIGURES, Validation
from sweet_spot.answers.validation_records import Records
from sweet_spot.errors import SweetSpotError
from sweet_spot.inference.learned import Learned
from sweet_spot.inference.provenance import sources

MARK = "Description"
"""The text of a PNG file that holds the SHA-256 of the record."""


def drawings(held: Records, learned: Learned) -> tuple[tuple[Drawing, str], ...]:
    """Each figure with the SHA-256 of its record."""
    right, wrong, scores = held.calibration, held.control, held.backtest
    made: list[tuple[str, str, str, Callable[[], Figure]]] = [
        ("calibration", "calibration", "ECDFs of the ranks of simulated truths, less uniform, for"
         " each kind of quantity, in their simultaneous bands", lambda: ranks_figure(right)),
        ("calibration-gates", "calibration", "How often gates held, over their posterior"
         " probabilities", lambda: gates_figure(right)),
        ("control", "control", "The negative control: the same ECDFs where people err more than"
         " the model believes", lambda: ranks_figure(wrong)),
    ]  # fmt: skip
    for name, kind in shown(scores).items():
        words = f"Scores of every method on {name.removeprefix('backtest-')}, by dataset"
        made.append((name, "backtest", words, partial(backtest_figure, scores, kind)))
    if "scale" in held.benchmarks:
        panels, stamp = held.benchmarks["scale"]["panels"], _stamp(held)
        words = "Processor time of a gradient and of each stage of a fit, over the statements"
        made.append(("scale", "scale", words, lambda: scale_figure(panels, stamp)))
    out = [(Drawing(name, words, make), held.sha256[of]) for name, of, words, make in made]
    words = "The learned constants with their intervals, beside those set by hand"
    own = Drawing("learned", words, lambda: learned_figure(learned))
    return (*out, (own, sources()["learned"]))


def _stamp(held: Records) -> str:
    made = held.made["scale"]
    return f"model {made['sha_model'][:12]} · {made['system']} · {made['date']}"


def marked(figure: Figure, sha256: str) -> bytes:
    """A figure as PNG that says which record it shows, the same bytes each time."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI, metadata={"Software": None, MARK: sha256})
    return drawn.getvalue()


def mark(path: Path) -> str:
    """Which record a figure on the disk shows; empty where it does not say."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            return str(image.info.get(MARK, ""))
    except OSError:  # no image
        return ""


def write(found: Validation, out: Path) -> list[Path]:
    """Writes the page and its figures; the paths.

    Raises
    ------
    SweetSpotError
        The page cannot be written there.
    """
    paths = [out]
    try:
        (out.parent / FIGURES).mkdir(parents=True, exist_ok=True)
        for drawing, sha256 in found.drawings:
            paths.append(out.parent / FIGURES / f"{drawing.name}.png")
            paths[-1].write_bytes(marked(drawing.make(), sha256))
        out.write_text(found.page, encoding="utf-8")
    except OSError as error:
        raise SweetSpotError(f"{out}: cannot be written ({error.strerror})") from error
    return paths


def differences(found: Validation, out: Path) -> list[str]:
    """Where what is on the disk is not what the records make: lines of the page, and figures."""
    if not out.is_file():
        return [f"{out}: is not there"]
    there, wanted = out.read_text(encoding="utf-8").split("\n"), found.page.split("\n")
    wrong = [
        f"{out}, line {at + 1}: {old!r} is not what the records make: {new!r}"
        for at, (old, new) in enumerate(zip(there, wanted, strict=False))
        if old != new
    ]
    if len(there) != len(wanted):
        wrong.append(f"{out}: {len(there)} lines, where the records make {len(wanted)}")
    for drawing, sha256 in found.drawings:
        path = out.parent / FIGURES / f"{drawing.name}.png"
        if not path.is_file() or mark(path) != sha256:
            wrong.append(f"{path}: is not there, or shows another record")
    return wrong
