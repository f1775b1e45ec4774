"""Tables of VALIDATION.md: every cell is computed from a record, or is the name of something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sweet_spot.answers.backtest import METHODS, PEEKS, Backtest
from sweet_spot.answers.calibration import Calibration
from sweet_spot.answers.calibration_text import written
from sweet_spot.answers.learning import printed_constants
from sweet_spot.answers.numbers import DASH, error, number, probability, share
from sweet_spot.answers.tables import plain, table
from sweet_spot.answers.validation_records import FILES, NEEDS, Records, Stale
from sweet_spot.answers.validation_targets import SIMPLE, WE, best_simple, targets, values
from sweet_spot.inference import provenance
from sweet_spot.inference.calibration import FAMILIES
from sweet_spot.inference.learned import Learned
from sweet_spot.inference.uniformity import band

KINDS = {
    "answer": "the answer: headline's margin, width, every gate, joint log likelihood",
    "latents": "the argument's latents", "asked": "what questions ask about",
    "errors": "free variables of the error model",
}  # fmt: skip
STAGES = ("read", "compile", "draw", "complete")


def yes(met: bool) -> str:
    """A verdict as a cell."""
    return "yes" if met else "**no**"


def digests() -> str:
    """SHA-256 of the present sources, and the files behind each."""
    behind, found = provenance.behind(), provenance.sources()
    rows = [
        [name, f"`{found[name]}`", ", ".join(f"`{file}`" for file in behind[name])]
        for name in behind
    ]
    return table(["source", "SHA-256", "files, below `model/sweet_spot`"], rows)


def records(held: Records, old: Sequence[Stale]) -> str:
    """Each record: its file, when and on what it was made, and whether of these sources."""
    rows = []
    for kind, made in held.made.items():
        changed = [each.source for each in old if each.record == kind]
        rows.append([
            kind, f"`{FILES[kind]}`", made["date"], made["system"],
            f"**STALE**: {', '.join(changed)} changed" if changed else "yes: " +
            ", ".join(NEEDS[kind]), f"`{held.sha256[kind]}`",
        ])  # fmt: skip
    head = ["record", "file", "made on", "system", "of these sources", "SHA-256 of the file"]
    return table(head, rows)


def versions(held: Records) -> str:
    """Versions that each record was made with."""
    names = sorted({n for made in held.made.values() for n in made if n.startswith("version_")})
    rows = [
        [name.removeprefix("version_").replace("_", "-"),
         *(made.get(name, DASH) for made in held.made.values())]
        for name in names
    ]  # fmt: skip
    return table(["package", *held.made], rows)


def families(found: Calibration) -> str:
    """For each kind of quantity its tests, their level, the smallest p-values, and how it ended."""
    data, tests, rows = found.data, found.table, []
    for family in FAMILIES:
        own = tests[tests["family"] == family]
        level = float(own["level"].iloc[0])
        points, _, high = band(data.sizes["run"], level)
        least = [_least(own[own["test"].isin(names)]) for names in _TESTS]
        failed = int((~own["passed"]).sum())
        rows.append([
            KINDS[family], str(own["quantity"].nunique()), str(len(own)), f"{level:.1g}",
            *least, f"{(high - points).max():.2f}",
            yes(not failed) + (f" ({failed} failed)" if failed else ""),
        ])  # fmt: skip
    head = ["kind", "quantities", "tests", "level of each", "smallest p, plain",
            "smallest p, folded", "smallest p, frequencies", "may stray", "passed"]  # fmt: skip
    return table(head, rows)


_TESTS = (("plain",), ("folded",), ("frequency", "rare"))


def _least(tests: Any) -> str:
    """The smallest p-value and whose it is."""
    if tests.empty:
        return DASH
    first = tests.iloc[0]  # sorted by p
    return f"{written(float(first['p']))} ({plain(str(first['quantity']))})"


def gates(found: Calibration) -> str:
    """Posterior probabilities of gates, pooled, against how often the gates held."""
    columns = (found.data[n].values for n in ("predicted", "frequency", "error", "count"))
    rows = [
        [probability(p), probability(held), f"± {error(se)}", f"{count:.0f}"]
        for p, held, se, count in zip(*columns, strict=True)
        if count
    ]
    head = ["mean posterior probability", "share that held", "standard error, by run", "cases"]
    return table(head, rows)


def aims(found: Backtest) -> str:
    """The targets beside what was found."""
    rows = [
        [plain_code(each.what) if each.demanded else f"{plain_code(each.what)} (no target)",
         each.found, each.difference or DASH, yes(each.met)]
        for each in targets(found)
    ]  # fmt: skip
    return table(["target", "found", "ours less the other, paired", "met"], rows)


def plain_code(text: str) -> str:
    """Text with code in it, names outside of code escaped."""
    parts = text.split("`")
    return "`".join(_escaped(part) if not place % 2 else part for place, part in enumerate(parts))


def _escaped(text: str) -> str:
    """Escaped, with the spaces at its ends."""
    own = plain(text)
    return (
        f"{' ' * text.startswith(' ')}{own}{' ' * text.endswith(' ')}" if own else " " * bool(text)
    )


def scores(found: Backtest, score: str) -> str:
    """A score of every method on every dataset, the best simple pool in bold."""
    names = list(dict.fromkeys(row.dataset for row in found.rows if row.score == score))
    there = {name: values(found, name, score) for name in names}
    shown = [method for method in METHODS if any(method in own for own in there.values())]
    decided = {"coverage_90": "wis_ratio", "brier": "log"}.get(score, score)
    best = {name: best_simple(found, name, decided) for name in names}
    rows = []
    for method in shown:
        cells = []
        for name in names:
            value, se = there[name].get(method, (float("nan"), float("nan")))
            cell = f"{value:.3f} ± {error(se)}" if method in there[name] else ""
            cells.append(f"**{cell}**" if cell and method == best[name] else cell)
        rows.append([f"`{method}`{_note(method)}", *cells])
    heads = [f"{plain(name)} ({_questions(found, name, score)})" for name in names]
    return table([f"`{score}`", *heads], rows)


def _note(method: str) -> str:
    notes = {WE: " (ours)", PEEKS: " (has seen the answers)"}
    return notes.get(method, " (simple)" if method in SIMPLE else "")


def _questions(found: Backtest, name: str, score: str) -> int:
    return max(row.n for row in found.rows if (row.dataset, row.score) == (name, score))


def constants(learned: Learned) -> str:
    """The learned constants, as `sweet-spot learn` prints them."""
    head, rows = printed_constants(learned)
    return table(head, [[f"`{row[0]}`", *row[1:]] for row in rows])


def citations(learned: Learned) -> str:
    """Each dataset that was learned from: how much of it, and where it is from."""
    rows = [
        [plain(own.name), str(own.panels), str(own.questions), str(own.people),
         str(own.statements), plain_code(own.citation), f"`{own.sha256[:12]}`"]
        for own in learned.sources
    ]  # fmt: skip
    head = ["dataset", "panels", "questions", "people", "statements", "source",
            "SHA-256 of the files"]  # fmt: skip
    return table(head, rows)


def scale(panels: Mapping[str, Mapping[str, Any]]) -> str:
    """Cost of a fit for each size of panel."""
    rows = []
    for name, row in panels.items():
        parts = [f"{row[stage]['cpu']:.1f}" for stage in STAGES]
        rows.append([
            "simulated" if name.isdigit() else plain(name), f"{row['statements']:,}",
            f"{row['people']:,}", f"{row['rows']:,}", *parts, f"{row['cpu']:.0f}",
            f"{row['wall']:.0f}", f"{row['per_gradient_ms']:.2f}", f"{row['megabytes']:.0f}",
            yes(bool(row["passed"])),
        ])  # fmt: skip
    head = ["panel", "statements", "people", "rows", *STAGES, "all, cpu s", "all, wall s",
            "ms per gradient", "MB at most", "passed its verdict"]  # fmt: skip
    return table(head, rows)


def compiling(kept: Mapping[str, Any]) -> str:
    """Seconds of compiling, row by row as the benchmark has them; empty without its record.

    The record holds `made` and `rows`: objects with the same keys, which head the table.
    """
    if not kept:
        return ""
    rows = [[_cell(value) for value in row.values()] for row in kept["rows"]]
    return table([plain(str(key)) for key in kept["rows"][0]], rows)


def _cell(value: object) -> str:
    return number(value, "") if isinstance(value, float) else plain(str(value))


def headline(found: Calibration) -> tuple[str, int, int]:
    """Mean posterior probability of the headline, in how many truths it held, and of how many."""
    at = {"gate": "usable", "factor": "any"}
    p, held = (found.data[name].sel(at) for name in ("probability", "happened"))
    return probability(float(p.mean())), int(held.sum()), found.data.sizes["run"]


def part(count: int, of: int) -> str:
    """So many of so many, with the share."""
    return f"{count} of {of} ({share(count / of)})"
