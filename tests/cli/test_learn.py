"""`sweet-spot learn`: what it prints, writes and draws; the fit itself is made up here."""

import csv
import json
from types import SimpleNamespace

import numpy as np
import pytest
import typer
import xarray as xr
from typer.testing import CliRunner

from sweet_spot.answers.figure_learned import learned_figure
from sweet_spot.answers.learning import by_hand, learned_text, printed_constants
from sweet_spot.cli.learn import learn
from sweet_spot.inference import learn as room
from sweet_spot.inference.learned import LEARNED, load_learned
from sweet_spot.inference.learning_model import BY_PANEL, CONSTANTS

app = typer.Typer()
app.command()(learn)
CHECKS = {
    f"check_{name}{end}": 1.0
    for name in ("r_hat", "ess_bulk", "ess_tail", "divergences", "bfmi")
    for end in ("", "_threshold", "_passed")
}


@pytest.fixture
def panel(write_panel, monkeypatch):
    """A dataset of yes/no questions, and a sampler that makes its draws up."""
    rows = [f"q{k},{who},binary_prob,,{0.2 + 0.1 * k},," for k in range(4) for who in "ABC"]
    folder = write_panel(
        "one", "\n".join(rows), "\n".join(f"q{k},{k % 2},,,prob" for k in range(4))
    )
    state = SimpleNamespace(folder=folder, passed=1)

    def sampled(taught, settings, step, *, bar):
        step("sampling")
        rng, shape = np.random.default_rng(settings.seed), (2, 50)
        sizes = {"constant": len(CONSTANTS), "by_panel": len(BY_PANEL), "panel": taught.panel.size,
                 "person": taught.person.size}  # fmt: skip
        dims = {"mean_log": "constant", "between_domains": "constant", "skill_score": "person",
                "between_panels": "by_panel", "lean_score": "person", "log_skill_sd": "panel",
                "log_lean_sd": "panel", "log_scale_sd": None, "log_probability_unit": None,
                "nu_shared_above_1": None, "nu_error_above_1": None}  # fmt: skip
        data = {}
        for name, dim in dims.items():
            own = () if dim is None else (dim,)
            drawn = np.abs(rng.normal(0.5, 0.1, (*shape, *(sizes[d] for d in own))))
            data[name] = (("chain", "draw", *own), drawn)
        posterior = xr.Dataset(
            data, coords={"constant": list(CONSTANTS), "by_panel": list(BY_PANEL)}
        )
        return posterior, {"passed": state.passed, **CHECKS}

    monkeypatch.setattr(room, "sampled", sampled)
    return state


def run(*arguments):
    found = CliRunner().invoke(app, [str(each) for each in arguments])
    return found.exit_code, found.stdout, found.stderr


def test_file_figure_people_and_text(panel, tmp_path):
    out, who = tmp_path / "new" / "learned.yaml", tmp_path / "people.csv"
    code, shown, progress = run(panel.folder, "--out", out, "--people", who)
    assert code == 0
    assert "learn: sampling" in progress
    assert (
        "Learned from 4 questions with known answers in 1 panel of 1 dataset: 12 statements"
        in shown
    )
    found = load_learned(out)
    assert found.sources[0].citation == "not stated"
    assert (found.sources[0].people, found.sources[0].statements) == (3, 12)
    assert out.with_suffix(".png").stat().st_size > 10_000
    rows = list(csv.DictReader(who.read_text().splitlines()))
    assert [row["person"] for row in rows] == ["one:A", "one:B", "one:C"]
    assert all(row["questions"] == "4" and float(row["lean_sd"]) > 0 for row in rows)


def test_json_is_the_file(panel, tmp_path):
    out = tmp_path / "learned.yaml"
    code, shown, _ = run(panel.folder, "--json", "--out", out)
    assert code == 0
    assert json.loads(shown) == load_learned(out).to_json()


def test_a_failed_fit_writes_nothing(panel, tmp_path):
    panel.passed = 0
    code, shown, _ = run(panel.folder, "--out", tmp_path / "learned.yaml")
    assert code == 3
    assert "FAILED its checks" in shown
    assert not (tmp_path / "learned.yaml").exists()


def test_a_damaged_file_is_named(panel):
    (panel.folder / "outcomes.csv").write_text("question_id,outcome\nq0,maybe\n")
    code, _, said = run(panel.folder)
    assert code == 1
    assert "outcomes.csv" in said


def test_table_and_figure_show_the_same_numbers():
    found = load_learned()
    head, rows = printed_constants(found)
    assert head[:3] == ("constant", "by hand", "learned")
    assert [row[0] for row in rows] == list(LEARNED)
    assert "passed its checks" in learned_text(found)
    axes = learned_figure(found).axes[0]
    drawn = {line.get_gid(): line.get_xdata() for line in axes.lines}
    for name in LEARNED:
        assert drawn[f"{name} median"] == pytest.approx([found.constants[name].median])
        if by_hand(name) > 0:
            assert drawn[f"{name} by hand"] == pytest.approx([by_hand(name)])
    assert "skill_sd by hand" not in drawn  # zero: people were alike


@pytest.mark.parametrize("name", ["README.md", "docs/MODEL.md"])
def test_documents_show_the_bundled_constants(checkout, name):
    text = (checkout / name).read_text(encoding="utf-8")
    for row in printed_constants(load_learned())[1]:
        assert f"| {' | '.join(row)} |" in text
