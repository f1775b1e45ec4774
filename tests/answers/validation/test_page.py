"""The page says what the records say: each verdict, table and figure against them."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from sweet_spot.answers.validation import FIGURES, Validation, validate
from sweet_spot.answers.validation_figures import differences, mark, marked, write
from sweet_spot.answers.validation_targets import targets
from sweet_spot.inference.uniformity import band

from .conftest import RUNS, VALUES, ranks, scale, scores

Write = Callable[..., Path]


@pytest.fixture
def found(write_records: Write) -> Validation:
    return validate(write_records())


def cells(page: str, start: str) -> list[str]:
    """Cells of the row of a table that begins with some text."""
    (row,) = re.findall(rf"^\| {re.escape(start)}[^|]*\|.*\|$", page, re.MULTILINE)
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_targets_are_decided_by_the_values(found: Validation) -> None:
    aims = targets(found.records.backtest)
    assert [each.met for each in aims] == [True, True, False, True, False, True]
    assert [each.demanded for each in aims] == [True, True, True, True, False, False]
    coverage, wis, units, acx, book, pooled = aims
    assert coverage.found == "0.880 ± 0.02"
    assert "below 0.72" in wis.what
    assert units.found == "0.0500 against 0.0400"
    assert acx.found == "0.5000 against 0.5250 (`log_odds_mean`)"  # not `extremised`, which learns
    assert acx.difference == "\N{MINUS SIGN}0.025 ± 0.012 nats"
    assert book.found == "0.3100 against 0.2900 (`equal_weights`)"
    # the means of 20 and 20 questions: ours gains least on the mean of log odds or of probabilities
    assert pooled.found == "0.4050 against 0.4085 (`equal_weights`)"
    told = cells(found.page, "**backtest**")[2]
    assert told.startswith("3 of 4 targets met; **not met**: fpt2024")


@pytest.mark.parametrize(
    ("coverage", "met"), [(0.84, False), (0.85, True), (0.95, True), (0.96, False)]
)
def test_coverage_has_two_ends(coverage: float, met: bool, write_records: Write) -> None:
    content = scores()
    for row in content["rows"]:
        if (row["method"], row["score"]) == ("sweet_spot", "coverage_90"):
            row["value"] = coverage
    own = targets(validate(write_records(scores=content)).records.backtest)[0]
    assert own.met is met


def test_scores_are_in_their_cells_and_the_best_simple_pool_is_bold(found: Validation) -> None:
    page = found.page
    section = page.split("### `log`")[1].split("###")[0]
    names = ["acx2022", "predictionbook", "all"]
    assert cells(section, "`log`")[1:] == [f"{name} (20)" for name in names]
    for method in ("sweet_spot", "equal_weights", "log_odds_mean", "extremised"):
        shown = cells(section, f"`{method}`")[1:]
        for name, cell in zip(names, shown, strict=True):
            own = VALUES[name, "log"]
            assert cell.strip("*") == (f"{own[method]:.3f} ± 0.02" if method in own else "")
            simple = {m: v for m, v in own.items() if m in ("equal_weights", "log_odds_mean")}
            assert cell.startswith("**") == (method == min(simple, key=simple.__getitem__))


def test_families_show_the_smallest_p_values_and_what_runs_can_see(found: Validation) -> None:
    table = found.records.calibration.table
    row = cells(found.page.split("### The negative control")[0], "the argument's latents")
    own = table[table["family"] == "latents"]
    plain = own[own["test"] == "plain"].nsmallest(1, "p").iloc[0]
    assert row[1:3] == ["3", "6"]
    assert row[4] == f"{plain['p']:.2g} ({plain['quantity']})"
    points, _, high = band(RUNS, float(own["level"].iloc[0]))
    assert row[7] == f"{(high - points).max():.2f}"
    assert row[8] == "yes"


def test_every_check_is_sound_and_says_so(found: Validation) -> None:
    assert not found.failed
    assert cells(found.page, "**calibration**")[2].startswith("passed: 0 of")
    assert cells(found.page, "**negative control**")[2].startswith("failed, as it must: ")
    assert cells(found.page, "**scale**")[2].startswith("10,000 statements: 10 s of processor time")
    assert "STALE" not in found.page


def test_a_failed_calibration_and_a_control_that_passes_are_told(write_records: Write) -> None:
    wrong = ranks(control=True).assign_attrs(control=0)
    failed = validate(write_records("a", calibration=wrong))
    assert failed.failed
    assert cells(failed.page, "**calibration**")[2].startswith("**FAILED**: ")
    right = ranks(control=False).assign_attrs(control=1)
    passed = validate(write_records("b", control=right))
    assert passed.failed
    assert "**PASSED, which it must not**" in passed.page
    assert "**It does not**" in passed.page


def test_a_stale_record_is_named_first(write_records: Write) -> None:
    content = scale()
    content["made"]["sha_model"] = "ab" * 32
    old = validate(write_records(scale=content))
    assert old.failed
    head = old.page.split("## In short")[0]
    assert "**STALE: the record of the scale was made with another model" in head
    assert cells(old.page, "scale |")[4] == "**STALE**: model changed"


def test_without_benchmarks_the_page_says_how_to_make_them(write_records: Write) -> None:
    folder = write_records()
    (folder / "scale.json").unlink()
    page = validate(folder).page
    assert "Not measured here. `python3 -m uv run python tests/benchmarks/bench_scale" in page
    assert "**scale**" not in page


def test_compile_times_are_shown_as_they_were_recorded(write_records: Write) -> None:
    folder = write_records()
    content = {"made": scale()["made"], "rows": [{"statements": 100, "seconds": 12.345}]}
    (folder / "compile.json").write_text(json.dumps(content), encoding="utf-8")
    shown = validate(folder).page.split("### Compiling")[1]
    assert "| statements | seconds |\n| --- | --- |\n| 100 | 12.3 |\n" in shown


def test_commands_are_those_of_the_records(found: Validation) -> None:
    assert f"sweet-spot calibrate --runs {RUNS} --seed 1 --out calibration\n" in found.page
    assert f"sweet-spot calibrate --control --runs {RUNS} --seed 1 --out control\n" in found.page
    assert "--sizes 1000 10000 --json scale.json" in found.page


def test_what_is_written_is_current_and_what_was_altered_is_not(
    found: Validation, tmp_path: Path
) -> None:
    out = tmp_path / "site" / "VALIDATION.md"
    assert differences(found, out) == [f"{out}: is not there"]
    paths = write(found, out)
    assert differences(found, out) == []
    for path in paths[1:]:
        assert imread(path).size
        assert f"]({FIGURES}/{path.name})" in found.page
    assert mark(paths[1]) == found.records.sha256["calibration"]
    text = out.read_text(encoding="utf-8")
    out.write_text(text.replace("0.880 ± 0.02", "0.890 ± 0.02", 1), encoding="utf-8")
    (wrong,) = differences(found, out)
    assert "0.890" in wrong
    out.write_text(text + "\n", encoding="utf-8")
    assert differences(found, out)[-1].endswith(f"where the records make {text.count(chr(10)) + 1}")
    out.write_text(text, encoding="utf-8")
    for content in (b"no image", marked(Figure(), "0" * 64)):
        paths[1].write_bytes(content)
        assert differences(found, out) == [f"{paths[1]}: is not there, or shows another record"]
