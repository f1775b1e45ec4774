"""Makes the frozen small fit, and the pages that follow from it.

    python tests/golden/make.py                rewrites the pages: report.md, credences.json
    python tests/golden/make.py FIT [DATA]     first rewrites fit.nc and data/ from a real fit

`fit.nc` holds 2 chains of 200 draws, the variables that answers read, and some statements; `data/`
holds these statements with their questions. The numbers are those of FIT, which was conditioned on
all of its statements; the counts are those of the statements kept, and the verdict is written as
passed (tests of a failed one set it back). Nothing here samples. Rewrite the fit only when answers
need a variable that it lacks, the pages when they are meant to change, and look at the difference.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import xarray as xr
import yaml

from sweet_spot.answers.render import render, reported
from sweet_spot.argument.axis import AXIS
from sweet_spot.argument.scenarios import scenarios_in
from sweet_spot.argument.spec import load_argument
from sweet_spot.argument.structure import GATES, LATENT_DIMS
from sweet_spot.evidence.gather import COLUMNS, gather

HERE = Path(__file__).resolve().parent
CHAINS, DRAWS = 2, 200
SOURCES = (
    "ai-2027-takeoff", "ai-2040-alignment-roadmap", "ai-futures-q1-2026-update",
    "ai-futures-q2-2026-update", "fri-adversarial-collaboration", "automated-alignment-researchers",
    "scheming-ais-report", "anthropic-pace-measures", "sandbagging-auditing-games",
)  # fmt: skip
DERIVED = (
    "speedup_useful", "speedup_dangerous", "years_to_automation", "years_to_useful",
    "years_to_dangerous",
)  # fmt: skip


def cut_data(data: Path) -> None:
    """Copies some elicitation files, as they are, and the questions that they answer."""
    (HERE / "data" / "elicitations").mkdir(parents=True, exist_ok=True)
    asked = set()
    for name in SOURCES:
        text = (data / "elicitations" / f"{name}.yaml").read_text(encoding="utf-8")
        asked |= {said["question"] for said in yaml.safe_load(text)["statements"]}
        (HERE / "data" / "elicitations" / f"{name}.yaml").write_text(text, encoding="utf-8")
    questions = yaml.safe_load((data / "questions.yaml").read_text(encoding="utf-8"))
    kept = [question for question in questions["questions"] if question["id"] in asked]
    written = yaml.safe_dump({"schema": 1, "questions": kept}, sort_keys=False, allow_unicode=True)
    (HERE / "data" / "questions.yaml").write_text(written, encoding="utf-8")


def thin(group: xr.Dataset, names: tuple[str, ...]) -> xr.Dataset:
    """Some variables at evenly spaced draws, in single precision."""
    step = group.sizes["draw"] // DRAWS
    kept = group[[n for n in names if n in group]]
    kept = kept.isel(chain=slice(CHAINS), draw=slice(0, step * DRAWS, step)).load()
    kept = kept.assign_coords(draw=np.arange(DRAWS))
    return kept.map(lambda v: v.astype(np.float32) if v.dtype == np.float64 else v)


def freeze(fit: Path, data: Path) -> None:
    """Writes both."""
    cut_data(data)
    table = gather(HERE / "data", checked=True).statements
    wide = {n: dims for n, dims in LATENT_DIMS.items() if n not in AXIS}
    names = (*AXIS, *wide, *DERIVED, *GATES)
    with xr.open_datatree(fit) as tree:
        known = set(tree["constant_data"]["statement"].values.tolist())
        assert set(table["statement"].values.tolist()) <= known, "DATA is not that of FIT"
        groups = {name: thin(tree[name].to_dataset(), names) for name in ("posterior", "prior")}
        for name in ("posterior_predictive", "prior_predictive"):
            chosen = tree[name].to_dataset().sel(statement=table["statement"].values)
            groups[name] = thin(chosen, ("stated", "quantity"))
        attributes = dict(tree.attrs)
    quantity = [str(t.quantity) for t in gather(HERE / "data", checked=True).targets]
    index = table["target"].to_numpy()
    groups["observed_data"] = table[["observed"]].rename(observed="stated")
    groups["constant_data"] = table[[n for n in COLUMNS if n != "observed"]].assign(
        quantity=("statement", [quantity[i] for i in index])
    )
    tree = xr.DataTree.from_dict(groups)
    tree.attrs.update(
        attributes | {"check_divergences": 0, "check_divergences_passed": 1, "passed": 1}
    )
    encoding = {
        node.path: {n: {"zlib": True} for n, v in node.data_vars.items() if v.dtype.kind in "fi"}
        for node in tree.subtree
    }
    tree.to_netcdf(HERE / "fit.nc", encoding=encoding)


def write_pages() -> None:
    """Renders the frozen fit and keeps its texts."""
    with tempfile.TemporaryDirectory() as name, xr.open_datatree(HERE / "fit.nc") as tree:
        folder = Path(name) / "pages"
        evidence, scenarios = gather(HERE / "data", checked=True), scenarios_in(HERE / "data")
        render(reported(tree, load_argument(), evidence, None, scenarios), folder)
        for page in ("report.md", "credences.json"):
            (HERE / page).write_bytes((folder / page).read_bytes())


if __name__ == "__main__":
    if sys.argv[1:]:
        freeze(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "data"))
    write_pages()
