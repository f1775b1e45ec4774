"""Structures side by side: mixtures by hand, one alone exactly, words, figure, command."""

import json
from pathlib import Path

import numpy as np
import pytest
import typer
import xarray as xr
from typer.testing import CliRunner

from sweet_spot.answers.credences import credence_table
from sweet_spot.answers.figure_rivals import rivals_figure, write_rivals
from sweet_spot.answers.rivals import STATED, UPDATED, RivalTable, rival_table, stated_weights
from sweet_spot.argument.rivals import STRUCTURES
from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import DERIVED_DIMS, GATES
from sweet_spot.cli.rivals import rivals as command
from sweet_spot.errors import SweetSpotError
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.draws import complete, prior_draws
from sweet_spot.inference.fit import assemble_tree
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import layout
from sweet_spot.inference.refit import Drawn, Settings
from sweet_spot.inference.rivals import rival_arguments
from sweet_spot.inference.store import digests

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
NAMES = [structure.name for structure in STRUCTURES]
Trees = dict[str, xr.DataTree]


@pytest.fixture(scope="module")
def trees(argument: Argument, evidence: Evidence) -> Trees:
    """Draws from the prior as if they were the posterior of every structure, and had passed."""
    constants = learned_constants()
    free = prior_draws(argument, layout(argument, evidence, constants), constants, 2, 200, seed=1)
    noise = np.random.default_rng(1).normal(size=(2, 200))
    stats = xr.Dataset(
        {"energy": (("chain", "draw"), noise), "diverging": (("chain", "draw"), noise > 99)}
    )
    posterior = complete(argument, free)
    verdict = {f"check_{n}": v for n, v in (("divergences", 0), ("divergences_threshold", 0))}
    verdict |= {"check_divergences_passed": 1, "passed": 1}
    drawn = Drawn(posterior, stats, verdict)
    main = assemble_tree(
        argument, evidence, drawn, Settings(draws=200, chains=2), learned_constants()
    )
    out = {}
    for name, of in rival_arguments(argument).items():
        out[name] = main.copy()
        if name != "main":
            out[name]["posterior"] = xr.DataTree(complete(of, free))
            before = main["prior"].to_dataset().drop_vars([*DERIVED_DIMS, *GATES])
            out[name]["prior"] = xr.DataTree(complete(of, before))
    return out


@pytest.fixture(scope="module")
def table(trees: Trees, argument: Argument) -> RivalTable:
    return rival_table(trees, rival_arguments(argument), stated_weights())


def test_mixtures_by_hand(table: RivalTable) -> None:
    data = table.data
    assert data["structure"].values.tolist() == NAMES
    stated = np.array([0.4, 0.2, 0.2, 0.2])
    np.testing.assert_allclose(data["weight"], stated, rtol=1e-12)
    likelihood = np.exp(data["log_ratio"].to_numpy())
    after = stated * likelihood / (stated * likelihood).sum()
    np.testing.assert_allclose(data["updated_weight"], after, rtol=1e-12)
    for name, weights, of in (
        ("mixed_prior", stated, "prior"),
        ("mixed_posterior", stated, "posterior"),
        ("updated_posterior", after, "posterior"),
        ("mixed_mcse", stated, "mcse"),
    ):
        wanted = np.tensordot(weights, data[of].transpose("structure", ...).to_numpy(), 1)
        np.testing.assert_allclose(data[name], wanted, rtol=1e-12, err_msg=name)
    assert (data["updated_mcse"] >= (data["updated_weight"] * data["mcse"]).sum("structure")).all()


def test_each_structure_has_its_own_credences(table: RivalTable, trees: Trees) -> None:
    """They are those of its own tree, and differ where the structure says so."""
    for name, tree in trees.items():
        own = credence_table(tree).data
        for column in ("prior", "posterior", "mcse"):
            np.testing.assert_array_equal(table.data[column].sel(structure=name), own[column])
    lasts = table.data["posterior"].sel(gate="lasts", factor="any")
    assert lasts.sel(structure="no_feedback") > lasts.sel(structure="main")
    assert lasts.sel(structure="bottleneck") == lasts.sel(structure="main")
    usable = table.data["posterior"].sel(gate="usable", factor="any")
    assert usable.sel(structure="bottleneck") < usable.sel(structure="main")


def test_what_no_statement_touches_keeps_its_weight(table: RivalTable) -> None:
    soft = table.data.sel(structure="soft_danger")
    assert float(soft["log_ratio"]) == float(soft["log_ratio_error"]) == 0.0
    assert float(soft["overlap"]) == 1.0


@pytest.mark.parametrize("k", range(4))
def test_one_structure_alone_is_that_structure(k: int, trees: Trees, argument: Argument) -> None:
    """Weights (1, 0, 0) give the first exactly: the same numbers, not close ones."""
    weights = stated_weights([*[0.0] * k, 1.0])
    found = rival_table(trees, rival_arguments(argument), weights)
    own = credence_table(trees[NAMES[k]]).data
    assert found.data["updated_weight"].values.tolist() == weights.tolist()
    for by in ("mixed", "updated"):
        np.testing.assert_array_equal(found.data[f"{by}_posterior"], own["posterior"])
        np.testing.assert_array_equal(found.data[f"{by}_mcse"], own["mcse"])
    np.testing.assert_array_equal(found.data["mixed_prior"], own["prior"])


def test_stated_weights() -> None:
    assert stated_weights([1, 1]).tolist() == [0.5, 0.5, 0.0, 0.0]
    for wrong in ([], [0, 0], [1, -1, 1], [1, 0, 0, 0, 0], [float("nan")], [float("inf")]):
        with pytest.raises(SweetSpotError, match="main, bottleneck, no_feedback, soft_danger"):
            stated_weights(wrong)


def test_words_and_rows(table: RivalTable) -> None:
    rows = table.table
    assert rows.index.tolist() == [*NAMES, STATED, UPDATED]
    mixed = table.data["mixed_posterior"].sel(gate="usable", factor="any")
    assert rows.loc[STATED, "posterior"] == float(mixed)
    assert f"{float(mixed):.2f} (Monte Carlo error at most" in table.text
    assert "no feedback" in table.text
    assert "evidence statements by" in table.text
    content = json.loads(json.dumps(table.to_json(), allow_nan=False))
    assert [row["structure"] for row in content["rows"]] == rows.index.tolist()
    assert content["rows"][1]["meaning"] == STRUCTURES[1].meaning
    assert content["rows"][-1]["weight"] is None


def test_warnings_stand_in_the_text(table: RivalTable, trees: Trees, argument: Argument) -> None:
    apart = table.data.assign(overlap=("structure", [1.0, 0.05, 0.5, 1.0]))
    warned = RivalTable(apart, table.verdicts, table.evidence)
    assert "posteriors of bottleneck and of the first structure hardly overlap" in warned.text
    assert "WARNING" not in table.text
    lost = trees["no_feedback"].copy()
    lost.attrs |= {"passed": 0, "check_divergences": 3, "check_divergences_passed": 0}
    failed = rival_table(
        {**trees, "no_feedback": lost}, rival_arguments(argument), stated_weights()
    )
    assert "WARNING: no_feedback: The fit failed its verdict: divergences 3" in failed.text


def test_figure_shows_the_table(table: RivalTable, tmp_path: Path) -> None:
    figure = rivals_figure(table)
    drawn = {line.get_gid(): line for axes in figure.axes for line in axes.lines}
    for gid, column in {
        "prior credence": "prior", "posterior credence": "posterior",
        "prior weight": "weight", "posterior weight": "updated_weight",
    }.items():  # fmt: skip
        np.testing.assert_array_equal(drawn[gid].get_xdata(), table.table[column])
    page = write_rivals(table, tmp_path / "out").read_text(encoding="utf-8")
    assert table.text in page
    assert all(structure.meaning in page for structure in STRUCTURES)
    assert (tmp_path / "out" / "rivals.png").stat().st_size > 10_000
    assert json.loads((tmp_path / "out" / "rivals.json").read_text()) == table.to_json()


# the command, on a cache that holds these trees as fits of the frozen data


@pytest.fixture(scope="module")
def cache(
    trees: Trees,
    argument: Argument,
    evidence: Evidence,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    for name, of in rival_arguments(argument).items():
        key = digests(of, evidence, Settings(), learned_constants())["digest_fit"]
        trees[name].to_netcdf(folder / f"{key[:32]}.nc")
    return folder


app = typer.Typer()
app.command()(command)


def run(cache: Path, *options: str) -> tuple[int, str, str]:
    where = ["--data", str(GOLDEN / "data"), "--cache", str(cache)]
    found = CliRunner().invoke(app, [*where, *options])
    return found.exit_code, found.stdout, found.stderr


def test_command(cache: Path, table: RivalTable, tmp_path: Path) -> None:
    code, out, err = run(cache, "--out", str(tmp_path))
    assert (code, out) == (0, table.text + "\n")
    assert err.splitlines() == [str(tmp_path / "rivals.md")]
    code, out, _ = run(cache, "--json", "--weights", "1,0,0")
    rows = json.loads(out)["rows"]
    assert code == 0
    assert rows[-2]["posterior"] == rows[-1]["posterior"] == rows[0]["posterior"]


def test_wrong_weights_are_usage(cache: Path) -> None:
    code, _, err = run(cache, "--weights", "half")
    assert code == 2
    assert "such as 0.5,0.5" in err


def test_failed_fits_are_refused(cache: Path, argument: Argument, evidence: Evidence) -> None:
    of = rival_arguments(argument)["bottleneck"]
    key = digests(of, evidence, Settings(), learned_constants())["digest_fit"]
    path = cache / f"{key[:32]}.nc"
    kept = path.read_bytes()
    with xr.open_datatree(path) as opened:
        lost = opened.load()
    lost.attrs.update(passed=0, check_divergences=3, check_divergences_passed=0)
    path.unlink()
    lost.to_netcdf(path)
    code, out, err = run(cache)
    assert (code, out) == (3, "")
    assert "the structure bottleneck: The fit failed its verdict: divergences 3" in err
    code, out, _ = run(cache, "--force")
    assert code == 3
    assert "WARNING: bottleneck" in out
    path.write_bytes(kept)
